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

# web SCRIPT: a container of that name in the background
web() { cubby run -d --name web --network none bb:1 sh -c "$1"; }

@test 'unpause lets a container go on where it was' {
    ok web 'i=0; while :; do echo $i; i=$((i + 1)); sleep 0.05; done'
    ok cubby pause web
    ok cubby logs --tail 1 web
    local last=$output
    ok cubby unpause web
    out_is web
    wait_for 5 grep -qx "$((last + 1))" <(cubby logs -f web)
}

@test 'unpause of one that is not paused fails' {
    ok web 'sleep 100'
    fails 125 cubby unpause web
    err_has 'not paused'
}
