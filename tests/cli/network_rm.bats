# SPDX-License-Identifier: LGPL-2.1-or-later
# network rm - remove networks

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

@test 'networks are removed by name and id, and each is printed as it was typed' {
    ok cubby network create web
    ok cubby network create db
    id=$(cubby network inspect db --format '{{.ID}}')
    ok cubby network rm web "${id:0:12}"
    out_is "web"$'\n'"${id:0:12}"
    ok cubby network ls -q
    out_is podman
}

@test 'what is not there is an error, forced it is none, and the others go' {
    ok cubby network create web
    fails 1 cubby network remove nowhere web
    out_is web
    err_has "no network named 'nowhere'"
    ok cubby network rm -f nowhere
    as_docker ok cubby network rm --force nowhere
}

@test 'the networks that are there anyway stay' {
    fails 1 cubby network rm podman
    err_has "the network 'podman' is there without being made"
    as_docker fails 1 cubby network rm bridge
    as_docker fails 1 cubby network rm host
    as_docker fails 1 cubby network rm none
    ok cubby network exists podman
}

@test 'a name is free again, and the network another one' {
    ok cubby network create web
    id=$(cubby network inspect web --format '{{.ID}}')
    ok cubby network rm web
    ok cubby network create web
    [ "$(cubby network inspect web --format '{{.ID}}')" != "$id" ]
}

@test 'a network that a container is on is refused, exit status 2, and names the container' {
    ok cubby network create web
    ok cubby create --name c1 --network web bb:1 true
    ok cubby create --name c2 --network web bb:1 true
    fails 2 cubby network rm web
    err_matches "the network 'web' is used by the containers (c1, c2|c2, c1)"
    err_has hint
    ok cubby network exists web
}

@test 'forced, the containers that are on it go first' {
    ok cubby network create web
    ok cubby create --name c --network web bb:1 true
    ok cubby network rm -f web
    ok cubby ps -aq
    out_is ''
    fails 1 cubby network exists web
}

@test 'as docker a container that does not run is not in the way, and none is removed' {
    ok cubby network create web
    ok cubby create --name c --network web bb:1 true
    as_docker ok cubby network rm -f web
    fails 1 cubby network exists web
    ok cubby ps -a --format '{{.Names}}'
    out_is c
    fails 125 cubby start c
    err_has web
}

@test '--time is for containers that --force removes' {
    ok cubby network create web
    fails 125 cubby network rm --time 3 web
    err_has '--time needs --force'
    ok cubby network rm -f -t 3 web
}
