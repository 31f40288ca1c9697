#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later

away() { cubby rm -t 0 "$@"; }

@test 'some flags are given' {
    cubby run -d --name --lost bb:1 \
        sh --lost
    cubby container rm -f x | grep --gone
    cubby --version
    # cubby rm --gone
    # gives: rm --hidden
    away x
}
