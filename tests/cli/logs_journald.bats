# SPDX-License-Identifier: LGPL-2.1-or-later
# logs - of containers whose output went to systemd's journal
#
# Each test has a real journald of its own, which ends with the test; so do the containers' records.

load ../lib/common

# journal SCRIPT: in it, cubby is the program on a store of that journal's own, with bb:1
journal() {
    ok "$CUBBY_SRC/tests/lib/with-journal" bash -euc '
        store=$1 tar=$2
        cubby() { "$CUBBY" --root "$store" "$@"; }
        cubby import -c "CMD [\"sh\"]" "$tar" bb:1 > /dev/null 2>&1
        status=0
        (eval "$3") || status=$?
        cubby rm -fa > /dev/null
        cubby unshare rm -rf "$store"
        exit "$status"' bash "$STORE/j" "$(busybox_tar)" "$1"
}

@test 'both streams come back from the journal, apart and without a newline of ours' {
    journal 'cubby run --name web --network none --log-driver journald bb:1 \
                sh -c "echo out; echo oops >&2; printf part" > /dev/null 2>&1
        cubby logs web'
    out_is 'out
part'
    err_is oops
}

@test 'a record in the journal says whose it is, and how bad' {
    journal 'cubby run --name web --network none --log-driver journald --log-opt tag={{.Name}}/x \
                --log-opt labels=com.example.a -l com.example.a=b bb:1 sh -c "echo oops >&2" 2> /dev/null
        cubby logs web > /dev/null 2>&1
        journalctl -q -o json CONTAINER_NAME=web
        cubby ps -aq --no-trunc'
    python3 - "${lines[0]}" "${lines[1]}" <<'END'
import json, sys
e = json.loads(sys.argv[1])
assert e["MESSAGE"] == "oops" and e["PRIORITY"] == "3", e
assert e["CONTAINER_ID_FULL"] == sys.argv[2] and e["CONTAINER_ID"] == sys.argv[2][:12], e
assert e["CONTAINER_TAG"] == e["SYSLOG_IDENTIFIER"] == "web/x" and e["COM_EXAMPLE_A"] == "b", e
END
}

@test '--tail, --since, --until and -t work on the journal too' {
    journal 'cubby run --name web --network none --log-driver journald bb:1 seq 1 20 > /dev/null
        cubby logs --tail 2 web; cubby logs --since 1h web | head -n 1
        echo "none: $(cubby logs --until 1h web)"; cubby logs -t -n 1 web'
    out_matches $'^19\n20\n1\nnone: \n20[0-9-]+T[0-9:.]+Z 20$'
}

@test 'long lines come back whole from the journal' {
    journal 'cubby run --name web --network none --log-driver journald bb:1 \
                sh -c "head -c 100000 /dev/zero | tr \"\\0\" x; echo" > /dev/null
        cubby logs web | wc -lc | tr -s " "'
    out_matches '^ ?1 100001$'
}

@test 'logs -f of the journal sees every line and ends with the container' {
    journal 'cubby run -d --name web --network none --log-driver journald bb:1 \
                sh -c "seq 1 500; sleep 0.2; seq 501 2000" > /dev/null
        cubby logs -f web > "$store.lines"
        seq 1 2000 | cmp - "$store.lines"; echo same
        rm "$store.lines"'
    out_is same
}

@test 'without a journal nothing is started, and the drivers that need none are named' {
    ok unshare --user --map-root-user --mount bash -c 'mount -t tmpfs tmpfs /run
        mkdir "$2"
        "$CUBBY" --root "$2" import -c "CMD [\"sh\"]" "$1" bb:1 > /dev/null
        "$CUBBY" --root "$2" run --rm --network none --log-driver journald bb:1 echo hello 2>&1
        echo "status $?"
        "$CUBBY" --root "$2" unshare rm -rf "$2"' bash "$(busybox_tar)" "$STORE/n"
    out_has "cannot reach the journal"
    out_has 'json-file'
    out_lacks hello
    out_has 'status 12'
}
