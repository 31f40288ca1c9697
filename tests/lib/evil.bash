# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154
#
# evil - what must be true after an attack of the image set, however the image comes in

setup() {
    CANARY=/tmp/cubby-canary
    # what the attacks reach for; another run of this file may have made it
    mkdir -p "$CANARY.d"
    [ -e "$CANARY" ] || echo canary > "$CANARY"
    [ -e "$CANARY.d/x" ] || echo canary > "$CANARY.d/x"
}

# nothing_outside: what the attacks write to, or remove, is as it was
nothing_outside() {
    local found
    found=$(find /tmp -maxdepth 1 -name 'cubby-evil-*')
    [ -z "$found" ] || { echo "made outside: $found" >&2; return 1; }
    [ "$(cat "$CANARY")" = canary ] || { echo "the canary has changed" >&2; return 1; }
    [ "$(cat "$CANARY.d/x")" = canary ] || { echo "the canary's folder has changed" >&2; return 1; }
}

left_in_store() { find "$STORE/tmp" -mindepth 2 2> /dev/null | head -n 5; }
no_left_in_store() { [ -z "$(left_in_store)" ]; }

# clean_store: no temporary object is left in the store's tmp/HOST/, once the monitor of the container
# before has deleted what was its own
clean_store() {
    wait_for 20 no_left_in_store || { echo "left in the store: $(left_in_store)" >&2; return 1; }
}

# orderly WHAT: the program ended by itself, and said why when it failed
orderly() {
    [ "$status" -lt 124 ] || [ "$status" -eq 125 ] || say_run "$1 crashed or hung"
    [ "$status" -eq 0 ] || [ -n "$stderr" ] || say_run "nothing was said about $1"
}

# Two ways in: bring_by_WAY NAME tries it, and sets IMAGE to what it is called then.
ways=(load pull)

bring_by_load() {
    CUBBY_SECONDS=120 try cubby load -i "$CUBBY_IMAGES_DIR/evil/$1.tar"
    IMAGE=$(sed -nE 's/^Loaded images?: *//p' <<< "$output")
    [ "$status" -ne 0 ] || [ -n "$IMAGE" ] || say_run "load does not say what $1 is called"
}

bring_by_pull() {
    IMAGE=$REGISTRY/test/$1:1
    CUBBY_SECONDS=120 try cubby pull -q --tls-verify=false "$IMAGE"
}

refuses() { # refuses NAME
    local before way
    before=$(cubby images -a -q --no-trunc | sort)
    for way in "${ways[@]}"; do
        "bring_by_$way" "$1"
        orderly "$way of $1"
        [ "$status" -ne 0 ] || say_run "$way took $1"
        [ "$(cubby images -a -q --no-trunc | sort)" = "$before" ] || say_run "there is a new image"
        nothing_outside
        clean_store
    done
}

contains() { # contains NAME
    local way
    for way in "${ways[@]}"; do
        "bring_by_$way" "$1"
        orderly "$way of $1"
        nothing_outside
        clean_store
        [ "$status" -eq 0 ] || continue
        try cubby run --rm --network none "$IMAGE" true
        [ "$status" -ne 124 ] && [ "$status" -lt 128 ] || say_run "running $1 crashed or hung"
        nothing_outside
        ok cubby rmi "$IMAGE"
    done
}
