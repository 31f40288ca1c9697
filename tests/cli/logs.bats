# SPDX-License-Identifier: LGPL-2.1-or-later
# logs - show what a container said

load ../lib/common

setup_file() { file_setup; import_busybox; }

# web SCRIPT: a container of that name in the background
web() { cubby run -d --name web --network none bb:1 sh -c "$1"; }

@test 'logs keep stdout and stderr apart and add no newline' {
    ok cubby run --name web --network none bb:1 sh -c 'printf "a\nb"; printf oops >&2'
    ok cubby logs web
    out_is 'a
b'
    err_is oops
    [ "$(cubby logs web 2> /dev/null | wc -c)" = 3 ]
}

@test 'logs span restarts' {
    ok cubby run --name web --network none bb:1 echo once
    ok cubby start -a web
    ok cubby logs web
    out_is 'once
once'
}

@test 'long lines come back whole' {
    ok cubby run --name web --network none bb:1 sh -c 'head -c 100000 /dev/zero | tr "\0" x; echo'
    [ "$(cubby logs web | wc -l)" = 1 ]
    [ "$(cubby logs web | wc -c)" = 100001 ]
}

@test '--tail shows the last lines, also across rotated files' {
    ok cubby run --name web --network none --log-opt max-size=2k --log-opt max-file=3 bb:1 seq 1 200
    ok cubby logs --tail 3 web
    out_is '198
199
200'
    ok cubby logs -n 0 web
    out_is ''
    [ "$(cubby logs web | wc -l)" -lt 200 ]
    [ "$(cubby logs web | tail -n 1)" = 200 ]
}

@test '-t shows a time before each line' {
    ok cubby run --name web --network none bb:1 echo x
    ok cubby logs -t web
    out_matches '^20[0-9-]+T[0-9:.]+Z x$'
}

@test '--since and --until choose by time' {
    ok cubby run --name web --network none bb:1 echo x
    ok cubby logs --since 1h web
    out_is x
    ok cubby logs --until 1h web
    out_is ''
    fails 125 cubby logs --since yesterday web
    err_has yesterday
}

@test '-f shows what comes and ends with the container' {
    ok web 'for i in 1 2 3; do echo $i; sleep 0.1; done'
    ok cubby logs -f web
    out_is '1
2
3'
}

@test '-f ends with a --rm container and has its last line' {
    ok cubby run -d --rm --name web --network none bb:1 sh -c 'sleep 0.3; echo last'
    ok cubby logs -f web
    out_is last
}

@test 'both formats can be chosen' {
    local driver
    for driver in json-file k8s-file; do
        ok cubby run --name web-$driver --network none --log-driver $driver bb:1 echo hello
        ok cubby logs web-$driver
        out_is hello
    done
}

@test 'a driver that keeps nothing says so' {
    ok cubby run --name web --network none --log-driver none bb:1 echo hello
    out_is hello
    fails 125 cubby logs web
    err_has none
}

@test 'a driver that is not there is refused, naming the substitute' {
    fails 125 cubby run --network none --log-driver syslog bb:1 true
    err_has syslog
    err_has json-file
    ok cubby ps -aq
    out_is ''
}

@test 'passthrough hands the descriptors over' {
    ok cubby run --rm --network none --log-driver passthrough bb:1 sh -c 'echo out; echo err >&2'
    out_is out
    err_is err
}
