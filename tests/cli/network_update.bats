# SPDX-License-Identifier: LGPL-2.1-or-later
# network update - change which servers a network asks for names

load ../lib/common

teardown() {
    test_teardown
    cubby network prune -f > /dev/null
}

servers() { cubby network inspect "$1" --format '{{.NetworkDNSServers}}'; }

@test 'servers are added and dropped' {
    ok cubby network create --dns 192.0.2.1 web
    ok cubby network update web --dns-add 192.0.2.2,192.0.2.3 --dns-add fd12::53
    [ "$(servers web)" = '[192.0.2.1 192.0.2.2 192.0.2.3 fd12::53]' ]
    ok cubby network update web --dns-drop 192.0.2.1 --dns-drop 192.0.2.9 --dns-add 192.0.2.2
    [ "$(servers web)" = '[192.0.2.3 fd12::53 192.0.2.2]' ]
    ok cubby network update web --dns-drop=192.0.2.3,fd12::53,192.0.2.2
    [ "$(servers web)" = '[]' ]
}

@test 'what cannot be is refused' {
    ok cubby network create web
    fails 125 cubby network update web
    err_has '--dns-add'
    fails 125 cubby network update web --dns-add nonsense
    err_has "'nonsense' is no address"
    fails 125 cubby network update nowhere --dns-add 192.0.2.1
    err_has nowhere
    fails 125 cubby network update podman --dns-add 192.0.2.1
    err_has 'there without being made'
}
