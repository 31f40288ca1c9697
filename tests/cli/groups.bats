# SPDX-License-Identifier: LGPL-2.1-or-later
# groups - commands that only hold others

load ../lib/common

@test 'a group alone lists its commands, each once' {
    ok cubby container
    out_has 'Usage:  cubby container COMMAND'
    [ "$(grep -c '^  rm ' <<< "$output")" = 1 ]
    [ "$(grep -c '^  ps ' <<< "$output")" = 1 ]
    ok cubby image
    ok cubby volume
    ok cubby system
}

@test 'an unknown word in a group is 125 and names the nearest' {
    fails 125 cubby volume lss
    err_has "unknown command 'volume lss'"
    err_has "did you mean 'volume ls'?"
    fails 125 cubby volume qqqqqq
    err_has 'volume --help'
}
