# SPDX-License-Identifier: LGPL-2.1-or-later
# attach - carry the streams of a container that runs

load ../lib/common

setup_file() { file_setup; import_busybox; }

@test 'attach carries what is said from then on, and ends with the container' {
    ok cubby run -d -i --network none --name a bb:1 sh -c 'read line; echo "got $line"; exit 3'
    run bash -c "echo word | '$CUBBY' --root '$STORE' attach a"
    [ "$status" = 3 ]
    [ "$output" = 'got word' ]
}

@test 'what does not run cannot be attached to' {
    ok cubby create --network none --name a bb:1 true
    fails 125 cubby attach a
    err_has "cannot attach to container 'a'"
    fails 125 cubby attach nobody
}

# web SCRIPT: a container of that name in the background
web() { cubby run -d --name web --network none bb:1 sh -c "$1"; }

@test 'attach carries output from then on, and ends with the status' {
    ok cubby run -di --name web --network none bb:1 sh -c 'read -r x; echo "got $x"; exit 8'
    fails 8 cubby attach web <<< word
    out_is 'got word'
}

@test 'several clients see the same output' {
    ok cubby run -di --name web --network none bb:1 \
        sh -c 'until read -t 1 x; do echo tick; done; echo two'
    cubby attach --no-stdin web > "$BATS_TEST_TMPDIR/a" 3>&- &
    local a=$!
    cubby attach --no-stdin web > "$BATS_TEST_TMPDIR/b" 3>&- &
    local b=$!
    wait_for 10 grep -q tick "$BATS_TEST_TMPDIR/a"
    wait_for 10 grep -q tick "$BATS_TEST_TMPDIR/b"
    ok cubby attach web <<< go
    wait $a $b
    out_has two
    grep -q two "$BATS_TEST_TMPDIR/a"
    grep -q two "$BATS_TEST_TMPDIR/b"
}

@test 'attach to one that does not run fails' {
    ok cubby run --name web --network none bb:1 true
    fails 125 cubby attach web
    err_has web
}

@test 'the detach keys leave it running, and it can be attached to again' {
    on_tty expect '/ #' send 'echo in\x10\x11' stopped -- run -it --name web --network none bb:1 sh
    ok cubby ps --format '{{.Names}} {{.Status}}'
    out_has 'web Up'
    on_tty send '\r' expect '/ #' send 'exit 3\r' stopped -- attach web || [ $? -eq 3 ]
    ok cubby wait web
    out_is 3
}

@test 'the terminal is restored when the client is ended by a signal' {
    ok cubby run -dit --name web --network none bb:1 sh
    tty expect raw expect restored stopped -- sh -c '
        env -i HOME="$HOME" PATH="$PATH" "'"$CUBBY"'" --root "'"$STORE"'" attach web < /dev/tty & p=$!
        n=0; until stty -a < /dev/tty | grep -q -- -icanon; do n=$((n+1)); [ $n -lt 200 ] || exit 1; done
        echo raw; kill -TERM $p; wait $p; stty -a < /dev/tty | grep -q -- -icanon || echo restored'
}

@test 'the terminal is restored at the end, after detaching, and when the monitor is killed' {
    local typed
    # shellcheck disable=SC2016  # the inner shell expands these
    local script='c() { env -i HOME="$HOME" PATH="$PATH" "$CUBBY" --root "$STORE" "$@"; }
        c run -it --name t --network none bb:1 sh < /dev/tty & p=$!
        if [ "$1" = kill ]; then
            until c exec t test -e /ready 2> /dev/null; do sleep 0.05; done
            kill -9 "$(c inspect t --format "{{.State.ConmonPid}}")"
        fi
        wait $p; stty -a < /dev/tty | grep -q -- -icanon || echo restored'
    export CUBBY STORE
    for typed in 'exit\r' '\x10\x11' ': > /ready\r'; do
        ok tty expect '/ #' send "$typed" expect restored stopped -- \
            sh -c "$script" sh "$([[ $typed != *ready* ]] || echo kill)"
        ok cubby rm -f -t 0 t
    done
}

@test 'signals reach the container' {
    ok cubby create --name web --network none bb:1 sh -c 'trap "echo int; exit 5" INT; echo up; while :; do sleep 0.1; done'
    "$CUBBY" --root "$STORE" start -a web > "$BATS_TEST_TMPDIR/out" 3>&- &
    local p=$!
    wait_for 5 grep -q up "$BATS_TEST_TMPDIR/out"
    kill -INT $p
    wait $p || true
    grep -q int "$BATS_TEST_TMPDIR/out"
    ok cubby wait web
    out_is 5
}

@test '--latest is the container made last, and --detach-keys are keys of this client alone' {
    ok cubby run -dit --name old --network none bb:1 sh
    ok cubby run -dit --name new --network none -h new bb:1 sh
    ok on_tty send 'hostname\r' expect new send '\x02q' stopped -- attach --detach-keys ctrl-b,q --latest
    ok cubby ps --format '{{.Names}}'
    out_is $'new\nold'
    fails 125 cubby attach --detach-keys ctrl-1 new
}

@test '--sig-proxy=false keeps signals from the container' {
    ok cubby run -d --name web --network none bb:1 sh -c 'trap "exit 5" TERM; while :; do echo tick; sleep 0.1; done'
    "$CUBBY" --root "$STORE" attach --no-stdin --sig-proxy=false web > "$BATS_TEST_TMPDIR/out" 3>&- &
    local p=$!
    wait_for 5 grep -q tick "$BATS_TEST_TMPDIR/out"
    kill -TERM $p
    status=0
    wait $p || status=$?
    [ "$status" = 143 ]
    ok cubby inspect web --format '{{.State.Running}}'
    out_is true
    "$CUBBY" --root "$STORE" attach --no-stdin web > "$BATS_TEST_TMPDIR/more" 3>&- &
    p=$!
    wait_for 5 grep -q tick "$BATS_TEST_TMPDIR/more"
    kill -TERM $p
    wait $p || true
    ok cubby wait web
    out_is 5
}
