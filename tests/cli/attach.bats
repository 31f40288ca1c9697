# SPDX-License-Identifier: LGPL-2.1-or-later
# attach - carry the streams of a container that runs

load ../lib/common

setup_file() { file_setup; import_busybox; }

@test 'attach carries what is said from then on, and ends with the container' {
    ok cubby run -d -i --network none --name a bb:1 sh -c 'read line; echo "got $line"; exit 3'
    run bash -c "echo word | '$CUBBY' --root '$STORE' attach a"
    [ "$status" = 3 ]
    [ "$output" = 'got word' ]
}

@test 'what does not run cannot be attached to' {
    ok cubby create --network none --name a bb:1 true
    fails 125 cubby attach a
    err_has "container 'a' is not running"
    fails 125 cubby attach nobody
}
