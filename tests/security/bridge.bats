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
