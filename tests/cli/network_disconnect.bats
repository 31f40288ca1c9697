# SPDX-License-Identifier: LGPL-2.1-or-later
# network disconnect - taking containers off networks, running or not

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    ok cubby network create --subnet 10.94.1.0/24 a
    ok cubby network create --subnet 10.94.2.0/24 b
    ok cubby network create --subnet 10.94.3.0/24 --internal inner
}

idle() {
    local name=$1
    shift
    ok cubby run -d --name "$name" "$@" bb:1 sleep 1000
}
inside() { cubby exec "$@"; }

@test 'the interface, its address and its line in hosts are gone, and the address is free' {
    idle one --network a --network b
    ok cubby network disconnect b one
    out_is ''
    ok inside one ls /sys/class/net
    out_is $'eth0\nlo'
    ok inside one cat /etc/hosts
    out_lacks 10.94.2.
    out_has $'10.94.1.2\t'
    idle two --network b --ip 10.94.2.2
    ok cubby ps --filter name=one --format '{{.Networks}}'
    out_is a
    ok cubby events --stream=false --filter type=network --filter event=disconnect --format '{{.Name}}'
    out_has b
}

@test 'hosts keeps what the container wrote itself' {
    idle one --network a --network b
    ok inside one sh -c 'echo "192.0.2.1 mine" >> /etc/hosts'
    ok cubby network disconnect b one
    ok inside one cat /etc/hosts
    out_has '192.0.2.1 mine'
    out_lacks 10.94.2.
    ok cubby network connect b one
    ok inside one cat /etc/hosts
    out_has '192.0.2.1 mine'
    out_matches $'10\\.94\\.2\\.[0-9]+\t'
    # the host is where the network that is left has it
    out_has $'10.94.1.1\thost.containers.internal'
    ok cubby network disconnect a one
    ok inside one cat /etc/hosts
    out_has '192.0.2.1 mine'
    out_has $'10.94.2.1\thost.containers.internal'
    out_lacks 10.94.1.
    [ "$(grep -c host.containers.internal <<< "$output")" = 1 ]
}

@test 'the default route moves to a network that is left' {
    idle one --network a --network b
    ok inside one ip route
    out_has 'default via 10.94.1.1 dev eth0'
    ok cubby network disconnect a one
    ok inside one ip route
    out_has 'default via 10.94.2.1 dev eth1'
}

@test 'a container may be on no network, and come back' {
    idle one
    ok cubby network disconnect podman one
    ok inside one ls /sys/class/net
    out_is lo
    ok cubby ps --format '{{.Networks}}'
    out_is ''
    ok cubby restart -t 0 one
    ok inside one ls /sys/class/net
    out_is lo
    ok cubby network connect bridge one
    ok inside one ip -4 -o addr show tap0
    out_has 10.0.2.100/24
}

@test 'published ports end with the last network that leads out' {
    local port
    port=$(free_port)
    ok cubby run -d --name web --network inner --network a -p "$port:80" bb:1 sh -c 'mkdir /w; echo here > /w/index.html; exec httpd -f -p 80 -h /w'
    here() { [ "$(curl -sS --max-time 5 "http://127.0.0.1:$port/")" = here ]; }
    wait_for 5 here
    ok cubby network disconnect a web
    fails 7 curl -sS --max-time 5 "http://127.0.0.1:$port/"
    ok cubby network connect b web
    wait_for 5 here
    ok cubby port web
    out_has "0.0.0.0:$port"
}

@test 'one that does not run is not on it at its next start' {
    ok cubby create --name late --network a --network b bb:1 ls /sys/class/net
    ok cubby network disconnect a late
    ok cubby start -a late
    out_is $'eth0\nlo'
}

@test 'what is wrong is refused' {
    fails 125 cubby network disconnect host nobody
    err_has "the network 'host' is chosen when a container is made"
    idle one --network a
    fails 125 cubby network disconnect b one
    err_has "not on the network 'b'"
    fails 125 cubby network disconnect nowhere one
    err_has "no network named 'nowhere'"
    fails 125 cubby network disconnect a nobody
    err_has nobody
    idle free --network none
    fails 125 cubby network disconnect a free
    err_has none
}

@test 'with --force the record is changed where no monitor answers' {
    idle one --network a --network b
    monitor=$(cubby inspect one --format '{{.State.ConmonPid}}')
    kill -STOP "$monitor"
    cubby network disconnect --force b one 3>&- &
    asking=$!
    kill -9 "$monitor"
    wait "$asking"
    ok cubby start one
    ok inside one ls /sys/class/net
    out_is $'eth0\nlo'
}
