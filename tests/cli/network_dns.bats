# SPDX-License-Identifier: LGPL-2.1-or-later
# run: as root
# network_dns - names: whom a container's questions reach, and what they are told
#
# As root for a host of its own: its resolv.conf names a server here, which writes down what it is asked.

load ../lib/common
load ../lib/host

HERE=127.0.0.77 THERE=127.0.0.78

setup_file() {
    host_setup
    import_busybox
    host_resolvers "$HERE"
    mount --bind "$BATS_FILE_TMPDIR/resolv.conf" /etc/resolv.conf
}

setup() {
    LOG=$BATS_TEST_TMPDIR/asked
    host_resolvers "$HERE"
    serve UPSTREAM "$CUBBY_SRC/tests/lib/fake-dns" "$HERE" "$LOG"
}

teardown() {
    test_teardown
    cubby network rm -f net two > /dev/null 2>&1 || :
}

# host_resolvers ADDRESS...: what the host's resolv.conf says from now on
host_resolvers() {
    { printf 'nameserver %s\n' "$@"; echo 'search corp.example'; } > "$BATS_FILE_TMPDIR/resolv.conf"
}

# ask CONTAINER NAME [TYPE]: exactly this name, without search domains; prints the answers
ask() {
    cubby exec "$1" nslookup "-type=${3:-a}" "$2." |
        awk 'NR > 3 && /^Address/ { print $NF } sub(/.*(name|text) = /, "")' | sort
}

# answers TEXT CONTAINER NAME [TYPE]: these are the answers
answers() {
    local want=$1
    shift
    ok ask "$@"
    out_is "$want"
}

@test 'the servers are those that the host has at the moment' {
    ok cubby run -d --name asker bb:1 sleep 1000
    answers "$HERE" asker www.example.com
    grep -q 'udp www.example.com A' "$LOG"
    serve SECOND "$CUBBY_SRC/tests/lib/fake-dns" "$THERE" "$BATS_TEST_TMPDIR/second"
    host_resolvers "$THERE"
    wait_for 5 answers "$THERE" asker www.example.com
    # a file that is being written, and says nothing yet, changes nothing
    : > "$BATS_FILE_TMPDIR/resolv.conf"
    answers "$THERE" asker www.example.com
}

@test 'a server where nobody is passes the question to the next one' {
    host_resolvers 127.0.0.79 "$HERE"
    ok cubby run -d --name asker bb:1 sleep 1000
    answers "$HERE" asker www.example.com
}

# box NAME ARGS...: a container on the network that does nothing
box() {
    local name=$1
    shift
    ok cubby run -d --name "$name" --network net "$@" bb:1 sleep 1000
}

# address CONTAINER [FIELD]: on the network
address() { cubby inspect -f "{{ (index .NetworkSettings.Networks \"net\").${2:-IPAddress} }}" "$1"; }

# nobody CONTAINER NAME [TYPE]: there is no such name
nobody() {
    try cubby exec "$1" nslookup "-type=${3:-a}" "$2."
    [[ $output$stderr == *NXDOMAIN* ]] || say_run "not NXDOMAIN: $*"
}

# unasked PATTERN: nothing like it was asked outside
unasked() { ! grep -qE "$1" "$LOG" 2> /dev/null || { cat "$LOG" >&2; return 1; }; }

# --- networks that containers share ----------------------------------------------------

@test 'a container is found by its name, alias, short id, and below dns.podman and the network' {
    ok cubby network create net
    local id ip
    box web --network-alias front
    box asker
    id=$(cubby inspect -f '{{ .Id }}' web) ip=$(address web)
    for name in web front "${id:0:12}" web.dns.podman front.net WEB; do
        answers "$ip" asker "$name"
    done
    # with search domains, as programs do it
    try cubby exec asker ping -c 1 -W 2 web
    out_has "($ip)"
}

@test 'an address is answered with the name' {
    ok cubby network create net
    local ip reverse
    box web
    box asker
    ip=$(address web)
    reverse=$(awk -F. '{ print $4 "." $3 "." $2 "." $1 ".in-addr.arpa" }' <<< "$ip")
    answers web asker "$reverse" ptr
}

@test 'several containers with one alias: all addresses, each first in its turn' {
    ok cubby network create net
    box one --network-alias api
    box other --network-alias api
    box asker
    answers "$(printf '%s\n' "$(address one)" "$(address other)" | sort)" asker api
    # its first line is the address that comes first; it may not send anything
    ok cubby exec asker sh -c 'for i in 1 2 3 4; do ping -c 1 -W 2 api 2> /dev/null | head -n 1; done | sort -u | wc -l'
    out_is 2
}

