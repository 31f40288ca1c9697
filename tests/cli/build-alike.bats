# SPDX-License-Identifier: LGPL-2.1-or-later
# build: with a date, steps of deterministic tools give one image, whoever builds it and where.

load ../lib/common
load ../lib/context

# elsewhere ARGS...: cubby upon another store
elsewhere() { cubby --root "$BATS_TEST_TMPDIR/s" "$@"; }

teardown() {
    [ ! -d "$BATS_TEST_TMPDIR/s" ] || elsewhere system reset -f
    test_teardown
}

# steps DIR: files whose times, order and modes depend on the caller, and tools that do not
steps() {
    local name
    mkdir -p "$1/tree/b" "$1/tree/a"
    for name in $(shuf -i 1-40); do
        echo "$name" > "$1/tree/a/$name"
    done
    echo tool > "$1/tree/b/tool"
    chmod -R u=rwX,go=rX "$1"
    cat > "$1/Dockerfile" <<'EOF'
FROM bb:1 AS made
WORKDIR /src
COPY tree .
RUN find . -type f | sort | xargs cat | sha256sum > /sums && tar -cf - -C b tool | gzip -n > /tool.tgz
RUN mkdir -p /made/deep && cp -a a b /made/ && ln -s ../a /made/deep/link && ln /made/b/tool /made/hard && \
    chown -R 12:34 /made/a && chmod 2750 /made/deep && mkfifo /made/pipe && rm /made/a/7 && umask > /made/mask
FROM bb:1
ARG WHAT=thing
RUN --mount=type=cache,target=/cache --mount=type=tmpfs,target=/scratch date > /scratch/now && date > /cache/now && \
    echo "$WHAT" > /what && sed -i s/thing/things/ /what && awk 'BEGIN { print 1 / 3 }' >> /what && rm -r /home && printenv TZ LC_ALL HOME >> /what || true
COPY --from=made /made /made
COPY --from=made --chown=5:6 /sums /tool.tgz /made/
RUN truncate -s 6M /large && touch -d @5 /old
RUN echo last >> /what
LABEL a=b
EOF
}

@test 'steps of deterministic tools give the same image with a date: other home, zone, umask, locale, folder and times' {
    mkdir "$BATS_TEST_TMPDIR/home" "$BATS_TEST_TMPDIR/tmp"
    steps "$CONTEXT"
    ok cubby save -q -o "$BATS_TEST_TMPDIR/bb.tar" bb:1
    ok cubby build -q --source-date-epoch 1600000000 -t same:1 "$CONTEXT"
    local id=$output
    umask 0077
    CUBBY_ENV=(SOURCE_DATE_EPOCH=1600000000 TZ=America/St_Johns LC_ALL=tr_TR.UTF-8 LANG=C HOME="$BATS_TEST_TMPDIR/home"
        TMPDIR="$BATS_TEST_TMPDIR/tmp")
    ok elsewhere load -q -i "$BATS_TEST_TMPDIR/bb.tar"
    steps "$BATS_TEST_TMPDIR/elsewhere/folder"
    find "$BATS_TEST_TMPDIR/elsewhere" -exec touch -d @1750000000 {} +
    ok elsewhere build -q --jobs 1 --network none -t same:1 "$BATS_TEST_TMPDIR/elsewhere/folder"
    out_is "$id"
    # nothing of it was taken from a cache, nor is it all the same
    ok elsewhere build -q --no-cache -t same:2 "$BATS_TEST_TMPDIR/elsewhere/folder"
    out_is "$id"
    ok elsewhere build -q --build-arg WHAT=other -t other:1 "$BATS_TEST_TMPDIR/elsewhere/folder"
    [ "$output" != "$id" ]
}
