# SPDX-License-Identifier: LGPL-2.1-or-later
# build-volumes - what RUN does in the folders of volumes

load ../lib/context

# files: all files below /v and /var/v of the image i:1, sorted, with what is in them
files() {
    ok cubby run --rm --image-volume ignore i:1 sh -c 'for f in $(find /v /var/v -type f 2> /dev/null | sort); do echo "$f=$(cat $f)"; done'
    echo "$output"
}

layers() {
    ok cubby image inspect --format '{{len .RootFS.Layers}}' "$1"
    echo "$output"
}

setup() {
    CONTEXT=$BATS_TEST_TMPDIR/context
    mkdir -p "$CONTEXT"
    echo copied > "$CONTEXT/copied"
}

@test 'what RUN changes below a volume stays, and with --compat-volumes it is undone' {
    dockerfile <<'EOF'
FROM bb:1
RUN mkdir -p /v/kept && echo 1 > /v/kept/f && echo 1 > /v/gone
VOLUME /v/
RUN echo 2 > /v/kept/f && rm /v/gone && echo 2 > /v/new && chmod 700 /v && mkdir /v/folder
COPY copied /v/copied
RUN echo 3 > /v/copied && rm -r /v/kept && mkdir /v/kept && touch /beside
EOF
    ok cubby build -q -t i:1 "$CONTEXT"
    [ "$(files)" = $'/v/copied=3\n/v/new=2' ]
    ok cubby build -q -t i:1 --compat-volumes "$CONTEXT"
    [ "$(files)" = $'/v/copied=copied\n/v/gone=1\n/v/kept/f=1' ]
    ok cubby run --rm --image-volume ignore i:1 sh -c 'stat -c %a /v; ls /beside'
    out_is $'755\n/beside'
    # the cache keeps them apart
    ok cubby build -t i:1 "$CONTEXT"
    err_lacks "done"
    [ "$(files)" = $'/v/copied=3\n/v/new=2' ]
}

@test 'volumes of the base count, each RUN sees what COPY and ADD gave them, and links lead where they lie' {
    dockerfile <<'EOF'
FROM bb:1
RUN mkdir -p /v /var/v && ln -s v /link && echo 1 > /var/v/f && echo 1 > /v/f
VOLUME ["/var/v", "/link"]
EOF
    ok cubby build -q -t base:1 "$CONTEXT"
    dockerfile <<'EOF'
FROM base:1
ADD copied /v/
RUN echo 2 > /var/v/f && echo 2 > /v/f && cat /link/copied > /seen && rm -rf /v
EOF
    ok cubby build -q -t i:1 --compat-volumes "$CONTEXT"
    [ "$(files)" = $'/v/copied=copied\n/v/f=1\n/var/v/f=1' ]
    ok cubby run --rm i:1 cat /seen
    out_is copied
}

@test 'the folder of a volume is there for the next RUN, and a RUN that changes nothing else has no layer' {
    dockerfile <<'EOF'
FROM bb:1
VOLUME /v/deep /v/other
RUN echo 1 > /v/deep/f && ls /v/other
RUN test ! -e /v/deep/f && test -d /v/deep
EOF
    fails 1 cubby build -q -t i:1 "$CONTEXT"
    ok cubby build -q -t i:1 --compat-volumes "$CONTEXT"
    [ "$(layers i:1)" = "$(($(layers bb:1) + 1))" ]
    ok cubby build --compat-volumes "$CONTEXT"
    err_lacks "done"
}

@test 'who takes away what is above a volume is told' {
    # a whole tree that has the folder again is as it was: what is in it is undone
    local again=(' && mkdir -p /v/deep')
    [ "${CUBBY_STORAGE-}" != copy ] || again=()
    for more in '' ' && touch /v' "${again[@]}"; do
        printf 'FROM bb:1\nVOLUME /v/deep\nRUN rm -r /v%s\n' "$more" > "$CONTEXT/Dockerfile"
        fails 125 cubby build -q --compat-volumes "$CONTEXT"
        err_has "'/v' was taken away, and '/v/deep' with it"
        err_has 'Dockerfile:3'
    done
}

@test 'where the kernel mounts no overlay it is the same' {
    dockerfile <<'EOF'
FROM bb:1
RUN mkdir /v && echo 1 > /v/gone && echo 1 > /v/changed
VOLUME /v
RUN rm /v/gone && echo 2 > /v/changed && echo 2 > /v/new && touch /beside
EOF
    mkdir "$BATS_TEST_TMPDIR/s"
    cubby_copy() { cubby --root "$BATS_TEST_TMPDIR/s" --storage-driver copy "$@"; }
    ok cubby save -o "$BATS_TEST_TMPDIR/bb.tar" bb:1
    ok cubby_copy load -i "$BATS_TEST_TMPDIR/bb.tar"
    ok cubby_copy build -q -t i:1 --compat-volumes "$CONTEXT"
    ok cubby_copy run --rm --image-volume ignore i:1 sh -c 'cat /v/*; ls /v /beside'
    out_is $'1\n1\n/beside\n\n/v:\nchanged\ngone'
}

@test 'what a failed RUN has left is shown with what it did in volumes' {
    dockerfile <<'EOF'
FROM bb:1
VOLUME /v
RUN echo left > /v/f && false
EOF
    fails 1 cubby build --compat-volumes --keep-failed "$CONTEXT"
    local id
    id=$(grep -o 'run -it --rm --rmi [0-9a-f]*' <<< "$stderr" | head -1 | grep -o '[0-9a-f]*$')
    ok cubby run --rm "$id" cat /v/f
    out_is left
}
