# SPDX-License-Identifier: LGPL-2.1-or-later
# The network without a container: netbox runs a command of this machine in cubby-net's network.

load ../lib/common

NETBOX=$CUBBY_BUILD/tests/net/netbox

setup_file() { [ -x "$NETBOX" ] || skip 'netbox is not built'; }
teardown_file() { :; }
setup() { unshare -r true 2> /dev/null || skip 'no user namespaces here'; }
# unshare lets SIGTERM pass while it waits, so the whole group is ended for good
teardown() { [ -z "${BOX-}" ] || kill -KILL -- "-$BOX" 2> /dev/null || :; }

# box ARGS...: in the background, with what it says in $BATS_TEST_TMPDIR/box
box() {
    CUBBY_NET=$CUBBY_BUILD/cubby-net setsid unshare -r --kill-child "$NETBOX" "$@" \
        2> "$BATS_TEST_TMPDIR/box" 3>&- &
    BOX=$!
    wait_for 10 grep -q '^cubby-net ' "$BATS_TEST_TMPDIR/box"
}

# A server that sends every datagram back with the address it came from.
udp_echo='
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", int(sys.argv[1])))
while True:
    d, a = s.recvfrom(65535)
    s.sendto(d + b" " + a[0].encode(), a)'

# ask HOST PORT: what that server says
ask='
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
s = socket.socket(family, socket.SOCK_DGRAM)
s.settimeout(1)
s.connect((sys.argv[1], int(sys.argv[2])))
for _ in range(5):
    try:
        s.send(b"hello")
        print(s.recv(100).decode())
        break
    except OSError:
        pass
else:
    sys.exit(1)'

@test 'a UDP port is published: answers come from where the client asked, clients are seen' {
    local port
    port=$(free_port)
    box -p "$port:53/udp" python3 -c "$udp_echo" 53
    ok python3 -c "$ask" 127.0.0.1 "$port"
    out_is 'hello 10.0.2.2'
    ok python3 -c "$ask" 127.0.0.7 "$port"
    if host=$(hostname -I 2> /dev/null | grep -oE '[0-9]+(\.[0-9]+){3}' | head -n 1) && [ -n "$host" ]; then
        ok python3 -c "$ask" "$host" "$port"
        out_is "hello $host"
    fi
    # over IPv6 too, though the server speaks IPv4 alone
    ! grep -q ' lo$' /proc/net/if_inet6 2> /dev/null || ok python3 -c "$ask" ::1 "$port"
}

@test '5000 connections at once, all answered, all forgotten' {
    local port pid before
    [ "$(ulimit -Hn)" -ge 12000 ] || skip "the limit of descriptors is $(ulimit -Hn)"
    port=$(free_port)
    box -p "$port:80" python3 -c '
import asyncio, resource
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
async def serve(r, w):
    try:
        while True:
            w.write(await r.readexactly(4))
    except Exception:
        w.close()
async def main():
    await (await asyncio.start_server(serve, "0.0.0.0", 80, backlog=4096)).serve_forever()
asyncio.run(main())'
    pid=$(sed -n 's/^cubby-net //p' "$BATS_TEST_TMPDIR/box")
    before=$(ls "/proc/$pid/fd" | wc -l)
    ok python3 -c '
import resource, socket, sys, time
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
def answers():
    try:
        with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10) as s:
            s.sendall(b"ping")
            return s.recv(4) == b"ping"
    except OSError:
        return False
end = time.monotonic() + 10
while not answers() and time.monotonic() < end:
    pass
all = [socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10) for _ in range(5000)]
for s in all:
    s.sendall(b"ping")
print(sum(s.recv(4) == b"ping" for s in all))' "$port"
    out_is 5000
    forgotten() { [ "$(ls "/proc/$pid/fd" | wc -l)" -le $((before + 10)) ]; }
    wait_for 10 forgotten
}

@test 'what goes out arrives whole, both ways' {
    python3 -c '
import hashlib, socket, sys
s = socket.create_server(("0.0.0.0", 0))
print(s.getsockname()[1], flush=True)
c, _ = s.accept()
data = bytearray()
while part := c.recv(65536):
    data += part
c.sendall(data)
c.shutdown(socket.SHUT_WR)' > "$BATS_TEST_TMPDIR/port" 3>&- &
    wait_for 5 test -s "$BATS_TEST_TMPDIR/port"
    hostname -I | grep -qE '[0-9]+\.' || skip 'this machine has no address but loopback'
    ok env CUBBY_NET="$CUBBY_BUILD/cubby-net" unshare -r "$NETBOX" python3 -c '
import os, socket, sys, threading
s = socket.create_connection(("10.0.2.2", int(sys.argv[1])), 10)
s.settimeout(120)
data = os.urandom(20_000_000)
threading.Thread(target=lambda: (s.sendall(data), s.shutdown(socket.SHUT_WR))).start()
back = b"".join(iter(lambda: s.recv(1 << 20), b""))
print(back == data)' "$(cat "$BATS_TEST_TMPDIR/port")"
    out_is True
}
