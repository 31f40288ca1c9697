# SPDX-License-Identifier: LGPL-2.1-or-later
# user: cubby-plain
#
# Limits of a user to whom root has delegated no more than Debian does: no cpuset and no io.

load ../lib/common
load ../lib/vm

setup_file() { vm_setup; import_busybox; }

@test 'a limit whose controller is not delegated is refused with what grants it; the others limit' {
    for flag in --cpuset-cpus=0 --blkio-weight=100; do
        fails 125 cubby run --rm --network none "$flag" bb:1 true
        err_has 'needs the controller'
        err_has '/etc/systemd/system/user@.service.d/delegate.conf'
    done
    fails 137 cubby run --rm --network none -m 24m --memory-swap 24m bb:1 tail /dev/zero
    err_is ''
    ok cubby run --rm --network none --pids-limit 20 bb:1 cat /sys/fs/cgroup/pids.max
    out_is 20
}
