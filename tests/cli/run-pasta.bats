# SPDX-License-Identifier: LGPL-2.1-or-later
# run-pasta - --network pasta: another's network, with the addresses of the host

load ../lib/common

setup_file() {
    file_setup
    import_busybox
}

# Every test but those of the options needs the program, and an address to copy.
begin() {
    command -v pasta > /dev/null || skip 'pasta is not installed (package passt)'
    HOST_IP=$(python3 -c 'import socket; s = socket.socket(type=socket.SOCK_DGRAM); s.connect(("198.51.100.1", 9)); print(s.getsockname()[0])' 2> /dev/null) ||
        skip 'this machine has no address but loopback'
}

monitor() { cubby inspect "$1" --format '{{.State.ConmonPid}}'; }
keeper_of() { pgrep -x -P "$1" cubby-pasta; }
pasta_of() { pgrep -P "$(keeper_of "$(monitor "$1")")"; }
get() { curl -sS --max-time 5 "$@"; }
serves() { get "http://127.0.0.1:$1/" > /dev/null; }
listens() { ss -Hltn "sport = :$1" | grep -q .; }
silent() { ! listens "$1"; }
gone() { [ ! -e "/proc/$1/ns" ]; }

# web NAME ARGS...: a server of HTTP on port 80
web() { ok cubby run -d --name "$1" "${@:2}" bb:1 httpd -f -p 80 -h /etc; }

# --- options -------------------------------------------------------------------------------------

@test 'options that would write files, leave the container or start a program are refused' {
    fails 125 cubby create --network pasta:--pid,/tmp/pid bb:1 true
    err_has "'--pid'"
    fails 125 cubby create --network pasta:-l/tmp/log bb:1 true
    fails 125 cubby create --network pasta:--runas,0 bb:1 true
    fails 125 cubby create --network pasta:-F,3 bb:1 true
    fails 125 cubby create --network pasta:-4,sh bb:1 true
    err_has "'sh'"
    fails 125 cubby create --network pasta:--mtu bb:1 true
    err_has 'needs a value'
}

@test 'it stands alone, and has no addresses or aliases of networks' {
    fails 125 cubby create --network pasta --network podman bb:1 true
    err_has 'cannot be joined with other networks'
    fails 125 cubby create --network pasta --ip 10.0.2.9 bb:1 true
    err_has '--ip cannot be given with --network pasta'
    fails 125 cubby create --network pasta --network-alias web bb:1 true
    fails 125 cubby create --network pasta --network-rate 1mbit bb:1 true
    ok cubby create --name c --network pasta bb:1 true
    fails 125 cubby network connect podman c
    err_has '--network pasta'
}

# --- what a container has ----------------------------------------------------------------------------

@test 'the container has the address of the host, and its files say so' {
    begin
    ok cubby run --rm --network pasta bb:1 sh -c 'ip -4 addr; cat /etc/hosts /etc/resolv.conf'
    out_has "inet $HOST_IP/"
    out_matches "$HOST_IP	[0-9a-f]{12} "
    out_has 'nameserver 169.254.1.1'
}

# A pasta that says it has the option, and the one that is installed behind it, which may not have it.
@test 'the host has its names where pasta has an address for it' {
    begin
    mkdir "$BATS_TEST_TMPDIR/bin"
    cat > "$BATS_TEST_TMPDIR/bin/pasta" << END
#!/usr/bin/python3
import os, signal, sys
if "--help" in sys.argv:
    sys.exit(print("  --map-guest-addr ADDR"))
at = sys.argv.index("--map-guest-addr")
assert sys.argv[at + 1] == "169.254.1.2"
del sys.argv[at:at + 2]
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
os.execv("$(command -v pasta)", sys.argv)
END
    chmod 755 "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/bin/pasta"
    CUBBY_ENV=("PATH=$BATS_TEST_TMPDIR/bin:$PATH")
    ok cubby run --rm --network pasta --add-host me:host-gateway bb:1 cat /etc/hosts
    out_has '169.254.1.2	host.containers.internal host.docker.internal'
    out_has '169.254.1.2	me'
}

@test 'options reach it, in every form' {
    begin
    ok cubby run --rm --network pasta:-I,out0,--mtu=1500,-a,10.9.8.7,-n,24,-g,10.9.8.1,-4 bb:1 sh -c 'ip addr show out0; ip route'
    out_has 'mtu 1500'
    out_has 'inet 10.9.8.7/24'
    out_has 'default via 10.9.8.1'
}

@test 'what pasta says is told, and nothing of the container has run' {
    begin
    fails 125 cubby run --name c --network pasta:-i,nosuch bb:1 touch /ran
    err_has 'pasta cannot serve the container: '
    err_has nosuch
    ok cubby diff c
    out_lacks ran
}

