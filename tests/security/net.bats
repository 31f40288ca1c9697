# SPDX-License-Identifier: LGPL-2.1-or-later
# net - what the network helper may do, and what reaches the host through it

load ../lib/common

setup_file() { file_setup; import_busybox; }

part_of() { pgrep -x -P "$(cubby inspect "$1" --format '{{.State.ConmonPid}}')" cubby-net; }

@test 'the network helper has no files, no rights and few system calls' {
    local pid thread port
    port=$(free_port)
    ok cubby run -d --name c -p "$port:80" bb:1 sleep 100
    pid=$(part_of c)
    [ -z "$(ls -A "/proc/$pid/root")" ]
    [ "$(wc -l < "/proc/$pid/mountinfo")" = 1 ]
    for thread in "/proc/$pid/task/"*; do
        grep -q '^NoNewPrivs:[[:space:]]*1$' "$thread/status"
        grep -q '^Seccomp:[[:space:]]*2$' "$thread/status"
        grep -q '^CapBnd:[[:space:]]*0*$' "$thread/status"
    done
    grep -q '^CapEff:[[:space:]]*0*$' "/proc/$pid/status"
    # the thread of the published ports may change the container's network, and nothing else
    grep -h '^CapEff:' "/proc/$pid/task/"*/status | sort -u | grep -vE '[[:space:]]0+$' | grep -qE '[[:space:]]0+1400$'
    grep -qE '^Max processes +0 +0 ' "/proc/$pid/limits"
    grep -qE '^Max core file size +0 +0 ' "/proc/$pid/limits"
    # nothing of the store, and no folder but that of resolv.conf
    ! readlink "/proc/$pid/fd/"* | grep -F "$STORE" || false
}

@test "a container reaches nothing on the host's loopback, whatever address it writes" {
    local port server
    port=$(free_port)
    python3 -m http.server --bind 127.0.0.1 --directory "$BATS_TEST_TMPDIR" "$port" > /dev/null 2>&1 3>&- &
    server=$!
    wait_for 5 curl -s "http://127.0.0.1:$port/"
    ok cubby run --rm --network slirp4netns:allow_host_loopback=true bb:1 wget -qO- "http://10.0.2.2:$port/"
    # routes that lead loopback addresses out, as root of the container can make them
    for at in 10.0.2.2 10.0.2.1 10.0.2.3 127.0.0.1 127.1.2.3 0.0.0.0 '[::ffff:127.0.0.1]' '[fd00::2]' '[fd00::77]'; do
        try cubby run --rm --cap-add NET_ADMIN bb:1 sh -c "ip addr del 127.0.0.1/8 dev lo
            ip route del local 127.0.0.0/8 table local; ip route add 127.0.0.0/8 via 10.0.2.2
            timeout 1 wget -qO- 'http://$at:$port/'; exit \$?"
        [ "$status" != 0 ] || { kill "$server"; echo "reached through $at" >&2; return 1; }
    done
    kill "$server"
}

@test 'what is refused does not end the network helper: others keep their connections' {
    local before at
    ok cubby run -d --name c --cap-add NET_ADMIN bb:1 sh -c 'ip addr del 127.0.0.1/8 dev lo
        ip route del local 127.0.0.0/8 table local; ip route add 127.0.0.0/8 via 10.0.2.2; exec sleep 1000'
    before=$(part_of c)
    for at in 10.0.2.3 127.0.0.1 0.0.0.1 10.0.2.2 10.0.2.3 127.1.2.3 '[fd00::3]' 10.0.2.3; do
        try cubby exec c timeout 5 wget -qO- "http://$at:1/"
        [ "$status" != 0 ]
    done
    # the gateway's own name server still answers, in whatever way
    try cubby exec c nslookup host.containers.internal
    [ "$(part_of c)" = "$before" ]
}

@test 'clients of a published port keep their address: none looks like the loopback' {
    local port
    port=$(free_port)
    ok cubby run -d --name c -p "$port:80" bb:1 sh -c "mkdir -p /w/cgi-bin
        printf '#!/bin/sh\necho; echo \$REMOTE_ADDR\n' > /w/cgi-bin/who; chmod +x /w/cgi-bin/who
        exec httpd -f -p 80 -h /w"
    wait_for 5 curl -sf "http://127.0.0.1:$port/cgi-bin/who"
    for at in 127.0.0.1 127.0.0.9; do
        try curl -s "http://$at:$port/cgi-bin/who"
        out_lacks 127.
    done
}

@test "no datagram of a container reaches the host's loopback" {
    local port got=$BATS_TEST_TMPDIR/got
    port=$(free_port)
    serve READY python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
s.bind(("::", int(sys.argv[1])))
print("ready", flush=True)
while True:
    data, client = s.recvfrom(100)
    if client[0] in ("::1", "::ffff:127.0.0.1") or data == b"last\n":
        open(sys.argv[2], "ab").write(data[2:].split(b"\0")[0] + b"\n" if data[0] == 0 else data)
    if data == b"last\n":
        break' "$port" "$got"
    ok cubby run --rm --cap-add NET_ADMIN bb:1 sh -c "ip addr del 127.0.0.1/8 dev lo
        ip route del local 127.0.0.0/8 table local; ip route add 127.0.0.0/8 via 10.0.2.2
        for at in 127.0.0.1 127.1.2.3 0.0.0.0 0.0.0.1 ::ffff:127.0.0.1 fd00::77; do
            timeout 1 tftp -g -r reached \$at $port; done; true"
    ok cubby run --rm --network slirp4netns:allow_host_loopback=true bb:1 sh -c \
        "timeout 1 tftp -g -r open 10.0.2.2 $port; true"
    echo last > "/dev/udp/127.0.0.1/$port"
    wait "${SERVERS[READY]}"
    unset 'SERVERS[READY]'
    [ "$(sort -u "$got")" = $'last\nopen' ]
}
