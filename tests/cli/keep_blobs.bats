# SPDX-License-Identifier: LGPL-2.1-or-later
# keep_blobs - layers kept unpacked alone: cubby.conf says keep_blobs = false

load ../lib/common

setup_file() {
    file_setup
    mkdir -p "$D/config/cubby"
    echo 'keep_blobs = false' > "$D/config/cubby/cubby.conf"
    import_busybox
    gzip -c < "$(busybox_tar)" | cubby import - packed:3
    cubby save --format oci-archive -o "$D/packed.oci" packed:3
    cubby save -o "$D/packed.tar" packed:3
    cubby save -o "$D/bb.tar" bb:1
}

setup() { CUBBY_ENV=(XDG_CONFIG_HOME="$D/config"); }

D=$BATS_FILE_TMPDIR

# large_blobs: how many blobs are no document
large_blobs() { find "$STORE/blobs" -type f -size +100k | wc -l; }

id_of() { cubby image inspect --format '{{.Id}}' "$1"; }

@test 'a layer that was loaded is there once, unpacked, and the image runs' {
    STORE=$BATS_TEST_TMPDIR/s
    ok cubby load -i "$D/packed.oci"
    [ "$(large_blobs)" = 0 ]
    [ "$(find "$STORE/layers" -name recipe | wc -l)" = 1 ]
    [ "$(stat -c %s "$STORE"/layers/*/recipe)" -lt 20000 ]
    ok cubby system check
    out_is 'the store is in order'
    ok cubby run --rm --network none packed:3 echo runs
    out_is runs
}

@test 'what is saved of it is the same archive, and the image keeps its id' {
    local id
    STORE=$BATS_TEST_TMPDIR/s
    cubby load -i "$D/packed.oci"
    id=$(id_of packed:3)
    ok cubby save -o "$BATS_TEST_TMPDIR/a.tar" packed:3
    cmp "$BATS_TEST_TMPDIR/a.tar" "$D/packed.tar"
    [ "$(id_of packed:3)" = "$id" ]
    [ "$(large_blobs)" = 0 ]
    ok cubby system check
    out_is 'the store is in order'
}

@test 'in OCI'\''s formats its layers are plain, and the digest of the manifest is another once' {
    local id
    STORE=$BATS_TEST_TMPDIR/s
    cubby load -i "$D/packed.oci"
    id=$(id_of packed:3)
    ok cubby save --format oci-archive -o "$BATS_TEST_TMPDIR/a.oci" packed:3
    ok cubby save --format oci-archive -o "$BATS_TEST_TMPDIR/b.oci" packed:3
    cmp "$BATS_TEST_TMPDIR/a.oci" "$BATS_TEST_TMPDIR/b.oci"
    STORE=$BATS_TEST_TMPDIR/s2
    ok cubby load -i "$BATS_TEST_TMPDIR/a.oci"
    [ "$(id_of packed:3)" = "$id" ]
    cubby save -o "$BATS_TEST_TMPDIR/c.tar" packed:3
    cmp "$BATS_TEST_TMPDIR/c.tar" "$D/packed.tar"
}

@test 'a file that was changed since is found, and nothing is written' {
    local file
    STORE=$BATS_TEST_TMPDIR/s
    cubby load -i "$D/packed.oci"
    file=$(find "$STORE/layers" -path '*/diff/*' -type f -size +100k | head -n 1)
    printf x | dd of="$file" bs=1 seek=1000 conv=notrunc status=none
    fails 125 cubby save -o "$BATS_TEST_TMPDIR/a.tar" packed:3
    err_has 'not those that were unpacked'
    err_has 'pull it again'
    [ ! -e "$BATS_TEST_TMPDIR/a.tar" ]
    [ "$(large_blobs)" = 0 ]
}

@test 'prune drops the blobs of images that were there before, and not unless asked' {
    STORE=$BATS_TEST_TMPDIR/s
    CUBBY_ENV=()
    cubby load -i "$D/packed.oci"
    cubby load -i "$D/bb.tar"
    [ "$(large_blobs)" = 2 ]
    ok cubby image prune -f
    [ "$(large_blobs)" = 2 ]
    CUBBY_ENV=(XDG_CONFIG_HOME="$D/config")
    ok cubby image prune -f
    [ "$(large_blobs)" = 0 ]
    ok cubby run --rm --network none bb:1 echo still
    out_is still
    ok cubby save -o "$BATS_TEST_TMPDIR/a.tar" packed:3 bb:1
}

