# SPDX-License-Identifier: LGPL-2.1-or-later
# system migrate, system renumber - nothing is to be done, and they say so

load ../lib/common

@test 'migrate has nothing to do and says so' {
    ok cubby system migrate
    out_is ''
    err_has 'nothing to migrate'
    ok cubby system migrate --migrate-db
    fails 125 cubby system migrate --new-runtime crun
}

@test 'renumber has nothing to do and says so' {
    ok cubby system renumber
    out_is ''
    err_has 'nothing to renumber'
}
