# SPDX-License-Identifier: LGPL-2.1-or-later
# The network without a container: netbox runs a command of this machine in cubby-net's network.

load ../lib/common

NETBOX=$CUBBY_BUILD/tests/net/netbox

setup_file() { [ -x "$NETBOX" ] || skip 'netbox is not built'; }
teardown_file() { :; }
setup() { unshare -r true 2> /dev/null || skip 'no user namespaces here'; }
# unshare lets SIGTERM pass while it waits, so the whole group is ended for good
teardown() {
    unserve "${!SERVERS[@]}"
    [ -z "${BOX-}" ] || kill -KILL -- "-$BOX" 2> /dev/null || :
}

# Without that capability cubby-net cannot have a transit namespace, and serves the container through a tap.
tap_alone=(setpriv --bounding-set -net_raw)

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

@test 'the first datagram of a client reaches a server of the other family' {
    local port
    grep -q ' lo$' /proc/net/if_inet6 2> /dev/null || skip 'this machine has no IPv6'
    port=$(free_port 20)
    box -p "$port-$((port + 19)):100-119/udp" python3 -c '
import selectors, socket
wait = selectors.DefaultSelector()
for port in range(100, 120):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("0.0.0.0", port))
    wait.register(s, selectors.EVENT_READ)
open("'"$BATS_TEST_TMPDIR/there"'", "w").close()
while True:
    for key, _ in wait.select():
        key.fileobj.sendto(*key.fileobj.recvfrom(100))'
    wait_for 10 test -e "$BATS_TEST_TMPDIR/there"
    # a datagram may be lost, as anywhere: not more than a few are
    ok python3 -c '
import select, socket, sys, time
asked = []
for port in range(int(sys.argv[1]), int(sys.argv[1]) + 20):
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.connect(("::1", port))
    s.send(b"hello")
    asked.append(s)
end, answered = time.monotonic() + 10, 0
while asked and answered < 15 and time.monotonic() < end:
    for s in select.select(asked, [], [], 1)[0]:
        answered += s.recv(100) == b"hello"
        asked.remove(s)
print(answered >= 15 or answered)' "$port"
    out_is True
}

@test 'a client over IPv6 reaches a UDP server of a container that has none' {
    local port
    grep -q ' lo$' /proc/net/if_inet6 2> /dev/null || skip 'this machine has no IPv6'
    port=$(free_port)
    box -o enable_ipv6=false -p "$port:53/udp" python3 -c "$udp_echo" 53
    ok python3 -c "$ask" ::1 "$port"
    out_is 'hello 10.0.2.2'
}

@test 'of many clients of a UDP server each has its own answers' {
    local port
    port=$(free_port)
    box -p "$port:53/udp" python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", 53))
while True:
    s.sendto(*s.recvfrom(100))'
    ok python3 -c "$ask" 127.0.0.1 "$port"
    ok python3 -c '
import resource, socket, sys
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
clients = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(min(1500, limit - 50))]
def own(s, word):
    s.send(word)
    try:
        return s.recv(100) == word
    except OSError:
        return False
for s in clients:
    s.settimeout(1)
    s.connect(("127.0.0.1", int(sys.argv[1])))
wrong = 0
for time in b"one", b"two":
    for n, s in enumerate(clients):
        word = b"%s %d" % (time, n)
        wrong += not any(own(s, word) for _ in range(5))
        if wrong > 3:
            sys.exit("answers are lost")
print(wrong)' "$port"
    out_is 0
}

@test 'a client that asks two ports of one server is answered by each' {
    local port host
    host=$(hostname -I 2> /dev/null | grep -oE '[0-9]+(\.[0-9]+){3}' | head -n 1)
    [ -n "$host" ] || skip 'this machine has no address but loopback'
    port=$(free_port 2)
    box -p "$port:53/udp" -p "$((port + 1)):53/udp" python3 -c "$udp_echo" 53
    ok python3 -c "$ask" "$host" "$port"
    ok python3 -c '
import socket, sys
host, port = sys.argv[1], int(sys.argv[2])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(2)
s.bind((host, 0))
for n in range(6):
    asked = (host, port + n % 2)
    for _ in range(5):
        s.sendto(b"%d" % n, asked)
        try:
            data, by = s.recvfrom(100)
        except OSError:
            continue
        print(data.decode(), by == asked or by)
        break' "$host" "$port"
    out_is "$(printf "%d $host True\n" 0 1 2 3 4 5)"
}

