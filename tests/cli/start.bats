# SPDX-License-Identifier: LGPL-2.1-or-later
# start - start containers that do not run

load ../lib/common

setup_file() { file_setup; import_busybox; }

@test 'start runs what was created, and starting it again changes nothing' {
    ok cubby create --network none --name s bb:1 sleep 1000
    ok cubby start s
    out_is s
    pid=$(cubby inspect s --format '{{.State.Pid}}')
    ok cubby start s
    [ "$(cubby inspect s --format '{{.State.Pid}}')" = "$pid" ]
}

@test 'start -a carries the output and ends with the container'\''s status' {
    ok cubby create --network none --name s bb:1 sh -c 'echo out; echo err >&2; exit 6'
    fails 6 cubby start -a s
    out_is out
    err_is err
}

@test 'start -a -i carries standard input' {
    ok cubby create -i --network none --name s bb:1 cat
    ok bash -c "echo hello | '$CUBBY' --root '$STORE' start -a -i s"
    out_is hello
}

@test 'each is tried, and an unknown one is told' {
    ok cubby create --network none --name s bb:1 sleep 1000
    fails 125 cubby start nobody s
    err_has nobody
    ok cubby inspect s --format '{{.State.Running}}'
    out_is true
}

@test 'a program that is not there is told, and the status is 127' {
    ok cubby create --network none --name s bb:1 /no/such
    run cubby start -a s
    [ "$status" = 127 ]
}

# web SCRIPT: a container of that name in the background
web() { cubby run -d --name web --network none bb:1 sh -c "$1"; }

@test 'start runs a created container and prints its name' {
    ok cubby create --name web --network none bb:1 sh -c 'echo ran; exit 4'
    ok cubby start web
    out_is web
    ok cubby wait web
    out_is 4
}

@test 'start -a carries the output and ends with the status' {
    ok cubby create --name web --network none bb:1 sh -c 'echo out; echo err >&2; exit 4'
    fails 4 cubby start -a web
    out_is out
    err_is err
}

@test 'start -ai carries standard input' {
    ok cubby create -i --name web --network none bb:1 cat
    ok cubby start -ai web <<< 'to and fro'
    out_is 'to and fro'
}

@test 'start of a running container succeeds' {
    ok web 'sleep 100'
    ok cubby start web
    out_is web
}

@test 'a failed start leaves a created container that says why' {
    ok cubby create --name web --network none bb:1 /no/such/program
    fails 127 cubby start -a web
    err_has /no/such/program
    ok cubby inspect --format '{{.State.Status}}' web
    out_is created
}

@test 'what a container wrote is there when it is started again' {
    ok cubby run --name web --network none bb:1 sh -c 'echo x >> /kept; cat /kept'
    out_is x
    ok cubby start -a web
    out_is 'x
x'
}

@test 'of two starts at once one starts it and both succeed' {
    ok cubby create --name web --network none bb:1 sleep 100
    cubby start web 3>&- &
    ok cubby start web
    wait $!
}

@test 'start -ai --detach-keys chooses the keys that leave the terminal' {
    ok cubby create -it --name web --network none bb:1 sh -c 'echo ready; exec sleep 1000'
    ok on_tty expect ready send '\x02q' stopped -- start -ai --detach-keys ctrl-b,q web
    ok cubby inspect web --format '{{.State.Running}}'
    out_is true
}

@test 'start -a --sig-proxy=false keeps signals from the container' {
    ok cubby create --name web --network none bb:1 sh -c 'trap "exit 5" TERM; echo up; while :; do sleep 0.1; done'
    "$CUBBY" --root "$STORE" start -a --sig-proxy=false web > "$BATS_TEST_TMPDIR/out" 3>&- &
    local p=$!
    wait_for 5 grep -q up "$BATS_TEST_TMPDIR/out"
    kill -TERM $p
    status=0
    wait $p || status=$?
    [ "$status" = 143 ]
    ok cubby inspect web --format '{{.State.Running}}'
    out_is true
}