@test 'the other family is no data, and IPv6 is answered where there is some' {
    ok cubby network create net
    box web
    box asker
    ok cubby exec asker nslookup -type=aaaa web.
    out_lacks NXDOMAIN
    ok cubby network create --ipv6 --subnet fd00:77::/64 two
    ok cubby run -d --name six --network two bb:1 sleep 1000
    ok cubby run -d --name asks --network two bb:1 sleep 1000
    ok ask asks six aaaa
    out_has fd00:77::
}

@test 'a name is gone when its container stops, and when its monitor is killed' {
    ok cubby network create net
    local pid
    box web
    box asker
    ok cubby stop -t 0 web
    nobody asker web
    ok cubby start web
    answers "$(address web)" asker web
    pid=$(cubby inspect -f '{{ .State.Pid }}' web)
    kill -KILL "$(awk '/^PPid:/ { print $2 }' "/proc/$pid/status")"
    wait_for 5 nobody asker web
    ok cubby rm -f web
}

@test 'a container that is renamed has its new name at once' {
    ok cubby network create net
    local ip
    box before --network-alias same
    box asker
    ip=$(address before)
    ok cubby rename before after
    answers "$ip" asker after
    answers "$ip" asker same
    nobody asker before
}

@test 'a container on two networks sees the names of both, others of their own' {
    ok cubby network create net
    box both
    box left
    ok cubby network create two
    ok cubby run -d --name right --network two bb:1 sleep 1000
    ok cubby network connect two both
    answers "$(address left)" both left
    answers "$(cubby inspect -f '{{ .NetworkSettings.Networks.two.IPAddress }}' right)" both right
    answers "$(cubby inspect -f '{{ .NetworkSettings.Networks.two.IPAddress }}' right)" both right.two
    nobody left right
    nobody right left
    ok cubby network disconnect two both
    nobody both right
}

@test 'an answer that is too long comes over TCP' {
    ok cubby network create net
    box asker
    ok cubby exec asker nslookup -type=txt big.example.com.
    grep -q 'udp big.example.com TXT' "$LOG"
}

@test 'CVE-2025-8283: no name of a container reaches the world, whatever the search domains are' {
    ok cubby network create net
    local name type
    box web --network-alias front
    box asker
    box gone
    ok cubby rm -f -t 0 gone
    for name in web front gone nobody web.dns.podman gone.dns.podman nobody.dns.podman \
        web.corp.example front.corp.example gone.corp.example; do
        for type in a aaaa mx txt srv; do
            try cubby exec asker nslookup "-type=$type" "$name."
        done
    done
    try cubby exec asker ping -c 1 -W 1 gone
    unasked 'web|front|gone|nobody\.dns|udp nobody [A-Z]'
    ask asker www.example.com
    grep -q www.example.com "$LOG"
}

@test 'an internal network asks nobody outside' {
    ok cubby network create net
    ok cubby network create --internal two
    ok cubby run -d --name web --network two bb:1 sleep 1000
    ok cubby run -d --name asker --network two bb:1 sleep 1000
    ok ask asker web
    out_matches '^10\.'
    nobody asker www.example.com
    unasked .
}

@test 'with --disable-dns containers have no names, and the world has' {
    ok cubby network create net
    ok cubby network create --disable-dns two
    ok cubby run -d --name web --network two bb:1 sleep 1000
    ok cubby run -d --name asker --network two bb:1 sleep 1000
    answers "$HERE" asker www.example.com
    ok ask asker web.dns.podman
    out_is "$HERE"
}

@test 'a network has servers of its own with create --dns, a container with run --dns' {
    ok cubby network create net
    serve SECOND "$CUBBY_SRC/tests/lib/fake-dns" "$THERE" "$BATS_TEST_TMPDIR/second"
    ok cubby network create --dns "$THERE" two
    ok cubby run -d --name asker --network two bb:1 sleep 1000
    answers "$THERE" asker www.example.com
    unasked .
    box own --dns "$THERE" --dns-search lab.example --dns-option ndots:2
    answers "$THERE" own www.example.com
    answers "$(address own)" own own
    ok cubby exec own cat /etc/resolv.conf
    out_has lab.example
    out_has ndots:2
}

@test 'network update changes at once whom the containers that run ask' {
    ok cubby network create net
    ok cubby run -d --name asker --network net bb:1 sleep 1000
    ok cubby run -d --name own --network net --dns "$HERE" bb:1 sleep 1000
    answers "$HERE" asker www.example.com
    serve SECOND "$CUBBY_SRC/tests/lib/fake-dns" "$THERE" "$BATS_TEST_TMPDIR/second"
    ok cubby network update net --dns-add "$THERE"
    answers "$THERE" asker www.example.com
    answers "$HERE" own www.example.com
    ok cubby network update net --dns-drop "$THERE"
    answers "$HERE" asker www.example.com
}

