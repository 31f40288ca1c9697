#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# push - bring images to registries

load ../lib/common

setup_file() {
    file_setup
    registry_start --writable
    import_busybox
    # a layer that is sent by PATCH when it is pushed as it is: 24 MB that do not compress
    python3 - "$BATS_FILE_TMPDIR/large.tar" <<'END'
import io, random, sys, tarfile
random.seed(1)
with tarfile.open(sys.argv[1], "w") as tar:
    info = tarfile.TarInfo("noise")
    info.size = 24 << 20
    tar.addfile(info, io.BytesIO(random.randbytes(info.size)))
END
    cubby import "$BATS_FILE_TMPDIR/large.tar" large:1 > /dev/null
    push large:1 "$REGISTRY/seed/large:1" 2> /dev/null
    cubby pull -q --tls-verify=false "$REGISTRY/seed/large:1" > /dev/null
}

teardown() {
    [ -z "${OTHER-}" ] || CUBBY_REGISTRY_STATE=$OTHER "$CUBBY_SRC/tests/images/registry" stop
    test_teardown
}

push() { cubby push --tls-verify=false --retry-delay 10ms "$@"; }
pull() { cubby pull -q --tls-verify=false "$@"; }

# unkind OPTIONS...: start a registry that takes uploads badly; sets UNKIND (HOST:PORT) and its log
unkind() {
    UNKIND_LOG=$BATS_TEST_TMPDIR/unkind.log
    : > "$UNKIND_LOG"
    serve UNKIND "$CUBBY_SRC/tests/lib/unkind-uploads" "$REGISTRY" "$UNKIND_LOG" "$@"
}

# digest_at REPOSITORY:TAG: what the registry says
digest_at() {
    curl -sfI -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
        -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' \
        "http://$REGISTRY/v2/${1%:*}/manifests/${1##*:}" | tr -d '\r' |
        sed -n 's/^Docker-Content-Digest: //Ip'
}

# manifest_at REPOSITORY:TAG: its bytes
manifest_at() {
    curl -sf -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
        -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' \
        "http://$REGISTRY/v2/${1%:*}/manifests/${1##*:}"
}

# requests PATTERN: how many lines of the registry's log match
requests() { registry_log | grep -cE "$1" || true; }

local_digest() { cubby inspect --type image --format '{{.Digest}}' "$1"; }

@test 'what was pulled is pushed with the digest that it had' {
    local image
    for image in library/alpine-like:1 test/schema2:1 test/zstd:1; do
        ok pull "$REGISTRY/$image"
        ok push "$REGISTRY/$image" "$REGISTRY/same/$image"
        [ "$(digest_at "same/$image")" = "$(digest_at "$image")" ]
        ok pull "$REGISTRY/same/$image"
        [ "$(local_digest "$REGISTRY/same/$image")" = "$(digest_at "$image")" ]
    done
}

@test 'an image that was taken out of an index keeps the digest of its manifest' {
    ok pull "$REGISTRY/test/multiarch:1"
    ok push "$REGISTRY/test/multiarch:1" "$REGISTRY/same/multi:1"
    [ "$(digest_at same/multi:1)" = "$(local_digest "$REGISTRY/test/multiarch:1")" ]
}

@test 'push says on stderr what it does, and nothing on stdout' {
    ok push bb:1 "$REGISTRY/talk/bb:1"
    out_is ''
    err_matches 'Copying blob [0-9a-f]{12} done'
    err_matches 'Copying config [0-9a-f]{12} done'
    err_has 'Writing manifest to image destination'
    ok push -q bb:1 "$REGISTRY/talk/bb:1"
    out_is ''
    err_is ''
}

@test 'called as docker, push speaks as docker does and tells the digest last' {
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    cubby tag bb:1 "$REGISTRY/talk/docker:1"
    CUBBY=$BATS_TEST_TMPDIR/docker ok cubby push "$REGISTRY/talk/docker:1"
    err_has "The push refers to repository [$REGISTRY/talk/docker]"
    err_matches '[0-9a-f]{12}: (Pushed|Mounted from )'
    out_is "1: digest: $(digest_at talk/docker:1) size: $(manifest_at talk/docker:1 | wc -c)"
    CUBBY=$BATS_TEST_TMPDIR/docker ok cubby push "$REGISTRY/talk/docker:1"
    err_has ': Layer already exists'
    CUBBY=$BATS_TEST_TMPDIR/docker ok cubby push -q "$REGISTRY/talk/docker:1"
    out_is "$REGISTRY/talk/docker:1"
}

