# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# common - what every bats file loads: a store of its own, the program, the registry, leak checks
#
# A file has one store, in its own temporary folder; its containers are removed after each test, and
# after the last one nothing may be left: no process, no mount. A file that needs more defines
# setup_file() or teardown() itself and calls file_setup or test_teardown from it.
#
#   load ../lib/common
#   setup_file() { file_setup; import_busybox; }
#
#   @test 'run prints what the command prints' {
#       ok cubby run --rm --network none bb:1 echo hello
#       out_is hello
#   }
#
# Where a file says "# run: alone" near its top, no other runs at the same time; "# run: without
# sub-ids" has it run by a user who has none, "# run: as root" by root, in a mount namespace of its
# own (tests/lib/host.bash is for those).

bats_require_minimum_version 1.5.0

: "${CUBBY_SRC:=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)}"
: "${CUBBY_BUILD:=$PWD}"
: "${CUBBY:=$CUBBY_BUILD/cubby}"
: "${CUBBY_IMAGES_DIR:=/var/cache/cubby-images}"
export CUBBY_SRC CUBBY_BUILD CUBBY CUBBY_IMAGES_DIR

STORE=${BATS_FILE_TMPDIR:-}/s          # short: some paths have a limit
CUBBY_ENV=()                           # more environment for cubby: CUBBY_ENV=(TERM=xterm)

# cubby ARGS...: the program on this file's store, with an environment from nothing.
# CUBBY_SECONDS bounds it; what it starts in the background is not bounded. CUBBY_STORAGE=DRIVER has all
# containers of a run on that storage driver; CUBBY_STORES=DIR puts a store behind the file's.
cubby() {
    env -i HOME="$HOME" PATH="$PATH" USER="$USER" "${CUBBY_ENV[@]}" \
        timeout --foreground -k 5 "$((${CUBBY_SECONDS:-60} * ${CUBBY_PATIENCE:-1}))" "$CUBBY" --root "$STORE" \
        ${CUBBY_STORAGE:+--storage-driver "$CUBBY_STORAGE"} ${CUBBY_STORES:+--store "$CUBBY_STORES"} "$@"
}

# --- what a test expects -------------------------------------------------------------

# say_run: the last command as it went, for a failed expectation
say_run() {
    printf '%s\n' "$1" "status: ${status-}" "stdout: ${output-}" "stderr: ${stderr-}" >&2
    return 1
}

# try COMMAND...: sets $status, $output (and $lines) and $stderr. In place of bats' run, which warns
# of the status 127 that a container may well end with.
try() {
    local dir=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}
    status=0
    "$@" > "$dir/.out" 2> "$dir/.err" || status=$?
    output=$(tr -d '\0' < "$dir/.out")
    stderr=$(tr -d '\0' < "$dir/.err")
    # shellcheck disable=SC2034  # for the tests
    mapfile -t lines <<< "$output"
}

# ok COMMAND...: it succeeds; $output and $stderr are what it printed
ok() {
    try "$@"
    [ "$status" -eq 0 ] || say_run "expected success: $*"
}

# fails STATUS COMMAND...: it ends with that status
fails() {
    local want=$1
    shift
    try "$@"
    [ "$status" -eq "$want" ] || say_run "expected status $want: $*"
}

out_is() { [ "$output" = "$1" ] || say_run "stdout is not: $1"; }
out_has() { [[ $output == *"$1"* ]] || say_run "stdout does not have: $1"; }
out_lacks() { [[ $output != *"$1"* ]] || say_run "stdout has: $1"; }
out_matches() { [[ $output =~ $1 ]] || say_run "stdout does not match: $1"; }
err_is() { [ "$stderr" = "$1" ] || say_run "stderr is not: $1"; }
err_has() { [[ $stderr == *"$1"* ]] || say_run "stderr does not have: $1"; }
err_lacks() { [[ $stderr != *"$1"* ]] || say_run "stderr has: $1"; }
err_matches() { [[ $stderr =~ $1 ]] || say_run "stderr does not match: $1"; }

# wait_for SECONDS COMMAND...: until it succeeds. A slow machine is given CUBBY_PATIENCE times as long. The only place that asks again and again:
# where a test can wait for an event (cubby wait, logs -f, a pipe), it does that.
wait_for() {
    local end=$((SECONDS + $1 * ${CUBBY_PATIENCE:-1}))
    shift
    until "$@" > /dev/null 2>&1; do
        if [ "$SECONDS" -ge "$end" ]; then
            echo "never true: $*" >&2
            return 1
        fi
        sleep 0.05
    done
}

# free_port [COUNT]: one that nobody has, and no other test of this run gets; the first of COUNT in a row
free_port() {
    local shared=${CUBBY_WORK:+$TMPDIR}
    "$CUBBY_SRC/tests/lib/free-port" "${shared:-$BATS_RUN_TMPDIR}/ports" "$@"
}

# has_ranges: whether the user who runs the tests has sub-ids, or one id
has_ranges() { [ "$(cubby unshare cat /proc/self/uid_map | awk '{ n += $3 } END { print n }')" -gt 1 ]; }

# needs WHAT: skip the test, and say why, where the user who runs it does not have that:
#   ranges	sub-ids: what depends on files and processes having different owners
needs() { "has_$1" || skip "needs $1 of sub-ids, and $USER has one id"; }

# --- images ----------------------------------------------------------------------------

