#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Builds at the same time, builds that are killed or interrupted, and builds that give the same image.

load ../lib/common

setup_file() {
    file_setup
    import_busybox
}

setup() {
    CONTEXT=$BATS_TEST_TMPDIR/c
    mkdir -p "$CONTEXT"
}

# start NAME: the build in the background, in a process group of its own; its process is $!
start() {
    env -i HOME="$HOME" PATH="$PATH" USER="$USER" setsid "$CUBBY" --root "$STORE" build -t "$1" "$CONTEXT" \
        > "$BATS_TEST_TMPDIR/$1.out" 2> "$BATS_TEST_TMPDIR/$1.err" 3>&- &
}

nothing_left() { [ -z "$(ls "$STORE/containers")" ] && [ -z "$(find "$STORE/tmp" -mindepth 2)" ]; }

@test 'of four builds that are the same each step is done once, though one is killed' {
    printf '%s\n' 'FROM bb:1' \
        'RUN --mount=type=cache,id=count,target=/c echo one >> /c/n; sleep 1' \
        'RUN --mount=type=cache,id=count,target=/c echo two >> /c/n; sleep 1' \
        'RUN --mount=type=cache,id=count,target=/c echo three >> /c/n' > "$CONTEXT/Dockerfile"
    local n pids=() victim
    start v:1
    victim=$!
    for n in 1 2 3; do
        start "t$n:1"
        pids+=($!)
    done
    wait_for 20 grep -q '^\[2/4\] \(done\|cached\)' "$BATS_TEST_TMPDIR/v:1.err"
    kill -9 "$victim"
    wait "$victim" || true
    for n in "${pids[@]}"; do
        wait "$n"
    done
    [ "$(cat "$BATS_TEST_TMPDIR"/t?:1.out | sort -u | wc -l)" = 1 ]
    printf '%s\n' 'FROM bb:1' 'RUN --mount=type=cache,id=count,target=/c sort /c/n | uniq -c' > "$CONTEXT/Dockerfile"
    ok cubby build "$CONTEXT"
    err_matches ' 1 one'
    err_matches ' [12] two'             # the victim may have been at it
    err_matches ' [12] three'
    wait_for 20 nothing_left
    ok cubby system check
}

@test 'an interrupted build ends with 130 and leaves no container, file or process' {
    printf 'FROM bb:1\nRUN echo begun; sleep 8765432\n' > "$CONTEXT/Dockerfile"
    start i:1
    local pid=$! status=0
    wait_for 20 grep -q '^begun' "$BATS_TEST_TMPDIR/i:1.err"
    kill -INT -- -"$pid"
    wait "$pid" || status=$?
    [ "$status" = 130 ]
    wait_for 20 nothing_left
    fails 1 cubby image exists i:1
    fails 1 pgrep -U "$(id -u)" -f "sleep 8765432"
    ok cubby system check
}

@test 'files that are copied give one layer, whatever the store, the path, the user and the day' {
    mkdir -p "$CONTEXT/d/e" "$BATS_TEST_TMPDIR/elsewhere/with space"
    echo a > "$CONTEXT/d/a"
    ln "$CONTEXT/d/a" "$CONTEXT/d/e/hard"
    ln -s a "$CONTEXT/d/link"
    find "$CONTEXT/d" -exec touch -h -d '2020-02-02 UTC' {} +
    printf 'FROM scratch\nCOPY d /d\nCOPY d/a /x/y/z\n' > "$CONTEXT/Dockerfile"
    ok cubby build -q -t r:1 "$CONTEXT"
    ok cubby image inspect --format '{{.RootFS.Layers}}' r:1
    local layers=$output
    cp -a "$CONTEXT" "$BATS_TEST_TMPDIR/elsewhere/with space/c"
    STORE=$BATS_FILE_TMPDIR/other
    (umask 077; cubby build -q -t r:1 "$BATS_TEST_TMPDIR/elsewhere/with space/c")
    ok cubby image inspect --format '{{.RootFS.Layers}}' r:1
    out_is "$layers"
}

@test 'with SOURCE_DATE_EPOCH commands and all else give one image' {
    printf 'FROM bb:1\nRUN mkdir /d && echo a > /d/a && ln /d/a /d/b && rm -r /var/www\nENV A=1\n' > "$CONTEXT/Dockerfile"
    CUBBY_ENV=(SOURCE_DATE_EPOCH=1500000000)
    ok cubby build --no-cache -q -t r:1 "$CONTEXT"
    local id=$output
    wait_for 5 sh -c '[ "$(date +%s)" != "$0" ]' "$(date +%s)"
    ok cubby build --no-cache -q -t r:2 "$CONTEXT"
    out_is "$id"
}

@test 'a full disk ends a build with a sentence, and leaves nothing' {
    command -v unshare > /dev/null || skip 'no unshare here'
    head -c 9000000 /dev/urandom > "$CONTEXT/big"
    printf 'FROM bb:1\nCOPY big /1\nCOPY big /2\n' > "$CONTEXT/Dockerfile"
    # a store of 16 MB: the second copy does not fit
    mkdir "$BATS_TEST_TMPDIR/full"
    ok unshare -Urm sh -c 'mount -t tmpfs -o size=16m none "$1" && exec env -i HOME="$HOME" PATH="$PATH" USER=root sh -c "
        \"\$1\" --root \"\$2/s\" import -q \"\$3\" bb:1 > /dev/null 2>&1
        \"\$1\" --root \"\$2/s\" build \"\$4\"
        echo status \$?
        ls \"\$2/s/containers\"; find \"\$2/s/tmp\" -mindepth 2
        \"\$1\" --root \"\$2/s\" system check" sh "$2" "$1" "$3" "$4"' sh "$BATS_TEST_TMPDIR/full" "$CUBBY" "$(busybox_tar)" "$CONTEXT"
    out_has 'status 125'
    err_has 'no space left on device'
    err_has 'Dockerfile:3'
    out_is $'status 125\nthe store is in order'
}
