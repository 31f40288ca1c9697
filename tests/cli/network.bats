# SPDX-License-Identifier: LGPL-2.1-or-later
# network - the default network, published ports, names (BEHAVIOUR 21 to 25)

load ../lib/common

setup_file() { file_setup; import_busybox; }

teardown() {
    [ -z "${HOST_SERVER-}" ] || kill "$HOST_SERVER" 2> /dev/null || :
    test_teardown
}

# web NAME PORT ARGS...: a container that serves its name on PORT, and the client's address in a CGI
web() {
    local name=$1 port=$2
    shift 2
    ok cubby run -d --name "$name" "$@" bb:1 sh -c "mkdir -p /w/cgi-bin; echo $name > /w/index.html
        printf '#!/bin/sh\necho; echo \$REMOTE_ADDR\n' > /w/cgi-bin/who; chmod +x /w/cgi-bin/who
        exec httpd -f -p $port -h /w"
}

get() { curl -sS --max-time 5 "$@"; }
says() { [ "$(get "$1")" = "$2" ]; }
# hosted [IP]: an address of this machine that is not loopback
host_ip() {
    python3 -c 'import socket; s = socket.socket(type=socket.SOCK_DGRAM); s.connect(("198.51.100.1", 9)); print(s.getsockname()[0])' 2> /dev/null
}
need_host_ip() { HOST_IP=$(host_ip) || skip 'this machine has no address but loopback'; }

# host_server ADDRESS: a web server on this machine; sets HOST_PORT
host_server() {
    HOST_PORT=$(free_port)
    python3 -m http.server --bind "$1" --directory "$BATS_TEST_TMPDIR" "$HOST_PORT" > /dev/null 2>&1 3>&- &
    HOST_SERVER=$!
    echo host > "$BATS_TEST_TMPDIR/index.html"
    wait_for 5 get "http://$1:$HOST_PORT/"
}

# --- 21 ------------------------------------------------------------------------------------

@test 'a privileged port is refused before anything exists, naming the sysctl and another port' {
    [ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 80 ] || skip 'any user may bind port 80 here'
    fails 125 cubby run -d --name low -p 80:80 bb:1 sleep 100
    out_is ''
    err_has 'net.ipv4.ip_unprivileged_port_start=80'
    err_has '-p 8080:80'
    ok cubby ps -aq
    out_is ''
}

@test 'inside, any user may bind port 80 and ping, with and without a network' {
    for mode in none default; do
        ok cubby run --rm --network "$mode" -u 33:33 bb:1 sh -c 'httpd -p 127.0.0.1:80 -h /etc && wget -qO- http://127.0.0.1/hosts | grep -c localhost
            set -- $(cat /proc/sys/net/ipv4/ping_group_range) && [ "$1" -le 33 ] && [ "$2" -ge 33 ]'
        out_is 2
    done
}

@test 'a sysctl of the user beats ours' {
    ok cubby run --rm --sysctl net.ipv4.ip_unprivileged_port_start=7 bb:1 cat /proc/sys/net/ipv4/ip_unprivileged_port_start
    out_is 7
}

@test 'congestion is left to the links that may have one, unless the user says otherwise' {
    for mode in none default; do
        ok cubby run --rm --network "$mode" bb:1 cat /proc/sys/net/ipv4/tcp_congestion_control
        out_is reno
    done
    [[ " $(cat /proc/sys/net/ipv4/tcp_allowed_congestion_control) " == *' cubic '* ]] || return 0
    ok cubby run --rm --sysctl net.ipv4.tcp_congestion_control=cubic bb:1 cat /proc/sys/net/ipv4/tcp_congestion_control
    out_is cubic
}

# --- 22 ------------------------------------------------------------------------------------

@test 'hosts has both localhosts, the own name, the host, and what --add-host says' {
    ok cubby run --rm --name me -h box --add-host a:10.1.1.1 --add-host b:host-gateway bb:1 cat /etc/hosts
    out_matches $'127.0.0.1\tlocalhost'
    out_matches $'::1\tlocalhost'
    out_matches $'10.0.2.100\tbox me'
    out_matches $'10.0.2.2\thost.containers.internal host.docker.internal'
    out_matches $'10.1.1.1\ta'
    out_matches $'10.0.2.2\tb'
}

