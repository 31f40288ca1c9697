#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Signatures that skopeo and podman make let images in. Not part of "make check", which needs neither:
# make check SUITES=interop

load ../lib/common

setup_file() {
    file_setup
    registry_start --writable
    export GNUPGHOME=$BATS_FILE_TMPDIR/g
    mkdir -m 0700 "$GNUPGHOME"
    gpg --batch --quiet --pinentry-mode loopback --passphrase '' \
        --quick-gen-key 'Signer <signer@example.com>' ed25519 sign never
    gpg --armor --export signer@example.com > "$BATS_FILE_TMPDIR/key.asc"
}

teardown_file() {
    gpgconf --homedir "$BATS_FILE_TMPDIR/g" --kill all
    file_teardown
}

setup() {
    HOME=$BATS_TEST_TMPDIR/home
    POLICY=$HOME/.config/containers/policy.json
    PLACES=$HOME/.config/containers/registries.d
    mkdir -p "$PLACES"
    printf 'default-docker:\n  lookaside: file://%s\n  sigstore: file://%s\n' "$BATS_TEST_TMPDIR/beside" "$BATS_TEST_TMPDIR/beside" \
        > "$PLACES/default.yaml"
}

peer() { command -v "$1" > /dev/null || skip "$1 is not here"; }

# wanted TRANSPORT [IDENTITY]: everything of it has to be signed
wanted() {
    printf '{"default":[{"type":"reject"}],"transports":{"%s":{"":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"%s"%s}]}}}' \
        "$1" "$BATS_FILE_TMPDIR/key.asc" "${2:+,\"signedIdentity\":$2}" > "$POLICY"
}

open_policy() { echo '{"default":[{"type":"insecureAcceptAnything"}]}' > "$BATS_TEST_TMPDIR/open.json"; }

@test 'skopeo copy --sign-by into a registry' {
    peer skopeo
    open_policy
    local from=docker://$REGISTRY/library/busybox:1.35
    wanted docker
    fails 125 cubby pull -q --tls-verify=false "$REGISTRY/library/busybox:1.35"
    err_has 'there is no signature'
    ok skopeo --policy "$BATS_TEST_TMPDIR/open.json" --registries.d "$PLACES" copy --src-tls-verify=false \
        --dest-tls-verify=false --sign-by signer@example.com "$from" "docker://$REGISTRY/s/skopeo:1"
    ok cubby pull -q --tls-verify=false "$REGISTRY/s/skopeo:1"
}

@test 'what skopeo accepts and refuses we accept and refuse' {
    peer skopeo
    open_policy
    local dir=$BATS_TEST_TMPDIR/d
    ok skopeo --policy "$BATS_TEST_TMPDIR/open.json" --registries.d "$PLACES" copy --src-tls-verify=false \
        --dest-tls-verify=false --sign-by signer@example.com "docker://$REGISTRY/library/busybox:1.35" \
        "docker://$REGISTRY/s/both:1"
    ok skopeo --policy "$BATS_TEST_TMPDIR/open.json" --registries.d "$PLACES" copy --src-tls-verify=false \
        "docker://$REGISTRY/s/both:1" "dir:$dir"
    [ -e "$dir/signature-1" ]
    local identity expect
    for identity in '{"type":"exactRepository","dockerRepository":"'"$REGISTRY/s/both"'"}' \
        '{"type":"exactReference","dockerReference":"'"$REGISTRY/s/both:1"'"}' \
        '{"type":"exactReference","dockerReference":"'"$REGISTRY/s/both:2"'"}' '{"type":"matchRepository"}'; do
        wanted dir "$identity"
        expect=0
        skopeo --policy "$POLICY" copy -q "dir:$dir" "dir:$BATS_TEST_TMPDIR/out" || expect=125
        rm -rf "$BATS_TEST_TMPDIR/out"
        try cubby pull -q "dir:$dir"
        [ "$status" = "$expect" ] || say_run "skopeo says $expect of $identity"
    done
}

@test 'podman push --sign-by' {
    peer podman
    POD=$(mktemp -d /tmp/cubby-p.XXXXXX)
    local pod=(timeout 120 podman --root "$POD/p" --runroot "$POD/r" --storage-driver vfs)
    open_policy
    cp "$BATS_TEST_TMPDIR/open.json" "$POLICY"
    ok "${pod[@]}" pull -q --tls-verify=false "$REGISTRY/library/busybox:1.35"
    ok "${pod[@]}" push -q --tls-verify=false --sign-by signer@example.com "$REGISTRY/library/busybox:1.35" \
        "$REGISTRY/s/podman:1"
    "${pod[@]}" unshare rm -rf "$POD/p" "$POD/r"
    "${pod[@]}" system migrate          # ends the process that podman leaves behind
    rm -rf "$POD"
    wanted docker
    ok cubby pull -q --tls-verify=false "$REGISTRY/s/podman:1"
    rm -rf "$BATS_TEST_TMPDIR/beside"
    fails 125 cubby pull -q --tls-verify=false "$REGISTRY/s/podman:1"
    err_has 'there is no signature'
}
