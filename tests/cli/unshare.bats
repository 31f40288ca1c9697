# SPDX-License-Identifier: LGPL-2.1-or-later
# unshare - run a program as root of the user namespace in which containers live

load ../lib/common

@test 'unshare is root over the containers'\'' ids' {
    needs ranges
    ok cubby unshare id -u
    out_is 0
    ok cubby unshare sh -c "touch '$BATS_TEST_TMPDIR/f' && chown 5:5 '$BATS_TEST_TMPDIR/f'"
    [ "$(stat -c %u "$BATS_TEST_TMPDIR/f")" != "$(id -u)" ]
    ok cubby unshare rm "$BATS_TEST_TMPDIR/f"
}

@test 'unshare ends with the program'\''s status, and carries its streams' {
    fails 7 cubby unshare sh -c 'exit 7'
    ok bash -c "echo in | '$CUBBY' --root '$STORE' unshare cat"
    out_is in
    fails 137 cubby unshare sh -c 'kill -9 $$'
}

@test 'what follows the program is not ours' {
    ok cubby unshare echo --help -x
    out_is '--help -x'
}

@test 'a program that is not there is 127, one that cannot be executed 126' {
    fails 127 cubby unshare nosuchprogram
    err_has "no program named 'nosuchprogram'"
    fails 127 cubby unshare /no/such
    fails 126 cubby unshare /etc/passwd
}

@test 'mounts made inside are not seen outside' {
    ok cubby unshare sh -c 'mount -t tmpfs none /mnt && touch /mnt/x && ls /mnt'
    out_is x
    [ ! -e /mnt/x ]
}

@test 'a caller that ignores its children is no hindrance' {
    ok python3 -c 'import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])' "$CUBBY" --root "$STORE" unshare id -u
    out_is 0
}

# get URL: its document, from all networks
get() { cubby unshare --rootless-netns python3 -c 'import sys, urllib.request
sys.stdout.write(urllib.request.urlopen(sys.argv[1], timeout=20).read().decode())' "$1"; }

@test 'unshare --rootless-netns reaches containers of all networks, by name and address' {
    import_busybox
    ok cubby network create --subnet 10.94.1.0/24 a
    ok cubby network create --subnet 10.94.2.0/24 --internal b
    for network in a b; do
        ok cubby run -d --name "web-$network" --network "$network" bb:1 \
            sh -c "mkdir /w; echo $network > /w/index.html; exec httpd -f -h /w"
        answers() { [ "$(get "http://web-$network/" 2> /dev/null)" = "$network" ]; }
        wait_for 30 answers
        address=$(cubby inspect -f "{{(index .NetworkSettings.Networks \"$network\").IPAddress}}" "web-$network")
        ok get "http://$address/"
        out_is "$network"
    done
    # as root of the containers' ids, with the program's status, and with an address on each
    ok cubby unshare --rootless-netns sh -c 'id -u; cat /proc/net/fib_trie'
    [ "${lines[0]}" = 0 ]
    out_has ' 10.94.1.'
    out_has ' 10.94.2.'
    fails 9 cubby unshare --rootless-netns sh -c 'exit 9'
    fails 126 cubby unshare --rootless-netns /etc/passwd
    # resolv.conf outside stays what it is
    run ! grep -q 169.254.1.1 /etc/resolv.conf
    ok cubby rm -f -t 0 web-a web-b
    fails 125 cubby unshare --rootless-netns true
    err_has 'no container runs on a network'
    ok cubby network rm a b
    [ -z "$(find "$STORE/tmp" -name resolv.conf)" ]
}

@test 'unshare --rootless-netns without networks says why, and what to do' {
    fails 125 cubby unshare --rootless-netns true
    err_has "no container runs on a network that 'network create' made"
    err_has 'hint: '
    fails 127 cubby unshare --rootless-netns nosuchprogram
}
