# SPDX-License-Identifier: LGPL-2.1-or-later
# What containers send by UDP to the world, without containers: netbox and bridgebox run commands of this machine.

load ../lib/common

NETBOX=$CUBBY_BUILD/tests/net/netbox
BRIDGEBOX=$CUBBY_BUILD/tests/net/bridgebox

setup_file() { [ -x "$NETBOX" ] && [ -x "$BRIDGEBOX" ] || skip 'netbox and bridgebox are not built'; }
teardown_file() { :; }
setup() { unshare -r true 2> /dev/null || skip 'no user namespaces here'; }
teardown() { unserve "${!SERVERS[@]}"; }

# Without that capability cubby-net cannot have a transit namespace, and serves the container through a tap.
tap_alone=(setpriv --bounding-set -net_raw)

box() { ok env CUBBY_NET="$CUBBY_BUILD/cubby-net" "${WITH[@]}" unshare -r --kill-child "$NETBOX" "$@"; }

# on_host SCRIPT: as root of a host of its own, with the addresses 192.0.2.7 and 2001:db8::7, whose network ends at a
# router with the addresses 192.0.2.1 and 2001:db8::1
on_host() {
    ok env CUBBY_NET="$CUBBY_BUILD/cubby-net" NETBOX="$NETBOX" timeout 60 unshare -rn --kill-child bash -euc '
        ip link set lo up
        mkfifo '"$BATS_TEST_TMPDIR"'/may
        unshare -n sh -c "cat '"$BATS_TEST_TMPDIR"'/may; ip link set lo up
            echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
            ip addr add 192.0.2.1/24 dev far; ip addr add 2001:db8::1/64 dev far nodad; ip link set far up
            ip link add dead type veth peer name dead-far; ip link set dead-far up; ip link set dead up
            ip addr add 203.0.113.1/24 dev dead; ip -6 route add 2001:db9::/64 dev dead
            echo ready; exec sleep 1000" > '"$BATS_TEST_TMPDIR"'/said &
        router=$!
        trap "kill $router" EXIT
        until [ "$(readlink /proc/$router/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do kill -0 $router; done
        ip link add lan type veth peer name far netns "$router"
        ip addr add 192.0.2.7/24 dev lan; ip addr add 2001:db8::7/64 dev lan nodad; ip link set lan up
        ip route add default via 192.0.2.1; ip -6 route add default via 2001:db8::1
        : > '"$BATS_TEST_TMPDIR"'/may
        until grep -q ready '"$BATS_TEST_TMPDIR"'/said; do :; done
        '"$1"
}

@test 'a datagram that nobody takes is told to its sender, as the host tells its own' {
    local with
    for with in '' "${tap_alone[*]}"; do
        rm -f "$BATS_TEST_TMPDIR/may"
        on_host "$with"' "$NETBOX" python3 -c "
import errno, socket
for host in \"10.0.2.2\", \"fd00::2\", \"192.0.2.7\", \"192.0.2.1\", \"2001:db8::1\", \"127.0.0.1\":
    s = socket.socket(socket.AF_INET6 if \":\" in host else socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(10)
    s.connect((host, 9))
    s.send(b\"hello\")
    try:
        print(host, s.recv(100))
    except OSError as e:
        print(host, errno.errorcode.get(e.errno, e))" 2> /dev/null'
        out_is '10.0.2.2 ECONNREFUSED
fd00::2 ECONNREFUSED
192.0.2.7 ECONNREFUSED
192.0.2.1 ECONNREFUSED
2001:db8::1 ECONNREFUSED
127.0.0.1 ECONNREFUSED'
    done
}

@test 'routers on the way are heard: a datagram has the hops that its sender gave it' {
    on_host '"$NETBOX" python3 -c "
import select, socket, struct
for family, host in (socket.AF_INET, \"203.0.113.1\"), (socket.AF_INET, \"203.0.113.9\"), (socket.AF_INET6, \"2001:db9::9\"):
    six = family == socket.AF_INET6
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IPV6 if six else socket.IPPROTO_IP, 25 if six else 11, 1)
    s.setsockopt(socket.IPPROTO_IPV6 if six else socket.IPPROTO_IP, socket.IPV6_UNICAST_HOPS if six else socket.IP_TTL, 1)
    s.sendto(b\"hello\", (host, 33434))
    errors = select.poll()
    errors.register(s, 0)
    errors.poll(10000)
    data, control, flags, to = s.recvmsg(100, 1000, socket.MSG_ERRQUEUE)
    code, origin, kind, why = struct.unpack_from(\"IBBB\", control[0][2])
    who = control[0][2][24:40] if six else control[0][2][20:24]
    print(to[0], to[1], kind, why, socket.inet_ntop(family, who))" 2> /dev/null'
    # The router takes what is for itself, and says of the rest that its hops are used up.
    out_is '203.0.113.1 33434 3 3 203.0.113.1
203.0.113.9 33434 11 0 192.0.2.1
2001:db9::9 33434 3 0 2001:db8::1'
}

@test 'answers of any length arrive, in fragments where they are longer than a packet' {
    local with
    for with in '' "${tap_alone[*]}"; do
        rm -f "$BATS_TEST_TMPDIR/may"
        on_host 'python3 -c "
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind((\"::\", 5000))
print(\"ready\", flush=True)
while True:
    data, who = s.recvfrom(65535)
    s.sendto(bytes(i % 251 for i in range(int(data))), who)" > '"$BATS_TEST_TMPDIR"'/server &
        until grep -q ready '"$BATS_TEST_TMPDIR"'/server; do :; done
        '"$with"' "$NETBOX" python3 -c "
import socket
for host in \"10.0.2.2\", \"fd00::2\", \"192.0.2.7\", \"2001:db8::7\":
    s = socket.socket(socket.AF_INET6 if \":\" in host else socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(10)
    s.connect((host, 5000))
    for size in 0, 1, 1400, 16279, 16288, 16289, 40000, 65507:
        s.send(str(size).encode())
        assert s.recv(65535) == bytes(i % 251 for i in range(size)), (host, size)
print(\"all\")" 2> /dev/null; kill %2'
        out_is all
    done
}

@test 'who answers from another port is heard, under the name that he was called by' {
    on_host 'python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((\"0.0.0.0\", 69))
t = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
t.bind((\"0.0.0.0\", 7000))
print(\"ready\", flush=True)
while True:
    t.sendto(*s.recvfrom(100))" > '"$BATS_TEST_TMPDIR"'/server &
    until grep -q ready '"$BATS_TEST_TMPDIR"'/server; do :; done
    "$NETBOX" python3 -c "
import socket
for host in \"10.0.2.2\", \"192.0.2.7\", \"10.0.2.2\":
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(10)
    s.sendto(b\"hello\", (host, 69))
    print(*s.recvfrom(100)[1])" 2> /dev/null; kill %2'
    out_is $'10.0.2.2 7000\n192.0.2.7 7000\n10.0.2.2 7000'
}

@test 'a member that sends from ever new ports pushes its own sockets out, not its neighbours' {
    hostname -I | grep -qE '[0-9]+\.' || skip 'this machine has no address but loopback'
    local port
    port=$(free_port)
    # It answers the first who asked when it is told to.
    serve LATE python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", int(sys.argv[1])))
print("ready", flush=True)
first = s.recvfrom(100)[1]
s.sendto(b"heard", first)
while True:
    data, who = s.recvfrom(100)
    if data == b"answer":
        s.sendto(b"late", first)
        s.sendto(b"done", who)' "$port"
    mkfifo "$BATS_TEST_TMPDIR/asked"
    export READY=$BATS_TEST_TMPDIR/asked PORT=$port
    export wait='
import os, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(50)
s.connect((os.environ["GATEWAY"], int(os.environ["PORT"])))
s.send(b"later")
s.recv(100)
open(os.environ["READY"], "w").close()
print(s.recv(100).decode())'
    export crowd='
import os, socket
open(os.environ["READY"]).close()
to = os.environ["GATEWAY"], int(os.environ["PORT"])
for i in range(6000):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.sendto(b"x", to)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(1)
while True: # the server may have had no room for it
    s.sendto(b"answer", to)
    try:
        s.recv(100)
        break
    except TimeoutError:
        pass'
    # shellcheck disable=SC2016  # the members' shells expand these
    ok env CUBBY_NET="$CUBBY_BUILD/cubby-net" unshare -r --kill-child "$BRIDGEBOX" \
        'python3 -c "$wait"' 'python3 -c "$crowd"'
    out_is late
}

@test 'a socket that has sent to a host sends nothing there that is for the loopback' {
    on_host 'python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((\"0.0.0.0\", 5000))
print(\"ready\", flush=True)
while True:
    s.sendto(*s.recvfrom(100))" > '"$BATS_TEST_TMPDIR"'/server &
    until grep -q ready '"$BATS_TEST_TMPDIR"'/server; do :; done
    "$NETBOX" python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(10)
s.sendto(b\"one\", (\"192.0.2.7\", 5000))
print(s.recv(100))
for host in \"127.0.0.1\", \"0.0.0.0\", \"0.0.0.9\", \"127.9.9.9\":
    s.sendto(b\"none\", (host, 5000))
s.sendto(b\"two\", (\"192.0.2.7\", 5000))
print(s.recv(100))" 2> /dev/null; kill %2'
    out_is "$(printf "b'one'\nb'two'")"
}
