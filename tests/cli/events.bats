# SPDX-License-Identifier: LGPL-2.1-or-later
# events - what happened is told under both tools' names

load ../lib/common

setup_file() { file_setup; import_busybox; }

as_docker() {
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker "$@"
}

# names_of NAME [OPTIONS]: what happened to a container so far, in order
names_of() {
    cubby events --stream=false --filter "container=$1" --format '{{.Status}}' "${@:2}" | tr '\n' ' '
}

@test 'a run tells create, init, start, attach, died, cleanup and remove' {
    try cubby run --rm --name all --network none -l colour=red bb:1 sh -c 'exit 7'
    [ "$(names_of all)" = 'create init start attach died cleanup remove ' ]
    ok cubby events --stream=false --filter container=all --filter event=died
    out_matches '^[0-9-]+ [0-9:.]+ [+-][0-9]+ [A-Z]+ container died [0-9a-f]{64} \(image=localhost/bb:1, name=all, exitCode=7, colour=red\)$'
    ok cubby events --stream=false --no-trunc=false --filter container=all --filter event=create
    out_matches ' container create [0-9a-f]{12} \('
}

@test 'called as docker the names, the fields and the lines are docker'\''s' {
    try cubby run --rm --name dock --network none -l colour=red bb:1 sh -c 'exit 7'
    as_docker ok cubby events --since 1h --until 0s --filter container=dock --format '{{.Action}}'
    out_is $'create\nstart\nattach\ndie\ndestroy'
    as_docker ok cubby events --since 1h --until 0s --filter container=dock --filter event=die
    out_matches '^[0-9-]+T[0-9:.]+(Z|[+-][0-9:]+) container die [0-9a-f]{64} \(colour=red, exitCode=7, image=localhost/bb:1, name=dock\)$'
    as_docker ok cubby events --since 1h --until 0s --filter container=dock --filter event=die --format json
    python3 - "$output" <<'PY'
import json, sys
e = json.loads(sys.argv[1])
assert list(e) == ["status", "id", "from", "Type", "Action", "Actor", "scope", "time", "timeNano"], e
assert e["Actor"]["Attributes"] == {"exitCode": "7", "image": "localhost/bb:1", "name": "dock", "colour": "red"}
assert e["Actor"]["ID"] == e["id"] and e["timeNano"] // 10**9 == e["time"]
PY
    as_docker ok cubby events --since 1h --until 0s --filter container=dock --filter event=die \
        --format '{{.Status}} {{.From}} {{.Actor.Attributes.name}} {{.Scope}} {{len .ID}}'
    out_is 'die localhost/bb:1 dock local 64'
}

@test 'json has podman'\''s fields' {
    try cubby run --rm --name fields --network none -l colour=red bb:1 sh -c 'exit 7'
    ok cubby events --stream=false --filter container=fields --filter event=died --format json
    python3 - "$output" <<'PY'
import json, sys
e = json.loads(sys.argv[1])
assert e["ContainerExitCode"] == 7 and e["Status"] == "died" and e["Type"] == "container", e
assert e["Name"] == "fields" and e["Image"] == "localhost/bb:1" and e["Attributes"] == {"colour": "red"}
assert len(e["ID"]) == 64 and e["timeNano"] // 10**9 == e["time"]
PY
    ok cubby events --stream=false --filter container=fields --filter event=die \
        --format '{{.Name}} {{.ContainerExitCode}} {{.Attributes.colour}} {{.HealthStatus}}'
    out_is 'fields 7 red '
    fails 125 cubby events --stream=false --format '{{.Nmae}}'
    err_has "can't evaluate field Nmae"
}

