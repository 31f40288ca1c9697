#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Requests that are not made, and ends that must come.

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

@test 'logs -f ends with the container' {
    web
    (cubby logs -f web > "$BATS_TEST_TMPDIR/followed" 2>&1 3>&-) &
    fails 22 curl -fsS "http://localhost:$PORT/seen-by-follow"
    wait_for 5 grep -q seen-by-follow "$BATS_TEST_TMPDIR/followed"
    ok cubby stop -t 1 web
    wait
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

@test 'an anonymous volume goes with rm -v and with --rm, not with rm' {
    local redis=$REGISTRY/library/redis:7 volume
    ok cubby pull -q --tls-verify=false "$redis"
    ok cubby create --network none --name r "$redis"
    ok cubby volume ls -q
    [ ${#lines[@]} = 1 ] && [ -n "$output" ]
    volume=$output
    ok cubby rm r
    ok cubby volume ls -q
    out_is "$volume"
    ok cubby volume rm "$volume"
    ok cubby run --rm --network none "$redis" true
    ok cubby volume ls -q
    out_is ''
}
