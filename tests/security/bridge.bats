# SPDX-License-Identifier: LGPL-2.1-or-later
# bridge - what a container that may change its own interfaces can do to the others, and to the host

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    ok cubby network create --subnet 10.93.1.0/24 --subnet fd93:1::/64 a
    ok cubby network create --subnet 10.93.2.0/24 --subnet fd93:2::/64 -o isolate=true b
    ok cubby network create --subnet 10.93.3.0/24 --subnet fd93:3::/64 --internal inner
}

inside() { cubby exec "$@"; }

# web NAME OPTIONS...: a container that serves its name on port 80
web() {
    ok cubby run -d --name "$1" "${@:2}" bb:1 sh -c "mkdir /w; echo $1 > /w/index.html; exec httpd -f -p 80 -h /w"
}

# evil NAME OPTIONS...: one that is root with every right over its network
evil() { ok cubby run -d --name "$1" --cap-add NET_ADMIN --cap-add NET_RAW "${@:2}" bb:1 sleep 1000; }

# fetch NAME HOST: the page that a container gets from there
fetch() { inside "$1" timeout 5 wget -qO- "http://$2/"; }
says() { [ "$(fetch "$1" "$2")" = "$3" ]; }

# shut NAME HOST...: none of them answers with a page
shut() {
    local name=$1 at
    shift
    for at in "$@"; do
        try inside "$name" timeout 1 wget -qO- "http://$at/"
        [ "$status" != 0 ] || say_run "reached through $at"
    done
}

# host_page ADDRESS: a server on this machine there; sets PORT
host_page() {
    serve PAGE python3 -u -c '
import http.server, socket, sys
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"host\n")
    def log_message(self, *a): pass
class S(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
s = S((sys.argv[1], 0), H)
print("x:%d" % s.server_port, flush=True)
s.serve_forever()' "$1"
    PORT=${PAGE##*:}
}

@test 'networks do not reach each other, by either family, by routes or by addresses of their own making' {
    web victim --network a --ip 10.93.1.10 --ip6 fd93:1::10
    web neighbour --network a
    evil other --network b
    wait_for 10 says neighbour 10.93.1.10 victim
    wait_for 10 says neighbour '[fd93:1::10]' victim
    shut other 10.93.1.10 '[fd93:1::10]'
    ok inside other sh -c 'ip addr add 10.93.1.77/24 dev eth0; ip -6 addr add fd93:1::77/64 dev eth0'
    shut other 10.93.1.10 '[fd93:1::10]'
    ok inside other sh -c 'ip addr del 10.93.1.77/24 dev eth0; ip -6 addr del fd93:1::77/64 dev eth0
        ip route add 10.93.1.0/24 via 10.93.2.1; ip -6 route add fd93:1::/64 via fd93:2::1'
    shut other 10.93.1.10 '[fd93:1::10]'
}

@test "a member that takes the gateway's addresses keeps nobody from the host" {
    local mac
    host_page 0.0.0.0
    ok cubby run -d --name victim --network a bb:1 sleep 1000
    evil thief --network a
    wait_for 10 says victim "10.93.1.1:$PORT" host
    try inside victim sh -c 'ip neigh show 10.93.1.1'
    [[ $output =~ lladdr\ ([0-9a-f:]+) ]]
    mac=${BASH_REMATCH[1]}
    ok inside thief sh -c "ip addr add 10.93.1.1/24 dev eth0; ip link set eth0 address $mac
        mkdir -p /w; echo thief > /w/index.html; httpd -p $PORT -h /w
        timeout 2 arping -c 2 -U -I eth0 10.93.1.1; :"
    says victim "10.93.1.1:$PORT" host
    ok cubby run --rm --network a bb:1 timeout 5 wget -qO- "http://10.93.1.1:$PORT/"
    out_is host
}

@test 'who serves DNS or DHCP on a network is asked by nobody' {
    web site --network a
    evil liar --network a
    ok inside liar sh -c 'ip addr add 169.254.1.1/32 dev eth0; timeout 2 arping -c 2 -U -I eth0 169.254.1.1; :'
    ok cubby run --rm --network a bb:1 timeout 10 nslookup site.dns.podman
    out_has "$(cubby inspect site --format '{{.NetworkSettings.Networks.a.IPAddress}}')"
    ok cubby run --rm --network a bb:1 cat /proc/sys/net/ipv6/conf/eth0/accept_ra
    out_is 0
}

# liar NAME OPTIONS...: a container that is root with raw sockets alone, and has this machine's python
liar() {
    local libs=() dir
    for dir in /lib /lib64; do
        [ ! -d "$dir" ] || libs+=(-v "$dir:$dir:ro")
    done
    ok cubby run -d --name "$1" --cap-add NET_RAW -v /usr:/usr:ro "${libs[@]}" "${@:2}" bb:1 sleep 1000
}

# send NAME PYTHON ARGS...: frames that a liar makes; the line has mac() and ip() to write addresses, and out()
send() {
    cubby exec "$1" /usr/bin/python3 -c '
import socket, struct, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3)
s.bind(("eth0", 0))
me = s.getsockname()[4]
mac = lambda text: bytes.fromhex(text.replace(":", ""))
ip = lambda text: socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)
all = b"\xff" * 6
def out(to, source, kind, data):
    s.send(to + source + struct.pack(">H", kind) + data)
