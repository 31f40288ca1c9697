#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# redis and postgres: they start as root, become another user, keep data in volumes, end by a signal.

load ../lib/common

setup_file() {
    file_setup
    registry_start
    export REDIS=$REGISTRY/library/redis:7 POSTGRES=$REGISTRY/library/postgres:15
    cubby pull -q --tls-verify=false "$REDIS" > /dev/null 3>&-
    cubby pull -q --tls-verify=false "$POSTGRES" > /dev/null 3>&-
}

answers() { cubby exec "$1" redis-cli ping | grep -q PONG; }

ready() { cubby exec "$1" pg_isready -h 127.0.0.1 -U postgres; }

query() { cubby exec -e PGPASSWORD=x "$1" psql -h 127.0.0.1 -U postgres -Atc "$2"; }

@test 'redis answers, runs as its own user, and ends with 0' {
    ok cubby run -d --name r --network none "$REDIS"
    wait_for 20 answers r
    ok cubby exec r redis-cli set k v
    ok cubby exec r stat -c %U /proc/1
    out_is redis
    ok cubby stop r
    ok cubby inspect r --format '{{.State.ExitCode}}'
    out_is 0
}

@test 'an anonymous volume goes with rm -v and with --rm, not with rm' {
    ok cubby create --network none --name r "$REDIS"
    ok cubby volume ls -q
    [ ${#lines[@]} = 1 ] && [ -n "$output" ]
    local volume=$output
    ok cubby rm r
    ok cubby volume ls -q
    out_is "$volume"
    ok cubby volume rm "$volume"
    ok cubby run --rm --network none "$REDIS" true
    ok cubby volume ls -q
    out_is ''
}

@test 'postgres keeps its data in a named volume over rm -f and a new container' {
    ok cubby run -d --name pg --network none -e POSTGRES_PASSWORD=x -v pgdata:/var/lib/postgresql/data "$POSTGRES"
    wait_for 60 ready pg
    wait_for 10 query pg 'select 1'
    ok query pg 'create table t (a int); insert into t values (41); update t set a = a + 1'
    ok cubby rm -f -t 20 pg
    ok cubby run -d --name pg --network none -e POSTGRES_PASSWORD=x -v pgdata:/var/lib/postgresql/data "$POSTGRES"
    wait_for 60 ready pg
    ok query pg 'select a from t'
    out_is 42
    ok cubby stop -t 30 pg
    ok cubby inspect pg --format '{{.State.ExitCode}}'
    out_is 0
    ok cubby rm pg
    ok cubby volume rm pgdata
}

@test 'postgres without a password says so and ends with 1' {
    fails 1 cubby run --rm --network none "$POSTGRES"
    err_has POSTGRES_PASSWORD
}
