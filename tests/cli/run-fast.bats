# SPDX-License-Identifier: LGPL-2.1-or-later
# run-fast - --network fast: sockets of the host for what leaves, and for published ports

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

# fast NAME... -- ARGS of the tool: a container that lives, and the tool in it
fast() { cubby run --rm --network "${NETWORK:-fast}" -v "$BATS_FILE_TMPDIR:/t:ro" "$@"; }
get() { curl -sS --max-time 5 "$@"; }
says() { [ "$(get "$1")" = "$2" ]; }

# listener: a server of HTTP on 0.0.0.0 (or ADDRESS) of this machine; sets PORT
listener() {
    serve LISTENER python3 -u -c '
import http.server, sys
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(self.client_address[0].encode() + b"\n")
    def log_message(self, *a): pass
s = http.server.ThreadingHTTPServer((sys.argv[1], 0), H)
print("%s:%d" % s.server_address, flush=True)
s.serve_forever()' "${1:-0.0.0.0}"
    PORT=${LISTENER##*:}
}

part_of() { pgrep -x -P "$(cubby inspect "$1" --format '{{.State.ConmonPid}}')" "$2"; }
listens() { ss -Hltn "sport = :$1" | grep -q .; }

# --- the option --------------------------------------------------------------------------------

@test 'inspect shows the mode, and the addresses are those of the default network' {
    ok cubby run -d --name c --network fast bb:1 sleep 1000
    ok cubby inspect c --format '{{.HostConfig.NetworkMode}} {{.NetworkSettings.IPAddress}}'
    out_is 'fast 10.0.2.100'
    part_of c cubby-fast
}

@test 'its options are those of slirp4netns, and allow=, which is a network' {
    ok cubby create --name c --network fast:allow=10.1.0.0/16,allow=fd12::/16,mtu=1500 bb:1 true
    fails 125 cubby create --network fast:allow=10.1/16 bb:1 true
    err_has "'10.1/16'"
    fails 125 cubby create --network slirp4netns:allow=10.1.0.0/16 bb:1 true
    err_has '--network fast'
    fails 125 cubby create --network fast:nosuch=1 bb:1 true
    err_has "'nosuch=1'"
}

@test 'it cannot be had together with another network' {
    fails 125 cubby create --network fast --network podman bb:1 true
    [ -n "$stderr" ]
}

# --- what leaves -------------------------------------------------------------------------------

@test 'a connection to the host runs on a socket of the host, and others stay inside' {
    listener
    ok fast bb:1 /t/sockets ask 10.0.2.2 "$PORT"
    out_is "from $HOST_IP"$'\nHTTP'
    ok fast bb:1 /t/sockets ask "$HOST_IP" "$PORT"
    out_is "from $HOST_IP"$'\nHTTP'
    ok fast bb:1 sh -c 'httpd -p 81; /t/sockets ask 127.0.0.1 81; /t/sockets ask 10.0.2.100 81'
    out_is $'from 127.0.0.1\nHTTP\nfrom 10.0.2.100\nHTTP'
}

@test 'the gateway is the host by its names, and names are resolved' {
    listener
    ok fast bb:1 timeout 5 wget -qO- "http://host.containers.internal:$PORT/"
    out_is "$HOST_IP"
}

@test 'a refusal comes at once, and the socket can be used again' {
    fails 1 fast bb:1 /t/sockets ask 10.0.2.2 1
    out_is 'failed ECONNREFUSED'
    fails 1 fast bb:1 /t/sockets ask 127.0.0.1 1
    out_is 'failed ECONNREFUSED'
}

@test 'who told epoll of a socket before it was connected hears of the one that took its place' {
    listener
    ok fast bb:1 /t/sockets watch 10.0.2.2 "$PORT"
    out_is $'EINPROGRESS 123456789abcdef0 connected\ncloexec 1 nonblock 1\nfrom '"$HOST_IP"
}

@test 'the options of a socket are those of the one that takes its place' {
    listener
    ok fast bb:1 /t/sockets options 10.0.2.2 "$PORT"
    out_is "from $HOST_IP"$'\n1 77 1 200000 0'
}

@test 'eight threads connect at once' {
    listener
    ok fast bb:1 /t/sockets threads 10.0.2.2 "$PORT"
    out_is 'failures 0'
}

@test 'a signal interrupts a connection that waits, outside and inside' {
    # a listener whose queue is full answers nothing
    serve FULL python3 -u -c '
import socket, time
s = socket.socket(); s.bind(("0.0.0.0", 0)); s.listen(0)
port = s.getsockname()[1]
held = []
for i in range(4):
    c = socket.socket(); c.setblocking(False); c.connect_ex(("127.0.0.1", port)); held.append(c)
print("0.0.0.0:%d" % port, flush=True)
import signal; signal.pause()'
    ok fast bb:1 /t/sockets alarm 10.0.2.2 "${FULL##*:}"
    out_is 'EINTR 1'
    ok fast bb:1 /t/sockets alarm 10.0.2.77 9
    out_matches '^(EINTR 1|EHOSTUNREACH 0|ECONNREFUSED 0)$'
}

@test "exec'd processes and health checks are served too, and so is every kind of user namespace" {
    listener
    ok cubby run -d --name c --network fast -v "$BATS_FILE_TMPDIR:/t:ro" bb:1 sleep 1000
    ok cubby exec c /t/sockets ask 10.0.2.2 "$PORT"
    out_is "from $HOST_IP"$'\nHTTP'
    ok cubby exec -u 33:33 c /t/sockets ask 10.0.2.2 "$PORT"
    out_is "from $HOST_IP"$'\nHTTP'
    ok fast -u 33:33 --security-opt no-new-privileges --cap-drop all bb:1 /t/sockets ask 10.0.2.2 "$PORT"
    out_is "from $HOST_IP"$'\nHTTP'
    ok fast --privileged bb:1 /t/sockets ask 10.0.2.2 "$PORT"
    out_is "from $HOST_IP"$'\nHTTP'
    ok fast --init bb:1 /t/sockets ask 10.0.2.2 "$PORT"
    out_is "from $HOST_IP"$'\nHTTP'
}

@test 'a container that keeps the id of its user is served too' {
    needs ranges
    listener
    ok fast --userns keep-id bb:1 /t/sockets ask 10.0.2.2 "$PORT"
    out_is "from $HOST_IP"$'\nHTTP'
}

# --- published ports ---------------------------------------------------------------------------

# server NAME PORT ARGS...: a web server of busybox on the container's port 80, as the host's PORT
server() {
    local name=$1 port=$2
    shift 2
    ok cubby run -d --name "$name" --network fast -p "$port:80" "$@" bb:1 sh -c "mkdir -p /w/cgi-bin; echo $name > /w/index.html
        printf '#!/bin/sh\necho; echo \$REMOTE_ADDR\n' > /w/cgi-bin/who; chmod +x /w/cgi-bin/who
        exec httpd -f -p 80 -h /w"
}

# owner_of PORT: the program that listens
owner_of() { ss -Hltnp "sport = :$1" | grep -o 'users:(("[^"]*"' | sort -u; }
served_by() { [ "$(owner_of "$1")" = "users:((\"$2\"" ]; }

@test 'a published port is served by a socket of the host once the container binds it' {
    local port
    port=$(free_port)
    server web "$port"
    wait_for 5 says "http://127.0.0.1:$port/" web
    served_by "$port" httpd
    says "http://$HOST_IP:$port/cgi-bin/who" "::ffff:$HOST_IP" || says "http://$HOST_IP:$port/cgi-bin/who" "[::ffff:$HOST_IP]" ||
        says "http://$HOST_IP:$port/cgi-bin/who" "$HOST_IP"
    ok cubby port web
    out_has "0.0.0.0:$port"
}

@test 'the container reaches its own published port where it looks for it' {
    local port at
    port=$(free_port)
    server web "$port"
    wait_for 5 says "http://127.0.0.1:$port/" web
    for at in 127.0.0.1 10.0.2.100 "host.containers.internal:$port"; do
        ok cubby exec web timeout 5 wget -qO- "http://$at/"
        out_is web
    done
}

@test 'a server of IPv4 alone has the port of the host, and its clients their addresses' {
    local port
    port=$(free_port)
    ok cubby run -d --name c --network fast -p "$port:80" -v "$BATS_FILE_TMPDIR:/t:ro" bb:1 /t/sockets serve 80
    wait_for 5 says "http://127.0.0.1:$port/" 127.0.0.1
    ok cubby wait c
    ok cubby logs c
    out_is "port $port"$'\nclient 127.0.0.1'
}

@test 'a mapping of one address is kept, also by a server of both families' {
    local port
    port=$(free_port)
    ok cubby run -d --name c --network fast -p "127.0.0.1:$port:80" -v "$BATS_FILE_TMPDIR:/t:ro" bb:1 /t/sockets serve 80 v6
    wait_for 5 says "http://127.0.0.1:$port/" ::ffff:127.0.0.1
    ! get "http://$HOST_IP:$port/" || false
}

@test 'a server that starts twice is told that the port is in use, and one that starts again has it' {
    local port
    port=$(free_port)
    server web "$port"
    wait_for 5 says "http://127.0.0.1:$port/" web
    fails 1 cubby exec web httpd -f -p 80 -h /etc
    err_has 'in use'
    ok cubby restart -t 0 web
    wait_for 5 says "http://127.0.0.1:$port/" web
    served_by "$port" httpd
}

@test 'a port that is not published, or is twice, stays inside' {
    local one two
    ok fast bb:1 sh -c 'httpd -p 80; netstat -tln | grep -c :80'
    out_is 1
    one=$(free_port)
    two=$(free_port)
    server web "$one" -p "$two:80"
    wait_for 5 says "http://127.0.0.1:$one/" web
    says "http://127.0.0.1:$two/" web
    served_by "$one" cubby-net
}

@test 'a random port of the host, and a range, are handed over too' {
    local port
    ok cubby run -d --name c --network fast -p 80 bb:1 httpd -f -p 80 -h /etc
    ok cubby port c 80
    port=${lines[0]##*:}
    wait_for 5 get -o /dev/null "http://127.0.0.1:$port/hosts"
    served_by "$port" httpd
    ok cubby rm -f -t 0 c
    ! listens "$port" || false
}

@test 'the port is free when the container ends' {
    local port
    port=$(free_port)
    server web "$port"
    wait_for 5 says "http://127.0.0.1:$port/" web
    ok cubby rm -f -t 0 web
    ! listens "$port" || false
}

# --- when things break -------------------------------------------------------------------------

@test 'a supervisor that is killed is replaced' {
    local pid port
    listener
    port=$(free_port)
    server web "$port" -v "$BATS_FILE_TMPDIR:/t:ro"
    wait_for 5 says "http://127.0.0.1:$port/" web
    pid=$(part_of web cubby-fast)
    kill -9 "$pid"
    ok cubby exec web timeout 10 /t/sockets ask 10.0.2.2 "$PORT"
    out_is "from $HOST_IP"$'\nHTTP'
    [ "$(part_of web cubby-fast)" != "$pid" ]
    says "http://127.0.0.1:$port/" web
}

replaced() { local now; now=$(part_of web cubby-net) && [ "$now" != "$1" ]; }

@test 'a network helper that is killed leaves the port to the container' {
    local pid port
    port=$(free_port)
    server web "$port"
    wait_for 5 says "http://127.0.0.1:$port/" web
    pid=$(part_of web cubby-net)
    kill -9 "$pid"
    wait_for 10 replaced "$pid"
    says "http://127.0.0.1:$port/" web
    served_by "$port" httpd
}
