# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Standing still, and what is left when something is killed.

load ../lib/common
load ../lib/vm

setup_file() { vm_setup; import_busybox; }

# spent PID: processor time of a process, in ticks
spent() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
more() { [ "$(spent "$1")" -gt "$2" ]; }

@test 'pause has every process stand still, unpause has them go on' {
    local pid before
    ok cubby run -d --name c --network none bb:1 sh -c 'while :; do :; done'
    pid=$(cubby inspect -f '{{.State.Pid}}' c)
    wait_for 10 more "$pid" 2
    ok cubby pause c
    before=$(spent "$pid")
    fails 255 cubby exec c true
    [ "$(spent "$pid")" = "$before" ]
    ok cubby inspect -f '{{.State.Status}}' c
    out_is paused
    ok cubby unpause c
    wait_for 10 more "$pid" "$before"
}

left() { find "/sys/fs/cgroup/user.slice/user-$UID.slice" -name '*cubby-[0-9a-f]*'; }
nothing_left() { [ ! -e "/proc/$1" ] && [ -z "$(left)" ]; }

@test 'kill -9 of the monitor, or of the program, leaves no process and no cgroup' {
    local pid
    ok cubby run -d --name c --network none bb:1 sh -c 'sleep 1000 & sleep 1000'
    pid=$(cubby inspect -f '{{.State.Pid}}' c)
    kill -KILL "$(cubby inspect -f '{{.State.ConmonPid}}' c)"
    wait_for 10 nothing_left "$pid"
    ok cubby start c
    pid=$(cubby inspect -f '{{.State.Pid}}' c)
    cubby unshare kill -KILL "$pid"
    ok cubby wait c
    out_is 137
    wait_for 10 nothing_left "$pid"
}
