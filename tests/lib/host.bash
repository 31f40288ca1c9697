# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# host - a host that is not as it should be, made by root in a mount namespace of its own
#
# For files that say "# run: as root". cubby is still run by the tests' user, on the host as it is,
# or on one that on_host changes first. Nothing of the real host changes, nothing is to be undone:
# the namespace ends with the last process in it.
#
#   load ../lib/common
#   load ../lib/host
#   setup_file() { host_setup; }
#
#   @test '…' {
#       try on_host 'mount --bind /dev/null /etc/subuid' doctor
#   }

TESTER=cubby-test

# words_of_cubby ARGS...: sets WORDS: cubby as the tests' user, on this file's store
words_of_cubby() {
    WORDS=(setpriv --reuid "$TESTER" --regid "$(id -g "$TESTER")" --init-groups --
        env -i HOME="$BATS_FILE_TMPDIR/h" PATH="$PATH" USER="$TESTER" "${CUBBY_ENV[@]}"
        timeout --foreground -k 5 "${CUBBY_SECONDS:-60}" "$CUBBY" --root "$STORE" "$@")
}

cubby() {
    local WORDS
    words_of_cubby "$@"
    "${WORDS[@]}"
}

# on_host CHANGE ARGS...: cubby ARGS on a host that CHANGE has changed: what bash does as root
# before. It may set REFUSE=(WHAT=ERROR...), see tests/lib/refuse.
on_host() {
    local change=$1 WORDS
    shift
    words_of_cubby "$@"
    # shellcheck disable=SC2016  # the inner shell expands these
    unshare --mount --propagation private -- bash -euc '
        REFUSE=()
        PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
        eval "$1"
        shift
        exec ${REFUSE[@]+"$CUBBY_SRC/tests/lib/refuse" "${REFUSE[@]}" --} "$@"' \
        on-host "$change" "${WORDS[@]}"
}

# host_setup: give the tests' user a store and a home in this file's folder
host_setup() {
    [ "$(id -u)" = 0 ] || { echo "this file has to be run as root" >&2; return 1; }
    chmod 0711 "$BATS_RUN_TMPDIR" "${BATS_FILE_TMPDIR%/*}" "$BATS_FILE_TMPDIR"
    install -d -o "$TESTER" -g "$(id -g "$TESTER")" -m 0700 "$BATS_FILE_TMPDIR/h" "$STORE"
    file_setup
}
