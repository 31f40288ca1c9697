#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The build cache: what changes makes those steps new that see it, and no other.

load ../lib/common

setup_file() {
    file_setup
    import_busybox
}

# The steps have names, so that a row of the table can say which are done again:
#   A: RUN before all    B: COPY a     C: RUN with ARG USED    D: COPY dir    E: RUN with a mount of the context's m
#   F: COPY --from the stage S         G: RUN with a mount of the stage S     H: RUN after ENV
context() {
    CONTEXT=$BATS_TEST_TMPDIR/c
    rm -rf "$CONTEXT"
    mkdir -p "$CONTEXT/dir/sub"
    echo a > "$CONTEXT/a"
    echo m > "$CONTEXT/m"
    echo s > "$CONTEXT/s"
    echo one > "$CONTEXT/dir/sub/one"
    echo other > "$CONTEXT/other"
    echo ignored > "$CONTEXT/ignored"
    echo ignored > "$CONTEXT/.dockerignore"
    cat > "$CONTEXT/Dockerfile" <<'END'
# a comment
FROM bb:1 AS s
COPY s /s
RUN cp /s /made; date > /dev/null
FROM base:1
ARG USED=0
RUN echo A > /A
COPY a /B
RUN echo $USED > /C
COPY dir /D
RUN --mount=type=bind,source=m,target=/m cat /m > /E
COPY --from=s /made /F
RUN --mount=type=bind,from=s,source=/made,target=/x cat /x > /G
ENV E=1
ARG LATE=0
RUN echo H $LATE > /H
LABEL l=1
END
}

