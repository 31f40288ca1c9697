#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# pull, load: what policy.json says of whose images may come in

load ../lib/common

setup_file() {
    file_setup
    registry_start --writable
    local keys=$BATS_FILE_TMPDIR/k
    mkdir "$keys"
    openssl ecparam -name prime256v1 -genkey -noout -out "$keys/ec.key"
    openssl genpkey -algorithm ed25519 -out "$keys/ed.key"
    openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out "$keys/rsa.key" 2> /dev/null
    openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:1024 -out "$keys/weak.key" 2> /dev/null
    openssl ecparam -name prime256v1 -genkey -noout -out "$keys/other.key"
    local name
    for name in ec ed rsa weak other; do
        openssl pkey -in "$keys/$name.key" -pubout -out "$keys/$name.pub"
    done
}

setup() {
    KEYS=$BATS_FILE_TMPDIR/k
    HOME=$BATS_TEST_TMPDIR/home
    POLICY=$HOME/.config/containers/policy.json
    mkdir -p "${POLICY%/*}"
}

teardown() {
    rm -rf "$STORE" 2> /dev/null || cubby unshare rm -rf "$STORE" 2> /dev/null || true
    mkdir -p "$STORE"
}

pull() { cubby pull -q --tls-verify=false "$@"; }

# digest_of REPOSITORY:TAG
digest_of() {
    curl -sI -H 'Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.v2+json' \
        "http://$REGISTRY/v2/${1%:*}/manifests/${1##*:}" | tr -d '\r' |
        sed -n 's/^[Dd]ocker-[Cc]ontent-[Dd]igest: //p'
}

# sign REPOSITORY:TAG NAME KEY...: see tests/lib/sign
sign() {
    local image=$1 name=$2
    shift 2
    "$CUBBY_SRC/tests/lib/sign" "$REGISTRY" "${image%:*}" "$(digest_of "$image")" "$name" "$@"
}

# policy REQUIREMENTS: for this registry; everything else is rejected
policy() {
    printf '{"default":[{"type":"reject"}],"transports":{"docker":{"%s":[%s]}}}' "$REGISTRY" "$1" > "$POLICY"
}

# signed KEYS [IDENTITY]: a requirement
signed() { printf '{"type":"sigstoreSigned",%s%s}' "$1" "${2:+,\"signedIdentity\":$2}"; }

nothing_came() {
    run ! grep -q '"digest"' "$STORE/index.json" 2> /dev/null
}

@test 'without a policy everything comes in, with a damaged one nothing' {
    ok pull "$REGISTRY/library/busybox:1.35"
    local text
    for text in '{' '{}' '{"default":[{"type":"trustMe"}]}' '{"default":[{"type":"insecureAcceptAnything"}],"more":1}'; do
        echo "$text" > "$POLICY"
        fails 125 pull "$REGISTRY/library/alpine-like:1"
        err_has "$POLICY"
        err_has damaged
    done
    printf '{"default":[{"type":"insecureAcceptAnything"}]}' > "$POLICY"
    ok pull "$REGISTRY/library/alpine-like:1"
}

@test 'what is rejected is not even asked for, and the most specific scope counts' {
    local before
    printf '{"default":[{"type":"reject"}],"transports":{"docker":{"%s/library":[{"type":"insecureAcceptAnything"}],"%s/library/busybox:1.35":[{"type":"reject"}]}}}' \
        "$REGISTRY" "$REGISTRY" > "$POLICY"
    before=$(registry_log | wc -l)
    fails 125 pull "$REGISTRY/test/tar:1"
    err_has "$POLICY"
    err_has 'it rejects it'
    fails 125 pull "$REGISTRY/library/busybox:1.35"
    [ "$(registry_log | wc -l)" = "$before" ]
    ok pull "$REGISTRY/library/alpine-like:1"
    fails 125 cubby run --rm --network none --tls-verify=false "$REGISTRY/test/tar:1" true
    err_has 'it rejects it'
}

@test 'a signature lets an image in: ECDSA, RSA, Ed25519' {
    local kind
    for kind in ec rsa ed; do
        sign library/busybox:1.35 "$REGISTRY/library/busybox:1.35" "$KEYS/$kind.key"
        policy "$(signed "\"keyPath\":\"$KEYS/$kind.pub\"")"
        ok pull "$REGISTRY/library/busybox:1.35"
        cubby rmi -f "$REGISTRY/library/busybox:1.35" > /dev/null
    done
    policy "$(signed "\"keyData\":\"$(base64 -w0 "$KEYS/ed.pub")\"")"
    ok pull "$REGISTRY/library/busybox:1.35"
    cubby rmi -f "$REGISTRY/library/busybox:1.35" > /dev/null
    policy "$(signed "\"keyPaths\":[\"$KEYS/other.pub\",\"$KEYS/ed.pub\"]")"
    ok pull "$REGISTRY/library/busybox:1.35"
}

