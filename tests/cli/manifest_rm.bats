#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# manifest rm: remove lists of images

load ../lib/common
load ../lib/lists

setup_file() { lists_setup; }
teardown() { lists_teardown; }

@test 'tag and rmi of a list are about the list' {
    ok cubby manifest create tagged:1 bb:1
    ok cubby tag tagged:1 tagged:2
    ok cubby manifest exists tagged:2
    ok cubby rmi tagged:1
    out_is 'Untagged: localhost/tagged:1'
    ok cubby manifest inspect tagged:2
    ok cubby rmi tagged:2
    fails 1 cubby manifest exists tagged:2
    ok cubby image exists bb:1
}

@test 'every list is tried, and the status tells' {
    ok cubby manifest create first:1
    ok cubby manifest create last:1
    fails 1 cubby manifest rm first:1 none:1 last:1
    err_has "no such image: 'none:1'"
    fails 1 cubby manifest exists first:1
    fails 1 cubby manifest exists last:1
    fails 1 cubby manifest rm bb:1
    err_has 'is no list'
    ok cubby image exists bb:1
}
