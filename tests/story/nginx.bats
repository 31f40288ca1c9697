# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A web server from a registry, as a user types it: pull, run, look at it, stop, start, remove.

load ../lib/common

setup_file() {
    file_setup
    registry_start
    IMAGE=$REGISTRY/library/nginx:1.22
    PORT=$(free_port)
    export IMAGE PORT
    ok cubby pull --tls-verify=false "$IMAGE"
}

teardown() { :; }

get() { curl -sS --max-time 10 "http://localhost:$PORT/"; }
serves() { get | grep -q 'Welcome to nginx'; }

@test 'nginx: run -d prints the id, and the page is there' {
    ok cubby run -d --name web -p "$PORT:80" "$IMAGE"
    out_matches '^[0-9a-f]{64}$'
    wait_for 10 serves
}

@test 'nginx: ps shows it as docker does' {
    ok cubby ps
    out_matches 'CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES'
    out_has "0.0.0.0:$PORT->80/tcp"
    out_matches 'Up [0-9A-Za-z ]+'
    out_has '"/docker-entrypoint.…"'
    out_matches 'web$'
}

@test 'nginx: logs has the request, logs -f follows the next' {
    ok cubby logs web
    out_has 'GET / HTTP/1.1'
    cubby logs -f --tail 0 web > "$BATS_TEST_TMPDIR/log" 3>&- &
    local follower=$!
    # asked again until who follows has begun: what came before that is not for it
    followed() {
        curl -sS --max-time 10 "http://localhost:$PORT/followed" > /dev/null &&
            grep -q followed "$BATS_TEST_TMPDIR/log"
    }
    wait_for 20 followed
    kill "$follower"
}

@test 'nginx: top and port' {
    ok cubby top web
    out_has 'nginx: master process'
    ok cubby port web
    out_has "80/tcp -> 0.0.0.0:$PORT"
}

@test 'nginx: exec runs beside it' {
    ok cubby exec web cat /proc/1/comm
    out_is nginx
    ok on_tty expect '#' send 'echo in$((1+1))side\n' expect in2side send 'exit\n' -- exec -it web sh
}

@test 'nginx: inspect with a template' {
    ok cubby inspect web --format '{{.State.Status}} (PID {{.State.Pid}})'
    out_matches '^running \(PID [0-9]+\)$'
    pid=${output//[!0-9]/}
    grep -q nginx "/proc/$pid/cmdline"
}

@test 'nginx: a lone port in use is refused before anything runs' {
    fails 125 cubby run -d --rm --name second -p "$PORT:80" "$IMAGE"
    err_has "$PORT"
    out_is ''
    ok cubby ps -aq
    [ "${#lines[@]}" = 1 ]
}

@test 'nginx: stop ends it with its own signal, start brings it back' {
    ok cubby stop web
    ok cubby ps -a
    out_has 'Exited (0)'
    fails 7 get
    ok cubby start web
    wait_for 10 serves
}

@test 'nginx: kill and rm' {
    ok cubby kill -s KILL web
    ok cubby wait web
    out_is 137
    ok cubby rm web
    ok cubby ps -aq
    out_is ''
}
