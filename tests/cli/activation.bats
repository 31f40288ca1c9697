# SPDX-License-Identifier: LGPL-2.1-or-later
# activation - sockets that systemd hands over: published ports use them, the container gets the rest

load ../lib/common

setup_file() { file_setup; import_busybox; }

# with SOCKETS... -- ARGS...: cubby ARGS with those sockets; bounded by nobody, for LISTEN_PID has to be its own
with() {
    local sockets=()
    while [ "$1" != -- ]; do
        sockets+=("$1")
        shift
    done
    shift
    env -i HOME="$HOME" PATH="$PATH" USER="$USER" "$CUBBY_SRC/tests/lib/activate" "${sockets[@]}" -- \
        "$CUBBY" --root "$STORE" "$@"
}

get() { curl -sS --max-time 5 "$@"; }
says() { [ "$(get "$1")" = "$2" ]; }

SERVE='mkdir -p /w/cgi-bin; echo hello > /w/index.html
    printf "#!/bin/sh\necho; echo \$REMOTE_ADDR\n" > /w/cgi-bin/who; chmod +x /w/cgi-bin/who
    exec httpd -f -p 80 -h /w'

# listener PORT: the inodes of the sockets that listen on it, as /proc/net shows them
listener() { awk -v p="$(printf ':%04X$' "$1")" '$2 ~ p && $4 == "0A" { print $10 }' /proc/net/tcp /proc/net/tcp6 | sort; }

@test 'a socket at the address of a published port is listened on, and nothing else is bound' {
    local port
    port=$(free_port)
    ok with "tcp:127.0.0.1:$port" -- run -d --name web -p "127.0.0.1:$port:80" bb:1 sh -c "$SERVE"
    wait_for 10 says "http://127.0.0.1:$port/" hello
    [ "$(listener "$port" | wc -l)" = 1 ]
    ok cubby port web 80
    out_is "127.0.0.1:$port"
    # nothing of it is in the container
    ok cubby exec web sh -c 'tr "\0" "\n" < /proc/1/environ; ls /proc/1/fd'
    out_lacks LISTEN_
    ok cubby rm -f -t 0 web
    fails 7 get "http://127.0.0.1:$port/"
}

@test 'a mapping without an address takes [::] alone, with IPv4 clients as they are' {
    local port host
    [ -e /proc/net/if_inet6 ] || skip 'there is no IPv6 here'
    port=$(free_port)
    ok with "tcp:[::]:$port" -- run -d --name web -p "$port:80" bb:1 sh -c "$SERVE"
    wait_for 10 says "http://127.0.0.1:$port/" hello
    says "http://[::1]:$port/" hello
    [ "$(listener "$port" | wc -l)" = 1 ]
    ok cubby port web 80
    out_is "[::]:$port"
    host=$(python3 -c 'import socket; s = socket.socket(type=socket.SOCK_DGRAM); s.connect(("198.51.100.1", 9)); print(s.getsockname()[0])' 2> /dev/null) ||
        return 0
    [[ $(get "http://$host:$port/cgi-bin/who") == *"$host"* ]]
}

@test 'a bound UDP socket serves its port' {
    local port
    port=$(free_port)
    ok with "udp:127.0.0.1:$port" -- run -d --name udp -p "127.0.0.1:$port:53/udp" \
        -v /usr:/usr:ro -v /lib:/lib:ro -v /lib64:/lib64:ro bb:1 /usr/bin/python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", 53))
while True: s.sendto(*s.recvfrom(99))'
    answered() {
        [ "$(python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(0.5)
s.connect(("127.0.0.1", int(sys.argv[1]))); s.send(b"hello"); print(s.recv(99).decode())' "$1")" = hello ]
    }
    wait_for 10 answered "$port"
}

@test 'sockets that no published port wants are the container'\''s, from descriptor 3 on, with their names' {
    local port
    port=$(free_port)
    ok with -n one:two "tcp:127.0.0.1:$port" "unix:$BATS_TEST_TMPDIR/sock" -- \
        run --rm -p "127.0.0.1:$port:80" bb:1 \
        sh -c 'echo "$LISTEN_FDS $LISTEN_PID $LISTEN_FDNAMES $$"; readlink /proc/self/fd/3; [ ! -e /proc/self/fd/4 ]'
    out_matches '^1 1 two 1.socket:'
    ok with "unix:$BATS_TEST_TMPDIR/sock2" -- run --rm --init --network none bb:1 \
        sh -c 'echo "$LISTEN_FDS $LISTEN_PID $$"'
    out_is '1 2 2'
    # with the host's network nothing is published, so a matching one is the container's as well
    port=$(free_port)
    ok with "tcp:127.0.0.1:$port" -- run --rm --network host -p "127.0.0.1:$port:80" bb:1 sh -c 'echo $LISTEN_FDS'
    out_is 1
}

@test 'what is meant for another process is not touched, and --preserve-fds needs its numbers' {
    ok with -w "tcp:127.0.0.1:0" -- run --rm bb:1 sh -c 'echo "[$LISTEN_FDS]"; [ ! -e /proc/self/fd/3 ]'
    out_is '[]'
    fails 125 with "tcp:127.0.0.1:0" -- run --rm --preserve-fds 1 bb:1 true
    err_has LISTEN_FDS
    LISTEN_FDS=many LISTEN_PID=1 ok cubby run --rm bb:1 true
}

@test 'the socket stays through start, restart, and what the restart policy starts again' {
    local port before
    port=$(free_port)
    ok cubby create --name kept --restart on-failure:3 -p "127.0.0.1:$port:80" bb:1 sh -c "$SERVE"
    ok with -n web "tcp:127.0.0.1:$port" -- start kept
    wait_for 10 says "http://127.0.0.1:$port/" hello
    before=$(listener "$port")
    ok cubby restart -t 0 kept
    wait_for 10 says "http://127.0.0.1:$port/" hello
    [ "$(listener "$port")" = "$before" ]
    ok cubby exec kept kill -KILL 1
    wait_for 20 says "http://127.0.0.1:$port/" hello
    [ "$(listener "$port")" = "$before" ]
    fails 125 with "tcp:127.0.0.1:0" -- start kept other
    err_has 'the one container'
}
