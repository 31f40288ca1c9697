#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# pull: what registries.conf, auth files and the environment say of registries

load ../lib/common

setup_file() {
    file_setup
    registry_start
}

setup() {
    CONF=$BATS_TEST_TMPDIR/registries.conf
    HOME=$BATS_TEST_TMPDIR/home
    mkdir -p "$HOME"
    CUBBY_ENV=(CONTAINERS_REGISTRIES_CONF="$CONF")
    : > "$CONF"
}

teardown() {
    [ ! -d "$BATS_TEST_TMPDIR/o" ] ||
        CUBBY_REGISTRY_STATE=$BATS_TEST_TMPDIR/o "$CUBBY_SRC/tests/images/registry" stop
    rm -rf "$STORE" 2> /dev/null || cubby unshare rm -rf "$STORE" 2> /dev/null || true
    mkdir -p "$STORE"
    CUBBY_ENV=()
    test_teardown
}

# mirror NAME OPTIONS...: one more registry with the same images; its log is $NAME.log
mirror() {
    : > "$BATS_TEST_TMPDIR/$1.log"
    serve "$1" "$CUBBY_SRC/tests/lib/asking-registry" "$BATS_TEST_TMPDIR/$1.log" --upstream "$REGISTRY" "${@:2}"
}

asked() { grep -q "$2" "$BATS_TEST_TMPDIR/$1.log"; }

busybox_digest() {
    curl -sI -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
        "http://$REGISTRY/v2/library/busybox/manifests/1.35" | tr -d '\r' |
        sed -n 's/^[Dd]ocker-[Cc]ontent-[Dd]igest: //p'
}

@test 'search registries are tried in order, and none is guessed where the mode is enforcing' {
    mirror FIRST
    cat > "$CONF" << END
unqualified-search-registries = ["127.0.0.1:$(free_port)", "$FIRST/nosuch", "$FIRST/library"]
[[registry]]
location = "$FIRST"
insecure = true
END
    ok cubby pull -q busybox:1.35
    asked FIRST nosuch/busybox
    cubby rmi -f "$FIRST/library/busybox:1.35" > /dev/null
    sed -i '1i short-name-mode = "enforcing"' "$CONF"
    fails 125 cubby pull -q busybox:1.35
    err_has 'short-name-mode is enforcing'
    err_has "$FIRST/library/busybox:1.35"
    echo "aliases = { busybox = \"$FIRST/library/busybox\" }" | cat - "$CONF" > "$CONF.new"
    mv "$CONF.new" "$CONF"
    ok cubby pull -q busybox:1.35
    sed -i 's/enforcing/loud/' "$CONF"
    fails 125 cubby pull -q busybox:1.35
    err_has 'short-name-mode'
}

@test 'format version 1 is read, and not mixed with version 2' {
    cat > "$CONF" << END
[registries.search]
registries = ["$REGISTRY"]
[registries.insecure]
registries = ["$REGISTRY"]
[registries.block]
registries = ["blocked.invalid"]
END
    ok cubby pull -q library/busybox:1.35
    fails 125 cubby pull -q blocked.invalid/x
    err_has blocks
    printf '\n[[registry]]\nlocation = "a.io"\n' >> "$CONF"
    fails 125 cubby pull -q library/busybox:1.35
    err_has 'mixes the format versions'
}

@test 'mirrors: by digest only, by tag only, or both' {
    local digest
    digest=$(busybox_digest)
    mirror ONE
    mirror TWO
    cat > "$CONF" << END
[[registry]]
prefix = "r.invalid"
location = "$REGISTRY"
insecure = true
[[registry.mirror]]
location = "$ONE"
insecure = true
pull-from-mirror = "digest-only"
[[registry.mirror]]
location = "$TWO"
insecure = true
pull-from-mirror = "tag-only"
END
    ok cubby pull -q r.invalid/library/busybox:1.35
    asked TWO manifests/1.35
    run ! asked ONE manifests/1.35
    cubby rmi -f r.invalid/library/busybox:1.35 > /dev/null
    ok cubby pull -q "r.invalid/library/busybox@$digest"
    asked ONE "manifests/$digest"
    run ! asked TWO "manifests/$digest"
    # the older way to say so
    : > "$BATS_TEST_TMPDIR/ONE.log"
    printf '[[registry]]\nprefix = "s.invalid"\nlocation = "%s"\ninsecure = true\nmirror-by-digest-only = true\n[[registry.mirror]]\nlocation = "%s"\ninsecure = true\n' \
        "$REGISTRY" "$ONE" > "$CONF"
    ok cubby pull -q s.invalid/library/alpine-like:1
    run ! asked ONE manifests/1
    sed -i '$a pull-from-mirror = "all"' "$CONF"
    fails 125 cubby pull -q s.invalid/library/alpine-like:1
    err_has 'both mirror-by-digest-only and pull-from-mirror'
}

