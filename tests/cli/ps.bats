# SPDX-License-Identifier: LGPL-2.1-or-later
# ps - list containers

load ../lib/common

setup_file() { file_setup; import_busybox; }

@test 'who has no descriptor left says so, and calls no record damaged' {
    ok cubby create --name whole --network none bb:1 true
    for most in $(seq 4 14); do
        try bash -c "ulimit -n $most; exec \"\$@\"" bash "$CUBBY" --root "$STORE" ps -a --format '{{.Names}}'
        [[ $stderr != *damaged* ]] || { echo "$most: $stderr"; false; }
        [ "$status" != 0 ] || grep -qx whole <<< "$output"
    done
    ok cubby rm whole
}

@test 'ps looks like docker'\''s' {
    ok cubby run -d --network none --name web bb:1 sleep 1000
    ok cubby ps
    [[ ${lines[0]} =~ ^'CONTAINER ID   IMAGE            COMMAND        CREATED'\ +'STATUS'\ +'PORTS     NAMES'$ ]]
    [[ ${lines[1]} =~ ^[0-9a-f]{12}'   localhost/bb:1   "sleep 1000"   '.*' ago   Up '.*' web'$ ]]
}

@test 'a --rm container whose monitor was killed goes with the next command, other ones show why' {
    local name
    for name in one two; do
        ok cubby run -d --rm --network none --name "$name" -v /data bb:1 sleep 1000
        kill -9 "$(cubby inspect "$name" --format '{{.State.ConmonPid}}')"
    done
    ok cubby run -d --network none --name stays bb:1 sleep 1000
    kill -9 "$(cubby inspect stays --format '{{.State.ConmonPid}}')"
    # its name is free again, without a look at the others
    ok cubby create --network none --name two bb:1 true
    ok cubby ps -a --format '{{.Names}} {{.Status}}'
    [ "${#lines[@]}" = 2 ]
    out_matches 'stays Exited \(137\) .* ago'
    out_has 'two Created'
    ok cubby inspect stays --format '{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}'
    out_is 'exited 137 its monitor was killed'
    ok cubby volume ls -q
    out_is ''
}

@test 'ps cuts long commands and ids unless told not to' {
    ok cubby create --network none --name long bb:1 sh -c 'echo one two three four five'
    ok cubby ps -a --format '{{.Command}}'
    out_is '"sh -c echo one two …"'
    ok cubby ps -a --no-trunc --format '{{.Command}} {{len .ID}}'
    out_is '"sh -c echo one two three four five" 64'
    ok cubby ps -aq --no-trunc
    out_matches '^[0-9a-f]{64}$'
}

@test 'ps shows what runs, and with -a what has ended and how' {
    ok cubby run --network none --name done bb:1 true
    ok cubby create --network none --name new bb:1 true
    run -7 cubby run --network none --name seven bb:1 sh -c 'exit 7'
    ok cubby ps -q
    out_is ''
    ok cubby ps -a --format '{{.Names}}: {{.Status}}'
    out_matches 'seven: Exited \(7\) .* ago'
    out_matches 'new: Created'
    out_matches 'done: Exited \(0\) .* ago'
}

@test 'the newest container is first, and -n and -l count from it' {
    for n in one two three; do ok cubby create --network none --name "$n" bb:1 true; done
    ok cubby ps -a --format '{{.Names}}'
    out_is $'three\ntwo\none'
    ok cubby ps -n 2 --format '{{.Names}}'
    out_is $'three\ntwo'
    ok cubby ps -l --format '{{.Names}}'
    out_is three
}

@test 'filters of one key are alternatives, different keys must all be met' {
    ok cubby create --network none --name a1 -l colour=red -l big bb:1 true
    ok cubby create --network none --name a2 -l colour=blue bb:1 true
    ok cubby create --network none --name b1 -l colour=red bb:1 true
    ok cubby ps -a --filter name=a --filter label=colour=red --format '{{.Names}}'
    out_is a1
    ok cubby ps -a --filter name=a2 --filter name=b1 --format '{{.Names}}'
    out_is $'b1\na2'
    ok cubby ps -a --filter label=colour=red --filter label=big --format '{{.Names}}'
    out_is a1
    ok cubby ps --filter status=created -q
    [ "${#lines[@]}" = 3 ]
    ok cubby ps -a --filter ancestor=bb --filter since=a2 --format '{{.Names}}'
    out_is b1
    ok cubby ps -a --filter name='^a1$' --format '{{.Label "colour"}}{{.Label "none"}}'
    out_is red
}

