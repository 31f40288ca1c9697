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
