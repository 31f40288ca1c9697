# SPDX-License-Identifier: LGPL-2.1-or-later
# build: the same files and steps give the same image, whoever builds it, where, and when.
#
# The digests of tests/lib/same.bash are those of every machine.

load ../lib/common
load ../lib/context
load ../lib/same

# elsewhere ARGS...: cubby upon another store
elsewhere() { cubby --root "$BATS_TEST_TMPDIR/s" "$@"; }

teardown() {
    [ ! -d "$BATS_TEST_TMPDIR/s" ] || elsewhere system reset -f
    test_teardown
}

@test 'files that are copied give the layers that they give everywhere, also those that are hashed later' {
    same_context "$CONTEXT"
    ok cubby build -q --platform linux/amd64 -t same:1 "$CONTEXT"
    layers_are same:1 "${SAME_LAYERS[@]}"
    truncate -s 9M "$CONTEXT/zeros"
    touch -d @1700000000 "$CONTEXT/zeros"
    printf 'FROM scratch\nCOPY zeros /\nCOPY text /\n' > "$CONTEXT/Dockerfile"
    ok cubby build -q -t later:1 "$CONTEXT"
    layers_are later:1 "${SAME_LATER[@]}"
}

@test 'files that are copied to other owners give the layer that they give everywhere' {
    needs ranges
    same_context "$CONTEXT"
    printf 'FROM scratch\nCOPY --chown=1000:50 sub /\n' > "$CONTEXT/Dockerfile"
    ok cubby build -q -t owners:1 "$CONTEXT"
    layers_are owners:1 "$SAME_OWNERS"
}

@test 'with a date the image itself is that of everywhere, whatever the caller and the folder are like' {
    same_context "$CONTEXT"
    ok cubby build -q --platform linux/amd64 --source-date-epoch 1600000000 -t same:1 "$CONTEXT"
    out_is "$SAME_ID"
    ok cubby image inspect --format '{{.Digest}}' same:1
    out_is "$SAME_DIGEST"
    CUBBY_ENV=(SOURCE_DATE_EPOCH=1600000000 TZ=Pacific/Kiritimati LC_ALL=tr_TR.UTF-8 HOME="$BATS_TEST_TMPDIR" TMPDIR=/var/tmp)
    umask 0077
    tar -C "$CONTEXT" --format=posix -cf "$BATS_TEST_TMPDIR/context.tar" .
    ok elsewhere build -q --platform linux/amd64 --jobs 1 - < "$BATS_TEST_TMPDIR/context.tar"
    out_is "$SAME_ID"
}

@test 'layers made with another storage driver are the same, and of the time that is given' {
    [ -w /dev/fuse ] && command -v fuse-overlayfs > /dev/null || skip 'there is no fuse-overlayfs'
    same_context "$CONTEXT"
    ok elsewhere --storage-driver fuse-overlayfs build -q --platform linux/amd64 -t same:1 "$CONTEXT"
    ok elsewhere image inspect --format '{{range .RootFS.Layers}}{{println .}}{{end}}' same:1
    out_is "$(printf 'sha256:%s\n' "${SAME_LAYERS[@]}")"
    ok elsewhere --storage-driver fuse-overlayfs build -q --platform linux/amd64 --source-date-epoch 1600000000 "$CONTEXT"
    out_is "$SAME_ID"
    ok cubby build -q --platform linux/amd64 --timestamp 1000 "$CONTEXT"
    local id=$output
    ok elsewhere --storage-driver fuse-overlayfs build -q --platform linux/amd64 --timestamp 1000 "$CONTEXT"
    out_is "$id"
}
