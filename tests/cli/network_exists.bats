# SPDX-License-Identifier: LGPL-2.1-or-later
# network exists - say by the exit status whether a network is there

load ../lib/common

teardown() {
    test_teardown
    cubby network prune -f > /dev/null
}

@test 'network exists answers by its exit status' {
    ok cubby network exists podman
    fails 1 cubby network exists web
    err_is ''
    cubby network create web > /dev/null
    ok cubby network exists web
    id=$(cubby network inspect web --format '{{.ID}}')
    ok cubby network exists "$id"
    ok cubby network exists "${id:0:10}"
}

@test 'a damaged network is told' {
    cubby network create web > /dev/null
    echo nonsense > "$STORE/networks/web.json"
    fails 125 cubby network exists web
    err_has "the record of the network 'web' is damaged"
    ok cubby network rm web
}