@test 'no signature, one of another key, one of another image: refused, and nothing is fetched' {
    policy "$(signed "\"keyPath\":\"$KEYS/ec.pub\"")"
    fails 125 pull "$REGISTRY/test/tar:1"
    err_has 'there is no signature'
    sign test/tar:1 "$REGISTRY/test/tar:1" "$KEYS/other.key"
    fails 125 pull "$REGISTRY/test/tar:1"
    err_has 'of none of the keys'
    SIGNED=$(digest_of library/busybox:1.35) sign test/tar:1 "$REGISTRY/test/tar:1" "$KEYS/ec.key"
    fails 125 pull "$REGISTRY/test/tar:1"
    err_has 'the signature is for sha256:'
    sign test/tar:1 "$REGISTRY/test/zstd:1" "$KEYS/ec.key"
    fails 125 pull "$REGISTRY/test/tar:1"
    err_has "the signature is for the name '$REGISTRY/test/zstd:1'"
    TWIST=yes sign test/tar:1 "$REGISTRY/test/tar:1" "$KEYS/ec.key"
    fails 125 pull "$REGISTRY/test/tar:1"
    err_has 'of none of the keys'
    nothing_came
    [ -z "$(find "$STORE/blobs" -type f)" ]
    # one of several signatures is enough
    sign test/tar:1 "$REGISTRY/test/tar:1" "$KEYS/other.key" "$KEYS/ec.key"
    ok pull "$REGISTRY/test/tar:1"
}

@test 'keys that are weak, no keys, or not there let nothing in' {
    sign test/zstd:1 "$REGISTRY/test/zstd:1" "$KEYS/weak.key"
    policy "$(signed "\"keyPath\":\"$KEYS/weak.pub\"")"
    fails 125 pull "$REGISTRY/test/zstd:1"
    err_has 'of none of the keys'
    policy "$(signed '"keyPath":"/nosuch/key"')"
    fails 125 pull "$REGISTRY/test/zstd:1"
    err_has /nosuch/key
    policy "$(signed '"keyData":"bm8ga2V5Cg=="')"
    fails 125 pull "$REGISTRY/test/zstd:1"
    err_has 'no public key'
    policy "$(signed '"keyData":"%%%"')"
    fails 125 pull "$REGISTRY/test/zstd:1"
    err_has 'no base64'
}

@test 'which name has to be signed: repository, exact, remapped' {
    local key="\"keyPath\":\"$KEYS/ec.pub\""
    sign test/schema2:1 "$REGISTRY/test/schema2" "$KEYS/ec.key"
    policy "$(signed "$key")"
    fails 125 pull "$REGISTRY/test/schema2:1"
    err_has 'for the name'
    policy "$(signed "$key" '{"type":"matchRepository"}')"
    ok pull "$REGISTRY/test/schema2:1"
    cubby rmi -f "$REGISTRY/test/schema2:1" > /dev/null
    sign test/schema2:1 upstream.io/app:7 "$KEYS/ec.key"
    policy "$(signed "$key" '{"type":"exactReference","dockerReference":"upstream.io/app:7"}')"
    ok pull "$REGISTRY/test/schema2:1"
    policy "$(signed "$key" '{"type":"exactRepository","dockerRepository":"upstream.io/other"}')"
    fails 125 pull "$REGISTRY/test/schema2:1"
    sign test/schema2:1 upstream.io/test/schema2:1 "$KEYS/ec.key"
    policy "$(signed "$key" "{\"type\":\"remapIdentity\",\"prefix\":\"$REGISTRY\",\"signedPrefix\":\"upstream.io\"}")"
    ok pull "$REGISTRY/test/schema2:1"
    policy "$(signed "$key" '{"type":"matchExact"}')"
    fails 125 pull "$REGISTRY/test/schema2:1"
}

@test 'the index of several platforms may be signed instead of each image' {
    sign test/multiarch:1 "$REGISTRY/test/multiarch:1" "$KEYS/ec.key"
    policy "$(signed "\"keyPath\":\"$KEYS/ec.pub\"")"
    ok pull "$REGISTRY/test/multiarch:1"
}

