#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# quickstart on a clone with a space in its path and files that only the owner reads, while port
# 8080 is taken, by a user without sudo.

load ../lib/common

setup_file() {
    export CLONE="$BATS_FILE_TMPDIR/a clone" TOOLS=$BATS_FILE_TMPDIR/tools
    mkdir "$CLONE" "$TOOLS"
    printf '#!/bin/sh\nexit 1\n' > "$TOOLS/sudo"
    chmod +x "$TOOLS/sudo"
    (umask 077 && tar -C "$CUBBY_SRC" --exclude=.git --exclude=./build --exclude='*.o' -cf - . |
        tar -C "$CLONE" --no-same-permissions -xf -)
    chmod -R u+w "$CLONE"
    python3 -m http.server 8080 --bind 127.0.0.1 --directory "$TOOLS" > /dev/null 2>&1 3>&- &
    echo $! > "$BATS_FILE_TMPDIR/server"
}

teardown_file() {
    kill "$(cat "$BATS_FILE_TMPDIR/server")" 2> /dev/null || true
    registry_stop
    env HOME="$BATS_FILE_TMPDIR/home" "$CUBBY" unshare rm -rf "$BATS_FILE_TMPDIR/home"
}

teardown() { :; }

quick() {
    (umask 077 && cd "$CLONE" && env -i HOME="$BATS_FILE_TMPDIR/home" USER="$USER" \
        PATH="$TOOLS:$PATH" CUBBY_REGISTRY="${REGISTRY:-}" ./quickstart "$@" 3>&-)
}

@test 'quickstart without sudo lists what root must install' {
    printf '#!/bin/sh\ncase $* in *bats | *qemu-system-x86) exit 1 ;; esac\nexec /usr/bin/dpkg-query "$@"\n' > "$TOOLS/dpkg-query"
    chmod +x "$TOOLS/dpkg-query"
    fails 1 quick check
    err_has 'apt-get install -y --no-install-recommends bats'
    err_lacks qemu
    fails 1 quick check-vm
    rm "$TOOLS/dpkg-query"
    err_has 'bats qemu-system-x86'
}

@test 'quickstart refuses a word that it does not know' {
    fails 2 quick dance
    err_has Usage
}

@test 'quickstart serves a page, then nginx, and says how to have cubby in the shell' {
    mkdir -p "$BATS_FILE_TMPDIR/home"
    registry_start
    ok quick
    registry_stop
    out_has 'Hello from a container.'
    out_has 'Welcome to nginx!'
    out_lacks ':8080->'
    # a server that does not listen yet is nobody's trouble
    err_lacks curl:
    out_has "export PATH=$BATS_FILE_TMPDIR/home/.local/bin:"
    [ -z "$("$BATS_FILE_TMPDIR/home/.local/bin/cubby" ps -aq)" ]
}

@test 'quickstart can be repeated, and says so when no registry answers' {
    ok quick
    out_has 'Hello from a container.'
    out_matches 'No registry answered|Welcome to nginx'
}
