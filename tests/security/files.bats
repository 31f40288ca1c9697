# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Files and settings of an image that other engines read or wrote in the wrong place, named for the CVE.

load ../lib/common

setup_file() {
    file_setup
    import_busybox
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    mkdir outside tree
    echo mine > outside/file
}

# image NAME: ./tree over busybox's files, whose files of the same names go
image() {
    cp "$(busybox_tar)" image.tar
    (cd tree && find . -mindepth 1 ! -type d) | while read -r file; do
        tar --delete -f image.tar "$file" 2> /dev/null || true
    done
    tar -C tree --owner=0 --group=0 -rf image.tar .
    ok cubby import image.tar "$1"
}

untouched() {
    [ "$(ls -A outside)" = file ]
    [ "$(cat outside/file)" = mine ]
}

@test 'CVE-2025-24965: hosts, resolv.conf and hostname that are links write nothing outside' {
    local name
    mkdir -p tree/etc tree/run
    for name in hosts resolv.conf hostname; do
        ln -s "$PWD/outside/$name" "tree/etc/$name"
    done
    ln -s "$PWD/outside" tree/run/secrets
    ln -s "$PWD/outside/env" tree/run/.containerenv
    ln -s "$PWD/outside/env" tree/.dockerenv
    image links:1
    CUBBY_SECONDS=30 try cubby run --rm links:1 true
    untouched
    # the same in a folder of the host
    tar -xf image.tar -C tree
    CUBBY_SECONDS=30 try cubby run --rm --rootfs "$PWD/tree" true
    untouched
}

