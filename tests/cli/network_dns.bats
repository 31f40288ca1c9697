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

# host_resolvers ADDRESS...: what the host's resolv.conf says from now on
host_resolvers() {
    { printf 'nameserver %s\n' "$@"; echo 'search corp.example'; } > "$BATS_FILE_TMPDIR/resolv.conf"
}

# ask CONTAINER NAME [TYPE]: exactly this name, without search domains; prints the answers
ask() {
    cubby exec "$1" nslookup "-type=${3:-a}" "$2" |
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
