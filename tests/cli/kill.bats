# SPDX-License-Identifier: LGPL-2.1-or-later
# kill - send the first process of containers a signal

load ../lib/common

setup_file() { file_setup; import_busybox; }

@test 'kill ends a container at once' {
    ok cubby run -d --network none --name k bb:1 sleep 1000
    ok cubby kill k
    out_is k
    ok cubby wait k
    out_is 137
}

@test 'kill -s sends any signal' {
    ok cubby run -d --network none --name k bb:1 sh -c 'trap "exit 4" HUP; echo ready; while :; do sleep 0.1; done'
    wait_for 10 sh -c "'$CUBBY' --root '$STORE' logs k | grep -q ready"
    ok cubby kill -s SIGHUP k
    ok cubby wait k
    out_is 4
}

@test 'killing what does not run fails, as does a signal that is none' {
    ok cubby create --network none --name k bb:1 true
    fails 125 cubby kill k
    err_has "'k'"
    fails 125 cubby kill -s SIGNOPE k
}
