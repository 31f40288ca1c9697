# SPDX-License-Identifier: LGPL-2.1-or-later
# update - change what containers were made with

load ../lib/common

setup_file() { file_setup; import_busybox; }

policy() { cubby inspect -f '{{.HostConfig.RestartPolicy.Name}}' "$1"; }

@test 'a restart policy is changed, also of a container that runs' {
    ok cubby create --network none --name made bb:1 true
    ok cubby run -d --network none --name runs bb:1 sleep 1000
    id=$(cubby inspect -f '{{.Id}}' made)
    ok cubby update --restart on-failure:3 made
    out_is "$id"
    [ "$(policy made)" = on-failure ]
    ok cubby update --restart always runs
    [ "$(policy runs)" = always ]
    ok cubby ps --filter restart-policy=always --format '{{.Names}}'
    out_is runs
    ok cubby update --restart no runs
    [ "$(policy runs)" = no ]
}

@test 'a policy is in effect at once, and what it starts again ends by another one' {
    ok cubby run -d --network none --name loop bb:1 sh -c 'until [ -e /go ]; do sleep 0.1; done; exit 3'
    ok cubby update --restart on-failure loop
    ok cubby exec loop touch /go
    again() { [ "$(cubby inspect -f '{{.RestartCount}}' loop)" -ge 1 ]; }
    wait_for 30 again
    ok cubby update --restart no loop
    over() { [ "$(cubby inspect -f '{{.State.Status}} {{.State.ExitCode}}' loop)" = 'exited 3' ]; }
    wait_for 30 over
}

@test 'a health check is given, changed and taken away while it runs' {
    ok cubby run -d --network none --name sick bb:1 sleep 1000
    ok cubby update --health-cmd 'test -e /well' --health-interval 1s --health-retries 1 sick
    ok cubby wait --condition unhealthy sick
    ok cubby exec sick touch /well
    ok cubby wait --condition healthy sick
    ok cubby update --no-healthcheck sick
    fails 125 cubby wait --condition healthy sick
    err_has 'no health check'
}

@test 'variables are for the next start' {
    ok cubby create --network none --name env -e old=1 bb:1 sh -c 'echo "$old $new"'
    ok cubby update -e new=2 --unsetenv old env
    ok cubby start -a env
    out_is ' 2'
}

@test 'limits of processes are for the next start, by name' {
    ok cubby run -d --network none --name lim --ulimit nofile=100:200 --ulimit core=0 bb:1 \
        sh -c 'ulimit -n; sleep 1000'
    ok cubby update --ulimit nofile=300:400 --ulimit cpu=900 lim
    ok cubby inspect -f '{{range .HostConfig.Ulimits}}{{.Name}} {{.Soft}} {{.Hard}},{{end}}' lim
    out_is 'core 0 0,nofile 300 400,cpu 900 900,'
    # what runs keeps its own
    ok cubby exec lim grep 'Max open files' /proc/1/limits
    out_matches '^Max open files +100 +200 '
    ok cubby stop -t 0 lim
    ok cubby start lim
    ok cubby exec lim grep -E 'Max (open files|cpu time|core file size)' /proc/1/limits
    out_has 'Max cpu time              900                  900 '
    out_has 'Max core file size        0                    0 '
    out_has 'Max open files            300                  400 '
    # of the host: all of them
    ok cubby update --ulimit host lim
    ok cubby inspect -f '{{len .HostConfig.Ulimits}}' lim
    out_is 0
    ok cubby rm -f -t 0 lim
}

@test 'a limit that is none changes nothing' {
    ok cubby create --network none --name lim bb:1 true
    fails 125 cubby update --restart always --ulimit nofile=9:1 lim
    err_has 'the soft limit is above the hard one'
    fails 125 cubby update --ulimit files=9 lim
    err_has 'no NAME=SOFT[:HARD] of a known limit'
    [ "$(policy lim)" != always ]
    ok cubby inspect -f '{{len .HostConfig.Ulimits}}' lim
    out_is 0
}

