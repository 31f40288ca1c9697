#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# pull, load: images that policy.json wants signed by GPG (signedBy)

load ../lib/common

setup_file() {
    file_setup
    command -v gpg gpgv > /dev/null || skip "needs gpg and gpgv"
    registry_start
    export GNUPGHOME=$BATS_FILE_TMPDIR/g
    mkdir -m 0700 "$GNUPGHOME"
    local name
    for name in good other gone old; do
        gpg --batch --quiet --pinentry-mode loopback --passphrase '' \
            --quick-gen-key "$name <$name@example.com>" ed25519 sign never
        gpg --export "$name@example.com" > "$BATS_FILE_TMPDIR/$name.gpg"
        gpg --armor --export "$name@example.com" > "$BATS_FILE_TMPDIR/$name.asc"
    done
    # one that was revoked since, and one that is valid no more
    sed -i 's/^:---/---/' "$GNUPGHOME/openpgp-revocs.d/$(fingerprint gone).rev"
    cp -r "$GNUPGHOME" "$BATS_FILE_TMPDIR/later"
    GNUPGHOME=$BATS_FILE_TMPDIR/later gpg --batch --quiet --import \
        "$GNUPGHOME/openpgp-revocs.d/$(fingerprint gone).rev"
    GNUPGHOME=$BATS_FILE_TMPDIR/later gpg --export gone@example.com > "$BATS_FILE_TMPDIR/revoked.gpg"
    GNUPGHOME=$BATS_FILE_TMPDIR/later gpg --batch --quiet --pinentry-mode loopback --passphrase '' \
        --faked-system-time 20200101T000000 --quick-gen-key 'past <past@example.com>' ed25519 sign 1y
    GNUPGHOME=$BATS_FILE_TMPDIR/later gpg --export past@example.com > "$BATS_FILE_TMPDIR/past.gpg"
}

teardown_file() {
    local home
    for home in "$BATS_FILE_TMPDIR/g" "$BATS_FILE_TMPDIR/later"; do
        [ ! -d "$home" ] || gpgconf --homedir "$home" --kill all
    done
    file_teardown
}

setup() {
    K=$BATS_FILE_TMPDIR
    HOME=$BATS_TEST_TMPDIR/home
    POLICY=$HOME/.config/containers/policy.json
    PLACES=$HOME/.config/containers/registries.d
    BESIDE=$HOME/.local/share/containers/sigstore
    mkdir -p "${POLICY%/*}"
    BB=$REGISTRY/library/busybox:1.35
    DIGEST=$(digest_of library/busybox:1.35)
}

teardown() {
    unserve WEB
    rm -rf "$STORE" 2> /dev/null || cubby unshare rm -rf "$STORE" 2> /dev/null || true
    mkdir -p "$STORE"
}

pull() { cubby pull -q --tls-verify=false "$@"; }

fingerprint() { gpg --with-colons --list-keys "$1@example.com" | sed -n 's/^fpr:*\([0-9A-F]*\):.*/\1/p' | head -n 1; }

# digest_of REPOSITORY:TAG
digest_of() {
    curl -sI -H 'Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json' \
        "http://$REGISTRY/v2/${1%:*}/manifests/${1##*:}" | tr -d '\r' |
        sed -n 's/^[Dd]ocker-[Cc]ontent-[Dd]igest: //p'
}

# sign KEY NAME [NUMBER] [OPTIONS...]: of busybox, where signatures are when nothing is said
sign() {
    local key=$1 name=$2 number=${3:-1}
    shift $(($# < 3 ? $# : 3))
    "$CUBBY_SRC/tests/lib/gpg-sign" "$key@example.com" "${SIGNED:-$DIGEST}" "$name" \
        "${PLACE:-$BESIDE}/library/busybox@${DIGEST/:/=}/signature-$number" "$@"
}

# policy REQUIREMENTS: for this registry; everything else is rejected
policy() {
    printf '{"default":[{"type":"reject"}],"transports":{"docker":{"%s":[%s]}}}' "$REGISTRY" "$1" > "$POLICY"
}

# signed KEYS [IDENTITY]: a requirement
signed() { printf '{"type":"signedBy","keyType":"GPGKeys",%s%s}' "$1" "${2:+,\"signedIdentity\":$2}"; }

good() { signed "\"keyPath\":\"$K/good.gpg\"" "$@"; }

refused() {
    fails 125 pull "$BB"
    err_has "$POLICY"
    err_has "$1"
    [ -z "$(find "$STORE/blobs" -type f)" ]
}

let_in() {
    ok pull "$BB"
    cubby rmi -f "$BB" > /dev/null
    cubby image prune -f > /dev/null
}

@test 'a signature of GPG lets an image in, whichever way the key is given' {
    sign good "$BB"
    policy "$(good)"
    let_in
    policy "$(signed "\"keyPath\":\"$K/good.asc\"")"
    let_in
    policy "$(signed "\"keyPaths\":[\"$K/other.gpg\",\"$K/good.asc\"]")"
    let_in
    policy "$(signed "\"keyData\":\"$(base64 -w0 "$K/good.gpg")\"")"
    let_in
    cat "$K/other.asc" "$K/good.asc" > "$BATS_TEST_TMPDIR/both.asc"
    policy "$(signed "\"keyData\":\"$(base64 -w0 "$BATS_TEST_TMPDIR/both.asc")\"")"
    let_in
    ok cubby run --rm --network none --tls-verify=false "$BB" true
}

