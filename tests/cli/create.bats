# SPDX-License-Identifier: LGPL-2.1-or-later
# create - make a container without starting it

load ../lib/common

setup_file() { file_setup; import_busybox; }

@test 'create prints the id and starts nothing' {
    ok cubby create --network none --name c bb:1 echo x
    out_matches '^[0-9a-f]{64}$'
    ok cubby inspect c --format '{{.State.Status}} {{.State.Pid}}'
    out_is 'created 0'
}

@test 'what was created is started' {
    ok cubby create --network none --name s bb:1 echo started
    ok cubby start -a s
    out_is started
}

@test 'without a name it gets one' {
    ok cubby create --network none bb:1 true
    ok cubby inspect "$output" --format '{{.Name}}'
    out_matches '^[a-z]+_[a-z]+$'
}

@test 'of many at once with one name exactly one wins' {
    for i in $(seq 20); do
        cubby create --network none --name one bb:1 true > "$BATS_TEST_TMPDIR/$i" 2> /dev/null &
    done
    wait
    [ "$(cat "$BATS_TEST_TMPDIR"/* | grep -c .)" = 1 ]
    ok cubby ps -aq
    [ "${#lines[@]}" = 1 ]
}

@test '--replace takes the place of that name alone, not of an id that begins so' {
    local id
    ok cubby create --network none --name other bb:1 true
    id=$output
    ok cubby create --network none --name "${id:0:8}" --replace bb:1 true
    ok cubby inspect other --format '{{.Id}}'
    out_is "$id"
    ok cubby create --network none --name "${id:0:8}" --replace bb:1 true
    ok cubby ps -aq
    [ "${#lines[@]}" = 2 ]
}

@test 'a --cidfile that cannot be written leaves nothing' {
    fails 125 cubby create --network none --cidfile "$BATS_TEST_TMPDIR/nowhere/cid" -v /anonymous bb:1 true
    err_has nowhere
    out_is ''
    ok cubby ps -aq
    out_is ''
    ok cubby volume ls -q
    out_is ''
}

@test 'a unique beginning of the id is enough' {
    ok cubby create --network none bb:1 true
    ok cubby inspect "${output:0:10}" --format '{{.Id}}'
}

@test 'a wrong argument makes nothing' {
    fails 125 cubby create -v vol:/x -v other:/x bb:1 true
    ok cubby ps -aq
    out_is ''
    ok cubby volume ls -q
    out_is ''
}

@test 'ports that nobody could reach are dropped aloud, or refused' {
    ok cubby create --network none -p 8080:80 --name p bb:1 true
    err_has 'published ports are dropped'
    ok cubby inspect p --format '{{json .HostConfig.PortBindings}}'
    out_is '{}'
    fails 125 cubby create --network container:p -p 8080:80 bb:1 true
    err_has container:p
}
