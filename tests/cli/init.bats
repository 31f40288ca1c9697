# SPDX-License-Identifier: LGPL-2.1-or-later
# init - make all that a container needs on disk, without starting it

load ../lib/common

setup_file() {
    file_setup
    import_busybox
}

@test 'volumes are filled, and the container stays as it was' {
    ok cubby create --name c -v v:/etc bb:1 true
    ok cubby init c
    out_is c
    ok cubby volume export v -o "$BATS_TEST_TMPDIR/v.tar"
    tar tf "$BATS_TEST_TMPDIR/v.tar" | grep -qx passwd
    ok cubby inspect -f '{{.State.Status}}' c
    out_is created
    ok cubby container init c
    ok cubby start -a c
}

@test 'what is missing for a start is told' {
    mkdir "$BATS_TEST_TMPDIR/gone"
    ok cubby create --name c -v "$BATS_TEST_TMPDIR/gone:/x" bb:1 true
    rmdir "$BATS_TEST_TMPDIR/gone"
    fails 125 cubby init c
    err_has "$BATS_TEST_TMPDIR/gone"
    fails 125 cubby init nothing
    fails 125 cubby init
}

@test 'a container that runs is refused' {
    ok cubby run -d --name c --network none bb:1 sleep 1000
    fails 125 cubby init c
    err_has "container 'c' runs"
}

@test '--all is all that were never started, --latest the one made last' {
    ok cubby create --name a bb:1 true
    ok cubby create --name b bb:1 true
    ok cubby run --name e --network none bb:1 true
    ok cubby init -a
    [ "${#lines[@]}" = 2 ]
    ok cubby init -l
    [ "${#lines[@]}" = 1 ]
}
