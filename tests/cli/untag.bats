# SPDX-License-Identifier: LGPL-2.1-or-later
# untag - take names of an image away

load ../lib/common

setup_file() { file_setup; }
setup() {
    import_busybox bb:1
    cubby tag bb:1 other:1
}

teardown() {
    test_teardown
    cubby rmi -a -f > /dev/null 2>&1 || true
}

@test 'one name goes, the image stays' {
    ok cubby untag bb:1 other:1
    ok cubby images --format '{{.Repository}}'
    out_is localhost/bb
}

@test 'without names all go, the image stays as <none>' {
    ok cubby untag bb:1
    ok cubby images --filter dangling=true -q
    out_matches '^[0-9a-f]{12}$'
}

@test 'what is no name of the image is refused' {
    fails 125 cubby untag bb:1 nothing:1
    err_has nothing:1
}
