# SPDX-License-Identifier: LGPL-2.1-or-later
# build: what RUN --mount shows, and what stays of it.

load ../lib/common

setup_file() {
    file_setup
    import_busybox
}

# Files of other ids are there, which only root of the user namespace can remove.
teardown_file() {
    cubby unshare rm -rf "$STORE/build"
    cubby unshare chown -R 0:0 "$STORE/layers"
    file_teardown
}

setup() {
    CONTEXT=$BATS_TEST_TMPDIR/context
    mkdir -p "$CONTEXT"
}

# dockerfile: the standard input becomes the context's Dockerfile
dockerfile() { cat > "$CONTEXT/Dockerfile"; }

@test 'cache: what a step leaves in it the next one finds, in no layer; owner and mode are as asked' {
    dockerfile <<'DF'
FROM bb:1
RUN --mount=type=cache,id=c1,target=/c echo one > /c/f
RUN --mount=type=cache,id=c1,target=/other cat /other/f > /seen
RUN --mount=type=cache,target=/d,uid=3,gid=4,mode=0770 stat -c '%u %g %a' /d > /owner
RUN --mount=type=cache,id=c1,target=/c,ro ! touch /c/x && cat /c/f
DF
    ok cubby build -t m:1 "$CONTEXT"
    ok cubby run --rm m:1 sh -c 'cat /seen /owner; ls -A /c /other /d 2>/dev/null || true'
    out_has one
    has_ranges && out_has '3 4 770'
    [ "$(cubby run --rm m:1 sh -c 'ls -A /c 2>/dev/null')" = '' ]
}

@test 'cache: a new one begins with what from= has, and keeps what it has then' {
    dockerfile <<'DF'
FROM bb:1 AS seed
RUN mkdir -p /s/sub && echo seed > /s/sub/f && chown -R 2:3 /s/sub
FROM bb:1
RUN --mount=type=cache,id=seeded,target=/c,from=seed,source=/s stat -c '%u %g' /c/sub/f && cat /c/sub/f && echo more > /c/sub/f
RUN --mount=type=cache,id=seeded,target=/c,from=seed,source=/s echo "now $(cat /c/sub/f)"
RUN --mount=type=cache,id=whole,target=/c,from=bb:1,uid=5 test -s /c/etc/passwd && stat -c 'top %u' /c
DF
    ok cubby build "$CONTEXT"
    err_has seed
    err_has 'now more'
    if has_ranges; then
        err_has '2 3'
        err_has 'top 5'
    fi
    dockerfile <<'DF'
FROM bb:1
RUN --mount=type=cache,id=broken,target=/c,from=bb:1,source=/nowhere true
DF
    fails 125 cubby build "$CONTEXT"
    err_has nowhere
}

@test 'cache: private ones are not shared by stages at work, locked ones one after the other' {
    dockerfile <<'DF'
FROM bb:1 AS a
RUN --mount=type=cache,id=l,target=/c,sharing=locked ! test -e /c/in && touch /c/in && sleep 1 && rm /c/in
RUN --mount=type=cache,id=p,target=/c,sharing=private ! test -e /c/in && touch /c/in && sleep 1 && rm /c/in
FROM bb:1 AS b
RUN --mount=type=cache,id=l,target=/c,sharing=locked ! test -e /c/in && touch /c/in && sleep 1 && rm /c/in && true
RUN --mount=type=cache,id=p,target=/c,sharing=private ! test -e /c/in && touch /c/in && sleep 1 && rm /c/in && true
FROM bb:1
COPY --from=a /etc/passwd /a
COPY --from=b /etc/passwd /b
DF
    ok cubby build --no-cache --jobs 2 "$CONTEXT"
}

@test 'what a user with the caller'\''s own id writes is that user'\''s in the layer, whatever is mounted' {
    needs ranges
    dockerfile <<DF
FROM bb:1
USER $(id -u):$(id -g)
RUN --mount=type=cache,target=/c,uid=$(id -u) touch /tmp/f /c/f && stat -c 'sees %u:%g' /tmp/f && ! touch /f 2> /dev/null
DF
    ok cubby build -t own:1 "$CONTEXT"
    err_has "sees $(id -u):$(id -g)"
    ok cubby run --rm --network none own:1 stat -c %u:%g /tmp/f
    out_is "$(id -u):$(id -g)"
}

@test 'tmpfs: it has a size, and nothing stays of it' {
    dockerfile <<'DF'
FROM bb:1
RUN --mount=type=tmpfs,target=/t,size=1m ! head -c 3000000 /dev/zero > /t/f && df -k /t | tail -1
DF
    ok cubby build -t t:1 "$CONTEXT"
    err_matches ' 1024 '
    ok cubby run --rm t:1 sh -c 'ls -A /t 2>/dev/null || true'
    out_is ''
}

@test 'bind: what is written is discarded, a stage and an image with a source, rules of the context hold' {
    echo file > "$CONTEXT/file"
    echo left-out > "$CONTEXT/out"
    echo out > "$CONTEXT/.dockerignore"
    dockerfile <<'DF'
FROM bb:1 AS one
RUN mkdir -p /x/y && echo deep > /x/y/z && mkfifo /x/y/pipe
FROM bb:1
RUN --mount=type=bind,target=/m,rw echo changed > /m/file && cat /m/file && ! test -e /m/out
RUN --mount=type=bind,target=/m ! touch /m/new && cat /m/file
RUN --mount=type=bind,from=one,source=/x/y,target=/m,rw cat /m/z && echo no > /m/z && test -p /m/pipe
RUN --mount=type=bind,from=bb:1,source=/etc,target=/m test -s /m/passwd
RUN --mount=type=bind,from=one,source=x/y/z,target=/z cat /z
RUN --mount=type=bind,source=file,target=/f cat /f
RUN --mount=type=bind,source=file,target=/f,rw echo changed > /f && cat /f
RUN --mount=type=bind,from=others,source=passwd,target=/f,rw test -s /f && cat /f > /dev/null
DF
    ok cubby build -t b:1 --build-context others=/etc "$CONTEXT"
    err_lacks 'left out'
    [ "$(cat "$CONTEXT/file")" = file ]
    ok cubby run --rm b:1 sh -c 'cat /m/* /z /f 2>/dev/null || true'
    out_is ''
    dockerfile <<'DF'
FROM bb:1
RUN --mount=type=bind,source=../../etc,target=/m true
DF
    fails 125 cubby build "$CONTEXT"
}

@test 'a stage that is ended as another fails leaves no copy of the context' {
    local sync=$BATS_TEST_TMPDIR/sync
    mkdir "$sync"
    mkfifo "$sync/p"
    echo out > "$CONTEXT/.dockerignore"
    dockerfile <<'DF'
FROM bb:1 AS long
RUN --mount=type=bind,target=/m echo > /sync/p; sleep 1000
FROM bb:1 AS wrong
RUN read x < /sync/p; exit 7
FROM bb:1
COPY --from=long / /
COPY --from=wrong / /
DF
    fails 7 cubby build --jobs 2 --network none -v "$sync:/sync" "$CONTEXT"
    [ -z "$(ls "$STORE/containers")" ]
    [ -z "$(find "$STORE/tmp" -mindepth 2)" ]
}
