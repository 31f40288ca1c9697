# SPDX-License-Identifier: LGPL-2.1-or-later
# limits of the store - a full disk, a store that can only be read, one that nobody can open

load ../lib/common

setup_file() {
    file_setup
    import_busybox bb:1
}

# on_small_disk SCRIPT: bash with "cubby" on a store of its own, on a small disk; "fill" fills it
on_small_disk() {
    mkdir -p "$BATS_TEST_TMPDIR/disk"
    # shellcheck disable=SC2016  # for the shell inside
    cubby unshare env CUBBY="$CUBBY" DISK="$BATS_TEST_TMPDIR/disk" TAR="$(busybox_tar)" REGISTRY="${REGISTRY-}" \
        bash -euc 'mount -t tmpfs -o size=12m small "$DISK"
            cubby() { "$CUBBY" --root "$DISK/s" "$@"; }
            fill() { dd if=/dev/zero of="$DISK/fill.$((n++))" bs=4k status=none 2> /dev/null || true; }
            n=0
            '"$1"
}

@test 'on a full disk everything can be listed and removed' {
    # shellcheck disable=SC2016
    ok on_small_disk '
        cubby import -q "$TAR" bb:1 > /dev/null
        cubby create --name still bb:1 true > /dev/null
        cubby run -d --network none --name runs bb:1 sleep 100 > /dev/null
        cubby volume create data > /dev/null
        fill
        cubby ps -a --format "{{.Names}}" | sort
        cubby images -q > /dev/null
        ! cubby create bb:1 true 2> "$DISK/../said" || false
        cubby volume rm data
        fill; cubby rm still
        fill; cubby rm -f runs
        fill; cubby rmi bb:1 > /dev/null
        cubby ps -aq
        cubby images -q
        find "$DISK/s/tmp" -mindepth 2'
    out_is $'runs\nstill\ndata\nstill\nruns'
    grep -q 'no space left' "$BATS_TEST_TMPDIR/said"
}

@test 'on a full disk prune removes what nobody uses, and there is space again' {
    # shellcheck disable=SC2016
    ok on_small_disk '
        cubby import -q "$TAR" bb:1 > /dev/null
        cubby create --name ended -v /anonymous bb:1 true > /dev/null
        cubby volume create data > /dev/null
        fill
        cubby container prune -f > /dev/null
        fill
        cubby volume prune -a -f > /dev/null
        fill
        cubby image prune -a -f > /dev/null
        cubby ps -aq; cubby volume ls -q; cubby images -q
        rm "$DISK"/fill.*
        cubby import -q "$TAR" bb:1 > /dev/null
        cubby create --name ended bb:1 true > /dev/null
        fill
        cubby system prune -a -f --volumes > /dev/null
        cubby ps -aq; cubby volume ls -q; cubby images -q
        dd if=/dev/zero of="$DISK/room" bs=1k count=1500 status=none
        cubby system check'
    out_is 'the store is in order'
}

@test 'what a full disk stopped leaves nothing behind' {
    # shellcheck disable=SC2016
    ok on_small_disk '
        fill
        ! cubby import -q "$TAR" bb:1 2> "$DISK/../said" || false
        rm "$DISK"/fill.*
        cubby system check'
    out_is 'the store is in order'
    grep -q 'no space left' "$BATS_TEST_TMPDIR/said"
}

@test 'a pull that finds the disk full is over, what is there can be removed, and with space it goes on' {
    registry_start
    export REGISTRY
    # shellcheck disable=SC2016
    ok on_small_disk '
        mount -o remount,size=30m "$DISK"
        cubby import -q "$TAR" bb:1 > /dev/null
        ! cubby pull -q --tls-verify=false "$REGISTRY/library/nginx:1.22" 2> "$DISK/../said" || false
        cubby images -q | wc -l
        fill
        cubby rmi bb:1 > /dev/null
        cubby image prune -a -f > /dev/null
        cubby images -q | wc -l
        rm "$DISK"/fill.*
        cubby system check
        # again, and this time space is made: what had come is not asked for again
        ! cubby pull -q --tls-verify=false "$REGISTRY/library/nginx:1.22" 2> /dev/null || false
        mount -o remount,size=300m "$DISK"
        cubby pull -q --tls-verify=false "$REGISTRY/library/nginx:1.22" > /dev/null
        cubby system check
        cubby run --rm --network none "$REGISTRY/library/nginx:1.22" echo it runs'
    out_is $'1\n0\nthe store is in order\nthe store is in order\nit runs'
    grep -q 'no space left' "$BATS_TEST_TMPDIR/said"
    registry_log | grep -q 'GET /v2/library/nginx/blobs/.* 206 '
    registry_stop
}

@test 'a store that can only be read is read, and says so when it is to be changed' {
    local id
    id=$(cubby images -q)
    chmod 500 "$STORE"
    try cubby images -q
    local listed=$output
    try cubby ps -a
    local seen=$status
    try cubby volume create data
    chmod 700 "$STORE"
    [ "$listed" = "$id" ]
    [ "$seen" -eq 0 ]
    [ "$status" -eq 125 ]
    err_has 'can only be read'
}

@test 'a store that nobody can open is named with its repair' {
    mkdir -m 0 "$BATS_TEST_TMPDIR/closed"
    fails 125 env -i HOME="$HOME" PATH="$PATH" "$CUBBY" --root "$BATS_TEST_TMPDIR/closed" ps
    err_has "$BATS_TEST_TMPDIR/closed"
    err_has --root
}

@test 'a folder with other files does not become a store' {
    mkdir "$BATS_TEST_TMPDIR/home"
    echo letter > "$BATS_TEST_TMPDIR/home/letter"
    fails 125 env -i HOME="$HOME" PATH="$PATH" "$CUBBY" --root "$BATS_TEST_TMPDIR/home" ps
    err_has letter
    [ "$(ls "$BATS_TEST_TMPDIR/home")" = letter ]
}
