# SPDX-License-Identifier: LGPL-2.1-or-later
# run-init - run and create: --systemd, --shm-size-systemd, --init-path

load ../lib/common

setup_file() { file_setup; import_busybox; }

run_bb() { cubby run --rm --network none "$@"; }

@test '--systemd always gives what systemd wants: memory, its stop signal, its name for the container' {
    ok run_bb --systemd always bb:1 sh -c 'grep -oE "^tmpfs (/run|/run/lock|/tmp|/var/log/journal) " /proc/mounts
        stat -c %a /run /tmp; echo ${#container_uuid}'
    out_is $'tmpfs /run \ntmpfs /run/lock \ntmpfs /tmp \ntmpfs /var/log/journal \n755\n1777\n32'
    ok cubby create --name s --network none --systemd=always bb:1 sleep 1
    ok cubby inspect s --format '{{.Config.SystemdMode}} {{.Config.StopSignal}}'
    out_is 'true SIGRTMIN+3'
    ok cubby create --name t --network none --systemd=always --stop-signal TERM bb:1 sleep 1
    ok cubby inspect t --format '{{.Config.StopSignal}}'
    out_is SIGTERM
    ok run_bb --systemd always --shm-size-systemd 5m --tmpfs /tmp:size=1m --read-only bb:1 \
        sh -c 'df -k /run /tmp /var/tmp | tr -s " " | cut -d" " -f2 | tail -3 | head -2; touch /var/tmp/x'
    out_is $'5120\n1024'
}

@test '--systemd true is for commands that look like it, and docker never thinks so' {
    ok cubby create --name a --network none bb:1 /sbin/init
    ok cubby create --name b --network none --entrypoint /usr/lib/systemd/systemd bb:1
    ok cubby create --name c --network none bb:1 sh
    ok cubby create --name d --network none --systemd false bb:1 /sbin/init
    ok cubby inspect a b c d --format '{{.Config.SystemdMode}}'
    out_is $'true\ntrue\nfalse\nfalse'
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker ok cubby create --name e --network none bb:1 /sbin/init
    ok cubby inspect e --format '{{.Config.SystemdMode}}'
    out_is false
    fails 125 run_bb --systemd what bb:1 true
    err_has what
    fails 125 run_bb --systemd always --init bb:1 true
    err_has --init
}

@test '--init-path runs an init of the host'\''s' {
    printf '#!/bin/sh\n[ "$1" = -- ] && shift\necho "init $$"\nexec "$@"\n' > "$BATS_TEST_TMPDIR/init"
    chmod +x "$BATS_TEST_TMPDIR/init"
    ok run_bb --init --init-path "$BATS_TEST_TMPDIR/init" bb:1 echo hello
    out_is $'init 1\nhello'
    fails 125 run_bb --init-path "$BATS_TEST_TMPDIR/init" bb:1 true
    err_has --init
    fails 125 run_bb --init --init-path /nowhere/init bb:1 true
    err_has /nowhere/init
    fails 125 run_bb --init --init-path "$BATS_TEST_TMPDIR" bb:1 true
    err_has 'no program'
}
