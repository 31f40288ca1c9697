# SPDX-License-Identifier: LGPL-2.1-or-later
# build-shared - steps that a registry keeps for builds elsewhere: --cache-from, --cache-to

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    registry_start --writable
    cubby save -o "$BATS_FILE_TMPDIR/bb.tar" bb:1 3>&-
}

setup() {
    CONTEXT=$BATS_TEST_TMPDIR/context
    OTHER=$BATS_TEST_TMPDIR/other
    REF=$REGISTRY/cache-$BATS_TEST_NUMBER
    mkdir -p "$CONTEXT"
    echo text > "$CONTEXT/a"
}

teardown() {
    rm -rf "$OTHER" 2> /dev/null || cubby unshare rm -rf "$OTHER"
    test_teardown
}

# elsewhere ARGS...: the program with another store
elsewhere() { cubby --root "$OTHER" "$@"; }

@test 'another store takes all steps from a registry, those of other stages too' {
    cat > "$CONTEXT/Dockerfile" <<'EOF'
FROM bb:1 AS made
RUN mkdir /made && echo one > /made/f && rm /bin/vi
RUN true
FROM bb:1
WORKDIR /w
COPY --link a /linked/a
COPY --from=made /made /made
RUN cat /made/f /linked/a > /all && rm -r /made
ENV a=b
EOF
    ok cubby build --tls-verify=false -t s:1 --cache-to "$REF" "$CONTEXT"
    local id=$output
    ok cubby images -q --filter dangling=true
    out_is ''
    ok elsewhere load -q -i "$BATS_FILE_TMPDIR/bb.tar"
    ok elsewhere build --tls-verify=false -t s:1 --cache-from "type=registry,ref=$REF" "$CONTEXT"
    err_lacks 'done in'
    out_is "$id"
    ok elsewhere images -q --filter dangling=true
    out_is ''
    ok elsewhere run --rm s:1 sh -c 'cat /all; ls / | grep made; pwd'
    out_is $'one\ntext\n/w'
    ok elsewhere system check
    ok elsewhere push -q --tls-verify=false s:1 "$REF:image"

    # a change makes new those that see it, and what was there stays there
    echo more > "$CONTEXT/a"
    ok elsewhere build --tls-verify=false -t s:2 --cache-from "$REF" --cache-to "type=registry,ref=$REF,mode=max" "$CONTEXT"
    err_has 'done in'
    ok cubby builder prune -af
    ok cubby rmi s:1
    ok cubby build --tls-verify=false --cache-from "$REF" "$CONTEXT"
    err_lacks 'done in'
    echo text > "$CONTEXT/a"
    ok cubby build --tls-verify=false --cache-from "$REF" "$CONTEXT"
    err_lacks 'done in'
    out_is "$id"
    ok cubby image prune -f
    ok cubby builder prune -af
    ok cubby system check
    out_lacks spare
}

@test 'the first thing that a store does may be to copy from an image' {
    printf 'FROM scratch\nCOPY --from=bb:1 /bin/busybox /b\n' > "$CONTEXT/Dockerfile"
    ok elsewhere load -q -i "$BATS_FILE_TMPDIR/bb.tar"
    ok elsewhere build "$CONTEXT"
}

@test 'with mode=min only what the image is built upon is kept' {
    printf 'FROM bb:1 AS x\nRUN echo x > /x\nFROM bb:1\nRUN echo y > /y\nCOPY --from=x /x /x\n' > "$CONTEXT/Dockerfile"
    ok cubby build -q --tls-verify=false --cache-to "type=registry,ref=$REF:min,mode=min" "$CONTEXT"
    ok cubby manifest inspect --tls-verify=false "docker://$REF:min"
    [ "$(grep -c io.cubby.build.key <<< "$output")" = 2 ]
}

@test 'a build goes on without steps that cannot be had, and an image is not written over' {
    printf 'FROM bb:1\nRUN echo %s > /y\n' "$BATS_TEST_NUMBER" > "$CONTEXT/Dockerfile"
    ok cubby build --tls-verify=false --cache-from "$REF" "$CONTEXT"
    err_has "no steps are taken from '$REF'"
    err_has 'done in'
    ok cubby push -q --tls-verify=false bb:1 "$REF:1"
    ok cubby build --tls-verify=false --cache-from "$REF:1" "$CONTEXT"
    err_has "is no build cache"
    fails 125 cubby build --tls-verify=false --cache-to "$REF:1" "$CONTEXT"
    err_has "'$REF:1' is no build cache"
}

@test 'a registry that does not take the steps ends the build before it begins' {
    printf 'FROM bb:1\nRUN echo worked\n' > "$CONTEXT/Dockerfile"
    fails 125 cubby build --tls-verify=false --retry 0 --cache-to "127.0.0.1:$(free_port)/x" "$CONTEXT"
    err_has 'no steps could be kept in'
    err_lacks worked
    serve REFUSES "$CUBBY_SRC/tests/lib/unkind-uploads" "$REGISTRY" "$BATS_TEST_TMPDIR/log" --on PUT --at /manifests/ --status 403 \
        --times 1000
    fails 125 cubby build --tls-verify=false --cache-to "$REFUSES/cache-refused" "$CONTEXT"
    err_has 'no steps could be kept in'
    err_lacks worked
    out_is ''
}

