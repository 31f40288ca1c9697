#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# run: alone
#
# Several commands at one thing: pulls of one image, slow work beside quick, killed programs.

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    registry_start
}

# many COUNT COMMAND...: at once; "%" in a word is the number; prints how many ended with 0
many() {
    local count=$1 i pids=() good=0
    shift
    for ((i = 0; i < count; i++)); do
        "${@//%/$i}" > "$BATS_TEST_TMPDIR/out.$i" 2> "$BATS_TEST_TMPDIR/err.$i" 3>&- < /dev/null &
        pids+=($!)
    done
    for i in "${pids[@]}"; do
        ! wait "$i" || good=$((good + 1))
    done
    echo "$good"
}

@test 'of 10 pulls of one image at once each asks for no blob that another fetches' {
    local image=$REGISTRY/library/python:3.11-slim
    good=$(CUBBY_SECONDS=240 many 10 cubby pull -q --tls-verify=false "$image")
    [ "$good" = 10 ] || { sort "$BATS_TEST_TMPDIR"/err.* | uniq -c >&2; return 1; }
    registry_log | sed -nE 's,.*"GET (/v2/library/python/blobs/[^ ]*) HTTP[^"]*" 20[06].*,\1,p' |
        sort | uniq -c | sort -rn > "$BATS_TEST_TMPDIR/blobs"
    [ -s "$BATS_TEST_TMPDIR/blobs" ]
    if grep -vE '^ +1 ' "$BATS_TEST_TMPDIR/blobs" >&2; then
        return 1
    fi
    ok cubby run --rm --network none "$image" python3 -c 'print(6 * 7)'
    out_is 42
}

@test 'ps waits for no start' {
    many 20 cubby run --rm --network none bb:1 sleep 1 > "$BATS_TEST_TMPDIR/good" &
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        CUBBY_SECONDS=5 ok cubby ps -a
    done
    wait
    [ "$(cat "$BATS_TEST_TMPDIR/good")" = 20 ]
}

@test 'two starts of one container make one process' {
    ok cubby create --name one --network none bb:1 sleep 1000
    many 8 cubby start one > /dev/null
    ok cubby ps --format '{{.Names}}'
    out_is one
    ok cubby exec one sh -c 'ls -d /proc/[0-9]* | wc -l'
    [ "$output" -le 4 ]
}

@test 'a detached container lives on when the program that started it is killed' {
    cubby run -d --name d --network none bb:1 sleep 1000 > /dev/null 3>&- &
    wait $! || true
    # in the foreground: the program goes, by KILL, and with it nobody is left to read
    env -i HOME="$HOME" PATH="$PATH" USER="$USER" "$CUBBY" --root "$STORE" run --name f --network none bb:1 \
        sleep 1000 > /dev/null 2>&1 3>&- &
    local cli=$!
    wait_for 10 cubby exec f true
    kill -KILL "$cli"
    wait "$cli" || true
    ok cubby ps --format '{{.Names}}'
    out_has d
    ok cubby exec d true
}

# begun_and_killed NAME: a start whose program is killed while the container's network is not there yet,
# which it will be once something is written to $GO
begun_and_killed() {
    local helpers=$BATS_TEST_TMPDIR/helpers cli
    GO=$BATS_TEST_TMPDIR/go
    mkdir "$helpers"
    mkfifo "$GO"
    ln -s "$CUBBY_BUILD"/cubby-* "$helpers"
    rm "$helpers/cubby-net"
    printf '#!/bin/sh\n: > "%s/begun"\nread -r word < "%s"\nexec "%s" "$@"\n' \
        "$BATS_TEST_TMPDIR" "$GO" "$CUBBY_BUILD/cubby-net" > "$helpers/cubby-net"
    chmod +x "$helpers/cubby-net"
    env -i HOME="$HOME" PATH="$PATH" USER="$USER" CUBBY_LIBEXEC="$helpers" "$CUBBY" --root "$STORE" \
        start "$1" > /dev/null 2>&1 3>&- &
    cli=$!
    wait_for 10 test -e "$BATS_TEST_TMPDIR/begun"
    kill -KILL "$cli"
    wait "$cli" || true
}

@test 'a start whose program was killed is waited for by the next one' {
    ok cubby create --name half bb:1 sleep 1000
    begun_and_killed half
    cubby start half > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    local second=$!
    ok cubby ps -a
    echo go > "$GO"
    wait "$second" || { cat "$BATS_TEST_TMPDIR/out" >&2; false; }
    ok cubby exec half true
}

@test 'a start whose program was killed is over before the container is removed' {
    ok cubby create --name half bb:1 sleep 1000
    begun_and_killed half
    cubby rm -f -t 0 half > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    local remover=$!
    ok cubby ps -a
    echo go > "$GO"
    wait "$remover" || { cat "$BATS_TEST_TMPDIR/out" >&2; false; }
    ok cubby ps -aq
    out_is ''
    # nobody runs on without a record
    ! pgrep -f "^cubby-monitor .* half$" || false
}
