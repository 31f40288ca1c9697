#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Telling who started a container that it is ready: NOTIFY_SOCKET of sd_notify(3).

load ../lib/common

setup_file() { file_setup; import_busybox; }

# In each test a socket appends what it hears to a file, a line for each message.
setup() {
    SOCKET=$BATS_TEST_TMPDIR/n
    HEARD=$BATS_TEST_TMPDIR/heard
    python3 - "$SOCKET" "$HEARD" 3>&- << 'END' &
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
with open(sys.argv[2], "w") as out:
    while True:
        out.write(repr(s.recv(4096).decode()) + "\n")
        out.flush()
END
    LISTENER=$!
    wait_for 10 test -S "$SOCKET" -a -e "$HEARD"
    CUBBY_ENV=(NOTIFY_SOCKET="$SOCKET")
}

teardown() {
    test_teardown
    kill "$LISTENER"
}

heard() { grep -qF -- "$1" "$HEARD"; }
# heard_main: which process counts, and nothing else
heard_main() { [ "$(cat "$HEARD")" = "'MAINPID=$(cubby inspect -f '{{.State.ConmonPid}}' c)'" ]; }

# say NAME TEXT: the program of a container speaks, by the socket that it was given. busybox cannot, so
# python of the host does, through the root of the container.
say() {
    python3 - "$(cubby inspect -f '{{.Id}}' "$1")" "$STORE" "$2" << 'END'
import os, socket, sys
os.chdir("%s/containers/%s" % (sys.argv[2], sys.argv[1]))
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.sendto(sys.argv[3].encode().decode("unicode_escape").encode(), "notify")
END
}

@test 'conmon: the monitor tells as soon as the program runs' {
    ok cubby run -d --network none --name c --sdnotify conmon bb:1 sh -c 'echo "<$NOTIFY_SOCKET>"; exec sleep 1000'
    wait_for 10 heard "MAINPID=$(cubby inspect -f '{{.State.ConmonPid}}' c)\nREADY=1"
    ok cubby logs c
    out_is '<>'
    ok cubby inspect -f '{{.Config.sdNotifyMode}}' c
    out_is conmon
}

@test 'container: the program tells, by a socket of its own' {
    ok cubby run -d --network none --name c -u 5:5 bb:1 sh -c 'echo "$NOTIFY_SOCKET"; test -S "$NOTIFY_SOCKET" -a -w "$NOTIFY_SOCKET" && exec sleep 1000'
    wait_for 10 cubby exec c true
    ok cubby logs c
    out_is /run/notify/notify.sock
    wait_for 10 heard_main
    say c 'STATUS=half\nMAINPID=1\nFDSTORE=1'
    wait_for 10 heard "'STATUS=half'"
    say c 'READY=1'
    wait_for 10 heard "MAINPID=$(cubby inspect -f '{{.State.ConmonPid}}' c)\nREADY=1"
    ok cubby exec c sh -c 'echo "<$NOTIFY_SOCKET>"'
    out_is '<>'
}

@test 'healthy: the monitor tells when the container is healthy' {
    ok cubby run -d --network none --name c --sdnotify healthy --health-cmd 'test -e /ok' --health-interval 100ms bb:1 sleep 1000
    ok cubby healthcheck run --ignore-result c
    wait_for 10 heard_main
    ok cubby exec c touch /ok
    wait_for 10 heard 'READY=1'
    fails 125 cubby create --sdnotify healthy bb:1 true
    err_has 'health check'
}

@test 'ignore: nobody tells' {
    ok cubby run --rm --network none --sdnotify ignore bb:1 sh -c 'echo "<$NOTIFY_SOCKET>"'
    out_is '<>'
    [ ! -s "$HEARD" ]
    fails 125 cubby create --sdnotify loudly bb:1 true
}

@test 'without NOTIFY_SOCKET nothing is different, and a socket where nobody listens is no error' {
    CUBBY_ENV=()
    ok cubby run --rm --network none bb:1 sh -c 'echo "<$NOTIFY_SOCKET>"; ls /run'
    out_lacks notify
    CUBBY_ENV=(NOTIFY_SOCKET=/no/such)
    ok cubby run --rm --network none --sdnotify conmon bb:1 true
    CUBBY_ENV=(NOTIFY_SOCKET=relative)
    fails 125 cubby run --rm --network none --sdnotify conmon bb:1 true
    err_has NOTIFY_SOCKET
}

@test 'as docker nobody tells unless it is asked for, and health is shown only where it is checked' {
    ok cubby create --name p bb:1 true
    ok cubby inspect -f '{{.Config.sdNotifyMode}} <{{.State.Health.Status}}>' p
    out_is 'container <>'
    ln -s "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker
    ok cubby create --name d bb:1 true
    ok cubby inspect -f '{{.Config.sdNotifyMode}}' d
    out_is ignore
    ok cubby inspect d
    out_lacks '"Health"'
}
