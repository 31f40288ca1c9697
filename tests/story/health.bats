#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Containers whose health is checked.

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    registry_start
    export IMAGE=$REGISTRY/test/schema2:1
    cubby pull -q --tls-verify=false "$IMAGE" > /dev/null 2> "$BATS_FILE_TMPDIR/pull" 3>&- ||
        { cat "$BATS_FILE_TMPDIR/pull" >&2; return 1; }
}

# patient NAME [OPTIONS]: healthy once /ok is there
patient() {
    local name=$1
    shift
    ok cubby run -d --network none --name "$name" --health-cmd 'test -e /ok || { echo ill; false; }' --health-interval 100ms \
        --health-retries 2 "$@" bb:1 sleep 1000
}

# was_checked NAME: once at least
was_checked() { [ "$(cubby inspect -f '{{len .State.Health.Log}}' "$1")" -ge 1 ]; }
health_of() { cubby inspect -f '{{.State.Health.Status}}' "$1"; }
count_of() { cubby inspect -f '{{.RestartCount}}' "$1"; }
is_status() { [ "$(cubby ps -a --filter "name=^$1\$" --format '{{.State}}')" = "$2" ]; }

@test 'a container is starting, unhealthy and healthy, and ps and inspect say so' {
    patient p --health-start-period 60s
    [ "$(health_of p)" = starting ]
    ok cubby ps --format '{{.Status}}'
    out_matches '^Up .* \(starting\)$'
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker ok cubby ps --format '{{.Status}}'
    out_matches '^Up .* \(health: starting\)$'
    ok cubby exec p touch /ok
    ok cubby wait --condition healthy p
    out_is -1
    ok cubby ps --format '{{.Status}}'
    out_matches '^Up .* \(healthy\)$'
    ok cubby ps --filter health=healthy --format '{{.Names}}'
    out_is p
    ok cubby exec p rm /ok
    ok cubby wait --condition unhealthy p
    ok cubby ps --filter health=unhealthy --format '{{.Status}}'
    out_matches '\(unhealthy\)$'
    ok cubby inspect -f '{{.State.Health.FailingStreak}} {{.State.Healthcheck.Status}}' p
    out_matches '^[2-9][0-9]* unhealthy$'
    ok cubby ps -q --filter health=starting
    out_is ''
}

