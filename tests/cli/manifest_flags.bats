#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# manifest create, add, annotate, inspect, push: what their flags do to entries, and who a registry is asked as

load ../lib/common
load ../lib/lists

setup_file() { lists_setup; }
teardown() { lists_teardown; }

# asking_registry: one with a certificate of its own that lets only "me" in; sets other, CERTS, AUTH
asking_registry() {
    OTHER=$BATS_TEST_TMPDIR/o
    CUBBY_REGISTRY_STATE=$OTHER "$CUBBY_SRC/tests/images/registry" start --tls --writable --auth me:secret \
        --from $((34000 + RANDOM % 1000)) > "$BATS_TEST_TMPDIR/other.out" 2>&1 3>&-
    other=$(CUBBY_REGISTRY_STATE=$OTHER "$CUBBY_SRC/tests/images/registry" name)
    CERTS=$BATS_TEST_TMPDIR/certs AUTH=$BATS_TEST_TMPDIR/auth.json
    mkdir "$CERTS"
    cp "$OTHER/tls/ca.crt" "$CERTS/"
    printf '{"auths":{"%s":{"auth":"%s"}}}' "$other" "$(printf me:secret | base64)" > "$AUTH"
}

@test 'a registry is known by its certificate, and asked with a name and a password' {
    asking_registry
    ok cubby push -q --cert-dir "$CERTS" --creds me:secret bb:1 "$other/x/bb:1"
    fails 125 cubby manifest create --creds me:secret l:0 "docker://$other/x/bb:1"
    err_has certificate
    fails 125 cubby manifest create --cert-dir "$CERTS" l:0 "docker://$other/x/bb:1"
    ok cubby manifest create --cert-dir "$CERTS" --creds me:secret l:1 "docker://$other/x/bb:1"
    ok cubby manifest create --cert-dir "$CERTS" --authfile "$AUTH" l:2 "docker://$other/x/bb:1"
    fails 125 cubby manifest add --cert-dir "$CERTS" --creds me:wrong l:2 "docker://$other/x/bb:1"
    ok cubby manifest add --cert-dir "$CERTS" --creds me:secret l:2 "docker://$other/x/bb:1"
    ok cubby manifest add --cert-dir "$CERTS" --authfile "$AUTH" l:2 "docker://$other/x/bb:1"
    fails 125 cubby manifest push --cert-dir "$CERTS" l:1 "docker://$other/x/list:1"
    ok cubby manifest push --cert-dir "$CERTS" --creds me:secret l:1 "docker://$other/x/list:1"
    ok cubby manifest push --cert-dir "$CERTS" --authfile "$AUTH" l:1 "docker://$other/x/list:2"
    fails 125 cubby manifest inspect --cert-dir "$CERTS" --creds me:wrong "$other/x/list:1"
    ok cubby manifest inspect --cert-dir "$CERTS" --creds me:secret "$other/x/list:1"
    out_has '"manifests"'
    ok cubby manifest inspect --cert-dir "$CERTS" --authfile "$AUTH" "$other/x/list:2"
    out_has '"manifests"'
    # the name of an entry is looked up where it is
    ok cubby manifest annotate --cert-dir "$CERTS" --creds me:secret --arch arm l:1 "docker://$other/x/bb:1"
    # a password that is left out is asked for, as push does
    for verb in "create l:3" "add l:1" "push l:1" inspect; do
        # shellcheck disable=SC2086  # words
        fails 125 cubby manifest $verb --cert-dir "$CERTS" --creds me "docker://$other/x/bb:1"
        err_has 'no terminal to ask at'
    done
    ok cubby manifest annotate --cert-dir "$CERTS" --authfile "$AUTH" --os linux l:1 "docker://$other/x/bb:1"
    [ "$(cubby manifest inspect l:1 | entries)" = linux/arm ]
}

@test '--insecure and --tls-verify=false reach a registry without TLS' {
    local image=docker://$REGISTRY/test/schema2:1
    fails 125 cubby manifest create p:0 "$image"
    ok cubby manifest create --insecure p:1 "$image"
    ok cubby manifest create --tls-verify=false p:2 "$image"
    fails 125 cubby manifest add p:1 "$image"
    ok cubby manifest add --insecure p:1 "$image"
    ok cubby manifest annotate --insecure --arch arm p:1 "$image"
    ok cubby manifest annotate --tls-verify=false --arch arm64 p:2 "$image"
    [ "$(cubby manifest inspect p:2 | entries)" = linux/arm64 ]
    fails 125 cubby manifest push p:1 "docker://$REGISTRY/plain/p:1"
    ok cubby manifest push --insecure p:1 "docker://$REGISTRY/plain/p:1"
    ok cubby manifest inspect --insecure "$REGISTRY/plain/p:1"
    out_has '"manifests"'
}

@test 'create --all takes all that a list names, and --annotation says something of the list' {
    ok cubby manifest create --tls-verify=false --all --annotation team=web c:1 \
        "docker://$REGISTRY/test/multiarch:1"
    ok cubby manifest inspect c:1
    out_has '"team": "web"'
    [ "$(entries <<< "$output")" = 'linux/amd64 linux/arm64 unknown/unknown' ]
}

@test 'add says of an entry what it is told to' {
    ok cubby manifest create a:1
    ok cubby manifest add --os linux --arch arm --variant v7 --os-version 1 --os-features a --features sse4 \
        --annotation k=v a:1 bb:1
    ok cubby manifest inspect a:1
    out_has '"os": "linux"'
    out_has '"variant": "v7"'
    out_has '"os.version": "1"'
    out_matches '"os.features":[[:space:]]*\[[[:space:]]*"a"'
    out_matches '"features":[[:space:]]*\[[[:space:]]*"sse4"'
    out_has '"k": "v"'
    ok cubby manifest annotate --os freebsd a:1 bb:1
    [ "$(cubby manifest inspect a:1 | entries)" = freebsd/arm ]
}

@test 'push compresses as it is told to' {
    ok cubby manifest create z:1 bb:1
    ok push --compression-format zstd --compression-level 3 --force-compression z:1 "$REGISTRY/z/bb:1"
    local digest
    digest=$(index_at z/bb:1 | python3 -c 'import json, sys; print(json.load(sys.stdin)["manifests"][0]["digest"])')
    curl -sf -H 'Accept: application/vnd.oci.image.manifest.v1+json' "http://$REGISTRY/v2/z/bb/manifests/$digest" |
        grep -q 'tar+zstd'
    fails 125 push --compression-format zstd --compression-level 99 z:1 "$REGISTRY/z/bb:2"
    ok push z:1 "$REGISTRY/z/bb:3"
    ok push --remove-signatures z:1 "$REGISTRY/z/bb:4"
    [ "$(index_at z/bb:3)" = "$(index_at z/bb:4)" ]
}
