# SPDX-License-Identifier: LGPL-2.1-or-later
# system check - tell whether the store is in order, and mend it

load ../lib/common

setup_file() { file_setup; }
setup() { import_busybox bb:1; }

teardown() {
    test_teardown
    cubby system check -r > /dev/null 2>&1 || true
    cubby rmi -a -f > /dev/null 2>&1 || true
}

# blob N: the path of a blob of some size, the smallest first
blob() { find "$STORE/blobs/sha256" -type f -printf '%s %p\n' | sort -n | sed -n "$1p" | cut -d' ' -f2; }

@test 'a store in order is said to be so' {
    ok cubby system check
    out_is 'the store is in order'
}

@test 'a damaged list of images is made again, with the names' {
    printf '%s' "$(head -c -5 "$STORE/index.json")" > "$STORE/index.json"
    fails 1 cubby system check
    out_has 'list of images'
    ok cubby system check --repair
    ok cubby images --format '{{.Repository}}:{{.Tag}}'
    out_is localhost/bb:1
}

@test 'a blob that does not hash to its name is found, and only by hashing' {
    local file
    file=$(blob 3)
    chmod u+w "$file"
    printf x | dd of="$file" conv=notrunc status=none
    ok cubby system check --quick
    fails 1 cubby system check
    out_has 'hash'
    ok cubby system check -r
    ok cubby run --rm --network none bb:1 true
}

@test 'an image without its documents is dropped, everything else works' {
    cubby tag bb:1 other:1
    rm -f "$(blob 1)" "$(blob 2)"
    fails 1 cubby system check
    out_has "image 'localhost/bb:1'"
    ok cubby ps -a
    ok cubby system check -r
    ok cubby system check
    ok cubby images -q
    out_is ''
}

@test 'a lost layer folder hurts one image alone, and is applied again' {
    rm -rf "${STORE:?}/layers"/*
    ok cubby ps -a
    ok cubby images
    ok cubby run --rm --network none bb:1 true
}

@test 'what nobody needs goes' {
    local hex
    hex=$(printf 'ab%.0s' {1..32})
    mkdir -p "$STORE/layers/$hex/diff"
    : > "$STORE/blobs/sha256/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    # what is whole is no damage: the next pull goes on with it
    ok cubby system check
    out_has "layer ${hex:0:12}"
    out_has 'blob sha256:e3b0c44298fc'
    out_has 'the store is in order'
    out_has 'cubby image prune'
    ln -s "$hex" "$STORE/names/ghost"
    fails 1 cubby system check
    out_has "layer ${hex:0:12}"
    out_has 'blob sha256:e3b0c44298fc'
    out_has "name 'ghost'"
    out_lacks 'in order'
    ok cubby system check -r
    ok cubby system check
    out_is 'the store is in order'
    : > "$STORE/blobs/sha256/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    ok cubby image prune -f
    ok cubby system check
    out_is 'the store is in order'
}

@test 'a damaged container is told and kept until it is removed' {
    local id
    id=$(cubby create --name hurt bb:1 true)
    printf '{' > "$STORE/containers/$id/config.json"
    fails 1 cubby system check -r
    out_has "${id:0:12}"
    out_has 'rm -f'
    [ -d "$STORE/containers/$id" ]
    ok cubby rm -f "$id"
    ok cubby system check
}

@test 'a damaged container is removed when it is forced' {
    local id
    id=$(cubby create --name hurt bb:1 true)
    printf '{' > "$STORE/containers/$id/config.json"
    fails 1 cubby system check --force
    [ -d "$STORE/containers/$id" ]
    ok cubby system check -r --force
    out_has 'it was removed (mended)'
    [ ! -d "$STORE/containers/$id" ]
}

@test 'what nobody needs is passed over while it is younger than --max' {
    local hex=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    mkdir -p "$STORE/layers/$hex/diff"
    ok cubby system check --max 1h
    out_is 'the store is in order'
    ok cubby system check --max 0s
    out_has "layer ${hex:0:12}"
    ok cubby system check -r
}

@test 'a damaged volume is known again' {
    cubby volume create data > /dev/null
    printf '{' > "$STORE/volumes/data/meta.json"
    echo kept > "$STORE/volumes/data/_data/file"
    ok cubby system check -r
    ok cubby volume inspect data --format '{{.Name}}'
    [ "$(cat "$STORE/volumes/data/_data/file")" = kept ]
    ok cubby volume rm data
}

@test 'what another host left goes only when asked' {
    mkdir -p "$STORE/tmp/another-host/0123"
    fails 1 cubby system check
    [ -d "$STORE/tmp/another-host/0123" ]
    ok cubby system check -r
    [ ! -d "$STORE/tmp/another-host/0123" ]
}

@test 'what a command is making is no damage, and what it left goes' {
    local object
    object=tmp/$(cd "$STORE/tmp" && find . -mindepth 1 -maxdepth 1 ! -name blobs ! -name another-host -printf '%f')/0123
    mkdir "$STORE/$object"
    "$CUBBY_SRC/tests/lib/hold-lock" "$STORE" temporary "$object" > "$BATS_TEST_TMPDIR/said" 3>&- &
    local holder=$!
    wait_for 20 grep -q held "$BATS_TEST_TMPDIR/said"
    try cubby system check
    kill "$holder"
    wait "$holder" || true
    [ "$status" = 0 ]
    [ -d "$STORE/$object" ]
    ok cubby system check
    [ ! -d "$STORE/$object" ]
}

@test 'a damaged network is told, and goes with --repair --force' {
    ok cubby network create web
    ok cubby network create good
    echo '{' > "$STORE/networks/web.json"
    try cubby system check
    [ "$status" != 0 ]
    [[ $output$stderr == *"network 'web'"* ]]
    ok cubby network exists good
    try cubby system check --repair --force
    [ ! -e "$STORE/networks/web.json" ]
    ok cubby system check
    ok cubby network rm good
}
