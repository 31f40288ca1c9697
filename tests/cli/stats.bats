# SPDX-License-Identifier: LGPL-2.1-or-later
# stats - what containers use

load ../lib/common

setup_file() { file_setup; import_busybox; }

as_docker() {
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker "$@"
}

@test 'stats shows all that run, in podman'\''s or docker'\''s columns' {
    ok cubby run -d --network none --name one bb:1 sleep 1000
    ok cubby create --network none --name idle bb:1
    ok cubby stats --no-stream
    [ "${#lines[@]}" = 2 ]
    [[ ${lines[0]} =~ ^'ID '\ +'NAME '\ +'CPU %'\ +'MEM USAGE / LIMIT'\ +'MEM %'\ +'NET IO'\ +'BLOCK IO'\ +'PIDS'\ +'CPU TIME'\ +'AVG CPU %'$ ]]
    [[ ${lines[1]} =~ ^[0-9a-f]{12}' '+one' '+[0-9.]+%' '+[0-9.]+[kM]B' / '[0-9.]+[GMT]B' '+[0-9.]+%' '+0B' / '0B' '.*' 1 ' ]]
    as_docker ok cubby stats --no-stream
    [[ ${lines[0]} =~ ^'CONTAINER ID'\ +'NAME '\ +'CPU %'\ +'MEM USAGE / LIMIT'\ +'MEM %'\ +'NET I/O'\ +'BLOCK I/O'\ +'PIDS'$ ]]
    [[ ${lines[1]} =~ ' / '[0-9.]+[GMT]iB ]]
}

@test '-a shows those that do not run too, and names choose' {
    ok cubby run -d --network none --name one bb:1 sleep 1000
    ok cubby create --network none --name idle bb:1
    ok cubby stats -a --no-stream --format '{{.Name}} {{.PIDs}} {{.MemUsage}}'
    out_has 'idle 0 0B / 0B'
    out_has 'one 1 '
    ok cubby stats --no-stream --format '{{.Container}} {{.Name}}' one
    out_is 'one one'
    ok cubby stats --no-stream --latest --format '{{.Name}}'
    out_is idle
    fails 125 cubby stats -a one
    fails 125 cubby stats --no-stream nobody
    err_has "no container named 'nobody'"
    fails 125 cubby stats --no-stream nobody one --format '{{.Name}}'
    out_is one
    fails 125 cubby stats --interval -1
}

@test 'processes, threads and time of a container are counted, also of children that have ended' {
    ok cubby run -d --network none --name busy bb:1 sh -c 'sh -c "i=0; while [ \$i -lt 30000 ]; do i=\$((i+1)); done"; sleep 1000 & sleep 1000 & wait'
    ok cubby exec busy sleep 0
    two() { [ "$(cubby stats --no-stream --format '{{.PIDs}}' busy)" = 3 ]; }
    wait_for 30 two
    ok cubby stats --no-stream --format '{{.CPUNano}} {{.AvgCPU}} {{.CPUTime}} {{.PIDS}} {{.NetInput}} {{len .ContainerID}}' busy
    [ "${output%% *}" -ge 10000000 ]
    out_matches ' [0-9.]+% [0-9.]+m?s 3 0 64$'
}

@test 'json is docker'\''s or podman'\''s' {
    ok cubby run -d --network none --name j bb:1 sleep 1000
    ok cubby stats --no-stream --format json
    python3 - "$output" <<'PY'
import json, sys
(e,) = json.loads(sys.argv[1])
assert list(e) == ["id", "name", "cpu_time", "cpu_percent", "avg_cpu", "mem_usage", "mem_percent",
                   "net_io", "block_io", "pids"], e
assert e["name"] == "j" and e["pids"] == "1"
PY
    as_docker ok cubby stats --no-stream --format json j
    python3 - "$output" <<'PY'
import json, sys
e = json.loads(sys.argv[1])
assert sorted(e) == ["BlockIO", "CPUPerc", "Container", "ID", "MemPerc", "MemUsage", "Name", "NetIO",
                     "PIDs"], e
assert e["Container"] == "j"
PY
    fails 125 cubby stats --no-stream --format '{{.Nope}}'
}

