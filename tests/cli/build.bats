# SPDX-License-Identifier: LGPL-2.1-or-later
# build: an image as a Dockerfile says.

load ../lib/context

# cached: how many steps the last build took from the cache
cached() { grep -c '\] cached$' <<< "$stderr"; }

@test 'instructions become an image that runs' {
    echo hello > "$CONTEXT/a.txt"
    dockerfile <<'EOF'
FROM bb:1
ARG WHO=world
ENV GREET=hi
WORKDIR /app/x
COPY a.txt .
RUN echo "$GREET $WHO" > out.txt && cat a.txt
CMD ["cat", "/app/x/out.txt"]
EOF
    ok cubby build -t app:1 --build-arg WHO=you "$CONTEXT"
    id=$output
    ok cubby run --rm app:1
    out_is 'hi you'
    ok cubby image inspect --format '{{.Id}} {{.Config.WorkingDir}}' app:1
    out_is "$id /app/x"
}

@test 'what was done before is not done again, and gives the same image' {
    echo one > "$CONTEXT/a"
    dockerfile <<'EOF'
FROM bb:1
COPY a /a
RUN cat /a > /b
EOF
    ok cubby build -t c:1 "$CONTEXT"
    id=$output
    ok cubby build -t c:1 "$CONTEXT"
    out_is "$id"
    [ "$(cached)" = 2 ]
    touch "$CONTEXT/a"
    ok cubby build -t c:1 "$CONTEXT"
    out_is "$id"
    echo two > "$CONTEXT/a"
    ok cubby build -t c:1 "$CONTEXT"
    [ "$(cached)" = 0 ]
    [ "$output" != "$id" ]
    ok cubby run --rm c:1 cat /b
    out_is two
}

@test 'stages that the target does not need are not built, others give their files' {
    dockerfile <<'EOF'
FROM bb:1 AS tools
RUN mkdir /out && echo tool > /out/tool
FROM bb:1 AS broken
RUN false
FROM bb:1
COPY --from=tools /out/ /usr/local/
EOF
    ok cubby build -t s:1 "$CONTEXT"
    ok cubby run --rm s:1 cat /usr/local/tool
    out_is tool
    fails 1 cubby build --target broken "$CONTEXT"
    err_has "Dockerfile:4: "
    err_has 'ended with status 1'
}

@test 'the status of a command that fails is that of the build, and nothing is left' {
    dockerfile <<'EOF'
FROM bb:1
RUN echo before; exit 42
EOF
    fails 42 cubby build -t f:1 "$CONTEXT"
    err_has before
    ok cubby ps -aq
    out_is ''
    fails 1 cubby image exists f:1
    ok cubby system check
}

@test 'layers of builds are pushed, saved and loaded like others' {
    dockerfile <<'EOF'
FROM bb:1
RUN mkdir -p /d && echo x > /d/x && ln /d/x /d/y && ln -s x /d/z && rm -rf /home
EOF
    ok cubby build -q -t p:1 "$CONTEXT"
    id=$output
    ok cubby save -o "$BATS_TEST_TMPDIR/p.tar" p:1
    ok cubby rmi p:1
    ok cubby builder prune -f
    ok cubby load -i "$BATS_TEST_TMPDIR/p.tar"
    ok cubby image inspect --format '{{.Id}}' p:1
    out_is "$id"
    ok cubby run --rm p:1 sh -c 'cat /d/y /d/z; ls -d /home || echo gone'
    out_is $'x\nx\ngone'
    ok cubby system check
}

@test 'caches, secrets and the context are mounted for one command, and leave nothing' {
    echo of-the-context > "$CONTEXT/c"
    dockerfile <<'EOF'
FROM bb:1
RUN --mount=type=cache,target=/cache --mount=type=tmpfs,target=/t --mount=target=/ctx \
    cat /ctx/c && echo x >> /cache/n && touch /t/a && wc -l < /cache/n
RUN ls -d /cache /t /ctx || echo none
EOF
    ok cubby build --no-cache -t m:1 "$CONTEXT"
    err_has of-the-context
    err_has none
    ok cubby build --no-cache -t m:1 "$CONTEXT"
    [[ $stderr == *$'\n2\n'* ]]
    for folder in /cache /t /ctx; do
        fails 1 cubby run --rm m:1 ls -d "$folder"
    done
}

@test 'a mistake in the Dockerfile is told with its line' {
    dockerfile <<'EOF'
FROM bb:1
RNU true
EOF
    fails 125 cubby build "$CONTEXT"
    err_has 'Dockerfile:2'
    err_has RUN
    fails 125 cubby build "$CONTEXT/nowhere"
    err_has nowhere
    printf 'FROM bb:1\nRUN echo worked\n' > "$CONTEXT/Dockerfile"
    fails 125 cubby build -t good -t 'Not Good' "$CONTEXT"
    err_has "'Not Good' is no image name"
    err_lacks worked
}

