# SPDX-License-Identifier: LGPL-2.1-or-later
# container - commands that are only in the group of containers

load ../lib/common

setup_file() { file_setup; import_busybox; }

@test 'container ls is ps, and the other names work too' {
    ok cubby container create --network none --name a bb:1 true
    ok cubby container ls -a --format '{{.Names}}'
    out_is a
    ok cubby container inspect a --format '{{.Name}}'
    out_is a
    ok cubby container rm a
    ok cubby container ls -aq
    out_is ''
}

@test 'container exists says it by its status' {
    ok cubby create --network none --name a bb:1 true
    ok cubby container exists a
    out_is ''
    fails 1 cubby container exists nobody
    err_is ''
}

@test 'container prune asks, and without a terminal the answer is no' {
    ok cubby run --network none --name a bb:1 true
    ok cubby container prune
    ok cubby container exists a
    ok cubby container prune -f
    fails 1 cubby container exists a
}

@test 'container prune keeps what runs and what the filter does not mean' {
    ok cubby run -d --network none --name r bb:1 sleep 1000
    ok cubby create --network none --name keep -l keep=yes bb:1 true
    ok cubby create --network none --name go -l keep=no bb:1 true
    ok cubby container prune -f --filter label=keep=no
    ok cubby ps -a --format '{{.Names}}'
    out_is $'keep\nr'
}

@test 'container exists --external knows no more than without' {
    ok cubby create --network none --name here bb:1
    ok cubby container exists --external here
    fails 1 cubby container exists --external nothere
}
