#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# manifest push: lists and their images into registries

load ../lib/common
load ../lib/lists

setup_file() { lists_setup; }
teardown() {
    [ -z "${FROM_PID-}" ] || kill -KILL "$FROM_PID"
    lists_teardown
}

@test 'a push of a list brings its images along' {
    ok cubby manifest create whole:1 bb:1
    ok add --all whole:1 "docker://$REGISTRY/test/multiarch:1"
    ok push whole:1 "$REGISTRY/lists/whole:1"
    [ "$(index_at lists/whole:1 | entries)" = \
        'linux/amd64 linux/amd64 linux/arm64 unknown/unknown' ]
    local digest count=0
    for digest in $(index_at lists/whole:1 | grep -oE 'sha256:[0-9a-f]{64}' | sort -u); do
        curl -sfI -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
            "http://$REGISTRY/v2/lists/whole/manifests/$digest" > /dev/null
        count=$((count + 1))
    done
    [ "$count" -ge 3 ]
}

@test 'a list of what a registry has keeps its digests, and comes back as it went' {
    ok cubby manifest create same:1
    ok add --all same:1 "docker://$REGISTRY/test/multiarch:1"
    ok push --digestfile "$BATS_TEST_TMPDIR/d" same:1 "docker://$REGISTRY/lists/same:1"
    [ "sha256:$(index_at lists/same:1 | sha256sum | cut -d' ' -f1)" = "$(cat "$BATS_TEST_TMPDIR/d")" ]
    ok pull "$REGISTRY/lists/same:1"
    ok pull "$REGISTRY/test/multiarch:1"
    [ "$(local_digest "$REGISTRY/lists/same:1")" = "$(local_digest "$REGISTRY/test/multiarch:1")" ]
    # push of a list's name is the same
    ok cubby push --tls-verify=false same:1 "$REGISTRY/lists/same:2"
    [ "$(index_at lists/same:1)" = "$(index_at lists/same:2)" ]
}

@test 'an image of a list reaches another registry, layers and all' {
    local OTHER_STATE=$BATS_TEST_TMPDIR/o other
    CUBBY_REGISTRY_STATE=$OTHER_STATE "$CUBBY_SRC/tests/images/registry" start --writable \
        --from $((31000 + RANDOM % 1000)) > /dev/null 2>&1 3>&-
    OTHER=$OTHER_STATE
    other=$(CUBBY_REGISTRY_STATE=$OTHER_STATE "$CUBBY_SRC/tests/images/registry" name)
    ok cubby manifest create far:1
    ok add far:1 "docker://$REGISTRY/library/alpine-like:1"
    ok push far:1 "$other/moved/far:1"
    ok pull "$other/moved/far:1"
    ok cubby run --rm --network none "$other/moved/far:1" true
}

@test 'a list takes the form and the compression that are asked for' {
    ok cubby manifest create form:1 bb:1
    ok push --format v2s2 form:1 "$REGISTRY/lists/form:d"
    index_at lists/form:d | grep -q manifest.list.v2
    index_at lists/form:d | grep -q distribution.manifest.v2
    ok push --add-compression zstd form:1 "$REGISTRY/lists/form:z"
    index_at lists/form:z | grep -q '"io.github.containers.compression.zstd":"true"'
    [ "$(index_at lists/form:z | entries)" = 'linux/amd64 linux/amd64' ]
    local digest
    ok push --add-compression zstd:chunked form:1 "$REGISTRY/lists/form:c"
    index_at lists/form:c | grep -q '"io.github.containers.compression.zstd":"true"'
    digest=$(index_at lists/form:c |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["manifests"][1]["digest"])')
    curl -sf -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
        "http://$REGISTRY/v2/lists/form/manifests/$digest" | grep -q zstd-chunked.manifest-checksum
}

@test 'with --all=false the index goes alone, to where its images are' {
    ok cubby manifest create alone:1
    ok add --all alone:1 "docker://$REGISTRY/test/multiarch:1"
    local before
    before=$(requests '"(POST|PATCH) |"PUT [^ ]*/manifests/sha256')
    ok push --all=false alone:1 "$REGISTRY/test/multiarch:again"
    [ "$(requests '"(POST|PATCH) |"PUT [^ ]*/manifests/sha256')" = "$before" ]
    [ "$(index_at test/multiarch:again | entries)" = 'linux/amd64 linux/arm64 unknown/unknown' ]
    fails 125 push --all=false alone:1 "$REGISTRY/elsewhere/alone:1"
    err_has "cannot push 'alone:1'"
    ok push alone:1 "$REGISTRY/elsewhere/alone:1"
    [ "$(requests '"(POST|PATCH) |"PUT [^ ]*/manifests/sha256')" -gt "$before" ]
}

@test 'a list that was pushed is removed when that is asked for' {
    ok cubby manifest create gone:1 bb:1
    ok push --rm gone:1 "$REGISTRY/lists/gone:1"
    fails 1 cubby manifest exists gone:1
    ok cubby image exists bb:1
}

@test 'what a list names stays when its image is removed' {
    ok cubby import -c 'CMD ["true"]' "$(busybox_tar)" kept:1
    ok cubby manifest create keeps:1 kept:1
    ok cubby rmi kept:1
    ok cubby image prune -f
    ok push keeps:1 "$REGISTRY/lists/keeps:1"
    ok cubby system check
}

@test 'the password of the destination is not told to where a layer comes from' {
    local log=$BATS_TEST_TMPDIR/log from
    : > "$log"
    mkfifo "$BATS_TEST_TMPDIR/name"
    "$CUBBY_SRC/tests/lib/asking-registry" "$log" --upstream "$REGISTRY" --user me:secret \
        > "$BATS_TEST_TMPDIR/name" 2> "$BATS_TEST_TMPDIR/asking.err" 3>&- &
    FROM_PID=$!
    read -r from < "$BATS_TEST_TMPDIR/name"
    ok cubby manifest create secretive:1
    ok add --creds me:secret secretive:1 "docker://$from/library/nginx:1.22"
    : > "$log"
    fails 125 push --all --creds me:secret secretive:1 "docker://$REGISTRY/secretive/list:1"
    grep -q "/blobs/.* - 401" "$log"
    run ! grep -q basic "$log"
    printf '{"auths":{"%s":{"auth":"%s"}}}' "$from" "$(printf me:secret | base64)" > "$BATS_TEST_TMPDIR/auth.json"
    ok push --all --authfile "$BATS_TEST_TMPDIR/auth.json" secretive:1 "docker://$REGISTRY/secretive/list:1"
    grep -q '/blobs/.* basic me 200' "$log"
}
