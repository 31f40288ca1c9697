# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Units that run a container: of the user's own systemd, and of the system's with User=.

load ../lib/common
load ../lib/vm

UNITS=~/.config/systemd/user

setup_file() {
    vm_setup
    import_busybox
    mkdir -p "$UNITS"
}

teardown() {
    userctl stop c.service 2> /dev/null || true
    test_teardown
}

# unit WHO [OPTIONS of run] -- COMMAND...: c.service, which runs c and is told by WHO that it is ready
unit() {
    local who=$1 options=() program="$CUBBY --root $STORE"
    shift
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    cat > "$UNITS/c.service" << END
[Service]
Type=notify
NotifyAccess=all
Restart=on-failure
ExecStart=$program run -d --rm --replace --name c --network none --sdnotify $who ${options[*]} bb:1 $*
ExecReload=$program kill -s HUP c
ExecStop=$program stop -t 0 c
END
    userctl daemon-reload
}

state() { [ "$(userctl is-active c.service)" = "$1" ]; }
# its program is there: where the record of a start is, others may read it
runs() { [ "$(cubby inspect -f '{{.State.Status}}' c)" = running ]; }
id_of_c() { cubby inspect -f '{{.Id}}' c; }
another() { [ "$(id_of_c)" != "$1" ] && runs; }
logged() { cubby logs c | grep -q "$1"; }

# say TEXT: the program of c speaks, by the socket that it was given
say() {
    python3 - "$(id_of_c)" "$STORE" "$1" << 'END'
import os, socket, sys
os.chdir("%s/containers/%s" % (sys.argv[2], sys.argv[1]))
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.sendto(sys.argv[3].encode(), "notify")
END
}

@test 'conmon: a unit is started, reloaded, restarted, brought back when its monitor is killed, and stopped' {
    local first second
    unit conmon -- "sh -c 'trap \"echo again\" HUP; echo up; while :; do sleep 1000 & wait; done'"
    ok userctl start c.service
    runs
    state active
    [ "$(userctl show -P MainPID c.service)" = "$(cubby inspect -f '{{.State.ConmonPid}}' c)" ]
    wait_for 10 logged up
    ok userctl reload c.service
    wait_for 10 logged again
    first=$(id_of_c)
    ok userctl restart c.service
    wait_for 10 runs
    second=$(id_of_c)
    [ "$first" != "$second" ]
    kill -KILL "$(userctl show -P MainPID c.service)"
    wait_for 20 another "$second"
    wait_for 10 state active
    ok userctl stop c.service
    ok cubby ps -aq
    out_is ''
}

@test 'container: the unit is active when the program says so' {
    unit container -- sleep 1000
    ok userctl start --no-block c.service
    wait_for 20 runs
    state activating
    say READY=1
    wait_for 10 state active
}

@test 'healthy: the unit is active when the check has passed' {
    unit healthy --health-cmd "'test -e /ok'" --health-interval 1s -- sleep 1000
    ok userctl start --no-block c.service
    wait_for 20 runs
    state activating
    ok cubby exec c touch /ok
    wait_for 20 state active
}

@test 'a program that fails has its unit fail' {
    unit container -- sh -c "'exit 3'"
    sed -i '/^Restart=/d' "$UNITS/c.service"
    userctl daemon-reload
    run userctl start c.service
    [ "$status" != 0 ]
    state failed
}

# as_plain ARGS...: cubby as cubby-plain, who is not logged in, on the store of their own
as_plain() {
    sudo -u cubby-plain -H env -i HOME=/home/cubby-plain PATH="$PATH" USER=cubby-plain timeout 300 "$CUBBY" "$@"
}

@test 'a unit of the system with User= runs a container of a user who is not logged in' {
    chmod a+rx "${TMPDIR%/*}" "$TMPDIR" "$BATS_RUN_TMPDIR"
    ok as_plain import -c 'CMD ["sh"]' - bb:1 < "$(busybox_tar)"
    sudo tee /run/systemd/system/plain.service > /dev/null << END
[Service]
Type=notify
NotifyAccess=all
User=cubby-plain
Delegate=yes
ExecStart=$CUBBY run -d --name plain --replace --network none --sdnotify conmon bb:1 sleep 1000
ExecStop=$CUBBY stop -t 0 plain
END
    sudo systemctl daemon-reload
    ok sudo systemctl start plain.service
    [ "$(systemctl is-active plain.service)" = active ]
    ok as_plain inspect -f '{{.State.Status}} {{.State.Pid}}' plain
    out_matches '^running '
    [[ $(cgroup_of "${output#running }") == */system.slice/plain.service* ]]
    ok sudo systemctl stop plain.service
    ok as_plain inspect -f '{{.State.Status}} {{.State.ExitCode}}' plain
    out_is 'exited 137'
    ok as_plain rm plain
}
