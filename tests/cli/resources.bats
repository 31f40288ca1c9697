# SPDX-License-Identifier: LGPL-2.1-or-later
# resources - limits of what a container may use, where no control group holds them
#
# --cgroups disabled makes every machine one without control groups. What those do is tested in a guest of
# its own (tests/vm).

load ../lib/common

setup_file() { file_setup; import_busybox; }

# nogroup ARGS...: run without control groups
nogroup() { cubby run --network none --cgroups disabled "$@"; }

limited_by() { cubby inspect -f '{{.HostConfig.LimitedBy}}' "$1"; }

@test 'a number that is none, too small or too large is refused with the rule' {
    # gives: run -m=x --memory-swap=x --memory-reservation=x --cpus=x --cpu-quota=x --cpu-period=x --cpu-shares=x
    # gives: run --cpuset-cpus=x --cpuset-mems=x --pids-limit=x --blkio-weight=x --oom-score-adj=x
    # gives: run --memory-swappiness=x --oom-kill-disable
    while IFS='|' read -r flags rule; do
        # shellcheck disable=SC2086  # several words
        fails 125 nogroup $flags bb:1 true
        err_has "$rule"
    done << 'END'
-m 1x|at least 6m
-m 1k|at least 6m
-m 99999999t|at least 6m
-m -5|at least 6m
-m 64m --memory-swap 32m|less than the 67108864
--memory-swap 1g|needs --memory
--memory-swap 1x|memory and swap together
-m 64m --memory-reservation 65m|more than the 67108864
--memory-reservation x|is not a size
--memory-swappiness 101|from 0 to 100
--memory-swappiness 60|version 2
--oom-kill-disable|version 2
--cpus 0|at least 0.01
--cpus -1|at least 0.01
--cpus 1,5|at least 0.01
--cpus 0.0000000001|at least 0.01
--cpus 99999999999999999999|at least 0.01
--cpus 1 --cpu-quota 5000|cannot be given with
--cpu-quota 999|at least 1000
--cpu-period 1000001|from 1000 to 1000000
--cpu-shares 1|from 2 to 262144
--cpu-shares 1.5|from 2 to 262144
--cpuset-cpus 1-|list of numbers
--cpuset-cpus 3-1|list of numbers
--cpuset-cpus 0,,1|list of numbers
--cpuset-cpus 8191|may be used here
--cpuset-mems a|list of numbers
--pids-limit 1k|from 1 to 4194304
--pids-limit 4194305|from 1 to 4194304
--blkio-weight 9|from 10 to 1000
--oom-score-adj 1001|from -1000 to 1000
END
    [ -z "$(cubby ps -aq)" ]
}

@test 'a device must be one, and a file of a group a controller'\''s' {
    # gives: run --blkio-weight-device=x --device-read-bps=x --device-write-bps=x --device-read-iops=x
    # gives: run --device-write-iops=x --cgroup-conf=x
    for flag in --blkio-weight-device --device-read-bps --device-write-bps --device-read-iops --device-write-iops; do
        fails 125 nogroup $flag /dev/null:100 bb:1 true
        err_has 'no block device'
        fails 125 nogroup $flag /dev/nothing:100 bb:1 true
        err_has 'cannot find'
        fails 125 nogroup $flag null:100 bb:1 true
        err_has 'is not DEVICE:'
        fails 125 nogroup $flag /dev/null:none bb:1 true
        err_has "'none'"
    done
    for conf in cgroup.kill=1 memory.high ../x.y=1 .x=1 high=1; do
        fails 125 nogroup --cgroup-conf $conf bb:1 true
        err_has 'of a controller'
    done
}

@test 'what nothing can hold is refused with the reason, and nothing is made' {
    for flag in --memory-reservation=8m --cpu-shares=512 --cpuset-mems=0 --blkio-weight=100 --cgroup-conf=pids.max=1; do
        fails 125 nogroup "$flag" bb:1 true
        err_has "${flag%%=*} needs a control group, and --cgroups disabled was given"
    done
    fails 125 cubby create --cgroups disabled --cgroup-parent some.slice bb:1
    err_has 'cannot be given with'
    ok cubby create --cgroups disabled --name c bb:1
    fails 125 cubby update --blkio-weight 100 c
    err_has 'needs a control group'
    fails 125 cubby container clone --cpu-shares 100 c
    err_has 'needs a control group'
    [ "$(cubby ps -aq | wc -l)" = 1 ]
}

