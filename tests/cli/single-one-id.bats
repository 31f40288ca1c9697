#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# single-one-id - images that are one file each, for who has one id
# run: without sub-ids

load ../lib/common

setup_file() {
    [ -x "$CUBBY_BUILD/cubby-single" ] || skip 'cubby was built without libsquashfs'
    command -v squashfuse > /dev/null || skip 'there is no squashfuse'
    command -v fuse-overlayfs > /dev/null || skip 'there is no fuse-overlayfs'
    [ -r /dev/fuse ] && [ -w /dev/fuse ] || skip 'there is no /dev/fuse'
    file_setup
    registry_start
    cubby pull -q --tls-verify=false --single-file "$REGISTRY/library/alpine-like:1"
}

@test 'all files are shown as the root user, who may read and change them' {
    ok cubby run --rm --network none alpine-like:1 sh -c \
        'stat -c %u /home/app /etc/shadow; cat /etc/shadow > /dev/null; echo x >> /etc/shadow; touch /home/app/x; tail -n 1 /etc/shadow'
    out_is $'0\n0\nx'
}

@test 'the file keeps the owners of the image for others' {
    ok cubby save --format squashfs -o "$BATS_TEST_TMPDIR/a.sqfs" alpine-like:1
    mkdir "$BATS_TEST_TMPDIR/m"
    squashfuse_ll "$BATS_TEST_TMPDIR/a.sqfs" "$BATS_TEST_TMPDIR/m"
    run stat -c %u "$BATS_TEST_TMPDIR/m/home/app"
    fusermount3 -u "$BATS_TEST_TMPDIR/m"
    [ "$output" = 1000 ]
}

@test 'a container is stopped and started again with what it wrote' {
    ok cubby run --name w --network none alpine-like:1 sh -c 'echo kept > /etc/new'
    ok cubby start -a w
    ok cubby diff w
    out_has 'A /etc/new'
}
