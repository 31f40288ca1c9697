# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What happens to a user over the years: a session ends, the machine starts anew, a process number comes
# again, a folder is lost, a file is torn. The next command works, without any repair.

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    cp "$(busybox_tar)" "$BATS_FILE_TMPDIR/other.tar"
    echo other > "$BATS_FILE_TMPDIR/mark"
    tar -C "$BATS_FILE_TMPDIR" --owner=0 --group=0 -rf "$BATS_FILE_TMPDIR/other.tar" ./mark
    cubby import "$BATS_FILE_TMPDIR/other.tar" other:1 > /dev/null
}

# state_of NAME: the file with its state
state_of() { echo "$STORE/containers/$(cubby inspect "$1" --format '{{.Id}}')/state.json"; }

# kill_all: every process of this file's store, at once, as a machine that goes down does
kill_all() {
    local words
    words=$(holders | cut -d' ' -f1)
    # shellcheck disable=SC2086  # one word each
    kill -KILL $words 2> /dev/null || true
    wait_for 10 no_holders
}

# --- the session -----------------------------------------------------------------------------

@test 'without XDG_RUNTIME_DIR, and when it is taken away: logs, exec, stop and start work' {
    local runtime=$BATS_TEST_TMPDIR/run name
    mkdir -m 0700 "$runtime"
    CUBBY_ENV=(XDG_RUNTIME_DIR="$runtime" DBUS_SESSION_BUS_ADDRESS="unix:path=$runtime/bus")
    for name in a b c; do
        ok cubby run -d --name "$name" bb:1 sh -c "echo says $name; exec sleep 1000"
    done
    rm -rf "$runtime"
    for name in a b; do
        wait_for 10 grep -q . <(cubby logs "$name")
        ok cubby logs "$name"
        out_is "says $name"
        ok cubby exec "$name" echo inside
        out_is inside
    done
    CUBBY_ENV=()
    ok cubby exec c echo inside
    ok cubby ps --format '{{.Names}}' --filter status=running
    [ "$(sort <<< "$output")" = $'a\nb\nc' ]
    ok cubby stop -t 0 a b c
    ok cubby start a
    ok cubby exec a echo again
    out_is again
}

@test 'every process of the user is killed: the next commands work and nothing is repaired' {
    local port
    port=$(free_port)
    ok cubby run -d --name web -p "$port:80" -v data:/d bb:1 sh -c 'echo kept > /d/f; echo kept > /f; exec sleep 1000'
    ok cubby run -d --name gone --rm --network none bb:1 sleep 1000
    wait_for 10 cubby exec web cat /f
    kill_all
    ok cubby ps -a --format '{{.Names}} {{.Status}}'
    out_matches '^web Exited \(137\)'
    out_lacks gone
    ok cubby inspect web --format '{{.State.Error}}'
    [ -n "$output" ]
    ok cubby start web
    ok cubby exec web cat /d/f /f
    out_is $'kept\nkept'
    ok cubby port web
    out_has ":$port"
    ok cubby rm -f -t 0 web
    ok cubby volume rm data
    ok cubby system check
    out_is 'the store is in order'
}

# --- the machine -----------------------------------------------------------------------------

@test 'after a start of the machine containers have exited, with the reason, and start again as they were' {
    local name before port file
    port=$(free_port)
    ok cubby run -d --name first -p "$port:80" --hostname h1 bb:1 sleep 1000
    ok cubby run -d --name second --network none bb:1 sleep 1000
    before=$(cubby inspect first second --format '{{.Id}} {{.Config.Hostname}}')
    local files
    files=$(for name in first second; do state_of "$name"; done)
    kill_all
    for file in $files; do
        sed -i 's/"boot_id":"[^"]*"/"boot_id":"00000000-0000-0000-0000-000000000000"/' "$file"
    done
    ok cubby ps -aq --filter status=running
    out_is ''
    ok cubby inspect first --format '{{.State.Status}} {{.State.Error}}'
    out_matches '^exited .*(restart|boot|start)'
    ok cubby start first second
    [ "$(cubby inspect first second --format '{{.Id}} {{.Config.Hostname}}')" = "$before" ]
    ok cubby port first
    out_has ":$port"
}

@test 'a process whose number comes again belongs to a stranger, and is left alone' {
    local stranger verb file
    sleep 1000 3>&- &
    stranger=$!
    for verb in 'stop -t 0' kill 'rm -f' 'restart -t 0' pause; do
        ok cubby run -d --name old --network none bb:1 sleep 1000
        file=$(state_of old)
        cp "$file" "$BATS_TEST_TMPDIR/state"
        kill_all
        # as written by the monitor that was killed, but both numbers are now another's
        sed "s/\"pid\":[0-9]*/\"pid\":$stranger/; s/\"monitor_pid\":[0-9]*/\"monitor_pid\":$stranger/" \
            "$BATS_TEST_TMPDIR/state" > "$file"
        ok cubby ps -q --filter status=running
        out_is ''
        # shellcheck disable=SC2086  # words
        try cubby $verb old
        [ "$status" -lt 126 ]
        kill -0 "$stranger" || { echo "'$verb' killed a stranger" >&2; return 1; }
        [ "$(sed 's/.*) //; s/ .*//' "/proc/$stranger/stat")" = S ]
        try cubby rm -f -t 0 old
    done
    kill "$stranger"
}

# --- the disk --------------------------------------------------------------------------------

@test 'a folder of a layer that is lost hurts its own image alone' {
    local layer
    ok cubby create --name of-other --network none other:1 cat /mark
    ok cubby run -d --name runs --network none bb:1 sleep 1000
    layer=$(cubby image inspect other:1 --format '{{index .RootFS.Layers 0}}')
    cubby unshare rm -rf "$STORE/layers/${layer#sha256:}" "$STORE/layers/$layer"
    ok cubby ps -a --format '{{.Names}}'
    out_has of-other
    ok cubby images
    ok cubby exec runs true
    ok cubby run --rm --network none bb:1 echo runs
    out_is runs
    ok cubby image prune -f
    # its own works again, because the blob is kept, or says what is missing
    CUBBY_SECONDS=60 try cubby start -a of-other
    [ "$status" -eq 0 ] && out_is other || err_has layer
    ok cubby rm of-other
    ok cubby rmi other:1
    ok cubby import -q "$BATS_FILE_TMPDIR/other.tar" other:1
    ok cubby run --rm --network none other:1 cat /mark
    out_is other
}

@test 'a record that was torn is shown as damaged, and everything else works' {
    local file size
    ok cubby run -d --name whole --network none bb:1 sleep 1000
    for size in 0 1 40; do
        ok cubby create --name torn --network none bb:1 true
        file=$(state_of torn)
        truncate -s "$size" "$file"
        ok cubby ps -a
        out_has whole
        err_has damaged
        ok cubby exec whole true
        ok cubby images
        fails 125 cubby start torn
        ok cubby run --rm --network none bb:1 true
        # shellcheck disable=SC2046  # one id
        ok cubby rm -f $(basename "$(dirname "$file")")
        ok cubby ps -a
        err_lacks damaged
        # its name is free
        ok cubby create --name torn --network none bb:1 true
        ok cubby rm torn
    done
}
