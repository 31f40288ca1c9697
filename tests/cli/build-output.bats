# SPDX-License-Identifier: LGPL-2.1-or-later
# build-output - where else a build goes: folders, archives, registries

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    registry_start --writable
}


setup() {
    CONTEXT=$BATS_TEST_TMPDIR/context
    OUT=$BATS_TEST_TMPDIR/out
    mkdir -p "$CONTEXT"
    echo text > "$CONTEXT/a"
    printf 'FROM scratch\nCOPY --chown=7:7 a /d/a\n' > "$CONTEXT/Dockerfile"
}

@test 'files go to a folder and belong to the caller, and no image is made' {
    ok cubby images -q
    images=$output
    ok cubby build -o "$OUT" "$CONTEXT"
    out_is ''
    [ "$(cat "$OUT/d/a")" = text ]
    [ "$(stat -c %u "$OUT/d/a")" = "$(id -u)" ]
    ok cubby build --output type=local,dest="$OUT" "$CONTEXT"
    ok cubby images -q
    out_is "$images"
    ok cubby ps -aq
    out_is ''
    fails 125 cubby build -o type=local "$CONTEXT"
    fails 125 cubby build -o type=zip,dest=x "$CONTEXT"
    err_has "no type 'zip'"
    fails 125 cubby build -o type=tar,colour=red "$CONTEXT"
    err_has colour
}

@test 'files go into an archive, which may be the standard output' {
    ok cubby build -o type=tar,dest="$OUT" "$CONTEXT"
    [ "$(tar -xOf "$OUT" d/a)" = text ]
    ok cubby build -o - "$CONTEXT"
    [ "$(tar -t < "$BATS_TEST_TMPDIR/.out" | tail -1)" = d/a ]
    fails 125 cubby build -o - -o type=oci "$CONTEXT"
    err_has 'only one'
}

@test 'the image goes into archives and layouts' {
    ok cubby build -q -t x:1 --output type=oci,dest="$OUT.oci" -o type=docker,dest="$OUT.docker" \
        -o type=oci,tar=false,dest="$OUT.dir" "$CONTEXT"
    id=$output
    ok cubby rmi x:1
    for from in oci-archive:"$OUT.oci" docker-archive:"$OUT.docker" oci:"$OUT.dir"; do
        ok cubby pull -q "$from"
        out_has "$id"
    done
}

@test 'the image is pushed under its names' {
    ok cubby build --push --load --tls-verify=false -t "$REGISTRY/built/a:1" "$CONTEXT"
    id=${lines[-1]}
    ok cubby rmi "$REGISTRY/built/a:1"
    ok cubby pull -q --tls-verify=false "$REGISTRY/built/a:1"
    out_has "$id"
    ok cubby build -q --tls-verify=false -o "type=image,name=$REGISTRY/built/b:1,push=true" "$CONTEXT"
    ok cubby build -q --tls-verify=false -t "$REGISTRY/built/c:1" -o type=registry "$CONTEXT"
    for name in b c; do
        ok cubby rmi "$REGISTRY/built/$name:1"
        ok cubby pull -q --tls-verify=false "$REGISTRY/built/$name:1"
    done
    fails 125 cubby build --push "$CONTEXT"
    err_has --tag
}