# done_steps WORDS...: build; $DONE is the steps that were done and not taken from the cache: p and q of the
# stage s, the letters of the others
done_steps() {
    ok cubby build -t t:1 "$@" "$CONTEXT"
    DONE=$(awk '
        /^\[[^]]*\] (cached|done)/ { if ($0 ~ /done/) print letter[$1 $2]; next }
        /^\[/ { key = $1 $2; name = "-" }
        /COPY s / { name = "p" }
        /RUN cp / { name = "q" }
        / > \/[A-H]/ { match($0, / > \/[A-H]/); name = substr($0, RSTART + 4, 1) }
        /COPY .*\/[BDF]$/ { name = substr($0, length($0), 1) }
        /^\[/ { letter[key] = name }
    ' <<< "$stderr" | sort | tr -d '\n')
}

# row WANTED WHAT COMMAND...: after the command (in the context), WANTED are the steps that are done again
row() {
    local wanted=$1 what=$2
    shift 2
    context
    done_steps
    (cd "$CONTEXT" && "$@")
    done_steps "${WORDS[@]}"
    [ "$DONE" = "$wanted" ] || { echo "$what: done again are '$DONE', not '$wanted'" >&2; BAD=1; }
    WORDS=()
}

# edit SED: change the Dockerfile
edit() { sed -i "$1" Dockerfile; }
put() { echo "$2" > "$1"; }
rename() { mv "$1" "$2"; }
rebase() { base "$1"; }

# base LINES: the image base:1, from bb:1
base() {
    printf 'FROM bb:1\n%s\n' "$1" | cubby build -q -t base:1 -f - "$BATS_FILE_TMPDIR/none" > /dev/null 2>&1
}

setup() {
    mkdir -p "$BATS_FILE_TMPDIR/none"
    base 'ENV K=1'
    WORDS=()
    BAD=0
}

@test 'what of the context changes makes new the steps that see it, and those after' {
    row '' 'nothing' true
    row '' 'a time' touch a dir/sub/one m s
    row '' 'a file that no step takes' put other 2
    row '' 'a file that is ignored' put ignored 2
    row BCDEFGH 'the content of a file' put a 2
    row BCDEFGH 'the mode of a file' chmod 0600 a
    row DEFGH 'a file in a folder' put dir/sub/one 2
    row DEFGH 'a new file in a folder' put dir/two 2
    row DEFGH 'the name of a file in a folder' rename dir/sub/one dir/sub/two
    row DEFGH 'the mode of a folder' chmod 0700 dir/sub
    row EFGH 'what a mount has' put m 2
    row FGHpq 'what another stage takes' put s 2
    [ "$BAD" = 0 ]
}

@test 'what of the Dockerfile changes makes new its step, and those after' {
    row '' 'a comment' edit 's/# a comment/# another/'
    row '' 'a label at the end' edit 's/LABEL l=1/LABEL l=2/'
    row H 'ENV' edit 's/ENV E=1/ENV E=2/'
    row H 'the last command' edit 's/echo H/echo  H/'
    row ABCDEFGH 'the first command' edit 's/echo A/echo  A/'
    row q 'another stage, with the same outcome' edit 's/date >/date  >/'
    row FGHq 'another stage, with another outcome' edit 's/date > .dev.null/echo x > \/made/'
    [ "$BAD" = 0 ]
}

@test 'arguments make new the steps after them, when they have another value' {
    WORDS=(--build-arg USED=0 --build-arg LATE=0)
    row '' 'the same values' true
    WORDS=(--build-arg LATE=1)
    row H 'a late argument' true
    WORDS=(--build-arg USED=1)
    row ABCDEFGH 'an argument that commands see' true
    WORDS=(--label x=y)
    row '' 'a label' true
    WORDS=(--no-cache)
    row ABCDEFGHpq 'no cache' true
    [ "$BAD" = 0 ]
}

@test 'another base makes all new, the same again does not' {
    row '' 'the same base' rebase 'ENV K=1'
    row ABCDEFGH 'another layer' rebase 'RUN echo x > /x'
    row ABCDEFGH 'another variable of the base' rebase 'ENV K=2'
    [ "$BAD" = 0 ]
}

# Between the two an end of the process leaves what a later command finds: a layer without a record would be found by
# image prune alone.
@test 'a step is remembered before its layer is there, hashed at once or later' {
    context
    for step in 'echo 1 > /one' 'truncate -s 8M /large && echo 1 > /one'; do
        printf 'FROM bb:1\nRUN %s\nRUN echo 2 > /two\n' "$step" > "$CONTEXT/Dockerfile"
        ok cubby builder prune -af
        mkdir -p "$STORE/build/cache"
        ls "$STORE/layers" > "$BATS_TEST_TMPDIR/before"
        chmod 0500 "$STORE/build/cache"
        fails 125 cubby build "$CONTEXT"
        chmod 0700 "$STORE/build/cache"
        err_has "cannot write 'build/cache/"
        ls "$STORE/layers" > "$BATS_TEST_TMPDIR/after"
        cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
        chmod 0500 "$STORE/layers"
        fails 125 cubby build "$CONTEXT"
        chmod 0700 "$STORE/layers"
        grep -q one "$STORE"/build/cache/*.json
        ok cubby system check
        ok cubby build -t t:1 "$CONTEXT"
        err_lacks cached
        ok cubby run --rm t:1 cat /one /two
        out_is $'1\n2'
        ok cubby system check
    done
}

@test 'what is taken from the cache can be saved when its image had gone, with another storage driver too' {
    [ -w /dev/fuse ] && command -v fuse-overlayfs > /dev/null || skip 'there is no fuse-overlayfs'
    elsewhere() { cubby --root "$BATS_TEST_TMPDIR/s" --storage-driver fuse-overlayfs "$@"; }
    mkdir "$BATS_TEST_TMPDIR/c"
    echo text > "$BATS_TEST_TMPDIR/c/f"
    printf 'FROM scratch\nCOPY f /f\nWORKDIR /d\nCOPY f /d/\n' > "$BATS_TEST_TMPDIR/c/Dockerfile"
    for round in 1 2; do
        ok elsewhere build -t t:1 "$BATS_TEST_TMPDIR/c"
        ok elsewhere save -q -o "$BATS_TEST_TMPDIR/$round.tar" t:1
        ok elsewhere rmi t:1
        ok elsewhere image prune -f
        ok elsewhere system check
    done
    ok elsewhere build -t t:1 "$BATS_TEST_TMPDIR/c"
    [ "$(grep -c '\] cached$' <<< "$stderr")" = 3 ]
    ok elsewhere builder prune -af
    ok elsewhere rmi t:1
    [ -z "$(ls "$BATS_TEST_TMPDIR/s/blobs/sha256")" ]
    [ -z "$(ls "$BATS_TEST_TMPDIR/s/layers")" ]
    ok elsewhere system reset -f
}
