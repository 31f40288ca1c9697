#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# login - give a name and a password for a registry, and keep them

load ../lib/common

setup_file() {
    file_setup
    registry_start
}

setup() {
    AUTH=$BATS_TEST_TMPDIR/auth.json
    HOME=$BATS_TEST_TMPDIR/home
    mkdir -p "$HOME"
    CUBBY_ENV=(REGISTRY_AUTH_FILE="$AUTH")
}

teardown() {
    CUBBY_ENV=()
    test_teardown
}

# asking OPTIONS...: start a registry that asks who is there; sets ASKING (HOST:PORT) and its log
asking() {
    ASKING_LOG=$BATS_TEST_TMPDIR/asking.log
    : > "$ASKING_LOG"
    serve ASKING "$CUBBY_SRC/tests/lib/asking-registry" "$ASKING_LOG" --upstream "$REGISTRY" "$@"
}

login() { cubby login --tls-verify=false "$@"; }

# kept FILE KEY: the name and the password that a file has
kept() {
    python3 -c 'import base64, json, sys
print(base64.b64decode(json.load(open(sys.argv[1]))["auths"][sys.argv[2]]["auth"]).decode())' "$@"
}

# helpers: a folder for the test's credential helper, and it in PATH
helpers() {
    CREDENTIALS=$BATS_TEST_TMPDIR/safe
    mkdir -p "$CREDENTIALS" "$BATS_TEST_TMPDIR/bin"
    cp "$CUBBY_SRC/tests/lib/docker-credential-test" "$BATS_TEST_TMPDIR/bin/"
    PATH=$BATS_TEST_TMPDIR/bin:$PATH
    CUBBY_ENV+=(CREDENTIALS_DIR="$CREDENTIALS")
}

# in_safe KEY NAME SECRET: put something into the helper's folder
in_safe() { printf '%s\n%s\n%s\n' "$2" "$3" "$1" > "$CREDENTIALS/$(tr -c 'a-zA-Z0-9.\n' '_' <<< "$1")"; }

@test 'login tries the name and the password, and keeps them for pull' {
    asking --user me:secret
    ok login -u me --password-stdin "$ASKING" <<< secret
    out_is 'Login Succeeded!'
    err_is ''
    [ "$(kept "$AUTH" "$ASKING")" = me:secret ]
    [ "$(stat -c %a "$AUTH")" = 600 ]
    ok cubby pull -q --tls-verify=false "$ASKING/library/busybox:1.35"
}

@test 'login refuses a wrong password in podman'\''s words, and keeps nothing' {
    asking --user me:secret
    fails 125 login -u me --password-stdin "$ASKING" <<< wrong
    err_has 'invalid username/password'
    [ ! -e "$AUTH" ]
    asking --user me:secret --bearer
    fails 125 login -u me --password-stdin "$ASKING" <<< wrong
    err_has 'invalid username/password'
    [ ! -e "$AUTH" ]
    fails 125 login -u me --password-stdin "127.0.0.1:$(free_port)" <<< secret
    err_has 'cannot log in to'
    err_has 'failed to connect'
}

@test 'a token server is asked with name and password, without a scope' {
    asking --user me:secret --bearer
    ok login -u me --password-stdin "$ASKING" <<< secret
    grep -q '^GET /token?service=asking&account=me basic me 200 - -$' "$ASKING_LOG"
    grep -q '^GET /v2/ bearer token-1 200$' "$ASKING_LOG"
    ok cubby pull -q --tls-verify=false "$ASKING/library/busybox:1.35"
    grep -q 'repository:library/busybox:pull$' "$ASKING_LOG"
}

@test 'a registry that asks for nothing takes everybody' {
    ok login -u anybody --password-stdin "$REGISTRY" <<< anything
    out_is 'Login Succeeded!'
    [ "$(kept "$AUTH" "$REGISTRY")" = anybody:anything ]
}

@test 'of a password on standard input one line end is cut off, and an empty one refused' {
    asking --user 'me:se cret '
    ok login -u me --password-stdin "$ASKING" <<< 'se cret '
    printf 'se cret \r\n' > "$BATS_TEST_TMPDIR/in"
    ok login -u me --password-stdin "$ASKING" < "$BATS_TEST_TMPDIR/in"
    fails 125 login -u me --password-stdin "$ASKING" < /dev/null
    err_has 'holds no password'
    fails 125 login --password-stdin "$ASKING" <<< x
    err_has 'must provide --username'
    fails 125 login -u me -p x --password-stdin "$ASKING" <<< x
    err_has 'only one of'
    fails 125 login -u a:b -p x "$ASKING"
    err_has "cannot hold ':'"
}

