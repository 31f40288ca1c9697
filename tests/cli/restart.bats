# SPDX-License-Identifier: LGPL-2.1-or-later
# restart - stop containers and start them again

load ../lib/common

setup_file() { file_setup; import_busybox; }

@test 'restart runs a container anew, with its files' {
    ok cubby run -d --network none --name r bb:1 sh -c 'echo run >> /log; exec sleep 1000'
    first=$(cubby inspect r --format '{{.State.Pid}}')
    wait_for 10 cubby exec r test -s /log
    ok cubby restart -t 0 r
    out_is r
    [ "$(cubby inspect r --format '{{.State.Pid}}')" != "$first" ]
    wait_for 10 sh -c "[ \"\$('$CUBBY' --root '$STORE' exec r wc -l /log)\" = '2 /log' ]"
}

@test 'restart starts what does not run' {
    ok cubby create --network none --name r bb:1 sleep 1000
    ok cubby restart r
    ok cubby inspect r --format '{{.State.Status}}'
    out_is running
}

@test 'a --rm container is not restarted: it would be gone' {
    ok cubby run -d --rm --network none --name r bb:1 sleep 1000
    fails 125 cubby restart -t 0 r
    err_has 'made with --rm'
    ok cubby inspect r --format '{{.State.Status}}'
    out_is running
}

# web SCRIPT: a container of that name in the background
web() { cubby run -d --name web --network none bb:1 sh -c "$1"; }

@test 'restart gives a running container a new first process' {
    ok web 'echo started; sleep 100'
    ok cubby inspect --format '{{.State.Pid}}' web
    local before=$output
    ok cubby restart -t 0 web
    out_is web
    ok cubby inspect --format '{{.State.Pid}} {{.State.Status}}' web
    [ "$output" != "$before running" ]
    out_has running
}

@test 'restart starts a container that had ended' {
    ok cubby run --name web --network none bb:1 echo ran
    ok cubby restart web
    ok cubby wait web
    ok cubby logs web
    out_is 'ran
ran'
}

@test 'restart of an unknown container fails' {
    fails 125 cubby restart nothere
    err_has nothere
}

@test 'restart --signal stops it by that signal' {
    ok cubby run -d --name sig --network none bb:1 sh -c \
        'trap "echo got >> /log; exit 0" USR1; echo up; while :; do sleep 0.1; done'
    wait_for 5 grep -q up <(cubby logs -f sig)
    ok cubby restart --signal USR1 -t 60 sig
    ok cubby exec sig cat /log
    out_is got
    fails 125 cubby restart --signal NOPE sig
}
