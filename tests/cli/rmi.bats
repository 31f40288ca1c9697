# SPDX-License-Identifier: LGPL-2.1-or-later
# rmi - remove one or more images

load ../lib/common

setup_file() {
    file_setup
    echo other > "$BATS_FILE_TMPDIR/other"
    tar -C "$BATS_FILE_TMPDIR" -cf "$BATS_FILE_TMPDIR/other.tar" other
}

setup() { import_busybox bb:1; }

teardown() {
    test_teardown
    cubby rmi -a -f > /dev/null 2>&1 || true
}

# blobs, layers: how many there are
blobs() { find "$STORE/blobs" -type f | wc -l; }
layers() { find "$STORE/layers" -mindepth 1 -maxdepth 1 | wc -l; }

@test 'the last name goes and the image with it, its blobs and layers too' {
    ok cubby rmi bb:1
    out_matches '^Untagged: localhost/bb:1
Deleted: [0-9a-f]{64}$'
    [ "$(blobs)" -eq 0 ]
    [ "$(layers)" -eq 0 ]
    [ -z "$(find "$STORE/tmp" -mindepth 2)" ]
}

@test 'one name of several is only taken away' {
    ok cubby tag bb:1 other:1
    ok cubby rmi bb:1
    out_is 'Untagged: localhost/bb:1'
    ok cubby images --format '{{.Repository}}'
    out_is localhost/other
}

@test 'an id with several names needs force' {
    local id
    ok cubby tag bb:1 other:1
    id=$(cubby images -q)
    fails 1 cubby rmi "$id"
    err_has 'several names'
    err_has -f
    ok cubby rmi -f "$id"
    out_has 'Untagged: localhost/bb:1'
    out_has 'Untagged: localhost/other:1'
    ok cubby images -q
    out_is ''
}

@test 'an image that a stopped container uses stays, and the container is named' {
    local id
    id=$(cubby create --name user bb:1 true)
    fails 2 cubby rmi bb:1
    err_has "${id:0:12}"
    ok cubby images -q
    out_matches '^[0-9a-f]{12}$'
    ok cubby rm user
    ok cubby rmi bb:1
}

@test 'force takes the containers along' {
    cubby create --name user bb:1 true > /dev/null
    ok cubby rmi -f bb:1
    ok cubby ps -aq
    out_is ''
}

@test 'called as docker, force leaves the stopped container' {
    cubby create --name user bb:1 true > /dev/null
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    fails 1 env -i HOME="$HOME" PATH="$PATH" CUBBY_LIBEXEC="$CUBBY_BUILD" \
        "$BATS_TEST_TMPDIR/docker" --root "$STORE" rmi bb:1
    ok env -i HOME="$HOME" PATH="$PATH" CUBBY_LIBEXEC="$CUBBY_BUILD" \
        "$BATS_TEST_TMPDIR/docker" --root "$STORE" rmi -f bb:1
    out_matches 'Deleted: sha256:[0-9a-f]{64}'
    ok cubby ps -a --format '{{.Names}}'
    out_is user
    [ "$(layers)" -eq 1 ]
}

@test 'layers that another image needs stay' {
    import_busybox two:1
    ok cubby rmi bb:1
    [ "$(layers)" -eq 1 ]
    ok cubby run --rm --network none two:1 true
}

@test 'an unknown image is an error unless ignored, and the others go' {
    ok cubby import "$BATS_FILE_TMPDIR/other.tar" other:1
    fails 1 cubby rmi nothing:1 other:1
    err_has nothing:1
    out_has 'Untagged: localhost/other:1'
    ok cubby rmi -i nothing:1
}

@test 'all of them at once' {
    ok cubby import "$BATS_FILE_TMPDIR/other.tar" other:1
    ok cubby rmi -a
    ok cubby images -q
    out_is ''
    fails 125 cubby rmi
    fails 125 cubby rmi -a bb:1
}

@test 'a name that looks like the id is a name' {
    local short
    short=$(cubby images -q | cut -c1-3)
    ok cubby tag bb:1 "$short"
    ok cubby rmi "$short"
    out_is "Untagged: localhost/$short:latest"
}

@test 'many at once: each as if it were alone, in their order, and all its names one after the other' {
    ok cubby tag bb:1 bb:2
    ok cubby import "$BATS_FILE_TMPDIR/other.tar" other:1
    cubby create --name user --network none other:1 /other > /dev/null
    fails 2 cubby rmi bb:1 nothing:1 other:1 bb:2 bb:2
    out_matches '^Untagged: localhost/bb:1
Untagged: localhost/bb:2
Deleted: [0-9a-f]{64}$'
    err_matches "nothing:1.*
.*other:1.*used by.*
.*such image: 'bb:2'"
    ok cubby images --format '{{.Repository}}'
    out_is localhost/other
    [ "$(layers)" -eq 1 ]
    ok cubby rmi -f other:1
    ok cubby ps -aq
    out_is ''
    [ "$(blobs)" -eq 0 ]
}

@test '--no-prune removes what rmi removes' {
    ok cubby rmi --no-prune bb:1
    out_has 'Untagged: localhost/bb:1'
    out_has 'Deleted: '
    [ "$(layers)" -eq 0 ]
}

@test 'an image for another platform than asked for stays' {
    import_busybox there:1
    fails 1 cubby rmi --platform linux/s390x there:1
    err_has 'not for linux/s390x'
    fails 125 cubby rmi --platform ///// there:1
    fails 125 cubby image inspect --platform linux/s390x there:1
    err_has 'not for linux/s390x'
    ok cubby image inspect --platform "$(cubby image inspect --format '{{.Os}}/{{.Architecture}}' there:1)" there:1
    ok cubby rmi --platform "$(cubby image inspect --format '{{.Os}}/{{.Architecture}}' there:1)" there:1
}

@test '--platform is asked of each image by itself' {
    import_busybox there:1
    host=$(cubby image inspect --format '{{.Os}}/{{.Architecture}}' there:1)
    cubby import --platform linux/s390x <(tar -c -T /dev/null) far:1
    fails 1 cubby rmi --platform "$host" far:1 there:1
    err_has "not for $host"
    out_has 'Untagged: localhost/there:1'
    ok cubby images -q far:1
    [ -n "$output" ]
    ok cubby rmi --platform "$host" --ignore far:1
    ok cubby rmi --platform linux/s390x far:1
    out_has 'Untagged: localhost/far:1'
}
