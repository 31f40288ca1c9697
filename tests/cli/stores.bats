#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# stores - images of other stores, which are only read from

load ../lib/common

setup_file() {
    file_setup
    export SITE=$BATS_FILE_TMPDIR/site
    mkdir -m 0755 "$SITE"
    import_into "$SITE" bb:1
    import_into "$SITE" other:1
    chmod -R a-w "$SITE"
}

teardown_file() {
    chmod -R u+w "$SITE" 2> /dev/null || true
    cubby unshare sh -c 'chmod -R u+w "$1"; rm -rf "$1"' sh "$SITE"
    file_teardown
}

teardown() {
    CUBBY_ENV=()
    test_teardown
    cubby rmi -a -f > /dev/null 2>&1 || true
}

# import_into STORE NAME
import_into() {
    local STORE=$1
    import_busybox "$2"
}

# with ARGS...: cubby with the site's store behind its own
with() { cubby --store "$SITE" "$@"; }

@test 'images of another store are listed as read-only' {
    import_busybox mine:1
    ok with images
    out_matches 'R/O'
    out_matches 'localhost/bb .* true'
    out_matches 'localhost/mine .* false'
    ok with images --format '{{.Repository}} {{.ReadOnly}}' --filter readonly=true
    out_lacks mine
    out_has 'localhost/bb true'
    ok cubby images
    out_lacks 'R/O'
    out_lacks localhost/bb
}

@test 'a container runs from another store, and nothing is copied or written there' {
    find "$SITE" -printf '%p %T@ %C@\n' | sort > "$BATS_TEST_TMPDIR/before"
    ok with run --rm --network none bb:1 sh -c 'echo x > /etc/new; cat /etc/new'
    out_is x
    find "$SITE" -printf '%p %T@ %C@\n' | sort | diff "$BATS_TEST_TMPDIR/before" -
    [ -z "$(find "$STORE/layers" -mindepth 1 -maxdepth 1)" ]
}

@test 'no file of another store is opened for writing, and no lock is taken there' {
    command -v strace > /dev/null || skip 'there is no strace'
    ok strace -f -o "$BATS_TEST_TMPDIR/trace" -e trace=openat,openat2,mkdirat,unlinkat,renameat2,fcntl \
        env -i HOME="$HOME" PATH="$PATH" USER="$USER" "$CUBBY" --root "$STORE" --store "$SITE" \
        create --name traced bb:1
    run ! grep -E "$SITE.*O_(WRONLY|RDWR|CREAT)" "$BATS_TEST_TMPDIR/trace"
    run ! grep -E "$SITE/lock" "$BATS_TEST_TMPDIR/trace"
    grep -q 'index.json' "$BATS_TEST_TMPDIR/trace"
}

