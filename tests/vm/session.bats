# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the guest is: a stock kernel, cgroup v2, a session with its own systemd; and cubby's view of it.

load ../lib/common
load ../lib/vm

setup_file() { vm_setup; import_busybox; }

@test 'the guest has cgroup v2, and the user a session and a systemd' {
    [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]
    [[ $(cgroup_of self) == */session-*.scope ]]
    ok userctl is-system-running --wait
    out_is running
    out=$(cat "/sys/fs/cgroup/user.slice/user-$UID.slice/user@$UID.service/cgroup.controllers")
    [ "$out" = 'cpuset cpu io memory pids' ]
}

@test 'a container runs, on the overlay of the kernel' {
    ok cubby run --rm --network none bb:1 grep -m1 ' / / ' /proc/self/mountinfo
    out_has ' - overlay '
}
