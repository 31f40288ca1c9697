# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Limits that limit: what the group says, what is killed, throttled, frozen and measured.

load ../lib/common
load ../lib/vm

setup_file() { vm_setup; import_busybox; }

run_bb() { cubby run --rm --network none "$@"; }
state() { cubby inspect -f "$@"; }
group() { echo "/sys/fs/cgroup$(state '{{.State.CgroupPath}}' "$1")"; }
gone() { [ ! -e "$1" ]; }
disk() { lsblk -ndo PATH,TYPE | awk '$2 == "disk" { print $1; exit }'; }

@test 'each limit stands in the group, which the container sees and the monitor is not in' {
    ok cubby run -d --network none --name c -m 64m --memory-swap 96m --memory-reservation 32m --cpus 0.5 \
        --cpu-shares 512 --cpuset-cpus 0 --cpuset-mems 0 --pids-limit 50 --blkio-weight 500 \
        --device-read-bps "$(disk):1m" --device-write-iops "$(disk):100" \
        --cgroup-conf memory.high=60000000 bb:1 sleep 10000
    err_is ''
    g=$(group c)
    [[ $g == */user@$UID.service/*/cubby-*.scope/container ]]
    values=$(cd "$g" && head -n 1 memory.max memory.swap.max memory.low memory.high cpu.max cpu.weight cpuset.cpus \
        cpuset.mems pids.max | grep -v -e '^$' -e '==>' | tr '\n' ' ')
    [ "$values" = '67108864 33554432 33554432 59998208 50000 100000 20 0 0 50 ' ]
    grep -q 'rbps=1048576 wbps=max riops=max wiops=100' "$g/io.max"
    grep -q '^default 4950$' "$g/io.weight" || grep -q '^default 500$' "$g/io.bfq.weight"
    ok cubby exec c sh -c 'cat /proc/self/cgroup /sys/fs/cgroup/memory.max; nproc'
    out_is $'0::/\n67108864\n1'
    monitor=$(state '{{.State.ConmonPid}}' c)
    [[ $(cgroup_of "$monitor") == */cubby-*.scope/monitor ]]
    ok cubby exec -d c sleep 10001
    [ "$(wc -l < "$g/cgroup.procs")" = 2 ]
    ok state '{{.HostConfig.CgroupManager}} {{.HostConfig.LimitedBy}}' c
    out_is 'systemd map[Cpus:cgroup Memory:cgroup Pids:cgroup]'

    # update, restart and stats of the same one
    ok cubby update -m 128m --memory-swap 128m --cpus 0.25 --pids-limit 40 --cpuset-cpus '' --blkio-weight 0 c
    values=$(cd "$g" && head -n 1 memory.max memory.swap.max cpu.max pids.max | grep -v -e '^$' -e '==>' | tr '\n' ' ')
    [ "$values" = '134217728 0 25000 100000 40 ' ]
    [ "$(cat "$g/cpuset.cpus")" = "$(cat "$g/../cpuset.cpus.effective")" ]
    ok cubby stats --no-stream --format json c
    out_has '"pressure"'
    ok cubby stats --no-stream --format '{{.MemLimit}} {{.PIDs}}' c
    out_is '134217728 2'
    ok cubby restart -t 0 c
    [ "$(cat "$(group c)/memory.max")" = 134217728 ]
    g=$(group c)
    ok cubby stop -t 0 c
    ok cubby start c
    [ "$(cat "$g/pids.max")" = 40 ]
    ok cubby rm -f -t 0 c
    wait_for 30 gone "$g"
    wait_for 30 gone "${g%/*}"
}

@test 'a memory hog is killed in its group, which inspect and events tell' {
    fails 137 cubby run --network none --name hog -m 24m --memory-swap 24m bb:1 tail /dev/zero
    err_is ''
    ok state '{{.State.OOMKilled}} {{.State.ExitCode}}' hog
    out_is 'true 137'
    ok cubby events --since 1h --until 0s --filter container=hog --filter event=oom --format '{{.Status}}'
    out_has oom
    ok cubby run --network none --name part -m 24m --memory-swap 24m bb:1 sh -c 'tail /dev/zero; echo $?'
    out_is 137
    ok state '{{.State.OOMKilled}} {{.State.ExitCode}}' part
    out_is 'true 0'
}