@test 'CVE-2024-9676: a list of users that never ends, or is a link out, does not hang' {
    local target list
    mkdir -p tree/etc
    for target in /dev/zero "$PWD/outside/file" /proc/self/fd/0 /dev/stdin; do
        for list in passwd group; do
            ln -sf "$target" "tree/etc/$list"
        done
        image "lists:1"
        CUBBY_SECONDS=20 try cubby run --rm --network none -u user lists:1 true < /dev/zero
        [ "$status" -ne 124 ] && [ "$status" -lt 126 ] || say_run "with $target"
        CUBBY_SECONDS=20 ok cubby run --rm --network none -u 1000 lists:1 true
    done
    rm tree/etc/*
    truncate -s 20G tree/etc/passwd
    tar -C tree --owner=0 --group=0 --sparse -cf big.tar .
    ok cubby run -d --name big --network none bb:1 sleep 1000
    ok cubby exec big sh -c 'rm /etc/passwd && dd if=/dev/zero of=/etc/passwd bs=1 count=1 seek=20G 2> /dev/null'
    CUBBY_SECONDS=20 try cubby exec -u user big true
    [ "$status" -ne 124 ] && [ "$status" -lt 128 ] || say_run 'a list of 20 GiB'
}

@test 'CVE-2019-14271 class: starting, entering and looking read no library or name service of the image' {
    local fifo
    mkdir -p tree/etc tree/lib/x86_64-linux-gnu tree/usr/lib
    # who opens one of these waits for ever
    for fifo in etc/nsswitch.conf etc/ld.so.preload etc/ld.so.cache lib/x86_64-linux-gnu/libnss_files.so.2 \
        lib/x86_64-linux-gnu/libc.so.6 usr/lib/locale; do
        mkfifo "tree/$fifo"
    done
    image trap:1
    CUBBY_SECONDS=20 ok cubby run -d --name c --network none -u user trap:1 sleep 1000
    CUBBY_SECONDS=20 ok cubby exec -u user c true
    CUBBY_SECONDS=20 ok cubby top c
    CUBBY_SECONDS=20 ok cubby rm -f -t 0 c
}

@test 'CVE-2026-57231: a variable of the image without a value takes none from the host' {
    local json
    ok cubby save -o in.tar bb:1
    mkdir archive
    tar -xf in.tar -C archive
    json=$(jq -r '.[0].Config' archive/manifest.json)
    jq '.config.Env = ["PATH=/bin", "SECRET", "HOME", "=x", ""]' "archive/$json" > archive/new.json
    jq '.[0].Config = "new.json" | .[0].RepoTags = ["env:1"]' archive/manifest.json > m && mv m archive/manifest.json
    tar -C archive -cf out.tar manifest.json new.json $(cd archive && find . -name '*.tar' -o -path './blobs/*' -type f)
    ok cubby load -i out.tar
    # shellcheck disable=SC2034  # cubby() takes it
    CUBBY_ENV=(SECRET=of-the-host)
    ok cubby run --rm --network none env:1 sh -c 'env; tr "\0" "\n" < /proc/1/environ'
    out_lacks of-the-host
    out_lacks "$HOME"
}

@test 'CVE-2019-16884, CVE-2019-19921: nothing is mounted over a part of /proc' {
    local place
    for place in /proc /proc/sys /proc/self/attr/exec /proc/1 /proc/self/fd; do
        try cubby run --rm --network none -v "$PWD/outside:$place" bb:1 echo ran
        [ "$status" -ne 0 ] || say_run "a bind on $place"
        out_lacks ran
    done
    fails 125 cubby run --rm --network none --tmpfs /proc bb:1 true
    err_has "part of the kernel's /proc"
    # not by a link of the image either, nor by a volume that the image asks for
    ln -s proc tree/way
    image way:1
    try cubby run --rm --network none -v "$PWD/outside:/way/sys" way:1 echo ran
    out_lacks ran
    ok cubby import -c 'VOLUME /proc/sys' image.tar volume:1
    try cubby run --rm --network none volume:1 echo ran
    out_lacks ran
    # what only tells figures may be replaced, and the whole by another /proc
    ok cubby run --rm --network none -v "$PWD/outside/file:/proc/uptime:ro" bb:1 cat /proc/uptime
    out_is mine
    ok cubby run --rm --network none --pid host -v /proc:/proc bb:1 echo ran
    untouched
}

@test 'CVE-2025-31133: a /dev/null of the image or the user is not what is opened for a container' {
    mkdir -p tree/dev
    ln -s /proc/sysrq-trigger tree/dev/null
    image null:1
    ok cubby run --rm --network none null:1 sh -c 'cat; stat -c %t:%T /dev/null'
    out_is 1:3
    # a /dev that was asked for, where null may be a trap
    mkdir own
    mkfifo own/null
    CUBBY_SECONDS=20 ok cubby run --rm --network none -v "$PWD/own:/dev" bb:1 sh -c 'cat; echo ran'
    out_is ran
    CUBBY_SECONDS=20 ok cubby run -d --name c --network none -v "$PWD/own:/dev" bb:1 sleep 1000
    CUBBY_SECONDS=20 ok cubby exec c sh -c 'cat; echo ran'
    out_is ran
    # what masks a path is not of the image's /dev either
    ok cubby run --rm --network none null:1 sh -c 'head -c 1 /proc/keys /proc/kcore 2> /dev/null | grep -v ==; true'
    out_is ''
}

@test 'CVE-2024-45310: a volume whose folder becomes a link makes nothing on the host' {
    mkdir shared
    ok cubby run -d --name swapper --network none -v "$PWD/shared:/s" bb:1 sh -c "
        while :; do mkdir /s/t; mv /s/t /s/u; ln -s '$PWD/outside' /s/t; rm -rf /s/u; rm /s/t; done 2> /dev/null"
    for i in 1 2 3 4 5 6 7 8 9 10; do
        try cubby run --rm --network none -v "$PWD/shared:/s" -v "$PWD/tree:/s/t/made$i" \
            -v "$PWD/outside/file:/s/t/file$i" --tmpfs "/s/t/tmp$i" bb:1 true
        [ "$status" -ne 124 ]
    done
    ok cubby rm -f -t 0 swapper
    untouched
}

@test 'CVE-2024-9407: options of a mount that are not known are refused' {
    local option
    for option in rprivate,rootcontext=x bogus 'ro,upperdir=/tmp' 'rshared,remount' ',,lowerdir=/'; do
        fails 125 cubby run --rm --network none -v "$PWD/outside:/x:$option" bb:1 true
    done
    for option in 'bind-propagation=rshared,bogus' bind-propagation=upperdir=/ ; do
        fails 125 cubby run --rm --network none --mount "type=bind,src=$PWD/outside,dst=/x,$option" bb:1 true
    done
    untouched
}

@test 'CVE-2020-15257: there is no abstract socket, also in the network of the host' {
    local before
    names() { sed -n 's/.* \(@.*\)/\1/p' /proc/net/unix | sort -u; }
    names > before
    ok cubby run -d --name c --network host bb:1 sleep 1000
    ok cubby exec -d c sleep 1000
    names > after
    # of others on this machine some may have come meanwhile
    ! comm -13 before after | grep -E 'cubby|containerd|monitor|shim' || false
}
