# SPDX-License-Identifier: LGPL-2.1-or-later
# run-process - run and create: the process, its streams and descriptors, and what watches it

load ../lib/common

setup_file() { file_setup; import_busybox; }

run_bb() { cubby run --rm --network none "$@"; }

@test '--attach carries only the streams that are named' {
    ok run_bb -a stdout bb:1 sh -c 'echo out; echo err >&2'
    out_is out
    err_is ''
    ok run_bb --attach STDERR bb:1 sh -c 'echo out; echo err >&2'
    out_is ''
    err_is err
    out=$(echo in | run_bb -i -a stdin -a stdout bb:1 cat)
    [ "$out" = in ]
    fails 125 run_bb -a what bb:1 true
    err_has what
    fails 125 run_bb -d -a stdout bb:1 true
    err_has --detach
    ok cubby ps -aq
    out_is ''
}

@test 'create --attach is what start --attach carries, and inspect shows it' {
    ok cubby create --name c --network none -a stdout bb:1 sh -c 'echo out; echo err >&2'
    ok cubby inspect c --format '{{.Config.AttachStdin}} {{.Config.AttachStdout}} {{.Config.AttachStderr}}'
    out_is 'false true false'
    ok cubby start -a c
    out_is out
    err_is ''
    fails 125 cubby create --attach what bb:1 true
    err_has what
}

@test '--preserve-fds passes the first descriptors on, --preserve-fd some under their numbers' {
    ok run_bb --preserve-fds 2 bb:1 sh -c 'cat <&3; cat <&4' 3<<< three 4<<< four
    out_is $'three\nfour'
    ok run_bb --preserve-fd 7,5 bb:1 sh -c 'cat <&5; cat <&7; ls /proc/self/fd | tr "\n" " "' 5<<< five 7<<< seven
    out_is $'five\nseven\n0 1 2 3 5 7 '
    ok run_bb --preserve-fds 1 --preserve-fd 6 bb:1 sh -c 'cat <&3 <&6' 3<<< three 6<<< six
    out_is six
    fails 125 run_bb --preserve-fd 9 bb:1 true 9<&-
    err_has 'descriptor 9'
    fails 125 run_bb --preserve-fd 2 bb:1 true
    fails 125 run_bb --preserve-fd x bb:1 true
    fails 125 run_bb --preserve-fds 99 bb:1 true
}

@test '--pidfile and --conmon-pidfile hold numbers of the host, at each start anew' {
    cd "$BATS_TEST_TMPDIR"
    ok cubby create --name p --network none --pidfile pid --conmon-pidfile "$BATS_TEST_TMPDIR/monitor" bb:1 sleep 100
    [ ! -e pid ]
    cd /
    ok cubby start p
    ok cubby inspect p --format '{{.State.Pid}} {{.State.ConmonPid}}'
    out_is "$(cat "$BATS_TEST_TMPDIR/pid") $(cat "$BATS_TEST_TMPDIR/monitor")"
    first=$output
    ok cubby restart -t 0 p
    ok cubby inspect p --format '{{.State.Pid}} {{.State.ConmonPid}}'
    out_is "$(cat "$BATS_TEST_TMPDIR/pid") $(cat "$BATS_TEST_TMPDIR/monitor")"
    [ "$output" != "$first" ]
    [ "$(stat -c %a "$BATS_TEST_TMPDIR/pid" "$BATS_TEST_TMPDIR/monitor")" = $'644\n644' ]
}

@test 'a pid file that cannot be written is an error, and nothing runs on' {
    fails 125 cubby run -d --name p --network none --pidfile /nowhere/pid bb:1 sleep 100
    err_has /nowhere/pid
    ok cubby inspect p --format '{{.State.Running}}'
    out_is false
}

@test '--timeout kills it after so many seconds' {
    fails 137 run_bb --timeout 1 bb:1 sleep 100
    ok run_bb --timeout 100 bb:1 true
    fails 125 run_bb --timeout=-1 bb:1 true
    err_has --timeout
}

@test '--stop-signal and --stop-timeout are what stop uses' {
    ok cubby run -d --name s --network none --stop-signal USR1 --stop-timeout 77 bb:1 \
        sh -c 'trap "exit 9" USR1; echo ready; while :; do sleep 0.1; done'
    wait_for 10 sh -c "grep -q ready '$STORE'/containers/*/log"
    ok cubby stop s
    ok cubby inspect s --format '{{.State.ExitCode}} {{.Config.StopSignal}} {{.Config.StopTimeout}}'
    out_is '9 SIGUSR1 77'
    ok cubby create --name ever --stop-timeout=-1 bb:1 true
    ok cubby inspect ever --format '{{.Config.StopTimeout}}'
    out_is -1
    fails 125 run_bb --stop-timeout=-2 bb:1 true
    err_has --stop-timeout
    fails 125 run_bb --stop-signal NOPE bb:1 true
    err_has NOPE
}

@test '--umask is that of the process, and of exec' {
    ok run_bb bb:1 sh -c umask
    out_is 0022
    ok cubby run -d --name u --network none --umask 0077 bb:1 sh -c 'umask; exec sleep 100'
    ok cubby exec u sh -c umask
    out_is 0077
    fails 125 run_bb --umask 99 bb:1 true
    err_has 99
}

@test '--sig-proxy forwards signals to the container, or not' {
    local script='trap "exit 5" USR1; echo ready; while :; do sleep 0.1; done' line
    mkfifo "$BATS_TEST_TMPDIR/out"
    env -i HOME="$HOME" PATH="$PATH" "$CUBBY" --root "$STORE" run --rm --network none bb:1 \
        sh -c "$script" > "$BATS_TEST_TMPDIR/out" 3>&- &
    read -r line < "$BATS_TEST_TMPDIR/out"
    [ "$line" = ready ]
    kill -USR1 "$!"
    status=0
    wait "$!" || status=$?
    [ "$status" = 5 ]
    env -i HOME="$HOME" PATH="$PATH" "$CUBBY" --root "$STORE" run --name no --sig-proxy=false --network none bb:1 \
        sh -c "$script" > "$BATS_TEST_TMPDIR/out" 3>&- &
    read -r line < "$BATS_TEST_TMPDIR/out"
    kill -TERM "$!"
    wait "$!" || true
    ok cubby inspect no --format '{{.State.Running}}'
    out_is true
}

@test '--detach-keys chooses the keys that leave a terminal' {
    ok on_tty expect ready send '\x01q' stopped -- run -it --name d --network none --detach-keys ctrl-a,q bb:1 \
        sh -c 'echo ready; exec sleep 100'
    ok cubby inspect d --format '{{.State.Running}}'
    out_is true
    fails 125 cubby run --rm --detach-keys ctrl-1 bb:1 true
    err_has ctrl-1
}