@test 'a fork bomb ends at --pids-limit, with exec too, and one line says what holds it' {
    ok nogroup -d --name bomb --pids-limit 20 bb:1 \
        sh -c '(while :; do sleep 1000 & done); exec sleep 1000'
    err_has 'RLIMIT_NPROC counts its processes'
    [ "$(wc -l <<< "$stderr")" = 1 ]
    full() { cubby logs bomb 2>&1 | grep -q "can't fork"; }
    wait_for 30 full
    count=$(cubby top bomb pid | wc -l)
    [ "$count" -gt 10 ] && [ "$count" -le 21 ]
    out=$(limited_by bomb)
    [[ $out == *Pids:rlimit* ]]
    [ "$(cubby inspect -f '{{.HostConfig.PidsLimit}}' bomb)" = 20 ]
    ok nogroup --rm --pids-limit 3 bb:1 sh -c 'ulimit -u; ulimit -u unlimited 2> /dev/null; ulimit -Hu'
    out_is $'3\n3'
    # Another one is not counted with it.
    ok nogroup --rm --pids-limit 20 bb:1 sh -c 'sleep 0 & sleep 0 & wait; echo free'
    out_is free
}

@test 'who takes more than --memory is killed, which inspect and events tell' {
    fails 137 nogroup --name hog -m 32m bb:1 tail /dev/zero
    err_has 'its monitor watches its memory'
    ok cubby inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}} {{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.LimitedBy}}' hog
    out_is 'true 137 33554432 67108864 map[Memory:monitor]'
    ok cubby events --since 1h --until 0s --filter container=hog --filter event=oom --format '{{.Status}}'
    out_has oom
    # The hog alone is killed, not who started it; and it is what it has, not what it maps.
    ok nogroup --rm -m 32m bb:1 sh -c 'tail /dev/zero; echo $?'
    out_is 137
    ok nogroup --rm -m 64m --memory-swap -1 bb:1 sh -c 'head -c 16m /dev/zero | tail -c 16m | wc -c'
    out_is 16777216
}

@test 'stats knows the limit that the monitor holds' {
    ok nogroup -d --name c -m 64m bb:1 sleep 1000
    ok cubby stats --no-stream --format '{{.MemLimit}}' c
    out_is 67108864
}

@test '--cpus and --cpuset-cpus bind to processors, what is exec'\''d too' {
    allowed=$(grep -c ^processor /proc/cpuinfo)
    ok nogroup -d --name c --cpus 0.5 bb:1 sleep 1000
    err_has 'bound to some processors'
    ok cubby exec c nproc
    out_is 1
    one=$(cubby exec c grep Cpus_allowed_list /proc/1/status)
    [ "$one" = "$(cubby exec c grep Cpus_allowed_list /proc/self/status)" ]
    ok cubby inspect -f '{{.HostConfig.NanoCpus}}' c
    out_is 500000000
    ok nogroup --rm --cpu-quota 100000 --cpu-period 100000 bb:1 nproc
    out_is 1
    ok nogroup --rm --cpus 1000 bb:1 nproc
    out_is "$allowed"
    ok nogroup --rm --cpuset-cpus 0 bb:1 grep Cpus_allowed_list /proc/self/status
    out_matches '[^0-9]0$'
}

@test '--oom-score-adj is that of every process; a user cannot lower it' {
    ok nogroup -d --name c --oom-score-adj 300 bb:1 sleep 1000
    ok cubby exec c cat /proc/1/oom_score_adj /proc/self/oom_score_adj
    out_is $'300\n300'
    ok cubby inspect -f '{{.HostConfig.OomScoreAdj}}' c
    out_is 300
    fails 125 nogroup --oom-score-adj -900 bb:1 true
    err_has 'a user can raise it'
}

@test 'update refuses what no run takes' {
    # gives: update --memory-reservation=x --memory-swappiness=x --oom-kill-disable --cpu-shares=x --cpuset-mems=x
    # gives: update --blkio-weight=x --blkio-weight-device=x --device-read-bps=x --device-write-bps=x
    # gives: update --device-read-iops=x --device-write-iops=x
    # gives: container clone --memory-reservation=x --memory-swappiness=x --oom-kill-disable --cpu-shares=x
    # gives: container clone --cpuset-mems=x --blkio-weight=x --blkio-weight-device=x --device-read-bps=x
    # gives: container clone --device-write-bps=x --device-read-iops=x --device-write-iops=x --cpu-quota=x --cpu-period=x
    ok cubby create --cgroups disabled --name c bb:1
    for flag in --memory-reservation=0x --memory-swappiness=60 --oom-kill-disable --cpu-shares=1 --cpuset-mems=x \
        --blkio-weight=1 --blkio-weight-device=x --device-read-bps=x --device-write-bps=x \
        --device-read-iops=x --device-write-iops=x --cpu-quota=1 --cpu-period=1; do
        for verb in update 'container clone'; do
            # shellcheck disable=SC2086  # two words
            fails 125 cubby $verb "$flag" c
            err_has "${flag%%=*}"
        done
    done
}