@test 'a filter that is not there is refused and the others are named' {
    fails 125 cubby ps --filter colour=red
    err_has "invalid filter 'colour'"
    err_has 'known filters: after, ancestor, before'
    fails 125 cubby ps --filter status=sleeping
    fails 125 cubby ps --filter since=nobody
    [ -z "$output" ]
}

@test 'a format may be a table, lines or json' {
    ok cubby create --network none --name t -l k=v bb:1 true
    ok cubby ps -a --format 'table {{.Names}}\t{{.State}}'
    [ "${lines[0]}" = 'NAMES     STATE' ]
    [ "${lines[1]}" = 't         created' ]
    ok cubby ps -a --noheading
    [ "${#lines[@]}" = 1 ]
    ok cubby ps -a --format json
    [ "$(python3 -c 'import json, sys; print(json.loads(sys.argv[1])[0]["Names"])' "$output")" = "['t']" ]
    ln -s "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker ok cubby ps -a --format json
    [ "${#lines[@]}" = 1 ]
    out_has '"Names":"t"'
    out_has '"Labels":"k=v"'
    out_lacks 'Label()'
}

@test 'a mistyped field is told and prints nothing' {
    ok cubby create --network none bb:1 true
    fails 125 cubby ps -a --format '{{.Nmaes}}'
    err_has "can't evaluate field Nmaes"
    err_has 'known fields: ID, Image'
    [ -z "$output" ]
}

@test 'ps -s sums the writable layer up' {
    ok cubby run --network none --name big bb:1 dd if=/dev/zero of=/f bs=1000 count=50
    ok cubby ps -as --format '{{.Size}}'
    out_matches '^[45][0-9.]*kB \(virtual [0-9.]+MB\)$'
}

@test '--sort orders by a field, the smallest or oldest first' {
    ok cubby create --network none --name bb bb:1 sleep 2
    ok cubby create --network none --name aa bb:1 sleep 3
    ok cubby create --network none --name cc bb:1 sleep 1
    ok cubby ps -a --sort names --format '{{.Names}}'
    out_is $'aa\nbb\ncc'
    ok cubby ps -a --sort created --format '{{.Names}}'
    out_is $'bb\naa\ncc'
    ok cubby ps -a --sort command --format '{{.Names}}'
    out_is $'cc\nbb\naa'
    ok cubby ps -a --sort size --format '{{.Names}}'
    for field in id image runningfor status; do ok cubby ps -aq --sort $field; done
    [ "${#lines[@]}" = 3 ]
    fails 125 cubby ps -a --sort colour
    err_has runningfor
}

@test 'a format that shows the size has it summed up' {
    ok cubby create --network none --name a bb:1 true
    ok cubby ps -a --format '{{.Size}}'
    out_matches 'virtual'
    ok cubby ps -as --format json
    out_has '"rootFsSize"'
}

@test '--ns shows the namespaces of those that run' {
    ok cubby run -d --network none --name a bb:1 sleep 1000
    ok cubby create --network none --name b bb:1 true
    ok cubby ps -a --ns --format '{{.Names}} {{.NET}} {{.PIDNS}}.'
    out_matches '^b  \.'
    pid=$(cubby inspect -f '{{.State.Pid}}' a)
    out_matches "a $(readlink /proc/$pid/ns/net | tr -dc 0-9) $(readlink /proc/$pid/ns/pid | tr -dc 0-9)\\."
    ok cubby ps --namespace
    [[ ${lines[0]} =~ ^'CONTAINER ID   NAMES     PID '.*'CGROUPNS '.*'USERNS '.*UTS$ ]]
}

@test '--pod has columns for pods, which are empty' {
    ok cubby create --network none --name a bb:1 true
    ok cubby ps -a --pod
    [[ ${lines[0]} =~ NAMES' '+'POD ID'' '+PODNAME$ ]]
    ok cubby ps -a --format '{{.Names}}{{.Pod}}{{.PodName}}'
    out_is a
    ok cubby ps -a --external --sync -q
}

@test '--watch lists again and again' {
    ok cubby create --network none --name a bb:1 true
    # It ends by SIGPIPE when nobody reads any more.
    cubby ps -a --watch 1 --format '{{.Names}}' 3>&- | tee "$BATS_TEST_TMPDIR/seen" | sed -n '/b/q' &
    local watcher=$!
    wait_for 10 grep -q a "$BATS_TEST_TMPDIR/seen"
    ok cubby create --network none --name b bb:1 true
    wait "$watcher"
    grep -q b "$BATS_TEST_TMPDIR/seen"
    fails 125 cubby ps --watch -1
}