# busybox_tar: print the path of a root filesystem with busybox, as a tar; made once a run, or before it
busybox_tar() {
    [ ! -s "$CUBBY_BUILD/busybox.tar" ] || { echo "$CUBBY_BUILD/busybox.tar"; return; }
    local tar=${CUBBY_WORK:+$TMPDIR/}
    tar=${tar:-$BATS_RUN_TMPDIR/}busybox.tar
    [ -s "$tar" ] || "$CUBBY_SRC/tests/lib/busybox-tar" "$tar"
    echo "$tar"
}

# import_busybox [NAME]: an image with busybox as NAME (bb:1) in this file's store
import_busybox() {
    cubby import -c 'CMD ["sh"]' "$(busybox_tar)" "${1:-bb:1}" > "$BATS_FILE_TMPDIR/import.out" 2>&1 3>&- ||
        { cat "$BATS_FILE_TMPDIR/import.out" >&2; return 1; }
}

# registry_start [OPTIONS of tests/images/registry]: this file's own; sets REGISTRY (HOST:PORT)
registry_start() {
    export CUBBY_REGISTRY_STATE=$BATS_FILE_TMPDIR/r
    "$CUBBY_SRC/tests/images/registry" start --from $((20000 + RANDOM % 10000)) "$@" \
        > "$BATS_FILE_TMPDIR/registry.out" 2>&1 3>&- ||
        { cat "$BATS_FILE_TMPDIR/registry.out" >&2; return 1; }
    REGISTRY=$("$CUBBY_SRC/tests/images/registry" name)
    export REGISTRY
}

registry_log() { "$CUBBY_SRC/tests/images/registry" log; }
registry_ca() { "$CUBBY_SRC/tests/images/registry" ca; }

registry_stop() {
    [ ! -d "$BATS_FILE_TMPDIR/r" ] ||
        CUBBY_REGISTRY_STATE=$BATS_FILE_TMPDIR/r "$CUBBY_SRC/tests/images/registry" stop
}

# --- servers of a test ------------------------------------------------------------------

declare -gA SERVERS=()                 # their processes by name

# serve NAME PROGRAM ARGS...: start a server that prints its HOST:PORT; sets NAME to that. It replaces the
# one of that name, and ends with the test; what it says is in NAME.err.
serve() {
    local name=$1 pipe=$BATS_TEST_TMPDIR/pipe.$1
    shift
    unserve "$name"
    [ -p "$pipe" ] || mkfifo "$pipe"
    "$@" > "$pipe" 2> "$BATS_TEST_TMPDIR/$name.err" 3>&- &
    SERVERS[$name]=$!
    read -r "${name?}" < "$pipe"
}

# unserve NAME...: end them
unserve() {
    local name
    for name in "$@"; do
        [ -n "${SERVERS[$name]-}" ] || continue
        kill -KILL "${SERVERS[$name]}"
        wait "${SERVERS[$name]}" 2> /dev/null || true
        unset "SERVERS[$name]"
    done
}

# --- a terminal ------------------------------------------------------------------------

# tty ARGS...: see tests/lib/tty: run a command on a terminal of its own, expect and send text
tty() { "$CUBBY_SRC/tests/lib/tty" "$@"; }

# on_tty STEPS... -- ARGS...: cubby on this file's store, on that terminal
on_tty() {
    local steps=()
    while [ "$1" != -- ]; do
        steps+=("$1")
        shift
    done
    shift
    tty "${steps[@]}" -- env -i HOME="$HOME" PATH="$PATH" USER="$USER" TERM=xterm \
        "${CUBBY_ENV[@]}" "$CUBBY" --root "$STORE" "$@"
}

# --- begin and end ------------------------------------------------------------------------

file_setup() {
    [ -x "$CUBBY" ] || { echo "there is no '$CUBBY': build it first" >&2; return 1; }
    mkdir -p "$STORE"
}

# remove_containers: all of this file's store, however they are
remove_containers() {
    local ids
    ids=$(cubby ps -aq 2> /dev/null) || return 0
    # shellcheck disable=SC2086  # one word each
    [ -z "$ids" ] || cubby rm -f -v -t 0 $ids > /dev/null 2>&1 || cubby rm -f -v $ids > /dev/null
}

test_teardown() {
    unserve "${!SERVERS[@]}"
    remove_containers
}

# holders: processes that know this file's store, by their words or their mounts
holders() {
    local pid words
    grep -lsF -- "$STORE" /proc/[0-9]*/cmdline /proc/[0-9]*/mountinfo | cut -d/ -f3 | sort -un |
        while read -r pid; do
            # one that has just ended, like this grep itself, has no words any more
            words=$(tr '\0' ' ' < "/proc/$pid/cmdline" | cut -c1-150) || continue
            [ "$pid" = "$$" ] || [ -z "$words" ] || echo "$pid $words"
        done 2> /dev/null
}

no_holders() { [ -z "$(holders)" ]; }

file_teardown() {
    local bad=0
    remove_containers || bad=1
    registry_stop
    wait_for 5 no_holders || { echo "processes are left: $(holders)" >&2; bad=1; }
    if grep -F -- "$STORE" /proc/self/mountinfo >&2; then
        echo "mounts are left" >&2
        bad=1
    fi
    if [ -d "$STORE" ]; then
        rm -rf "$STORE" 2> /dev/null || cubby unshare rm -rf "$STORE" || bad=1
    fi
    return "$bad"
}

setup_file() { file_setup; }
teardown_file() { file_teardown; }
teardown() { test_teardown; }
