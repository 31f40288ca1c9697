# SPDX-License-Identifier: LGPL-2.1-or-later
# rename - give a container another name

load ../lib/common

setup_file() { file_setup; import_busybox; }

# names that are no beginning of an id
@test 'rename changes the name of a running and of a stopped container' {
    ok cubby run -d --network none --name one bb:1 sleep 1000
    ok cubby rename one two
    ok cubby ps --format '{{.Names}}'
    out_is two
    fails 125 cubby inspect one
    ok cubby stop -t 0 two
    ok cubby rename two three
    ok cubby inspect three --format '{{.Name}}'
    out_is three
}

@test 'a name that is taken, or cannot be one, is refused' {
    ok cubby create --network none --name a bb:1 true
    ok cubby create --network none --name b bb:1 true
    fails 125 cubby rename a b
    fails 125 cubby rename a 'no name'
    ok cubby inspect a
}

# web SCRIPT: a container of that name in the background
web() { cubby run -d --name web --network none bb:1 sh -c "$1"; }

@test 'rename changes the name of a stopped and of a running container' {
    ok cubby create --name web --network none bb:1 sleep 100
    ok cubby rename web one
    ok cubby start one
    ok cubby rename one two
    ok cubby ps --format '{{.Names}}'
    out_is two
    ok cubby stop -t 0 two
    ok cubby ps -a --format '{{.Names}}'
    out_is two
}

@test 'a name that is taken or malformed is refused' {
    ok cubby create --name web --network none bb:1 true
    ok cubby create --name other --network none bb:1 true
    fails 125 cubby rename web other
    err_has other
    fails 125 cubby rename web 'a b'
    ok cubby ps -a --format '{{.Names}}'
    out_has web
}