@test 'containers of a killed build are removed by the next one' {
    mkfifo "$CONTEXT/fifo"
    dockerfile <<'EOF'
FROM bb:1
RUN echo begun; sleep 1000
EOF
    "$CUBBY" --root "$STORE" build "$CONTEXT" 2> "$BATS_TEST_TMPDIR/err" 3>&- &
    pid=$!
    wait_for 10 grep -q '^begun' "$BATS_TEST_TMPDIR/err"
    kill -9 "$pid"
    wait "$pid" || true
    ok cubby ps -aq
    out_is ''
    printf 'FROM bb:1\nRUN true\n' > "$CONTEXT/Dockerfile"
    ok cubby build -q "$CONTEXT"
    left() { [ -z "$(ls "$STORE/containers")" ]; }
    wait_for 10 left
}

@test 'the image has the labels, annotations and names that were asked for, and its id is written' {
    printf 'FROM bb:1\nLABEL a=1\n' > "$CONTEXT/other"
    ok cubby build --file "$CONTEXT/other" --label b=2 --annotation note=hi --iidfile "$BATS_TEST_TMPDIR/id" \
        --jobs 1 -t l:1 -t l:2 "$CONTEXT"
    [ "$(cat "$BATS_TEST_TMPDIR/id")" = "sha256:$output" ]
    ok cubby image inspect --format '{{.Config.Labels.a}} {{.Config.Labels.b}} {{.Annotations.note}}' l:2
    out_is '1 2 hi'
    ok cubby build -q -f - "$CONTEXT" <<< 'FROM bb:1'
}

@test 'an image that is not there is pulled with the credentials that were given' {
    printf 'FROM 127.0.0.1:1/none/none:1\n' > "$CONTEXT/Dockerfile"
    echo '{}' > "$BATS_TEST_TMPDIR/none"
    fails 125 cubby build --tls-verify=false --authfile "$BATS_TEST_TMPDIR/none" --creds me:word \
        --cert-dir "$BATS_TEST_TMPDIR" "$CONTEXT"
    err_has '127.0.0.1:1'
    err_has 'Dockerfile:1'
}

@test 'a step may give a layer that is there, also one that the build copies from' {
    echo x > "$CONTEXT/f"
    printf 'FROM scratch\nCOPY f /d/f\n' > "$CONTEXT/Dockerfile"
    ok cubby build -q -t same:1 "$CONTEXT"
    printf 'FROM scratch\nCOPY --from=localhost/same:1 / /\n' > "$CONTEXT/Dockerfile"
    ok cubby build -q -t same:2 "$CONTEXT"
    [ "$(cubby image inspect --format '{{.RootFS.Layers}}' same:1)" = "$(cubby image inspect --format '{{.RootFS.Layers}}' same:2)" ]
}

@test 'the image below may go while a build stands upon it' {
    mkfifo "$BATS_TEST_TMPDIR/fifo"
    ok cubby import "$(busybox_tar)" below:1
    printf 'FROM below:1\nRUN cat /fifo/fifo\nRUN echo after > /f\n' > "$CONTEXT/Dockerfile"
    cubby build -q -v "$BATS_TEST_TMPDIR:/fifo" -t above:1 "$CONTEXT" > "$BATS_TEST_TMPDIR/out" 3>&- &
    begun() { pgrep -f 'cat /fifo/fifo' > /dev/null; }
    wait_for 10 begun
    ok cubby rmi below:1
    echo > "$BATS_TEST_TMPDIR/fifo"
    wait $!
    ok cubby run --rm above:1 cat /f
    out_is after
}

@test 'the root of an image may be given away, and be shut, by one step and the next' {
    has_ranges || skip 'there is one id'
    printf 'FROM bb:1\nRUN chown 7:8 / && touch /f\nRUN truncate -s 9M /large && chown 9:9 / && chmod 0700 /\nRUN touch /last\n' > "$CONTEXT/Dockerfile"
    ok cubby build -t given:1 "$CONTEXT"
    ok cubby run --rm given:1 stat -c '%u %g %a' /
    out_is '9 9 700'
    ok cubby save -q -o "$BATS_TEST_TMPDIR/given.tar" given:1
    ok cubby rmi given:1
    ok cubby builder prune -f
    # its layers are kept as files of a pulled image are, and made again
    ok cubby load -q -i "$BATS_TEST_TMPDIR/given.tar"
    ok cubby save -q -o "$BATS_TEST_TMPDIR/again.tar" given:1
    cmp "$BATS_TEST_TMPDIR/given.tar" "$BATS_TEST_TMPDIR/again.tar"
    ok cubby rmi given:1
    ok cubby system check
}

@test 'what cannot be copied and what matches nothing is told' {
    mkdir "$CONTEXT/d"
    mkfifo "$CONTEXT/d/pipe"
    echo x > "$CONTEXT/d/file"
    printf 'FROM bb:1\nCOPY d /d\nCOPY *.none d/file /e/\n' > "$CONTEXT/Dockerfile"
    ok cubby build -t left "$CONTEXT"
    err_has "'d/pipe' of the build context is a named pipe and is left out"
    err_has "nothing in the build context matches '*.none'"
    ok cubby run --rm left ls /d /e
    out_is $'/d:\nfile\n\n/e:\nfile'
    chmod 0 "$CONTEXT/d/file"
    echo y > "$CONTEXT/d/new"
    fails 125 cubby build "$CONTEXT"
    err_has 'd/file'
}
