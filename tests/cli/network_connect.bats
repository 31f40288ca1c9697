# SPDX-License-Identifier: LGPL-2.1-or-later
# network connect - putting containers on networks, running or not

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    ok cubby network create --subnet 10.93.1.0/24 a
    ok cubby network create --subnet 10.93.2.0/24 b
}

idle() {
    local name=$1
    shift
    ok cubby run -d --name "$name" "$@" bb:1 sleep 1000
}
inside() { cubby exec "$@"; }
address() { cubby inspect "$1" --format "{{(index .NetworkSettings.Networks \"$2\").IPAddress}}"; }
web() {
    local name=$1
    shift
    ok cubby run -d --name "$name" "$@" bb:1 sh -c "mkdir -p /w; echo $name > /w/index.html; exec httpd -f -p 80 -h /w"
}
says() { [ "$(curl -sS --max-time 5 "$1")" = "$2" ]; }

@test 'a running container gets an interface, an address and a line in its hosts' {
    idle one --network a
    web two --network b
    ok cubby network connect --alias x b one
    out_is ''
    ok inside one ip -4 -o addr show eth1
    out_has 10.93.2.3/24
    ok inside one cat /etc/hosts
    out_has $'10.93.1.2\t'
    out_has $'10.93.2.3\t'
    ok inside one timeout 5 wget -qO- http://10.93.2.2/
    out_is two
    ok cubby ps --filter name=one --format '{{.Networks}}'
    out_is a,b
    ok cubby inspect one --format '{{json (index .NetworkSettings.Networks "b").Aliases}}'
    out_has '"x"'
    ok cubby events --stream=false --filter type=network --filter event=connect --format '{{.Name}}'
    out_has b
}

@test 'what was connected is there after a restart, and after a run of a restart policy' {
    idle one --network a
    ok cubby network connect --ip 10.93.2.40 b one
    ok cubby restart -t 0 one
    ok inside one ip -4 -o addr show eth1
    out_has 10.93.2.40/24
    ok cubby run -d --name again --network a --restart on-failure:1 bb:1 sh -c 'read -r x < /go; ls /sys/class/net; exit 1'
    ok cubby rm -f -t 0 again
    ok cubby run -d --name again --network a --restart on-failure:1 bb:1 sh -c 'trap "ls /sys/class/net; exit 1" TERM; sleep 1000 & wait'
    ok cubby network connect b again
    ok cubby kill -s TERM again
    ok cubby wait again
    ok cubby logs again
    out_has eth1
}

@test 'one that does not run is on the network from its start on' {
    ok cubby create --name late --network a bb:1 sleep 1000
    ok cubby network connect --ip 10.93.2.77 --mac-address 02:00:00:00:00:77 b late
    ok cubby start late
    ok address late b
    out_is 10.93.2.77
    ok inside late cat /sys/class/net/eth1/address
    out_is 02:00:00:00:00:77
}

@test 'a container on the default network can be on another as well, and its names are asked there' {
    idle one
    ok inside one cat /etc/resolv.conf
    out_lacks 169.254.1.1
    ok cubby network connect a one
    ok inside one ip -4 -o addr show eth0
    out_has 10.93.1.2/24
    ok inside one ip route
    out_has 'default via 10.0.2.2 dev tap0'
    ok inside one cat /etc/resolv.conf
    out_has 'nameserver 169.254.1.1'
    ok cubby ps --format '{{.Networks}}'
    out_is podman,a
    ok cubby restart -t 0 one
    ok inside one ls /sys/class/net
    out_is $'eth0\nlo\ntap0'
}

@test 'a container of a network can be on the default one as well, with its ports' {
    local port
    port=$(free_port)
    web one --network a -p "$port:80"
    wait_for 5 says "http://127.0.0.1:$port/" one
    ok cubby network connect podman one
    ok inside one ip -4 -o addr show tap0
    out_has 10.0.2.100/24
    wait_for 5 says "http://127.0.0.1:$port/" one
    ok cubby network disconnect podman one
    ok inside one ls /sys/class/net
    out_is $'eth0\nlo'
    wait_for 5 says "http://127.0.0.1:$port/" one
    ok inside one ip route
    out_has 'default via 10.93.1.1 dev eth0'
}

@test 'the highest gw-priority takes the default route over, and gives it back' {
    idle one --network a
    ok cubby network connect --gw-priority 5 b one
    ok inside one ip route
    out_has 'default via 10.93.2.1 dev eth1'
    ok cubby network disconnect b one
    ok inside one ip route
    out_has 'default via 10.93.1.1 dev eth0'
}

@test 'an interface can be named by the driver option' {
    idle one --network a
    ok cubby network connect --driver-opt com.docker.network.endpoint.ifname=lan0 b one
    ok inside one ip -4 -o addr show lan0
    out_has 10.93.2.
    fails 125 cubby network connect --driver-opt colour=red b one
    err_has already
    ok cubby network disconnect b one
    fails 125 cubby network connect --driver-opt colour=red b one
    err_has colour
}