@test 'a password on the command line works, with a warning' {
    asking --user me:secret
    ok login -u me -p secret "$ASKING"
    out_is 'Login Succeeded!'
    err_has '--password-stdin'
}

@test 'a secret of the store can hold the password' {
    asking --user key:secret
    printf 'secret\n' | cubby secret create key - > /dev/null
    ok login --secret key "$ASKING"
    [ "$(kept "$AUTH" "$ASKING")" = key:secret ]
    fails 125 login --secret nosuch "$ASKING"
    err_has nosuch
}

@test 'on a terminal the name is asked for, and the password without showing it' {
    asking --user me:secret
    ok on_tty expect Username: send 'me\n' expect Password: send 'wront\x7f\x7f\x7f\x7f\x7fsecret\n' \
        stopped -- login --tls-verify=false "$ASKING"
    out_has 'Login Succeeded!'
    out_lacks secret
    [ "$(kept "$AUTH" "$ASKING")" = me:secret ]
    rm "$AUTH"
    fails 130 on_tty expect Username: send 'me\n' expect Password: send 'half\x03' \
        stopped -- login --tls-verify=false "$ASKING"
    [ ! -e "$AUTH" ]
}

@test 'a signal ends the question with the terminal as it was' {
    CUBBY_ENV+=(REGISTRY="$REGISTRY" CUBBY="$CUBBY" STORE="$STORE")
    # shellcheck disable=SC2016  # the shell on the terminal expands them
    ok tty expect Password: send 'x' expect ended stopped -- env -i PATH="$PATH" HOME="$HOME" \
        CUBBY="$CUBBY" REGISTRY="$REGISTRY" AUTH="$AUTH" bash -c '
        before=$(stty -g)
        "$CUBBY" login --authfile "$AUTH" --tls-verify=false -u me "$REGISTRY" < /dev/tty &
        pid=$!
        until [ "$(stty -g)" != "$before" ]; do read -r -t 0.05 -N 0 < /dev/null || true; done
        kill -TERM $pid
        wait $pid
        [ "$(stty -g)" = "$before" ] && echo "ended as it was"'
    out_has 'ended as it was'
    [ ! -e "$AUTH" ]
}

@test 'where the file cannot be written the old one stays, and is named' {
    mkdir "$BATS_TEST_TMPDIR/closed"
    echo '{"auths":{}}' > "$BATS_TEST_TMPDIR/closed/auth.json"
    chmod 500 "$BATS_TEST_TMPDIR/closed"
    CUBBY_ENV=(REGISTRY_AUTH_FILE="$BATS_TEST_TMPDIR/closed/auth.json")
    fails 125 login -u me --password-stdin "$REGISTRY" <<< secret
    err_has "cannot write '$BATS_TEST_TMPDIR/closed/auth.json'"
    [ "$(cat "$BATS_TEST_TMPDIR/closed/auth.json")" = '{"auths":{}}' ]
    chmod 700 "$BATS_TEST_TMPDIR/closed"
}

@test 'the password that --creds leaves out is asked for' {
    asking --user me:secret
    ok on_tty expect Password: send 'secret\n' stopped -- pull -q --tls-verify=false --creds me \
        "$ASKING/library/busybox:1.35"
    out_lacks secret
    fails 125 cubby pull -q --tls-verify=false --creds me "$ASKING/library/alpine-like:1" < /dev/null
    err_has 'no terminal'
}

@test 'run and create ask for the password that --creds leaves out, too' {
    asking --user me:secret
    ok on_tty expect Password: send 'secret\n' stopped -- create --tls-verify=false --creds me \
        "$ASKING/library/busybox:1.35" true
    out_lacks secret
    cubby rm -a -f > /dev/null
    cubby rmi -f "$ASKING/library/busybox:1.35" > /dev/null
    ok on_tty expect Password: send 'secret\n' stopped -- run --rm --network none --tls-verify=false --creds me \
        "$ASKING/library/busybox:1.35" echo it runs
    out_has 'it runs'
    out_lacks secret
    fails 125 cubby run --rm --tls-verify=false --creds me "$ASKING/library/busybox:1.35" true < /dev/null
    err_has 'no terminal'
    fails 125 cubby create --tls-verify=false --creds me "$ASKING/library/busybox:1.35" true < /dev/null
    err_has 'no terminal'
}