def arp(to, op, sender_mac, sender, target_mac, target):
    out(to, me, 0x806, struct.pack(">HHBBH", 1, 0x800, 6, 4, op) + sender_mac + sender + target_mac + target)
def sum16(data):
    n = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    n = (n & 0xffff) + (n >> 16)
    return ~((n & 0xffff) + (n >> 16)) & 0xffff
def icmp6(to, source, target, data):
    fake = source + target + struct.pack(">II", len(data), 58)
    data = data[:2] + struct.pack(">H", sum16(fake + data)) + data[4:]
    out(to, me, 0x86dd, struct.pack(">IHBB", 6 << 28, len(data), 58, 255) + source + target + data)
def udp4(to, source, target, sport, dport, data):
    head = struct.pack(">BBHHHBBH", 0x45, 0, 28 + len(data), 1, 0, 64, 17, 0) + source + target
    head = head[:10] + struct.pack(">H", sum16(head)) + head[12:]
    out(to, me, 0x800, head + struct.pack(">HHHH", sport, dport, 8 + len(data), 0) + data)
'"$2" "${@:3}"
}

# has_screens: the kernel can look at frames (sch_ingress, cls_bpf)
has_screens() {
    PATH=$PATH:/usr/sbin unshare -rn sh -c 'tc qdisc add dev lo ingress &&
        tc filter add dev lo ingress bpf bytecode "1,6 0 0 0," da' > /dev/null 2>&1
}

# net_of NAME FIELD: of its membership of the network a
net_of() { cubby inspect "$1" --format "{{.NetworkSettings.Networks.a.$2}}"; }

@test "frames with another's link address take nothing away from it" {
    web victim --network a
    ok cubby run -d --name friend --network a bb:1 sleep 1000
    liar thief --network a
    wait_for 10 says friend victim.dns.podman victim
    mac=$(net_of victim MacAddress)
    serve SENT send thief '
import time
print("x", flush=True)
while True:
    out(all, mac(sys.argv[1]), 0x88b5, bytes(46))
    time.sleep(0.001)' "$mac"
    for i in 1 2 3; do
        says friend "$(net_of victim IPAddress)" victim
    done
}

@test "nobody but a member answers for its addresses; others may pass theirs on" {
    local mac
    has_screens || skip 'this kernel has no filters for frames'
    web victim --network a --ip 10.93.1.20 --ip6 fd93:1::20
    ok cubby run -d --name friend --network a bb:1 sleep 1000
    liar thief --network a
    wait_for 10 says friend 10.93.1.20 victim
    says friend '[fd93:1::20]' victim
    send thief '
friend, friend4, friend6 = mac(sys.argv[1]), ip(sys.argv[2]), ip(sys.argv[3])
victim4, victim6, spare = ip("10.93.1.20"), ip("fd93:1::20"), ip("10.93.1.200")
def claims4(address):
    arp(friend, 2, me, address, friend, friend4)
    arp(all, 1, me, address, bytes(6), address)
    arp(all, 1, me, address, bytes(6), friend4)
    out(friend, mac("02:00:00:00:00:77"), 0x8100, b"\0\0" + struct.pack(">HHHBBH", 0x806, 1, 0x800, 6, 4, 2) +
        me + address + friend + friend4)
claims4(victim4)
claims4(spare)
advert = struct.pack(">BBHI", 136, 0, 0, 0x60000000) + victim6 + b"\2\1" + me
icmp6(friend, victim6, friend6, advert)
icmp6(friend, ip("fe80::bad"), friend6, advert)
icmp6(friend, victim6, friend6, struct.pack(">BBHI", 135, 0, 0, 0) + friend6 + b"\1\1" + me)
behind = victim6 + friend6 + struct.pack(">II", len(advert), 58)
advert = advert[:2] + struct.pack(">H", sum16(behind + advert)) + advert[4:]
for head in 0, 60:
    out(friend, me, 0x86dd, struct.pack(">IHBB", 6 << 28, 8 + len(advert), head, 255) + victim6 + friend6 +
        bytes([58, 0, 1, 4, 0, 0, 0, 0]) + advert)' \
        "$(net_of friend MacAddress)" "$(net_of friend IPAddress)" "$(net_of friend GlobalIPv6Address)"
    mac=$(net_of victim MacAddress)
    ok inside friend ip neigh
    out_matches "10.93.1.20 [^\n]*$mac"
    out_matches "fd93:1::20 [^\n]*$mac"
    out_matches "10.93.1.200 [^\n]*$(net_of thief MacAddress)"
    says friend 10.93.1.20 victim
    says friend '[fd93:1::20]' victim
}