@test 'a mirror that asks for a password, has nothing, or is away is passed over' {
    mirror LOCKED --user me:secret
    cat > "$CONF" << END
[[registry]]
prefix = "r.invalid/library"
location = "$REGISTRY/library"
insecure = true
[[registry.mirror]]
location = "127.0.0.1:$(free_port)/x"
[[registry.mirror]]
location = "$LOCKED/library"
insecure = true
[[registry.mirror]]
location = "$REGISTRY/nothing"
insecure = true
END
    ok cubby pull -q r.invalid/library/busybox:1.35
    asked LOCKED 'manifests/1.35 - 401'
    ok cubby images -q r.invalid/library/busybox:1.35
    [ -n "$output" ]
}

@test '--creds is for the registry that is named, not for its mirrors' {
    mirror OWN --user me:secret
    mirror LOCKED --user me:secret
    cat > "$CONF" << END
[[registry]]
prefix = "r.invalid"
location = "$OWN"
insecure = true
[[registry.mirror]]
location = "$LOCKED"
insecure = true
END
    ok cubby pull -q --creds me:secret r.invalid/library/busybox:1.35
    asked LOCKED 'manifests/1.35 - 401'
    run ! asked LOCKED basic
    asked OWN 'manifests/1.35 basic me 200'
    # what a file has for the mirror is for it
    cubby rmi -f r.invalid/library/busybox:1.35 > /dev/null
    printf '{"auths":{"%s":{"auth":"%s"}}}' "$LOCKED" "$(printf me:secret | base64)" > "$BATS_TEST_TMPDIR/auth.json"
    ok cubby pull -q --authfile "$BATS_TEST_TMPDIR/auth.json" r.invalid/library/busybox:1.35
    asked LOCKED 'manifests/1.35 basic me 200'
}

@test 'a host that is insecure as a mirror is not so when it is named itself' {
    mirror ONE
    cat > "$CONF" << END
unqualified-search-registries = ["r.invalid/nothing", "$ONE/library"]
[[registry]]
prefix = "r.invalid"
location = "127.0.0.1:$(free_port)"
insecure = true
[[registry.mirror]]
location = "$ONE"
insecure = true
END
    fails 125 cubby pull -q --retry 0 busybox:1.35
    err_has 'no TLS is spoken there'
    asked ONE 'nothing/busybox/manifests/1.35'
    run ! asked ONE 'library/busybox'
}

@test 'a prefix may stand for all hosts of a domain' {
    printf '[[registry]]\nprefix = "*.example.invalid"\nlocation = "%s"\ninsecure = true\n[[registry]]\nlocation = "no.example.invalid"\nblocked = true\n' \
        "$REGISTRY" > "$CONF"
    ok cubby pull -q a.example.invalid/library/busybox:1.35
    ok cubby pull -q b.c.example.invalid/library/busybox:1.35
    fails 125 cubby pull -q no.example.invalid/library/busybox:1.35
    err_has "blocks 'no.example.invalid'"
    fails 125 cubby pull -q example.invalid/library/busybox:1.35
    err_has 'example.invalid'
}

@test 'drop-in files and the aliases of podman are joined to the user'\''s file' {
    local config=$HOME/.config/containers
    CUBBY_ENV=()
    mkdir -p "$config/registries.conf.d" "$HOME/.cache/containers"
    printf '[aliases]\nbb = "a.invalid/bb"\nother = "%s/library/alpine-like"\n' "$REGISTRY" > "$config/registries.conf"
    printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$REGISTRY" > "$config/registries.conf.d/10-own.conf"
    echo nonsense > "$config/registries.conf.d/ignored.txt"
    printf '[aliases]\nbb = "%s/library/busybox"\n' "$REGISTRY" > "$HOME/.cache/containers/short-name-aliases.conf"
    ok cubby pull -q bb:1.35
    ok cubby pull -q other:1
}