@test 'a second push sends nothing and asks once for each blob' {
    ok push bb:1 "$REGISTRY/twice/bb:1"
    local before after
    before=$(requests '"(POST|PATCH) ')
    ok push bb:1 "$REGISTRY/twice/bb:1"
    after=$(requests '"(POST|PATCH) ')
    [ "$before" = "$after" ]
    ok pull "$REGISTRY/library/alpine-like:1"
    before=$(requests '"[A-Z]* /v2/library/alpine-like/')
    ok push "$REGISTRY/library/alpine-like:1"
    # the manifest's name, its config and two layers
    [ $(($(requests '"[A-Z]* /v2/library/alpine-like/') - before)) = 4 ]
}

@test 'a blob of another repository of the registry is mounted, not sent' {
    ok pull "$REGISTRY/library/alpine-like:1"
    ok push "$REGISTRY/library/alpine-like:1" "$REGISTRY/mounted/a:1"
    err_has 'mounted from library/alpine-like'
    [ "$(requests '"PATCH /v2/mounted/a/')" = 0 ]
    ok push bb:1 "$REGISTRY/mounted/b:1"
    ok push bb:1 "$REGISTRY/mounted/c:1"
    [ "$(requests '"PATCH /v2/mounted/c/')" = 0 ]
}

@test 'a layer that is not compressed here is compressed for the registry' {
    ok push bb:1 "$REGISTRY/pack/bb:1"
    manifest_at pack/bb:1 | grep -q 'layer.v1.tar+gzip'
    ok push --compression-format zstd bb:1 "$REGISTRY/pack/bb:z"
    manifest_at pack/bb:z | grep -q 'layer.v1.tar+zstd'
    for tag in 1 z; do
        ok pull "$REGISTRY/pack/bb:$tag"
        [ "$(cubby inspect --type image --format '{{.Id}}' "$REGISTRY/pack/bb:$tag")" = \
            "$(cubby inspect --type image --format '{{.Id}}' bb:1)" ]
        ok cubby run --rm --network none "$REGISTRY/pack/bb:$tag" echo there
        out_is there
    done
}

@test 'a higher level makes layers smaller, and one that there is not is refused' {
    size() { manifest_at "$1" | python3 -c 'import json, sys; print(json.load(sys.stdin)["layers"][0]["size"])'; }
    ok push --compression-format gzip --compression-level 1 bb:1 "$REGISTRY/level/bb:1"
    ok push --compression-format gzip --compression-level 9 bb:1 "$REGISTRY/level/bb:9"
    [ "$(size level/bb:9)" -lt "$(size level/bb:1)" ]
    fails 125 push --compression-format gzip --compression-level 77 bb:1 "$REGISTRY/level/bb:77"
    err_has 'there is no compression level 77'
    fails 125 push --compression-format lzma bb:1 "$REGISTRY/level/bb:x"
    err_has "there is no compression 'lzma'"
}

# What the annotations of the first layer say, against its blob: offsets and digests lead to the files.
chunked_check() {
    manifest_at "$1:$2" > "$BATS_TEST_TMPDIR/m"
    local blob
    blob=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["layers"][0]["digest"])' \
        "$BATS_TEST_TMPDIR/m")
    curl -sf "http://$REGISTRY/v2/$1/blobs/$blob" > "$BATS_TEST_TMPDIR/blob"
    python3 "$CUBBY_SRC/tests/lib/chunked-check" "$BATS_TEST_TMPDIR/m" "$BATS_TEST_TMPDIR/blob"
}

@test 'a layer of zstd:chunked says where each file is, and is the same layer' {
    command -v zstd > /dev/null || skip 'zstd is not here'
    ok push --compression-format zstd:chunked bb:1 "$REGISTRY/chunked/bb:1"
    chunked_check chunked/bb 1
    ok push --compression-format zstd:chunked --compression-level 9 large:1 "$REGISTRY/chunked/large:1"
    chunked_check chunked/large 1
    ok pull "$REGISTRY/chunked/bb:1"
    [ "$(cubby inspect --type image --format '{{.Id}}' "$REGISTRY/chunked/bb:1")" = \
        "$(cubby inspect --type image --format '{{.Id}}' bb:1)" ]
    ok cubby run --rm --network none "$REGISTRY/chunked/bb:1" echo there
    out_is there
}

@test 'a second push as zstd:chunked sends nothing, and the notes stay' {
    ok push --compression-format zstd:chunked bb:1 "$REGISTRY/chunked2/bb:1"
    local before after
    before=$(requests '"(POST|PATCH) ')
    ok push --compression-format zstd:chunked bb:1 "$REGISTRY/chunked2/bb:1"
    ok push --compression-format zstd:chunked bb:1 "$REGISTRY/chunked2/bb:2"
    after=$(requests '"(POST|PATCH) ')
    [ "$before" = "$after" ]
    [ "$(digest_at chunked2/bb:1)" = "$(digest_at chunked2/bb:2)" ]
    manifest_at chunked2/bb:2 | grep -q zstd-chunked.manifest-checksum
}

@test 'a layer of plain zstd is made anew for zstd:chunked, not the other way round' {
    ok push --compression-format zstd bb:1 "$REGISTRY/chunked3/bb:z"
    run_fresh() { cubby --root "$BATS_TEST_TMPDIR/fresh" "$@"; }
    run_fresh pull -q --tls-verify=false "$REGISTRY/chunked3/bb:z"
    run_fresh push -q --tls-verify=false --compression-format zstd:chunked "$REGISTRY/chunked3/bb:z" \
        "$REGISTRY/chunked3/bb:c"
    manifest_at chunked3/bb:c | grep -q zstd-chunked.manifest-checksum
    run_fresh pull -q --tls-verify=false "$REGISTRY/chunked3/bb:c"
    run_fresh push -q --tls-verify=false --compression-format zstd "$REGISTRY/chunked3/bb:c" \
        "$REGISTRY/chunked3/bb:d"
    [ "$(digest_at chunked3/bb:c)" = "$(digest_at chunked3/bb:d)" ]
}

@test 'what is compressed stays so unless it is forced' {
    ok push --compression-format zstd --force-compression=false "$REGISTRY/seed/large:1" "$REGISTRY/force/large:1"
    [ "$(digest_at force/large:1)" = "$(digest_at seed/large:1)" ]
    ok push --compression-format zstd "$REGISTRY/seed/large:1" "$REGISTRY/force/large:2"
    manifest_at force/large:2 | grep -q 'layer.v1.tar+zstd'
}

@test 'the manifest takes the form that is asked for' {
    ok push --format v2s2 bb:1 "$REGISTRY/form/bb:d"
    manifest_at form/bb:d | grep -q 'docker.image.rootfs.diff.tar.gzip'
    ok pull "$REGISTRY/test/schema2:1"
    ok push --format oci "$REGISTRY/test/schema2:1" "$REGISTRY/form/s:o"
    manifest_at form/s:o | grep -q 'vnd.oci.image.manifest.v1+json'
    ok pull "$REGISTRY/form/s:o"
    ok cubby run --rm --network none "$REGISTRY/form/s:o"
    out_is 'schema2 default'
    fails 125 push --format v2s2 --compression-format zstd bb:1 "$REGISTRY/form/bb:z"
    err_has '--format oci'
    fails 125 push --format v2s2 --compression-format zstd:chunked bb:1 "$REGISTRY/form/bb:z"
    err_has '--format oci'
}

@test 'the digest goes into a file' {
    ok push --digestfile "$BATS_TEST_TMPDIR/digest" bb:1 "$REGISTRY/file/bb:1"
    [ "$(cat "$BATS_TEST_TMPDIR/digest")" = "$(digest_at file/bb:1)" ]
}

@test 'all tags of a repository are pushed' {
    cubby tag bb:1 "$REGISTRY/tags/bb:1"
    cubby tag large:1 "$REGISTRY/tags/bb:2"
    ok push --all-tags "$REGISTRY/tags/bb"
    [ -n "$(digest_at tags/bb:1)" ]
    [ -n "$(digest_at tags/bb:2)" ]
    fails 125 push -a "$REGISTRY/tags/bb:1"
    err_has 'with all tags give none'
    fails 125 push -a "$REGISTRY/tags/none"
}

@test 'an image for another platform than the one asked for is not pushed' {
    fails 125 push --platform linux/s390x bb:1 "$REGISTRY/plat/bb:1"
    err_has 'not for linux/s390x'
    [ -z "$(digest_at plat/bb:1)" ]
    ok push -q --disable-content-trust --platform "$(cubby image inspect -f '{{.Os}}/{{.Architecture}}' bb:1)" bb:1 "$REGISTRY/plat/bb:1"
    [ -n "$(digest_at plat/bb:1)" ]
}

@test 'an id alone names no destination' {
    fails 125 push "$(cubby images -q bb:1)"
    err_has 'name the destination'
    fails 125 push bb:1
    err_has 'cubby push bb:1 REGISTRY/NAME:TAG'
    ok push "$(cubby images -q bb:1)" "$REGISTRY/byid/bb:1"
}

@test 'a push is an event' {
    ok push bb:1 "$REGISTRY/event/bb:1"
    ok cubby events --stream=false --filter event=push --format '{{.Name}}'
    out_has "$REGISTRY/event/bb:1"
}

@test 'a pull of what was pushed just now fetches nothing' {
    cubby tag bb:1 "$REGISTRY/up/bb:1"
    ok push "$REGISTRY/up/bb:1"
    ok pull "$REGISTRY/up/bb:1"
    [ "$(requests '"GET /v2/up/bb/')" = 0 ]
}

@test 'a broken upload goes on with what the registry has' {
    unkind --cut 9000000
    ok push "$REGISTRY/seed/large:1" "$UNKIND/cut/large:1"
    [ "$(digest_at cut/large:1)" = "$(digest_at seed/large:1)" ]
    # not from the beginning again
    grep -q '^PATCH [^ ]* 9000000-' "$UNKIND_LOG"
}

@test 'a layer that is compressed on the way survives a broken upload' {
    unkind --cut 9000000
    ok push --compression-format zstd --compression-level 2 large:1 "$UNKIND/cut/packed:1"
    grep -q '^GET /v2/cut/packed/blobs/uploads/' "$UNKIND_LOG"
    ok pull "$REGISTRY/cut/packed:1"
    [ "$(cubby inspect --type image --format '{{.Id}}' "$REGISTRY/cut/packed:1")" = \
        "$(cubby inspect --type image --format '{{.Id}}' large:1)" ]
}

@test 'an answer that is lost after all was done costs no second upload' {
    unkind --late --on PUT --at /blobs/
    ok push "$REGISTRY/seed/large:1" "$UNKIND/late/large:1"
    [ "$(grep -c '^PATCH' "$UNKIND_LOG")" = 1 ]
}

@test 'a registry that is ill for a moment is asked again' {
    local case method image
    for case in HEAD=bb:1 POST=bb:1 "PATCH=$REGISTRY/seed/large:1" PUT=bb:1; do
        method=${case%%=*} image=${case#*=}
        unkind --status 503 --on "$method" --times 2
        ok push "$image" "$UNKIND/ill/$(tr '[:upper:]' '[:lower:]' <<< "$method"):1"
        [ "$(grep -c "^$method .* 503 " "$UNKIND_LOG")" -ge 2 ]
        unserve UNKIND
    done
    unkind --status 429 --on POST
    ok push bb:1 "$UNKIND/ill/busy:1"
    grep -q '^POST .* 429 ' "$UNKIND_LOG"
}

@test 'a session that the registry has lost begins anew' {
    unkind --status 404 --on PATCH
    ok push "$REGISTRY/seed/large:1" "$UNKIND/lost/large:1"
    [ "$(digest_at lost/large:1)" = "$(digest_at seed/large:1)" ]
}

@test 'a registry that stays ill is told, as often as asked' {
    unkind --status 503 --on POST --times 100
    fails 125 push --retry 1 --retry-delay 10ms large:1 "$UNKIND/ill/stays:1"
    err_has 'the registry has a failure (503)'
    [ "$(grep -c '^POST' "$UNKIND_LOG")" -le 4 ]
}

@test 'a registry that refuses large bodies gets chunks' {
    unkind --largest 10000000
    ok push "$REGISTRY/seed/large:1" "$UNKIND/chunks/large:1"
    [ "$(digest_at chunks/large:1)" = "$(digest_at seed/large:1)" ]
    [ "$(grep -c '^PATCH .* 202 ' "$UNKIND_LOG")" = 4 ]
    ok push large:1 "$UNKIND/chunks/packed:1"
}

@test 'a blob that is not mounted is sent' {
    unkind --no-mount
    ok pull "$UNKIND/library/alpine-like:1"
    ok push "$UNKIND/library/alpine-like:1" "$UNKIND/nomount/a:1"
    grep -q '^POST .*mount=.* 202 ' "$UNKIND_LOG"
    [ "$(digest_at nomount/a:1)" = "$(digest_at library/alpine-like:1)" ]
}

@test 'a location without a host is of the registry' {
    unkind --relative
    ok push "$REGISTRY/seed/large:1" "$UNKIND/relative/large:1"
}

@test 'no name and password go to another host' {
    unkind --away --ask
    ok push --creds me:secret "$REGISTRY/seed/large:1" "$UNKIND/away/large:1"
    grep -q '^PATCH /away' "$UNKIND_LOG"
    ! grep -q '^[A-Z]* /away.* auth ' "$UNKIND_LOG" || false
}

@test 'a token that runs out on the way is renewed' {
    unkind --tokens 2
    ok push "$REGISTRY/seed/large:1" "$UNKIND/tokens/large:1"
    [ "$(digest_at tokens/large:1)" = "$(digest_at seed/large:1)" ]
    grep -q '/token?.*scope=repository%3Atokens%2Flarge%3Apull%2Cpush' "$UNKIND_LOG"
}

@test 'a registry that got something else is not believed' {
    unkind --wrong-digest --at /blobs/
    fails 125 push bb:1 "$UNKIND/wrong/bb:1"
    err_has 'it got something else'
    unserve UNKIND
    unkind --wrong-digest --at /manifests/
    fails 125 push bb:1 "$UNKIND/wrong/bb:2"
    err_has 'it got something else'
}

@test 'a registry that lets nobody push says so' {
    local other
    OTHER=$BATS_TEST_TMPDIR/o
    CUBBY_REGISTRY_STATE=$OTHER "$CUBBY_SRC/tests/images/registry" start --writable \
        --from $((31000 + RANDOM % 1000)) --token --auth me:secret > /dev/null 2>&1 3>&-
    other=$(CUBBY_REGISTRY_STATE=$OTHER "$CUBBY_SRC/tests/images/registry" name)
    fails 125 push bb:1 "$other/mine/bb:1"
    err_has "$other"
    ok push --creds me:secret bb:1 "$other/mine/bb:1"
    ok pull --creds me:secret "$other/mine/bb:1"
}

@test 'a push that is killed leaves nothing, and the next one goes through' {
    unkind --status 503 --on PATCH --times 1000
    : > "$BATS_TEST_TMPDIR/out"
    env -i HOME="$HOME" PATH="$PATH" USER="$USER" "$CUBBY" --root "$STORE" push --tls-verify=false \
        --compression-format zstd --compression-level 1 large:1 "$UNKIND/killed/large:1" \
        > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    local pid=$!
    wait_for 30 grep -q '^PATCH' "$UNKIND_LOG"
    kill -KILL "$pid"
    wait "$pid" || true
    [ -z "$(find "$STORE/tmp" -mindepth 2 -type f)" ]
    ok cubby system check
    unserve UNKIND
    ok push --compression-format zstd --compression-level 1 large:1 "$REGISTRY/killed/large:1"
}

@test 'a damaged memory of pushes is no memory' {
    echo '{' > "$STORE/sent.json"
    ok push bb:1 "$REGISTRY/memory/bb:1"
    ok push bb:1 "$REGISTRY/memory/bb:1"
    err_has 'already exists'
}

@test 'signatures and encryption are refused with the reason' {
    fails 125 push --sign-by me bb:1 "$REGISTRY/sign/bb:1"
    err_has 'cosign'
    fails 125 push --encryption-key jwe:x bb:1 "$REGISTRY/sign/bb:1"
    err_has 'not encrypted'
}

@test 'push says who it is, and knows the registry by its certificate' {
    local state=$BATS_TEST_TMPDIR/o other auth=$BATS_TEST_TMPDIR/auth.json
    CUBBY_REGISTRY_STATE=$state "$CUBBY_SRC/tests/images/registry" start --tls --writable --auth me:secret \
        --from $((33000 + RANDOM % 1000)) > "$BATS_TEST_TMPDIR/other.out" 2>&1 3>&-
    other=$(CUBBY_REGISTRY_STATE=$state "$CUBBY_SRC/tests/images/registry" name)
    mkdir "$BATS_TEST_TMPDIR/certs"
    cp "$state/tls/ca.crt" "$BATS_TEST_TMPDIR/certs/"
    printf '{"auths":{"%s":{"auth":"%s"}}}' "$other" "$(printf me:secret | base64)" > "$auth"
    try cubby push -q --authfile "$auth" bb:1 "$other/who/bb:1"
    local without_cert=$status
    try cubby push -q --cert-dir "$BATS_TEST_TMPDIR/certs" bb:1 "$other/who/bb:1"
    local without_name=$status
    try cubby push -q --cert-dir "$BATS_TEST_TMPDIR/certs" --authfile "$auth" bb:1 "$other/who/bb:1"
    local with=$status
    CUBBY_REGISTRY_STATE=$state "$CUBBY_SRC/tests/images/registry" stop
    [ "$without_cert $without_name $with" = '125 125 0' ]
}

@test '--compress packs plain layers for dir:, and --platform holds for files as well' {
    local dir=$BATS_TEST_TMPDIR/dir
    ok cubby push bb:1 "dir:$dir"
    run ! grep -q gzip "$dir/manifest.json"
    ok cubby push --compress bb:1 "dir:$dir"
    grep -q 'rootfs.diff.tar.gzip' "$dir/manifest.json"
    STORE=$BATS_TEST_TMPDIR/s ok cubby pull -q "dir:$dir"
    [ "$output" = "$(cubby inspect --type image --format '{{.Id}}' bb:1)" ]
    fails 125 cubby push --compress bb:1 "oci:$BATS_TEST_TMPDIR/l"
    err_has '--compress is for dir:'
    fails 125 cubby push --compress --digestfile "$BATS_TEST_TMPDIR/digest" bb:1 "dir:$dir"
    err_has '--digestfile'
    fails 125 cubby push --platform linux/s390x bb:1 "oci:$BATS_TEST_TMPDIR/l"
    err_has 'not for linux/s390x'
    [ ! -e "$BATS_TEST_TMPDIR/l" ]
}

@test 'push --compress and --remove-signatures ask a registry for what is so anyway' {
    ok push -q bb:1 "$REGISTRY/same/bb:1"
    ok push -q --compress --remove-signatures bb:1 "$REGISTRY/same/bb:2"
    [ "$(digest_at same/bb:1)" = "$(digest_at same/bb:2)" ]
}

@test 'an image is pushed into layouts, archives and folders' {
    local to
    for to in "oci:$BATS_TEST_TMPDIR/l:bb:1" "oci-archive:$BATS_TEST_TMPDIR/a.tar" \
        "docker-archive:$BATS_TEST_TMPDIR/d.tar" "dir:$BATS_TEST_TMPDIR/dir"; do
        ok cubby push bb:1 "$to"
        STORE=$BATS_TEST_TMPDIR/s-${to%%:*} ok cubby pull -q "$to"
    done
    ok cubby push --digestfile "$BATS_TEST_TMPDIR/digest" bb:1 "oci:$BATS_TEST_TMPDIR/l2:bb:1"
    [ "$(cat "$BATS_TEST_TMPDIR/digest")" = "$(local_digest bb:1)" ]
    fails 125 cubby push --compression-format zstd bb:1 "oci:$BATS_TEST_TMPDIR/l3:bb:1"
    err_has 'are for registries'
    fails 125 cubby push bb:1 containers-storage:other:1
    err_has 'is in the store already'
}

@test 'over TLS it is the same, in one connection of HTTP/2' {
    local other
    OTHER=$BATS_TEST_TMPDIR/o
    CUBBY_REGISTRY_STATE=$OTHER "$CUBBY_SRC/tests/images/registry" start --writable --tls \
        --from $((31000 + RANDOM % 1000)) > /dev/null 2>&1 3>&-
    other=$(CUBBY_REGISTRY_STATE=$OTHER "$CUBBY_SRC/tests/images/registry" name)
    mkdir "$BATS_TEST_TMPDIR/ca"
    cp "$(CUBBY_REGISTRY_STATE=$OTHER "$CUBBY_SRC/tests/images/registry" ca)" "$BATS_TEST_TMPDIR/ca"
    fails 125 cubby push bb:1 "$other/mine/bb:1"
    err_has 'certs.d'
    ok cubby push --cert-dir "$BATS_TEST_TMPDIR/ca" "$REGISTRY/seed/large:1" "$other/mine/large:1"
    ok cubby push --cert-dir "$BATS_TEST_TMPDIR/ca" --compression-format zstd large:1 "$other/mine/large:2"
    ok cubby pull -q --cert-dir "$BATS_TEST_TMPDIR/ca" "$other/mine/large:2"
    CUBBY_REGISTRY_STATE=$OTHER "$CUBBY_SRC/tests/images/registry" log | grep -q '"PATCH .*HTTP/2'
}