@test 'a host entry that is none is refused' {
    fails 125 cubby run --rm --add-host nonsense bb:1 true
    err_has nonsense
}

@test 'what cannot stand in resolv.conf or hosts is refused before anything is made' {
    refused=(
        --dns='' --dns=nonsense --dns=1.2.3 --dns='192.0.2.1 192.0.2.2' --dns=$'192.0.2.1\nnameserver 192.0.2.2'
        --dns-search='' --dns-search='a b' --dns-search=$'a\nnameserver 192.0.2.2'
        --dns-search="$(printf 'a%.0s' {1..300})"
        --dns-option='' --dns-option=$'a\nnameserver 192.0.2.2'
        --hostname='a b' --hostname=$'a\n192.0.2.1 b' --hostname='a#'
        --domainname='a b' --domainname=$'a\nb' --domainname="$(printf 'a%.0s' {1..65})"
    )
    for flag in "${refused[@]}"; do
        fails 125 cubby create "$flag" bb:1 true
        err_has "${flag%%=*}"
    done
    fails 125 cubby create --dns none --dns 192.0.2.1 bb:1 true
    err_has 'none'
    ok cubby ps -aq
    out_is ''
    ok cubby run --rm --dns none --dns-search . --dns-option ndots:1 --domainname '' bb:1 cat /etc/resolv.conf
    out_is 'options ndots:1'
    ok cubby run --rm --dns fe80::1%eth0 --dns-search . bb:1 cat /etc/resolv.conf
    out_has 'nameserver fe80::1%eth0'
}

@test 'resolv.conf names the network, keeps the search domains, and yields to --dns' {
    ok cubby run --rm bb:1 cat /etc/resolv.conf
    out_matches 'nameserver 10\.0\.2\.3'
    ok cubby run --rm --dns 192.0.2.53 --dns-search a.example --dns-option ndots:3 bb:1 cat /etc/resolv.conf
    out_is $'search a.example\nnameserver 192.0.2.53\noptions ndots:3'
}

@test 'under the host network the files of the host show' {
    ok cubby run --rm --network host bb:1 cat /etc/resolv.conf
    out_is "$(cat /etc/resolv.conf)"
    ok cubby run --rm --network host bb:1 cat /etc/hosts
    out_has "$(head -n 1 /etc/hosts)"
}

@test 'hosts and resolv.conf are made anew at each start' {
    ok cubby run -d --name again bb:1 sleep 100
    ok cubby exec again sh -c 'echo gone > /etc/hosts'
    ok cubby restart -t 0 again
    ok cubby exec again cat /etc/hosts
    out_has localhost
}

# --- 23 ------------------------------------------------------------------------------------

@test 'every name of the default network works, and an unknown one is refused' {
    for name in bridge podman default private slirp4netns; do
        ok cubby run --rm --network "$name" bb:1 ip -4 -o addr show tap0
        out_has 10.0.2.100/24
    done
    fails 125 cubby run --rm --network nowhere bb:1 true
    err_has nowhere
}

@test 'network ls shows the networks before any is created' {
    ok cubby network ls
    out_matches 'NETWORK ID +NAME +DRIVER'
    out_matches '[0-9a-f]{12} +podman +bridge'
    ok cubby network ls -q
    [ "${#lines[@]}" -ge 1 ]
}

@test 'options of slirp4netns: subnet, MTU, IPv6' {
    ok cubby run --rm --network slirp4netns:cidr=10.77.0.0/24,mtu=1400,enable_ipv6=false bb:1 ip addr show tap0
    out_has 10.77.0.100/24
    out_has 'mtu 1400'
    out_lacks fd00:
    fails 125 cubby run --rm --network slirp4netns:colour=red bb:1 true
    err_has colour
}

@test 'without a network there is loopback alone' {
    ok cubby run --rm --network none bb:1 sh -c 'ls /sys/class/net; ping -c 1 -W 1 10.0.2.2 > /dev/null 2>&1 || ip route'
    out_is lo
}

@test 'a container shares the network of another' {
    web first 8000
    ok cubby run --rm --network container:first bb:1 wget -qO- http://127.0.0.1:8000/
    out_is first
    fails 125 cubby run --rm --network container:nobody bb:1 true
    err_has nobody
}

