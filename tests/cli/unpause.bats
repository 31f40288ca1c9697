# SPDX-License-Identifier: LGPL-2.1-or-later
# unpause - let paused containers go on

load ../lib/common

setup_file() { file_setup; import_busybox; }

@test 'unpause --all lets every paused container go on' {
    for n in a b; do ok cubby run -d --network none --name "$n" bb:1 sleep 1000; done
    ok cubby pause a b
    ok cubby unpause -a
    ok cubby ps --format '{{.State}}'
    out_is $'running\nrunning'
}

@test 'unpausing what is not paused is refused' {
    ok cubby run -d --network none --name u bb:1 sleep 1000
    fails 125 cubby unpause u
    err_has "'u'"
}

@test 'a paused container can be stopped' {
    ok cubby run -d --network none --name u bb:1 sleep 1000
    ok cubby pause u
    ok cubby stop -t 0 u
    ok cubby inspect u --format '{{.State.Status}}'
    out_is exited
}
