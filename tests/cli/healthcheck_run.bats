#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later

load ../lib/common

setup_file() { file_setup; import_busybox; }

# checked NAME OPTIONS...: a container whose health is checked only when asked to
checked() {
    local name=$1
    shift
    ok cubby run -d --network none --name "$name" --health-interval disable --health-retries 1 \
        --health-cmd 'test -e /ok' "$@" bb:1 sleep 1000
}

log_of() { cubby inspect -f "{{range .State.Health.Log}}{{.ExitCode}} {{.Output}}{{end}}" "$1"; }

@test 'the status is 0 when the check succeeds, else 1 with the health' {
    checked c
    fails 1 cubby healthcheck run c
    out_is unhealthy
    ok cubby exec c touch /ok
    ok cubby healthcheck run c
    out_is ''
    ok cubby inspect -f '{{.State.Health.Status}} {{len .State.Health.Log}}' c
    out_is 'healthy 2'
}

@test '--ignore-result succeeds whatever is found' {
    checked c
    ok cubby healthcheck run --ignore-result c
    out_is unhealthy
}

@test 'a container without a check, or one that does not run, is an error' {
    ok cubby run -d --network none --name none bb:1 sleep 1000
    fails 125 cubby healthcheck run none
    err_has 'no health check'
    ok cubby run -d --network none --name off --health-cmd none bb:1 sleep 1000
    fails 125 cubby healthcheck run off
    checked c
    ok cubby stop -t 0 c
    fails 125 cubby healthcheck run c
    err_has 'not running'
    fails 125 cubby healthcheck run nobody
}

@test 'a paused container is not checked' {
    checked c
    ok cubby pause c
    fails 125 cubby healthcheck run c
    err_has paused
    ok cubby unpause c
    fails 1 cubby healthcheck run c
}

@test 'the check has the user, the environment and the folder of the container' {
    ok cubby run -d --network none --name c -u 7:8 -w /tmp -e WORD=x --health-interval disable \
        --health-cmd 'echo $(id -u) $(id -g) $(pwd) $WORD' bb:1 sleep 1000
    ok cubby healthcheck run c
    [ "$(log_of c)" = '0 7 8 /tmp x' ]
}

@test 'a JSON list, CMD and CMD-SHELL are understood' {
    ok cubby run -d --network none --name list --health-interval disable \
        --health-cmd '["echo", "a  b", "$HOME"]' bb:1 sleep 1000
    ok cubby healthcheck run list
    [ "$(log_of list)" = '0 a  b $HOME' ]
    ok cubby inspect -f '{{json .Config.Healthcheck.Test}}' list
    out_is '["CMD","echo","a  b","$HOME"]'
    ok cubby run -d --network none --name words --health-interval disable --health-cmd 'CMD echo a' bb:1 sleep 1000
    ok cubby inspect -f '{{json .Config.Healthcheck.Test}}' words
    out_is '["CMD","echo","a"]'
    ok cubby create --name line --health-cmd '["CMD-SHELL", "echo a"]' bb:1 true
    ok cubby inspect -f '{{json .Config.Healthcheck.Test}}' line
    out_is '["CMD-SHELL","echo a"]'
}

@test 'a check that takes too long is killed with all that it started' {
    ok cubby run -d --network none --name c --health-interval disable --health-timeout 300ms --health-retries 1 \
        --health-cmd 'echo begun; sleep 1234 & setsid sleep 1234 & sleep 1234' bb:1 sleep 1000
    fails 1 cubby healthcheck run c
    out_is unhealthy
    out=$(log_of c)
    [[ $out == '-1 the check took longer than 0.3 s: begun'* ]]
    ok cubby top c
    out_lacks 1234
}

@test 'a check that cannot be started has failed with the reason' {
    ok cubby run -d --network none --name c --health-interval disable --health-retries 1 \
        --health-cmd '["/no/such", "x"]' bb:1 sleep 1000
    fails 1 cubby healthcheck run c
    [[ $(log_of c) == *"/no/such"* ]]
}

@test 'what is remembered of the output is bounded' {
    ok cubby run -d --network none --name c --health-interval disable --health-max-log-size 10 --health-max-log-count 2 \
        --health-cmd 'head -c 3000000 /dev/zero | tr "\0" x' bb:1 sleep 1000
    for _ in 1 2 3; do
        ok cubby healthcheck run c
    done
    ok cubby inspect -f '{{len .State.Health.Log}} {{(index .State.Health.Log 0).Output}}' c
    out_is '2 xxxxxxxxxx'
}

@test '--health-log-destination keeps what was found in a folder' {
    mkdir "$BATS_TEST_TMPDIR/found"
    ok cubby run -d --network none --name c --health-interval disable --health-cmd 'echo here' \
        --health-log-destination "$BATS_TEST_TMPDIR/found" bb:1 sleep 1000
    ok cubby healthcheck run c
    grep -q here "$BATS_TEST_TMPDIR"/found/*-healthcheck.log
    ok cubby inspect -f '{{(index .State.Health.Log 0).Output}}' c
    out_is here
    fails 125 cubby create --health-cmd true --health-log-destination /no/such bb:1 true
    ok cubby run -d --network none --name e --health-interval disable --health-cmd 'echo here; false' \
        --health-log-destination events_logger bb:1 sleep 1000
    fails 1 cubby healthcheck run e
    ok cubby events --since 1m --until 0s --filter container=e --filter event=health_status --format json
    out_has here
    ok cubby inspect -f '{{.Config.HealthLogDestination}}' e
    out_is events_logger
}
