# SPDX-License-Identifier: LGPL-2.1-or-later
# exec - run a further process in a running container

load ../lib/common

setup_file() { file_setup; import_busybox; }

# web SCRIPT: a container of that name in the background
web() { cubby run -d --name web --network none bb:1 sh -c "$1"; }

setup() { cubby run -d --name web --network none -e FROM=run bb:1 sleep 1000 > /dev/null; }

@test 'exec runs in the container and ends with the status of its process' {
    fails 9 cubby exec web sh -c 'echo out; echo err >&2; exit 9'
    out_is out
    err_is err
}

@test 'exec without -i reads nothing' {
    local n=0
    while read -r _; do
        n=$((n + 1))
        cubby exec web cat
    done <<< $'a\nb\nc'
    [ "$n" = 3 ]
}

@test 'exec -i is byte-exact and delivers the end' {
    head -c 1000000 /dev/urandom > "$BATS_TEST_TMPDIR/r"
    cubby exec -i web cat < "$BATS_TEST_TMPDIR/r" | cmp - "$BATS_TEST_TMPDIR/r"
}

@test 'exec takes user, folder and variables, and keeps those of the container' {
    ok cubby exec -u 1000 -w /tmp -e A=b -e FROM2 web sh -c 'id -u; pwd; echo $A $FROM'
    out_is '1000
/tmp
b run'
}

@test 'a program that is not there gives 127, one that cannot be executed 126' {
    fails 127 cubby exec web nope
    err_has nope
    fails 126 cubby exec web /etc/passwd
    err_has /etc/passwd
}

@test 'exec -d returns at once and the process goes on' {
    ok cubby exec -d web sh -c 'sleep 0.2; echo done > /tmp/done'
    wait_for 5 cubby exec web cat /tmp/done
    fails 127 cubby exec -d web nope
    err_has nope
}

@test 'exec -t gives a terminal of our size' {
    run on_tty --size 100x33 expect '33 100' stopped -- exec -it web stty size
    [ "$status" -eq 0 ]
}

@test 'a terminal has a TERM, also where the container has none' {
    run on_tty expect 'TERM=xterm' stopped -- exec -it web env
    [ "$status" -eq 0 ]
    ok cubby exec web env
    out_lacks TERM=
}

@test 'the user of exec may open its standard descriptors again' {
    ok cubby exec -u 1000 web sh -c 'echo o > /dev/stdout; echo e > /dev/stderr'
    out_is o
    err_is e
    run on_tty expect 'on the terminal' expect '1000 620' stopped -- exec -it -u 1000 web \
        sh -c 'echo on the terminal > /dev/tty; stat -c "%u %a" "$(tty)"'
    [ "$status" -eq 0 ]
}

@test 'an unknown user is no missing program' {
    fails 125 cubby exec -u nosuch web id
    err_has nosuch
    fails 125 cubby exec -d -u nosuch web id
    fails 127 cubby exec -w /nosuch web id
    err_has /nosuch
}

@test 'exec in a stopped container gives 255, called as docker 1' {
    ok cubby stop -t 0 web
    fails 255 cubby exec web true
    err_has 'not running'
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker fails 1 cubby exec web true
}

@test 'exec whose output nobody reads ends' {
    run bash -c "'$CUBBY' --root '$STORE' exec web yes | head -n 1"
    [ "$output" = y ]
    wait_for 5 eval '! cubby top web args | grep -qx yes'
}

@test 'an exec that is running ends with the container' {
    cubby exec web sleep 1000 3>&- &
    local p=$!
    wait_for 5 eval '[ "$(cubby top web args | grep -c sleep)" = 2 ]'
    ok cubby kill web
    local status=0
    wait $p || status=$?
    [ "$status" -eq 137 ]
}

@test '50 execs at once all succeed' {
    local i pids=()
    for i in $(seq 50); do
        cubby exec web true 3>&- &
        pids+=($!)
    done
    for i in "${pids[@]}"; do wait "$i"; done
}

@test 'exec --env-file, --privileged, --preserve-fds and --preserve-fd' {
    printf '# no\nA="q"\nFROM=file\n' > "$BATS_TEST_TMPDIR/env"
    ok cubby exec --env-file "$BATS_TEST_TMPDIR/env" -e B=2 web sh -c 'echo $A $B $FROM'
    out_is '"q" 2 file'
    ok cubby exec web grep CapEff /proc/self/status
    few=$output
    ok cubby exec --privileged web grep CapEff /proc/self/status
    [ "$output" != "$few" ]
    ok cubby exec --preserve-fds 1 --preserve-fd 6 web sh -c 'cat <&3; cat <&6' 3<<< three 6<<< six
    out_is $'three\nsix'
}

@test 'exec finds the container by --latest, or by the file that has its id' {
    ok cubby run -d --name newer --network none --cidfile "$BATS_TEST_TMPDIR/cid" -h newer bb:1 sleep 1000
    ok cubby exec -l hostname
    out_is newer
    ok cubby exec --no-session --cidfile "$BATS_TEST_TMPDIR/cid" hostname
    out_is newer
    fails 125 cubby exec -l --cidfile "$BATS_TEST_TMPDIR/cid" true
    fails 125 cubby exec --cidfile "$BATS_TEST_TMPDIR/nope" true
    err_has nope
    fails 125 cubby exec web
    err_has --latest
}

@test 'exec --detach-keys leave the process running' {
    ok on_tty expect ready send '\x02q' stopped -- exec -it --detach-keys ctrl-b,q web \
        sh -c 'echo ready; sleep 0.5; touch /went-on; sleep 100'
    wait_for 10 cubby exec web test -e /went-on
}

@test 'exec --wait waits for a container that is not started yet, or not made' {
    ok cubby create --name late --network none bb:1 sleep 1000
    cubby exec --wait 60 late echo ran > "$BATS_TEST_TMPDIR/late" 3>&- &
    local first=$!
    cubby exec --wait 60 unborn echo born > "$BATS_TEST_TMPDIR/unborn" 3>&- &
    local second=$!
    ok cubby start late
    wait "$first"
    [ "$(cat "$BATS_TEST_TMPDIR/late")" = ran ]
    ok cubby run -d --name unborn --network none bb:1 sleep 1000
    wait "$second"
    [ "$(cat "$BATS_TEST_TMPDIR/unborn")" = born ]
    ok cubby exec --wait 60 web echo there
    out_is there
}

@test 'exec --wait gives up when the time is over' {
    fails 125 cubby exec --wait 1 nobody true
    err_has "container 'nobody' did not run within 1 seconds"
    ok cubby create --name idle --network none bb:1 true
    fails 125 cubby exec --wait 1 idle true
    err_has 'within 1 seconds'
    fails 125 cubby exec --wait -1 web true
    err_has 'no number of seconds'
}
