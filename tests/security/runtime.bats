#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Ways out of a container that other runtimes had, one test each, named for the CVE.

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    trick_image
}

# trick_image: an image whose own programs and files are traps
trick_image() {
    local tree=$BATS_FILE_TMPDIR/trick
    mkdir -p "$tree/etc" "$tree/bin"
    cp "$(busybox_tar)" "$tree.tar"
    printf '#!/bin/sh\necho trapped > /trapped\n' | tee "$tree/bin/nsenter" > "$tree/bin/ps"
    printf '#!/proc/self/exe\n' > "$tree/bin/self"
    chmod 0755 "$tree/bin/"*
    mkfifo "$tree/etc/passwd"
    tar --delete -f "$tree.tar" ./bin/ps ./bin/nsenter ./etc/passwd
    tar -C "$tree" --owner=0 --group=0 -rf "$tree.tar" ./bin/ps ./bin/nsenter ./bin/self ./etc/passwd
    cubby import "$tree.tar" trick:1 > "$BATS_FILE_TMPDIR/trick.out" 2>&1 3>&- ||
        { cat "$BATS_FILE_TMPDIR/trick.out" >&2; return 1; }
}

run_bb() { cubby run --rm --network none bb:1 "$@"; }

@test 'CVE-2019-5736: the program on the host is the same after a container ran /proc/self/exe' {
    local before
    before=$(sha256sum < "$CUBBY")
    try cubby run --rm --network none --entrypoint /proc/self/exe bb:1
    try cubby run --rm --network none trick:1 /bin/self
    ok cubby run -d --name c --network none trick:1 sleep 1000
    try cubby exec c /bin/self
    try cubby exec c /proc/self/exe
    [ "$(sha256sum < "$CUBBY")" = "$before" ]
    # nothing in the container can open it for writing either
    ok cubby exec c sh -c 'for p in /proc/[0-9]*; do (: >> $p/exe) 2> /dev/null && echo $p; done; true'
    out_is ''
}

@test 'CVE-2024-21626: a working folder that is a descriptor leads nowhere' {
    local n
    ok cubby run -d --name c --network none bb:1 sleep 1000
    for n in 3 4 5 6 7 8 9 10 11 12; do
        try cubby run --rm --network none -w "/proc/self/fd/$n" bb:1 pwd
        [ "$status" -ne 0 ] || say_run "run -w /proc/self/fd/$n"
        try cubby exec -w "/proc/self/fd/$n" c pwd
        [ "$status" -ne 0 ] || say_run "exec -w /proc/self/fd/$n"
    done
}

@test 'CVE-2024-21626: no descriptor of the caller or of ours is open inside' {
    ok sh -c 'exec 5< /etc/passwd 6> /dev/null; shift 0; "$@"' sh env -i HOME="$HOME" PATH="$PATH" USER="$USER" \
        "$CUBBY" --root "$STORE" run --rm --network none bb:1 ls /proc/self/fd
    out_is $'0\n1\n2\n3'
    ok cubby run -d --name c --network none bb:1 sleep 1000
    ok cubby exec c ls /proc/self/fd /proc/1/fd
    out_is $'/proc/1/fd:\n0\n1\n2\n\n/proc/self/fd:\n0\n1\n2\n3'
}

@test 'CVE-2022-29162: inheritable and ambient capabilities are empty' {
    ok run_bb grep -E '^Cap(Inh|Amb)' /proc/self/status
    out_is $'CapInh:\t0000000000000000\nCapAmb:\t0000000000000000'
    ok cubby run -d --name c --network none bb:1 sleep 1000
    ok cubby exec -u user c grep -E '^Cap(Inh|Prm|Eff|Amb)' /proc/self/status
    out_is $'CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapAmb:\t0000000000000000'
}

@test 'the default capabilities are the eleven that are documented' {
    # chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service sys_chroot setfcap
    ok run_bb sed -n 's/^Cap\(Eff\|Bnd\):\t*//p' /proc/self/status
    out_is $'00000000800405fb\n00000000800405fb'
}

@test 'CVE-2022-2989: groups are exactly those of the image' {
    needs ranges
    ok cubby run --rm --network none -u user bb:1 id -G
    out_is '1000 29 2000'
    ok cubby run --rm --network none -u 1000:33 bb:1 id -G
    out_is 33
    ok cubby run --rm --network none -u 4321 bb:1 id -G
    out_is 0
}

@test 'CVE-2026-30892: a user that is no number and no name is refused, and nothing starts' {
    local user
    ok cubby run --rm --network none -u 1 bb:1 id -u
    out_is 1
    for user in 1x +1 -1 4294967295 4294967296 99999999999 '1:x' '1:-1' nobody-here 'root:no-group'; do
        try cubby run --rm --network none -u "$user" bb:1 id
        [ "$status" -ne 0 ] || say_run "user '$user' was taken"
        out_lacks uid=
    done
}