@test 'no signature, one of another key, a damaged one, none at all: refused, and nothing is fetched' {
    policy "$(good)"
    refused 'there is no signature'
    sign other "$BB"
    refused 'of none of the keys'
    sign good "$BB"
    local file
    file=$(find "$BESIDE" -name signature-1)
    cp "$file" "$BATS_TEST_TMPDIR/s"
    head -c 60 "$BATS_TEST_TMPDIR/s" > "$file"
    refused "$REGISTRY"
    echo hello > "$file"
    refused 'no message of GPG'
    : > "$file"
    refused 'no message of GPG'
    # the text alone is not signed, nor is a signature of it that stands apart
    gpg --batch --yes --quiet --output "$file" --store < "$BATS_TEST_TMPDIR/s"
    refused 'no message of GPG'
    echo x > "$BATS_TEST_TMPDIR/x"
    gpg --batch --yes --quiet --local-user good@example.com --output "$file" --detach-sign "$BATS_TEST_TMPDIR/x"
    refused "$REGISTRY"
    # nor does a text that nobody signed count before one that somebody did; what is behind is not read
    gpg --batch --yes --quiet --output "$BATS_TEST_TMPDIR/x.gpg" --store "$BATS_TEST_TMPDIR/x"
    cat "$BATS_TEST_TMPDIR/x.gpg" "$BATS_TEST_TMPDIR/s" > "$file"
    refused 'no message of GPG'
    cat "$BATS_TEST_TMPDIR/s" "$BATS_TEST_TMPDIR/x.gpg" > "$file"
    let_in
    rm "$file"
    refused 'there is no signature'
}

@test 'a signature of another image, of another kind or with conditions is refused' {
    policy "$(good)"
    SIGNED=$(digest_of library/alpine-like:1) sign good "$BB"
    refused 'the signature is for sha256:'
    sign good "$REGISTRY/library/other:1"
    refused "the signature is for the name '$REGISTRY/library/other:1'"
    sign good "$REGISTRY/library/busybox"
    refused 'for the name'
    TYPE='cosign container image signature' sign good "$BB"
    refused 'no image of a container'
    CRITICAL=',"until":"tomorrow"' sign good "$BB"
    refused 'conditions that are not known'
    sign good "$BB"
    let_in
}

@test 'keys and signatures that have expired, and keys that were revoked, do not count' {
    sign gone "$BB"
    policy "$(signed "\"keyPath\":\"$K/gone.gpg\"")"
    let_in
    policy "$(signed "\"keyPath\":\"$K/revoked.gpg\"")"
    refused 'its key was revoked'
    GNUPGHOME=$K/later sign past "$BB" 1 --faked-system-time 20200601T000000
    policy "$(signed "\"keyPath\":\"$K/past.gpg\"")"
    refused 'its key has expired'
    sign other "$BB" 1 --default-sig-expire seconds=1
    policy "$(signed "\"keyPath\":\"$K/other.gpg\"")"
    wait_for expired
}
expired() {
    try pull "$BB"
    [[ $status -ne 0 && $stderr == *'the signature has expired'* ]]
}

@test 'one of several signatures is enough, and there is an end to them' {
    local i
    policy "$(good)"
    for i in 1 2 3; do sign other "$BB" "$i"; done
    sign good "$BB" 4
    let_in
    # they end where a number is missing
    rm "$BESIDE/library/busybox@${DIGEST/:/=}/signature-2"
    refused 'of none of the keys'
    sign good "$BB" 129
    for ((i = 2; i <= 128; i++)); do
        cp "$BESIDE/library/busybox@${DIGEST/:/=}/signature-1" "$BESIDE/library/busybox@${DIGEST/:/=}/signature-$i"
    done
    refused 'of none of the keys'
    mv "$BESIDE/library/busybox@${DIGEST/:/=}/signature-129" "$BESIDE/library/busybox@${DIGEST/:/=}/signature-128"
    let_in
}

