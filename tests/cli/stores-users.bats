#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# stores-users - one user's store, mounted read-only, is another's source of images
# run: as root

load ../lib/common
load ../lib/host

# site ARGS...: cubby as the user who keeps the site's store
site() {
    local TESTER=cubby-test STORE=$SITE
    cubby "$@"
}

# reader USER ARGS...: cubby as another user, who sees the site's store mounted read-only
reader() {
    local user=$1
    shift
    # shellcheck disable=SC2016  # the inner shell expands these
    unshare --mount --propagation private -- bash -euc '
        mount --bind "$SITE" "$SITE"
        mount -o remount,bind,ro "$SITE"
        user=$1
        shift
        exec setpriv --reuid "$user" --regid "$(id -g "$user")" --init-groups -- \
            env -i HOME="$READER_HOME" PATH="$PATH" USER="$user" \
            timeout -k 5 60 "$CUBBY" --root "$READER_STORE/$user" --store "$SITE" "$@"' \
        reader "$user" "$@"
}

setup_file() {
    [ -x "$CUBBY_BUILD/cubby-single" ] || skip 'cubby was built without libsquashfs'
    command -v squashfuse > /dev/null || skip 'there is no squashfuse'
    host_setup
    export SITE=$BATS_FILE_TMPDIR/site READER_STORE=$BATS_FILE_TMPDIR/readers
    export READER_HOME=$BATS_FILE_TMPDIR/h2
    install -d -o cubby-test -g "$(id -g cubby-test)" -m 0755 "$SITE"
    install -d -m 0755 "$READER_STORE" "$READER_HOME"
    local user
    for user in cubby-nosub; do
        install -d -o "$user" -g "$(id -g "$user")" -m 0700 "$READER_STORE/$user"
    done
    registry_start
    site pull -q --tls-verify=false --single-file "$REGISTRY/library/alpine-like:1"
    site pull -q --tls-verify=false "$REGISTRY/library/busybox:1.35"
    # the pulls have left processes behind that mark what has reached the disk
    wait_for 30 all_durable
    find "$SITE" -printf '%p %T@ %C@\n' | sort > "$BATS_FILE_TMPDIR/before"
}

all_durable() {
    [ -z "$(grep -L '"durable": *true' "$SITE"/layers/*/meta.json)" ] &&
        [ -z "$(find "$SITE/blobs" -type f -perm -200)" ]
}

teardown_file() {
    rm -rf "$READER_STORE" "$SITE"
    file_teardown
}

teardown() {
    reader cubby-nosub rm -f -a -t 0 > /dev/null 2>&1 || true
}

@test 'another user runs the single files of a store where nothing can be written' {
    ok reader cubby-nosub images
    out_matches 'alpine-like .* true'
    ok reader cubby-nosub run --rm --network none alpine-like:1 sh -c 'id -u; cat /etc/shadow > /dev/null && echo read'
    out_is $'0\nread'
    [ ! -e "$READER_STORE/cubby-nosub/layers" ] ||
        [ -z "$(find "$READER_STORE/cubby-nosub/layers" -mindepth 1 -maxdepth 1)" ]
    find "$SITE" -printf '%p %T@ %C@\n' | sort | diff "$BATS_FILE_TMPDIR/before" -
}

@test 'no file there is opened for writing, and no lock is taken' {
    command -v strace > /dev/null || skip 'there is no strace'
    # shellcheck disable=SC2016
    try unshare --mount --propagation private -- bash -euc '
        exec setpriv --reuid cubby-nosub --regid "$(id -g cubby-nosub)" --init-groups -- \
            env -i HOME="$READER_HOME" PATH="$PATH" USER=cubby-nosub strace -f -o "$READER_STORE/cubby-nosub/trace" \
            -e trace=openat,openat2,mkdirat,unlinkat,renameat2,linkat,fcntl \
            "$CUBBY" --root "$READER_STORE/cubby-nosub" --store "$SITE" create --name traced alpine-like:1'
    [ "$status" -eq 0 ] || say_run 'create'
    run ! grep -E "$SITE.*O_(WRONLY|RDWR|CREAT)" "$READER_STORE/cubby-nosub/trace"
    run ! grep -E "$SITE/lock" "$READER_STORE/cubby-nosub/trace"
    grep -q "$SITE" "$READER_STORE/cubby-nosub/trace"
}

@test 'an unpacked image of another user is unpacked once more from the blobs there' {
    ok reader cubby-nosub run --rm --network none busybox:1.35 stat -c %u /bin/busybox
    out_is 0
    [ -n "$(find "$READER_STORE/cubby-nosub/layers" -mindepth 1 -maxdepth 1)" ]
    find "$SITE" -printf '%p %T@ %C@\n' | sort | diff "$BATS_FILE_TMPDIR/before" -
}

@test 'a container notes the store, and a closed store is told' {
    ok reader cubby-nosub create --name later --network none alpine-like:1 true
    ok reader cubby-nosub start -a later
    chmod 0700 "$SITE"
    try reader cubby-nosub start -a later
    chmod 0755 "$SITE"
    [ "$status" -ne 0 ]
    err_has "$SITE"
    err_has 'chmod go+rx'
}