@test 'auth files: that of the session before the one that lasts, before docker'\''s' {
    mirror LOCKED --user me:secret
    local config=$HOME/.config/containers run=$BATS_TEST_TMPDIR/run good bad
    good=$(printf '{"auths":{"%s":{"auth":"%s"}}}' "$LOCKED" "$(printf me:secret | base64)")
    bad=$(printf '{"auths":{"%s":{"auth":"%s"}}}' "$LOCKED" "$(printf me:wrong | base64)")
    mkdir -p "$config" "$run/containers" "$HOME/.docker"
    CUBBY_ENV=(XDG_RUNTIME_DIR="$run" CONTAINERS_REGISTRIES_CONF=/dev/null)
    echo "$good" > "$HOME/.docker/config.json"
    ok cubby pull -q --tls-verify=false "$LOCKED/library/busybox:1.35"
    echo "$bad" > "$config/auth.json"
    fails 125 cubby pull -q --tls-verify=false "$LOCKED/library/alpine-like:1"
    echo "$good" > "$run/containers/auth.json"
    ok cubby pull -q --tls-verify=false "$LOCKED/library/alpine-like:1"
}

@test 'proxies: HTTP through one, TLS by CONNECT, and who is reached without' {
    local log=$BATS_TEST_TMPDIR/proxy.log name=registry.invalid/library/busybox:1.35
    serve PROXY "$CUBBY_SRC/tests/lib/proxy" "$REGISTRY" "$log"
    CUBBY_ENV+=(http_proxy="http://$PROXY")
    printf '[[registry]]\nlocation = "registry.invalid"\ninsecure = true\n' > "$CONF"
    ok cubby pull -q "$name"
    grep -q '^GET http://registry.invalid/v2/' "$log"
    # capitals, which curl does not read
    cubby rmi -f "$name" > /dev/null
    : > "$log"
    CUBBY_ENV=(CONTAINERS_REGISTRIES_CONF="$CONF" HTTP_PROXY="http://$PROXY")
    ok cubby pull -q "$name"
    grep -q '^GET http://registry.invalid/v2/' "$log"
    # this machine's own is never asked of a proxy
    : > "$log"
    ok cubby pull -q --tls-verify=false "$REGISTRY/library/alpine-like:1"
    [ ! -s "$log" ]
    local form
    for form in registry.invalid .invalid '*.invalid' 'a.io, registry.invalid:80 registry.invalid:443' '*'; do
        CUBBY_ENV=(CONTAINERS_REGISTRIES_CONF="$CONF" https_proxy="http://$PROXY" http_proxy="http://$PROXY" NO_PROXY="$form")
        fails 125 cubby pull -q "$name"
        err_has registry.invalid
        [ ! -s "$log" ]
    done
}

@test 'a proxy that asks for a password, and TLS through it' {
    local log=$BATS_TEST_TMPDIR/proxy.log state=$BATS_TEST_TMPDIR/o other
    CUBBY_REGISTRY_STATE=$state "$CUBBY_SRC/tests/images/registry" start --tls \
        --from $((33000 + RANDOM % 1000)) > /dev/null 2>&1 3>&-
    other=$(CUBBY_REGISTRY_STATE=$state "$CUBBY_SRC/tests/images/registry" name)
    serve PROXY "$CUBBY_SRC/tests/lib/proxy" "$other" "$log" me:secret
    CUBBY_ENV+=(https_proxy="http://me:secret@$PROXY")
    ok cubby pull -q --tls-verify=false registry.invalid/library/busybox:1.35
    grep -q '^CONNECT registry.invalid:443' "$log"
    CUBBY_ENV=(CONTAINERS_REGISTRIES_CONF="$CONF" https_proxy="http://me:wrong@$PROXY")
    fails 125 cubby pull -q --tls-verify=false --retry 0 registry.invalid/library/alpine-like:1
    err_has 'the proxy does not let us through (407)'
}