@test 'as docker the image and the network have docker'\''s names' {
    ln -s "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    ok cubby tag bb:1 docker.io/library/short:1
    ok cubby run -d --name a short:1 sleep 1000
    ok cubby ps --format '{{.Image}} {{.Networks}}'
    out_is 'docker.io/library/short:1 podman'
    CUBBY=$BATS_TEST_TMPDIR/docker
    ok cubby ps --format '{{.Image}} {{.Networks}}'
    out_is 'short:1 bridge'
    ok cubby inspect -f '{{.Config.Image}} {{.HostConfig.NetworkMode}} {{.NetworkSettings.Networks.bridge.IPAddress}}' a
    out_is 'short:1 bridge 10.0.2.100'
    ok cubby image inspect -f '{{index .RepoTags 0}}' short:1
    out_matches 'short:1|bb:1'
}

@test 'a table fits the terminal, and is whole where there is none or it is asked for' {
    ok cubby create --network none --name one bb:1 sh -c 'echo a long command'
    ok on_tty --size 90x20 stopped -- ps -a
    widest=$(tr -d '\r' <<< "$output" | wc -L)
    [ "$widest" -le 90 ]
    out_has '…'
    out_matches 'one'
    ok on_tty --size 200x20 stopped -- ps -a
    [ "$(tr -d '\r' <<< "$output" | wc -L)" -gt 90 ]
    ok on_tty --size 90x20 stopped -- ps -a --no-trunc
    out_has 'sh -c echo a long command'
    CUBBY_ENV=(COLUMNS=20)
    ok cubby ps -a
    [ "$(wc -L <<< "$output")" -gt 90 ]
}

@test 'filters of containers' {
    ok cubby create --network none --name first -l a=1 -l b=2 bb:1 sleep 1
    ok cubby create --network none --name second -l a=1 --restart always --expose 90 bb:1 echo hi
    ok cubby run -d --network none --name third -v data:/d -p 8080:80 bb:1 sleep 1000
    id=$(cubby inspect -f '{{.Id}}' first)
    table=(
        'name=first|first'
        'name=^/sec|second'
        'name=fir name=sec|second first'
        'id=ID|first'
        'label=a|second first'
        'label=a label=b=2|first'
        'label=a label!=b|second'
        'label!=a|third'
        'status=created|second first'
        'status=created status=running|third second first'
        'status=running name=first|'
        'exited=0|'
        'ancestor=bb|third second first'
        'ancestor=localhost/bb:1 name=first|first'
        'ancestor=other|'
        'before=third|second first'
        'before=third since=first|second'
        'after=second|third'
        'before=third before=second|first'
        'since=second since=first|third second'
        'since=second after=first|third second'
        'volume=data|third'
        'volume=/d|third'
        'volume=/d/|third'
        'volume=/e|'
        'expose=90|second'
        'expose=85-95/tcp|second'
        'expose=90/udp|'
        'network=none name=first|first'
        'until=1h|'
        'command=echo|second'
        'command=sleep|third first'
        'restart-policy=always|second'
        'publish=80|'
        'is-task=false name=first|first'
        'is-task=true|'
        'pod=p|'
    )
    for row in "${table[@]}"; do
        args=()
        filters=${row%|*}
        for f in ${filters/ID/$id}; do args+=(--filter "$f"); done
        got=$(cubby ps -a "${args[@]}" --format '{{.Names}}' | xargs)
        [ "$got" = "${row#*|}" ] || { echo "$row: $got"; false; }
    done
    for bad in status=asleep exited=x expose=abc expose=90-80 publish=80/http publish=0 until=soon before=nobody colour=red name; do
        fails 125 cubby ps -a --filter "$bad"
        [ -z "$output" ]
    done
    ok cubby rm -f -t 0 third
    ok cubby volume rm data
}

@test 'the filter publish finds published ports by their number inside' {
    ok cubby run -d --name pub -p 127.0.0.1::80 bb:1 sleep 1000
    for f in 80 80/tcp 70-90 80-80/tcp; do
        ok cubby ps --filter "publish=$f" --format '{{.Names}}'
        out_is pub
    done
    for f in 81 80/udp 1-79; do
        ok cubby ps --filter "publish=$f" -q
        out_is ''
    done
}

@test '--size is what the container wrote, with every driver' {
    local driver
    for driver in overlay fuse-overlayfs copy; do
        ok cubby --storage-driver "$driver" run --name "$driver" --network none bb:1 \
            sh -c 'dd if=/dev/zero of=/big bs=1M count=3 2> /dev/null; rm -rf /home'
        ok cubby ps -a --size --filter "name=^$driver\$" --format '{{.Size}}'
        out_matches '^3\.15MB \(virtual [5-9]'
        ok cubby inspect -s -f '{{.SizeRw}}' "$driver"
        out_is 3145728
    done
}
