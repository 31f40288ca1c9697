#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What a container may do to the terminal of whoever started it, and to its own.

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    cp "$CUBBY_BUILD/tests/tools/inject" "$BATS_FILE_TMPDIR/inject"
}

@test 'CVE-2017-5226: nothing is typed into the caller'\''s terminal, even where it is handed through' {
    ok on_tty stopped -- run --rm --network none --log-driver passthrough \
        -v "$BATS_FILE_TMPDIR/inject:/inject:ro" bb:1 /inject
    out_has refused
    out_lacks INJECTED-BY-CONTAINER
}

@test 'CVE-2017-5226: with -t the terminal and the session are the container'\''s own' {
    ok on_tty stopped -- run --rm -it --network none bb:1 sh -c 'readlink /proc/self/fd/0; echo session $(cut -d" " -f6 /proc/1/stat)'
    out_has /dev/pts/0
    out_has 'session 1'
}

@test 'CVE-2025-52565: /dev/console is the container'\''s own terminal, whatever the image has there' {
    local tree=$BATS_TEST_TMPDIR/t
    mkdir -p "$tree/dev/pts"
    cp "$(busybox_tar)" "$tree.tar"
    ln -s /proc/sysrq-trigger "$tree/dev/console"
    ln -s /etc/passwd "$tree/dev/pts/0"
    ln -s /proc/sysrq-trigger "$tree/dev/null"
    tar -C "$tree" --owner=0 --group=0 -rf "$tree.tar" ./dev/console ./dev/pts/0 ./dev/null
    ok cubby import "$tree.tar" console:1
    ok on_tty stopped -- run --rm -it --network none console:1 sh -c 'ls -l /dev/console /dev/null; tty'
    out_matches 'c.* 136, +0 .*/dev/console'
    out_matches 'c.* 1, +3 .*/dev/null'
    out_has /dev/pts/0
}
