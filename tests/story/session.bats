#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The session of the README with nginx from a registry, as a user types it.

load ../lib/common

setup_file() {
    file_setup
    registry_start
    PORT=$(free_port)
    export PORT NGINX=$REGISTRY/library/nginx:1.22
    cubby pull -q --tls-verify=false "$NGINX" > /dev/null 2> "$BATS_FILE_TMPDIR/pull" 3>&- ||
        { cat "$BATS_FILE_TMPDIR/pull" >&2; return 1; }
}

# logged CONTAINER TEXT
logged() { cubby logs "$1" 2>&1 | grep -q -- "$2"; }

web() {
    ok cubby run -d --name web -p "$PORT:80" "$NGINX"
    out_matches '^[0-9a-f]{64}$'
    wait_for 10 curl -fs "http://localhost:$PORT/"
}

@test 'nginx is pulled once, and a present image makes no request' {
    local before
    before=$(registry_log | grep -c 'GET /v2/')
    ok cubby run --rm --network none "$NGINX" nginx -v
    [ "$(registry_log | grep -c 'GET /v2/')" = "$before" ]
    ok cubby images --format '{{.Repository}}:{{.Tag}}'
    out_is "$NGINX"
}

@test 'nginx serves its page, and ps, port, top, logs and inspect show it' {
    web
    ok curl -fsS "http://localhost:$PORT/"
    out_has 'Welcome to nginx!'
    ok cubby ps
    out_has web
    out_has "0.0.0.0:$PORT->80/tcp"
    out_matches 'Up '
    ok cubby port web
    out_has "80/tcp -> 0.0.0.0:$PORT"
    ok cubby top web
    out_has 'nginx: master process'
    wait_for 5 logged web 'GET / HTTP'
    ok cubby inspect web --format '{{.State.Status}} (PID {{.State.Pid}})'
    out_matches '^running \(PID [0-9]+\)$'
    [ -d "/proc/$(cubby inspect web --format '{{.State.Pid}}')" ]
}

@test 'exec enters, with a terminal and without' {
    web
    ok cubby exec web sh -c 'hostname; id -u'
    out_matches $'^[0-9a-f]{12}\n0$'
    fails 5 on_tty send 'echo $((40 + 2)) && tty\n' expect 42 send 'exit 5\n' -- exec -it web sh
    out_has /dev/pts/
}

@test 'stop asks nginx with its own signal, and start serves again' {
    web
    ok cubby stop web
    ok cubby ps -a --format '{{.Names}} {{.Status}}'
    out_matches '^web Exited \(0\)'
    fails 7 curl -fsS "http://localhost:$PORT/"
    ok cubby start web
    wait_for 10 curl -fs "http://localhost:$PORT/"
    ok cubby kill -s KILL web
    ok cubby wait web
    out_is 137
    ok cubby rm web
}

@test 'logs -f ends with the container' {
    web
    (cubby logs -f web > "$BATS_TEST_TMPDIR/followed" 2>&1 3>&-) &
    fails 22 curl -fsS "http://localhost:$PORT/seen-by-follow"
    wait_for 5 grep -q seen-by-follow "$BATS_TEST_TMPDIR/followed"
    ok cubby stop -t 1 web
    wait
}

@test 'a port in use is an error before the container starts' {
    web
    fails 125 cubby run -d --name second -p "$PORT:80" "$NGINX"
    err_has "$PORT"
    ok cubby ps -q
    [ ${#lines[@]} = 1 ]
}

@test 'a process that ignores TERM is killed after the time that was given' {
    ok cubby run -d --name deaf --network none "$NGINX" sh -c 'trap "" TERM; while :; do sleep 1000; done'
    ok cubby stop -t 1 deaf
    ok cubby ps -a --filter name=deaf --format '{{.Status}}'
    out_matches '^Exited \(137\)'
}

@test 'rm -f takes every id that ps -aq lists' {
    web
    ok cubby create --network none "$NGINX"
    # shellcheck disable=SC2046  # one word each
    ok cubby rm -f $(cubby ps -aq)
    ok cubby ps -aq
    out_is ''
}
