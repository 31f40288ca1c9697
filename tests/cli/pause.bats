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

# web SCRIPT: a container of that name in the background
web() { cubby run -d --name web --network none bb:1 sh -c "$1"; }
# states: the states of all processes that the host sees in the container, once each
states() { cubby top web state | sed 1d | sort -u | tr -d ' \n'; }

@test 'a paused container does nothing, also one that forks all the time' {
    ok web 'while :; do (while :; do true; done) & sleep 0.01; kill $! ; done'
    ok cubby pause web
    out_is web
    wait_for 5 eval '[[ $(states) =~ ^TZ?$ ]]'
    ok cubby ps --format '{{.Status}}'
    out_has Paused
    ok cubby unpause web
    wait_for 5 eval '[[ $(states) =~ [RS] ]]'
}

@test 'pausing twice, or what does not run, fails' {
    ok web 'sleep 100'
    ok cubby pause web
    fails 125 cubby pause web
    err_has 'paused already'
    ok cubby kill web
    ok cubby wait web
    fails 125 cubby pause web
    err_has 'not running'
}

@test 'exec in a paused container fails and says what helps' {
    ok web 'sleep 100'
    ok cubby pause web
    fails 255 cubby exec web true
    err_has unpause
}

@test 'the network of a paused container goes on with it' {
    ok cubby run -d --name web bb:1 sleep 100
    ok cubby pause web
    ok cubby unpause web
    ok cubby exec web ip addr show lo
}
