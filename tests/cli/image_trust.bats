#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# image trust - show and change whose images may come in

load ../lib/common

setup() {
    HOME=$BATS_TEST_TMPDIR/home
    POLICY=$HOME/.config/containers/policy.json
    mkdir -p "${POLICY%/*}"
}

@test 'show prints the scopes and what is asked of them' {
    cat > "$POLICY" << 'END'
{"default":[{"type":"reject"}],"transports":{"docker":{
 "quay.io/group":[{"type":"sigstoreSigned","keyPath":"/k.pub"}],
 "docker.io":[{"type":"insecureAcceptAnything"}]},"docker-daemon":{"":[{"type":"insecureAcceptAnything"}]}}}
END
    ok cubby image trust show
    [[ ${lines[0]} =~ ^TRANSPORT\ +NAME\ +TYPE\ +ID\ +STORE$ ]]
    out_matches 'all +default +reject'
    out_matches 'repository +quay.io/group +sigstoreSigned +N/A'
    out_matches 'repository +docker.io +accept'
    out_matches 'docker-daemon +accept'
    ok cubby image trust show --noheading
    out_lacks TRANSPORT
    ok cubby image trust show -n quay.io/group
    [ "${#lines[@]}" -eq 1 ]
    ok cubby image trust show --raw
    out_is "$(cat "$POLICY")"
    ok cubby image trust show --json
    [ "$(python3 -c 'import json, sys; d = json.load(sys.stdin); print(d[0]["transport"], d[0]["repo_name"], d[0]["type"], d[1]["keys"])' <<< "$output")" = \
        "all default reject ['/k.pub']" ]
}

@test 'a damaged policy is named, and not written over' {
    echo '{' > "$POLICY"
    fails 125 cubby image trust show
    err_has "$POLICY"
    fails 125 cubby image trust set -t accept default
    err_has "$POLICY"
    [ "$(cat "$POLICY")" = '{' ]
    ok cubby image trust show --raw
}

@test 'set changes one scope and leaves the rest' {
    ok cubby image trust set -t reject default
    ok cubby image trust set --type accept quay.io/group
    ok cubby image trust set -t sigstoreSigned -f /a.pub -f /b.pub r.io
    ok cubby image trust show -n
    out_matches 'all +default +reject'
    out_matches 'quay.io/group +accept'
    out_matches 'r.io +sigstoreSigned'
    grep -q '/b.pub' "$POLICY"
    ok cubby image trust set -t reject quay.io/group
    ok cubby image trust show -n quay.io/group
    out_matches 'quay.io/group +reject'
    fails 125 cubby pull quay.io/group/x
    err_has 'it rejects it'
}

@test 'set refuses types that are none, and keys that are missing or too many' {
    fails 125 cubby image trust set -t maybe default
    err_has maybe
    fails 125 cubby image trust set quay.io
    err_has 'at least one public key'
    fails 125 cubby image trust set -t accept -f /a.pub quay.io
    fails 125 cubby image trust set -t accept
    [ ! -e "$POLICY" ]
}

@test 'GPG: whose keys they are and where the signatures lie is shown' {
    command -v gpg > /dev/null || skip "needs gpg"
    local g=$BATS_TEST_TMPDIR/g key=$BATS_TEST_TMPDIR/k.asc places=$HOME/.config/containers/registries.d
    mkdir -m 0700 "$g"
    mkdir "$places"
    gpg --homedir "$g" --batch --quiet --pinentry-mode loopback --passphrase '' \
        --quick-gen-key 'Signer <signer@example.com>' ed25519 sign never
    gpg --homedir "$g" --armor --export > "$key"
    gpgconf --homedir "$g" --kill all
    ok cubby image trust set -f "$key" quay.io/group
    err_is ''
    printf 'default-docker:\n  lookaside: file:///all\ndocker:\n  quay.io:\n    sigstore: https://sigs.example.com\n' \
        > "$places/q.yaml"
    ok cubby image trust show -n
    out_matches 'all +default +accept +file:///all'
    out_matches 'repository +quay.io/group +signed +signer@example.com +https://sigs.example.com'
    ok cubby image trust show --json
    [ "$(python3 -c 'import json, sys; d = json.load(sys.stdin)[1]; print(d["type"], d["gpg_id"], d["sigstore"], d["keys"])' <<< "$output")" = \
        "signed signer@example.com https://sigs.example.com ['$key']" ]
    ok cubby image trust set -t signedBy -f /nosuch.gpg quay.io/other
    ok cubby image trust show -n quay.io/other
    out_matches 'signed +N/A'
    echo 'docker: [' > "$places/q.yaml"
    fails 125 cubby image trust show
    err_has q.yaml
}

@test '--signature-policy names the file' {
    ok cubby image trust set --signature-policy "$BATS_TEST_TMPDIR/p.json" -t reject default
    ok cubby image trust show --signature-policy "$BATS_TEST_TMPDIR/p.json"
    out_matches 'all +default +reject'
    [ ! -e "$POLICY" ]
    fails 125 cubby image trust show --signature-policy "$BATS_TEST_TMPDIR/nosuch.json"
    err_has nosuch.json
}