@test 'CVE-2024-1753 class: an /etc/passwd that is a FIFO does not hang a start' {
    CUBBY_SECONDS=20 try cubby run --rm --network none -u user trick:1 true
    [ "$status" -ne 124 ] || say_run 'it hung'
    CUBBY_SECONDS=20 ok cubby run --rm --network none trick:1 true
}

@test 'CVE-2022-1227: top runs no program of the image' {
    ok cubby run -d --name c --network none trick:1 sleep 1000
    ok cubby top c
    out_has sleep
    ok cubby exec c sh -c 'test ! -e /trapped'
}

@test 'CVE-2026-57231: nothing of the caller'\''s environment is inside' {
    # shellcheck disable=SC2034  # cubby() takes it
    CUBBY_ENV=(SECRET_OF_HOST=1 LD_PRELOAD=/nowhere.so)
    ok cubby run --rm --network none bb:1 sh -c 'env; tr "\0" "\n" < /proc/1/environ'
    out_lacks SECRET_OF_HOST
    out_lacks LD_PRELOAD
    out_lacks "$USER"
}

@test 'CVE-2025-31133: masked paths are empty and the kernel'\''s settings read-only' {
    ok run_bb sh -c 'for f in kcore keys timer_list sysrq-trigger latency_stats; do
        [ ! -e /proc/$f ] || [ ! -s /proc/$f ] || cat /proc/$f | head -c 1; done'
    out_is ''
    fails 1 run_bb sh -c 'echo 1 > /proc/sys/kernel/core_pattern'
    fails 1 run_bb sh -c 'echo b > /proc/sysrq-trigger'
    ok run_bb sh -c 'ls /proc/acpi /proc/scsi /sys/firmware 2> /dev/null | grep -v :; true'
    out_is ''
}

@test 'CVE-2023-25809: cgroups are read-only when the namespace is the host'\''s' {
    try cubby run --rm --network none --cgroupns host bb:1 sh -c 'mkdir /sys/fs/cgroup/cubby-evil'
    [ "$status" -ne 0 ]
}

@test 'the system calls of a container are filtered' {
    needs ranges
    ok run_bb sed -n 's/^Seccomp:\t*//p' /proc/self/status
    out_is 2
    fails 1 run_bb unshare -m true
    fails 1 run_bb mount -t tmpfs none /tmp
    ok cubby run --rm --network none --security-opt seccomp=unconfined bb:1 sed -n 's/^Seccomp:\t*//p' /proc/self/status
    out_is 0
}

@test 'no-new-privileges is set when it is asked for' {
    ok cubby run --rm --network none --security-opt no-new-privileges bb:1 sed -n 's/^NoNewPrivs:\t*//p' /proc/self/status
    out_is 1
}

@test 'CVE-2025-52881: a /proc or /sys of the image is never written to or trusted' {
    local tree=$BATS_TEST_TMPDIR/t
    mkdir -p "$tree"
    cp "$(busybox_tar)" "$tree.tar"
    tar --delete -f "$tree.tar" ./proc ./sys ./dev
    ln -s /tmp "$tree/proc"
    ln -s /tmp "$tree/sys"
    ln -s /tmp "$tree/dev"
    tar -C "$tree" --owner=0 --group=0 -rf "$tree.tar" ./proc ./sys ./dev
    ok cubby import "$tree.tar" links:1
    try cubby run --rm --network none links:1 sh -c 'echo inside'
    # refused, or mounted where a container's own root says
    [ "$status" -ne 0 ] || out_is inside
    [ ! -e /tmp/null ] && [ ! -e /tmp/self ]
}

@test 'the caller'\''s umask and ignored signals do not come in' {
    ok sh -c 'umask 077; trap "" TERM INT; "$@"' sh env -i HOME="$HOME" PATH="$PATH" USER="$USER" \
        "$CUBBY" --root "$STORE" run --rm --network none bb:1 grep -E '^(Umask|Sig(Ign|Blk))' /proc/self/status
    out_is $'Umask:\t0022\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000'
}

@test 'CVE-2021-30465: swapping a mount'\''s target during starts shows nothing of the host' {
    local before shared=$BATS_TEST_TMPDIR/shared
    before=$(cat /proc/self/mountinfo)
    mkdir "$shared" "$BATS_TEST_TMPDIR/source"
    echo secret > "$BATS_TEST_TMPDIR/marker"
    ok cubby run -d --name swapper --network none -v "$shared:/s" bb:1 \
        sh -c 'while :; do mkdir /s/t; mv /s/t /s/u; ln -s / /s/t; rm -rf /s/u; rm /s/t; done 2> /dev/null'
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        try cubby run --rm --network none -v "$shared:/s" -v "$BATS_TEST_TMPDIR/source:/s/t" bb:1 \
            sh -c "cat /s/t$BATS_TEST_TMPDIR/marker $BATS_TEST_TMPDIR/marker 2> /dev/null; true"
        out_lacks secret
    done
    ok cubby rm -f -t 0 swapper
    [ "$(cat /proc/self/mountinfo)" = "$before" ]
    [ -z "$(ls "$BATS_TEST_TMPDIR/source")" ]
}
