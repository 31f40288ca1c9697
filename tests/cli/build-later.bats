# SPDX-License-Identifier: LGPL-2.1-or-later
# build: a step's layer is hashed while the next step is done.

load ../lib/common
load ../lib/context

# start [FLAG...]: build in the background
start() {
    setsid "$CUBBY" --root "$STORE" build "$@" "$CONTEXT" 2> "$BATS_TEST_TMPDIR/err" 3>&- > "$BATS_TEST_TMPDIR/out" &
    PID=$!
}

# A file of holes takes no room and a while to hash: longer than the next step takes to begin.
LONG='truncate -s 1G /big'

# worker: the process that hashes, which the process of the stage has forked, which the command has; it has a helper
worker() {
    local stage pid
    stage=$(pgrep -P "$PID" -x cubby) || return 0
    for pid in $(pgrep -P "$stage" -x cubby); do
        pgrep -P "$pid" -x cubby-layer > /dev/null && echo "$pid"
    done
    return 0
}

has_worker() { [ -n "$(worker)" ]; }

# has_hashed: the worker is a group of its own, and its helper, which took some time, has ended
has_hashed() {
    local stage pid
    stage=$(pgrep -P "$PID" -x cubby)
    for pid in $(pgrep -P "$stage" -x cubby); do
        [ "$(ps -o pgid= -p "$pid" | tr -d ' ')" != "$pid" ] || [ "$(cut -d' ' -f16-17 "/proc/$pid/stat")" = '0 0' ] || return 0
    done
    return 1
}

nothing_left() { [ -z "$(find "$STORE/tmp" -mindepth 2 -maxdepth 2 -type d)" ]; }

no_process() { ! pgrep -U "$(id -u)" -f "$1" > /dev/null; }

is_gone() { ! kill -0 "$1" 2> /dev/null || [ "$(ps -o stat= -p "$1")" = Z ]; }

layers() { cubby image inspect --format '{{.RootFS.Layers}}' "$1"; }

@test 'a layer is the same whether steps follow or not: files, holes, deletions, what is left out, and many names' {
    mkdir "$CONTEXT/tree"
    (cd "$CONTEXT/tree" && touch $(seq 1500))
    local steps='FROM bb:1
RUN mkdir -p /d/e /gone /was && echo 1 > /gone/f && echo 2 > /d/e/f && echo 3 > /was/f
RUN --mount=type=tmpfs,target=/new/mount --mount=type=cache,target=/d/cache \
    dd if=/dev/zero of=/a bs=1M count=9 2> /dev/null && truncate -s 20M /holes && rm -r /gone /was && mkdir /was && \
    ln /a /d/hard && ln -s a /z && mkfifo /fifo && (nc -l -U /sock & true) ; touch /d/e/.wh.x; echo z > /zz && chown 3:4 /zz
COPY tree /tree'
    dockerfile <<< "$steps"
    ok cubby build --no-cache --timestamp 1000 -t last:1 "$CONTEXT"
    dockerfile <<< "$steps"$'\nRUN true\nRUN echo more > /more'
    ok cubby build --no-cache --timestamp 1000 -t follow:1 "$CONTEXT"
    local one two
    one=$(layers last:1) two=$(layers follow:1)
    [[ ${two%]} == "${one%]} "* ]]
    ok cubby save -o "$BATS_TEST_TMPDIR/saved.tar" follow:1
    ok cubby run --rm follow:1 sh -c 'ls /tree | wc -l; test ! -e /gone && test ! -e /was/f && test ! -e /new && stat -c %s /holes /more'
    out_is $'1500\n20971520\n5'
}

@test 'the next step is done meanwhile, upon the layer, and so are COPY and WORKDIR' {
    echo f > "$CONTEXT/f"
    dockerfile <<EOF
FROM bb:1
RUN $LONG && echo one > /one
RUN test "\$(cat /one)" = one && rm /one && echo two > /two
COPY --chown=1:1 f /two
WORKDIR /made
RUN test "\$(cat /two)" = f && test ! -e /one && test "\$(stat -c %s /big)" = 1073741824
EOF
    ok cubby build -t m:1 "$CONTEXT"
    ok cubby build -t m:1 "$CONTEXT"
    err_lacks 'done in'
    wait_for 5 nothing_left
    ok cubby run --rm m:1 sh -c 'pwd; ls /one 2>&1; cat /two'
    out_is $'/made\nls: /one: No such file or directory\nf'
}

@test 'a step that fails leaves the one before it in the cache' {
    printf 'FROM bb:1\nRUN %s && : fails\nRUN exit 7\n' "$LONG" > "$CONTEXT/Dockerfile"
    fails 7 cubby build "$CONTEXT"
    err_has 'Dockerfile:3:'
    printf 'FROM bb:1\nRUN %s && : fails\nRUN true\n' "$LONG" > "$CONTEXT/Dockerfile"
    ok cubby build "$CONTEXT"
    err_has '[2/3] cached'
}

