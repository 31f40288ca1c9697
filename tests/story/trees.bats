#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the layers of the special images unpack to, file by file, as umoci and GNU tar have it.

load ../lib/common

EXPECTED=$CUBBY_SRC/tests/images/expected

setup_file() {
    file_setup
    registry_start
}

# a store for each test: then each diff id is unpacked once, and no more than once
setup() {
    STORE=$BATS_TEST_TMPDIR/s
    mkdir "$STORE"
}

# What is marked as durable after a pull may be written into a folder while that is removed.
teardown() {
    cubby unshare rm -rf "$STORE" 2> /dev/null || cubby unshare rm -rf "$STORE"
}

# folder DIFF-ID: where that layer is unpacked
folder() {
    local meta
    meta=$(grep -l "\"diff_id\":\"${1#sha256:}\"" "$STORE"/layers/*/meta.json) &&
        basename "$(dirname "$meta")"
}

# keys REFERENCE: by which names the store knows its layers, lowest first; those that lean on what is
# below them are not called by their diff id
keys() {
    python3 - "$STORE/index.json" "$1" <<'END'
import json, sys
for m in json.load(open(sys.argv[1]))["manifests"]:
    a = m["annotations"]
    if a.get("org.opencontainers.image.ref.name") == sys.argv[2]:
        print(a["io.cubby.image.layers"].replace(",", "\n"))
END
}

# tree REFERENCE: the files of its layers, one over the other, as the namespace's root sees them
tree() {
    local key lower=""
    # overlayfs takes no folder twice; of a layer that comes twice the upper one counts
    for key in $(keys "$1" | tac | awk '!seen[$0]++'); do
        lower=${lower:+$lower:}$key/diff
    done
    mkdir -p "$BATS_TEST_TMPDIR/empty" "$BATS_TEST_TMPDIR/tree"
    # shellcheck disable=SC2016  # the inner shell expands these
    cubby unshare unshare --mount sh -c 'cd "$1" &&
        mount -t overlay -o "ro,userxattr,lowerdir=$2:$3/empty" none "$3/tree" &&
        exec "$4" --exclude bin "$3/tree"' \
        sh "$STORE/layers" "$lower" "$BATS_TEST_TMPDIR" "$CUBBY_SRC/tests/images/list-tree"
}

# equals NAME: the tree of test/NAME:1 is as expected
equals() {
    local image=$REGISTRY/test/$1:${2:-1} name=$1
    [ -z "${2:-}" ] || name=$1-$2
    ok cubby pull -q --tls-verify=false "$image"
    tree "$image" > "$BATS_TEST_TMPDIR/seen"
    diff "$EXPECTED/$name.txt" "$BATS_TEST_TMPDIR/seen"
}

# equals_or_error NAME: the same, or it is refused with a word
equals_or_error() {
    try cubby pull -q --tls-verify=false "$REGISTRY/test/$1:1"
    if [ "$status" -ne 0 ]; then
        [ -n "$stderr" ]
        return
    fi
    equals "$1"
}

@test 'layers:40: everything that a layer may do' {
    needs ranges
    equals layers 40
}

@test 'implicit:1: parents without an entry leave what is below as it was' {
    needs ranges
    equals implicit
}

@test 'through-link:1: a path through a link of a lower layer is followed inside the root' {
    needs ranges
    equals through-link
}

@test 'hardlink-across:1: a link to a file of a lower layer is one file' {
    needs ranges
    equals_or_error hardlink-across
}

@test 'whiteout-nothing:1: whiteouts of what is not there leave no trace' {
    needs ranges
    equals whiteout-nothing
}

@test 'sparse-gnu:1: a sparse file has the right content' {
    equals_or_error sparse-gnu
}

@test 'devices:1: device nodes are left out, what follows is there' {
    ok cubby pull -q --tls-verify=false "$REGISTRY/test/devices:1"
    tree "$REGISTRY/test/devices:1" > "$BATS_TEST_TMPDIR/seen"
    grep -q ^after "$BATS_TEST_TMPDIR/seen"
}

@test 'highids:1: an owner beyond the ids is an error that names it and the file that grants more' {
    needs ranges
    fails 125 cubby pull -q --tls-verify=false "$REGISTRY/test/highids:1"
    err_has 70000
    err_has /etc/subuid
    ok cubby images -q
    out_lacks highids
}

@test 'zstd:1 and tar:1 unpack to the layers of the images that they were made from' {
    local name reference
    for name in zstd:1=debian:12-slim tar:1=busybox:1.35; do
        reference=$REGISTRY/library/${name#*=}
        ok cubby pull -q --tls-verify=false "$REGISTRY/test/${name%=*}"
        ok cubby pull -q --tls-verify=false "$reference"
        ok cubby image inspect --format '{{json .RootFS.Layers}}' "$reference"
        local layers=$output
        ok cubby image inspect --format '{{json .RootFS.Layers}}' "$REGISTRY/test/${name%=*}"
        out_is "$layers"
    done
}

@test 'artifact:1 is no image and is refused' {
    fails 125 cubby pull -q --tls-verify=false "$REGISTRY/test/artifact:1"
    [ -n "$stderr" ]
}

@test 'multiarch:1 gives this machine its own' {
    ok cubby pull -q --tls-verify=false "$REGISTRY/test/multiarch:1"
    ok cubby run --rm --network none "$REGISTRY/test/multiarch:1" uname -m
    out_is "$(uname -m)"
    ok cubby pull -q --tls-verify=false "$REGISTRY/test/multiarch-docker:1"
    ok cubby run --rm --network none "$REGISTRY/test/multiarch-docker:1" true
}

@test 'schema2:1: Docker'\''s media types, its user with a group, its entry point' {
    ok cubby pull -q --tls-verify=false "$REGISTRY/test/schema2:1"
    ok cubby run --rm --network none "$REGISTRY/test/schema2:1"
    out_is 'schema2 default'
    ok cubby run --rm --network none --entrypoint id "$REGISTRY/test/schema2:1"
    out_matches 'uid=1000\(app\) gid=2000\(extra\)'
}
