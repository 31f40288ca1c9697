# SPDX-License-Identifier: LGPL-2.1-or-later
# restart - stop containers and start them again

load ../lib/common

setup_file() { file_setup; import_busybox; }

@test 'restart runs a container anew, with its files' {
    ok cubby run -d --network none --name r bb:1 sh -c 'echo run >> /log; exec sleep 1000'
    first=$(cubby inspect r --format '{{.State.Pid}}')
    wait_for 10 cubby exec r test -s /log
    ok cubby restart -t 0 r
    out_is r
    [ "$(cubby inspect r --format '{{.State.Pid}}')" != "$first" ]
    wait_for 10 sh -c "[ \"\$('$CUBBY' --root '$STORE' exec r wc -l /log)\" = '2 /log' ]"
}

@test 'restart starts what does not run' {
    ok cubby create --network none --name r bb:1 sleep 1000
    ok cubby restart r
    ok cubby inspect r --format '{{.State.Status}}'
    out_is running
}

@test 'a --rm container is not restarted: it would be gone' {
    ok cubby run -d --rm --network none --name r bb:1 sleep 1000
    fails 125 cubby restart -t 0 r
    err_has 'made with --rm'
    ok cubby inspect r --format '{{.State.Status}}'
    out_is running
}
