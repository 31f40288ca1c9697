# SPDX-License-Identifier: LGPL-2.1-or-later
# run-networks - containers on networks that the user made: --network, --ip, --network-alias and the like

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    ok cubby network create --subnet 10.91.1.0/24 a
    ok cubby network create --subnet 10.91.2.0/24 b
    ok cubby network create --subnet 10.91.3.0/24 --subnet fd91::/64 six
    ok cubby network create --subnet 10.91.4.0/24 --internal inner
}

# inside NAME COMMAND...: in a container that runs
inside() { cubby exec "$@"; }
# idle NAME OPTIONS...: a container that does nothing
idle() {
    local name=$1
    shift
    ok cubby run -d --name "$name" "$@" bb:1 sleep 1000
}
field() { cubby inspect "$1" --format "$2"; }
address() { field "$1" "{{(index .NetworkSettings.Networks \"$2\").IPAddress}}"; }
# as_docker: what follows is called by that name
as_docker() {
    ln -s "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker
}
# web NAME OPTIONS...: a container that serves its name on port 80, and the client's address in a CGI
web() {
    local name=$1
    shift
    ok cubby run -d --name "$name" "$@" bb:1 sh -c "mkdir -p /w/cgi-bin; echo $name > /w/index.html
        printf '#!/bin/sh\necho; echo \$REMOTE_ADDR\n' > /w/cgi-bin/who; chmod +x /w/cgi-bin/who
        exec httpd -f -p 80 -h /w"
}
get() { curl -sS --max-time 5 "$@"; }
says() { [ "$(get "$1")" = "$2" ]; }
reaches() { [ "$(inside "$1" timeout 5 wget -qO- "http://$2/")" = "$3" ]; }

@test 'a container on a network has its address there, and the network leads out' {
    idle one --network a
    ok inside one ip -4 -o addr show eth0
    out_has 10.91.1.2/24
    ok inside one ip route
    out_has 'default via 10.91.1.1 dev eth0'
    ok inside one cat /etc/hosts
    out_has "10.91.1.2"$'\t'
    out_has "10.91.1.1"$'\t''host.containers.internal host.docker.internal'
    ok inside one cat /etc/resolv.conf
    out_has 'nameserver 169.254.1.1'
    out_matches '^search dns.podman'
}

@test 'two containers of one network reach each other, those of another do not' {
    web one --network a
    idle two --network a
    idle other --network b
    wait_for 5 reaches two 10.91.1.2 one
    try inside other timeout 1 wget -qO- http://10.91.1.2/
    [ "$status" != 0 ]
}

@test 'a container on several networks has an interface on each' {
    idle both --network a --network b,six
    ok inside both ls /sys/class/net
    out_is $'eth0\neth1\neth2\nlo'
    ok inside both ip -4 -o addr
    out_has 'eth0    inet 10.91.1.2/24'
    out_has 'eth1    inet 10.91.2.2/24'
    ok inside both ip -6 -o addr show eth2
    out_has 'fd91::2/64'
    ok inside both ip route
    out_matches 'default via 10\.91\.1\.1 dev eth0'
    ok cubby ps --format '{{.Networks}}'
    out_is a,b,six
}

@test 'the highest gw-priority has the default route' {
    idle both --network a --network name=b,gw-priority=1
    ok inside both ip route
    out_has 'default via 10.91.2.1 dev eth1'
}

@test 'the default network is one of several' {
    idle both --network podman --network a
    ok inside both ip -4 -o addr
    out_has 'eth0    inet 10.91.1.2/24'
    out_has 'tap0    inet 10.0.2.100/24'
    ok inside both ip route
    out_has 'default via 10.0.2.2 dev tap0'
    ok inside both cat /etc/resolv.conf
    out_has 'nameserver 169.254.1.1'
    as_docker
    ok cubby ps --format '{{.Networks}}'
    out_is bridge,a
}

@test 'addresses and the name of the interface can be chosen' {
    idle mine --network a:ip=10.91.1.77,mac=02:00:00:00:00:77,interface_name=wan0
    ok inside mine ip -4 -o addr show wan0
    out_has 10.91.1.77/24
    ok inside mine cat /sys/class/net/wan0/address
    out_is 02:00:00:00:00:77
    idle same --network a --ip 10.91.1.78 --mac-address 02-00-00-00-00-78
    ok address same a
    out_is 10.91.1.78
    idle six --network six --ip6 fd91::77
    ok inside six ip -6 -o addr show eth0
    out_has fd91::77/64
    ok field mine '{{(index .NetworkSettings.Networks "a").IPAMConfig.IPv4Address}}'
    out_is 10.91.1.77
}

@test 'the address and the link address on the default network can be chosen' {
    idle mine --ip 10.0.2.50 --ip6 fd00::50 --mac-address 02:00:00:00:00:50
    ok inside mine ip -o addr show tap0
    out_has 10.0.2.50/24
    out_has fd00::50/64
    ok inside mine cat /sys/class/net/tap0/address
    out_is 02:00:00:00:00:50
    ok field mine '{{.NetworkSettings.IPAddress}}'
    out_is 10.0.2.50
}

@test 'an address that another has, or that is none of the network, is refused before anything is made' {
    idle mine --network a --ip 10.91.1.77
    fails 125 cubby run -d --rm --name late --network a --ip 10.91.1.77 bb:1 true
    err_has 10.91.1.77
    err_has mine
    for ip in 10.92.0.1 10.91.1.1 10.91.1.0 10.91.1.255; do
        fails 125 cubby run -d --rm --name late --network a --ip "$ip" bb:1 true
        err_has "$ip"
    done
    fails 125 cubby run --rm --network a --ip6 fd91::5 bb:1 true
    err_has fd91::5
    fails 125 cubby run --rm --network host --ip 10.91.1.5 bb:1 true
    err_has '--ip'
    fails 125 cubby run --rm --network a --network b --mac-address 02:00:00:00:00:01 bb:1 true
    err_has 'several networks'
    ok cubby ps -aq
    [ "${#lines[@]}" = 1 ]
}

@test 'a network that is not there is refused with those that are, before anything is fetched' {
    fails 125 cubby run --rm --network nowhere nosuch.example/image true
    err_has "no network named 'nowhere'"
    err_has 'a, b, inner, six'
    err_has 'network create nowhere'
    fails 125 cubby run --rm --network a --network host bb:1 true
    err_has host
    fails 125 cubby run --rm --network a:ip bb:1 true
    err_has "the network option 'ip' has no value"
    fails 125 cubby run --rm --network a --network a bb:1 true
    err_has twice
}

@test 'aliases are shown, and are not for networks without names' {
    idle named --network a:alias=x --network b --network-alias y --net-alias z
    ok field named '{{json (index .NetworkSettings.Networks "a").Aliases}}'
    out_matches '^\["x","y","z","[0-9a-f]{12}"\]$'
    ok field named '{{json (index .NetworkSettings.Networks "b").DNSNames}}'
    out_matches '^\["named","y","z","[0-9a-f]{12}"\]$'
    fails 125 cubby run --rm --network-alias x bb:1 true
    err_has '--network-alias'
    fails 125 cubby run --rm --network none --network-alias x bb:1 true
    err_has '--network-alias'
}

@test 'inspect names the network, its id, gateway and prefix, for both tools' {
    idle one --network a
    id=$(cubby network inspect a --format '{{.ID}}')
    ok field one '{{.HostConfig.NetworkMode}} {{with index .NetworkSettings.Networks "a"}}{{.NetworkID}} {{.Gateway}} {{.IPPrefixLen}} {{.MacAddress}}{{end}}'
    out_matches '^bridge a 10\.91\.1\.1 24 [0-9a-f:]{17}$'
    as_docker
    ok cubby inspect one --format '{{.HostConfig.NetworkMode}} {{(index .NetworkSettings.Networks "a").NetworkID}}'
    out_is "a $id"
    ok cubby ps --filter network=a --format '{{.Names}}'
    out_is one
    ok cubby ps --filter network=b --format '{{.Names}}'
    out_is ''
}

@test 'stop, start and restart keep the address while it is free' {
    idle one --network a
    idle two --network a
    was=$(address two a)
    ok cubby rm -f -t 0 one
    ok cubby restart -t 0 two
    ok address two a
    out_is "$was"
    ok cubby stop -t 0 two
    ok cubby start two
    ok address two a
    out_is "$was"
    ok inside two ip -4 -o addr show eth0
    out_has "$was/24"
}

@test 'a restart policy keeps the address over its runs' {
    idle keeper --network a
    ok cubby run -d --name again --network a --restart on-failure:2 bb:1 sh -c 'ip -4 -o addr show eth0 | tee -a /seen; exit 1'
    over() { [ "$(field again '{{.RestartCount}} {{.State.Status}}')" = '2 exited' ]; }
    wait_for 20 over
    ok cubby logs again
    [ "${#lines[@]}" = 3 ]
    [ "${lines[0]}" = "${lines[2]}" ]
}

@test 'published ports of a container on a network show the client' {
    local port
    port=$(free_port)
    web web --network a -p "$port:80"
    wait_for 5 says "http://127.0.0.1:$port/" web
    [[ $(get "http://127.0.0.1:$port/cgi-bin/who") == *10.91.1.1* ]]
    host=$(python3 -c 'import socket; s = socket.socket(type=socket.SOCK_DGRAM); s.connect(("198.51.100.1", 9)); print(s.getsockname()[0])' 2> /dev/null) ||
        skip 'this machine has no address but loopback'
    [[ $(get "http://$host:$port/cgi-bin/who") == *"$host"* ]]
    ok cubby port web 80
    out_has "0.0.0.0:$port"
    ok cubby stop -t 0 web
    fails 7 get "http://127.0.0.1:$port/"
}

@test 'on an internal network there is no way out, and no port is published' {
    idle in --network inner
    ok inside in ip route
    out_lacks default
    fails 125 cubby run -d --name no --network inner -p 8080:80 bb:1 true
    err_has internal
    ok cubby ps -aq
    [ "${#lines[@]}" = 1 ]
    idle half --network inner --network a -p "$(free_port):80"
    ok inside half ip route
    out_has 'default via 10.91.1.1 dev eth1'
}

@test 'twenty containers that start at once have twenty addresses' {
    for i in {1..20}; do
        cubby run -d --name "n$i" --network a bb:1 sleep 1000 > "$BATS_TEST_TMPDIR/$i" 2>&1 3>&- &
        pids[i]=$!
    done
    for i in {1..20}; do
        wait "${pids[i]}" || { cat "$BATS_TEST_TMPDIR/$i" >&2; false; }
    done
    count=$(for i in {1..20}; do inside "n$i" ip -4 -o addr show eth0 | awk '{ print $4 }'; done | sort -u | wc -l)
    [ "$count" = 20 ]
}

# holder NETWORK: the process that holds it, by its record
holder() { sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$STORE/networks/$1".*.holder; }

@test 'a holder that is killed is replaced, and addresses stay' {
    web one --network a
    idle two --network a
    wait_for 5 reaches two 10.91.1.2 one
    old=$(holder a)
    kill -9 "$old"
    replaced() { [ "$(holder a)" != "$old" ]; }
    wait_for 10 replaced
    reaches two 10.91.1.2 one
    idle three --network a
    ok address three a
    out_is 10.91.1.4
    wait_for 10 inside two timeout 2 wget -qO- http://10.91.1.2/
}

@test 'who comes while the holder is gone waits for the members, which have the network' {
    local old monitor run
    web one --network a
    old=$(holder a)
    monitor=$(field one '{{.State.ConmonPid}}')
    kill -STOP "$monitor"
    kill -9 "$old"
    cubby run -d --name two --network a bb:1 sleep 1000 3>&- &
    run=$!
    # would it go on without them, then now
    timeout 2 tail --pid="$run" -f /dev/null || :
    kill -CONT "$monitor"
    wait "$run"
    [ "$(address one a)" != "$(address two a)" ]
    wait_for 10 reaches two one one
}

@test 'an address stays with a member that comes back later than somebody new comes' {
    local old monitor run
    web slow --network a
    idle quick --network a
    wait_for 5 reaches quick slow slow
    old=$(holder a)
    monitor=$(field slow '{{.State.ConmonPid}}')
    kill -STOP "$monitor"
    kill -9 "$old"
    replaced() { [ "$(holder a)" != "$old" ]; }
    wait_for 10 replaced
    cubby run -d --name two --network a bb:1 sleep 1000 3>&- &
    run=$!
    # would it go on without the slow one, then now
    timeout 2 tail --pid="$run" -f /dev/null || :
    kill -CONT "$monitor"
    wait "$run"
    ok address two a
    out_is 10.91.1.4
    wait_for 10 reaches two slow slow
}

@test 'the holder leaves with the last container' {
    idle one --network a
    idle two --network a
    pid=$(holder a)
    ok cubby rm -f -t 0 one
    kill -0 "$pid"
    ok cubby rm -f -t 0 two
    gone() { ! kill -0 "$pid" 2> /dev/null; }
    wait_for 5 gone
}

@test 'a monitor that is killed leaves its address and its name to the next at once' {
    idle watcher --network a
    idle one --network a --ip 10.91.1.77 --network-alias db
    pid=$(field one '{{.State.ConmonPid}}')
    kill -9 "$pid"
    ended() { ! grep -q '^State:[[:space:]]*[^ZX]' "/proc/$pid/status" 2> /dev/null; }
    wait_for 10 ended
    idle two --network a --ip 10.91.1.77 --network-alias backup
    fails 1 inside watcher nslookup db.dns.podman
    ok inside watcher nslookup backup.dns.podman
    out_has 10.91.1.77
}

@test 'a clone is on the same networks, with addresses of its own' {
    idle one --network a:ip=10.91.1.50,alias=x
    ok cubby container clone one two
    ok cubby start two
    [ "$(address two a)" != 10.91.1.50 ]
    ok field two '{{json (index .NetworkSettings.Networks "a").Aliases}}'
    out_has '"x"'
}

@test 'a container on several networks knows the names of all of them' {
    idle far --network b --network-alias x
    idle both --network a,b
    ok inside both nslookup far
    out_has 10.91.2.2
    ok inside both nslookup x
    out_has 10.91.2.2
    idle near --network a
    try inside near nslookup far
    [ "$status" != 0 ]
}

@test 'a container with ids of its own is on a network as well' {
    needs ranges
    web one --network a
    idle own --network a --userns auto
    wait_for 5 reaches own 10.91.1.2 one
}

@test 'the servers of --dns are asked by the network, whose names stay' {
    idle one --network a --dns 192.0.2.53 --dns-search x.example
    ok inside one cat /etc/resolv.conf
    out_is $'search dns.podman x.example\nnameserver 169.254.1.1'
}

@test 'a container has the routes of its network, too' {
    ok cubby network create --subnet 10.91.9.0/24 --route 10.21.0.0/24,10.91.9.5,77 routed
    idle r --network routed
    ok inside r ip route
    out_has '10.21.0.0/24 via 10.91.9.5 dev eth0  metric 77'
    out_has 'default via 10.91.9.1 dev eth0'
}
