# SPDX-License-Identifier: LGPL-2.1-or-later
# build-shown - what a build tells: steps, failures, warnings; and for which platform it is

load ../lib/context

@test 'a step that fails is shown with its place, and with its last lines when they were not' {
    dockerfile <<'EOF'
FROM bb:1
RUN for i in $(seq 30); do echo "line $i"; done && \
    false
EOF
    fails 1 cubby build "$CONTEXT"
    err_has '   2 >>> RUN for i in'
    err_has '   3 >>>     false'
    err_lacks '| line'
    fails 1 cubby build -q "$CONTEXT"
    err_has '  | line 30'
    err_has '  | line 11'
    err_lacks '  | line 10'
    fails 1 cubby build --progress quiet "$CONTEXT"
    err_has '  | line 30'
}

@test 'what a step that failed has left, and what was built before it, can be looked into' {
    dockerfile <<'EOF'
FROM bb:1
VOLUME /v
ENTRYPOINT ["/nothing"]
ARG WHAT=argument
ENV KIND=variable
WORKDIR /w
RUN echo before > here; chown 7:8 /w
USER 7:8
RUN --mount=type=secret,id=s,required=false echo after > there; rm here; exit 3
EOF
    fails 3 cubby build "$CONTEXT"
    err_has 'hint: to look inside, build with --keep-failed'
    ok cubby images -q --filter dangling=true
    out_is ''
    fails 3 cubby build -q --label a=b --keep-failed "$CONTEXT"
    local hint=$stderr
    local command=${hint##*'it has left with: '}
    command=${command%%;*}
    command=${command/#cubby/$CUBBY}
    ok tty expect '$' send 'echo $WHAT $KIND $(id -u):$(id -g) $(cat there) $(ls)\n' \
        expect 'argument variable 7:8 after there' send 'exit\n' stopped -- \
        env -i HOME="$HOME" PATH="$PATH" USER="$USER" sh -c "$command"
    command=${hint##*'before it with: '}
    command=${command/#cubby/$CUBBY}
    ok tty expect '$' send 'echo $WHAT $KIND $(id -u):$(id -g) $(cat here)\n' \
        expect 'argument variable 7:8 before' send 'exit\n' stopped -- \
        env -i HOME="$HOME" PATH="$PATH" USER="$USER" sh -c "$command"
    # the images went with the containers
    ok cubby images -q --filter dangling=true
    out_is ''
    printf 'FROM scratch\nCOPY missing /\n' > "$CONTEXT/Dockerfile"
    fails 125 cubby build --keep-failed "$CONTEXT"
    err_has 'nothing was built before it'
}

@test 'what is shown can go to a file' {
    printf 'FROM bb:1\nRUN echo shown\n' > "$CONTEXT/Dockerfile"
    ok cubby build --logfile "$BATS_TEST_TMPDIR/log" "$CONTEXT"
    err_is ''
    grep -q '^shown' "$BATS_TEST_TMPDIR/log"
    ok cubby build --no-cache --progress plain "$CONTEXT"
    err_has shown
    for bad in tty colourful; do
        fails 125 cubby build --progress "$bad" "$CONTEXT"
        err_has "$bad"
    done
    fails 125 cubby build --logfile /nowhere/log "$CONTEXT"
}

@test 'on a terminal steps that have ended stay, and those at work are redrawn' {
    dockerfile <<'EOF'
FROM bb:1
RUN echo quick
RUN echo "first of these lines"; printf 'at 1%%\rat 2%%'; sleep 100
EOF
    fails 130 on_tty --size 60x20 expect '| first of these lines' expect '| at 2%' size 22x10 \
        expect $'| first of these l\u2026' send '\x03' stopped -- \
        build --progress tty "$CONTEXT"
    out_matches $'\\[2/3\\] RUN echo quick +[0-9.]+s\r\n'
    out_has $'\e[2mbuilding '
    # its last word: the lines are gone, and the terminal is as before
    out_matches $'\e\\[[0-9]+A\r\e\\[J\e\\[\\?7l\e\\[\\?7h\e\\[\\?25h[^\e]*interrupted[^\e]*$'
    ok cubby ps -aq --external
    out_is ''
    printf 'FROM bb:1\nRUN echo quick\nRUN echo why; false\n' > "$CONTEXT/Dockerfile"
    fails 1 on_tty -- build "$CONTEXT"
    out_matches $'\e\\[2m\\[2/3\\] RUN echo quick +cached\e'
    out_matches $'\e\\[31m\\[3/3\\] RUN echo why; false +failed.*  \\| why\r\n.*>>> RUN echo why'
}

@test 'programs are told in events of BuildKit' {
    dockerfile <<'EOF'
FROM bb:1 as one
RUN echo said; echo loudly >&2
FROM bb:1
COPY --from=one /etc/passwd /p
RUN --mount=from=one,target=/a echo why; exit 3
EOF
    fails 3 cubby build --progress rawjson --build-arg LOST=1 --jobs 1 "$CONTEXT"
    /usr/bin/python3 - << 'EOF' "$stderr"
import base64, json, sys
events = [json.loads(line) for line in sys.argv[1].split("\n") if line.startswith("{")]
last = {}
for event in events:
    for v in event.get("vertexes", []):
        last[v["name"]] = v
logs = [log for event in events for log in event.get("logs", [])]
warnings = [base64.b64decode(w["short"]).decode() for e in events for w in e.get("warnings", [])]
said = {}
for log in logs:
    key = log["vertex"], log["stream"]
    said[key] = said.get(key, b"") + base64.b64decode(log["data"])
one, copy = last["[one 2/2] RUN echo said; echo loudly >&2"], last["[stage-1 2/3] COPY --from=one /etc/passwd /p"]
failed = last["[stage-1 3/3] RUN --mount=from=one,target=/a echo why; exit 3"]
assert said[one["digest"], 1] == b"said\n" and said[one["digest"], 2] == b"loudly\n" and said[failed["digest"], 1] == b"why\n", said
assert one["inputs"] == [last["[one 1/2] FROM bb:1 as one"]["digest"]]
assert copy["inputs"] == [last["[stage-1 1/3] FROM bb:1"]["digest"], one["digest"]]
assert failed["inputs"] == [copy["digest"], one["digest"]] and "status 3" in failed["error"]
assert all(v["started"] <= v["completed"] for v in last.values())
assert len(warnings) == 2 and "FromAsCasing" in warnings[0] and "LOST" in warnings[1], warnings
EOF
    err_lacks 'warning:'
    sed -i '$d' "$CONTEXT/Dockerfile"
    ok cubby build --progress rawjson "$CONTEXT"
    [ "$(grep -c '"cached":true' <<< "$stderr")" -eq 2 ]
    [ "$(grep -vc '^{' <<< "$stderr")" -eq 0 ]
}

@test 'nothing is redrawn or coloured where that is not wanted' {
    printf 'FROM bb:1\nRUN echo quick\nRUN echo why; false\n' > "$CONTEXT/Dockerfile"
    CUBBY_ENV=(NO_COLOR=1)
    fails 1 on_tty -- build "$CONTEXT"
    out_has $'\e[J'
    out_lacks $'\e[31m'
    for plain in CI=true TERM=dumb BUILDKIT_PROGRESS=plain; do
        CUBBY_ENV=("$plain")
        fails 1 on_tty -- build "$CONTEXT"
        out_has '[2/3] cached'
        out_lacks $'\e'
    done
    CUBBY_ENV=(TERM=dumb)
    fails 125 on_tty -- build --progress tty "$CONTEXT"
    out_has 'a terminal whose cursor can be moved'
    CUBBY_ENV=(BUILDKIT_PROGRESS=quiet)
    fails 1 cubby build "$CONTEXT"
    err_lacks '[2/3]'
    CUBBY_ENV=(BUILDKIT_PROGRESS=colourful)
    fails 125 cubby build "$CONTEXT"
    err_has "BUILDKIT_PROGRESS: 'colourful'"
}

@test 'what is likely not meant is told' {
    printf 'FROM bb:1 as X\nMAINTAINER me\n' > "$CONTEXT/Dockerfile"
    ok cubby build "$CONTEXT"
    err_has 'Dockerfile:2: '
    err_has '(MaintainerDeprecated)'
    fails 125 cubby build --check "$CONTEXT"
    out_has '(MaintainerDeprecated)'
    dockerfile <<< 'FROM bb:1'
    ok cubby build --check "$CONTEXT"
    out_is 'no warnings'
    printf '# check=error=true\nFROM bb:1\nMAINTAINER me\n' > "$CONTEXT/Dockerfile"
    fails 125 cubby build -q "$CONTEXT"
}

@test 'variables that no ARG declares are told' {
    printf 'FROM bb:1\nARG USED\nRUN echo $USED\n' > "$CONTEXT/Dockerfile"
    ok cubby build --build-arg USED=1 --build-arg LOST=2 --build-arg http_proxy=x "$CONTEXT"
    err_has 'sets: LOST'
    ok cubby build --build-arg USED=1 "$CONTEXT"
    err_lacks 'sets:'
}

@test 'an image is for the platform that is asked for' {
    dockerfile <<'EOF'
FROM scratch
ARG TARGETPLATFORM
ARG TARGETVARIANT
LABEL for=$TARGETPLATFORM variant=$TARGETVARIANT
EOF
    ok cubby build -q -t p:1 --platform linux/arm/v7 "$CONTEXT"
    ok cubby image inspect --format '{{.Architecture}} {{.Config.Labels.for}} {{.Config.Labels.variant}}' p:1
    out_is 'arm linux/arm/v7 v7'
    ok cubby build -q -t p:1 --os linux --arch arm --variant v6 "$CONTEXT"
    ok cubby image inspect --format '{{.Config.Labels.for}}' p:1
    out_is linux/arm/v6
    fails 125 cubby build --platform linux/arm64 --arch arm "$CONTEXT"
    fails 125 cubby build --all-platforms --os linux "$CONTEXT"
    fails 125 cubby build --platform linux/arm64,no/where/at/all "$CONTEXT"
}

@test '--debug tells what happens' {
    dockerfile <<< 'FROM bb:1'
    ok cubby build -q --debug "$CONTEXT"
    err_has 'debug: ['
    ok cubby build -q --debug=false "$CONTEXT"
    err_lacks 'debug: ['
}
