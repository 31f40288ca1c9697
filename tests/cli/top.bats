# SPDX-License-Identifier: LGPL-2.1-or-later
# top - list the processes of a container

load ../lib/common

setup_file() { file_setup; import_busybox; }

# web SCRIPT: a container of that name in the background
web() { cubby run -d --name web --network none bb:1 sh -c "$1"; }

@test 'top shows the processes with pids of the host' {
    ok web 'sleep 100 & sleep 200'
    ok cubby top web
    out_has 'UID '
    out_has 'sleep 100'
    out_has 'sleep 200'
    local pid
    pid=$(cubby inspect --format '{{.State.Pid}}' web)
    ps -p "$pid" > /dev/null
    ok cubby top web pid
    out_has "$pid"
}

@test 'top shows what exec started, and nobody else' {
    ok web 'sleep 100'
    ok cubby exec -d web sleep 300
    ok cubby top web args
    out_has 'sleep 300'
    [ "$(cubby top web pid | wc -l)" = 3 ] || [ "$(cubby top web pid | wc -l)" = 4 ]
}

@test 'columns can be chosen, an unknown one is refused' {
    ok web 'sleep 100'
    ok cubby top web -o pid,args
    out_matches '^PID +COMMAND'
    fails 125 cubby top web nonsense
    err_has nonsense
}

@test 'top of one that does not run fails' {
    ok cubby run --name web --network none bb:1 true
    fails 125 cubby top web
    err_has 'not running'
}

@test '--latest is the container made last' {
    ok cubby run -d --network none --name old bb:1 sleep 1000
    ok cubby run -d --network none --name new bb:1 sleep 2000
    ok cubby top -l args
    out_has 'sleep 2000'
    out_lacks 'sleep 1000'
    fails 125 cubby top
    err_has --latest
}

@test 'what processes may is shown: capabilities, filter, groups' {
    needs ranges
    ok cubby run -d --network none --name web -u 1000:1000 --group-add 1234 --cap-drop all \
        --cap-add chown bb:1 sleep 100
    ok cubby top web capbnd,capeff,seccomp,ruser,rgroup,groups
    [[ ${lines[0]} =~ ^'BOUNDING CAPS'' '+'EFFECTIVE CAPS'' '+SECCOMP' '+RUSER' '+RGROUP' '+GROUPS$ ]]
    [[ ${lines[1]} =~ ^CHOWN' '+.*' '+filter' '+1000' '+1000' '+.*1234 ]]
    ok cubby top web label capamb hgroups huser
}

@test 'options of ps are taken in the ways they are typed' {
    ok web 'sleep 100'
    local options
    for options in '-o pid,comm' '-opid,comm' '-eo pid,comm' 'axo pid,comm' '-e -o pid,comm' '--format pid,comm'; do
        # shellcheck disable=SC2086  # words
        ok cubby top web $options
        out_matches '^PID +COMMAND'
    done
    ok cubby top web -eo pid,%cpu,%mem,rss
    out_matches '^PID +%CPU +%MEM +RSS'
    for options in -ef aux -f; do
        ok cubby top web $options
        out_has 'sleep 100'
    done
}
