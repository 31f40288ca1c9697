# SPDX-License-Identifier: LGPL-2.1-or-later
# image exists - tell by the exit status whether an image is here

load ../lib/common

setup_file() {
    file_setup
    import_busybox bb:1
}

@test 'zero for one that is here, one for one that is not, and silence' {
    ok cubby image exists bb:1
    ok cubby image exists localhost/bb:1
    ok cubby image exists "$(cubby images -q)"
    fails 1 cubby image exists bb:2
    out_is ''
    err_is ''
}
