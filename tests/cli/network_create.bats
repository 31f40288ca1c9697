# SPDX-License-Identifier: LGPL-2.1-or-later
# network create - which networks are made, with which addresses, and what is refused

load ../lib/common

teardown() {
    test_teardown
    cubby network prune -f > /dev/null
}

as_docker() {
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker "$@"
}

# subnets NAME: SUBNET GATEWAY of each
subnets() { cubby network inspect "$1" --format '{{range .Subnets}}{{.Subnet}} {{.Gateway}};{{end}}'; }

# create ARGS...: a network, which must be made
create() { ok cubby network create "$@"; }

@test 'the name is printed, as docker the id, and only one has a name' {
    create web
    out_is web
    fails 125 cubby network create web
    err_has "a network named 'web' is there already"
    create --ignore web
    out_is web
    as_docker ok cubby network create db
    out_matches '^[0-9a-f]{64}$'
    as_docker fails 1 cubby network create db
    as_docker fails 1 cubby network create
    err_has 'name is missing'
}

@test 'without a name it is called podman1 and so on' {
    create
    out_is podman1
    create podman3
    create
    out_is podman2
    create
    out_is podman4
}

@test 'names that are there anyway, or are none, are refused' {
    for name in podman bridge host none container default a/b -x .x 'a b' ''; do
        fails 125 cubby network create -- "$name"
        err_has "invalid network name '$name'"
    done
}

@test 'many at once get subnets of their own' {
    for i in 1 2 3 4 5 6 7 8; do
        cubby network create "n$i" > /dev/null &
    done
    wait
    got=$(for i in 1 2 3 4 5 6 7 8; do subnets "n$i"; done | sort -u | wc -l)
    [ "$got" = 8 ]
}

@test 'of many at once with one name exactly one is made' {
    for i in 1 2 3 4 5 6; do
        cubby network create same > "$BATS_TEST_TMPDIR/$i" 2> /dev/null &
    done
    wait
    [ "$(cat "$BATS_TEST_TMPDIR"/[1-6] | wc -l)" = 1 ]
}

@test 'a free subnet is chosen, as docker one of those that docker takes' {
    create a
    create b
    [[ $(subnets a) =~ ^10\.[0-9]+\.[0-9]+\.0/24\ 10\.[0-9]+\.[0-9]+\.1\;$ ]]
    [ "$(subnets a)" != "$(subnets b)" ]
    as_docker ok cubby network create c
    [[ $(subnets c) =~ ^(172|192|10)\. ]]
}

@test 'a chosen subnet avoids what this host is on' {
    ip -4 -o addr show scope global > "$BATS_TEST_TMPDIR/addresses" || skip 'no ip command'
    create a
    python3 - "$(subnets a | cut -d' ' -f1)" "$BATS_TEST_TMPDIR/addresses" << 'END'
import ipaddress, sys
net = ipaddress.ip_network(sys.argv[1])
for line in open(sys.argv[2]):
    there = ipaddress.ip_interface(line.split()[3]).network
    assert not net.overlaps(there), (net, there)
END
}

@test 'subnet, gateway and range are as they are asked for' {
    create --subnet 10.77.0.0/16 --gateway 10.77.0.9 --ip-range 10.77.5.0/24 web
    [ "$(subnets web)" = '10.77.0.0/16 10.77.0.9;' ]
    ok cubby network inspect web --format '{{range .Subnets}}{{.LeaseRange.StartIP}} {{.LeaseRange.EndIP}}{{end}}'
    out_is '10.77.5.1 10.77.5.255'
    create --subnet 10.78.0.0/24 --ip-range 10.78.0.10-10.78.0.20 part
    ok cubby network inspect part --format '{{range .Subnets}}{{.LeaseRange.StartIP}} {{.LeaseRange.EndIP}}{{end}}'
    out_is '10.78.0.10 10.78.0.20'
}

