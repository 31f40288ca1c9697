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