@test 'the host is reached, its loopback is not' {
    begin
    serve LOOPBACK python3 -u -c '
import http.server
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
print("127.0.0.1:%d" % s.server_port, flush=True)
s.serve_forever()'
    ok get -o "$BATS_TEST_TMPDIR/page" "http://$LOOPBACK/"
    ok cubby run --rm --network pasta bb:1 sh -c "
        for at in 127.0.0.1 169.254.1.2 \$(ip route | sed -n 's/^default via \([0-9.]*\).*/\1/p'); do
            printf 'GET / HTTP/1.0\n\n' | timeout 2 nc \$at ${LOOPBACK##*:} | grep -q HTTP && echo reached \$at
        done; echo done"
    out_is 'done'
}

# --- published ports ---------------------------------------------------------------------------------

@test 'published ports lead to it, given and random, and port, ps and inspect show them' {
    begin
    local port
    port=$(free_port)
    web c --network pasta -p "$port:80" -p 127.0.0.1::80
    wait_for 10 serves "$port"
    ok cubby port c
    out_has "80/tcp -> 0.0.0.0:$port"
    out_matches '80/tcp -> 127\.0\.0\.1:[0-9]+'
    [[ $output =~ 127\.0\.0\.1:([0-9]+) ]]
    serves "${BASH_REMATCH[1]}"
    ok cubby ps --format '{{.Ports}} {{.Networks}}'
    out_has "0.0.0.0:$port->80/tcp"
    out_has ' pasta'
    ok cubby inspect c --format '{{.HostConfig.NetworkMode}} {{.NetworkSettings.IPAddress}} {{.NetworkSettings.Networks.pasta.IPAddress}}'
    out_is "pasta $HOST_IP $HOST_IP"
}

@test 'a port that is in use is named' {
    begin
    local port
    port=$(free_port)
    web a --network pasta -p "$port:80"
    fails 125 cubby run --network pasta -p "$port:80" bb:1 true
    err_has "$port"
    err_has 'in use'
}

@test 'what publishes nothing opens nothing, though the container listens' {
    begin
    local port
    port=$(free_port)
    ok cubby run -d --name c --network pasta bb:1 httpd -f -p "$port" -h /etc
    answers() { cubby exec c sh -c "printf 'GET / HTTP/1.0\n\n' | nc 127.0.0.1 $port" | grep -q HTTP; }
    wait_for 10 answers
    silent "$port"
}

# --- its life ---------------------------------------------------------------------------------------

@test 'a container that joins it has the same network' {
    begin
    ok cubby run -d --name c --network pasta:-I,shared0 bb:1 sleep 1000
    ok cubby run --rm --network container:c bb:1 ip -4 addr show shared0
    out_has "inet $HOST_IP/"
}

@test 'it is so over restarts, and with every kind of user namespace and switch' {
    begin
    local port
    port=$(free_port)
    web c --network pasta -p "$port:80" --sysctl net.ipv4.ip_forward=1
    wait_for 10 serves "$port"
    ok cubby restart -t 0 c
    wait_for 10 serves "$port"
    ok cubby run --rm --network pasta --userns keep-id bb:1 ip -4 addr
    out_has "inet $HOST_IP/"
}

@test 'one that was killed is replaced, and the port is served again' {
    begin
    local port
    port=$(free_port)
    web c --network pasta -p "$port:80"
    wait_for 10 serves "$port"
    kill -9 "$(pasta_of c)"
    wait_for 10 serves "$port"
}

@test 'with the monitor it ends, also where processes are shared with the host' {
    begin
    local port mode monitor pasta
    for mode in private host; do
        port=$(free_port)
        web "$mode" --network pasta -p "$port:80" --pid "$mode"
        monitor=$(monitor "$mode")
        pasta=$(pasta_of "$mode")
        listens "$port"
        kill -9 "$monitor"
        wait_for 10 gone "$pasta"
        wait_for 10 silent "$port"
    done
}

@test 'stopping leaves nothing behind' {
    begin
    local port pasta
    port=$(free_port)
    web c --network pasta -p "$port:80"
    pasta=$(pasta_of c)
    ok cubby rm -f -t 0 c
    gone "$pasta"
    silent "$port"
}

@test 'nginx on it sees the page fetched from another network of this machine' {
    begin
    needs ranges
    registry_start
    local port
    port=$(free_port)
    ok cubby run -d --name web --tls-verify=false --network pasta -p "$port:80" "$REGISTRY/library/nginx:1.22"
    wait_for 20 serves "$port"
    ok cubby run --rm bb:1 sh -c "printf 'GET /other HTTP/1.0\n\n' | nc 10.0.2.2 $port"
    out_has 'HTTP/1.1 404'
    ok cubby logs web
    out_has 'GET /other'
    registry_stop
}