@test 'an image is found there by its id and its digest' {
    ok with image inspect --format '{{.Id}} {{.Digest}}' bb:1
    local id=${output% *} digest=${output#* }
    ok with run --rm --network none "${id:0:12}" true
    ok with run --rm --network none "$digest" true
}

# own_config: a folder of settings that other tests do not see
own_config() {
    CONFIG=$BATS_TEST_TMPDIR/config
    mkdir -p "$CONFIG/cubby"
    CUBBY_ENV+=(XDG_CONFIG_HOME="$CONFIG")
}

@test 'the stores of cubby.conf are read' {
    own_config
    echo "stores = [\"$SITE\"]" > "$CONFIG/cubby/cubby.conf"
    ok cubby run --rm --network none bb:1 echo configured
    out_is configured
}

@test 'a store of cubby.conf that is away is a warning, one of the command line an error' {
    own_config
    echo 'stores = ["/nonexistent/store"]' > "$CONFIG/cubby/cubby.conf"
    ok cubby images
    err_has "there is no store '/nonexistent/store'"
    fails 125 cubby --store /nonexistent/store images
    err_has "there is no store '/nonexistent/store'"
    mkdir "$BATS_TEST_TMPDIR/empty"
    fails 125 cubby --store "$BATS_TEST_TMPDIR/empty" images
}

@test 'a wrong or unknown setting is told' {
    own_config
    echo 'stores = 7' > "$CONFIG/cubby/cubby.conf"
    fails 125 cubby images
    err_has cubby.conf
    echo 'stores = ["here"]' > "$CONFIG/cubby/cubby.conf"
    fails 125 cubby images
    err_has 'no absolute path'
    echo 'colour = "red"' > "$CONFIG/cubby/cubby.conf"
    ok cubby images
    err_has "'colour'"
    chmod 000 "$CONFIG/cubby/cubby.conf"
    ok cubby images
    err_has "cannot read '$CONFIG/cubby/cubby.conf': permission denied"
    chmod 000 "$CONFIG/cubby"
    ok cubby images
    err_is ''
    chmod 700 "$CONFIG/cubby"
}

@test 'a container finds its image though no later command names the store' {
    ok with create --name later bb:1 sh -c 'cat /etc/passwd'
    ok cubby start -a later
    out_has root
    ok cubby diff later
    ok cubby commit later made:1
    ok with run --rm --network none made:1 true
}

@test 'a container whose store went away says which' {
    cp -r "$SITE" "$BATS_TEST_TMPDIR/gone"
    chmod -R u+w "$BATS_TEST_TMPDIR/gone"
    ok cubby --store "$BATS_TEST_TMPDIR/gone" create --name orphan bb:1 true
    mv "$BATS_TEST_TMPDIR/gone" "$BATS_TEST_TMPDIR/away"
    try cubby start orphan
    [ "$status" -ne 0 ]
    err_has "no store '$BATS_TEST_TMPDIR/gone'"
}

@test 'what lies in another store is not removed, untagged or counted' {
    fails 1 with rmi bb:1
    err_has 'only read from'
    try with untag bb:1
    [ "$status" -ne 0 ]
    err_has 'only read from'
    ok with rmi -a
    ok with image prune -a -f
    ok with system df --format '{{.Type}} {{.TotalCount}} {{.Size}}'
    out_has 'Images 0 0'
    ok with images -q
    [ -n "$output" ]
}

@test 'a tag makes an image of the own store, whose layers stay where they are' {
    ok with tag bb:1 local:1
    ok with images --format '{{.Repository}} {{.ReadOnly}}'
    out_has 'localhost/local false'
    ok with run --rm --network none local:1 echo here
    out_is here
    [ -z "$(find "$STORE/layers" -mindepth 1 -maxdepth 1)" ]
    ok with rmi local:1
    ok with run --rm --network none bb:1 true
}

@test 'an image of another store is saved and described' {
    ok with save -o "$BATS_TEST_TMPDIR/a.tar" bb:1
    ok cubby load -i "$BATS_TEST_TMPDIR/a.tar"
    ok cubby run --rm --network none bb:1 true
    ok with history bb:1
    ok with image tree bb:1
}

@test 'layers that lie in another store are not unpacked again' {
    ok with save -o "$BATS_TEST_TMPDIR/b.tar" other:1
    ok with load -i "$BATS_TEST_TMPDIR/b.tar"
    [ -z "$(find "$STORE/layers" -mindepth 1 -maxdepth 1)" ]
    ok with run --rm --network none other:1 true
}

@test 'a shared store is readable by others, but not its containers and secrets' {
    [ "$(stat -c %a "$SITE/blobs/sha256")" = 555 ]
    [ -z "$(find "$SITE/blobs" "$SITE/index.json" "$SITE/oci-layout" "$SITE"/layers/*/meta.json ! -perm -004)" ]
    [ "$(stat -c %a "$SITE/containers")" = 500 ]
    [ "$(stat -c %a "$SITE/secrets")" = 500 ]
    cubby images
    mkdir -m 0700 "$BATS_TEST_TMPDIR/own"
    cubby --root "$BATS_TEST_TMPDIR/own" images
    [ "$(stat -c %a "$BATS_TEST_TMPDIR/own/blobs")" = 700 ]
    [ "$(stat -c %a "$BATS_TEST_TMPDIR/own/index.json")" = 600 ]
}