@test 'a fork bomb ends at its limit, and processor time at its quota' {
    ok cubby run -d --network none --name bomb --pids-limit 20 bb:1 \
        sh -c '(while :; do sleep 1000 & done); exec sleep 1000'
    full() { cubby logs bomb 2>&1 | grep -q "can't fork"; }
    wait_for 60 full
    [ "$(cat "$(group bomb)/pids.current")" -le 20 ]
    ok cubby run -d --network none --name busy --cpus 0.1 bb:1 sh -c 'while :; do :; done'
    g=$(group busy)
    throttled() { [ "$(sed -n 's/^nr_throttled //p' "$g/cpu.stat")" -ge 5 ]; }
    wait_for 60 throttled
    ok cubby pause busy
    # one that is kept off the processor stands still when it is let on again
    frozen() { grep -q 'frozen 1' "$g/cgroup.events"; }
    wait_for 60 frozen
    used=$(sed -n 's/^usage_usec //p' "$g/cpu.stat")
    fails 255 cubby exec busy true
    [ "$used" = "$(sed -n 's/^usage_usec //p' "$g/cpu.stat")" ]
    ok cubby unpause busy
    grep -q 'frozen 0' "$g/cgroup.events"
    ok cubby rm -f -t 0 busy bomb
}

# moved NAME KEY: bytes that its group has read (rbytes) or written (wbytes), of all disks
moved() { { grep -o "$2=[0-9]*" "$(group "$1")/io.stat" || true; } | awk -F= '{ n += $2 } END { print n + 0 }'; }
has_moved() { [ "$(moved "$1" "$2")" -gt 0 ]; }

@test 'who has a rate of a disk is overtaken by who has none, reading and writing' {
    local size=4194304 dir=$BATS_TEST_TMPDIR/files key=rbytes file
    mkdir "$dir"
    for file in slow fast; do
        head -c "$size" /dev/urandom > "$dir/$file"
    done
    sync "$dir"/*
    for flag in read write; do
        words=(if=/d/@ of=/dev/null iflag=direct)
        [ "$flag" = read ] || words=(if=/dev/zero of=/d/@ oflag=direct count=64)
        ok cubby run -d --network none --name slow "--device-$flag-bps" "$(disk):65536" -v "$dir:/d" bb:1 \
            dd bs=64k "${words[@]/@/slow}"
        wait_for 60 has_moved slow "$key"
        ok cubby run --network none --name fast -v "$dir:/d" bb:1 dd bs=64k "${words[@]/@/fast}"
        ok state '{{.State.Status}}' slow
        out_is running
        [ "$(moved slow "$key")" -lt "$size" ]
        ok cubby stats --no-stream --format '{{.BlockIO}}' slow
        out_lacks '0B / 0B'
        ok cubby rm -f -t 0 slow fast
        key=wbytes
    done
}

@test 'stats tells what is used, within a twentieth' {
    ok cubby run -d --network none --name c -m 128m bb:1 \
        sh -c 'x=$(head -c 40000000 /dev/zero | tr "\0" x); echo ready; sleep 10000; :'
    ready() { cubby logs c | grep -q ready; }
    wait_for 120 ready
    ok cubby stats --no-stream --format '{{.MemUsage}}' c
    used=$(awk '{ print int($1 * (/MB/ ? 1000000 : 1)) }' <<< "$output")
    pid=$(state '{{.State.Pid}}' c)
    truth=$(sudo awk '/^Pss:/ { n += $2 } END { print n * 1024 }' "/proc/$pid/smaps_rollup" \
        "/proc/$(pgrep -P "$pid")/smaps_rollup")
    echo "stats $used, processes $truth"
    [ $((used * 20)) -ge $((truth * 19)) ] && [ $((used * 20)) -le $((truth * 21)) ]
}