@test 'inspect tells where the network namespace of one that runs is' {
    local key
    web first 8000
    ok cubby inspect first --format '{{.NetworkSettings.SandboxKey}}'
    key=$output
    ok cubby exec first readlink /proc/self/ns/net
    [ "$(readlink "$key")" = "$output" ]
    ok cubby stop -t 0 first
    ok cubby inspect first --format '{{.NetworkSettings.SandboxKey}}'
    out_is ''
}

@test 'who shares a network has its names: what would change them is refused' {
    web first 8000
    for option in --dns=192.0.2.1 --dns-search=example.com --dns-option=ndots:2 --add-host=a:192.0.2.1; do
        fails 125 cubby create --name second --network container:first "$option" bb:1
        err_has "${option%%=*} cannot be given with --network container:first"
        err_has 'the container whose network it is'
    done
    fails 1 cubby container exists second
}

@test 'a network namespace by its path is refused with what there is in its place' {
    fails 125 cubby run --rm --network ns:/proc/self/ns/net bb:1 true
    err_has '--network ns: a network namespace cannot be given by its path'
    err_has '--network container:NAME'
}

# --- 24: published ports -------------------------------------------------------------------------

@test 'a port is published on IPv4 and IPv6, and gone with its container' {
    local port
    port=$(free_port)
    web web 80 -p "$port:80"
    wait_for 5 says "http://127.0.0.1:$port/" web
    says "http://127.0.0.2:$port/" web
    [ ! -e /proc/net/if_inet6 ] || ! grep -q ' lo$' /proc/net/if_inet6 || says "http://[::1]:$port/" web
    ok cubby port web
    out_has "80/tcp -> 0.0.0.0:$port"
    ok cubby port web 80
    out_has "0.0.0.0:$port"
    ok cubby ps --format '{{.Ports}}'
    out_has "0.0.0.0:$port->80/tcp"
    ok cubby stop -t 0 web
    fails 7 get "http://127.0.0.1:$port/"
}

@test 'ranges, single addresses and random ports' {
    local port
    port=$(free_port 2)
    web web 81 -p "127.0.0.2:$port-$((port + 1)):80-81" -p 81
    wait_for 5 says "http://127.0.0.2:$((port + 1))/" web
    fails 7 get "http://127.0.0.1:$((port + 1))/"
    ok cubby port web 80
    out_is "127.0.0.2:$port"
    ok cubby ps --format '{{.Ports}}'
    out_has "127.0.0.2:$port-$((port + 1))->80-81/tcp"
    ok cubby port web 81/tcp
    random=$(printf '%s\n' "${lines[@]}" | sed -n 's/^0\.0\.0\.0://p')
    says "http://127.0.0.1:$random/" web
    try cubby port web 99
    [ "$status" != 0 ]
}

@test 'a port in use is an error that names it, and nothing runs' {
    local port
    port=$(free_port)
    web one 80 -p "$port:80"
    fails 125 cubby run -d --rm --name two -p "$port:80" bb:1 touch /ran
    err_has "$port"
    err_has 'address already in use'
    err_has 'cubby port -a'
    err_has '-p 80 takes one that is free'
    out_is ''
    fails 125 cubby run --rm -p "127.0.0.1:$port:80" bb:1 true
    fails 125 cubby run --rm -p 203.0.113.7:8080:80 bb:1 true
    err_has 203.0.113.7
    fails 125 cubby run --rm -p nonsense bb:1 true
    fails 125 cubby run --rm -p 8080:80/sctp bb:1 true
}

@test 'the server sees the address of its client' {
    local port
    need_host_ip
    port=$(free_port)
    web web 80 -p "$port:80"
    wait_for 5 says "http://127.0.0.1:$port/" web
    # busybox' httpd listens on IPv6, which shows an IPv4 address as a mapped one
    [[ $(get "http://$HOST_IP:$port/cgi-bin/who") == *"$HOST_IP"* ]]
    [[ $(get "http://127.0.0.1:$port/cgi-bin/who") == *10.0.2.2* ]]
}

@test 'a port whose server does not listen is reset, not held' {
    local port
    port=$(free_port)
    ok cubby run -d -p "$port:80" bb:1 sleep 100
    # 56: reset while reading; 7: reset right after it connected
    try get "http://127.0.0.1:$port/"
    [ "$status" = 56 ] || [ "$status" = 7 ]
}

