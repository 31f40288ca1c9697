# SPDX-License-Identifier: LGPL-2.1-or-later
# image prune - remove the images that nothing uses

load ../lib/common

setup_file() { file_setup; }

setup() {
    import_busybox bb:1
    echo other > "$BATS_TEST_TMPDIR/other"
    tar -C "$BATS_TEST_TMPDIR" -cf "$BATS_TEST_TMPDIR/t.tar" other
    cubby import -c 'LABEL keep=me' "$BATS_TEST_TMPDIR/t.tar" other:1 > /dev/null
}

teardown() {
    test_teardown
    cubby rmi -a -f > /dev/null 2>&1 || true
}

@test 'without a terminal the answer is no' {
    cubby untag other:1
    ok cubby image prune < /dev/null
    out_is ''
    ok cubby images --filter dangling=true -q
    out_matches '^[0-9a-f]{12}$'
}

@test 'images without a name go, named ones stay' {
    cubby untag other:1
    ok cubby image prune -f
    out_matches '^[0-9a-f]{64}$'
    ok cubby images --format '{{.Repository}}'
    out_is localhost/bb
}

@test 'with --all those that no container uses go' {
    cubby create --name user bb:1 true > /dev/null
    ok cubby image prune -a -f
    ok cubby images --format '{{.Repository}}'
    out_is localhost/bb
}

@test 'filters choose' {
    ok cubby image prune -a -f --filter 'label!=keep'
    ok cubby images --format '{{.Repository}}'
    out_is localhost/other
    ok cubby image prune -a -f --filter until=1h
    ok cubby images --format '{{.Repository}}'
    out_is localhost/other
    fails 125 cubby image prune -f --filter what=ever
}

@test 'what a killed import left of blobs and layers goes too' {
    local hex
    hex=$(printf 'ab%.0s' {1..32})
    mkdir -p "$STORE/layers/$hex/diff"
    : > "$STORE/blobs/sha256/$hex"
    ok cubby image prune -f
    out_is ''
    [ ! -e "$STORE/layers/$hex" ]
    [ ! -e "$STORE/blobs/sha256/$hex" ]
    ok cubby run --rm --network none bb:1 true
}

@test '--external removes what is removed without it' {
    cubby untag other:1
    ok cubby image prune -f --external
    ok cubby images --format '{{.Repository}}'
    out_is localhost/bb
}

# taken: bytes of layers and blobs, as system df has them
taken() {
    cubby system df --format json |
        python3 -c 'import json, sys; print(sum(r["RawSize"] for r in json.load(sys.stdin) if r["Type"] in ("Images", "Blobs")))'
}

names() { cubby images --format '{{.Repository}}' | sort | tr '\n' ' '; }

@test '--keep-storage removes what was used longest ago, until the rest fits' {
    local i before
    for i in 1 2 3; do
        head -c 100000 /dev/urandom > "$BATS_TEST_TMPDIR/other"
        tar -C "$BATS_TEST_TMPDIR" -cf "$BATS_TEST_TMPDIR/t.tar" other
        cubby import "$BATS_TEST_TMPDIR/t.tar" "r$i:1" > /dev/null
    done
    before=$(taken)
    # what fits stays
    ok cubby image prune -f --keep-storage "$before"
    out_is ''
    # r1 was used since
    cubby tag r1:1 r1:2
    cubby rmi r1:2 > /dev/null
    ok cubby image prune -f --keep-storage "$((before - 1))"
    [ "$(names)" = 'localhost/other localhost/r1 localhost/r2 localhost/r3 ' ]
    before=$(taken)
    ok cubby image prune -f --keep-storage "$((before - 100000))"
    [ "$(taken)" -le "$((before - 100000))" ]
    [[ $(names) == *r1*r3* ]]
    # a container uses one of them, which stays even if it does not fit
    cubby create --name user r1:1 true > /dev/null
    ok cubby image prune -f --keep-storage 0
    [ "$(names)" = 'localhost/r1 ' ]
    err_has 'are left'
}

@test '--keep-storage: filters hold, sizes have units, and there is a question' {
    ok cubby image prune --keep-storage 0 < /dev/null
    out_is ''
    ok on_tty expect 'are left' send 'n\n' -- image prune --keep-storage 1GB
    ok cubby image prune -f --keep-storage 1GB
    out_is ''
    ok cubby image prune -f --keep-storage 0 --filter 'label!=keep'
    [ "$(names)" = 'localhost/other ' ]
    fails 125 cubby image prune -f --keep-storage much
    ok cubby image prune -f --keep-storage 0
    [ "$(names)" = '' ]
    [ "$(taken)" = 0 ]
}

@test 'with --build-cache the folders of cache mounts go, and the cache of steps stays' {
    mkdir -p "$BATS_TEST_TMPDIR/c"
    printf 'FROM bb:1\nRUN --mount=type=cache,target=/c touch /c/kept /f\n' > "$BATS_TEST_TMPDIR/c/Dockerfile"
    ok cubby build -q -t built "$BATS_TEST_TMPDIR/c"
    ok cubby image prune -f
    [ -n "$(ls "$STORE/build/mounts")" ]
    ok cubby image prune -f --build-cache
    [ ! -e "$STORE/build/mounts" ]
    ok cubby build "$BATS_TEST_TMPDIR/c"
    err_has cached
}