@test 'a UDP server has any number of clients, and one that came back is kept' {
    local port
    port=$(free_port)
    box -p "$port:53/udp" python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", 53))
last = None
while True:
    d, a = s.recvfrom(100)
    s.sendto(d, a)
    if d == b"kept":
        last = a
    if d == b"again":
        s.sendto(b"late", last)'
    ok python3 -c "$ask" 127.0.0.1 "$port"
    ok python3 -c '
import socket, sys
def client():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(2)
    s.connect(("127.0.0.1", int(sys.argv[1])))
    return s
def ask(s, what):
    s.send(what)
    try:
        return s.recv(100) == what
    except OSError:
        return False
kept, lost = client(), 0
while not (ask(kept, b"kept") and ask(kept, b"kept")):
    pass
for _ in range(6000):
    with client() as s:
        lost += not ask(s, b"one")
    if lost > 20:     # some may be, as on any network
        break
print(lost if lost > 20 else "heard")
with client() as s:
    while not ask(s, b"again"):
        pass
print(kept.recv(100).decode())' "$port"
    out_is $'heard\nlate'
}

@test 'of clients of a UDP port those make room that are silent, and descriptors are left for TCP' {
    local port
    port=$(free_port 2)
    ulimit -n 600
    # cubby-net has as few as that, so there may not be many clients at once
    box -p "$port:53/udp" -p "$((port + 1)):80" python3 -c '
import socket, threading
web = socket.create_server(("0.0.0.0", 80))
def serve():
    while True:
        c = web.accept()[0]
        c.sendall(b"here")
        c.close()
threading.Thread(target=serve, daemon=True).start()
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", 53))
first = None
while True:
    d, a = s.recvfrom(100)
    if d == b"stream":
        first = first or a
        continue
    s.sendto(d, a)
    if d == b"last":
        s.sendto(b"late", first)'
    ok python3 -c "$ask" 127.0.0.1 "$port"
    ok python3 -c '
import socket, sys
port = int(sys.argv[1])
def client():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(2)
    s.connect(("127.0.0.1", port))
    return s
def ask(s, what):
    for _ in range(5):
        s.send(what)
        try:
            return s.recv(100) == what
        except OSError:
            pass
# one that only sends, and is never silent
with client() as stream:
    for _ in range(1000):
        stream.send(b"stream")
        with client() as s:
            if not ask(s, b"one"):
                sys.exit("one is not heard")
    with client() as s:
        ask(s, b"last")
    print(stream.recv(100).decode())
with socket.create_connection(("127.0.0.1", port + 1), 10) as s:
    print(s.recv(100).decode())' "$port"
    out_is $'late\nhere'
}

# late COMMAND: a server that begins after COMMAND in the container, and when its client has asked
late() {
    PORT=$(free_port)
    # it has answered nobody when it is refused in both families, and keeps its port
    box -p "$PORT:53/udp" sh -c "$1; until [ -e '$BATS_TEST_TMPDIR/asked' ]; do sleep 0.02; done; exec python3 -c '$udp_echo' 53"
    ok python3 -c '
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(0.2)
s.connect(("127.0.0.1", int(sys.argv[1])))
for n in range(100):
    s.send(b"hello")
    try:
        print(s.recv(100).decode())
        break
    except OSError:
        if n == 2:
            open(sys.argv[2], "w").close()' "$PORT" "$BATS_TEST_TMPDIR/asked"
    out_is 'hello 10.0.2.2'
}

@test 'a UDP server may come after its client' {
    late true
}