@test "a server on the container's 127.0.0.1 is not published" {
    local port
    port=$(free_port)
    web web 127.0.0.1:80 -p "$port:80"
    wait_for 5 cubby exec web wget -qO- http://127.0.0.1/
    try get "http://127.0.0.1:$port/"
    [ "$status" != 0 ]
}

@test 'restart with open connections never says that the address is in use' {
    local port
    port=$(free_port)
    web web 80 -p "$port:80"
    wait_for 5 says "http://127.0.0.1:$port/" web
    exec 7<> "/dev/tcp/127.0.0.1/$port"
    printf 'GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n' >&7
    read -r -t 5 line <&7
    [[ $line == HTTP/1.1* ]]
    for _ in 1 2 3; do
        ok cubby restart -t 0 web
        wait_for 5 says "http://127.0.0.1:$port/" web
    done
    exec 7>&-
}

@test "a container reaches its own and others' published ports by the host's address" {
    local port
    need_host_ip
    port=$(free_port)
    web web 80 -p "$port:80"
    for at in "$HOST_IP" host.containers.internal; do
        ok cubby exec web timeout 5 wget -qO- "http://$at:$port/"
        out_is web
        ok cubby run --rm bb:1 timeout 5 wget -qO- "http://$at:$port/"
        out_is web
    done
}

@test 'half-closed streams: the answer comes after the end of the question' {
    local port
    port=$(free_port)
    ok cubby run -d -p "$port:80" bb:1 sh -c 'while :; do nc -l -p 80 -e sh -c "wc -c"; done'
    wait_for 5 cubby exec "$output" sh -c 'netstat -tln | grep -q :80'
    run python3 - "$port" <<'END'
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)
s.sendall(b"x" * 300000)
s.shutdown(socket.SHUT_WR)
print(s.makefile().read().strip())
END
    [ "$output" = 300000 ]
}

# waits_of TABLE PORT: the timer and its rest, in hundredths of a second, of the connections of a port in /proc/net/tcp
waits_of() {
    awk -v port="$(printf ':%04X' "$2")" '
        function number(hex,   i, n) {
            for (i = 1; i <= length(hex); i++) n = n * 16 + index("0123456789ABCDEF", substr(hex, i, 1)) - 1
            return n
        }
        $4 == "01" && ($2 ~ port "$" || $3 ~ port "$") { split($6, t, ":"); print t[1], number(t[2]) }' "$1"
}

@test 'a connection that idles is watched by the kernel alone, which asks after hours' {
    local port waits
    port=$(free_port)
    ok cubby run -d --name web -p "$port:80" bb:1 sh -c 'nc -l -p 80 -e cat'
    wait_for 5 cubby exec web sh -c 'netstat -tln | grep -q :80'
    exec 7<> "/dev/tcp/127.0.0.1/$port"
    echo before >&7
    read -r -t 5 line <&7
    [ "$line" = before ]
    # what was said is acknowledged: nothing is left to be sent again
    quiet() { waits_of "$1" "$2" | grep -q '^02' && ! waits_of "$1" "$2" | grep -q '^01'; }
    quiet_inside() { cubby exec web cat /proc/net/tcp > "$BATS_TEST_TMPDIR/inside" && quiet "$BATS_TEST_TMPDIR/inside" 80; }
    wait_for 5 quiet_inside
    wait_for 5 quiet /proc/net/tcp "$port"
    for waits in "$(waits_of /proc/net/tcp "$port" | awk '$1 == "02"')" \
        "$(waits_of "$BATS_TEST_TMPDIR/inside" 80 | awk '$1 == "02"')"; do
        [ -n "$waits" ]
        # an hour and more, on both of the helper's sides
        [ "$(awk '$2 < 360000' <<< "$waits")" = '' ]
    done
    # the helper has no timer of its own: it waits without an end
    echo after >&7
    read -r -t 5 line <&7
    [ "$line" = after ]
    exec 7>&-
}

@test 'all exposed ports are published by -P' {
    ok cubby run -d --name web -P --expose 80 --expose 5353/udp bb:1 sleep 100
    ok cubby port web
    out_matches '80/tcp -> 0\.0\.0\.0:[0-9]+'
    out_matches '5353/udp -> 0\.0\.0\.0:[0-9]+'
}

