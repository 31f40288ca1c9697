# SPDX-License-Identifier: LGPL-2.1-or-later
# volume-one-id - volumes of who has one id
# run: without sub-ids

load ../lib/common

setup_file() { file_setup; import_busybox; }

@test 'with one id a volume can be root'\''s, and nobody else'\''s, which says why' {
    ok cubby volume create --uid 0 --gid 0 data
    ok cubby run --rm --network none -v data:/none bb:1 stat -c %u:%g /none
    out_is 0:0
    fails 125 cubby volume create --uid 7 other
    err_has '--uid 7: there is no such id in containers, which have 1: '
    err_has 'hint:'
    fails 1 cubby volume exists other
    ok cubby volume rm data
}