@test "made-up answers, router advertisements and DHCP offers change nobody's gateway, routes and addresses" {
    local before after
    host_page 0.0.0.0
    ok cubby run -d --name friend --network a bb:1 sleep 1000
    liar thief --network a
    wait_for 10 says friend "10.93.1.1:$PORT" host
    before=$(inside friend sh -c 'ip addr show dev eth0; ip route; ip -6 route; ip neigh show nud permanent')
    send thief '
friend, friend4, friend6 = mac(sys.argv[1]), ip(sys.argv[2]), ip(sys.argv[3])
gate4, gate6, link = ip("10.93.1.1"), ip("fd93:1::1"), ip("fe80::bad")
for to in friend, all:
    arp(to, 2, me, gate4, friend, friend4)
    arp(to, 1, me, gate4, bytes(6), gate4)
    arp(to, 2, me, ip("169.254.1.1"), friend, friend4)
icmp6(friend, gate6, friend6, struct.pack(">BBHI", 136, 0, 0, 0x60000000) + gate6 + b"\2\1" + me)
every = bytes.fromhex("333300000001")
icmp6(every, gate6, ip("ff02::1"), struct.pack(">BBHI", 136, 0, 0, 0x20000000) + gate6 + b"\2\1" + me)
prefix = struct.pack(">BBBBIII", 3, 4, 64, 0xc0, 9000, 9000, 0) + ip("fd66::")
icmp6(every, link, ip("ff02::1"), struct.pack(">BBHBBHII", 134, 0, 0, 64, 0, 9000, 0, 0) + b"\1\1" + me + prefix)
offer = struct.pack(">BBBBIHH", 2, 1, 6, 0, 7, 0, 0) + bytes(4) + ip("10.93.1.99") + gate4 + bytes(4) + friend
offer += bytes(202) + bytes.fromhex("638253633501020304") + b"\xff"
udp4(all, gate4, ip("255.255.255.255"), 67, 68, offer)' \
        "$(net_of friend MacAddress)" "$(net_of friend IPAddress)" "$(net_of friend GlobalIPv6Address)"
    after=$(inside friend sh -c 'ip addr show dev eth0; ip route; ip -6 route; ip neigh show nud permanent')
    [ "$before" = "$after" ] || say_run "before: $before; after: $after"
    [[ $before == *10.93.1.1*PERMANENT* ]]
    says friend "10.93.1.1:$PORT" host
    ok cubby run --rm --network a bb:1 timeout 5 wget -qO- "http://10.93.1.1:$PORT/"
    out_is host
}

