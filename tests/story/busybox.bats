#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The first story: an image made on this machine, a container that lives, is looked at, and goes.

load ../lib/common

setup_file() {
    file_setup
    import_busybox
}

# logged CONTAINER TEXT
logged() { cubby logs "$1" 2>&1 | grep -q -- "$2"; }

@test 'an imported image runs a command and leaves no container' {
    ok cubby run --rm --network none bb:1 echo hello
    out_is hello
    ok cubby ps -aq
    out_is ''
}

@test 'the exit status of the command is the exit status of run' {
    fails 7 cubby run --rm --network none bb:1 sh -c 'exit 7'
    fails 127 cubby run --rm --network none bb:1 no-such-command
    err_has no-such-command
    fails 126 cubby run --rm --network none bb:1 /etc/passwd
    fails 137 cubby run --rm --network none bb:1 sh -c '(exec sh -c "kill -9 \$\$"); exit $?'
}

@test 'a detached container is seen, read, entered, stopped, started and removed' {
    ok cubby run -d --name one --network none bb:1 sh -c 'echo out; echo err >&2; exec sleep 1000'
    out_matches '^[0-9a-f]{64}$'
    local id=$output
    ok cubby ps --format '{{.Names}}'
    out_is one
    wait_for 5 logged one out
    ok cubby logs one
    out_is out
    err_is err
    ok cubby exec one sh -c 'tr "\0" " " < /proc/1/cmdline'
    out_is 'sleep 1000 '
    ok cubby stop -t 0 one
    ok cubby inspect one --format '{{.State.Status}}'
    out_is exited
    ok cubby start one
    ok cubby inspect one --format '{{.State.Status}} {{.Id}}'
    out_is "running $id"
    ok cubby rm -f one
    ok cubby ps -aq
    out_is ''
}

@test 'what a container writes survives stop and start, and goes with it' {
    ok cubby run -d --name keeper --network none bb:1 sh -c 'echo first >> /data; exec sleep 1000'
    ok cubby run -d --name other --network none bb:1 sleep 1000
    wait_for 5 cubby exec keeper test -s /data
    ok cubby restart -t 0 keeper
    wait_for 5 cubby exec keeper sh -c '[ "$(wc -l < /data)" = 2 ]'
    fails 1 cubby exec other test -e /data
    ok cubby rm -f keeper
    fails 1 cubby run --rm --network none bb:1 test -e /data
}

@test 'standard input goes in, is byte-exact, and ends' {
    head -c 300000 /dev/urandom > "$BATS_TEST_TMPDIR/bytes"
    cubby run --rm -i --network none bb:1 cat < "$BATS_TEST_TMPDIR/bytes" > "$BATS_TEST_TMPDIR/back"
    cmp "$BATS_TEST_TMPDIR/bytes" "$BATS_TEST_TMPDIR/back"
    printf 'a\nb\n' > "$BATS_TEST_TMPDIR/lines"
    # without -i nothing is eaten
    while read -r word; do
        cubby run --rm --network none bb:1 cat
        echo "$word"
    done < "$BATS_TEST_TMPDIR/lines" > "$BATS_TEST_TMPDIR/words"
    cmp "$BATS_TEST_TMPDIR/lines" "$BATS_TEST_TMPDIR/words"
}

@test 'a terminal has its size before the command starts' {
    ok tty --size 93x31 -- env -i HOME="$HOME" PATH="$PATH" USER="$USER" TERM=xterm \
        "$CUBBY" --root "$STORE" run --rm -it --network none bb:1 stty size
    out_has '31 93'
}

@test 'run -d keeps nothing of its caller open' {
    # the substitution ends only when the last writer of the pipe has gone
    id=$(cubby run -d --network none bb:1 sleep 1000)
    [ ${#id} = 64 ]
}
