# SPDX-License-Identifier: LGPL-2.1-or-later
# network prune - remove what no container is on

load ../lib/common

setup_file() { file_setup; import_busybox; }

teardown() {
    test_teardown
    cubby network prune -f > /dev/null
}

as_docker() {
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker "$@"
}

left() { cubby network ls -q --filter type=custom | xargs; }

@test 'the network of a container with a torn record stays until it is removed' {
    ok cubby network create kept
    ok cubby create --name torn --network kept bb:1 true
    local id=$output
    truncate -s 1 "$STORE/containers/$id/state.json"
    ok cubby network prune -f
    out_lacks kept
    fails 2 cubby network rm kept
    err_has 'the container torn'
    ok cubby rm -f "$id"
    ok cubby network rm kept
}

@test 'prune asks, and without a terminal the answer is no' {
    ok cubby network create web
    ok cubby network prune
    out_is ''
    [ "$(left)" = web ]
    ok on_tty expect 'all networks not used' expect 'continue? [y/N]' send 'y\r' stopped -- network prune
    [ "$(left)" = '' ]
}

@test 'prune removes all that were made, and says which' {
    ok cubby network create web
    ok cubby network create db
    ok cubby network prune -f
    out_is $'db\nweb'
    ok cubby network ls -q
    out_is podman
    ok cubby network create web
    as_docker ok cubby network prune --force
    [ "${lines[0]}" = 'Deleted Networks:' ]
    [ "${lines[1]}" = web ]
}

@test 'a network that a container is on stays, though it does not run, under either name' {
    ok cubby network create still
    ok cubby network create busy
    ok cubby network create left
    ok cubby create --network still bb:1 true
    ok cubby create --network podman --network busy bb:1 true
    ok cubby network ls -q --filter dangling=true
    out_is left
    as_docker ok cubby network prune -f
    [ "$(left)" = 'busy still' ]
    ok cubby network prune -f
    out_is ''
}

@test 'filters choose what goes' {
    ok cubby network create --label keep=yes a
    ok cubby network create --label keep=no b
    ok cubby network create c
    ok cubby network prune -f --filter label=keep=no
    out_is b
    ok cubby network prune -f --filter until=1h
    out_is ''
    ok cubby network prune -f --filter label!=keep
    out_is c
    fails 125 cubby network prune -f --filter name=a
    fails 125 cubby network prune --filter until=soon
    [ "$(left)" = a ]
}

@test 'system prune takes networks, too' {
    ok cubby network create web
    ok cubby system prune -f
    out_has $'Deleted Networks\nweb'
    [ "$(left)" = '' ]
}
