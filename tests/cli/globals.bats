#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The program's own flags, in front of the command or behind it.

load ../lib/common

setup_file() {
    file_setup
    import_busybox
}

root_mount() { cubby "$@" run --rm --network none bb:1 grep ' / ' /proc/mounts; }

@test '--debug writes what happens to stderr, and stdout stays the answer' {
    ok cubby -D run --rm --network none bb:1 echo hello
    out_is hello
    err_has "store '$STORE'"
    ok cubby run --debug --rm --network none bb:1 echo hello
    out_is hello
    err_has "store '$STORE'"
    ok cubby run --rm --network none bb:1 echo hello
    err_is ''
}

@test '--log-level debug is --debug' {
    ok cubby --log-level debug run --rm --network none bb:1 true
    err_has "store '$STORE'"
    ok cubby --log-level error run --rm --network none bb:1 true
    err_is ''
}

@test '--runroot is taken, and nothing is made there' {
    ok cubby --runroot "$BATS_TEST_TMPDIR/none" run --rm --network none bb:1 true
    [ ! -e "$BATS_TEST_TMPDIR/none" ]
}

@test '--runtime takes the names that scripts give for the usual one' {
    local name
    for name in cubby crun runc /usr/bin/crun; do
        ok cubby --runtime "$name" run --rm --network none bb:1 echo "$name"
        out_is "$name"
    done
    ok cubby create --runtime runc --name usual bb:1
    ok cubby inspect -f '{{.OCIRuntime}}' usual
    out_is cubby
}

@test '--runtime refuses what it is not, and says what to do' {
    fails 125 cubby --runtime runsc run --rm bb:1 true
    err_has "there is no runtime 'runsc'"
    err_has "share the host's kernel"
    fails 125 cubby run --runtime nvidia --rm bb:1 true
    err_has '--gpus all'
    fails 125 cubby create --runtime /opt/other bb:1
    err_has "'/opt/other'"
    ok cubby ps -aq
    out_is ''
}

@test '--runtime-flag: what runc and crun have in common does here what it does there' {
    local log=$BATS_TEST_TMPDIR/log
    ok cubby --runtime-flag debug run --rm --network none bb:1 echo hello
    out_is hello
    err_has "store '$STORE'"
    ok cubby --runtime-flag log="$log" run --rm --network none bb:1 true
    err_is ''
    [ -e "$log" ] && [ ! -s "$log" ]
    ok cubby --runtime-flag log="$log" --runtime-flag debug run --rm --network none bb:1 true
    err_is ''
    grep -q '^time="[^"]*" level=debug msg=".*store' "$log"
    (cd "$BATS_TEST_TMPDIR" && fails 127 cubby --runtime-flag log=file:json \
        --runtime-flag log-format=json run --rm --network none bb:1 /nowhere)
    jq -es '.[-1] | .level == "error" and (.msg | contains("/nowhere")) and .time' \
        "$BATS_TEST_TMPDIR/json"
    ok cubby --runtime-flag cgroup-manager=cgroupfs --runtime-flag rootless=true create bb:1
    grep -q '"cgroup_manager":"cgroupfs"' "$STORE/containers/$output/config.json"
    ok cubby --runtime-flag systemd-cgroup create bb:1
    grep -q '"cgroup_manager":"systemd"' "$STORE/containers/$output/config.json"
    ok cubby rm -a
}

@test '--runtime-flag: other words are refused before anything is done' {
    while IFS='|' read -r bad word; do
        fails 125 cubby --runtime-flag "$bad" create --name never bb:1
        err_has "$word"
    done <<EOF
--debug|--runtime-flag debug
fly|no flag 'fly'
log=$BATS_TEST_TMPDIR/none/log|cannot write the log '$BATS_TEST_TMPDIR/none/log'
log=$BATS_TEST_TMPDIR|cannot write the log
log-format=xml|takes text or json
root=/tmp|program's own --root
criu=/tmp|'criu' is not there
EOF
    fails 125 cubby --cgroup-manager systemd --runtime-flag cgroup-manager=cgroupfs ps
    err_has '--cgroup-manager of systemd'
    ok cubby ps -aq
    out_is ''
}