@test 'update changes limits of a container that runs' {
    # gives: update -m=x --memory-swap=x --cpus=x --cpuset-cpus=x --pids-limit=x --cpu-period=x --cpu-quota=x
    ok nogroup -d --name c --pids-limit 50 bb:1 sleep 1000
    ok cubby update -m 32m --memory-swap 64m --cpuset-cpus 0 --pids-limit 20 c
    err_has 'its monitor watches its memory'
    ok cubby exec c sh -c 'ulimit -u; grep Cpus_allowed_list /proc/1/status; grep -i processes /proc/1/limits'
    out_matches '^20.Cpus_allowed_list:.0.Max processes +20 +20'
    ok cubby exec c sh -c 'tail /dev/zero; echo $?'
    out_is 137
    ok cubby inspect -f '{{.State.OOMKilled}} {{.HostConfig.CpusetCpus}} {{.HostConfig.PidsLimit}}' c
    out_is 'true 0 20'
    ok cubby update --memory -1 --cpuset-cpus '' --cpus 1000 c
    ok cubby exec c nproc
    out_is "$(nproc)"
    ok cubby update --cpu-quota 100000 --cpu-period 100000 c
    ok cubby exec c nproc
    out_is 1
    fails 125 cubby update --pids-limit 30 c
    err_has 'only be made smaller'
    fails 125 cubby update -m 1k c
    err_has 'at least 6m'
    ok cubby inspect -f '{{.HostConfig.PidsLimit}} {{.HostConfig.Memory}}' c
    out_is '20 0'
    ok cubby stop -t 0 c
    ok cubby update --pids-limit 30 c
    ok cubby start c
    ok cubby exec c sh -c 'ulimit -u'
    out_is 30
}

@test 'a changed limit holds in a run that the restart policy began' {
    ok nogroup -d --name c --restart always --pids-limit 50 bb:1 sleep 1000
    ok cubby update --pids-limit 20 c
    kill -9 "$(cubby inspect -f '{{.State.Pid}}' c)"
    again() { [ "$(cubby inspect -f '{{.RestartCount}} {{.State.Running}}' c)" = '1 true' ]; }
    wait_for 30 again
    ok cubby exec c sh -c 'ulimit -u'
    out_is 20
}

@test 'a clone has the limits of the other, or its own' {
    # gives: container clone --memory=x --memory-swap=x --cpus=x --pids-limit=x --cpuset-cpus=x
    ok cubby create --cgroups disabled --name c -m 32m --cpus 1 bb:1
    ok cubby container clone c d
    ok cubby container clone --memory 64m --memory-swap 64m --cpus 2 --pids-limit 5 --cpuset-cpus 0 c e
    ok cubby inspect -f '{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}} {{.HostConfig.CpusetCpus}}' d e
    out_is $'33554432 1000000000 0 \n67108864 2000000000 5 0'
}

@test 'steps of a build are limited' {
    # gives: build -m=x --memory-swap=x --cpuset-cpus=x --cpu-quota=x --cpu-period=x --cpu-shares=x --cpuset-mems=x
    mkdir -p "$BATS_TEST_TMPDIR/x"
    printf 'FROM bb:1\nRUN nproc | tee /n; tail /dev/zero; echo $? | tee /m\n' > "$BATS_TEST_TMPDIR/x/Dockerfile"
    ok cubby build -q -t limited -m 32m --memory-swap 32m --cpuset-cpus 0 --cpu-quota 100000 \
        --cpu-period 100000 "$BATS_TEST_TMPDIR/x"
    ok cubby run --rm --network none limited cat /n /m
    out_is $'1\n137'
    # Where there are no groups at all it is refused.
    try cubby build --no-cache --cgroup-parent some.slice "$BATS_TEST_TMPDIR/x"
    [ "$status" = 0 ] || err_has 'control group'
    for bad in --memory=1k --cpu-shares=1 --cpuset-mems=x; do
        fails 125 cubby build "$bad" "$BATS_TEST_TMPDIR/x"
        err_has "${bad%%=*}: "
    done
}

@test 'info says who holds limits' {
    ok cubby --cgroup-manager cgroupfs info --format '{{.Host.CgroupManager}} {{.Host.Limits.Memory}}'
    out_matches '^(none monitor|cgroupfs cgroup|cgroupfs none)$'
    ok cubby info --format '{{.CgroupDriver}} {{.MemoryLimit}}'
    out_matches '^(none|systemd|cgroupfs) (true|false)$'
}