@test 'a signature without end, or of a text without end, is refused' {
    policy "$(good)"
    PAD=1048576 sign good "$BB"
    refused 'more than 1048576 bytes are signed'
    head -c 4194305 /dev/zero > "$(find "$BESIDE" -name signature-1)"
    refused 'signature-1'
    head -c 1048577 /dev/zero > "$BATS_TEST_TMPDIR/large.gpg"
    policy "$(signed "\"keyPath\":\"$BATS_TEST_TMPDIR/large.gpg\"")"
    refused large.gpg
}

@test 'keys that are none, or not there, let nothing in' {
    sign good "$BB"
    policy "$(signed '"keyPath":"/nosuch/key"')"
    refused /nosuch/key
    policy "$(signed '"keyData":"bm8ga2V5Cg=="')"
    refused 'no public key of GPG'
    policy "$(signed '"keyData":"%%%"')"
    refused 'no base64'
    sed '5,$d' "$K/good.asc" > "$BATS_TEST_TMPDIR/cut.asc"
    policy "$(signed "\"keyPath\":\"$BATS_TEST_TMPDIR/cut.asc\"")"
    refused damaged
    policy '{"type":"signedBy","keyType":"X509Certificates","keyPath":"/k"}'
    fails 125 pull "$BB"
    err_has X509Certificates
}

@test 'without gpgv nothing is let in, and what is missing is named' {
    sign good "$BB"
    policy "$(good)"
    mkdir "$BATS_TEST_TMPDIR/bin"
    ln -s /bin/true "$BATS_TEST_TMPDIR/bin/gpgv"
    # one that only says yes
    fails 125 env PATH="$BATS_TEST_TMPDIR/bin:$PATH" "$CUBBY" --root "$STORE" pull -q --tls-verify=false "$BB"
    err_has 'one message with one signature'
}

@test 'which name has to be signed: repository, exact, remapped' {
    sign good "$REGISTRY/library/busybox"
    policy "$(good '{"type":"matchExact"}')"
    refused 'for the name'
    policy "$(good '{"type":"matchRepository"}')"
    let_in
    sign good upstream.io/app:7
    policy "$(good '{"type":"exactReference","dockerReference":"upstream.io/app:7"}')"
    let_in
    policy "$(good '{"type":"exactRepository","dockerRepository":"upstream.io/app"}')"
    let_in
    policy "$(good '{"type":"exactRepository","dockerRepository":"upstream.io/other"}')"
    refused 'for the name'
    sign good upstream.io/library/busybox:1.35
    policy "$(good "{\"type\":\"remapIdentity\",\"prefix\":\"$REGISTRY\",\"signedPrefix\":\"upstream.io\"}")"
    let_in
    # by its digest any tag of the repository will do, unless it has to be the same
    sign good "$BB"
    policy "$(good '{"type":"matchRepoDigestOrExact"}')"
    ok pull "$REGISTRY/library/busybox@$DIGEST"
    policy "$(good '{"type":"matchExact"}')"
    fails 125 pull "$REGISTRY/library/busybox@$DIGEST"
}

@test 'registries.d names the place, for a registry, a namespace, a repository or all' {
    local place=$BATS_TEST_TMPDIR/a\ place
    mkdir -p "$PLACES"
    PLACE=$place sign good "$BB"
    policy "$(good)"
    refused 'there is no signature'
    printf 'default-docker:\n  sigstore: file://%s\n' "${place// /%20}" > "$PLACES/default.yaml"
    let_in
    # the more specific one counts, and one that names no place leaves it to the next
    printf 'docker:\n  %s/library:\n    lookaside: file:///nosuch\n' "$REGISTRY" > "$PLACES/one.yaml"
    refused 'there is no signature'
    printf 'docker:\n  %s:\n    sigstore: file:///nosuch\n  %s:\n    lookaside: "file://%s"\n    lookaside-staging: file:///elsewhere\n' \
        "$REGISTRY" "$REGISTRY/library/busybox" "$place" > "$PLACES/one.yaml"
    let_in
    printf 'docker:\n  %s:\n    use-sigstore-attachments: true\n' "$REGISTRY" > "$PLACES/one.yaml"
    let_in
    # what is damaged, or said twice, is told
    echo 'default-docker: {lookaside: "file:///x"}' > "$PLACES/two.yaml"
    fails 125 pull "$BB"
    err_has two.yaml
    err_has default.yaml
    echo 'default-docker: {' > "$PLACES/two.yaml"
    fails 125 pull "$BB"
    err_has two.yaml
    echo 'docker: {x.io: {lookaside: "ftp://x"}}' > "$PLACES/two.yaml"
    fails 125 pull "$BB"
    err_has 'file://, http:// or https://'
    rm "$PLACES/two.yaml"
    echo 'no yaml: {' > "$PLACES/other.conf"
    let_in
}