@test 'an interrupted build leaves the step before in the cache once its layer is hashed' {
    printf 'FROM bb:1\nRUN %s && : interrupted\nRUN echo begun; sleep 9876543\n' "$LONG" > "$CONTEXT/Dockerfile"
    start
    local status=0
    wait_for 20 grep -q '^begun' "$BATS_TEST_TMPDIR/err"
    wait_for 60 has_hashed
    kill -INT "$PID"
    wait "$PID" || status=$?
    [ "$status" = 130 ]
    nothing_left
    fails 1 pgrep -U "$(id -u)" -f 'sleep 9876543'
    printf 'FROM bb:1\nRUN %s && : interrupted\nRUN true\n' "$LONG" > "$CONTEXT/Dockerfile"
    ok cubby build "$CONTEXT"
    err_has '[2/3] cached'
    ok cubby system check
}

@test 'an interrupted build waits for no hash, nor does a command that is killed' {
    local signal hasher
    printf 'FROM bb:1\nRUN %s && : endless\nRUN echo begun; sleep 9876543\n' "${LONG/1G/900G}" > "$CONTEXT/Dockerfile"
    for signal in INT TERM KILL; do
        local status=0
        start
        wait_for 20 grep -q '^begun' "$BATS_TEST_TMPDIR/err"
        wait_for 20 has_worker
        hasher=$(worker)
        kill -"$signal" "$PID"
        wait "$PID" || status=$?
        if [ "$signal" = KILL ]; then
            wait_for 20 is_gone "$hasher"
        else
            [ "$status" = $((128 + $(kill -l "$signal"))) ]
            wait_for 20 is_gone "$hasher"
            no_process 'sleep 9876543'
            nothing_left
        fi
        fails 1 grep -l ': endless' -r "$STORE/build/cache"
        ok cubby system check
    done
    printf 'FROM bb:1\nRUN true\n' > "$CONTEXT/Dockerfile"
    ok cubby build "$CONTEXT"
    wait_for 10 no_process 'sleep 9876543'
    wait_for 5 nothing_left
}

@test 'a build that has failed and waits for a hash is interrupted at once' {
    local status=0
    printf 'FROM bb:1\nRUN %s && : failing\nRUN echo begun; exit 7\n' "${LONG/1G/900G}" > "$CONTEXT/Dockerfile"
    start
    wait_for 20 grep -q '^begun' "$BATS_TEST_TMPDIR/err"
    wait_for 20 has_worker
    kill -INT "$PID"
    wait "$PID" || status=$?
    [ "$status" = 130 ]
    nothing_left
}

@test 'a step that fails behind one whose layer is there already is told' {
    printf 'FROM bb:1\nRUN truncate -s 20M /big && touch -d @5 /big\nRUN exit 7\n' > "$CONTEXT/Dockerfile"
    for round in 1 2; do
        fails 7 cubby build --no-cache --timestamp 1000 "$CONTEXT"
        err_has 'Dockerfile:3: the command ended with status 7'
    done
    nothing_left
}

@test 'what goes wrong while a layer is hashed is told with the line of its step' {
    printf 'FROM bb:1\nRUN %s && : killed\nRUN echo begun\nRUN echo third\n' "${LONG/1G/900G}" > "$CONTEXT/Dockerfile"
    start
    local status=0
    wait_for 20 grep -q '^begun' "$BATS_TEST_TMPDIR/err"
    wait_for 20 has_worker
    kill -9 "$(worker)"
    wait "$PID" || status=$?
    cat "$BATS_TEST_TMPDIR/err"
    [ "$status" = 125 ]
    grep -q 'Dockerfile:2: the process that hashes the layer was killed' "$BATS_TEST_TMPDIR/err"
    ! grep -q '^third' "$BATS_TEST_TMPDIR/err" || false
    fails 1 grep -l ': killed' -r "$STORE/build/cache"
    nothing_left
}

@test 'of two builds that are the same at once each step is done once' {
    mkdir "$BATS_TEST_TMPDIR/sync"
    chmod 0777 "$BATS_TEST_TMPDIR/sync"
    printf 'FROM bb:1\nRUN echo a >> /sync/a && %s\nRUN echo b >> /sync/b\nRUN echo c >> /sync/c\n' "$LONG" > "$CONTEXT/Dockerfile"
    start -v "$BATS_TEST_TMPDIR/sync:/sync"
    ok cubby build -q -v "$BATS_TEST_TMPDIR/sync:/sync" "$CONTEXT"
    local id=$output
    wait "$PID"
    [ "$(cat "$BATS_TEST_TMPDIR/out")" = "$id" ]
    [ "$(cat "$BATS_TEST_TMPDIR"/sync/[abc])" = $'a\nb\nc' ]
}

@test 'builds that come to the same linked steps in another order do not wait for each other for ever' {
    truncate -s 300M "$CONTEXT/one" "$CONTEXT/two"
    printf 'FROM scratch\nCOPY --link one /\nCOPY --link two /\nCOPY --link Dockerfile /\n' > "$CONTEXT/Dockerfile"
    printf 'FROM scratch\nCOPY --link two /\nCOPY --link one /\nCOPY --link Dockerfile /\n' > "$CONTEXT/other"
    start
    ok cubby build -f "$CONTEXT/other" "$CONTEXT"
    wait "$PID"
}
