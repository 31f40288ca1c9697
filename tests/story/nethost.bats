# SPDX-License-Identifier: LGPL-2.1-or-later
# Hosts of other kinds: a network namespace, with what is in it, is the host that cubby-net runs on.

load ../lib/common

NETBOX=$CUBBY_BUILD/tests/net/netbox
BRIDGEBOX=$CUBBY_BUILD/tests/net/bridgebox

# apart COMMAND...: in a user namespace with all ids, as root
apart() { env HOME="$HOME" PATH="$PATH" USER="$USER" unshare -U --map-auto --map-root-user -m "$@"; }

teardown() {
    [ ! -e "$STORE/few" ] || apart rm -rf "$STORE/few"
    test_teardown
}

setup_file() {
    [ -x "$NETBOX" ] || skip 'netbox is not built'
    file_setup
    import_busybox
}
setup() { unshare -r true 2> /dev/null || skip 'no user namespaces here'; }

# on_host SCRIPT: run it as root of a host of its own, which has a loopback, a network "lan" with the address
# 192.0.2.7, and no more. There "box COMMAND..." runs a command as a container would, and "served ADDRESS PORT" waits
# for a web server there that says "here".
on_host() {
    ok env CUBBY_NET="$CUBBY_BUILD/cubby-net" NETBOX="$NETBOX" BRIDGEBOX="$BRIDGEBOX" TMP="$BATS_TEST_TMPDIR" \
        timeout 60 unshare -rn --kill-child bash -euc '
        box() { "$NETBOX" "$@" 2> "$TMP/box"; }
        served() {
            echo here > "$TMP/index.html"
            python3 -m http.server --bind "$1" --directory "$TMP" "$2" > /dev/null 2>&1 3>&- &
            SERVER=$!
            until curl -s "http://$1:$2/" > /dev/null; do :; done
        }
        trap "kill \$(jobs -p) 2> /dev/null || :" EXIT
        get="timeout 5 curl -sS --max-time 4"
        ip link set lo up
        ip link add lan type veth peer name lan-far
        ip addr add 192.0.2.7/24 dev lan
        ip link set lan up
        ip link set lan-far up
        '"$1"
}

@test 'a host without IPv6: the container has IPv4, and says at once that there is no more' {
    on_host '
        for f in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 > "$f"; done
        served 192.0.2.7 8000
        box $get http://192.0.2.7:8000/
        box $get http://10.0.2.2:8000/
        box $get "http://[2001:db8::1]:8000/" 2> /dev/null && echo reached
        box -p 8080:80 true
        grep -o "0.0.0.0:8080" "$TMP/box"'
    out_is $'here\nhere\n0.0.0.0:8080'
}

@test 'low ports of the host are reached, from the default network and from one that was made' {
    on_host '
        served 192.0.2.7 80
        box $get http://192.0.2.7/
        "$BRIDGEBOX" -4 10.99.0.0/24 "$get http://192.0.2.7/"'
    out_is $'here\nhere'
}

@test 'connections follow the routes of the host: a network that comes and goes is used while it is there' {
    on_host '
        mkfifo "$TMP/ask" "$TMP/told"
        box bash -c "while read -r line; do \$line || echo none; done" < "$TMP/ask" > "$TMP/told" &
        exec 5> "$TMP/ask" 6< "$TMP/told"
        ask() { echo "$get http://198.18.5.1:8000/ --stderr /dev/null" >&5; read -r answer <&6; echo "$answer"; }
        ask
        for round in 1 2; do
            ip link add vpn type veth peer name vpn-far
            ip addr add 198.18.5.1/24 dev vpn
            ip link set vpn up
            ip link set vpn-far up
            served 198.18.5.1 8000
            ask
            ip link del vpn
            ask
            kill "$SERVER"; wait "$SERVER" || true
        done'
    out_is $'none\nhere\nnone\nhere\nnone'
}

