# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Logs that go to the journal of the machine.

load ../lib/common
load ../lib/vm

setup_file() { vm_setup; import_busybox; }

said() { [ "$(journalctl -q -o cat CONTAINER_NAME=web | sort)" = $'oops\nout' ]; }

@test 'what a container says is in the journal that its user reads, and logs reads it there' {
    ok cubby run -d --name web --network none --log-driver journald --log-opt tag=mine \
        bb:1 sh -c 'echo out; echo oops >&2'
    ok cubby wait web
    wait_for 10 said
    ok cubby logs web
    out_is out
    err_is oops
    ok journalctl -q -o json CONTAINER_NAME=web
    [ "$(jq -rs 'map([.MESSAGE, .PRIORITY, .SYSLOG_IDENTIFIER, ._UID] | join(" ")) | sort | .[]' <<< "$output")" = \
        $'oops 3 mine 1000\nout 6 mine 1000' ]
}
