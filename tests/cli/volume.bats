# SPDX-License-Identifier: LGPL-2.1-or-later
# volume - the group of volume commands

load ../lib/common

setup_file() { file_setup; import_busybox; }

teardown() {
    test_teardown
    cubby volume rm -f -a > /dev/null
}

@test 'volume create prints the name, or makes one up' {
    ok cubby volume create data
    out_is data
    ok cubby volume create
    out_matches '^[0-9a-f]{64}$'
}

@test 'a volume that is there already is refused, as docker it is not' {
    ok cubby volume create data
    fails 125 cubby volume create data
    err_has data
    ok cubby volume create --ignore data
    ln -s "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker ok cubby volume create data
    out_is data
}

@test 'drivers and options that are not there are refused' {
    fails 125 cubby volume create -d nfs data
    err_has "no volume driver 'nfs'"
    fails 125 cubby volume create -o type=tmpfs data
    err_has "type 'tmpfs' is not there"
    fails 1 cubby volume exists data
}

@test 'volume ls lists names in order, filtered and formatted' {
    ok cubby volume create -l k=1 b
    ok cubby volume create a
    ok cubby volume ls
    out_is $'DRIVER    VOLUME NAME\nlocal     a\nlocal     b'
    ok cubby volume ls -q --filter label=k
    out_is b
    ok cubby volume ls --format '{{.Name}}:{{.Label "k"}}'
    out_is $'a:\nb:1'
    fails 125 cubby volume ls --filter colour=red
}

@test 'volume inspect shows where the files are' {
    ok cubby volume create -l k=v data
    ok cubby run --rm --network none -v data:/d bb:1 sh -c 'echo hi > /d/f'
    ok cubby volume inspect data --format '{{.Mountpoint}}'
    [ "$(cat "$output/f")" = hi ]
    ok cubby inspect --type volume data -f '{{.Name}} {{.Driver}} {{.Labels.k}}'
    out_is 'data local v'
    fails 125 cubby volume inspect nothere
}

@test 'a volume in use is not removed, and its users are named' {
    ok cubby create --network none --name c -v data:/d bb:1 true
    fails 2 cubby volume rm data
    err_has c
    ok cubby rm c
    ok cubby volume rm data
    out_is data
    fails 1 cubby volume rm data
    ok cubby volume rm -f data
}

@test 'volume prune removes what nothing uses, and asks before' {
    ok cubby create --network none --name c -v used:/d bb:1 true
    ok cubby volume create unused
    ok cubby volume ls -q --filter dangling=true
    out_is unused
    ok cubby volume prune
    ok cubby volume exists unused
    ok on_tty expect '[y/N]' send 'n\n' stopped -- volume prune
    ok cubby volume exists unused
    ok on_tty expect '[y/N]' send 'y\n' stopped -- volume prune
    fails 1 cubby volume exists unused
    ok cubby volume create unused
    ok cubby volume prune -f
    out_is unused
    ok cubby volume ls -q
    out_is used
}

@test 'a volume goes with its files, also those of other ids' {
    ok cubby run --rm --network none -v owned:/d bb:1 \
        sh -c 'mkdir /d/x; echo 1 > /d/x/f; chown -R 33:33 /d; chmod 700 /d/x'
    ok cubby volume rm owned
    fails 1 cubby volume exists owned
    [ -z "$(find "$STORE/tmp" -mindepth 2)" ]
}

@test 'forced, the containers that use it go first, but not called as docker' {
    cubby create --name user -v forced:/d bb:1 true > /dev/null
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    fails 1 env -i HOME="$HOME" PATH="$PATH" CUBBY_LIBEXEC="$CUBBY_BUILD" \
        "$BATS_TEST_TMPDIR/docker" --root "$STORE" volume rm -f forced
    ok cubby volume rm -f forced
    fails 1 cubby volume exists forced
    ok cubby ps -a --format '{{.Names}}'
    out_lacks user
}

@test 'the beginning of a name is enough, a damaged volume is told and the rest listed' {
    cubby volume create abcdef > /dev/null
    cubby volume create broken > /dev/null
    printf '{' > "$STORE/volumes/broken/meta.json"
    ok cubby volume ls -q
    err_has broken
    out_has abcdef
    ok cubby volume rm broken abc
}

@test 'what a container with a torn record uses stays until it is removed' {
    ok cubby create --name torn --network none -v kept:/data bb:1 true
    local id=$output
    truncate -s 1 "$STORE/containers/$id/state.json"
    ok cubby volume prune -f --all
    out_lacks kept
    fails 2 cubby volume rm kept
    err_has "${id:0:12}"
    ok cubby volume ls -q --filter dangling=true
    out_lacks kept
    fails 2 cubby rmi bb:1
    err_has "${id:0:12}"
    ok cubby rm -f "$id"
    ok cubby volume rm kept
}

@test 'volume prune --dry-run tells what would go' {
    ok cubby volume create idle
    ok cubby volume prune --dry-run
    out_is idle
    ok cubby volume prune --dry-run --filter label=none
    out_is ''
    ok cubby volume ls -q
    out_has idle
    ok cubby volume rm idle
}