@test 'a registry that fails after the build does not keep the image from being named and told' {
    mkdir "$BATS_TEST_TMPDIR/sync"
    chmod 0777 "$BATS_TEST_TMPDIR/sync"
    serve THERE "$CUBBY_SRC/tests/lib/unkind-uploads" "$REGISTRY" "$BATS_TEST_TMPDIR/log"
    printf 'FROM bb:1\nRUN touch /sync/in; while [ ! -e /sync/go ]; do sleep 0.05; done\n' > "$CONTEXT/Dockerfile"
    "$CUBBY" --root "$STORE" build --tls-verify=false --retry 0 --iidfile "$BATS_TEST_TMPDIR/id" -v "$BATS_TEST_TMPDIR/sync:/sync" -t gone:1 \
        --cache-to "$THERE/cache-gone" "$CONTEXT" > "$BATS_TEST_TMPDIR/out" 2> "$BATS_TEST_TMPDIR/err" 3>&- &
    local pid=$! status=0
    wait_for 20 test -e "$BATS_TEST_TMPDIR/sync/in"
    unserve THERE
    touch "$BATS_TEST_TMPDIR/sync/go"
    wait "$pid" || status=$?
    cat "$BATS_TEST_TMPDIR/err"
    [ "$status" = 125 ]
    grep -q 'cannot keep the steps in' "$BATS_TEST_TMPDIR/err"
    grep -q 'hint: the image is built' "$BATS_TEST_TMPDIR/err"
    ok cubby image inspect --format '{{.Id}}' gone:1
    [ "$(cat "$BATS_TEST_TMPDIR/out")" = "${output#sha256:}" ]
    [ "$(cat "$BATS_TEST_TMPDIR/id")" = "sha256:${output#sha256:}" ]
}

@test 'events tell how much of a base has been pulled' {
    ok cubby push -q --tls-verify=false bb:1 "$REGISTRY/base:events"
    printf 'FROM %s/base:events\nRUN true\n' "$REGISTRY" > "$CONTEXT/Dockerfile"
    ok elsewhere build --tls-verify=false --progress rawjson "$CONTEXT"
    /usr/bin/python3 - << 'EOF' "$stderr"
import json, sys
events = [json.loads(line) for line in sys.argv[1].splitlines()]
base = next(v["digest"] for e in events for v in e.get("vertexes", []) if " FROM " in v["name"])
last = {}
for status in [s for e in events for s in e.get("statuses", [])]:
    assert status["vertex"] == base and status["started"] <= status["timestamp"], status
    assert status["current"] >= last.get(status["id"], status)["current"], status
    last[status["id"]] = status
assert last, "nothing was told"
for name, status in last.items():
    assert name.split()[-1].startswith("sha256:") and status["current"] == status["total"] > 0 and status["completed"], status
EOF
}

@test 'wrong words are refused before anything is built' {
    printf 'FROM bb:1\n' > "$CONTEXT/Dockerfile"
    for wrong in 'type=local,dest=x' 'type=registry' 'mode=max' 'ref=x,mode=most' 'ref=x,colour=red' 'x/UPPER' \
        "x@sha256:$(printf '%064d' 1)"; do
        fails 125 cubby build --cache-to "$wrong" "$CONTEXT"
        err_lacks FROM
    done
    fails 125 cubby build --cache-from ref=x,mode=max "$CONTEXT"
    fails 125 cubby build --cache-from type=gha "$CONTEXT"
    err_has 'type=registry,ref='
    fails 125 cubby build --cache-to type=local,dest=x "$CONTEXT"
    err_has 'steps are kept in registries alone'
    fails 125 cubby build --cache-to ref=x,colour=red "$CONTEXT"
    err_has "there is no 'colour', only type, ref and mode"
    fails 125 cubby build --cache-from ref=x,colour=red "$CONTEXT"
    err_has "there is no 'colour', only type and ref"
}

@test 'the layer with what a scanner found is shared as those of steps are' {
    printf 'FROM bb:1\nCOPY a /a\n' > "$CONTEXT/Dockerfile"
    local scan=(--sbom-scanner-image bb:1 --sbom-scanner-command 'ls {ROOTFS} > {OUTPUT}' --sbom-image-output /found)
    ok cubby build -q --tls-verify=false "${scan[@]}" --timestamp 7 --cache-to "$REF" "$CONTEXT"
    local id=$output
    ok elsewhere load -q -i "$BATS_FILE_TMPDIR/bb.tar"
    ok elsewhere build --tls-verify=false "${scan[@]}" --timestamp 7 --cache-from "$REF" "$CONTEXT"
    out_is "$id"
    err_has '[2/4] cached'
    err_has '[4/4] cached'
}
