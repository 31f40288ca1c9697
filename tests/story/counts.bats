# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What a command does many times is counted, not timed: files that are opened, times that it syncs. With
# many containers and images it grows with their number, not with its square.

load ../lib/common

MANY=200

setup_file() {
    local i
    file_setup
    import_busybox
    cubby run --rm --network none bb:1 true # the first monitor of a store
    for i in $(seq 40); do
        echo "$i" > "$BATS_FILE_TMPDIR/f"
        tar -C "$BATS_FILE_TMPDIR" -cf "$BATS_FILE_TMPDIR/t.tar" f
        cubby import -q "$BATS_FILE_TMPDIR/t.tar" "small:$i" > /dev/null
        cubby volume create "v$i" > /dev/null
    done
    fill
}

# fill: MANY containers, each with an anonymous volume
fill() {
    local i have
    have=$(cubby ps -aq | wc -l)
    for i in $(seq "$have" $((MANY - 1))); do
        cubby create --network none -v /anonymous bb:1 true > /dev/null
    done
}

# they stay for the next test
teardown() { :; }

# opens COMMAND...: run it, and set $opens and $syncs
opens() {
    ok env -i HOME="$HOME" PATH="$PATH" USER="$USER" "$CUBBY_BUILD/tests/tools/calls" \
        "$BATS_TEST_TMPDIR/count" "$CUBBY" --root "$STORE" "$@"
    opens=$(sed -n 's/^opens //p' "$BATS_TEST_TMPDIR/count")
    syncs=$(sed -n 's/^syncs //p' "$BATS_TEST_TMPDIR/count")
}

# at_most N: the files that were opened
at_most() { [ "$opens" -le "$1" ] || say_run "$opens files were opened, not at most $1"; }

# volumes A B: their names
volumes() { seq -f 'v%g' "$1" "$2"; }

# For each container its state and its configuration are read, for each image its manifest; 25 files are
# what the program itself needs.

@test 'ps reads one file a container, and takes no lock' {
    opens ps -a
    [ "${#lines[@]}" = $((MANY + 1)) ]
    at_most $((MANY + 25))
    opens ps -a --filter volume=/anonymous
    at_most $((2 * MANY + 25))
    [ "$syncs" = 0 ]
    ok without_writing ps -a
}

@test 'a start reads no record but its own' {
    opens run --rm --network none bb:1 true
    at_most 60
    opens create --network none bb:1 true
    at_most 60
    opens rm "$output"
    at_most 60
}

@test 'a container is made with one look at each layer' {
    local i one image=bb:1
    opens create --network none bb:1 true
    one=$opens
    ok cubby rm "$output"
    for i in 1 2 3; do
        ok cubby run --name "layer$i" --network none "$image" touch "/f$i"
        ok cubby commit -q "layer$i" "layers:$i"
        ok cubby rm "layer$i"
        image=layers:$i
    done
    opens create --network none "$image" true
    ok cubby rm "$output"
    [ "$opens" = $((one + 3)) ] || say_run "three layers more are $((opens - one)) files more"
    ok cubby rmi layers:1 layers:2 layers:3
}

# without_writing ARGS...: where nothing of the store can be written or locked
without_writing() {
    chmod a-w "$STORE" "$STORE/lock"
    try cubby "$@"
    chmod u+w "$STORE" "$STORE/lock"
    return "$status"
}

@test 'rmi of many reads the containers once, and writes the list of images once' {
    # shellcheck disable=SC2046  # words
    opens rmi $(seq -f 'small:%g' 20)
    [ "$(grep -c ^Deleted <<< "$output")" = 20 ]
    at_most $((2 * MANY + 20 * 15 + 25))
    [ "$syncs" -le 2 ]
}

@test 'image prune reads the containers once' {
    opens image prune -a -f
    [ "${#lines[@]}" = 20 ]
    at_most $((2 * MANY + 20 * 25 + 25))
}

@test 'volume rm and volume prune read the containers once' {
    # shellcheck disable=SC2046  # words
    opens volume rm $(volumes 1 20)
    [ "${#lines[@]}" = 20 ]
    at_most $((MANY + 20 * 8 + 25))
    opens volume prune -f
    [ "${#lines[@]}" = 20 ]
    at_most $((4 * MANY + 20 * 15 + 25))
}

@test 'rm -v of many reads the others once' {
    local ids
    ids=$(cubby ps -aq | head -40)
    # shellcheck disable=SC2086  # words
    opens rm -v $ids
    [ "$output" = "$ids" ]
    at_most $((MANY + 40 * 30 + 25))
    fill
    ids=$(cubby ps -aq | head -40)
    # shellcheck disable=SC2086  # words
    opens rm --depend $ids
    at_most $((2 * MANY + 40 * 30 + 25))
    ok cubby ps -aq
    [ "${#lines[@]}" = $((MANY - 40)) ]
}