@test 'filters of volumes' {
    ok cubby volume create -l a=1 -l b=2 one
    ok cubby volume create -l a=1 two
    ok cubby volume create
    anonymous=$output
    table=(
        'name=on|one'
        'name=^t name=one|one two'
        'label=a=1|one two'
        'label=a=1 label=b|one'
        'label=a label!=b|two'
        'driver=local name=one|one'
        'driver=nfs|'
        'scope=local name=two|two'
        'since=one name=o|two'
        'since=one since=two name=o|two'
        'since=two after=one name=o|two'
        'after=two name=o|'
        'until=1h name=o|'
        'dangling=false|'
        'dangling=true name=one|one'
        'anonymous=true|ANONYMOUS'
        'opt=o|'
    )
    for row in "${table[@]}"; do
        args=()
        for f in ${row%|*}; do args+=(--filter "$f"); done
        want=${row#*|}
        got=$(cubby volume ls -q "${args[@]}" | xargs)
        [ "$got" = "${want/ANONYMOUS/$anonymous}" ] || { echo "$row: $got"; false; }
    done
    fails 125 cubby volume ls --filter colour=red
    fails 125 cubby volume ls --filter dangling=maybe
    fails 125 cubby volume ls --filter until=soon
    fails 125 cubby volume ls --filter since=nobody
    ok cubby volume rm one two "$anonymous"
}

@test 'as docker prune keeps volumes that have a name, unless told otherwise' {
    ok cubby volume create named
    ok cubby run --network none --name c -v /anonymous bb:1 true
    ok cubby rm c
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker ok cubby volume prune -f
    ok cubby volume ls -q
    out_is named
    CUBBY=$BATS_TEST_TMPDIR/docker ok cubby volume prune -af
    ok cubby volume ls -q
    out_is ''
}

@test 'a volume may be a folder of the host, which stays when the volume goes' {
    mkdir "$BATS_TEST_TMPDIR/folder"
    echo there > "$BATS_TEST_TMPDIR/folder/file"
    ok cubby volume create --driver local --opt type=none --opt o=bind \
        --opt device="$BATS_TEST_TMPDIR/folder" shared
    ok cubby run --rm --network none -v shared:/data bb:1 sh -c 'cat /data/file; echo new > /data/new'
    out_is there
    [ "$(cat "$BATS_TEST_TMPDIR/folder/new")" = new ]
    ok cubby volume inspect -f '{{index .Options "device"}}' shared
    out_is "$BATS_TEST_TMPDIR/folder"
    ok cubby volume rm shared
    [ -e "$BATS_TEST_TMPDIR/folder/new" ]
}

@test 'volumes that root would have to mount are refused, with what does instead' {
    fails 125 cubby volume create -o type=tmpfs -o device=tmpfs v
    err_has '--tmpfs TARGET'
    fails 125 cubby volume create -o type=nfs -o o=addr=10.0.0.1 -o device=:/x v
    err_has 'only root'
    fails 125 cubby volume create -o type=none -o o=bind -o device=/missing v
    err_has /missing
    fails 125 cubby volume create -o colour=red v
    ok cubby volume ls -q
    out_is ''
}

@test 'volume rm -f -t stops the containers that use it before it kills them' {
    ok cubby run -d --network none --name user -v data:/d -v "$BATS_TEST_TMPDIR:/out" bb:1 \
        sh -c 'trap "echo stopped > /out/end; exit" TERM; echo > /out/ready; while :; do sleep 0.05; done'
    wait_for 10 test -e "$BATS_TEST_TMPDIR/ready"
    ok cubby volume rm -f -t 10 data
    [ "$(cat "$BATS_TEST_TMPDIR/end")" = stopped ]
    ok cubby ps -aq
    out_is ''
}

@test 'volume ls --noheading and volume inspect --all' {
    ok cubby volume create a
    ok cubby volume create b
    ok cubby volume ls --noheading
    out_is $'local     a\nlocal     b'
    ok cubby volume inspect --all -f '{{.Name}}'
    out_is $'a\nb'
    fails 125 cubby volume inspect --all a
    fails 125 cubby volume inspect
}

# own FILE-IN-CONTAINER: owner and group, numbers
own() { ok cubby run --rm --network none "${@:2}" bb:1 stat -c %u:%g "$1"; }

@test 'volume create --uid and --gid give its top folder away, and say so' {
    needs ranges
    ok cubby volume create --uid 7 --gid 8 data
    out_is data
    ok cubby volume inspect data --format '{{.UID}} {{.GID}}'
    out_is '7 8'
    own /none -v data:/none
    out_is 7:8
    ok cubby run --rm --network none -u 7:8 -v data:/none bb:1 touch /none/f
    own /none -v data:/none
    out_is 7:8
    # an image's folder, and a user of the container, change nothing
    ok cubby volume create --uid 7 --gid 8 full
    own /etc -v full:/etc
    out_is 7:8
    own /etc/passwd -v full:/etc
    out_is 0:0
    ok cubby volume create --uid 7 --gid 8 other
    own /none -u 5:6 -v other:/none
    out_is 7:8
    ok cubby volume rm data full other
}

@test 'what only one of --uid and --gid says leaves the other as it would be' {
    needs ranges
    ok cubby volume create --uid 7 one
    ok cubby volume inspect one --format '{{json .}}'
    out_has '"UID":7'
    run ! grep -q GID <<< "$output"
    own /none -u 5:6 -v one:/none
    out_is 7:6
    ok cubby volume create --gid 8
    own /etc -v "$output:/etc"
    out_is 0:8
}

@test 'volume create --uid refuses what cannot be, and makes nothing' {
    fails 125 cubby volume create --uid 2000000000 big
    err_has '--uid 2000000000: there is no such id in containers'
    fails 125 cubby volume create --uid 0 --gid 2000000000 big
    err_has '--gid 2000000000: '
    fails 125 cubby volume create --uid -1 big
    fails 125 cubby volume create --uid me big
    fails 125 cubby volume create --uid 0 -o type=none -o o=bind -o device=/tmp big
    err_has 'is a folder of the host, whose owner stays'
    fails 1 cubby volume exists big
    ok cubby volume create --uid 0 --gid 0 roots
    fails 125 cubby volume create --uid 0 roots
    err_has 'is there already'
    ok cubby volume create --ignore --uid 0 roots
    out_is roots
    own /none -u 5:6 -v roots:/none
}