@test 'import, commit and pull from a file leave no blobs either' {
    STORE=$BATS_TEST_TMPDIR/s
    ok cubby pull "oci-archive:$D/packed.oci"
    [ "$(large_blobs)" = 0 ]
    ok cubby import "$(busybox_tar)" imported:1
    [ "$(large_blobs)" = 0 ]
    cubby run --name changed --network none packed:3 sh -c 'head -c 300000 /dev/urandom > /random'
    ok cubby commit -q changed committed:1
    [ "$(large_blobs)" = 0 ]
    ok cubby save -o "$BATS_TEST_TMPDIR/a.tar" committed:1
    cubby rm changed
    STORE=$BATS_TEST_TMPDIR/s2
    ok cubby load -i "$BATS_TEST_TMPDIR/a.tar"
    ok cubby run --rm --network none committed:1 stat -c %s /random
    out_is 300000
}

@test 'an image that goes takes its recipes along' {
    STORE=$BATS_TEST_TMPDIR/s
    cubby load -i "$D/packed.oci"
    ok cubby rmi packed:3
    [ -z "$(find "$STORE/layers" "$STORE/blobs" -type f)" ]
    ok cubby system check
    out_is 'the store is in order'
}

@test 'a setting that is no truth value is refused' {
    mkdir -p "$BATS_TEST_TMPDIR/config/cubby"
    echo 'keep_blobs = "no"' > "$BATS_TEST_TMPDIR/config/cubby/cubby.conf"
    CUBBY_ENV=(XDG_CONFIG_HOME="$BATS_TEST_TMPDIR/config")
    fails 125 cubby images
    err_has keep_blobs
}

@test 'system df counts what is there' {
    local images blobs
    STORE=$BATS_TEST_TMPDIR/s
    cubby load -i "$D/packed.oci"
    cubby run --name c --network none packed:3 sh -c 'echo more > /more'
    cubby commit -q c shares:1
    cubby rm c
    images=$(cubby unshare find "$STORE/layers" -type f \( -path '*/diff/*' -o -name recipe \) -printf '%s %i\n' |
        awk '!seen[$2]++ { s += $1 } END { print s }')
    blobs=$(find "$STORE/blobs/sha256" -type f -printf '%s\n' | awk '{ s += $1 } END { print s }')
    ok cubby system df --format '{{.Type}} {{.RawSize}}'
    out_has "Images $images"
    out_has "Blobs $blobs"
}

@test 'an image is pushed as if it had its blobs' {
    STORE=$BATS_TEST_TMPDIR/s
    registry_start --writable
    cubby load -i "$D/packed.oci"
    ok cubby push -q --tls-verify=false packed:3 "$REGISTRY/packed:3"
    [ "$(large_blobs)" = 0 ]
    STORE=$BATS_TEST_TMPDIR/s2
    ok cubby pull -q --tls-verify=false "$REGISTRY/packed:3"
    [ "$(large_blobs)" = 0 ]
    ok cubby run --rm --network none "$REGISTRY/packed:3" echo pushed
    out_is pushed
}

@test 'what a list names keeps its blobs' {
    STORE=$BATS_TEST_TMPDIR/s
    CUBBY_ENV=()
    import_busybox
    ok cubby manifest create list:1 bb:1
    CUBBY_ENV=(XDG_CONFIG_HOME="$D/config")
    cubby load -i "$D/packed.oci"
    [ "$(large_blobs)" = 1 ]
    ok cubby manifest rm list:1
    cubby load -i "$D/packed.tar"
    [ "$(large_blobs)" = 0 ]
}

@test 'a list is written with layers that are made again, unless they were compressed' {
    STORE=$BATS_TEST_TMPDIR/s
    cubby load -i "$D/bb.tar"
    cubby load -i "$D/packed.oci"
    cubby manifest create plain:1 bb:1
    [ "$(large_blobs)" = 0 ]
    ok cubby manifest push plain:1 "oci:$BATS_TEST_TMPDIR/plain"
    [ "$(find "$BATS_TEST_TMPDIR/plain" -type f -size +100k | wc -l)" = 1 ]
    [ "$(large_blobs)" = 1 ]            # what a list names stays
    cubby manifest create zipped:1 packed:3
    fails 125 cubby manifest push zipped:1 "oci:$BATS_TEST_TMPDIR/zipped"
    err_has 'not with all its layers'
    err_has 'with keep_blobs = true in cubby.conf: cubby rmi localhost/packed:3; cubby pull '
    [ ! -e "$BATS_TEST_TMPDIR/zipped" ]
}
