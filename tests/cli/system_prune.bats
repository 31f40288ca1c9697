# SPDX-License-Identifier: LGPL-2.1-or-later
# system prune - remove all that nothing uses

load ../lib/common

setup() { import_busybox bb:1; }

as_docker() {
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker "$@"
}

# mess: a stopped and a running container, volumes with and without users, an image without a name
mess() {
    ok cubby run --network none --name old -l keep=no bb:1 dd if=/dev/zero of=/f bs=1000 count=50
    ok cubby run -d --network none --name live -v used:/v bb:1 sleep 1000
    ok cubby volume create unused
    ok cubby import -c 'ENV a=b' "$(busybox_tar)" none:1
    ok cubby untag none:1 none:1
}

teardown() {
    test_teardown
    cubby volume rm -a > /dev/null 2>&1 || true
    cubby rmi -a -f > /dev/null 2>&1 || true
}

@test 'prune says what goes, asks, and without a terminal the answer is no' {
    mess
    ok cubby system prune
    out_is ''
    ok cubby ps -aq
    [ "${#lines[@]}" = 2 ]
    ok on_tty expect 'all stopped containers' expect 'all dangling images' expect 'continue? [y/N]' send 'n\r' stopped -- system prune
    out_lacks Total
    ok on_tty expect 'all volumes not used' expect 'all images without' expect 'continue? [y/N]' send 'y\r' stopped -- system prune -a --volumes
    out_has 'Total reclaimed space: '
}

@test 'prune removes what nothing uses, and tells what it was and the space' {
    mess
    id=$(cubby inspect -f '{{.Id}}' old)
    image=$(cubby images -q --no-trunc -f dangling=true)
    ok cubby system prune -f
    [ "${lines[0]}" = 'Deleted Containers' ]
    [ "${lines[1]}" = "$id" ]
    [ "${lines[2]}" = 'Deleted Images' ]
    [ "${lines[3]}" = "${image#sha256:}" ]
    [[ ${lines[4]} =~ ^'Total reclaimed space: '5[01].*kB$ ]]
    ok cubby ps -a --format '{{.Names}}'
    out_is live
    ok cubby volume ls -q
    out_is $'unused\nused'
    ok cubby images -q
    [ "${#lines[@]}" = 1 ]
}

@test '--volumes takes volumes that no container uses, -a images that have a name' {
    mess
    ok cubby volume create > /dev/null
    ok cubby system prune -f --volumes
    out_has $'Deleted Volumes\n'
    ok cubby volume ls -q
    out_is used
    ok cubby rm -f -t 0 live
    ok cubby system prune -af --volumes
    ok cubby images -q
    out_is ''
    # nothing is left of layers and blobs
    [ -z "$(find "$STORE/layers" "$STORE/blobs/sha256" "$STORE/volumes" -mindepth 1)" ]
    out=$(cubby system df --format '{{.RawSize}}' | xargs)
    [ "$out" = '0 0 0 0' ]
}

@test 'called as docker it keeps volumes that have a name, and prints docker'\''s lines' {
    mess
    ok cubby volume create
    anonymous=$output
    as_docker ok cubby system prune -f --volumes
    out_has $'Deleted Containers:\n'
    out_has $'Deleted Volumes:\n'"$anonymous"
    out_has $'Deleted Images:\nDeleted: sha256:'
    out_has 'Total reclaimed space: '
    ok cubby volume ls -q
    out_is $'unused\nused'
    as_docker ok cubby container prune -f
    out_is 'Total reclaimed space: 0B'
    as_docker ok cubby volume prune -af
    out_is $'Deleted Volumes:\nunused\n\nTotal reclaimed space: 0B'
}

@test 'filters choose, and one that is not there is refused before anything goes' {
    mess
    ok cubby run --network none --name other bb:1 true
    ok cubby system prune -f --filter label!=keep
    ok cubby ps -a --format '{{.Names}}'
    out_is $'live\nold'
    ok cubby system prune -f --filter until=1h
    ok cubby ps -aq
    [ "${#lines[@]}" = 2 ]
    ok cubby system prune -f --filter label=keep=no
    ok cubby ps -a --format '{{.Names}}'
    out_is live
    fails 125 cubby system prune -f --filter name=live
    err_has "invalid filter 'name'"
    fails 125 cubby system prune -f --volumes --filter until=1h
    err_has "cannot be given with --volumes"
}

@test 'prune is told as an event with the space' {
    mess
    ok cubby system prune -f
    as_docker ok cubby events --since 1h --until 0s --filter event=prune --filter type=container --format '{{.Actor.Attributes.reclaimed}}'
    [ "${lines[-1]}" = 50000 ]
}

@test '--external and --build remove nothing more' {
    mess
    ok cubby system prune -f --external --build
    ok cubby ps -a --format '{{.Names}}'
    out_is live
    ok cubby images --format '{{.Repository}}'
    out_is localhost/bb
}