@test 'a UDP server may come after its client, in a container that has switched IPv6 off' {
    late 'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6'
    ! grep -q ' lo$' /proc/net/if_inet6 2> /dev/null || ok python3 -c "$ask" ::1 "$PORT"
    out_is 'hello 10.0.2.2'
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

# Sends back what each connection says, at once; those of odd number read little at a time. The last one is
# read when the first has ended.
echo_server='
import socket, sys, threading
six = sys.argv[1] == "6"
s = socket.create_server(("::" if six else "0.0.0.0", 0), family=socket.AF_INET6 if six else socket.AF_INET)
print(s.getsockname()[1], flush=True)
first = threading.Event()
def serve(c, n, last):
    if last:
        first.wait()
    while part := c.recv(2000 if n % 2 else 1 << 16):
        c.sendall(part)
    c.shutdown(socket.SHUT_WR)
    if not n:
        first.set()
count = int(sys.argv[2])
for n in range(count):
    threading.Thread(target=serve, args=(s.accept()[0], n, n == count - 1)).start()'

# Asks that server over so many connections at once: how many got their own bytes back. Of the last it sends what
# there is room for, before the first ends.
ask_echoes='
import os, socket, sys, threading
count, good = int(sys.argv[3]), []
all = [socket.create_connection((sys.argv[1], int(sys.argv[2])), 10) for _ in range(count)]
full = threading.Event()
def send(s, n, data):
    if n == count - 1:
        try:
            while data:
                data = data[os.write(s.fileno(), data):]
        except BlockingIOError:
            pass
        full.set()
    s.sendall(data)
    if not n:
        full.wait()
    s.shutdown(socket.SHUT_WR)
def ask(s, n):
    data = os.urandom(1_000_000 if n % 4 else 8_000_000)
    s.settimeout(60)
    threading.Thread(target=send, args=(s, n, data)).start()
    if b"".join(iter(lambda: s.recv(2000 if n % 4 == 2 else 1 << 20), b"")) == data:
        good.append(n)
threads = [threading.Thread(target=ask, args=(s, n)) for n, s in enumerate(all)]
for t in threads: t.start()
for t in threads: t.join()
print(len(good))'

# echoes FAMILY ADDRESS OPTIONS...: nine connections at once, both ways, some with a slow end; through $WAY
WAY=()
echoes() {
    local family=$1 address=$2
    shift 2
    serve PORT python3 -c "$echo_server" "$family" 9
    ok env CUBBY_NET="$CUBBY_BUILD/cubby-net" unshare -r "${WAY[@]}" "$NETBOX" "$@" timeout 120 python3 -c "$ask_echoes" \
        "$address" "$PORT" 9
    out_is 9
    wait "${SERVERS[PORT]}"
    unset 'SERVERS[PORT]'
}

@test 'many streams at once arrive whole, both ways, also where a reader is slow' {
    hostname -I | grep -qE '[0-9]+\.' || skip 'this machine has no address but loopback'
    for mtu in 1500 16384 65520; do
        echoes 4 10.0.2.2 -o "mtu=$mtu"
    done
    WAY=("${tap_alone[@]}")
    echoes 4 10.0.2.2
}

@test 'many streams at once arrive whole over IPv6' {
    hostname -I | grep -qE '[0-9a-f]:' || skip 'this machine has no IPv6 address but loopback'
    echoes 6 fd00::2
    WAY=("${tap_alone[@]}")
    echoes 6 fd00::2
}

# The urgent byte itself is not passed on. Odd ones end at once, the others when they were answered.
@test 'a stream with urgent data arrives whole, before and behind that' {
    local port
    port=$(free_port)
    box -p "$port:80" python3 -c '
import socket, threading
def serve(c):
    data = bytearray()
    while not data.endswith(b"the end") and (part := c.recv(65536)):
        data += part
    c.sendall(data)
    c.close()
s = socket.create_server(("0.0.0.0", 80))
while True:
    threading.Thread(target=serve, args=(s.accept()[0],)).start()'
    ok timeout 60 python3 -c '
import os, socket, sys, time
def connect():
    end = time.monotonic() + 10
    while True:
        try:
            s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
            s.sendall(b"the end")
            if s.recv(7, socket.MSG_WAITALL) == b"the end":
                return
        except OSError:
            pass
        if time.monotonic() > end:
            sys.exit("no answer")
connect()
good = 0
for i in range(20):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
    s.settimeout(10)
    data = os.urandom(300_000)
    s.sendall(data)
    s.send(b"!", socket.MSG_OOB)
    s.sendall(b"the end")
    if i % 2:
        s.shutdown(socket.SHUT_WR)
    good += b"".join(iter(lambda: s.recv(1 << 16), b"")) == data + b"the end"
print(good)' "$port"
    out_is 20
}

# resets FAMILY ADDRESS: the host's server is told when a connection was not ended in order; through $WAY
resets() {
    serve PORT python3 -c '
import socket, sys
six = sys.argv[1] == "6"
s = socket.create_server(("::" if six else "0.0.0.0", 0), family=socket.AF_INET6 if six else socket.AF_INET)
print(s.getsockname()[1], flush=True)
for _ in range(2):
    c = s.accept()[0]
    c.sendall(b"here")
    try:
        while part := c.recv(100):
            print(part.decode(), file=sys.stderr)
        print("end", file=sys.stderr)
    except ConnectionResetError:
        print("reset", file=sys.stderr)' "$1"
    ok env CUBBY_NET="$CUBBY_BUILD/cubby-net" unshare -r "${WAY[@]}" "$NETBOX" timeout 60 python3 -c '
import socket, struct, sys
for abrupt in True, False:
    s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 10)
    s.settimeout(30)
    s.recv(4)
    if abrupt:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    else:
        s.sendall(b"bye")
        s.shutdown(socket.SHUT_WR)
        s.recv(1)
    s.close()' "$2" "$PORT"
    wait "${SERVERS[PORT]}"
    unset 'SERVERS[PORT]'
    [ "$(cat "$BATS_TEST_TMPDIR/PORT.err")" = $'reset\nbye\nend' ] || { cat "$BATS_TEST_TMPDIR/PORT.err"; return 1; }
}