@test 'both families: --ipv6, --ipv4, and subnets of both' {
    create --ipv6 six
    [[ $(subnets six) =~ ^10\..*\;fd[0-9a-f:]+/64\ fd[0-9a-f:]+::1\;$ ]]
    create --subnet fd12:3456::/64 only6
    [ "$(subnets only6)" = 'fd12:3456::/64 fd12:3456::1;' ]
    create --subnet fd12:3457::/64 --ipv4 both
    [[ $(subnets both) =~ ^fd12:3457::/64\ fd12:3457::1\;10\. ]]
    create --ipv6 --ipv4=false no4
    [[ $(subnets no4) =~ ^fd[^\;]*\;$ ]]
    create --subnet fd12:3458::/64 --subnet 10.79.0.0/24 --gateway 10.79.0.2 --gateway fd12:3458::2 pair
    [ "$(subnets pair)" = 'fd12:3458::/64 fd12:3458::2;10.79.0.0/24 10.79.0.2;' ]
    fails 125 cubby network create --ipv4=false none4
    err_has 'needs IPv4 or IPv6'
}

@test 'an overlap is refused and names the other network' {
    create --subnet 10.77.0.0/16 web
    fails 125 cubby network create --subnet 10.77.3.0/24 db
    err_has "the subnet '10.77.3.0/24' overlaps '10.77.0.0/16' of the network 'web'"
    fails 1 cubby network exists db
    ok cubby network rm web
    create --subnet 10.77.3.0/24 db
}

@test 'a subnet that is the default network, or one of this host, is taken with a warning' {
    create --subnet 10.0.2.0/24 same
    err_has "overlaps the default network 'podman'"
    address=$(ip -4 -o addr show scope global 2> /dev/null | awk '{ print $4; exit }')
    [ -n "$address" ] || return 0
    create --subnet "$(python3 -c 'import ipaddress, sys; print(ipaddress.ip_interface(sys.argv[1]).network)' "$address")" near
    err_has "overlaps a network of this host"
}

@test 'an address in place of a network means its network, as docker it is refused' {
    create --subnet 10.77.5.7/24 web
    [ "$(subnets web)" = '10.77.5.0/24 10.77.5.1;' ]
    as_docker fails 1 cubby network create --subnet 10.78.5.7/24 db
    err_has '--subnet 10.78.5.0/24'
}

@test 'addresses that cannot be are refused' {
    for bad in 10.77.0.0 10.77.0.0/33 x 10.77.0.1/32 127.0.0.0/8 169.254.0.0/16 224.0.0.0/24 0.0.0.0/0 fe80::/64; do
        fails 125 cubby network create --subnet "$bad" web
        err_has "$bad"
    done
    fails 125 cubby network create --gateway 10.77.0.1 web
    err_has '--gateway cannot be given without --subnet'
    fails 125 cubby network create --subnet 10.77.0.0/24 --gateway 10.78.0.1 web
    err_has "the gateway '10.78.0.1' is in no --subnet"
    fails 125 cubby network create --subnet 10.77.0.0/24 --ip-range 10.78.0.0/25 web
    err_has "invalid range '10.78.0.0/25'"
    fails 125 cubby network create --subnet 10.77.0.0/24 --subnet 10.78.0.0/24 web
    err_has 'second of its family'
    fails 1 cubby network exists web
}

@test 'reserved addresses are kept and shown' {
    create --subnet 10.77.0.0/24 --aux-address printer=10.77.0.9 web
    as_docker ok cubby network inspect web --format '{{json (index .IPAM.Config 0).AuxiliaryAddresses}}'
    out_is '{"printer":"10.77.0.9"}'
    fails 125 cubby network create --subnet 10.78.0.0/24 --aux-address printer=10.79.0.9 db
    err_has "'10.79.0.9' is in no --subnet"
}

@test 'labels, --internal, --disable-dns and --dns are kept' {
    create --label a=b --label c --internal --disable-dns --dns 192.0.2.53 --dns 192.0.2.54 web
    ok cubby network inspect web --format '{{.Labels}} {{.Internal}} {{.DNSEnabled}} {{.NetworkDNSServers}}'
    out_is 'map[a:b c:] true false [192.0.2.53 192.0.2.54]'
    fails 125 cubby network create --dns nonsense db
    err_has "--dns 'nonsense' is no address"
    fails 125 cubby network create --label =x db
    err_has 'has no key'
}

