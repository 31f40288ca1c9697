# SPDX-License-Identifier: LGPL-2.1-or-later
# A port below 1024 that root has bound serves a container of a user, who could not bind it.
# run: as root

load ../lib/common
load ../lib/host

setup_file() {
    host_setup
    local tar=$BATS_FILE_TMPDIR/bb.tar
    "$CUBBY_SRC/tests/lib/busybox-tar" "$tar"
    chmod 0644 "$tar"
    cubby import -c 'CMD ["sh"]' "$tar" bb:1
}

# low_port: one below 1024 that nobody has
low_port() {
    python3 -c 'import socket
for port in range(1023, 600, -1):
    try: socket.socket().bind(("127.0.0.1", port)); print(port); break
    except OSError: pass'
}

says() { [ "$(curl -sS --max-time 5 "$1")" = "$2" ]; }

@test 'a privileged port of a socket unit is published, again after a restart' {
    local port
    [ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 1023 ] || skip 'any user may bind every port here'
    port=$(low_port)
    fails 125 cubby run -d -p "127.0.0.1:$port:80" bb:1 true
    err_has net.ipv4.ip_unprivileged_port_start
    ok env -i HOME="$BATS_FILE_TMPDIR/h" PATH="$PATH" USER="$TESTER" \
        "$CUBBY_SRC/tests/lib/activate" -u "$TESTER" "tcp:127.0.0.1:$port" -- \
        "$CUBBY" --root "$STORE" run -d --name low -p "127.0.0.1:$port:80" bb:1 \
        sh -c 'mkdir /w; echo low > /w/index.html; exec httpd -f -p 80 -h /w'
    wait_for 10 says "http://127.0.0.1:$port/" low
    ok cubby restart -t 0 low
    wait_for 10 says "http://127.0.0.1:$port/" low
    ok cubby rm -f -t 0 low
}
