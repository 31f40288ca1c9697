#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Archives go between podman and us. Not part of "make check", which needs no podman:
# make check SUITES=interop

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    cubby save -o "$BATS_FILE_TMPDIR/bb.tar" bb:1
}

D=$BATS_FILE_TMPDIR

# id_of NAME: the id of an image of the index
id_of() {
    python3 - "$STORE/index.json" "$1" <<'END'
import json, sys
for m in json.load(open(sys.argv[1]))["manifests"]:
    a = m["annotations"]
    if a.get("org.opencontainers.image.ref.name") == sys.argv[2]:
        print(a["io.cubby.image.id"])
END
}

@test 'podman and we give an image the same id' {
    local id dir
    dir=$(mktemp -d /tmp/cubby-p.XXXXXX)        # podman wants short paths
    local pod=(podman --root "$dir/p" --runroot "$dir/r" --storage-driver vfs)
    id=$(id_of localhost/bb:1)
    timeout 60 "${pod[@]}" load -q -i "$D/bb.tar"
    [ "$("${pod[@]}" images --no-trunc --format '{{.ID}}')" = "sha256:$id" ]
    timeout 60 "${pod[@]}" save -q -o "$BATS_TEST_TMPDIR/p.tar" localhost/bb:1
    timeout 60 "${pod[@]}" save -q --format oci-archive -o "$BATS_TEST_TMPDIR/p.oci" localhost/bb:1
    "${pod[@]}" unshare rm -rf "$dir/p" "$dir/r"
    "${pod[@]}" system migrate          # ends the process that podman leaves behind
    rm -rf "$dir"
    STORE=$BATS_TEST_TMPDIR/tar
    ok cubby load -i "$BATS_TEST_TMPDIR/p.tar"
    [ "$(id_of localhost/bb:1)" = "$id" ]
    # podman writes the config anew in this format, so the id is another there too
    STORE=$BATS_TEST_TMPDIR/oci
    ok cubby load -i "$BATS_TEST_TMPDIR/p.oci"
    out_is 'Loaded image: localhost/bb:1'
}

@test 'skopeo and we read each other'\''s names and passwords' {
    command -v skopeo > /dev/null || skip "no skopeo here"
    registry_start --auth me:secret
    local auth=$BATS_TEST_TMPDIR/auth.json
    ok cubby login --tls-verify=false --authfile "$auth" -u me --password-stdin "$REGISTRY" <<< secret
    [ "$(skopeo login --authfile "$auth" --get-login "$REGISTRY")" = me ]
    skopeo logout --authfile "$auth" "$REGISTRY"
    fails 125 cubby login --authfile "$auth" --get-login "$REGISTRY"
    skopeo login --tls-verify=false --authfile "$auth" -u me -p secret "$REGISTRY"
    ok cubby login --authfile "$auth" --get-login "$REGISTRY"
    out_is me
    ok cubby login --tls-verify=false --authfile "$auth" "$REGISTRY" < /dev/null
    out_has 'credentials are valid'
}