@test 'a connection that the container breaks off is broken off for the server, too' {
    hostname -I | grep -qE '[0-9]+\.' || skip 'this machine has no address but loopback'
    resets 4 10.0.2.2
    WAY=("${tap_alone[@]}")
    resets 4 10.0.2.2
    ! hostname -I | grep -qE '[0-9a-f]:' || resets 6 fd00::2
}

@test 'through a tap hardly anything is sent twice' {
    hostname -I | grep -qE '[0-9a-f]:' || skip 'this machine has no IPv6 address but loopback'
    for family in 4 6; do
        serve PORT python3 -c '
import socket, sys
six = sys.argv[1] == "6"
s = socket.create_server(("::" if six else "0.0.0.0", 0), family=socket.AF_INET6 if six else socket.AF_INET)
print(s.getsockname()[1], flush=True)
c = s.accept()[0]
while c.recv(1 << 16):
    pass' "$family"
        ok env CUBBY_NET="$CUBBY_BUILD/cubby-net" unshare -r "${tap_alone[@]}" "$NETBOX" timeout 120 python3 -c '
import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 10)
s.settimeout(60)
s.sendall(bytes(1_000_000))
s.shutdown(socket.SHUT_WR)
s.recv(1)
names, values = [line.split() for line in open("/proc/net/snmp") if line.startswith("Tcp:")]
counts = dict(zip(names[1:], map(int, values[1:])))
print(counts["RetransSegs"] * 10 < counts["OutSegs"] or counts)' "$([ "$family" = 4 ] && echo 10.0.2.2 || echo fd00::2)" "$PORT"
        out_is True
        wait "${SERVERS[PORT]}"
        unset 'SERVERS[PORT]'
    done
}

@test 'a container that asks from ever new ports is answered, and old ones are let go' {
    local port pid
    hostname -I | grep -qE '[0-9]+\.' || skip 'this machine has no address but loopback'
    ulimit -n 1000 # they are fewer than the ports
    port=$(free_port)
    serve ECHO python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", int(sys.argv[1])))
print("ready", flush=True)
while True:
    s.sendto(*s.recvfrom(100))' "$port"
    box python3 -c '
import socket, sys, time
lost = 0
for _ in range(1500):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(2)
        s.connect(("10.0.2.2", int(sys.argv[1])))
        s.send(b"hello")
        try:
            s.recv(100)
        except OSError:
            lost += 1
    if lost > 20:
        break
with open(sys.argv[2], "w") as file:
    print(lost, file=file)
while True:
    time.sleep(1)' "$port" "$BATS_TEST_TMPDIR/lost"
    wait_for 60 test -s "$BATS_TEST_TMPDIR/lost"
    [ "$(cat "$BATS_TEST_TMPDIR/lost")" -le 20 ]
    pid=$(sed -n 's/^cubby-net //p' "$BATS_TEST_TMPDIR/box")
    [ "$(ls "/proc/$pid/fd" | wc -l)" -lt 700 ]
}

@test 'a datagram of any length arrives whole, and its answer' {
    local port
    hostname -I | grep -qE '[0-9]+\.' || skip 'this machine has no address but loopback'
    port=$(free_port)
    serve ECHO python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", int(sys.argv[1])))
print("ready", flush=True)
while True:
    s.sendto(*s.recvfrom(65535))' "$port"
    ok env CUBBY_NET="$CUBBY_BUILD/cubby-net" unshare -r "$NETBOX" python3 -c '
import os, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
s.connect(("10.0.2.2", int(sys.argv[1])))
for size in (0, 1, 2, 3, 511, 1472, 1473, 9000, 16000, 16357, 40000, 65507):
    data = os.urandom(size)
    s.send(data)
    if s.recv(65535) != data:
        print(size)
print("all")' "$port"
    out_is all
}