@test 'ps and inspect tell one status, also while the monitor is between its log and its state' {
    patient p
    ok cubby wait --condition unhealthy p
    ok cubby stop -t 0 p
    local noted
    noted=$(echo "$STORE"/containers/*/health.json)
    sed -i 's/"unhealthy"/"healthy"/' "$noted"
    grep -q '"healthy"' "$noted"
    [ "$(health_of p)" = unhealthy ]
}

@test 'the health changes are events' {
    patient e
    ok cubby exec e touch /ok
    ok cubby wait --condition healthy e
    ok cubby events --since 1m --until 0s --filter container=e --filter event=health_status
    out_has health_status=healthy
}

@test 'what cannot become healthy is an error, not a wait for ever' {
    patient d
    ok cubby stop -t 0 d
    fails 125 cubby wait --condition healthy d
    err_has 'ended with status'
    ok cubby run -d --network none --name n bb:1 sleep 1000
    fails 125 cubby wait --condition healthy n
    err_has 'no health check'
    fails 125 cubby wait --condition well n
    err_has conditions
}

@test 'wait knows states as well' {
    ok cubby create --network none --name s bb:1 sleep 1000
    ok cubby wait --condition created s
    (cubby wait --condition running s > "$BATS_TEST_TMPDIR/ran" 3>&-) &
    ok cubby start s
    wait $!
    [ "$(cat "$BATS_TEST_TMPDIR/ran")" = -1 ]
    ok cubby pause s
    ok cubby wait --condition running --condition paused s
    (cubby wait --condition exited s > "$BATS_TEST_TMPDIR/ended" 3>&-) &
    ok cubby unpause s
    ok cubby stop -t 0 s
    wait $!
    [ "$(cat "$BATS_TEST_TMPDIR/ended")" = 137 ]
}

@test 'failures in the start period do not count' {
    patient p --health-start-period 300s --health-start-interval 50ms
    wait_for 10 was_checked p
    ok cubby healthcheck run --ignore-result p
    out_is starting
    ok cubby healthcheck run --ignore-result p
    ok cubby inspect -f '{{.State.Health.FailingStreak}}' p
    out_is 0
}

@test 'a startup check comes first, and starts the container again when it fails too often' {
    ok cubby run -d --network none --name s --health-cmd 'touch /asked' --health-interval 100ms \
        --health-startup-cmd 'test -e /up' --health-startup-interval 50ms --health-startup-success 2 bb:1 sleep 1000
    wait_for 10 was_checked s
    fails 1 cubby exec s test -e /asked
    ok cubby exec s touch /up
    ok cubby wait --condition healthy s
    ok cubby run -d --network none --name r --stop-timeout 0 --health-cmd true --health-startup-cmd false \
        --health-startup-interval 50ms --health-startup-retries 2 bb:1 sleep 1000
    again() { [ "$(count_of r)" -ge 1 ]; }
    wait_for 10 again
}

@test '--health-on-failure kills, stops or starts again' {
    patient k --health-on-failure kill
    ok cubby wait k
    out_is 137
    is_status k exited
    patient s --health-on-failure stop --stop-timeout 0 --restart always
    ok cubby wait s
    is_status s exited
    patient r --health-on-failure restart --stop-timeout 0
    again() { [ "$(count_of r)" -ge 1 ]; }
    wait_for 10 again
    is_status r running
    [ "$(health_of r)" = starting ] || [ "$(health_of r)" = unhealthy ]
}

@test 'a --rm container is started again as well, and removed in the end' {
    patient r --rm --health-on-failure restart --stop-timeout 0
    again() { [ "$(count_of r)" -ge 1 ]; }
    wait_for 10 again
    wait_for 10 cubby exec r touch /ok # it may be on its way again
    ok cubby wait --condition healthy r
    ok cubby stop r
    ok cubby ps -aq
    out_is ''
}

@test 'kill and a restart policy make what is unhealthy new' {
    ok cubby run -d --network none --name k --health-cmd 'test ! -e /dev/shm/ill' --health-interval 100ms --health-retries 1 \
        --health-on-failure kill --restart always bb:1 sleep 1000
    ok cubby wait --condition healthy k
    ok cubby exec k touch /dev/shm/ill
    again() { [ "$(count_of k)" -ge 1 ]; }
    wait_for 10 again
    ok cubby wait --condition healthy k
}

@test 'a paused container is not checked, and goes on being checked' {
    patient p
    ok cubby exec p touch /ok
    ok cubby wait --condition healthy p
    ok cubby pause p
    ok cubby ps --format '{{.Status}}'
    out_matches 'Paused'
    before=$(cubby inspect -f '{{json .State.Health.Log}}' p)
    sleep 0.3   # three intervals: nothing is to happen that could be waited for
    [ "$(cubby inspect -f '{{json .State.Health.Log}}' p)" = "$before" ]
    ok cubby unpause p
    ok cubby exec p rm /ok
    ok cubby wait --condition unhealthy p
}

# noted NAME: how many checks inspect shows
noted() { cubby inspect -f '{{len .State.Health.Log}}' "$1"; }
has_noted() { [ "$(noted "$1")" -ge "$2" ]; }

@test 'checks that find the same write nothing to the disk, and the last ones are known after the end' {
    local file before id pid
    ok cubby run -d --name c --network none --stop-timeout 0 --health-cmd 'echo fine' --health-interval 50ms bb:1 sleep 1000
    id=$output
    file=$STORE/containers/$id/health.json
    wait_for 10 grep -q '"Status":"healthy"' "$file"
    before=$(stat -c '%i %Y %Z' "$file")
    wait_for 10 has_noted c 5
    [ "$(stat -c '%i %Y %Z' "$file")" = "$before" ]
    [ "$(grep -o ExitCode "$file" | wc -l)" -lt 5 ]
    ok cubby inspect -f '{{range .State.Health.Log}}{{.Output}}{{end}}' c
    out_has fine
    ok cubby stop c
    [ "$(noted c)" = 5 ]
    # output without room in memory goes to the disk, and is shown
    ok cubby run -d --name d --network none --stop-timeout 0 --health-cmd 'head -c 50000 /dev/zero | tr "\000" x' \
        --health-max-log-size 0 --health-interval 50ms bb:1 sleep 1000
    wait_for 10 has_noted d 5
    pid=$(cubby inspect -f '{{.State.ConmonPid}}' d)
    [ ! -e "/proc/$pid/cwd/health.json" ]
    kill -9 "$pid"
    ok cubby wait d
    [ "$(noted d)" = 5 ]
}

@test 'nothing of a check is left when the container ends' {
    ok cubby run -d --network none --name c --health-cmd 'touch /begun; sleep 4321' --health-interval 100ms bb:1 sleep 1000
    wait_for 10 cubby exec c test -e /begun
    ok cubby stop -t 0 c
    ! pgrep -f 'sleep 4321' || false
}

@test 'the check of an image is made, changed and left out' {
    ok cubby create --name i "$IMAGE"
    ok cubby inspect -f '{{json .Config.Healthcheck.Test}}' i
    [[ $output == '["CMD'* ]]
    ok cubby create --name j --health-interval 7s --health-retries 9 "$IMAGE"
    ok cubby inspect -f '{{.Config.Healthcheck.Interval}} {{.Config.Healthcheck.Retries}} {{len .Config.Healthcheck.Test}}' j
    out_matches '^7000000000 9 [1-9]'
    ok cubby run -d --network none --name k --no-healthcheck --entrypoint sleep "$IMAGE" 1000
    ok cubby ps --filter health=none --format '{{.Names}} {{.Status}}'
    out_matches '^k Up [^(]*$'
}

@test 'an image is checked without being asked for' {
    ok cubby run -d --network none --name i --health-interval 100ms --entrypoint sleep "$IMAGE" 1000
    ok cubby wait --condition healthy --condition unhealthy i
}

@test 'options that make no sense are refused' {
    fails 125 cubby create --health-cmd true --health-interval soon bb:1 true
    err_has health-interval
    fails 125 cubby create --health-cmd true --health-interval -1s bb:1 true
    fails 125 cubby create --health-cmd true --health-timeout 10us bb:1 true
    fails 125 cubby create --health-cmd true --health-retries -2 bb:1 true
    fails 125 cubby create --health-cmd true --health-on-failure pray bb:1 true
    fails 125 cubby create --health-cmd '[]' bb:1 true
    fails 125 cubby create --health-cmd true --no-healthcheck bb:1 true
    fails 125 cubby create --health-startup-cmd true bb:1 true
    fails 125 cubby create --health-cmd true --health-max-log-size -1 bb:1 true
    ok cubby ps -aq
    out_is ''
}