@test 'tables follow each other until what was named is gone' {
    ok cubby run -d --network none --name gone bb:1 sleep 1000
    ok cubby run -d --network none --name stays bb:1 sleep 1000
    mkfifo "$BATS_TEST_TMPDIR/pipe"
    cubby stats -i 1 --format '{{.Name}}' gone > "$BATS_TEST_TMPDIR/pipe" 3>&- &
    pid=$!
    exec 7< "$BATS_TEST_TMPDIR/pipe"
    read -r line <&7
    [ "$line" = gone ]
    read -r line <&7
    [ "$line" = gone ]
    ok cubby rm -f -t 0 gone
    cat <&7 > /dev/null
    exec 7<&-
    wait "$pid"
}

@test 'on a terminal a table is drawn over the one before, unless told not to' {
    ok cubby run -d --network none --name t bb:1 sleep 1000
    try on_tty expect 'CPU %' expect ' t ' expect 'CPU %' send '\x03' stopped -- stats -i 1
    out_has $'\033[H'
    try on_tty expect 'CPU %' expect ' t ' expect 'CPU %' send '\x03' stopped -- stats -i 1 --no-reset
    out_lacks $'\033['
    ok on_tty stopped -- stats --no-stream
    out_lacks $'\033['
}

@test '--no-trunc prints whole ids' {
    ok cubby run -d --network none --name one bb:1 sleep 1000
    id=$(cubby inspect -f '{{.Id}}' one)
    ok cubby stats --no-stream --no-trunc
    out_has "$id"
    ok cubby stats --no-stream
    out_lacks "$id"
    out_has "${id:0:12}"
}

@test 'Ctrl-C ends it, and the container goes on' {
    ok cubby run -d --name web --network none bb:1 sleep 1000
    fails 130 on_tty expect web send '\x03' stopped -- stats
    out_lacks Error
    ok cubby inspect web --format '{{.State.Running}}'
    out_is true
}

@test 'what published ports carry is counted with the rest of the network' {
    local port
    port=$(free_port)
    ok cubby run -d --name served -p "$port:80" bb:1 sh -c '
        mkdir /w; dd if=/dev/zero of=/w/big bs=1M count=3 2> /dev/null; exec httpd -f -p 80 -h /w'
    wait_for 10 curl -s -o /dev/null --max-time 5 "http://127.0.0.1:$port/big"
    out_of() { cubby stats --no-stream --format '{{.NetOutput}}' served; }
    more() { [ "$(out_of)" -ge 3145728 ] && [ "$(out_of)" -lt 7000000 ]; }
    wait_for 5 more
    ok cubby stats --no-stream --format '{{.NetInput}} {{.NetIO}}' served
    out_matches '^[0-9]{2,} [0-9.]+.?B / 3\.[0-9]+MB$'
}

@test 'without published ports the interface alone is counted, and --network host has nothing to show' {
    ok cubby run -d --name plain bb:1 sleep 1000
    try cubby exec plain wget -T 2 -q -O /dev/null http://10.0.2.2:1/
    ok cubby stats --no-stream --format '{{.NetOutput}}' plain
    [ "$output" -gt 0 ]
    ok cubby run -d --network host --name hosts bb:1 sleep 1000
    ok cubby stats --no-stream --format '{{.NetIO}}' hosts
    out_is '0B / 0B'
}

@test 'on networks of the user what each container sent and got is counted, on all of them together' {
    local sent got
    ok cubby network create first
    ok cubby network create second
    ok cubby run -d --name giver --network first --network second bb:1 sh -c '
        mkdir /w; dd if=/dev/zero of=/w/big bs=1M count=1 2> /dev/null; exec httpd -f -p 80 -h /w'
    for at in first second; do
        ok cubby run -d --name "at-$at" --network "$at" bb:1 sleep 1000
        wait_for 10 cubby exec "at-$at" wget -q -O /dev/null http://giver/big
    done
    ok cubby stats --no-stream --format '{{.NetOutput}}' giver
    sent=$output
    [ "$sent" -ge 2097152 ]
    for at in first second; do
        ok cubby stats --no-stream --format '{{.NetInput}} {{.NetOutput}}' "at-$at"
        read -r got sent <<< "$output"
        [ "$got" -ge 1048576 ]
        [ "$got" -lt 2097152 ]
        [ "$sent" -lt 1048576 ]
    done
    ok cubby rm -f -t 0 giver at-first at-second
    ok cubby network rm first second
}
