# SPDX-License-Identifier: LGPL-2.1-or-later
# network-rate - a limit on what a container's network carries

load ../lib/common

setup_file() { file_setup; import_busybox; }

teardown() {
    unserve SINK
    test_teardown
    cubby network prune -f > /dev/null
}

need_host_ip() {
    HOST_IP=$(python3 -c 'import socket; s = socket.socket(type=socket.SOCK_DGRAM); s.connect(("198.51.100.1", 9)); print(s.getsockname()[0])' 2> /dev/null) ||
        skip 'this machine has no address but loopback'
}

# A server that gives and takes: GET is answered with as many bytes as the path says, PUT is read.
give_and_take='
import http.server, sys
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(bytes(int(self.path[1:])))
    def do_POST(self):
        left = int(self.headers["Content-Length"])
        while left: left -= len(self.rfile.read(min(left, 65536)))
        self.send_response(200); self.end_headers()
    def log_message(self, *a): pass
s = http.server.ThreadingHTTPServer(("0.0.0.0", 0), H)
print("%s:%d" % s.server_address, flush=True)
s.serve_forever()'

# served NAME ARGS...: a container that serves half a MiB on the published PORT
served() {
    local name=$1
    shift
    PORT=$(free_port)
    ok cubby run -d --name "$name" -p "$PORT:80" "$@" bb:1 sh -c '
        mkdir /w; dd if=/dev/zero of=/w/big bs=512k count=1 2> /dev/null; exec httpd -f -p 80 -h /w'
    wait_for 10 curl -s -o /dev/null --max-time 30 -r 0-9 "http://127.0.0.1:$PORT/big"
}

# took COMMAND...: sets MS to what it took
took() {
    local before
    before=$(date +%s%N)
    ok "$@"
    MS=$((($(date +%s%N) - before) / 1000000))
}

@test 'published ports: what leaves is limited, and what arrives is not unless asked' {
    served slow --network-rate up=2mbit
    took curl -sS -o /dev/null --max-time 60 "http://127.0.0.1:$PORT/big"
    # half a MiB at 2 Mbit/s is 2.1 s, of which an eighth may pass at once; without a limit it is some milliseconds
    [ "$MS" -gt 1200 ]
    limited=$MS
    ok cubby update --network-rate 0 slow
    took curl -sS -o /dev/null --max-time 60 "http://127.0.0.1:$PORT/big"
    [ "$MS" -lt "$limited" ]
}

@test 'what a container fetches and sends is limited, each way by its own' {
    need_host_ip
    serve SINK python3 -c "$give_and_take"
    at=http://$HOST_IP:${SINK#*:}
    ok cubby run -d --name both --network-rate up=2mbit,down=4mbit bb:1 sleep 1000
    took cubby exec both wget -q -O /dev/null "$at/1048576"
    [ "$MS" -gt 1200 ]
    took cubby exec both sh -c "head -c 524288 /dev/zero | tr '\\0' x > /b; wget -q -O /dev/null --post-file /b $at/"
    [ "$MS" -gt 1200 ]
    ok cubby run --rm --network-rate 10gbit bb:1 wget -q -O /dev/null "$at/1048576"
}

@test 'two at once share the limit, and neither starves' {
    local url
    served shared --network-rate 4mbit
    url=http://127.0.0.1:$PORT/big
    took curl -sS --max-time 60 --parallel --parallel-immediate -o /dev/null "$url" -o /dev/null "$url"
    # 1 MiB at 4 Mbit/s is 2.1 s
    [ "$MS" -gt 1200 ]
}

@test 'inspect shows the limit, a restart keeps it, an update changes it' {
    served kept --network-rate 100kbit
    ok cubby inspect --format '{{.HostConfig.NetworkRate}}' kept
    out_is 100kbit
    ok cubby update --network-rate up=2mbit,down=1.5gbit kept
    ok cubby inspect --format '{{.HostConfig.NetworkRate}}' kept
    out_is up=2mbit,down=1500mbit
    ok cubby restart -t 0 kept
    wait_for 10 curl -s -o /dev/null --max-time 30 -r 0-9 "http://127.0.0.1:$PORT/big"
    took curl -sS -o /dev/null --max-time 60 "http://127.0.0.1:$PORT/big"
    [ "$MS" -gt 1200 ]
    ok cubby update --network-rate 0 kept
    ok cubby inspect --format '{{.HostConfig.NetworkRate}}' kept
    out_is ''
}

@test 'networks of the user are limited each way, from the start and by an update' {
    local fetch=(cubby exec client wget -q -O /dev/null http://server/big)
    ok cubby network create limited
    ok cubby run -d --name server --network limited --network-rate up=2mbit bb:1 sh -c '
        mkdir /w; dd if=/dev/zero of=/w/big bs=512k count=1 2> /dev/null; exec httpd -f -p 80 -h /w'
    ok cubby run -d --name client --network limited bb:1 sleep 1000
    wait_for 10 cubby exec client sh -c 'echo | nc server 80'
    took "${fetch[@]}"
    # half a MiB at 2 Mbit/s is 2.1 s, of which an eighth passes at once
    [ "$MS" -gt 1200 ]
    limited=$MS
    ok cubby update --network-rate down=2mbit server
    took "${fetch[@]}"
    [ "$MS" -lt "$limited" ]
    ok cubby update --network-rate down=2mbit client
    took "${fetch[@]}"
    [ "$MS" -gt 1200 ]
    # other changes leave it, and need no interface that the container has taken away
    ok cubby run -d --name gone --network limited --cap-add NET_ADMIN bb:1 sh -c 'ip link del eth0; exec sleep 1000'
    gone() { ! cubby exec gone ip link show dev eth0; }
    wait_for 10 gone
    ok cubby update --restart always gone
    ok cubby update --network-rate 0 client
    took "${fetch[@]}"
    [ "$MS" -lt "$limited" ]
}

@test 'a network that a running container is connected to later is limited as well' {
    local fetch=(cubby exec client wget -q -O /dev/null http://server/big)
    ok cubby network create first
    ok cubby network create later
    ok cubby run -d --name server --network first --network-rate up=2mbit bb:1 sh -c '
        mkdir /w; dd if=/dev/zero of=/w/big bs=512k count=1 2> /dev/null; exec httpd -f -p 80 -h /w'
    ok cubby run -d --name client --network later bb:1 sleep 1000
    ok cubby network connect later server
    wait_for 10 cubby exec client sh -c 'echo | nc server 80'
    took "${fetch[@]}"
    [ "$MS" -gt 1200 ]
    limited=$MS
    # what an update says holds for the next one too
    ok cubby update --network-rate 0 server
    ok cubby network disconnect later server
    ok cubby network connect later server
    wait_for 10 cubby exec client sh -c 'echo | nc server 80'
    took "${fetch[@]}"
    [ "$MS" -lt "$limited" ]
}

@test 'a rate that is none, and a network that cannot be limited, are refused' {
    for rate in fast 10 10mbyte -1mbit up=1mbit,sideways=1mbit 1mbit,2mbit ''; do
        fails 125 cubby run --rm --network-rate "$rate" bb:1 true
        err_has '--network-rate'
    done
    for network in host none fast; do
        fails 125 cubby run --rm --network "$network" --network-rate 1mbit bb:1 true
        err_has "the network '$network'"
    done
    ok cubby create --name still --network none bb:1
    try cubby update --network-rate 1mbit still
    [ "$status" != 0 ]
    err_has "the network 'none'"
}
