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

# web SCRIPT: a container of that name in the background
web() { cubby run -d --name web --network none bb:1 sh -c "$1"; }

@test 'kill ends a container with 137' {
    ok web 'sleep 100'
    ok cubby kill web
    out_is web
    ok cubby wait web
    out_is 137
}

@test 'kill -s sends that signal, by name or number' {
    ok web 'trap "echo usr1" USR1; trap "exit 6" HUP; echo up; while :; do sleep 0.1; done'
    wait_for 5 grep -q up <(cubby logs -f web)
    ok cubby kill -s SIGUSR1 web
    wait_for 5 grep -q usr1 <(cubby logs -f web)
    ok cubby kill -s 1 web
    ok cubby wait web
    out_is 6
}

@test 'kill of a container that does not run fails' {
    ok cubby run --name web --network none bb:1 true
    fails 125 cubby kill web
    err_has web
}

@test 'an unknown signal is refused' {
    fails 125 cubby kill -s NOPE web
    err_has NOPE
}

@test 'a container that was killed can be removed or started at once' {
    local i
    for i in 1 2 3 4 5; do
        ok web 'sleep 100'
        ok cubby kill -s KILL web
        ok cubby rm web
    done
}