# waits COUNT: so many wait for the lock on the network's holder
waits() { [ "$("$CUBBY_SRC/tests/lib/hold-lock" "$STORE" "network's holder" "$NAME" waiting)" = "$1" ]; }

@test 'who begins a network asks the servers of now, not those from before it waited for its turn' {
    ok cubby network create --dns "$HERE" net
    ok cubby run --rm --network net bb:1 true
    NAME=$(echo "$STORE"/networks/net.*.holder)
    NAME=net/$(basename "${NAME#*/net.}" .holder)
    serve SECOND "$CUBBY_SRC/tests/lib/fake-dns" "$THERE" "$BATS_TEST_TMPDIR/second"
    # shellcheck disable=SC2034  # only that it is held
    serve HELD "$CUBBY_SRC/tests/lib/hold-lock" "$STORE" "network's holder" "$NAME"
    cubby run -d --name asker --network net bb:1 sleep 1000 3>&- &
    wait_for 10 waits 1
    # one that has changed the record, and then found nobody who could be told
    local WORDS
    words_of_cubby network update net --dns-add "$THERE" --dns-drop "$HERE"
    "${WORDS[@]}" 3>&- &
    wait_for 10 waits 2
    kill $!
    wait $! || :
    wait_for 10 waits 1
    unserve HELD
    wait_for 10 cubby exec asker true
    answers "$THERE" asker www.example.com
}

# asks_across: the container asker asks for other while nobody holds the network net
asks_across() {
    local pid address record
    ok cubby inspect -f '{{(index .NetworkSettings.Networks "net").IPAddress}} {{.State.Pid}}' other asker
    address=${output%% *}
    pid=${output##* }
    NAME=$(echo "$STORE"/networks/net.*.holder)
    record=$NAME
    NAME=net/$(basename "${NAME#*/net.}" .holder)
    # shellcheck disable=SC2034  # only that it is held
    serve HELD "$CUBBY_SRC/tests/lib/hold-lock" "$STORE" "network's holder" "$NAME"
    kill -KILL "$(grep -oE '"pid":[0-9]+' "$record" | grep -oE '[0-9]+')"
    wait_for 10 waits 2
    touch "$HERE/go"
    # a socket that is connected to port 53
    wait_for 10 grep -qE ' [0-9A-F]{8}:0035 ' "/proc/$pid/net/udp"
    [ ! -e "$HERE/status" ]
    unserve HELD
    wait_for 20 test -s "$HERE/status"
    grep -qx "Address: $address" "$HERE/said"
    # Some clients ask again when they are refused, others give up.
    ok awk '/^Icmp:/ { if (at) print $at; for (i = 1; i <= NF; i++) if ($i == "InDestUnreachs") at = i }' "/proc/$pid/net/snmp"
    out_is 0
}

# two_members NETWORK: the containers other and asker; asker asks when there is a file
two_members() {
    HERE=$BATS_TEST_TMPDIR/here
    mkdir -m 0777 "$HERE"
    ok cubby run -d --name other --network "$1" bb:1 sleep 1000
    ok cubby run -d --name asker --network "$1" -v "$HERE:/here" bb:1 sh -c \
        'until [ -e /here/go ]; do sleep 0.02; done; nslookup -type=a other. > /here/said 2>&1; echo $? > /here/status; exec sleep 1000'
}

@test 'a question that comes when the holder was killed is answered by who holds the network next' {
    ok cubby network create net
    two_members net
    asks_across
}

@test 'members that were connected while they ran keep questions, too' {
    ok cubby network create net
    ok cubby network create before
    two_members before
    for name in other asker; do
        ok cubby network connect net "$name"
        ok cubby network disconnect before "$name"
    done
    asks_across
}

@test 'a holder that cannot be replaced at once is replaced later' {
    local record holder
    ok cubby network create net
    ok cubby run -d --name other --network net bb:1 sleep 1000
    ok cubby run -d --name asker --network net bb:1 sleep 1000
    ok cubby inspect -f '{{(index .NetworkSettings.Networks "net").IPAddress}}' other
    local address=$output
    record=$(echo "$STORE"/networks/net.*.holder)
    holder=$(grep -oE '"pid":[0-9]+' "$record" | grep -oE '[0-9]+')
    # Members who look for what network it was do not find it.
    mv "$STORE/networks/net.json" "$STORE/networks/away"
    kill -KILL "$holder"
    wait_for 10 hung_up "$holder"
    ok cubby exec other true
    ok cubby exec asker true
    mv "$STORE/networks/away" "$STORE/networks/net.json"
    # Who comes now comes to them, with another address.
    ok cubby run -d --name new --network net bb:1 sleep 1000
    ok cubby inspect -f '{{(index .NetworkSettings.Networks "net").IPAddress}}' new
    [ "$output" != "$address" ]
    ok cubby exec -d other nc -l -p 80 -e echo hello
    wait_for 10 reaches new "$address"
    wait_for 20 answers "$address" asker other
}

reaches() { [ "$(cubby exec "$1" timeout 5 nc "$2" 80)" = hello ]; }

hung_up() { [ ! -e "/proc/$1/fd/0" ]; }