@test "who calls the world in another member's name takes none of its answers" {
    local at=$BATS_TEST_TMPDIR
    # it says that somebody is there, and answers when it is told to
    serve SLOW python3 -u -c '
import os, socket, sys, time
s = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
print("x:%d" % s.getsockname()[1], flush=True)
callers = [s.accept()[0] for n in range(2)]
open(sys.argv[1] + "/there", "w").close()
while not os.path.exists(sys.argv[1] + "/go"):
    time.sleep(0.01)
for c in callers:
    c.sendall(b"host\n")
    c.close()' "$at"
    PORT=${SLOW##*:}
    ok cubby run -d --name victim --network a --ip 10.93.1.30 --ip6 fd93:1::30 bb:1 sleep 1000
    liar thief --network a
    inside victim sh -c "timeout 20 nc 10.93.1.1 $PORT" > "$at/4" 3>&- &
    inside victim sh -c "timeout 20 nc fd93:1::1 $PORT" > "$at/6" 3>&- &
    wait_for 10 test -e "$at/there"
    send thief '
gate, port = mac("52:55:0a:5d:01:01"), int(sys.argv[1])
def call(source, target):
    head = struct.pack(">HHIIBBHHH", 40000, port, 1, 0, 0x50, 2, 64000, 0, 0)
    fake = source + target + (struct.pack(">HH", 6, 20) if len(source) == 4 else struct.pack(">II", 20, 6))
    head = head[:16] + struct.pack(">H", sum16(fake + head)) + head[18:]
    if len(source) == 4:
        ip4 = struct.pack(">BBHHHBBH", 0x45, 0, 40, 1, 0, 64, 6, 0) + source + target
        out(gate, me, 0x800, ip4[:10] + struct.pack(">H", sum16(ip4)) + ip4[12:] + head)
    else:
        out(gate, me, 0x86dd, struct.pack(">IHBB", 6 << 28, 20, 6, 64) + source + target + head)
for n in range(3):
    call(ip("10.93.1.30"), ip("10.93.1.1"))
    call(ip("fd93:1::30"), ip("fd93:1::1"))' "$PORT"
    touch "$at/go"
    wait_for 10 grep -qx host "$at/4"
    wait_for 10 grep -qx host "$at/6"
}

@test "who sends datagrams in another member's name takes none of its answers" {
    # it answers the first who asked when another has sent something
    serve LATE python3 -u -c '
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(("::", 0))
print("x:%d" % s.getsockname()[1], flush=True)
asked = {}
while True:
    data, who = s.recvfrom(100)
    if data == b"made up" and asked.get("6"):
        for to in asked.values():
            s.sendto(b"late", to)
    elif data in (b"4", b"6"):
        asked[data.decode()] = who
        s.sendto(b"heard", who)'
    PORT=${LATE##*:}
    liar victim --network a --ip 10.93.1.40 --ip6 fd93:1::40
    liar thief --network a
    inside victim /usr/bin/python3 -u -c '
import socket, sys
both = []
for at, word in ("10.93.1.1", b"4"), ("fd93:1::1", b"6"):
    s = socket.socket(socket.AF_INET6 if ":" in at else socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((sys.argv[2 + len(both)], 40000))
    s.settimeout(20)
    s.connect((at, int(sys.argv[1])))
    s.send(word)
    s.recv(100)
    both.append(s)
print("asked")
print(*[s.recv(100).decode() for s in both])' "$PORT" 10.93.1.40 fd93:1::40 > "$BATS_TEST_TMPDIR/said" 3>&- &
    wait_for 10 grep -qx asked "$BATS_TEST_TMPDIR/said"
    send thief '
gate, port, data = mac("52:55:0a:5d:01:01"), int(sys.argv[1]), b"made up"
victim, host = ip("fd93:1::40"), ip("fd93:1::1")
head = struct.pack(">HHHH", 40000, port, 8 + len(data), 0)
check = sum16(victim + host + struct.pack(">II", 8 + len(data), 17) + head + data + b"\0")
for n in range(3):
    out(gate, me, 0x86dd, struct.pack(">IHBB", 6 << 28, 8 + len(data), 17, 64) + victim + host + head[:6] +
        struct.pack(">H", check) + data)
    udp4(gate, ip("10.93.1.40"), ip("10.93.1.1"), 40000, port, data)' "$PORT"
    wait_for 20 grep -qx 'late late' "$BATS_TEST_TMPDIR/said"
}

@test "no address and no route of a member's own leads to the host's loopback" {
    host_page 127.0.0.1
    evil c --network a
    ok inside c sh -c 'ip addr del 127.0.0.1/8 dev lo; ip route del local 127.0.0.0/8 table local
        ip route add 127.0.0.0/8 via 10.93.1.1'
    shut c "127.0.0.1:$PORT" "127.9.9.9:$PORT" "10.93.1.1:$PORT" "169.254.1.1:$PORT" "0.0.0.0:$PORT" \
        "[::ffff:127.0.0.1]:$PORT" "[fd93:1::1]:$PORT" "10.0.2.2:$PORT"
    host_page ::1
    ok inside c sh -c 'ip -6 addr del ::1/128 dev lo; ip -6 route add ::1/128 via fd93:1::1 dev eth0; :'
    shut c "[::1]:$PORT" "[fd93:1::1]:$PORT" "10.93.1.1:$PORT"
}

@test 'an internal network has no way out for who makes routes' {
    host_page 0.0.0.0
    web friend --network inner
    evil c --network inner
    wait_for 10 says c "$(cubby inspect friend --format '{{.NetworkSettings.Networks.inner.IPAddress}}')" friend
    ok inside c sh -c 'ip route add default via 10.93.3.1; ip -6 route add default via fd93:3::1; :'
    shut c "10.93.3.1:$PORT" "[fd93:3::1]:$PORT" "$(ip -4 -o addr show scope global | sed -n '1s/.*inet \([0-9.]*\).*/\1/p'):$PORT"
}
