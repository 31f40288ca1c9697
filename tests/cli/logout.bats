#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# logout - forget the name and the password for a registry

load ../lib/common

setup() {
    AUTH=$BATS_TEST_TMPDIR/auth.json
    HOME=$BATS_TEST_TMPDIR/home
    mkdir -p "$HOME"
    CUBBY_ENV=(REGISTRY_AUTH_FILE="$AUTH")
    cat > "$AUTH" << END
{"auths": {"quay.io": {"auth": "YTox"}, "quay.io/group": {"auth": "Yjoy"},
 "https://index.docker.io/v1/": {"auth": "Yzoz"}}, "proxies": {}}
END
}

teardown() { CUBBY_ENV=(); }

@test 'logout forgets one registry, in any spelling, and nothing else' {
    ok cubby logout quay.io
    out_is 'Removed login credentials for quay.io'
    run ! grep -q '"quay.io":' "$AUTH"
    grep -q '"quay.io/group":' "$AUTH"
    grep -q proxies "$AUTH"
    ok cubby logout docker.io
    out_is 'Removed login credentials for docker.io'
    run ! grep -q index.docker.io "$AUTH"
    [ "$(stat -c %a "$AUTH")" = 600 ]
}

@test 'logout of a registry that is not kept is an error' {
    fails 125 cubby logout example.io
    err_is 'Error: not logged into example.io'
    rm "$AUTH"
    fails 125 cubby logout quay.io
    [ ! -e "$AUTH" ]
}

@test 'logout --all forgets all registries, and takes none' {
    fails 125 cubby logout --all quay.io
    ok cubby logout --all
    out_is 'Removed login credentials for all registries'
    run ! grep -q '"auth"' "$AUTH"
    grep -q proxies "$AUTH"
    ok cubby logout -a
}

@test 'what docker keeps is told and left alone' {
    mkdir -p "$HOME/.docker"
    cp "$AUTH" "$HOME/.docker/config.json"
    CUBBY_ENV=()
    ok cubby logout quay.io
    out_has 'Please use docker logout instead'
    grep -q '"quay.io":' "$HOME/.docker/config.json"
}

@test '--authfile and --compat-auth-file name the file' {
    cp "$AUTH" "$BATS_TEST_TMPDIR/config.json"
    CUBBY_ENV=()
    ok cubby logout --compat-auth-file "$BATS_TEST_TMPDIR/config.json" docker.io
    run ! grep -q index.docker.io "$BATS_TEST_TMPDIR/config.json"
    ok cubby logout --authfile "$AUTH" quay.io/group
    out_is 'Removed login credentials for quay.io/group'
    run ! grep -q group "$AUTH"
    fails 125 cubby logout --authfile a --compat-auth-file b quay.io
}

@test 'a damaged file is named and stays' {
    echo nonsense > "$AUTH"
    fails 125 cubby logout quay.io
    err_has "$AUTH"
    [ "$(cat "$AUTH")" = nonsense ]
}
