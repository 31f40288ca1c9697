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
