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

@test '--condition waits for a state instead, and refuses what cannot come' {
    ok cubby create --network none --name d bb:1 true
    ok cubby wait --condition created d
    out_is -1
    fails 125 cubby wait --condition healthy d
    err_has 'no health check'
    fails 125 cubby wait --condition well d
    err_has 'no condition'
    ok cubby start d
    ok cubby wait --condition exited --condition running d
    ok cubby wait --condition stopped d
    out_is 0
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
    ok cubby run -d --rm --name web --network none bb:1 sh -c 'sleep 0.3; exit 9'
    ok cubby wait web
    out_is 9
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