@test '--storage-opt mountopt: roots are mounted so, at later starts too' {
    ok root_mount --storage-driver overlay --storage-opt overlay.mountopt=noatime,nosuid
    out_has noatime
    ok root_mount --storage-driver overlay
    out_lacks noatime
    ok cubby --storage-opt .mountopt=noatime create --name kept --network none bb:1 \
        grep ' / ' /proc/mounts
    ok cubby start -a kept
    out_has noatime
}

@test '--storage-opt mount_program: the root is served by that program' {
    [ -c /dev/fuse ] || skip 'there is no /dev/fuse'
    printf '#!/bin/sh\necho "$@" >> %s\nexec fuse-overlayfs "$@"\n' "$BATS_TEST_TMPDIR/words" \
        > "$BATS_TEST_TMPDIR/mine"
    chmod +x "$BATS_TEST_TMPDIR/mine"
    ok root_mount --storage-driver overlay --storage-opt "overlay.mount_program=$BATS_TEST_TMPDIR/mine" \
        --storage-opt overlay.mountopt=nodev,timeout=5
    out_has fuse.fuse-overlayfs
    grep -q 'timeout=5' "$BATS_TEST_TMPDIR/words"
    ! grep -q nodev "$BATS_TEST_TMPDIR/words" || false
}

@test '--storage-opt refuses what a user cannot have, with the reason' {
    fails 125 cubby --storage-opt overlay.size=10G run --rm bb:1 true
    err_has "only the host's root may set"
    fails 125 cubby --storage-opt overlay.mountopt=metacopy=on run --rm bb:1 true
    err_has "'metacopy=on' is refused: the kernel lets no user set it"
    fails 125 cubby --storage-opt overlay.mountopt=nonsense run --rm bb:1 true
    err_has "no option 'nonsense'"
    fails 125 cubby --storage-opt overlay.mount_program=/nowhere/fuse ps
    err_has "cannot use '/nowhere/fuse'"
    fails 125 cubby --storage-opt other.thing=1 ps
    err_has "there is no option 'other.thing'"
    fails 125 cubby --storage-opt overlay.skip_mount_home=false ps
    fails 125 cubby --storage-driver copy --storage-opt mountopt=nodev ps
    err_has "'copy' mounts nothing"
    fails 125 cubby run --storage-opt size=1G bb:1 true
    err_has 'quotas'
    ok cubby --storage-opt overlay.skip_mount_home=true ps -aq
    out_is ''
}

# An archive with one file of an owner far beyond the ids that anybody has.
far_owner() {
    python3 - "$1" <<'END'
import io, sys, tarfile
with tarfile.open(sys.argv[1], "w", format=tarfile.PAX_FORMAT) as tar:
    info = tarfile.TarInfo("far")
    info.uid, info.gid = 3000000000, 3000000000
    tar.addfile(info, io.BytesIO())
    info = tarfile.TarInfo("near")
    info.uid, info.gid = 7, 8
    tar.addfile(info, io.BytesIO())
END
}

@test '--storage-opt ignore_chown_errors: owners whom the user has not become root' {
    needs ranges
    far_owner "$BATS_TEST_TMPDIR/far.tar"
    fails 125 cubby import "$BATS_TEST_TMPDIR/far.tar" far:1
    err_has "the owner 3000000000:3000000000 of 'far'"
    ok cubby --storage-opt overlay.ignore_chown_errors=true import "$BATS_TEST_TMPDIR/far.tar" far:1
    ok cubby run --rm --network none --mount type=image,src=far:1,dst=/far bb:1 \
        stat -c '%n %u:%g' /far/far /far/near
    out_is $'/far/far 0:0\n/far/near 7:8'
}