@test 'what is wrong is refused and changes nothing' {
    idle one --network a
    idle two --network b --ip 10.93.2.9
    fails 125 cubby network connect a one
    err_has 'already'
    fails 125 cubby network connect nowhere one
    err_has "no network named 'nowhere'"
    for mode in host none fast container:two; do
        fails 125 cubby network connect "$mode" one
        err_has "the network '$mode' is chosen when a container is made"
        err_has "--network $mode"
    done
    fails 125 cubby network connect a nobody
    err_has nobody
    fails 125 cubby network connect --ip 10.93.2.9 b one
    err_has two
    fails 125 cubby network connect --ip 10.99.0.1 b one
    err_has 10.99.0.1
    fails 125 cubby network connect --ip6 fd00::9 b one
    err_has fd00::9
    fails 125 cubby network connect --link-local-ip 169.254.9.9 b one
    for mode in none host container:one; do
        ok cubby run -d --name odd --network "$mode" bb:1 sleep 1000
        fails 125 cubby network connect a odd
        err_has "--network ${mode%:*}"
        ok cubby rm -f -t 0 odd
    done
    ok cubby ps --filter name=one --format '{{.Networks}}'
    out_is a
    ok inside one ls /sys/class/net
    out_is $'eth0\nlo'
}

@test 'connecting at once to several networks loses none' {
    idle one --network a
    for n in 1 2 3 4; do
        ok cubby network create "m$n"
        cubby network connect "m$n" one 3>&- &
        pids[n]=$!
    done
    for n in 1 2 3 4; do wait "${pids[n]}"; done
    ok inside one ls /sys/class/net
    out_is $'eth0\neth1\neth2\neth3\neth4\nlo'
    ok cubby inspect one --format '{{len .NetworkSettings.Networks}}'
    out_is 5
}

@test 'a running container of --network fast is on another network, and leaves it' {
    try cubby run -d --name quick --network fast bb:1 sleep 1000
    [[ $stderr != *'cannot confine sockets'* ]] || skip 'this kernel has no Landlock for TCP'
    [ "$status" = 0 ]
    web two --network b
    ok cubby network connect b quick
    says_two() { [ "$(inside quick timeout 5 wget -qO- http://two/)" = two ]; }
    wait_for 10 says_two
    ok inside quick ip -4 -o addr
    out_has 10.0.2.100/24
    ok cubby network disconnect b quick
    ok inside quick ip -4 -o addr
    out_lacks 10.93.2.
}

@test 'a link is a name that the container alone has for another, on every network that it is on' {
    web other --network a
    idle third --network a
    idle one --network b
    fails 1 inside one timeout 5 wget -qO- http://db/
    ok cubby network connect --link other:db --link other a one
    ok inside one timeout 5 wget -qO- http://db/
    out_is other
    fails 1 inside third timeout 5 wget -qO- http://db/
    ok cubby inspect one --format '{{json (index .NetworkSettings.Networks "a").Links}}'
    out_is '["other:db","other:other"]'
    # who is called so now is meant
    ok cubby rm -f -t 0 other
    web other --network a
    ok inside one timeout 5 wget -qO- http://db/
    out_is other
    ok cubby restart -t 0 one
    ok inside one timeout 5 wget -qO- http://db/
    ok cubby network disconnect a one
    fails 1 inside one timeout 5 wget -qO- http://db/
    fails 125 cubby network connect --link other:da/tabase a one
    err_has 'CONTAINER:ALIAS'
}

@test 'run --link needs a network that was made' {
    web other --network a
    ok cubby run --rm --network a --link /other:db bb:1 timeout 5 wget -qO- http://db/
    out_is other
    ok cubby create --name linked --network a --network b --link other:db bb:1 timeout 5 wget -qO- http://db/
    ok cubby start -a linked
    out_is other
    fails 125 cubby run --rm --link other:db bb:1 true
    err_has "--link is for networks that 'network create' made"
    fails 125 cubby network connect --link other:db podman linked
    err_has 'the default network has no names of containers, so no link'
}

@test 'rm --link takes a link away from a container, and leaves both containers' {
    web other --network a
    ok cubby create --name linked --network a --network b --link other:db --link other:base bb:1 \
        sh -c 'timeout 5 wget -qO- http://base/ && timeout 5 wget -qO- http://db/'
    ok cubby rm --link linked/db
    out_is linked/db
    ok cubby inspect linked --format '{{json (index .NetworkSettings.Networks "a").Links}}'
    out_is '["other:base"]'
    fails 1 cubby start -a linked
    out_has other
    ok cubby rm --link /linked/base
    out_is /linked/base
    ok cubby inspect linked --format '{{json .NetworkSettings.Networks}}'
    out_lacks other:
    fails 1 cubby rm --link linked/base
    err_has "container 'linked' has no link 'base'"
    ok cubby ps -aq --filter name=linked --filter name=other
    [ "${#lines[@]}" -eq 2 ]
}

@test 'rm --link says what is no link, and what cannot be' {
    web other --network a
    idle one --network a --link other:db
    fails 2 cubby rm --link one/db
    err_has "container 'one' runs: its networks know its link 'db' until it ends"
    ok inside one timeout 5 wget -qO- http://db/
    for link in one one/ /one /one/ / one/a/b; do
        fails 1 cubby rm --link "$link"
        err_has 'CONTAINER/ALIAS'
    done
    fails 1 cubby rm --link nobody/db
    err_has nobody
    fails 125 cubby rm --link
    for flag in -a -f -i -v -l --depend --time=1 --cidfile=x --filter=name=x; do
        fails 125 cubby rm --link "$flag" one/db
        err_has 'no other option'
    done
    ok cubby stop -t 0 one
    ok cubby rm --link one/db
    fails 1 cubby rm --link one/db one/x
    ok cubby start one
    fails 1 inside one timeout 5 wget -qO- http://db/
}
