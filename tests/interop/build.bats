#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# buildah and we make the same of the Dockerfiles in tests/data/dockerfiles: the same files with the same
# owners, modes, contents and times, and the same config but for times and ids.

load ../lib/common
load ../lib/dockerfiles

setup_file() {
    command -v buildah > /dev/null || skip "no buildah here"
    file_setup
    dockerfiles_bases
    PEER=$(mktemp -d /tmp/cubby-b.XXXXXX)       # it wants short paths
    export PEER
    local base
    for base in bb rich; do
        peer pull -q "docker-archive:$BATS_FILE_TMPDIR/$base.tar" > /dev/null 3>&-
    done
}

teardown_file() {
    [ -z "${PEER:-}" ] || buildah unshare rm -rf "$PEER"
    file_teardown
}

peer() {
    BUILDAH_ISOLATION=chroot timeout 120 buildah --root "$PEER/b" --runroot "$PEER/r" --storage-driver vfs "$@"
}

@test 'buildah makes the same of each Dockerfile' {
    local dir name bad=0
    for dir in $(dockerfiles '*'); do
        name=${dir##*/}
        [ ! -f "$dir/alone" ] || continue
        dockerfile_context "$name"
        ok cubby build -q -t c:1 "${ARGS[@]}" "$CONTEXT"
        dockerfile_tree "$name" c:1 > "$BATS_TEST_TMPDIR/ours"
        dockerfile_context "$name"
        ok peer build --format docker -q -t p:1 "${ARGS[@]}" "$CONTEXT"
        rm -f "$BATS_TEST_TMPDIR/p.tar"
        ok peer push -q p:1 "docker-archive:$BATS_TEST_TMPDIR/p.tar:p:1"
        # shellcheck disable=SC2046  # a base or none
        "$CUBBY_SRC/tests/lib/image-tree" "$BATS_TEST_TMPDIR/p.tar" $(base_of "$name") \
            > "$BATS_TEST_TMPDIR/theirs"
        diff -u "$BATS_TEST_TMPDIR/theirs" "$BATS_TEST_TMPDIR/ours" >&2 || { echo "$name differs" >&2; bad=1; }
    done
    [ "$bad" = 0 ]
}