@test 'signatures come from a web server, until one is not there' {
    local place=$BATS_TEST_TMPDIR/www
    mkdir -p "$PLACES" "$place"
    serve WEB python3 -u -c 'import functools, http.server, sys
h = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), h)
print("127.0.0.1:%d" % s.server_address[1], flush=True)
s.serve_forever()' "$place"
    printf 'docker:\n  %s:\n    lookaside: http://%s/\n' "$REGISTRY" "$WEB" > "$PLACES/r.yaml"
    policy "$(good)"
    refused 'there is no signature'
    PLACE=$place sign other "$BB"
    PLACE=$place sign good "$BB" 2
    let_in
    [ "$(grep -c 'signature-3' "$BATS_TEST_TMPDIR/WEB.err")" = 0 ]
    rm "$(find "$place" -name signature-2)"
    refused 'of none of the keys'
    head -c 4194305 /dev/zero > "$(find "$place" -name signature-1)"
    refused 'too large'
    unserve WEB
    fails 125 pull --retry 0 "$BB"
    err_has "$WEB"
}

@test 'the index of several platforms may be signed instead of each image' {
    local index
    index=$(digest_of test/multiarch:1)
    policy "$(good)"
    fails 125 pull "$REGISTRY/test/multiarch:1"
    "$CUBBY_SRC/tests/lib/gpg-sign" good@example.com "$index" "$REGISTRY/test/multiarch:1" \
        "$BESIDE/test/multiarch@${index/:/=}/signature-1"
    ok pull "$REGISTRY/test/multiarch:1"
}

@test 'a folder of skopeo has signatures, other files have none' {
    local dir=$BATS_TEST_TMPDIR/d oci=$BATS_TEST_TMPDIR/o sum
    ok pull "$BB"
    cubby save -q --format docker-dir -o "$dir" "$BB"
    cubby save -q --format oci-dir -o "$oci" "$BB"
    sum=sha256:$(sha256sum < "$dir/manifest.json" | cut -d' ' -f1)
    printf '{"default":[{"type":"reject"}],"transports":{"dir":{"":[%s]},"oci":{"":[%s]}}}' \
        "$(good '{"type":"exactRepository","dockerRepository":"upstream.io/app"}')" "$(good)" > "$POLICY"
    fails 125 cubby pull -q "dir:$dir"
    err_has 'there is no signature'
    "$CUBBY_SRC/tests/lib/gpg-sign" good@example.com "$sum" upstream.io/app:1 "$dir/signature-1"
    ok cubby pull -q "dir:$dir"
    ok cubby load -q -i "$dir"
    "$CUBBY_SRC/tests/lib/gpg-sign" good@example.com "$sum" upstream.io/other:1 "$dir/signature-1"
    fails 125 cubby pull -q "dir:$dir"
    err_has 'for the name'
    # it has no name that could be the same
    printf '{"default":[{"type":"reject"}],"transports":{"dir":{"":[%s]}}}' "$(good)" > "$POLICY"
    fails 125 cubby pull -q "dir:$dir"
    printf '{"default":[{"type":"reject"}],"transports":{"oci":{"":[%s]}}}' "$(good)" > "$POLICY"
    fails 125 cubby pull -q "oci:$oci"
    err_has 'such files have none'
}

@test 'of a list in a folder the list or the image that is taken is signed' {
    local dir=$BATS_TEST_TMPDIR/d one list
    ok pull "$BB"
    cubby manifest create m > /dev/null
    cubby manifest add m "containers-storage:$BB" > /dev/null
    cubby manifest push -q m "dir:$dir"
    list=sha256:$(sha256sum < "$dir/manifest.json" | cut -d' ' -f1)
    one=sha256:$(basename "$dir"/*.manifest.json .manifest.json)
    printf '{"default":[{"type":"reject"}],"transports":{"dir":{"":[%s]}}}' \
        "$(good '{"type":"exactRepository","dockerRepository":"upstream.io/app"}')" > "$POLICY"
    fails 125 cubby pull -q "dir:$dir"
    "$CUBBY_SRC/tests/lib/gpg-sign" good@example.com "$one" upstream.io/app:1 "$dir/${one#*:}.signature-1"
    ok cubby pull -q "dir:$dir"
    rm "$dir/${one#*:}.signature-1"
    "$CUBBY_SRC/tests/lib/gpg-sign" good@example.com "$list" upstream.io/app:1 "$dir/signature-1"
    ok cubby pull -q "dir:$dir"
}

@test 'an image that came in before the policy is looked at again' {
    ok pull "$BB"
    policy "$(good)"
    fails 125 pull "$BB"
    err_has 'there is no signature'
    ok pull --policy missing "$BB"
    sign good "$BB"
    ok pull "$BB"
}