@test 'routes are kept, and lead through an address of the network' {
    create --subnet 10.77.0.0/24 --route 10.21.0.0/24,10.77.0.5,100 web
    ok cubby network inspect web --format '{{range .Routes}}{{.Destination}} {{.Gateway}} {{.Metric}}{{end}}'
    out_is '10.21.0.0/24 10.77.0.5 100'
    fails 125 cubby network create --subnet 10.78.0.0/24 --route 10.21.0.0/24,10.77.0.5 db
    err_has "invalid route '10.21.0.0/24,10.77.0.5'"
}

@test 'the bridge has the name that is asked for, and only one has it' {
    create --interface-name mybr web
    ok cubby network inspect web --format '{{.NetworkInterface}}'
    out_is mybr
    fails 125 cubby network create --interface-name mybr db
    err_has "the network 'web' has the interface 'mybr' already"
    create -o com.docker.network.bridge.name=otherbr db
    ok cubby network inspect db --format '{{.NetworkInterface}}'
    out_is otherbr
    fails 125 cubby network create --interface-name much-too-long-name bad
    err_has 'cannot be the name of an interface'
}

@test 'the bridge driver and local addresses are all there is, in both tools words' {
    create -d bridge --ipam-driver host-local --scope local one
    as_docker ok cubby network create --driver bridge --ipam-driver default --attachable two
    for driver in macvlan ipvlan overlay host none nonsense; do
        fails 125 cubby network create -d "$driver" bad
        err_has "a network of the driver '$driver' cannot be made"
        err_has hint
    done
    for driver in dhcp none other; do
        fails 125 cubby network create --ipam-driver "$driver" bad
        err_has "the IPAM driver '$driver' is not there"
    done
    fails 125 cubby network create --scope swarm bad
    err_has 'scope'
    for flag in --config-only --config-from=x --ingress; do
        fails 125 cubby network create "$flag" bad
    done
    fails 1 cubby network exists bad
}

@test 'options that are so anyway are taken, others are refused with the reason' {
    create -o mtu=1500 -o isolate=true -o com.docker.network.bridge.enable_icc=true \
        -o com.docker.network.bridge.enable_ip_masquerade=true --opt mode=managed web
    ok cubby network inspect web --format '{{.Options.mtu}} {{.Options.isolate}}'
    out_is '1500 true'
    create -o com.docker.network.driver.mtu=9000 -o allow_host_loopback=true -o outbound_addr=192.0.2.1 big
    for bad in mtu=12 mtu=x mtu= isolate=maybe mode=unmanaged com.docker.network.bridge.enable_icc=false \
        com.docker.network.bridge.enable_ip_masquerade=false com.docker.network.bridge.gateway_mode_ipv4=routed \
        vlan=7 parent=eth0 no_default_route=1 metric=5 outbound_addr=fd00::1 outbound_addr6=1.2.3.4 \
        com.docker.network.bridge.host_binding_ipv4=127.0.0.1 nonsense=1; do
        fails 125 cubby network create -o "$bad" bad
        err_has "--opt ${bad%%=*}"
    done
    fails 125 cubby network create --ipv6 -o mtu=1000 bad
    err_has 'from 1280'
    fails 1 cubby network exists bad
}

@test 'making and removing are events, under the names of each tool' {
    since=$(date +%s.%N)
    create web
    id=$(cubby network inspect web --format '{{.ID}}')
    ok cubby network rm web
    ok cubby events --since "$since" --until 0s --filter type=network
    [[ ${lines[0]} == *"network create $id (name=web, type=bridge)" ]]
    [[ ${lines[1]} == *"network remove $id (name=web, type=bridge)" ]]
    as_docker ok cubby events --since "$since" --until 0s --filter type=network
    [[ ${lines[0]} == *"network create $id (name=web, type=bridge)" ]]
    [[ ${lines[1]} == *"network destroy $id (name=web, type=bridge)" ]]
}

@test 'addresses are given one behind the other, and --ipam-opt has nothing else to say' {
    import_busybox
    create --subnet 10.94.77.0/24 --ipam-opt com.docker.network.ipam.serial=true serial
    ok cubby run -d --name keeper --network serial bb:1 sleep 1000
    for want in 10.94.77.3 10.94.77.4; do
        ok cubby run --rm --network serial bb:1 ip -4 -o addr show eth0
        out_has "$want/24"
    done
    for bad in com.docker.network.ipam.serial=false color=red color; do
        fails 125 cubby network create --ipam-opt "$bad" other
        err_has "'$bad'"
    done
}
