# SPDX-License-Identifier: LGPL-2.1-or-later
# save - write images into an archive

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    import_busybox other:2
    gzip -c < "$(busybox_tar)" | cubby import - packed:3
}

D=$BATS_FILE_TMPDIR

# check_docker ARCHIVE: every layer is the tar that the config says, every config is what it is called
check_docker() {
    python3 - "$1" <<'END'
import hashlib, json, sys, tarfile
t = tarfile.open(sys.argv[1])
for image in json.load(t.extractfile("manifest.json")):
    text = t.extractfile(image["Config"]).read()
    assert image["Config"] == hashlib.sha256(text).hexdigest() + ".json"
    ids = json.loads(text)["rootfs"]["diff_ids"]
    real = ["sha256:" + hashlib.sha256(t.extractfile(l).read()).hexdigest() for l in image["Layers"]]
    assert ids == real, (ids, real)
    print(*image["RepoTags"])
END
}

@test 'the archive of docker has plain layers whose digests are the diff ids' {
    ok cubby save -o "$BATS_TEST_TMPDIR/a.tar" bb:1
    out_is ''
    ok check_docker "$BATS_TEST_TMPDIR/a.tar"
    out_is localhost/bb:1
    ok cubby save -o "$BATS_TEST_TMPDIR/p.tar" packed:3
    ok check_docker "$BATS_TEST_TMPDIR/p.tar"
}

@test 'several images go into one archive, each layer once' {
    ok cubby save -o "$BATS_TEST_TMPDIR/a.tar" bb:1 other:2 packed:3
    ok check_docker "$BATS_TEST_TMPDIR/a.tar"
    out_is $'localhost/bb:1\nlocalhost/other:2\nlocalhost/packed:3'
    [ "$(tar tf "$BATS_TEST_TMPDIR/a.tar" | grep -c '\.tar$')" = 1 ]
}

@test 'the same image gives the same bytes' {
    local format
    for format in docker-archive oci-archive; do
        cubby save --format "$format" bb:1 packed:3 > "$BATS_TEST_TMPDIR/1"
        cubby save --format "$format" bb:1 packed:3 > "$BATS_TEST_TMPDIR/2"
        cmp "$BATS_TEST_TMPDIR/1" "$BATS_TEST_TMPDIR/2"
    done
}

@test 'a layer whose plain length is not remembered gives the same bytes' {
    local meta
    cubby save packed:3 > "$BATS_TEST_TMPDIR/1"
    for meta in "$STORE"/layers/*/meta.json; do
        grep -q '"tar_size":[1-9]' "$meta"
        sed -i 's/"tar_size":[0-9]*,//' "$meta"
    done
    cubby save packed:3 > "$BATS_TEST_TMPDIR/2"
    cmp "$BATS_TEST_TMPDIR/1" "$BATS_TEST_TMPDIR/2"
}

@test 'an image saved by its id has no name' {
    local id
    id=$(cubby import -c 'CMD a' "$(busybox_tar)" byid:1)
    ok cubby save -o "$BATS_TEST_TMPDIR/a.tar" "${id#sha256:}"
    ok check_docker "$BATS_TEST_TMPDIR/a.tar"
    out_is ''
    ok cubby load -i "$BATS_TEST_TMPDIR/a.tar"
    out_is "Loaded image: $id"
}

@test 'an OCI layout holds what was pulled, and its blobs are what they are called' {
    ok cubby save --format oci-dir -o "$BATS_TEST_TMPDIR/l" packed:3
    [ "$(cat "$BATS_TEST_TMPDIR/l/oci-layout")" = '{"imageLayoutVersion":"1.0.0"}' ]
    (cd "$BATS_TEST_TMPDIR/l/blobs/sha256" && for f in *; do echo "$f  $f"; done | sha256sum -c --quiet)
    mkdir "$BATS_TEST_TMPDIR/a"
    cubby save --format oci-archive packed:3 | tar -C "$BATS_TEST_TMPDIR/a" -x
    diff -r "$BATS_TEST_TMPDIR/l" "$BATS_TEST_TMPDIR/a"
}

@test 'a folder that is not empty is left alone' {
    mkdir "$BATS_TEST_TMPDIR/full"
    touch "$BATS_TEST_TMPDIR/full/file"
    fails 125 cubby save --format oci-dir -o "$BATS_TEST_TMPDIR/full" bb:1
    err_has 'not empty'
    [ "$(ls "$BATS_TEST_TMPDIR/full")" = file ]
}

@test 'an unknown image is named, and no file is left' {
    fails 125 cubby save -o "$BATS_TEST_TMPDIR/a.tar" bb:1 nothere:1
    err_has nothere
    [ ! -e "$BATS_TEST_TMPDIR/a.tar" ]
}

@test 'a terminal is no place for an archive' {
    try on_tty -- save bb:1
    [ "$status" -ne 0 ]
    out_has terminal
}

@test 'a reader that leaves is an error and no crash' {
    ok bash -c 'exec 3>&1; { "$@" 2>&3; echo "status $?" >&3; } | head -c 1 > /dev/null' - \
        env HOME="$HOME" PATH="$PATH" "$CUBBY" --root "$STORE" save bb:1
    out_has 'status 125'
}

@test 'a full disk is an error' {
    [ -w /dev/full ] || skip 'there is no /dev/full'
    fails 125 cubby save -o /dev/full bb:1
    err_has 'no space'
    [ -c /dev/full ]
}

@test 'a format that is none names those that are' {
    fails 125 cubby save --format docker-dir bb:1
    err_has oci-archive
}