@test 'the gateway answers a ping whoever may ping on the host, others where the caller may' {
    on_host '
        ping() {
            box python3 -c "
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
s.settimeout(int(sys.argv[2]))
s.connect((sys.argv[1], 0))
s.send(bytes([8, 0, 0, 0, 0, 0, 0, 1]) + b\"hello\")
try:
    answer = s.recv(100)
    print(answer[0], answer[8:].decode())
except OSError as e:
    print(e.strerror)" "$@"
        }
        ping 10.0.2.2 3
        ping 192.0.2.7 3
        echo 0 0 > /proc/sys/net/ipv4/ping_group_range
        ping 192.0.2.7 3'
    out_is $'0 hello\nConnection refused\n0 hello'
}

@test 'without /dev/net/tun all networks are there' {
    local bare=(env HOME="$HOME" PATH="$PATH" USER="$USER" CUBBY_NET="$CUBBY_BUILD/cubby-net" unshare -rm sh -c '
        mount -t tmpfs none /dev/net && exec "$@"' sh) run
    run=("${bare[@]}" "$CUBBY" --root "$STORE/other")
    [ -d /dev/net ] || skip 'no /dev/net here'
    ok "${run[@]}" import "$(busybox_tar)" bb:1
    ok "${run[@]}" network create out
    ok "${run[@]}" network create --internal inner
    for mode in slirp4netns none host out inner; do
        ok "${run[@]}" run --rm --network "$mode" bb:1 echo well
        out_is well
    done
    # nor a namespace in which the kernel speaks TCP with the container: that takes this capability
    fails 125 "${bare[@]}" setpriv --bounding-set -net_raw "$NETBOX" true
    err_has "cannot open '/dev/net/tun'"
    err_has 'modprobe tun'
    err_has '--network host'
    fails 125 "${bare[@]}" setpriv --bounding-set -net_raw "$CUBBY_BUILD/tests/net/bridgebox" true
    err_has "cannot open '/dev/net/tun'"
    err_has '--internal'
}

@test 'a container has the last network namespace that its user may have' {
    needs ranges
    unshare -U --map-auto --map-root-user true 2> /dev/null || skip 'this unshare cannot map ranges of ids'
    # few RUN...: cubby where one network namespace is allowed, on a store of those ids
    few() {
        apart sh -c 'echo 1 > /proc/sys/user/max_net_namespaces; exec "$@"' sh "$CUBBY" --root "$STORE/few" "$@"
    }
    # what is copied to a new volume keeps the container waiting, longer than its network does
    mkdir "$BATS_TEST_TMPDIR/many"
    seq 1 3000 | (cd "$BATS_TEST_TMPDIR/many" && xargs touch)
    cp "$(busybox_tar)" "$BATS_TEST_TMPDIR/many.tar"
    tar -C "$BATS_TEST_TMPDIR" -rf "$BATS_TEST_TMPDIR/many.tar" many
    ok few import "$BATS_TEST_TMPDIR/many.tar" many:1
    ok few run --rm --userns auto -v one:/many localhost/many:1 cat /sys/class/net/tap0/mtu
    out_is 16384
    ok few run --rm -v two:/many localhost/many:1 cat /sys/class/net/tap0/mtu
    out_is 16384
    # the kernel counts one for some time after its container has ended
    ok few create --name again localhost/many:1 sleep 1000
    ok apart sh -c 'echo 1 > /proc/sys/user/max_net_namespaces
        for _ in 1 2 3 4 5; do "$@" run --rm localhost/many:1 true || exit 1; done
        "$@" start again && "$@" restart -t 0 again && "$@" rm -f -t 0 again' sh "$CUBBY" --root "$STORE/few"
    # a network's own comes before its way out; there is none left for a container on it
    ok few network create one
    fails 125 few run --rm --network one localhost/many:1 true
    err_has "cannot make the container's namespaces: no space left on device"
    err_has 'max_.*_namespaces'
}

@test 'connections that cannot be are told to be so, as the host tells its own' {
    # a host that has a route to one network, where nobody is, and to itself
    ok env CUBBY_NET="$CUBBY_BUILD/cubby-net" NETBOX="$NETBOX" timeout 60 unshare -rn sh -c '
        ip link set lo up
        ip link add dead type veth peer name far
        ip link set far up
        ip link set dead up
        ip address add 192.0.2.1/24 dev dead
        ip address add 2001:db8::1/64 dev dead nodad
        ip route add prohibit 198.51.100.0/24
        exec "$NETBOX" python3 -c "
import errno, socket
for host in \"10.0.2.2\", \"fd00::2\", \"203.0.113.9\", \"2001:db9::1\", \"198.51.100.9\", \"192.0.2.1\":
    try:
        socket.create_connection((host, 9), 20)
    except OSError as e:
        print(host, errno.errorcode.get(e.errno, e))"'
    out_is '10.0.2.2 ECONNREFUSED
fd00::2 ECONNREFUSED
203.0.113.9 ENETUNREACH
2001:db9::1 ENETUNREACH
198.51.100.9 EHOSTUNREACH
192.0.2.1 ECONNREFUSED'
}
