# SPDX-License-Identifier: LGPL-2.1-or-later
# network reload - there is nothing that could be lost

load ../lib/common

setup_file() { file_setup; import_busybox; }

@test 'network reload names the containers whose network is in order' {
    ok cubby run -d --name c bb:1 sleep 1000
    ok cubby network reload c
    out_is c
    ok cubby network reload --all
    out_is "$(cubby ps -q --no-trunc)"
    ok cubby network reload -l
}

@test 'network reload refuses a container that does not run, or is not there' {
    ok cubby create --name still bb:1 true
    fails 125 cubby network reload still
    err_has "the container 'still' does not run"
    fails 125 cubby network reload nowhere
    err_has nowhere
}
