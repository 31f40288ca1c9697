# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What containers carry to the host on the stock kernel: its modules are loaded as they are wanted.

load ../lib/common
load ../lib/vm

setup_file() { vm_setup; import_busybox; }

page='
import http.server, sys
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"host " * 100000)
    def log_message(self, *a): pass
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), H)
print("x:%d" % s.server_port, flush=True)
s.serve_forever()'

@test 'TCP leads through a transit namespace, on the default network and on one that was made' {
    local port network gateway
    serve PAGE python3 -c "$page"
    port=${PAGE##*:}
    ok cubby network create -o allow_host_loopback=true made
    for network in slirp4netns:allow_host_loopback=true made; do
        gateway=host.containers.internal
        ok cubby run --rm --network "$network" bb:1 sh -c "ip -o link; wget -qO- http://$gateway:$port/ | wc -c"
        # one end of a pair, and no tap
        out_matches '(tap0|eth0)@if[0-9]+:'
        out_matches '(^|
)500000$'
    done
    # the other end of a network's way out is in no tap either: who holds it has none open
    ok cubby run -d --network made --name c bb:1 sleep 1000
    ! ls -l /proc/[0-9]*/fd 2> /dev/null | grep /dev/net/tun || false
}
