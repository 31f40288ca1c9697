# SPDX-License-Identifier: LGPL-2.1-or-later
# stop - stop one or more containers

load ../lib/common

setup_file() { file_setup; import_busybox; }

@test 'stop ends a container and prints the name as it was typed' {
    ok cubby run -d --network none --name s bb:1 sh -c 'trap "exit 3" TERM; echo ready; while :; do sleep 0.1; done'
    wait_for 10 sh -c "'$CUBBY' --root '$STORE' logs s | grep -q ready"
    ok cubby stop s
    out_is s
    ok cubby inspect s --format '{{.State.Status}} {{.State.ExitCode}}'
    out_is 'exited 3'
}

@test 'a process that ignores TERM is killed after the seconds that were given' {
    ok cubby run -d --network none --name deaf bb:1 sleep 1000
    ok cubby stop -t 0 deaf
    ok cubby ps -a --format '{{.Status}}'
    out_matches '^Exited \(137\)'
}

@test 'stopping a stopped one succeeds, an unknown one fails' {
    ok cubby run --network none --name over bb:1 true
    ok cubby stop over
    fails 125 cubby stop nobody
    err_has nobody
    ok cubby stop --ignore nobody
}

@test 'the signal can be chosen, as can the name of the flag for the seconds' {
    ok cubby run -d --network none --name u bb:1 sh -c 'trap "exit 5" USR1; echo ready; while :; do sleep 0.1; done'
    wait_for 10 sh -c "'$CUBBY' --root '$STORE' logs u | grep -q ready"
    ok cubby stop --signal USR1 --time 20 u
    ok cubby wait u
    out_is 5
    fails 125 cubby stop --signal NOPE u
}

@test 'stop --all stops what runs, and --filter what it shows' {
    for n in a b; do ok cubby run -d --network none --name "$n" -l "l=$n" bb:1 sleep 1000; done
    ok cubby stop -t 0 --filter label=l=a
    ok cubby ps --format '{{.Names}}'
    out_is b
    ok cubby stop -t 0 -a
    ok cubby ps -q
    out_is ''
    fails 125 cubby stop -a b
    err_has 'take no names'
}

# web SCRIPT: a container of that name in the background
web() { cubby run -d --name web --network none bb:1 sh -c "$1"; }

@test 'stop ends a container with its signal and its own status' {
    ok web 'trap "exit 3" TERM; echo up; while :; do sleep 0.1; done'
    wait_for 5 grep -q up <(cubby logs -f web)
    ok cubby stop web
    out_is web
    ok cubby wait web
    out_is 3
}

@test 'stop kills what ignores its signal after the time given' {
    ok web 'trap "" TERM; while :; do sleep 1; done'
    SECONDS=0
    ok cubby stop -t 1 web
    [ "$SECONDS" -lt 8 ]
    ok cubby wait web
    out_is 137
}

@test 'stop -t 0 kills at once' {
    ok web 'trap "" TERM; while :; do sleep 1; done'
    ok cubby stop -t 0 web
    ok cubby wait web
    out_is 137
}

@test 'stop sends the signal of --stop-signal' {
    ok cubby run -d --name web --network none --stop-signal USR1 bb:1 \
        sh -c 'trap "exit 5" USR1; echo up; while :; do sleep 0.1; done'
    wait_for 5 grep -q up <(cubby logs -f web)
    ok cubby stop web
    ok cubby wait web
    out_is 5
}

@test 'stop of a stopped container succeeds' {
    ok cubby run --name web --network none bb:1 true
    ok cubby stop web
    out_is web
}

@test 'stop of an unknown container fails, and goes on with the others' {
    ok web 'sleep 100'
    fails 125 cubby stop -t 0 nothere web
    err_has nothere
    out_is web
}

@test 'a container that was stopped can be started at once' {
    ok web 'sleep 100'
    for _ in 1 2 3 4 5; do
        ok cubby stop -t 0 web
        ok cubby start web
    done
}

@test 'stop sends the signal of the image' {
    cubby import -c 'STOPSIGNAL USR1' -c 'CMD ["sh", "-c", "trap \"exit 6\" USR1; echo up; while :; do sleep 0.05; done"]' \
        "$(busybox_tar)" usr1:1 > /dev/null 2>&1
    ok cubby run -d --name u --network none usr1:1
    wait_for 5 eval '[ -n "$(cubby logs u)" ]'
    ok cubby stop u
    ok cubby wait u
    out_is 6
}

@test 'stop lets a paused container take its signal' {
    ok web 'trap "exit 4" TERM; echo up; while :; do sleep 0.1; done'
    wait_for 5 grep -q up <(cubby logs -f web)
    ok cubby pause web
    ok cubby stop web
    ok cubby wait web
    out_is 4
}

@test 'a --rm container is gone when stop returns' {
    ok cubby run -d --rm --name web --network none bb:1 sleep 100
    ok cubby stop -t 0 web
    ok cubby ps -aq
    out_is ''
}
