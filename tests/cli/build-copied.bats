# SPDX-License-Identifier: LGPL-2.1-or-later
# build: where nothing can be mounted over another, so that layers are copied into one folder.

load ../lib/common
load ../lib/context
load ../lib/same

copied() { cubby --root "$BATS_TEST_TMPDIR/${1}" --storage-driver copy "${@:2}"; }

@test 'stages of several layers are copied from, mounted and written to a folder' {
    local tar=$BATS_TEST_TMPDIR/bb.tar out=$BATS_TEST_TMPDIR/out
    ok cubby save -o "$tar" bb:1
    mkdir "$BATS_TEST_TMPDIR/s"
    ok copied s load -i "$tar"
    dockerfile <<'EOF'
FROM bb:1 AS one
RUN mkdir /d && echo 1 > /d/a && chmod 0711 /
RUN echo 2 > /d/b && rm /d/a && ln -s b /d/c
FROM bb:1 AS two
COPY --from=one /d /e
RUN --mount=from=one,target=/m cat /m/d/c > /read && stat -c %a / /m > /modes
FROM scratch
COPY --from=two /e /read /modes /
COPY --from=one --chown=1:1 /d/b /owned
EOF
    ok copied s build -o "$out" "$CONTEXT"
    [ "$(cd "$out" && echo *)" = 'b c modes owned read' ]
    [ "$(cat "$out/read" "$out/owned")" = $'2\n2' ]
    [ "$(cat "$out/modes")" = $'755\n711' ]
    ok copied s build --squash -t all:1 --target two "$CONTEXT"
    ok copied s run --rm --network none all:1 ls /e
    out_is $'b\nc'
    ok copied s system check
    left() { [ -z "$(find "$BATS_TEST_TMPDIR/s/tmp" -mindepth 2)" ]; }
    wait_for 20 left
}

@test 'the same files give the same image' {
    local store first=
    same_context "$CONTEXT"
    for store in s t; do
        mkdir "$BATS_TEST_TMPDIR/$store"
        ok copied "$store" build -q --source-date-epoch 1600000000 "$CONTEXT"
        first=${first:-$output}
        out_is "$first"
    done
}