# --- 25: the host ------------------------------------------------------------------------------------

@test 'the host answers by its names on 0.0.0.0, and refuses at once on 127.0.0.1' {
    need_host_ip
    host_server 0.0.0.0
    ok cubby run --rm bb:1 timeout 5 wget -qO- "http://host.docker.internal:$HOST_PORT/"
    out_is host
    kill "$HOST_SERVER"
    host_server 127.0.0.1
    fails 1 cubby run --rm bb:1 timeout 3 wget -qO- "http://host.containers.internal:$HOST_PORT/"
    fails 1 cubby run --rm bb:1 timeout 3 wget -qO- "http://$HOST_IP:$HOST_PORT/"
    ok cubby run --rm --network slirp4netns:allow_host_loopback=true bb:1 timeout 5 wget -qO- "http://host.containers.internal:$HOST_PORT/"
    out_is host
}

# --- when things break -------------------------------------------------------------------------------

# part_of NAME: pid of the cubby-net of a container
part_of() { pgrep -x -P "$(cubby inspect "$1" --format '{{.State.ConmonPid}}')" cubby-net; }
older_than_a_second() { [ "$(ps -o etimes= -p "$1")" -ge 2 ]; }

@test 'a network helper that is killed is replaced, with the same addresses and ports' {
    local port pid
    need_host_ip
    port=$(free_port)
    web web 80 -p "$port:80"
    wait_for 5 says "http://127.0.0.1:$port/" web
    pid=$(part_of web)
    wait_for 5 older_than_a_second "$pid" # one that ends at once is given up
    kill -9 "$pid"
    wait_for 5 says "http://127.0.0.1:$port/" web
    ok cubby exec web ip -4 -o addr show tap0
    out_has 10.0.2.100/24
    ok cubby exec web timeout 5 wget -qO- "http://host.containers.internal:$port/"
    out_is web
    [ "$(part_of web)" != "$pid" ]
}

@test 'ports are free at once when the monitor is killed' {
    local port
    port=$(free_port)
    web web 80 -p "$port:80"
    wait_for 5 says "http://127.0.0.1:$port/" web
    kill -9 "$(cubby inspect web --format '{{.State.ConmonPid}}')"
    wait_for 5 cubby run --rm -p "$port:80" bb:1 true
}

@test 'filters of networks' {
    ok cubby network ls -q
    all=$(xargs <<< "$output")
    id=$(cubby network ls --no-trunc --format '{{.ID}}' --filter name=podman)
    for row in "name=podman|$all" 'name=nowhere|' "driver=bridge|$all" 'driver=macvlan|' "id=${id:0:8}|$all" \
        "scope=local|$all" 'scope=swarm|' "type=builtin|$all" 'type=custom|' "dangling=false|$all" 'dangling=true|' \
        'label=a|' "label!=a|$all" "until=1h|$all"; do
        got=$(cubby network ls -q --filter "${row%|*}" | xargs)
        [ "$got" = "${row#*|}" ] || { echo "$row: $got"; false; }
    done
    for bad in colour=red dangling=maybe until=soon type=strange name; do
        fails 125 cubby network ls --filter "$bad"
    done
}

@test 'network ls --noheading prints no headings' {
    ok cubby network ls --noheading
    out_lacks 'NETWORK ID'
    out_has podman
}

@test 'outbound_addr may name an interface, which has to have an address' {
    local interface
    interface=$(ip -4 -o addr show scope global | awk 'NR == 1 { print $2 }')
    [ -n "$interface" ] || skip 'this machine has no interface with an address'
    ok cubby run --rm --network "slirp4netns:outbound_addr=$interface" bb:1 ip -4 addr show tap0
    out_has 10.0.2.100
    fails 125 cubby run --rm --network slirp4netns:outbound_addr=nosuch0 bb:1 true
    err_has "no interface 'nosuch0' with an IPv4 address"
    fails 125 cubby run --rm --network slirp4netns:outbound_addr6=lo bb:1 true
    err_has "'lo'"
    fails 125 cubby run --rm --network slirp4netns:outbound_addr=lo bb:1 true
    err_has "loopback interface 'lo'"
    err_lacks 'no interface'
    fails 125 cubby create --network slirp4netns:outbound_addr=1.2.3 bb:1 true
    err_has "'1.2.3'"
}
