# SPDX-License-Identifier: LGPL-2.1-or-later
# Networks that several share, without containers: bridgebox runs commands of this machine on one.

load ../lib/common

BRIDGEBOX=$CUBBY_BUILD/tests/net/bridgebox

setup_file() { [ -x "$BRIDGEBOX" ] || skip 'bridgebox is not built'; }
teardown_file() { :; }
setup() { unshare -r true 2> /dev/null || skip 'no user namespaces here'; }
teardown() { [ -z "${SERVER-}" ] || kill "$SERVER" 2> /dev/null || :; }

# bridge ARGS...
bridge() {
    ok env CUBBY_NET="$CUBBY_BUILD/cubby-net" unshare -r --kill-child "$BRIDGEBOX" "$@"
}

# A server that says who asks; it ends after as many as are told. Who reads the fifo knows that it listens.
who='
import socket, sys
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((sys.argv[1], int(sys.argv[2])))
s.listen(256)
open(sys.argv[4], "w").close()
for _ in range(int(sys.argv[3])):
    c, a = s.accept()
    c.sendall(a[0].encode())
    c.close()'

ask='
import errno, socket, sys
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
s.settimeout(20)
r = s.connect_ex((sys.argv[1], int(sys.argv[2])))
print(errno.errorcode[r] if r else s.recv(100).decode())'

server_on_host() {
    mkfifo "$BATS_TEST_TMPDIR/host"
    python3 -c "$who" 0.0.0.0 "$1" "$2" "$BATS_TEST_TMPDIR/host" 3>&- &
    SERVER=$!
    cat "$BATS_TEST_TMPDIR/host"
}

@test 'two members reach each other, and see each other by their own addresses' {
    mkfifo "$BATS_TEST_TMPDIR/four" "$BATS_TEST_TMPDIR/six"
    export who ask READY=$BATS_TEST_TMPDIR
    # shellcheck disable=SC2016  # the members' shells expand these
    bridge -4 10.99.0.0/24 -6 fd12:99::/64 \
        'python3 -c "$who" $IP 80 1 $READY/four; python3 -c "$who" $IP6 80 1 $READY/six' \
        'cat $READY/four; python3 -c "$ask" 10.99.0.2 80; cat $READY/six; python3 -c "$ask" fd12:99::2 80'
    out_is '10.99.0.3
fd12:99::3'
}

@test 'forty members reach the host at the gateway, all at once' {
    local port commands=() i
    port=$(free_port)
    export ask
    server_on_host "$port" 80
    for i in $(seq 40); do
        commands+=("for i in 1 2; do python3 -c \"\$ask\" \$GATEWAY $port; done | grep -c '\.'")
    done
    bridge "${commands[@]}"
    out_is "$(printf '2\n%.0s' $(seq 40))"
}

@test 'a killed holder is replaced: members keep their addresses and reach each other and the host' {
    local port
    port=$(free_port)
    mkfifo "$BATS_TEST_TMPDIR/four"
    export who ask READY=$BATS_TEST_TMPDIR
    server_on_host "$port" 1
    # shellcheck disable=SC2016
    bridge -k 'python3 -c "$who" $IP 80 1 $READY/four' \
        'cat $READY/four; python3 -c "$ask" 10.99.0.2 80' \
        "python3 -c \"\$ask\" 10.99.0.1 $port | grep -q '\.'"
    out_is '10.99.0.3'
}

@test 'what is not there is refused at once: ports of the gateway, and the world on an internal network' {
    export ask
    # shellcheck disable=SC2016
    bridge 'python3 -c "$ask" $GATEWAY 9'
    out_is 'ECONNREFUSED'
    # shellcheck disable=SC2016
    bridge -i 'python3 -c "$ask" $GATEWAY 9; python3 -c "$ask" 198.51.100.1 9'
    out_is 'ECONNREFUSED
ENETUNREACH'
}

@test 'a network without IPv4 is one, and so is one with room for a single member' {
    export ask
    # shellcheck disable=SC2016
    bridge -6 fd12:99::/64 'python3 -c "$ask" fd12:99::1 9'
    out_is 'ECONNREFUSED'
    # shellcheck disable=SC2016
    bridge -4 10.99.0.0/31 'python3 -c "$ask" $GATEWAY 9'
    out_is 'ECONNREFUSED'
}
