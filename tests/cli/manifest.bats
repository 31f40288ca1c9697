#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# manifest create, exists, remove: lists of images for several machines

load ../lib/common
load ../lib/lists

setup_file() { lists_setup; }
teardown() { lists_teardown; }

@test 'a list is made, seen and removed' {
    ok cubby manifest create made:1
    out_matches '^[0-9a-f]{64}$'
    ok cubby images --format '{{.Repository}}:{{.Tag}}' --filter manifest=true
    out_has 'localhost/made:1'
    ok cubby manifest exists made:1
    ok cubby manifest inspect made:1
    out_has '"manifests": []'
    ok cubby manifest rm made:1
    out_has 'Untagged: localhost/made:1'
    fails 1 cubby manifest exists made:1
    fails 1 cubby manifest rm made:1
    ok cubby manifest rm --ignore made:1
}

@test 'a name that is in use is not taken' {
    ok cubby manifest create taken:1
    fails 125 cubby manifest create taken:1
    err_has '--amend'
    ok cubby manifest create --amend taken:1 bb:1
    fails 125 cubby manifest create bb:1
    err_has 'is in use'
    fails 1 cubby manifest exists bb:1
    fails 125 cubby manifest add bb:1 bb:2
    err_has "is no list but an image"
}

@test 'an entry is taken out' {
    ok cubby manifest create out:1 bb:2 bb:1
    local digest
    digest=$(local_digest bb:1)
    ok cubby manifest inspect out:1
    out_has "$digest"
    ok cubby manifest remove out:1 "$digest"
    ok cubby manifest inspect out:1
    out_lacks "$digest"
    out_has "$(local_digest bb:2)"
    fails 125 cubby manifest remove out:1 "$digest"
    err_has 'has no entry'
}

@test 'a list runs, and shows, the image for this machine' {
    ok cubby manifest create runs:1
    ok add --arch s390x runs:1 bb:2
    ok add runs:1 bb:1
    ok cubby run --rm --network none runs:1 echo there
    out_is there
    [ "$(cubby inspect --type image --format '{{.Id}}' runs:1)" = \
        "$(cubby inspect --type image --format '{{.Id}}' bb:1)" ]
    ok cubby manifest create empty:1
    fails 125 cubby run --rm --network none empty:1 true
    err_has 'there is no image for linux/'
}

@test 'two lists of one content are changed apart' {
    ok cubby manifest create apart:1
    ok cubby manifest create apart:2
    ok cubby manifest add apart:1 bb:1
    [ "$(cubby manifest inspect apart:1 | entries)" = linux/amd64 ]
    [ "$(cubby manifest inspect apart:2 | entries)" = '' ]
}

@test 'a list comes back when the list of images is made again' {
    STORE=$BATS_TEST_TMPDIR/s
    import_busybox
    ok cubby manifest create back:1 bb:1
    truncate -s -20 "$STORE/index.json"
    ok cubby system check --repair
    ok cubby manifest inspect back:1
    [ "$(entries <<< "$output")" = linux/amd64 ]
    ok cubby run --rm --network none back:1 true
}
