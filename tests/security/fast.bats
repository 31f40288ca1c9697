# SPDX-License-Identifier: LGPL-2.1-or-later
# fast - what a container can do with the sockets of the host that --network fast gives it

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    cp "$CUBBY_BUILD/tests/tools/sockets" "$BATS_FILE_TMPDIR/"
    chmod 755 "$BATS_FILE_TMPDIR" "$BATS_FILE_TMPDIR/sockets"
}

setup() {
    HOST_IP=$(python3 -c 'import socket; s = socket.socket(type=socket.SOCK_DGRAM); s.connect(("198.51.100.1", 9)); print(s.getsockname()[0])' 2> /dev/null) ||
        skip 'this machine has no address but loopback'
    try cubby run --rm --network fast bb:1 true
    [[ $stderr != *'cannot confine sockets'* ]] || skip 'this kernel has no Landlock for TCP'
}

fast() { cubby run --rm --network fast -v "$BATS_FILE_TMPDIR:/t:ro" "$@"; }

# listener NAME ADDRESS: a server of HTTP on this machine; sets NAME to its port
listener() {
    serve "$1" python3 -u -c '
import http.server, sys
s = http.server.ThreadingHTTPServer((sys.argv[1], 0), http.server.SimpleHTTPRequestHandler)
print("%s:%d" % s.server_address, flush=True)
s.serve_forever()' "$2"
    printf -v "$1" %s "${!1##*:}"
}

@test "no address leads to the host's loopback" {
    local at
    listener HELD 127.0.0.1
    for at in 10.0.2.2 10.0.2.1 10.0.2.3 127.0.0.1 127.1.2.3 0.0.0.0 "$HOST_IP"; do
        try fast --cap-add NET_ADMIN bb:1 timeout 3 /t/sockets ask "$at" "$HELD"
        [ "$status" != 0 ] || say_run "reached through $at"
    done
    for at in '[::ffff:127.0.0.1]' '[::ffff:10.0.2.2]' '[fd00::2]' '[::1]'; do
        try fast bb:1 timeout 3 wget -qO- "http://$at:$HELD/"
        [ "$status" != 0 ] || say_run "reached through $at"
    done
    ok cubby run --rm --network fast:allow_host_loopback=true bb:1 timeout 5 wget -qO- "http://10.0.2.2:$HELD/"
}

@test 'a socket of the host leads nowhere else, whatever is done with it' {
    listener FREE 0.0.0.0
    listener HELD 127.0.0.1
    ok fast bb:1 /t/sockets race 10.0.2.2 "$FREE" 127.0.0.1 "$HELD"
    [ "${lines[0]}" = "from $HOST_IP" ]
    [ "${lines[1]}" = 'plainly ENETUNREACH' ]
    [ "${lines[2]}" = 'fast open EOPNOTSUPP' ]
    [ "${lines[3]}" = 'io_uring ENOSYS' ]
    [ "${lines[4]}" = held ]
    # the container's own filter is not what holds it
    ok fast --privileged bb:1 /t/sockets race 10.0.2.2 "$FREE" 127.0.0.1 "$HELD"
    [ "${lines[4]}" = held ]
}

# begun ADDRESS MODE: what a connection to that address goes out from
begun() { cubby run --rm --network "$2" -v "$BATS_FILE_TMPDIR:/t:ro" bb:1 /t/sockets where "$1" 9; }

@test 'private networks, link-local addresses and its own networks stay inside unless they are allowed' {
    local at
    for at in 10.77.0.9 172.20.0.9 192.168.77.9 100.100.0.9 169.254.169.254 10.0.2.77; do
        ok begun "$at" fast
        out_is 'from 10.0.2.100'
    done
    ok begun 203.0.113.9 fast
    out_is "from $HOST_IP"
    ok begun 10.77.0.9 fast:allow=10.77.0.0/16
    out_is "from $HOST_IP"
    ok begun 10.78.0.9 fast:allow=10.77.0.0/16
    out_is 'from 10.0.2.100'
    for at in 169.254.169.254 10.0.2.77; do
        ok begun "$at" fast:allow=0.0.0.0/0
        out_is 'from 10.0.2.100'
    done
}

@test 'a network namespace of its own inside the container stays alone' {
    listener FREE 0.0.0.0
    try fast --privileged bb:1 /t/sockets nested 10.0.2.2 "$FREE"
    [ "$status" = 1 ]
    out_matches '^(failed ENETUNREACH|unshare EPERM)$'
}

@test 'the supervisor has no files, two rights and few system calls' {
    local pid
    ok cubby run -d --name c --network fast bb:1 sleep 1000
    pid=$(pgrep -x -P "$(cubby inspect c --format '{{.State.ConmonPid}}')" cubby-fast)
    [ -z "$(ls -A "/proc/$pid/root")" ]
    grep -q '^NoNewPrivs:[[:space:]]*1$' "/proc/$pid/status"
    grep -q '^Seccomp:[[:space:]]*2$' "/proc/$pid/status"
    grep -q '^CapBnd:[[:space:]]*0*$' "/proc/$pid/status"
    grep -qE '^CapEff:[[:space:]]*0*80400$' "/proc/$pid/status"
    ! readlink "/proc/$pid/fd/"* | grep -F "$STORE" || false
}

@test 'a profile that notifies somebody else is refused with --network fast' {
    cat > "$BATS_TEST_TMPDIR/p.json" <<< '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_NOTIFY"}]}'
    fails 125 cubby run --rm --network fast --security-opt "seccomp=$BATS_TEST_TMPDIR/p.json" bb:1 true
    err_has NOTIFY
}

@test 'what a profile refuses stays refused' {
    cat > "$BATS_TEST_TMPDIR/p.json" <<< '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["connect"],"action":"SCMP_ACT_ERRNO","errnoRet":13}]}'
    listener FREE 0.0.0.0
    fails 1 fast --security-opt "seccomp=$BATS_TEST_TMPDIR/p.json" bb:1 /t/sockets ask 10.0.2.2 "$FREE"
    out_is 'failed EACCES'
}
