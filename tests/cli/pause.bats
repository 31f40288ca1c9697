# SPDX-License-Identifier: LGPL-2.1-or-later
# pause - stop every process of containers until they are unpaused

load ../lib/common

setup_file() { file_setup; import_busybox; }

@test 'a paused container stands still until it is unpaused' {
    ok cubby run -d --network none --name p bb:1 sh -c 'while :; do sleep 0.1; done'
    ok cubby pause p
    out_is p
    ok cubby ps --format '{{.State}} {{.Status}}'
    out_matches '^paused Up .* \(Paused\)$'
    ok cubby unpause p
    ok cubby inspect p --format '{{.State.Status}}'
    out_is running
}

@test 'pausing what does not run is refused' {
    ok cubby create --network none --name p bb:1 true
    fails 125 cubby pause p
    err_has "'p'"
}

@test 'exec in a paused container fails' {
    ok cubby run -d --network none --name p bb:1 sleep 1000
    ok cubby pause p
    run cubby exec p true
    [ "$status" != 0 ]
}
