# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A database in a named volume survives rm -f and a new container.

# shellcheck disable=SC2086  # $AS is words

load ../lib/common

setup_file() {
    file_setup
    registry_start
    IMAGE=$REGISTRY/library/postgres:15
    export IMAGE
    ok cubby pull --tls-verify=false -q "$IMAGE"
    # with one id nothing can become another user: it is started as the one that it would become
    has_ranges || AS='-u postgres --tmpfs /run/postgresql'
    export AS=${AS:-}
}

teardown() { :; }

query() { cubby exec pg psql -U postgres -h 127.0.0.1 -Atc "$1"; }
answers() { cubby exec -e PGPASSWORD=x pg psql -U postgres -h 127.0.0.1 -Atc 'select 1'; }

start() {
    ok cubby run -d --name pg $AS -e POSTGRES_PASSWORD=x -v pgdata:/var/lib/postgresql/data "$IMAGE"
    wait_for 60 answers
}

@test 'postgres: without a password it says so and ends' {
    fails 1 cubby run --rm $AS "$IMAGE"
    err_has POSTGRES_PASSWORD
    ok cubby volume ls -q
    out_is ''
}

@test 'postgres: makes its database in the volume' {
    start
    ok cubby exec pg psql -U postgres -Atc 'create table t (n int); insert into t values (42)'
}

@test 'postgres: exec runs beside it and ps sees its processes' {
    ok cubby top pg
    out_has checkpointer
}

@test 'postgres: the data survives rm -f and a new container' {
    ok cubby rm -f pg
    start
    ok cubby exec pg psql -U postgres -Atc 'select n from t'
    out_is 42
}

@test 'postgres: stop is a clean shutdown' {
    ok cubby stop -t 30 pg
    ok cubby logs pg
    [[ $output$stderr == *'database system is shut down'* ]]
    ok cubby inspect pg --format '{{.State.ExitCode}}'
    out_is 0
    ok cubby rm pg
    ok cubby volume rm pgdata
}
