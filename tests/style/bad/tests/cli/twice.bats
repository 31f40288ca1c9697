#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
@test 'one name' {
    skip
}
@test 'one name' {
    ! true
    ! true || false
    true && \
    ! true
}
