#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What save writes is read by podman, skopeo and umoci, and what they write is read here, in each
# format. Not part of "make check", which needs none of them: make check SUITES=interop

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    gzip -c < "$(busybox_tar)" | cubby import - packed:3 > /dev/null
    cubby run --name c --network none packed:3 sh -c 'echo changed > /changed; rm /bin/ls'
    cubby commit -q c two:1 > /dev/null
    cubby rm c > /dev/null
    local format
    for format in docker-archive oci-archive oci-dir docker-dir; do
        cubby save --format "$format" -o "$D/$format" two:1
    done
}

D=$BATS_FILE_TMPDIR

# needs PROGRAM
needs() { command -v "$1" > /dev/null || skip "there is no $1"; }

id_of() { cubby image inspect --format '{{.Id}}' "$1"; }

# transport FORMAT: as skopeo names it
transport() {
    case $1 in
    docker-archive) echo docker-archive ;;
    oci-archive) echo oci-archive ;;
    oci-dir) echo oci ;;
    docker-dir) echo dir ;;
    esac
}

# with_podman COMMAND...: podman with a store of its own, short as it wants its paths
with_podman() {
    timeout 120 podman --root "$POD/p" --runroot "$POD/r" --storage-driver vfs "$@"
}

podman_begin() {
    needs podman
    POD=/tmp/cubby-p.$BASHPID      # podman makes names of paths: no capital letters
    mkdir "$POD"
}

podman_end() {
    with_podman unshare rm -rf "$POD/p" "$POD/r"
    with_podman system migrate          # ends the process that podman leaves behind
    rm -rf "$POD"
}

@test 'podman loads every format, and it is the same image' {
    local format id loaded
    id=$(id_of two:1)
    podman_begin
    for format in docker-archive oci-archive oci-dir docker-dir; do
        case $format in
        *archive) loaded=$(with_podman load -q -i "$D/$format" 2>&1) ;;
        *) cp -r "$D/$format" "$POD/x" && loaded=$(with_podman load -q -i "$POD/x" 2>&1) && rm -r "$POD/x" ;;
        esac || { podman_end; echo "$format: $loaded"; false; }
        [[ $(with_podman images --no-trunc -q) == *"$id"* ]] || { podman_end; echo "$format: no $id"; false; }
        with_podman rmi -a -f > /dev/null
    done
    podman_end
}

@test 'skopeo copies every format, to every other' {
    local from to
    needs skopeo
    for from in docker-archive oci-archive oci-dir docker-dir; do
        for to in docker-archive oci-archive oci dir; do
            skopeo copy -q "$(transport "$from"):$D/$from" "$to:$BATS_TEST_TMPDIR/$from-$to"
        done
    done
}

@test 'umoci unpacks a layout, deletions included' {
    needs umoci
    umoci unpack --rootless --image "$D/oci-dir:localhost/two:1" "$BATS_TEST_TMPDIR/bundle"
    [ "$(cat "$BATS_TEST_TMPDIR/bundle/rootfs/changed")" = changed ]
    [ ! -e "$BATS_TEST_TMPDIR/bundle/rootfs/bin/ls" ]
    [ -e "$BATS_TEST_TMPDIR/bundle/rootfs/bin/cat" ]
}

@test 'what podman saves in each format is read here' {
    local format
    podman_begin
    with_podman load -q -i "$D/oci-archive" > /dev/null
    for format in docker-archive oci-archive oci-dir docker-dir; do
        with_podman save -q --format "$format" -o "$BATS_TEST_TMPDIR/$format" localhost/two:1 2>&1 || break
    done
    podman_end
    for format in docker-archive oci-archive oci-dir docker-dir; do
        STORE=$BATS_TEST_TMPDIR/s-$format
        ok cubby load -i "$BATS_TEST_TMPDIR/$format"
        ok cubby run --rm --network none "$(cubby images -q)" cat /changed
        out_is changed
        fails 127 cubby run --rm --network none "$(cubby images -q)" ls
    done
}

@test 'several images that podman saves in one archive are all read' {
    podman_begin
    with_podman load -q -i "$D/docker-archive" > /dev/null
    with_podman tag localhost/two:1 localhost/two:again docker.io/library/other:9
    with_podman save -q -m -o "$BATS_TEST_TMPDIR/m.tar" localhost/two:1 docker.io/library/other:9
    podman_end
    STORE=$BATS_TEST_TMPDIR/s
    ok cubby load -i "$BATS_TEST_TMPDIR/m.tar"
    out_has localhost/two:1
    out_has docker.io/library/other:9
}

@test 'what skopeo writes is pulled, layers packed with zstd too, and digests stay' {
    local layout=$CUBBY_IMAGES_DIR/oci name digest to
    needs skopeo
    [ -d "$layout" ] || skip 'there are no test images: tests/images/make-images'
    for name in library/busybox:1.35 test/zstd:1 test/tar:1; do
        for to in oci dir oci-archive; do
            rm -rf "$BATS_TEST_TMPDIR/x"
            skopeo copy -q "oci:$layout:$name" "$to:$BATS_TEST_TMPDIR/x"
            # a plain layer is compressed on the way
            digest=$(skopeo inspect --format '{{.Digest}}' "$to:$BATS_TEST_TMPDIR/x")
            STORE=$BATS_TEST_TMPDIR/s-$to
            ok cubby pull "$to:$BATS_TEST_TMPDIR/x"
            ok cubby image inspect --format '{{.Digest}}' "$output"
            out_is "$digest"
        done
    done
    skopeo copy -q "oci:$layout:library/busybox:1.35" "docker-archive:$BATS_TEST_TMPDIR/d.tar:bb:7"
    STORE=$BATS_TEST_TMPDIR/s-oci
    ok cubby run --rm --network none "docker-archive:$BATS_TEST_TMPDIR/d.tar:bb:7" echo skopeo
    out_is skopeo
}

@test 'a layer whose blob was dropped and made again is loaded by podman' {
    local id
    mkdir -p "$BATS_TEST_TMPDIR/config/cubby"
    echo 'keep_blobs = false' > "$BATS_TEST_TMPDIR/config/cubby/cubby.conf"
    CUBBY_ENV=(XDG_CONFIG_HOME="$BATS_TEST_TMPDIR/config")
    STORE=$BATS_TEST_TMPDIR/s
    cubby load -i "$D/oci-archive"
    id=$(id_of two:1)
    cubby save --format oci-archive -o "$BATS_TEST_TMPDIR/a.oci" two:1
    podman_begin
    with_podman load -q -i "$BATS_TEST_TMPDIR/a.oci"
    [[ $(with_podman images --no-trunc -q) == *"$id"* ]] || { podman_end; false; }
    podman_end
}
