# SPDX-License-Identifier: LGPL-2.1-or-later
# wait - wait until containers have ended, and print their exit statuses

load ../lib/common

setup_file() { file_setup; import_busybox; }

@test 'wait prints the exit status of each, in order' {
    ok cubby run -d --network none --name a bb:1 sh -c 'sleep 0.3; exit 3'
    ok cubby run -d --network none --name b bb:1 sh -c 'exit 4'
    ok cubby wait a b
    out_is $'3\n4'
}

@test 'wait on one that has ended answers at once' {
    run -5 cubby run --network none --name c bb:1 sh -c 'exit 5'
    ok cubby wait c
    out_is 5
}

@test 'an unknown container fails, unless it is ignored' {
    fails 125 cubby wait nobody
    ok cubby wait --ignore nobody
    out_is -1
}

@test 'a health that cannot come is an error' {
    ok cubby create --network none --name d bb:1 true
    fails 125 cubby wait --condition healthy d
    err_has 'no health check'
    ok cubby start d
    ok cubby wait --condition exited --condition running d
}

@test 'a state that is not there is refused and the others are named' {
    ok cubby create --network none --name d bb:1 true
    fails 125 cubby wait --condition sleeping d
    err_has "there is no condition 'sleeping'"
    err_has 'configured, created'
    fails 125 cubby wait
    fails 125 cubby wait --latest d
}

@test 'what is so already is not waited for' {
    ok cubby create --network none --name made bb:1 true
    ok cubby run -d --network none --name runs bb:1 sleep 1000
    ok cubby run -d --network none --name still bb:1 sleep 1000
    ok cubby pause still
    try cubby run --network none --name over bb:1 sh -c 'exit 6'
    table=(
        'created made -1'
        'configured made -1'
        'not-running made -1'
        'running runs -1'
        'configured runs -1'
        'paused still -1'
        'exited over 6'
        'stopped over 6'
        'not-running over 6'
    )
    for row in "${table[@]}"; do
        read -r state name status <<< "$row"
        got=$(cubby wait -i 10ms --condition "$state" "$name")
        [ "$got" = "$status" ] || { echo "$row: $got"; false; }
    done
    ok cubby wait --condition exited --condition running runs over
    out_is $'-1\n6'
    ok cubby wait --latest
    out_is 6
}

# later CONDITION NAME...: waits in the background; its answer is in $BATS_TEST_TMPDIR/answer
later() { waits --condition "$@"; }

# waits WORDS...: the same, without a condition
waits() {
    env -i HOME="$HOME" PATH="$PATH" timeout 60 "$CUBBY" --root "$STORE" wait "$@" \
        > "$BATS_TEST_TMPDIR/answer" 3>&- &
    pid=$!
}

# watching: it looks at the record already
watching() { grep -qs '^inotify' "/proc/$(pgrep -P "$pid")"/fdinfo/*; }

# asking: it knows which container it waits for, and asks its monitor or looks at its record
asking() {
    local fds
    fds=$(ls -l "/proc/$(pgrep -P "$pid")/fd") && grep -qE 'socket:|inotify' <<< "$fds"
}

# answer STATUS: the background one ends with it
answer() {
    wait "$pid"
    [ "$(cat "$BATS_TEST_TMPDIR/answer")" = "$1" ]
}

@test 'a state that comes later is waited for' {
    ok cubby create --network none --name w bb:1 sleep 1000
    later running w
    ok cubby start w
    answer -1
    later paused w
    ok cubby pause w
    answer -1
    later running w
    ok cubby unpause w
    answer -1
    later next-exit w
    wait_for 20 watching
    ok cubby stop -t 0 w
    answer 137
    later next-exit w
    wait_for 20 watching
    ok cubby start w
    ok cubby kill w
    answer 137
    later removed w
    wait_for 20 watching
    ok cubby rm w
    answer 137
}

@test 'one that is removed when it ends has ended, and its status is known' {
    ok cubby run -d --rm --network none --name r bb:1 sh -c 'trap "exit 7" TERM; sleep 1000 & wait'
    later removed r
    wait_for 20 watching
    ok cubby stop r
    answer 7
    ok cubby run -d --rm --network none --name r bb:1 sh -c 'trap "exit 8" TERM; sleep 1000 & wait'
    later exited r
    wait_for 20 asking
    ok cubby stop r
    answer 8
}

@test 'with --exit-first-match the first of several ends the waiting' {
    ok cubby run -d --network none --name slow bb:1 sleep 1000
    ok cubby run -d --network none --name quick bb:1 sh -c 'trap "exit 4" TERM; echo up; sleep 1000 & wait'
    later exited --exit-first-match slow quick
    wait_for 20 sh -c "[ -n \"\$(env -i HOME=$HOME PATH=$PATH '$CUBBY' --root '$STORE' logs quick)\" ]"
    ok cubby stop quick
    answer 4
    ok cubby wait --exit-first-match --ignore nobody
    out_is -1
    fails 125 cubby wait --exit-first-match nobody slow
}

@test 'a monitor that is killed ends the waiting too' {
    ok cubby run -d --network none --name lost bb:1 sleep 1000
    monitor=$(ps -o ppid= -p "$(cubby inspect --format '{{.State.Pid}}' lost)" | tr -d ' ')
    later next-exit lost
    wait_for 20 watching
    kill -9 "$monitor"
    answer 137
}

# web SCRIPT: a container of that name in the background
web() { cubby run -d --name web --network none bb:1 sh -c "$1"; }

@test 'wait returns when a container has ended, with its status' {
    ok web 'sleep 0.3; exit 9'
    ok cubby wait web
    out_is 9
    ok cubby wait web
    out_is 9
}

@test 'wait for a --rm container prints its status too' {
    ok cubby run -d --rm --name web --network none bb:1 sh -c 'trap "exit 9" TERM; sleep 1000 & wait'
    waits web
    wait_for 20 asking
    ok cubby stop web
    answer 9
}

@test 'a container whose monitor was killed ends with 137 for who waits' {
    ok web 'sleep 100'
    local monitor
    monitor=$(ps -o ppid= -p "$(cubby inspect --format '{{.State.Pid}}' web)")
    cubby wait web > "$BATS_TEST_TMPDIR/status" 3>&- &
    kill -9 $monitor
    wait $!
    [ "$(cat "$BATS_TEST_TMPDIR/status")" = 137 ]
    ok cubby ps -a --format '{{.Status}}'
    out_has 'Exited (137)'
}

@test 'wait for an unknown container fails' {
    fails 125 cubby wait nothere
    err_has nothere
}
