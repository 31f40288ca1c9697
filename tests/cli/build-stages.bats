# SPDX-License-Identifier: LGPL-2.1-or-later
# build-stages - the stages of a build as images

load ../lib/context

teardown() {
    test_teardown
    cubby rmi -f i:1 > /dev/null 2>&1 || true
    cubby image prune -f > /dev/null
}

# nameless: ids of the images without a name
nameless() {
    ok cubby images -q --no-trunc --filter dangling=true
    echo "$output"
}

# of_stage NAME: the id of the image that says that it is this stage
of_stage() {
    ok cubby images -a -q --no-trunc --filter "label=io.buildah.stage.name=$1"
    echo "${output#sha256:}"
}

# label IMAGE KEY
label() {
    ok cubby image inspect --format "{{index .Labels \"$2\"}}" "$1"
    echo "$output"
}

@test 'with --save-stages each stage that was built stays as an image without a name, until prune' {
    dockerfile <<'EOF'
FROM bb:1 AS tools
ENV WHAT=tools
RUN echo tool > /tool
CMD ["cat", "/tool"]
FROM bb:1 AS only
FROM bb:1 AS unused
RUN touch /unused
FROM only
COPY --from=tools /tool /
EOF
    ok cubby build -q -t i:1 --label final=yes --env FINAL=yes "$CONTEXT"
    [ -z "$(nameless)" ]
    ok cubby rmi i:1
    ok cubby build -q -t i:1 --save-stages --label final=yes --env FINAL=yes --os-version 7 "$CONTEXT"
    local stage id=$output
    stage=$(nameless)
    [ "$(wc -l <<< "$stage")" = 1 ]
    ok cubby run --rm "$stage" sh -c 'echo $WHAT $FINAL; cat /tool'
    out_is $'tools\ntool'
    [ -z "$(label "$stage" final)" ]
    # the same build gives the same images
    ok cubby build -q -t i:1 --save-stages --label final=yes --env FINAL=yes --os-version 7 "$CONTEXT"
    out_is "$id"
    [ "$(nameless)" = "$stage" ]
    ok cubby image prune -f
    out_is "${stage#sha256:}"
    ok cubby system check
}

@test 'with --stage-labels images say which stage they are and upon what, with --layer-label those of stages more' {
    dockerfile <<'EOF'
ARG BASE=bb:1
FROM $BASE AS First
RUN echo 1 > /1
FROM first
LABEL own=yes
FROM scratch AS third
COPY --from=first /1 /
FROM bb:1 AS only
FROM only
COPY --from=1 /1 /
COPY --from=third /1 /2
EOF
    ok cubby build -q -t i:1 --save-stages --stage-labels --layer-label kept=until --layer-label bare "$CONTEXT"
    local id=$output first
    first=$(of_stage first)
    [ "$(label "$first" io.buildah.stage.base)" = bb:1 ]
    [ "$(label "$(of_stage 1)" io.buildah.stage.base)" = "$first" ]
    [ "$(label "$(of_stage 1)" own)" = yes ]
    [ "$(label "$(of_stage third)" io.buildah.stage.base)" = scratch ]
    [ -z "$(of_stage only)" ]
    [ "$(of_stage 4)" = "$id" ]
    ok cubby image inspect --format '{{.Id}}' bb:1
    [ "$(label i:1 io.buildah.stage.base)" = "$output" ]
    [ "$(label "$first" kept)" = until ]
    ok cubby images -q --filter label=kept --filter label=bare=
    [ "$(wc -l <<< "$output")" = 3 ]
    ok cubby image inspect --format '{{json .Labels}}' i:1
    out_lacks kept
    # they are not of what follows, and a label of the user's wins
    ok cubby build -q -t i:1 --save-stages --stage-labels --label io.buildah.stage.name=mine "$CONTEXT"
    [ "$(label i:1 io.buildah.stage.name)" = mine ]
}

@test 'stages that were built before another failed stay as well' {
    dockerfile <<'EOF'
FROM bb:1 AS good
RUN touch /good
FROM bb:1
COPY --from=good /good /
RUN exit 3
EOF
    fails 3 cubby build --save-stages --stage-labels "$CONTEXT"
    local good
    good=$(of_stage good)
    [ "$(sed s/sha256:// <<< "$(nameless)")" = "$good" ]
    ok cubby run --rm "$good" ls /good
}

@test 'stages of each platform are kept, also where only files are wanted' {
    printf 'FROM scratch AS a\nCOPY f /\nFROM scratch\nCOPY --from=a f /\n' > "$CONTEXT/Dockerfile"
    echo f > "$CONTEXT/f"
    ok cubby build -q --save-stages --platform linux/arm64,linux/amd64 -o "$BATS_TEST_TMPDIR/out" "$CONTEXT"
    [ "$(nameless | wc -l)" = 2 ]
}

@test 'labels of stages need stages that are kept' {
    dockerfile <<< 'FROM bb:1'
    for flag in --stage-labels --layer-label=a=b; do
        fails 125 cubby build "$flag" "$CONTEXT"
        err_has "${flag%%=*} needs --save-stages"
    done
}
