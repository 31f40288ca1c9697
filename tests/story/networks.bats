# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A web server, its database and a client on two networks: they talk by name and alias, the database is
# not reached from outside of its network, and the server's log has the address of who really asked.

load ../lib/common

setup_file() {
    file_setup
    registry_start
    for image in nginx postgres; do
        ok cubby pull --tls-verify=false -q "$REGISTRY/library/$image"
    done
    ok cubby network create --subnet 10.94.1.0/24 front
    ok cubby network create --subnet 10.94.2.0/24 --internal back
    ok cubby network create --subnet 10.94.3.0/24 aside
}

teardown() { :; }

answers() { cubby exec client psql -h "$1" -U postgres -Atc 'select 1'; }
get() { curl -sS --max-time 5 "$@"; }
# reaches FROM IP: the database answers a container; that somebody takes the connection says nothing, for a
# host's way out may lead through what takes every one
reaches() {
    [[ $(cubby exec "$1" timeout 3 bash -c "exec 3<> /dev/tcp/$2/5432 &&
        printf '\\x00\\x00\\x00\\x08\\x04\\xd2\\x16\\x2f' >&3 && head -c 1 <&3") == [NS] ]]
}
served() { cubby logs web 2>&1 | grep -qF "$1"; }

# other_address: one of this host that is not its loopback's
other_address() { hostname -I | tr ' ' '\n' | grep -m 1 -F .; }

@test 'networks: server, database and client start on their networks' {
    needs ranges
    ok cubby run -d --name db --network back:alias=database -e POSTGRES_HOST_AUTH_METHOD=trust \
        "$REGISTRY/library/postgres"
    port=$(free_port)
    echo "$port" > "$BATS_FILE_TMPDIR/port"
    ok cubby run -d --name web --network front:alias=www -p "$port:80" "$REGISTRY/library/nginx"
    ok cubby run -d --name client --network front --network back --entrypoint sleep \
        "$REGISTRY/library/postgres" infinity
    ok cubby run -d --name stranger --network aside --entrypoint sleep \
        "$REGISTRY/library/nginx" infinity
}

@test 'networks: the client finds both by name and alias' {
    needs ranges
    wait_for 60 answers db
    ok answers database
    out_is 1
    for name in web www web.front web.dns.podman; do
        ok cubby exec client bash -c "exec 3<> /dev/tcp/$name/80 && printf 'GET / HTTP/1.0\r\n\r\n' >&3 && cat <&3"
        out_has 'Welcome to nginx'
    done
}

@test 'networks: who shares no network finds nobody, by name or address' {
    needs ranges
    for name in web db database; do
        fails 2 cubby exec stranger getent hosts "$name"
    done
    ok cubby inspect db --format '{{(index .NetworkSettings.Networks "back").IPAddress}}'
    ip=$output
    ok reaches client "$ip"
    for name in stranger web; do
        try reaches "$name" "$ip"
        [ "$status" -ne 0 ]
    done
}

@test 'networks: the log of the server has the address of a client outside and of one inside' {
    needs ranges
    port=$(cat "$BATS_FILE_TMPDIR/port")
    me=$(other_address) || skip 'needs an address of this host besides its loopback'
    fails 22 get -f "http://$me:$port/from-outside"
    wait_for 10 served "$me - - "
    ok cubby inspect client --format '{{(index .NetworkSettings.Networks "front").IPAddress}}'
    wait_for 10 served "$output - - "
}

@test 'networks: a database that is started again is found again' {
    needs ranges
    ok cubby restart -t 20 db
    wait_for 60 answers database
}

@test 'networks: nothing is left of networks and containers' {
    needs ranges
    ok cubby rm -f -t 2 db web client stranger
    ok cubby network rm front back aside
    ok cubby network ls -q
    out_is podman
}