@test 'kill, pause, unpause, rename, restart, stop, exec and remove are told' {
    ok cubby run -d --network none --name work --stop-signal INT bb:1 sleep 1000
    ok cubby exec work sh -c 'exit 3' || true
    ok cubby pause work
    ok cubby unpause work
    ok cubby kill -s WINCH work
    ok cubby restart -t 0 work
    ok cubby stop -t 0 work
    ok cubby rename work play
    ok cubby rm play
    id=$(cubby events --stream=false --filter container=play --filter event=rename --format '{{.ID}}')
    [ "$(names_of "$id")" = 'create init start exec exec_died pause unpause kill died stop cleanup init start restart died stop cleanup rename remove ' ]
    ok cubby events --stream=false --filter event=exec_died --filter container=work --format '{{.ContainerExitCode}} {{.Attributes.cmd}}'
    out_is '3 sh -c exit 3'
    ok cubby events --stream=false --filter event=rename --filter container=play --format '{{.Attributes.oldName}}'
    out_is work
    as_docker ok cubby events --since 1h --until 0s --filter container="$id" --filter event=kill --format '{{.Actor.Attributes.signal}}'
    out_is $'28\n2\n2'
    as_docker ok cubby events --since 1h --until 0s --filter container="$id" --filter event=exec_create --format '{{.Action}}'
    out_is 'exec_create: sh -c exit 3'
}

@test 'the end of a process that nobody waited for is told' {
    ok cubby run -d --network none --name host bb:1 sleep 1000
    ok cubby exec -d host sh -c 'exit 5'
    died() {
        [ "$(cubby events --stream=false --filter container=host --filter event=exec_died \
            --format '{{.ContainerExitCode}} {{.Attributes.cmd}}')" = '5 sh -c exit 5' ]
    }
    wait_for 20 died
}

@test 'what happens to secrets is told' {
    echo hidden | cubby secret create told - > /dev/null
    ok cubby secret rm told
    ok cubby events --stream=false --filter type=secret --format '{{.Status}} {{.Name}}'
    out_is $'create told\nremove told'
}

@test 'the end of a container whose monitor was killed is told with 137' {
    ok cubby run -d --network none --name lost bb:1 sleep 1000
    ok cubby inspect -f '{{.State.Pid}}' lost
    kill -9 "$(ps -o ppid= -p "$output" | tr -d ' ')"
    ok cubby wait lost
    ok cubby rm lost
    ok cubby events --stream=false --filter container=lost --filter event=died --format '{{.ContainerExitCode}}'
    out_is 137
}

@test 'what happens to images and volumes is told' {
    ok cubby volume create vol
    ok cubby volume rm vol
    ok cubby tag bb:1 other:2
    ok cubby save -o "$BATS_TEST_TMPDIR/i.tar" other:2
    ok cubby rmi other:2
    ok cubby load -i "$BATS_TEST_TMPDIR/i.tar"
    ok cubby untag other:2 other:2
    ok cubby events --stream=false --filter volume=vol --format '{{.Type}} {{.Status}} {{.Name}}'
    out_is $'volume create vol\nvolume remove vol'
    ok cubby events --stream=false --filter image=other --format '{{.Status}} {{.Name}}'
    out_is $'tag localhost/other:2\nsave localhost/other:2\nuntag localhost/other:2\nloadfromarchive localhost/other:2\nuntag localhost/other:2'
    as_docker ok cubby events --since 1h --until 0s --filter type=volume --filter event=destroy --format '{{.ID}}'
    out_has vol
    ok cubby events --stream=false --filter event=import --filter type=image --format '{{.Name}}'
    out_is localhost/bb:1
    import_busybox gone:1
    ok cubby rmi gone:1
}

@test 'filters of one key are alternatives, different keys and all labels must be met' {
    # names that no id begins with
    ok cubby create --network none --name w1 -l a=1 -l b=2 bb:1
    ok cubby create --network none --name w2 -l a=1 bb:1
    ok cubby rm w1 w2
    table=(
        'container=w1|w1 w1'
        'container=w1 container=w2|w1 w2 w1 w2'
        'container=w1 event=create|w1'
        'event=remove event=create container=w2|w2 w2'
        'event=destroy container=w2|w2'
        'label=a=1 label=b|w1 w1'
        'label=a=1 container=w2 container=w1|w1 w2 w1 w2'
        'type=container container=w1 event=create|w1'
        'type=image container=w1|'
        'scope=local container=w1 event=create|w1'
        'scope=swarm container=w1|'
        'network=w1|'
        'volume=w1|'
        'image=bb container=w1|'
    )
    for row in "${table[@]}"; do
        args=()
        for f in ${row%|*}; do args+=(--filter "$f"); done
        got=$(cubby events --stream=false "${args[@]}" --format '{{.Name}}' | xargs)
        [ "$got" = "${row#*|}" ] || { echo "$row: $got"; false; }
    done
    as_docker ok cubby events --since 1h --until 0s --filter image=bb --filter container=w1 --format '{{.Action}}'
    out_is $'create\ndestroy'
    fails 125 cubby events --stream=false --filter colour=red
    err_has "invalid filter 'colour'"
    fails 125 cubby events --stream=false --filter container
}

