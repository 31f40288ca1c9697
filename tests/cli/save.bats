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
    fails 125 cubby save --format docker-dir -o "$BATS_TEST_TMPDIR/full" bb:1
    err_has 'not empty'
    [ "$(ls "$BATS_TEST_TMPDIR/full")" = file ]
}

@test 'a layout keeps its other images, and one of the same name is replaced' {
    local l=$BATS_TEST_TMPDIR/l
    cubby import -c 'CMD one' "$(busybox_tar)" again:1 > /dev/null
    cubby save --format oci-dir -o "$l" again:1
    cubby import -c 'CMD two' "$(busybox_tar)" again:1 > /dev/null
    python3 - "$l/index.json" <<'END'
import json, sys
index = json.load(open(sys.argv[1]))
index["annotations"] = {"theirs": "kept"}
json.dump(index, open(sys.argv[1], "w"))
END
    ok cubby save --format oci-dir -o "$l" again:1
    ok cubby save --format oci-dir -o "$l" bb:1
    ok cubby save --format oci-dir -o "$l" bb:1
    grep -q '"theirs":"kept"' "$l/index.json"
    ok python3 -c 'import json, sys
for m in json.load(open(sys.argv[1]))["manifests"]: print(m["annotations"]["org.opencontainers.image.ref.name"])' \
        "$l/index.json"
    out_is $'localhost/again:1\nlocalhost/bb:1'
    STORE=$BATS_TEST_TMPDIR/s
    ok cubby pull "oci:$l:again:1"
    ok cubby image inspect --format '{{.Config.Cmd}}' again:1
    out_has two
}

@test 'a folder of dir: has one image in the words of docker, and gives way to the next' {
    local d=$BATS_TEST_TMPDIR/d
    ok cubby save --format docker-dir -o "$d" bb:1
    grep -q docker.distribution.manifest.v2 "$d/manifest.json"
    [ "$(cat "$d/version")" = 'Directory Transport Version: 1.1' ]
    (cd "$d" && for f in [0-9a-f]*; do echo "$f  $f"; done | sha256sum -c --quiet)
    ok cubby import -c 'CMD other' "$(busybox_tar)" next:1
    ok cubby save --format docker-dir -o "$d" next:1
    [ "$(find "$d" -type f | wc -l)" = 4 ]      # version, manifest, config and one layer
    STORE=$BATS_TEST_TMPDIR/s
    ok cubby load -i "$d"
    fails 125 cubby save --format docker-dir -o "$BATS_TEST_TMPDIR/two" bb:1 other:2
}

@test '--compress packs plain layers of a folder of dir:, and the image stays the same' {
    local id
    id=$(cubby image inspect --format '{{.Id}}' bb:1)
    ok cubby save --format docker-dir --compress -o "$BATS_TEST_TMPDIR/d" bb:1
    grep -q 'rootfs.diff.tar.gzip' "$BATS_TEST_TMPDIR/d/manifest.json"
    (cd "$BATS_TEST_TMPDIR/d" && for f in [0-9a-f]*; do echo "$f  $f"; done | sha256sum -c --quiet)
    [ -z "$(find "$STORE/tmp" -type f)" ]
    fails 125 cubby save --compress -o "$BATS_TEST_TMPDIR/a.tar" bb:1
    err_has docker-dir
    STORE=$BATS_TEST_TMPDIR/s
    ok cubby load -i "$BATS_TEST_TMPDIR/d"
    out_is "Loaded image: sha256:$id"
}

@test 'an archive appears when it is whole, and what was there before stays until then' {
    local dir=$BATS_TEST_TMPDIR/out
    mkdir "$dir"
    echo before > "$dir/a.tar"
    fails 125 cubby save -o "$dir/a.tar" bb:1 nothere:1
    [ "$(cat "$dir/a.tar")" = before ]
    ok cubby save -o "$dir/a.tar" bb:1
    ok check_docker "$dir/a.tar"
    [ "$(ls -A "$dir")" = a.tar ]
}

@test 'the platform that is asked for must be that of the image' {
    local machine=linux/amd64
    [ "$(uname -m)" != aarch64 ] || machine=linux/arm64
    ok cubby save --platform "$machine" -o "$BATS_TEST_TMPDIR/a.tar" bb:1
    fails 125 cubby save --platform linux/s390x -o "$BATS_TEST_TMPDIR/b.tar" bb:1
    err_has linux/s390x
    [ ! -e "$BATS_TEST_TMPDIR/b.tar" ]
}

@test 'digests stay through a layout, an archive of OCI and back' {
    local digest
    digest=$(cubby image inspect --format '{{.Digest}}' packed:3)
    cubby save --format oci-archive -o "$BATS_TEST_TMPDIR/a.oci" packed:3
    STORE=$BATS_TEST_TMPDIR/s
    cubby load -i "$BATS_TEST_TMPDIR/a.oci"
    [ "$(cubby image inspect --format '{{.Digest}}' packed:3)" = "$digest" ]
    cubby save --format oci-archive -o "$BATS_TEST_TMPDIR/b.oci" packed:3
    cmp "$BATS_TEST_TMPDIR/a.oci" "$BATS_TEST_TMPDIR/b.oci"
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
    fails 125 cubby save --format docker-tar bb:1
    err_has oci-archive
}

@test 'flags that ask for what is so anyway change nothing' {
    ok cubby save -o "$BATS_TEST_TMPDIR/plain.tar" bb:1 other:2
    ok cubby save --multi-image-archive --quiet -o "$BATS_TEST_TMPDIR/same.tar" bb:1 other:2
    out_is ''
    err_is ''
    cmp "$BATS_TEST_TMPDIR/plain.tar" "$BATS_TEST_TMPDIR/same.tar"
    ok cubby save --format oci-archive -o "$BATS_TEST_TMPDIR/plain.oci" packed:3
    ok cubby save --format oci-archive --uncompressed -o "$BATS_TEST_TMPDIR/same.oci" packed:3
    cmp "$BATS_TEST_TMPDIR/plain.oci" "$BATS_TEST_TMPDIR/same.oci"
}