@test 'what makes no sense is refused' {
    ok cubby create --network none --name c bb:1
    ok cubby create --network none --rm --name r bb:1
    fails 125 cubby update c
    err_has 'nothing is to be changed'
    fails 125 cubby update --restart always
    fails 125 cubby update --restart sometimes c
    fails 125 cubby update --restart always r
    err_has 'made with --rm'
    fails 125 cubby update --health-interval soon c
    [ "$(policy c)" = no ]
}

@test 'each of several is tried, and docker prints the names' {
    ok cubby create --network none --name one bb:1
    ok cubby create --network none --name other bb:1
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker fails 1 cubby update --restart always one nobody other
    out_is $'one\nother'
    err_has "no container named 'nobody'"
    [ "$(policy other)" = always ]
    ok cubby update --latest --restart unless-stopped
    [ "$(policy other)" = unless-stopped ]
    ok cubby events --stream=false --filter event=update --filter container=other --format '{{.Status}}'
    out_is $'update\nupdate'
}

# check TEMPLATE: what inspect says of the container "sick"
check() { cubby inspect -f "$1" sick; }

@test 'every part of a health check can be changed, and what is not named stays' {
    ok cubby create --network none --name sick --health-cmd 'true' --health-interval 7s bb:1 true
    ok cubby update --health-timeout 3s --health-start-period 9s --health-start-interval 2s sick
    [ "$(check '{{.Config.Healthcheck.Timeout}} {{.Config.Healthcheck.StartPeriod}} {{.Config.Healthcheck.StartInterval}} {{.Config.Healthcheck.Interval}}')" = '3s 9s 2s 7s' ] ||
        [ "$(check '{{.Config.Healthcheck.Timeout}} {{.Config.Healthcheck.StartPeriod}} {{.Config.Healthcheck.StartInterval}} {{.Config.Healthcheck.Interval}}')" = '3000000000 9000000000 2000000000 7000000000' ]
    ok cubby update --health-on-failure kill --health-max-log-count 3 --health-max-log-size 77 sick
    [ "$(check '{{.Config.HealthcheckOnFailureAction}} {{.Config.HealthcheckMaxLogCount}} {{.Config.HealthcheckMaxLogSize}}')" = 'kill 3 77' ]
    mkdir "$BATS_TEST_TMPDIR/log"
    ok cubby update --health-log-destination "$BATS_TEST_TMPDIR/log" sick
    [ "$(check '{{.Config.HealthLogDestination}}')" = "$BATS_TEST_TMPDIR/log" ]
    ok cubby update --health-startup-cmd 'test -e /up' --health-startup-interval 4s --health-startup-timeout 5s \
        --health-startup-retries 6 --health-startup-success 2 sick
    [ "$(cubby inspect sick | jq -c '.[0].Config.StartupHealthCheck | [.Test[-1], .Interval, .Timeout, .Retries, .Successes]')" = \
        '["test -e /up",4000000000,5000000000,6,2]' ]
    [ "$(check '{{index .Config.Healthcheck.Test 1}}')" = true ]
    fails 125 cubby update --health-on-failure explode sick
    fails 125 cubby update --health-max-log-count -1 sick
}

@test 'changed health checks are in effect while it runs' {
    ok cubby run -d --network none --name sick --health-cmd 'echo 123456789' --health-interval disable bb:1 sleep 1000
    ok cubby update --health-max-log-count 2 --health-max-log-size 4 sick
    for _ in 1 2 3; do ok cubby healthcheck run sick; done
    [ "$(check '{{len .State.Health.Log}} {{(index .State.Health.Log 1).Output}}')" = '2 1234' ]
    ok cubby update --health-cmd false --health-retries 1 --health-on-failure kill sick
    try cubby healthcheck run sick
    ok cubby wait sick
    out_is 137
}

@test 'a startup check that takes too long has failed' {
    ok cubby run -d --network none --name sick --stop-timeout 0 --health-cmd true --health-startup-cmd 'sleep 1000' \
        --health-startup-interval 50ms --health-startup-timeout 100ms --health-startup-retries 1 bb:1 sleep 1000
    again() { [ "$(cubby inspect -f '{{.RestartCount}}' sick)" -ge 1 ]; }
    wait_for 20 again
    ok cubby update --health-startup-timeout 30s sick
}