@test 'what a killed login left beside the file goes with the next' {
    local left=${AUTH%/*}/.tmp-0123456789abcdef
    mkdir -p "${AUTH%/*}"
    (umask 077; echo half > "$left"; echo mine > "${left%f}g"; echo mine > "${AUTH%/*}/.tmp-mine")
    echo policy > "${left%f}e"
    chmod 0644 "${left%f}e"
    ok login -u me --password-stdin "$REGISTRY" <<< secret
    [ ! -e "$left" ]
    # what is another's stays
    [ -e "${left%f}g" ]
    [ -e "${left%f}e" ]
    [ -e "${AUTH%/*}/.tmp-mine" ]
}

@test 'without a terminal and a password it is an error that names the flags' {
    fails 125 login "$REGISTRY" < /dev/null
    err_has 'no terminal'
    err_has --password-stdin
}

@test 'what is kept is tried first, and asked for again when it is wrong' {
    asking --user me:secret
    ok login -u me --password-stdin "$ASKING" <<< secret
    ok login "$ASKING" < /dev/null
    out_has "Authenticating with existing credentials for $ASKING"
    out_has "Existing credentials are valid. Already logged in to $ASKING"
    ok login --authfile "$AUTH" -u me --password-stdin "$REGISTRY" <<< x
    asking --user me:other
    printf '{"auths":{"%s":{"auth":"%s"}}}' "$ASKING" "$(printf me:secret | base64)" > "$AUTH"
    ok on_tty expect 'Username (me):' send '\n' expect Password: send 'other\n' stopped -- \
        login --tls-verify=false "$ASKING"
    out_has 'Existing credentials are invalid'
    [ "$(kept "$AUTH" "$ASKING")" = me:other ]
}

@test '--get-login prints the name that is kept, and asks nobody' {
    fails 125 cubby login --get-login quay.io
    err_is 'Error: not logged into quay.io'
    printf '{"auths":{"quay.io":{"auth":"%s"},"https://index.docker.io/v1/":{"auth":"%s"}}}' \
        "$(printf q:1 | base64)" "$(printf d:2 | base64)" > "$AUTH"
    ok cubby login --get-login quay.io
    out_is q
    ok cubby login --get-login quay.io/group
    out_is q
    ok cubby login --get-login docker.io
    out_is d
    CUBBY_ENV+=(CONTAINERS_REGISTRIES_CONF=/dev/null)
    ok cubby login --get-login
    out_is d
}

@test 'a repository of a registry has a name and a password of its own' {
    asking --user me:secret --bearer
    ok login -u me --password-stdin "$ASKING/library" <<< secret
    [ "$(kept "$AUTH" "$ASKING/library")" = me:secret ]
    ok cubby pull -q --tls-verify=false "$ASKING/library/busybox:1.35"
    fails 125 cubby pull -q --tls-verify=false "$ASKING/test/tar:1"
    err_has 'name and a password'
    err_has "cubby login $ASKING"
}

@test 'what is no registry is refused' {
    local name
    for name in 'Bad Name' quay quay.io/a:1 'https://' 'quay.io/../x'; do
        fails 125 login -u a -p b "$name"
        err_has 'is no registry'
    done
}

@test 'the file is replaced whole: other keys stay, a link stays a link, the folder is private' {
    local real=$BATS_TEST_TMPDIR/real/a.json
    mkdir -p "${real%/*}"
    printf '{"auths":{"quay.io":{"auth":"cToxMg=="}},"proxies":{"default":{"noProxy":"x"}},"HttpHeaders":{}}' > "$real"
    ln -s real/a.json "$AUTH"
    ok login -u me --password-stdin "$REGISTRY" <<< secret
    [ -L "$AUTH" ]
    [ "$(kept "$real" "$REGISTRY")" = me:secret ]
    [ "$(kept "$real" quay.io)" = q:12 ]
    grep -q noProxy "$real"
    grep -q HttpHeaders "$real"
    [ "$(stat -c %a "$real")" = 600 ]
    # nothing temporary is left
    [ "$(ls -A "${real%/*}")" = a.json ]
    CUBBY_ENV=(XDG_RUNTIME_DIR="$BATS_TEST_TMPDIR/run")
    mkdir "$BATS_TEST_TMPDIR/run"
    ok login -v -u me --password-stdin "$REGISTRY" <<< secret
    out_has "Used:  $BATS_TEST_TMPDIR/run/containers/auth.json"
    [ "$(stat -c %a "$BATS_TEST_TMPDIR/run/containers")" = 700 ]
}

@test 'twenty logins at once are all kept' {
    local i pids=()
    for i in {1..20}; do
        login -u "u$i" --password-stdin "$REGISTRY/repo$i" <<< x > /dev/null 2>&1 3>&- &
        pids+=($!)
    done
    for i in "${pids[@]}"; do wait "$i"; done
    [ "$(grep -c '"auth"' "$AUTH")" -eq 20 ]
}

@test 'where it is kept: podman'\''s place, the one that lasts, docker'\''s, and what flags say' {
    local config=$HOME/.config/containers run=$BATS_TEST_TMPDIR/run
    CUBBY_ENV=()
    ok login -u a --password-stdin "$REGISTRY" <<< 1
    [ "$(kept "$config/auth.json" "$REGISTRY")" = a:1 ]
    [ "$(stat -c %a "$config")" = 700 ]
    mkdir -p "$run/containers"
    CUBBY_ENV=(XDG_RUNTIME_DIR="$run")
    ok login -u b --password-stdin "$REGISTRY" <<< 2
    [ "$(kept "$config/auth.json" "$REGISTRY")" = b:2 ]
    echo '{}' > "$run/containers/auth.json"
    ok login -u c --password-stdin "$REGISTRY" <<< 3
    [ "$(kept "$run/containers/auth.json" "$REGISTRY")" = c:3 ]
    ok login --authfile "$BATS_TEST_TMPDIR/own.json" -u d --password-stdin "$REGISTRY" <<< 4
    [ "$(kept "$BATS_TEST_TMPDIR/own.json" "$REGISTRY")" = d:4 ]
    ok login --compat-auth-file "$BATS_TEST_TMPDIR/compat.json" -u e --password-stdin "$REGISTRY" <<< 5
    [ "$(kept "$BATS_TEST_TMPDIR/compat.json" "$REGISTRY")" = e:5 ]
    fails 125 login --compat-auth-file x --authfile y -u e -p 5 "$REGISTRY"
}

@test 'as docker: docker'\''s file, its words, its exit status' {
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker
    CUBBY_ENV=(DOCKER_CONFIG="$BATS_TEST_TMPDIR/d")
    asking --user me:secret
    ok cubby login -u me --password-stdin "$ASKING" <<< secret
    out_is 'Login Succeeded'
    err_has unencrypted
    [ "$(kept "$BATS_TEST_TMPDIR/d/config.json" "$ASKING")" = me:secret ]
    fails 1 cubby login -u me --password-stdin "$ASKING" <<< wrong
    ok cubby logout "$ASKING"
    out_is "Removing login credentials for $ASKING"
    ok cubby logout "$ASKING"
    out_is "Not logged in to $ASKING"
}

@test 'a damaged file is named and not written over' {
    echo '{"auths": 7' > "$AUTH"
    fails 125 login -u a --password-stdin "$REGISTRY" <<< b
    err_has "$AUTH"
    [ "$(cat "$AUTH")" = '{"auths": 7' ]
}

@test 'TLS: a CA of certs.d or --cert-dir, and a certificate of one'\''s own' {
    local tls=$BATS_TEST_TMPDIR/tls certs=$BATS_TEST_TMPDIR/certs name
    mkdir "$tls" "$certs"
    (
        cd "$tls"
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
            -subj "/CN=cubby test CA" -keyout ca.key -out ca.crt
        for name in server client; do
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$name" \
                -keyout "$name.key" -out "$name.csr"
            openssl x509 -req -in "$name.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 \
                -out "$name.crt" -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1")
        done
    ) 2> "$BATS_TEST_TMPDIR/openssl.err"
    asking --user me:secret --tls "$tls"
    fails 125 cubby login -u me --password-stdin "$ASKING" <<< secret
    err_has certificate
    cp "$tls/ca.crt" "$certs/"
    fails 125 cubby login --cert-dir "$certs" -u me --password-stdin "$ASKING" <<< secret
    err_has 'the registry wants a certificate of the client'
    err_has client.cert
    cp "$tls/client.crt" "$certs/client.cert"
    cp "$tls/client.key" "$certs/"
    ok cubby login --cert-dir "$certs" -u me --password-stdin "$ASKING" <<< secret
    out_is 'Login Succeeded!'
    mkdir -p "$HOME/.config/containers/certs.d/$ASKING"
    cp "$certs"/* "$HOME/.config/containers/certs.d/$ASKING/"
    ok cubby login "$ASKING" < /dev/null
    out_has 'credentials are valid'
    ok cubby pull -q "$ASKING/library/busybox:1.35"
}

@test 'a registry that registries.conf makes insecure, or blocks' {
    asking --user me:secret
    printf '[[registry]]\nlocation = "%s"\ninsecure = true\n[[registry]]\nlocation = "blocked.invalid"\nblocked = true\n' \
        "$ASKING" > "$BATS_TEST_TMPDIR/conf"
    CUBBY_ENV+=(CONTAINERS_REGISTRIES_CONF="$BATS_TEST_TMPDIR/conf")
    ok cubby login -u me --password-stdin "$ASKING" <<< secret
    fails 125 cubby login --tls-verify=true -u me --password-stdin "$ASKING" <<< secret
    err_has 'no TLS is spoken there'
    fails 125 cubby login -u me --password-stdin blocked.invalid <<< secret
    err_has "blocks 'blocked.invalid'"
}

@test 'a file without end holds no names' {
    head -c 1100000 /dev/zero | tr '\0' ' ' > "$AUTH"
    fails 125 login -u a --password-stdin "$REGISTRY" <<< b
    err_has "$AUTH"
    [ "$(stat -c %s "$AUTH")" -eq 1100000 ]
}

# ---- credential helpers -----------------------------------------------------------------------

@test 'credHelpers: login stores with the helper, pull gets from it, logout erases' {
    helpers
    asking --user me:secret
    printf '{"credHelpers":{"%s":"test"}}' "$ASKING" > "$AUTH"
    ok login -v -u me --password-stdin "$ASKING" <<< secret
    out_has 'docker-credential-test'
    run ! grep -q secret "$AUTH"
    run ! grep -q "$(printf me:secret | base64)" "$AUTH"
    ok cubby login --get-login "$ASKING"
    out_is me
    ok cubby pull -q --tls-verify=false "$ASKING/library/busybox:1.35"
    grep -q '^get$' "$CREDENTIALS/calls"
    ok cubby logout "$ASKING"
    out_is "Removed login credentials for $ASKING"
    fails 125 cubby pull -q --tls-verify=false "$ASKING/library/busybox:1.35"
    err_has 'name and a password'
}

@test 'credsStore of docker'\''s config.json keeps all registries' {
    helpers
    asking --user me:secret --bearer
    mkdir -p "$HOME/.docker"
    echo '{"credsStore":"test","auths":{"other.io":{}}}' > "$HOME/.docker/config.json"
    CUBBY_ENV=(CREDENTIALS_DIR="$CREDENTIALS")
    in_safe "$ASKING" me secret
    ok cubby pull -q --tls-verify=false "$ASKING/library/busybox:1.35"
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker
    ok cubby login -u me --password-stdin "$ASKING" <<< secret
    err_is ''
    in_safe https://index.docker.io/v1/ hub x
    ok cubby login --get-login
    out_is hub
    ok cubby logout --all
    [ "$(ls "$CREDENTIALS")" = calls ]
}

@test 'credential-helpers of registries.conf stand before or behind the files' {
    helpers
    asking --user me:secret
    CUBBY_ENV=(CREDENTIALS_DIR="$CREDENTIALS" CONTAINERS_REGISTRIES_CONF="$BATS_TEST_TMPDIR/conf")
    echo 'credential-helpers = ["test", "containers-auth.json"]' > "$BATS_TEST_TMPDIR/conf"
    ok login -v -u me --password-stdin "$ASKING" <<< secret
    out_has 'docker-credential-test'
    ok cubby pull -q --tls-verify=false "$ASKING/library/busybox:1.35"
    ok cubby logout "$ASKING"
    # what the first one has not, the file may have
    mkdir -p "$HOME/.config/containers"
    printf '{"auths":{"%s":{"auth":"%s"}}}' "$ASKING" "$(printf me:secret | base64)" \
        > "$HOME/.config/containers/auth.json"
    ok cubby pull -q --tls-verify=false "$ASKING/library/alpine-like:1"
}

@test 'a helper that fails, is not there or talks nonsense is told, without its escapes' {
    helpers
    asking --user me:secret
    printf '{"credHelpers":{"%s":"test"}}' "$ASKING" > "$AUTH"
    touch "$CREDENTIALS/broken"
    fails 125 cubby pull -q --tls-verify=false "$ASKING/library/busybox:1.35"
    err_has 'the safe \x1b[31mis jammed'
    err_lacks $'\033'
    printf '{"credHelpers":{"%s":"nosuch"}}' "$ASKING" > "$AUTH"
    fails 125 cubby pull -q --tls-verify=false "$ASKING/library/busybox:1.35"
    err_has docker-credential-nosuch
    printf '#!/bin/sh\necho nonsense\n' > "$BATS_TEST_TMPDIR/bin/docker-credential-nosuch"
    chmod +x "$BATS_TEST_TMPDIR/bin/docker-credential-nosuch"
    fails 125 cubby login --get-login "$ASKING"
    err_has 'gives no JSON'
    printf '#!/bin/sh\nwhile :; do echo nonsense; done\n' > "$BATS_TEST_TMPDIR/bin/docker-credential-nosuch"
    fails 125 cubby login --get-login "$ASKING"
    err_has 'docker-credential-nosuch'
    printf '{"credHelpers":{"%s":"../x"}}' "$ASKING" > "$AUTH"
    fails 125 cubby login --get-login "$ASKING"
    err_has 'no name of a credential helper'
}

@test 'a helper does not outlive a login that is killed, and nothing is left of it' {
    helpers
    printf '{"credHelpers":{"%s":"slow"}}' "$REGISTRY" > "$AUTH"
    printf '#!/bin/sh\necho $$ > "$CREDENTIALS_DIR/pid"\nexec sleep 1000\n' > "$BATS_TEST_TMPDIR/bin/docker-credential-slow"
    chmod +x "$BATS_TEST_TMPDIR/bin/docker-credential-slow"
    login -u me --password-stdin "$REGISTRY" <<< secret > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    local pid=$! helper
    wait_for 10 test -s "$CREDENTIALS/pid"
    helper=$(cat "$CREDENTIALS/pid")
    # below it are timeout, then cubby
    kill -KILL "$(pgrep -P "$(pgrep -P "$pid")")"
    wait "$pid" || true
    wait_for 10 test ! -e "/proc/$helper"
    [ "$(find "$BATS_TEST_TMPDIR" -maxdepth 1 -name '*auth*' | wc -l)" -eq 1 ]
    ok cat "$AUTH"
    out_lacks auths
}

@test 'an identity token, of a file or a helper, is exchanged by the refresh flow' {
    helpers
    asking --bearer --user me:secret --refresh long-lived
    printf '{"auths":{"%s":{"identitytoken":"long-lived"}}}' "$ASKING" > "$AUTH"
    ok cubby pull -q --tls-verify=false "$ASKING/library/busybox:1.35"
    grep -q '^POST /token - 200 refresh_token repository:library/busybox:pull$' "$ASKING_LOG"
    fails 125 cubby login "$ASKING" < /dev/null
    err_has 'identity token'
    printf '{"credHelpers":{"%s":"test"}}' "$ASKING" > "$AUTH"
    in_safe "$ASKING" '<token>' long-lived
    ok cubby pull -q --tls-verify=false "$ASKING/library/alpine-like:1"
    in_safe "$ASKING" '<token>' forged
    fails 125 cubby pull -q --tls-verify=false "$ASKING/test/tar:1"
    err_has 'refuses the name or the password'
}

@test 'a registry token goes to the registry itself' {
    asking --bearer --user me:secret --registry-token direct
    printf '{"auths":{"%s":{"registrytoken":"direct"}}}' "$ASKING" > "$AUTH"
    ok cubby pull -q --tls-verify=false "$ASKING/library/busybox:1.35"
    run ! grep -q /token "$ASKING_LOG"
    printf '{"auths":{"%s":{"registrytoken":"stale"}}}' "$ASKING" > "$AUTH"
    fails 125 cubby pull -q --tls-verify=false "$ASKING/library/busybox:1.35"
    err_has 401
}

@test 'a token that runs out in mid-pull is replaced' {
    asking --bearer --forget 3
    echo '{}' > "$AUTH"
    ok cubby pull -q --tls-verify=false "$ASKING/library/nginx:1.22"
    [ "$(grep -c '/token.* 200' "$ASKING_LOG")" -ge 2 ]
    grep -q ' bearer token-1 401$' "$ASKING_LOG"
}