@test 'an image that came in before the policy is looked at again' {
    ok pull "$REGISTRY/test/implicit:1"
    policy "$(signed "\"keyPath\":\"$KEYS/ec.pub\"")"
    fails 125 pull "$REGISTRY/test/implicit:1"
    err_has 'there is no signature'
    fails 125 pull --policy newer "$REGISTRY/test/implicit:1"
    # but it is here, and nobody has to be asked
    ok pull --policy missing "$REGISTRY/test/implicit:1"
}

@test 'what cannot be checked here is refused with the reason' {
    policy '{"type":"sigstoreSigned","fulcio":{"caPath":"/x","oidcIssuer":"y","subjectEmail":"z"},"rekorPublicKeyPath":"/r"}'
    fails 125 pull "$REGISTRY/library/busybox:1.35"
    err_has "it has 'fulcio'"
    # all requirements count
    sign library/busybox:1.35 "$REGISTRY/library/busybox:1.35" "$KEYS/ec.key"
    policy "$(signed "\"keyPath\":\"$KEYS/ec.pub\""),$(signed "\"keyPath\":\"$KEYS/other.pub\"")"
    fails 125 pull "$REGISTRY/library/busybox:1.35"
    policy "$(signed "\"keyPath\":\"$KEYS/ec.pub\""),{\"type\":\"reject\"}"
    fails 125 pull "$REGISTRY/library/busybox:1.35"
}

@test '--signature-policy names another file' {
    echo '{"default":[{"type":"reject"}]}' > "$POLICY"
    echo '{"default":[{"type":"insecureAcceptAnything"}]}' > "$BATS_TEST_TMPDIR/open.json"
    ok pull --signature-policy "$BATS_TEST_TMPDIR/open.json" "$REGISTRY/library/busybox:1.35"
    rm "$POLICY"
    fails 125 pull --signature-policy "$BATS_TEST_TMPDIR/nosuch.json" "$REGISTRY/library/busybox:1.35"
    err_has nosuch.json
}

@test 'archives and folders have scopes of their own' {
    local a=$BATS_TEST_TMPDIR/a.tar o=$BATS_TEST_TMPDIR/o
    ok pull "$REGISTRY/library/busybox:1.35"
    cubby save -o "$a" "$REGISTRY/library/busybox:1.35"
    cubby save --format oci-dir -o "$o" "$REGISTRY/library/busybox:1.35"
    printf '{"default":[{"type":"reject"}],"transports":{"docker-archive":{"":[{"type":"insecureAcceptAnything"}]}}}' > "$POLICY"
    ok cubby load -q -i "$a"
    fails 125 cubby load -q -i "$o"
    err_has 'it rejects it'
    fails 125 cubby pull -q "oci:$o"
    printf '{"default":[{"type":"insecureAcceptAnything"}],"transports":{"docker-archive":{"":[{"type":"reject"}]},"oci":{"%s":[%s]}}}' \
        "$BATS_TEST_TMPDIR" "$(signed "\"keyPath\":\"$KEYS/ec.pub\"")" > "$POLICY"
    fails 125 cubby load -q -i "$a"
    fails 125 cubby pull -q "oci:$o"
    err_has 'files have none'
    ok cubby pull -q --signature-policy <(echo '{"default":[{"type":"insecureAcceptAnything"}]}') "oci:$o"
}

@test 'there is an end to signatures, and to what they sign' {
    local keys=() i
    for i in {1..50}; do keys+=("$KEYS/other.key"); done
    policy "$(signed "\"keyPath\":\"$KEYS/ec.pub\"")"
    sign test/tar:1 "$REGISTRY/test/tar:1" "${keys[@]}" "$KEYS/ec.key"
    fails 125 pull "$REGISTRY/test/tar:1"
    err_has 'of none of the keys'
    sign test/tar:1 "$REGISTRY/test/tar:1" "${keys[@]:1}" "$KEYS/ec.key"
    ok pull "$REGISTRY/test/tar:1"
    PAD=1048576 sign test/zstd:1 "$REGISTRY/test/zstd:1" "$KEYS/ec.key"
    fails 125 pull "$REGISTRY/test/zstd:1"
    err_has 'a signature is for 10488'
    head -c 40000 /dev/zero | tr '\0' x > "$BATS_TEST_TMPDIR/large.pub"
    policy "$(signed "\"keyPath\":\"$BATS_TEST_TMPDIR/large.pub\"")"
    fails 125 pull "$REGISTRY/test/zstd:1"
    err_has 'large.pub'
}
