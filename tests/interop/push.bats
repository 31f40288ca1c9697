#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What cubby pushes is read by skopeo, podman and umoci. Not part of "make check", which needs none of
# them: make check SUITES=interop

load ../lib/common
load ../lib/lists

setup_file() {
    lists_setup
    # another file than the one that nobody may read
    export REGISTRY_AUTH_FILE=$BATS_FILE_TMPDIR/auth.json
    echo '{}' > "$REGISTRY_AUTH_FILE"
}
teardown() { lists_teardown; }

peer() { command -v "$1" > /dev/null || skip "$1 is not here"; }

# podman wants short paths
pod() { timeout 120 podman --root "$POD/p" --runroot "$POD/r" --storage-driver vfs "$@"; }

id_of() { cubby inspect --type image --format '{{.Id}}' "$1"; }

@test 'skopeo reads what was pushed, in every form and compression' {
    peer skopeo
    local tag
    ok cubby push --tls-verify=false bb:1 "$REGISTRY/i/bb:gzip"
    ok cubby push --tls-verify=false --compression-format zstd bb:1 "$REGISTRY/i/bb:zstd"
    ok cubby push --tls-verify=false --compression-format zstd:chunked bb:1 "$REGISTRY/i/bb:chunked"
    ok cubby push --tls-verify=false --format v2s2 bb:1 "$REGISTRY/i/bb:v2s2"
    for tag in gzip zstd chunked v2s2; do
        ok skopeo inspect --tls-verify=false "docker://$REGISTRY/i/bb:$tag"
        ok skopeo copy --src-tls-verify=false "docker://$REGISTRY/i/bb:$tag" \
            "oci:$BATS_TEST_TMPDIR/$tag:bb"
    done
}

@test 'umoci unpacks what was pushed' {
    peer skopeo
    peer umoci
    ok cubby push --tls-verify=false bb:1 "$REGISTRY/i/umoci:1"
    ok skopeo copy --src-tls-verify=false "docker://$REGISTRY/i/umoci:1" "oci:$BATS_TEST_TMPDIR/l:bb"
    ok umoci unpack --rootless --image "$BATS_TEST_TMPDIR/l:bb" "$BATS_TEST_TMPDIR/b"
    [ -e "$BATS_TEST_TMPDIR/b/rootfs/bin/busybox" ]
}

@test 'podman pulls what was pushed, and gives it the same id' {
    peer podman
    POD=$(mktemp -d /tmp/cubby-p.XXXXXX)
    local tag
    ok cubby push --tls-verify=false bb:1 "$REGISTRY/i/pod:gzip"
    ok cubby push --tls-verify=false --compression-format zstd bb:1 "$REGISTRY/i/pod:zstd"
    ok cubby push --tls-verify=false --compression-format zstd:chunked bb:1 "$REGISTRY/i/pod:chunked"
    for tag in gzip zstd chunked; do
        ok pod pull -q --tls-verify=false "$REGISTRY/i/pod:$tag"
        out_is "$(id_of bb:1)"
    done
    pod unshare rm -rf "$POD/p" "$POD/r"
    pod system migrate                  # ends the process that podman leaves behind
    rm -rf "$POD"
}

@test 'skopeo and podman read a list that was pushed' {
    peer skopeo
    peer podman
    POD=$(mktemp -d /tmp/cubby-p.XXXXXX)
    ok cubby manifest create inter:1 bb:1
    ok add --all inter:1 "docker://$REGISTRY/test/multiarch:1"
    ok cubby manifest remove inter:1 "$(cubby manifest inspect inter:1 |
        python3 -c 'import json, sys; print([m["digest"] for m in json.load(sys.stdin)["manifests"] if m["platform"]["os"] == "unknown"][0])')"
    ok push inter:1 "$REGISTRY/i/list:1"
    ok skopeo inspect --raw --tls-verify=false "docker://$REGISTRY/i/list:1"
    out_has image.index.v1
    ok skopeo copy --all --src-tls-verify=false "docker://$REGISTRY/i/list:1" \
        "oci:$BATS_TEST_TMPDIR/all:list"
    ok pod pull -q --tls-verify=false "$REGISTRY/i/list:1"
    out_is "$(id_of bb:1)"
    pod unshare rm -rf "$POD/p" "$POD/r"
    pod system migrate                  # ends the process that podman leaves behind
    rm -rf "$POD"
}

@test 'skopeo reads and copies a list that was written to a layout, an archive and a folder' {
    peer skopeo
    local from digest
    ok cubby manifest create written:1 bb:1 bb:2
    cd "$BATS_TEST_TMPDIR"
    for from in oci:layout:web oci-archive:web.tar:web dir:folder; do
        ok cubby manifest push --digestfile d written:1 "$from"
        skopeo inspect --raw "$from" > raw
        [ "sha256:$(sha256sum < raw | cut -d' ' -f1)" = "$(cat d)" ]
        ok skopeo copy --all "$from" "dir:copy-${from%%:*}"
        diff -r "copy-${from%%:*}" copy-oci
        # and back: what skopeo wrote is read here
        STORE=$BATS_TEST_TMPDIR/s cubby pull -q "dir:copy-${from%%:*}"
    done
}
