#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# manifest add, annotate: what is in a list of images

load ../lib/common
load ../lib/lists

setup_file() { lists_setup; }
teardown() { lists_teardown; }

@test 'images that are here, and of a registry, come into a list' {
    ok cubby manifest create mixed:1 bb:1
    ok add mixed:1 "docker://$REGISTRY/test/schema2:1"
    ok add --all mixed:1 "docker://$REGISTRY/test/multiarch:1"
    [ "$(cubby manifest inspect mixed:1 | entries)" = \
        'linux/amd64 linux/amd64 linux/amd64 linux/arm64 unknown/unknown' ]
    # of a list without --all the one for this machine
    ok cubby manifest create one:1
    ok add one:1 "docker://$REGISTRY/test/multiarch:1"
    [ "$(cubby manifest inspect one:1 | entries)" = linux/amd64 ]
    ok add --arch arm64 one:1 "docker://$REGISTRY/test/multiarch:1"
    [ "$(cubby manifest inspect one:1 | entries)" = 'linux/amd64 linux/arm64' ]
    fails 125 add one:1 "docker://$REGISTRY/none:1"
    err_has "cannot add 'docker://$REGISTRY/none:1'"
}

@test 'only the manifest of what is added from a registry is fetched' {
    local before
    STORE=$BATS_TEST_TMPDIR/s           # where nothing of it is yet
    before=$(requests '"GET /v2/test/multiarch/blobs/')
    ok cubby manifest create lean:1
    ok add --all lean:1 "docker://$REGISTRY/test/multiarch:1"
    # three configs
    [ $(($(requests '"GET /v2/test/multiarch/blobs/') - before)) -le 3 ]
    [ "$(requests '"GET /v2/test/multiarch/manifests/')" -gt 0 ]
    [ -z "$(find "$STORE/blobs" -type f -size +100k)" ]
}

@test 'an entry says what it is told to' {
    ok cubby manifest create said:1 bb:1
    local digest
    digest=$(local_digest bb:1)
    ok cubby manifest annotate --arch arm --variant v7 --os-version 1 --os-features a,b \
        --features sse4 --annotation k=v said:1 "$digest"
    ok cubby manifest inspect said:1
    out_has '"architecture": "arm"'
    out_has '"variant": "v7"'
    out_has '"os.version": "1"'
    out_matches '"os.features":[[:space:]]*\[[[:space:]]*"a",[[:space:]]*"b"'
    out_matches '"features":[[:space:]]*\[[[:space:]]*"sse4"'
    out_has '"k": "v"'
    # by a name that leads to it
    ok cubby manifest annotate --arch s390x said:1 bb:1
    [ "$(cubby manifest inspect said:1 | entries)" = linux/s390x ]
    ok cubby manifest annotate --index --annotation team=web --subject bb:2 said:1
    ok cubby manifest inspect said:1
    out_has '"team": "web"'
    out_has '"subject": {'
    fails 125 cubby manifest annotate --arch arm said:1 sha256:"$(printf '0%.0s' {1..64})"
    err_has 'has no entry'
}

@test 'what four say of an image at the same time is all kept' {
    ok cubby manifest create busy:1 bb:1
    local pids=() pid i
    for i in 1 2 3 4; do
        cubby manifest annotate --annotation "a$i=kept" busy:1 bb:1 > /dev/null 2>&1 &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid"
    done
    ok cubby manifest inspect busy:1
    [ "$(grep -cE '"a[1-4]": "kept"' <<< "$output")" = 4 ]
}

@test 'files are not added as artifacts, and it says what does' {
    fails 125 cubby manifest add --artifact made:1 file
    err_has 'oras'
}
