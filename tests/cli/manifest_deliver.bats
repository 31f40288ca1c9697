#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# manifest push: lists and their images into layouts, archives and folders

load ../lib/common
load ../lib/lists

setup_file() {
    lists_setup
    # a list of this machine's image and another machine's, both here with their layers
    cubby pull -q --tls-verify=false "$REGISTRY/test/multiarch:1" > /dev/null
    local arm
    arm=$(index_at test/multiarch:1 | python3 -c 'import json, sys
print([m["digest"] for m in json.load(sys.stdin)["manifests"]
       if m["platform"]["architecture"] == "arm64"][0])')
    cubby pull -q --tls-verify=false "$REGISTRY/test/multiarch@$arm" > /dev/null
    cubby manifest create two:1 > /dev/null
    cubby manifest add two:1 "$REGISTRY/test/multiarch:1" > /dev/null
    cubby manifest add two:1 "$arm" > /dev/null
}
teardown() { lists_teardown; }

# hash FILE
hash() { sha256sum < "$1" | cut -d' ' -f1; }

# blobs_are_right DIR: each file's name begins with its hash
blobs_are_right() {
    local file name
    for file in "$1"/*; do
        name=${file##*/}
        [ "$(hash "$file")" = "${name%.manifest.json}" ] || { echo "$file is another"; return 1; }
    done
}

# architecture IMAGE: of one in STORE
architecture() { cubby image inspect --format '{{.Architecture}}' "$1"; }

