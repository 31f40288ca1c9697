# SPDX-License-Identifier: LGPL-2.1-or-later
# port - where the ports of a container are published

load ../lib/common

setup_file() { file_setup; import_busybox; }

@test 'port lists what is published, and one of them by its number' {
    [ -w /dev/net/tun ] || skip '/dev/net/tun cannot be opened'
    port=$(free_port)
    ok cubby run -d --name p -p "$port:80" bb:1 sleep 1000
    ok cubby port p
    [ "${lines[0]}" = "80/tcp -> 0.0.0.0:$port" ]
    ok cubby port p 80
    [ "${lines[0]}" = "0.0.0.0:$port" ]
    ok cubby port p 80/tcp
    [ "${lines[0]}" = "0.0.0.0:$port" ]
    fails 125 cubby port p 81
    err_has "no public port '81/tcp'"
    ok cubby ps --format '{{.Ports}}'
    out_has "0.0.0.0:$port->80/tcp"
}

@test 'a container without ports has nothing to say' {
    ok cubby run -d --network none --name p bb:1 sleep 1000
    ok cubby port p
    out_is ''
    ok cubby port --all
    out_is ''
    fails 125 cubby port
}

# web SCRIPT: a container of that name in the background
web() { cubby run -d --name web --network none bb:1 sh -c "$1"; }

@test 'port shows where ports are published' {
    local port
    port=$(free_port)
    ok cubby run -d --name web -p 127.0.0.1:$port:80 bb:1 sleep 100
    ok cubby port web
    out_is "80/tcp -> 127.0.0.1:$port"
    ok cubby port web 80
    out_is "127.0.0.1:$port"
    fails 125 cubby port web 81
    err_has 81
}

@test 'a random port is shown once it is bound' {
    ok cubby run -d --name web -p 80 bb:1 sleep 100
    ok cubby port web 80/tcp
    out_matches ':[0-9]+'
}

@test 'a port works again when its helper was killed' {
    local port monitor
    port=$(free_port)
    ok cubby run -d --name web -p 127.0.0.1:$port:80 bb:1 \
        sh -c 'echo page > /var/www/index.html; exec httpd -f -p 80 -h /var/www'
    wait_for 10 curl -sf "http://127.0.0.1:$port/"
    monitor=$(ps -o ppid= -p "$(cubby inspect --format '{{.State.Pid}}' web)")
    kill -9 "$(pgrep -P $monitor cubby-net)"
    wait_for 10 curl -sf "http://127.0.0.1:$port/"
    ok cubby port web 80
    out_is "127.0.0.1:$port"
}

@test '--all is of every container that runs, --latest of the one made last' {
    [ -w /dev/net/tun ] || skip '/dev/net/tun cannot be opened'
    local one two
    one=$(free_port)
    ok cubby run -d --name one -p "127.0.0.1:$one:81" bb:1 sleep 1000
    two=$(free_port)
    ok cubby run -d --name two -p "127.0.0.1:$two:82/udp" bb:1 sleep 1000
    ok cubby port --all
    out_has "81/tcp -> 127.0.0.1:$one"
    out_has "82/udp -> 127.0.0.1:$two"
    ok cubby port --latest
    out_is "82/udp -> 127.0.0.1:$two"
    ok cubby port -l 82/udp
    out_is "127.0.0.1:$two"
    fails 125 cubby port --all one
}
