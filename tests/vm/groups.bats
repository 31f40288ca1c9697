# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Where control groups are made, by systemd and by hand, and that they go.

load ../lib/common
load ../lib/vm

setup_file() { vm_setup; import_busybox; }

run_bb() { cubby run --rm --network none "$@"; }
state() { cubby inspect -f "$@"; }
group() { echo "/sys/fs/cgroup$(state '{{.State.CgroupPath}}' "$1")"; }
gone() { [ ! -e "$1" ]; }

@test 'a killed monitor leaves no group' {
    ok cubby run -d --network none --name k -m 64m bb:1 sleep 10000
    g=$(group k)
    kill -9 "$(state '{{.State.ConmonPid}}' k)"
    wait_for 60 gone "$g"
    wait_for 60 gone "${g%/*}"
    [ -z "$(userctl --no-legend list-units 'cubby-*.scope')" ]
    ok state '{{.State.Status}}' k
    out_is exited
}

@test 'by hand in a unit of the user'\''s, and with its slice by systemd' {
    cat > "$BATS_TEST_TMPDIR/by-hand" << END
#!/bin/sh
set -e
c="$CUBBY --root $STORE"
\$c --cgroup-manager cgroupfs run -d --network none --name h -m 64m --pids-limit 30 bb:1 sleep 10000
\$c exec h cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max
\$c inspect -f '{{.HostConfig.CgroupManager}} {{.State.CgroupPath}}' h
g=/sys/fs/cgroup\$(\$c inspect -f '{{.State.CgroupPath}}' h)
m=\$(\$c inspect -f '{{.State.ConmonPid}}' h)
kill -9 \$m
while kill -0 \$m; do sleep 0.1; done 2> /dev/null
[ -e \$g ] && echo left
\$c --cgroup-manager cgroupfs run --rm --network none -m 32m bb:1 echo swept
[ ! -e \$g ] && echo gone
\$c start h
g=/sys/fs/cgroup\$(\$c inspect -f '{{.State.CgroupPath}}' h)
kill -9 \$(\$c inspect -f '{{.State.ConmonPid}}' h)
\$c rm -f h
[ ! -e \$g ] && echo gone again
END
    chmod +x "$BATS_TEST_TMPDIR/by-hand"
    ok env XDG_RUNTIME_DIR="/run/user/$UID" systemd-run --user --quiet --wait --collect --pipe -p Delegate=yes \
        --unit by-hand "$BATS_TEST_TMPDIR/by-hand"
    out_matches '67108864.30.cgroupfs /user.slice/.*/by-hand.service/cubby-[0-9a-f]{64}.left.swept.gone.h.h.gone again$'
    ok run_bb -m 64m --cgroup-parent other.slice --cgroupns host bb:1 cat /proc/self/cgroup
    out_matches '/other.slice/cubby-[0-9a-f]{64}.scope/container$'
    fails 125 cubby --cgroup-manager cgroupfs run --rm --network none -m 64m bb:1 true
    err_has "is not the caller's"
    fails 125 run_bb --cgroups no-conmon bb:1 true
    err_has 'cannot stay in'
    ok env XDG_RUNTIME_DIR="/run/user/$UID" systemd-run --user --quiet --wait --collect --pipe --unit stays \
        "$CUBBY" --root "$STORE" run -d --network none --name stays --cgroups no-conmon bb:1 sleep 10000
}

@test 'below the group of a system unit with User= and Delegate=' {
    ok sudo systemd-run --quiet --wait --collect --pipe --unit splits -p User="$USER" -p Delegate=yes \
        "$CUBBY" --root "$STORE" run --rm --network none --cgroups split --cgroupns host -m 64m bb:1 \
        sh -c 'cat /proc/self/cgroup; tail /dev/zero; echo $?'
    out_matches '^0::/system.slice/splits.service/cubby-[0-9a-f]{64}.137$'
    fails 125 sudo systemd-run --quiet --wait --collect --pipe -p User="$USER" \
        "$CUBBY" --root "$STORE" run --rm --network none --cgroups split bb:1 true
    err_has 'Delegate=yes'
}

@test 'without limits nothing of systemd is asked' {
    ok cubby run -d --network none --name plain bb:1 sleep 10000
    ok state '{{.State.CgroupPath}}{{.HostConfig.CgroupManager}}' plain
    out_is disabled
    [ -z "$(userctl --no-legend list-units 'cubby-*.scope')" ]
    ok cubby info --format '{{.Host.CgroupManager}} {{.Host.CgroupControllers}}'
    out_is 'systemd [memory pids cpu cpuset io]'
}
