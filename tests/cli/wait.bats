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

@test 'only the end can be waited for' {
    ok cubby create --network none --name d bb:1 true
    fails 125 cubby wait --condition healthy d
    err_has 'only exited and stopped'
}
