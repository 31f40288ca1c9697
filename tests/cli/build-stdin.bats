# SPDX-License-Identifier: LGPL-2.1-or-later
# build-stdin - RUN reads what the caller is given

load ../lib/context

# file PATH...: of the image i:1
file() {
    ok cubby run --rm i:1 cat "$@"
    echo "$output"
}

@test 'with --stdin commands read the standard input, one after the other' {
    dockerfile <<'EOF'
FROM bb:1 AS first
RUN read a && echo "$a" > /a
USER 7:7
RUN read b && echo "$b" > /tmp/b
FROM bb:1
COPY --from=first /a /tmp/b /
RUN cat > /rest
RUN cat > /nothing
EOF
    printf 'one\ntwo\nthree\nfour' > "$BATS_TEST_TMPDIR/in"
    ok cubby build -q --stdin -t i:1 "$CONTEXT" < "$BATS_TEST_TMPDIR/in"
    [ "$(file /a /b /rest /nothing)" = $'one\ntwo\nthree\nfour' ]
    # more than a pipe holds, from a pipe
    printf 'FROM bb:1\nRUN sha256sum > /sum\n' > "$CONTEXT/Dockerfile"
    head -c 1000000 /dev/zero | cubby build -q --stdin -t i:1 "$CONTEXT"
    [[ $(file /sum) = "$(head -c 1000000 /dev/zero | sha256sum)" ]]
}

@test 'what commands have is a pipe, not what the caller has' {
    dockerfile <<'EOF'
FROM bb:1
RUN readlink /proc/self/fd/0 > /kind; echo written 2> /dev/null >> /proc/self/fd/0 || echo no > /written
EOF
    echo kept > "$BATS_TEST_TMPDIR/in"
    ok cubby build -q --stdin -t i:1 "$CONTEXT" 0<> "$BATS_TEST_TMPDIR/in"
    [[ $(file /kind) = pipe:* ]]
    [ "$(cat "$BATS_TEST_TMPDIR/in")" = kept ]
}

@test 'without --stdin there is nothing to read, and its steps are others' {
    dockerfile <<< 'FROM bb:1'
    echo 'RUN cat > /f' >> "$CONTEXT/Dockerfile"
    ok cubby build -q --stdin -t i:1 "$CONTEXT" <<< typed
    [ "$(file /f)" = typed ]
    # what was read does not count for the cache
    ok cubby build --stdin -t i:1 "$CONTEXT" <<< other
    err_has cached
    [ "$(file /f)" = typed ]
    ok cubby build -q -t i:1 "$CONTEXT" <<< typed
    [ "$(file /f)" = '' ]
}

@test '--stdin is not what something else reads' {
    dockerfile <<< 'FROM bb:1'
    fails 125 cubby build --stdin - <<< 'FROM bb:1'
    err_has 'is the context'
    fails 125 cubby build --stdin -f - "$CONTEXT" <<< 'FROM bb:1'
    err_has 'is the Dockerfile'
    fails 125 cubby build --stdin --jobs 2 "$CONTEXT"
    err_has --jobs
    ok cubby build -q --stdin --jobs 1 "$CONTEXT" < /dev/null
}

@test 'a question of a command is answered on the terminal' {
    dockerfile <<'EOF'
FROM bb:1
RUN echo 'sure?'; read answer; echo "it was $answer"
EOF
    ok on_tty expect 'sure?' send 'certainly\r' expect 'it was certainly' stopped -- \
        build --progress plain --stdin "$CONTEXT"
}

@test 'who reads what never comes can be interrupted' {
    dockerfile <<'EOF'
FROM bb:1
RUN echo waiting; cat
EOF
    mkfifo "$BATS_TEST_TMPDIR/fifo"
    sleep 100 > "$BATS_TEST_TMPDIR/fifo" &
    local writer=$!
    env -i HOME="$HOME" PATH="$PATH" USER="$USER" timeout 60 "$CUBBY" --root "$STORE" \
        build --progress plain --stdin "$CONTEXT" < "$BATS_TEST_TMPDIR/fifo" 2> "$BATS_TEST_TMPDIR/err" &
    local pid=$!
    wait_for 20 grep -q '^waiting' "$BATS_TEST_TMPDIR/err"
    kill -INT "$pid"
    local status=0
    wait "$pid" || status=$?
    kill "$writer"
    [ "$status" = 130 ]
    ok cubby ps -aq --external
    out_is ''
}