# follow FILE ARGS...: cubby events in the background, whose process $pid is
follow() {
    env -i HOME="$HOME" PATH="$PATH" timeout 60 "$CUBBY" --root "$STORE" events "${@:2}" > "$1" 3>&- &
    pid=$!
}

# poke FILE: something happens; whether it was seen
poke() {
    cubby volume create > /dev/null
    [ -s "$1" ]
}

@test 'without --since only what comes is shown' {
    ok cubby volume create early
    follow "$BATS_TEST_TMPDIR/out" --filter type=volume --format '{{.Name}}'
    wait_for 20 poke "$BATS_TEST_TMPDIR/out"
    ok cubby volume rm early
    wait_for 20 grep -qx early "$BATS_TEST_TMPDIR/out"
    [ "$(grep -cx early "$BATS_TEST_TMPDIR/out")" = 1 ]
    kill "$pid"
    wait "$pid" || true
    ok cubby volume prune -f
}

@test 'events are followed until --until' {
    ok cubby create --network none --name early bb:1
    mkfifo "$BATS_TEST_TMPDIR/pipe"
    follow "$BATS_TEST_TMPDIR/pipe" --since 1h --until 30s --filter container=early \
        --filter container=late --format '{{.Name}} {{.Status}}'
    exec 7< "$BATS_TEST_TMPDIR/pipe"
    read -r line <&7
    [ "$line" = 'early create' ]
    ok cubby create --network none --name late bb:1
    read -r line <&7
    [ "$line" = 'late create' ]
    ok cubby rm late
    read -r line <&7
    [ "$line" = 'late remove' ]
    exec 7<&-
    kill "$pid"
    wait "$pid" || true
    ok cubby events --since 1h --until 100ms --filter container=early --format '{{.Status}}'
    out_is create
}

@test 'since and until bound what is shown, and until ends it' {
    ok cubby create --network none --name t1 bb:1
    middle=$(cubby events --stream=false --filter container=t1 --format '{{.TimeNano}}')
    ok cubby rm t1
    middle=${middle%?????????}.${middle: -9}
    ok cubby events --since "$middle" --until 0s --filter container=t1 --format '{{.Status}}'
    out_is $'create\nremove'
    ok cubby events --until "$middle" --filter container=t1 --format '{{.Status}}'
    out_is create
    ok cubby events --until 10ms --filter container=t1 --format '{{.Status}}'
    out_is $'create\nremove'
    as_docker ok cubby events --until 10m --filter container=t1
    out_is ''
    fails 125 cubby events --since yesterday
    err_has "--since: 'yesterday' is no time"
    fails 125 cubby events --until soon
}

@test 'events are kept in a file and nowhere else' {
    ok cubby --events-backend file events --stream=false
    fails 125 cubby --events-backend journald ps
    err_has 'events are kept in a file of the store'
    ok cubby system events --stream=false --filter event=create
}

@test 'copying is an event for docker, and none for podman' {
    echo text > "$BATS_TEST_TMPDIR/file"
    ok cubby create --network none --name copied bb:1
    ok cubby cp "$BATS_TEST_TMPDIR/file" copied:/file
    ok cubby cp copied:/file "$BATS_TEST_TMPDIR/back"
    as_docker ok cubby events --since 1h --until 0s --filter container=copied --format '{{.Action}}'
    out_is $'create\nextract-to-dir\narchive-path'
    ok cubby events --stream=false --filter container=copied --format '{{.Status}}'
    out_is create
    try cubby cp copied:/nowhere "$BATS_TEST_TMPDIR/back"
    as_docker ok cubby events --since 1h --until 0s --filter container=copied --format '{{.Action}}'
    [ "${#lines[@]}" = 3 ]
}
