# SPDX-License-Identifier: LGPL-2.1-or-later
# build-call - what a build tells of a Dockerfile instead of building it

load ../lib/context

# get EXPRESSION: of the document that was printed, d
get() { /usr/bin/python3 -c 'import json, sys; d = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1" <<< "$output"; }

@test 'targets and what they can be given are told' {
    dockerfile <<'EOF'
# VERSION which one is built
ARG VERSION=1
ARG UNUSED=2
ARG BASE=nowhere.invalid/base
# tools has the compiler
FROM $BASE AS tools
ARG VERSION
# MODE fast or small
ARG MODE=fast-$VERSION
RUN --mount=type=secret,id=token,required=true --mount=type=ssh --mount=type=cache,target=/c true
FROM scratch
ARG OTHER
FROM scratch AS app
COPY --from=tools /etc /etc
RUN --mount=type=secret,id=token true
EOF
    ok cubby build --call targets "$CONTEXT"
    [[ $output =~ ^TARGET\ +DESCRIPTION$'\n'tools\ +has\ the\ compiler$'\n'1\ *$'\n''app (default)'\ *$ ]]
    ok cubby build --call=targets,format=json "$CONTEXT"
    [ "$(get '[t.get("name") for t in d["targets"]]')" = "['tools', None, 'app']" ]
    [ "$(get 'd["targets"][2]["default"], d["targets"][0]["location"]["ranges"][0]["start"]["line"]')" = '(True, 6)' ]
    ok cubby build --call outline --build-arg VERSION=7 "$CONTEXT"
    out_matches 'TARGET: +app'
    out_matches 'VERSION +7 +which one is built'
    out_matches 'BASE +nowhere.invalid/base'
    out_matches 'MODE +fast-7 +fast or small'
    out_matches 'token +true'
    out_matches 'SSH +REQUIRED'
    out_lacks UNUSED
    out_lacks OTHER
    ok cubby build --call outline,format=json --platform linux/amd64,linux/arm64 "$CONTEXT"
    [ "$(get 'd["name"], d["args"][0]["value"], d["secrets"][0]["required"], d["cache"][0]["ID"]')" = "('app', '1', True, '/c')" ]
    ok cubby build --call outline --target 1 "$CONTEXT"
    out_has OTHER
    out_lacks VERSION
    for bad in colours outline,format=xml outline,ignorestatus=maybe; do
        fails 125 cubby build --call "$bad" "$CONTEXT"
        err_has "--call: '${bad#outline,}'"
    done
    fails 125 cubby build --check --call outline "$CONTEXT"
    err_has '--call outline'
}

@test 'a check tells that a base is for another platform, where that is not asked for' {
    local other=linux/s390x
    printf 'FROM scratch\nCOPY Dockerfile /\n' > "$CONTEXT/Dockerfile"
    ok cubby build -q --platform "$other" -t foreign:1 "$CONTEXT"
    printf 'FROM foreign:1\nCOPY Dockerfile /\n' > "$CONTEXT/Dockerfile"
    fails 125 cubby build --check "$CONTEXT"
    out_has "Dockerfile:1: the image 'foreign:1' is for $other, and what is built for linux/"
    out_has '(InvalidBaseImagePlatform)'
    ok cubby build --check --platform "$other" "$CONTEXT"
    ok cubby build "$CONTEXT"
    err_has InvalidBaseImagePlatform
    printf '# check=skip=InvalidBaseImagePlatform\nFROM foreign:1\nCOPY Dockerfile /\n' > "$CONTEXT/Dockerfile"
    ok cubby build --check "$CONTEXT"
}

@test 'a check knows the ignore file and the variables of a base that is there' {
    dockerfile <<'EOF'
# check=experimental=CopyIgnoredFile
FROM bb:1 AS one
COPY left-out /
WORKDIR $PATH/$PAHT
FROM nowhere.invalid/base
WORKDIR /$UNKNOWN
EOF
    echo left-out > "$CONTEXT/.dockerignore"
    fails 125 cubby build --call check "$CONTEXT"
    out_matches '^warning: Dockerfile:3: .*\(CopyIgnoredFile\).warning: Dockerfile:4: .*\$PAHT.*\$PATH\?.*\(UndefinedVar\)$'
    err_has '2 warnings in Dockerfile'
    ok cubby build --call check,format=json,ignorestatus "$CONTEXT"
    [ "$(get '[(w["ruleName"], w["location"]["ranges"][0]["end"]["line"]) for w in d["warnings"]]')" = \
        "[('CopyIgnoredFile', 3), ('UndefinedVar', 4)]" ]
    dockerfile <<< 'FROM bb:1'
    ok cubby build --call build -q "$CONTEXT"
}
