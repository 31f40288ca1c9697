#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# How verbs choose containers without a name: --latest, --cidfile, --filter, --all.

load ../lib/common

setup_file() {
    file_setup
    import_busybox
}

# Two containers, the second made last; their ids in files.
setup() {
    local n
    for n in first last; do
        cubby create --name "$n" -l "which=$n" --network none --stop-timeout 0 \
            --cidfile "$BATS_TEST_TMPDIR/$n" bb:1 sleep 1000 > /dev/null
    done
}

# are FIRST LAST: the states of the two
are() {
    [ "$(cubby inspect -f '{{.State.Status}}' first last | xargs)" = "$1 $2" ] ||
        { cubby ps -a >&2; return 1; }
}

pid_of() { cubby inspect -f '{{.State.Pid}}' "$1"; }

@test '--latest is the container made last' {
    ok cubby start --latest
    are created running
    ok cubby pause --latest
    are created paused
    ok cubby unpause --latest
    are created running
    local pid
    pid=$(pid_of last)
    ok cubby restart --latest
    are created running
    [ "$(pid_of last)" != "$pid" ]
    ok cubby stop --latest
    are created exited
    ok cubby start -l
    ok cubby kill -l
    ok cubby wait last
    out_is 137
    ok cubby port --latest
    out_is ''
    ok cubby rm -l
    fails 1 cubby container exists last
    ok cubby container exists first
}

@test '--latest takes no name beside it' {
    local verb
    for verb in start pause unpause restart stop kill rm port attach; do
        fails 125 cubby "$verb" --latest first
        [ -n "$stderr" ]
    done
    are created created
}

@test '--cidfile reads the id from a file' {
    local f=$BATS_TEST_TMPDIR/first
    ok cubby start --cidfile "$f"
    are running created
    ok cubby pause --cidfile "$f"
    are paused created
    ok cubby unpause --cidfile "$f"
    are running created
    local pid
    pid=$(pid_of first)
    ok cubby restart --cidfile "$f"
    [ "$(pid_of first)" != "$pid" ]
    ok cubby stop --cidfile "$f"
    are exited created
    ok cubby start --cidfile "$f"
    ok cubby kill --cidfile "$f"
    ok cubby wait first
    out_is 137
    ok cubby rm --cidfile "$f"
    ok cubby ps -a --format '{{.Names}}'
    out_is last
}

@test 'a --cidfile that is not there is named' {
    local verb
    for verb in start pause unpause restart stop kill; do
        fails 125 cubby "$verb" --cidfile "$BATS_TEST_TMPDIR/nothing"
        err_has "$BATS_TEST_TMPDIR/nothing"
    done
    try cubby rm --cidfile "$BATS_TEST_TMPDIR/nothing"
    [ "$status" != 0 ]
    err_has "$BATS_TEST_TMPDIR/nothing"
}

@test '--filter chooses as ps does' {
    ok cubby start first last
    ok cubby pause --filter label=which=first
    are paused running
    ok cubby unpause --filter status=paused
    are running running
    local first last
    first=$(pid_of first) last=$(pid_of last)
    ok cubby restart --filter name=las
    [ "$(pid_of first)" = "$first" ]
    [ "$(pid_of last)" != "$last" ]
    ok cubby kill --filter label=which=last
    ok cubby wait last
    are running exited
    ok cubby start --filter status=exited
    are running running
    ok cubby stop --filter label=which
    are exited exited
    fails 125 cubby kill --filter colour=red
    err_has 'known filters'
}

@test '--all is every one that the verb is for' {
    ok cubby start --all
    are running running
    ok cubby pause --all
    are paused paused
    ok cubby unpause --all
    are running running
    ok cubby kill --all
    ok cubby wait first last
    are exited exited
    ok cubby kill --all
    out_is ''
    ok cubby start first
    local first
    first=$(pid_of first)
    ok cubby restart --all --running
    are running exited
    [ "$(pid_of first)" != "$first" ]
    ok cubby restart --all
    are running running
}

@test '--running of restart alone is --all --running' {
    ok cubby start first
    ok cubby restart --running
    are running created
}

@test 'rm --ignore passes over what is not there' {
    fails 1 cubby rm nothere first
    fails 1 cubby container exists first
    ok cubby rm --ignore nothere last
    err_is ''
    ok cubby ps -aq
    out_is ''
}