@test 'a layout gets the whole list, byte for byte' {
    local to=$BATS_TEST_TMPDIR/layout digest
    ok cubby manifest push --digestfile "$BATS_TEST_TMPDIR/d" two:1 "oci:$to:web"
    digest=$(cat "$BATS_TEST_TMPDIR/d")
    blobs_are_right "$to/blobs/sha256"
    [ "$(entries < "$to/blobs/sha256/${digest#sha256:}")" = 'linux/amd64 linux/arm64' ]
    [ "$(ls "$to/blobs/sha256" | wc -l)" = 7 ]        # the index, and of both manifest, config and layer
    grep -q "\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"digest\":\"$digest\"" "$to/index.json"
    grep -q '"org.opencontainers.image.ref.name":"web"' "$to/index.json"
    # another name joins it, the same one is replaced
    ok cubby manifest push two:1 "oci:$to:other"
    ok cubby manifest push two:1 "oci:$to:web"
    [ "$(grep -o ref.name "$to/index.json" | wc -l)" = 2 ]
}

@test 'pull takes of such a list what suits the machine, or the platform that is asked for' {
    local from
    ok cubby manifest push two:1 "oci:$BATS_TEST_TMPDIR/l:web"
    ok cubby manifest push two:1 "oci-archive:$BATS_TEST_TMPDIR/l.tar:web"
    ok cubby manifest push two:1 "dir:$BATS_TEST_TMPDIR/dir"
    for from in "oci:$BATS_TEST_TMPDIR/l" "oci-archive:$BATS_TEST_TMPDIR/l.tar" "dir:$BATS_TEST_TMPDIR/dir"; do
        STORE=$BATS_TEST_TMPDIR/s
        ok cubby pull -q "$from"
        [ "$(architecture "$output")" = amd64 ]
        ok cubby run --rm --network none "$output" true
        ok cubby pull -q --platform linux/arm64 "$from"
        [ "$(architecture "$output")" = arm64 ]
        fails 125 cubby pull -q --platform linux/s390x "$from"
        err_has s390x
        ok cubby rmi -af
    done
}

@test 'a folder of dir: gets the list, and loses what was there' {
    local to=$BATS_TEST_TMPDIR/dir
    ok cubby push bb:2 "dir:$to"
    ok cubby manifest push --digestfile "$BATS_TEST_TMPDIR/d" two:1 "dir:$to"
    [ "sha256:$(hash "$to/manifest.json")" = "$(cat "$BATS_TEST_TMPDIR/d")" ]
    [ "$(ls "$to"/*.manifest.json | wc -l)" = 2 ]
    mkdir "$BATS_TEST_TMPDIR/blobs"
    cp "$to"/????????????????????????????????????????????????????????????????* "$BATS_TEST_TMPDIR/blobs"
    blobs_are_right "$BATS_TEST_TMPDIR/blobs"
    [ ! -e "$to/$(cubby image inspect --format '{{.Id}}' bb:2)" ]
    ok cubby push bb:2 "dir:$to"
    [ -z "$(find "$to" -name '*.manifest.json')" ]
}

@test 'the same list gives the same archive, and --all=false its index alone' {
    cd "$BATS_TEST_TMPDIR"
    ok cubby manifest push two:1 oci-archive:a.tar
    ok cubby manifest push two:1 oci-archive:b.tar
    cmp a.tar b.tar
    ok cubby manifest push --all=false two:1 oci-archive:index.tar
    [ "$(tar tf index.tar | grep -c 'blobs/sha256/.')" = 1 ]
    STORE=$BATS_TEST_TMPDIR/s
    fails 125 cubby pull oci-archive:index.tar
    err_has "the archive has no 'blobs/sha256/"
}

@test 'what is not here is named, with the way to have it' {
    ok cubby manifest create far:1
    ok add --all far:1 "docker://$REGISTRY/library/alpine-like:1"
    fails 125 cubby manifest push far:1 "oci:$BATS_TEST_TMPDIR/far"
    err_has "cannot push 'far:1' to 'oci:$BATS_TEST_TMPDIR/far'"
    err_has '(linux/amd64)'
    [ ! -e "$BATS_TEST_TMPDIR/far" ]
    local image
    image=$(grep -o "cubby pull $REGISTRY/library/alpine-like@sha256:[0-9a-f]*" <<< "$stderr")
    ok cubby pull -q --tls-verify=false "${image#cubby pull }"
    ok cubby manifest push far:1 "oci:$BATS_TEST_TMPDIR/far"
    blobs_are_right "$BATS_TEST_TMPDIR/far/blobs/sha256"
}

@test 'the way leads to the repository of the image, not to another that has its blobs' {
    STORE=$BATS_TEST_TMPDIR/s
    ok cubby manifest create blobs:1
    ok add blobs:1 "docker://$REGISTRY/test/multiarch:1"
    ok cubby manifest create docker:1
    ok add --all docker:1 "docker://$REGISTRY/test/multiarch-docker:1"
    fails 125 cubby manifest push docker:1 "oci:$BATS_TEST_TMPDIR/x"
    err_has "cubby pull $REGISTRY/test/multiarch-docker@sha256:"
    err_lacks "test/multiarch@"
}

@test 'what cannot hold a list, or change it, is refused' {
    fails 125 cubby manifest push two:1 "docker-archive:$BATS_TEST_TMPDIR/x.tar"
    err_has 'hold no lists'
    err_has 'oci-archive:'
    fails 125 cubby manifest push two:1 containers-storage:two:2
    err_has 'in the store already'
    fails 125 cubby manifest push --format v2s2 two:1 "oci:$BATS_TEST_TMPDIR/x"
    err_has 'as they are'
    fails 125 cubby manifest push --add-compression zstd two:1 "oci:$BATS_TEST_TMPDIR/x"
    fails 125 cubby manifest push two:1 "oci:$BATS_TEST_TMPDIR/x:@1"
    err_has 'under a name'
    fails 125 cubby manifest push bb:1 "oci:$BATS_TEST_TMPDIR/x"
    err_has 'no list but an image'
    mkdir "$BATS_TEST_TMPDIR/full"
    echo mine > "$BATS_TEST_TMPDIR/full/file"
    fails 125 cubby manifest push two:1 "oci:$BATS_TEST_TMPDIR/full"
    [ "$(ls "$BATS_TEST_TMPDIR/full")" = file ]
    [ ! -e "$BATS_TEST_TMPDIR/x" ] && [ ! -e "$BATS_TEST_TMPDIR/x.tar" ]
}

@test 'a list that was written is removed when that is asked for' {
    ok cubby manifest create brief:1 bb:1
    ok cubby manifest push --rm brief:1 "oci:$BATS_TEST_TMPDIR/brief"
    fails 1 cubby manifest exists brief:1
    ok cubby image exists bb:1
}
