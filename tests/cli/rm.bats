# SPDX-License-Identifier: LGPL-2.1-or-later
# rm - remove one or more containers

load ../lib/common

setup_file() { file_setup; import_busybox; }

@test 'what run --rm leaves is thrown away by its monitor, with no further command' {
    nothing_left() { [ -z "$(find "$STORE/tmp" -mindepth 2 2> /dev/null)" ]; }
    ok cubby run --rm --network none bb:1 true
    wait_for 10 nothing_left
}

@test 'rm removes what has ended and prints its name' {
    ok cubby run --network none --name a bb:1 true
    ok cubby rm a
    out_is a
    fails 125 cubby container inspect a
}

@test 'rm refuses a running container unless forced' {
    ok cubby run -d --network none --name r bb:1 sleep 100
    fails 2 cubby rm r
    err_has 'cubby rm -f r'
    ok cubby inspect r --format '{{.State.Running}}'
    out_is true
    ok cubby rm -f r
    fails 125 cubby container inspect r
}

@test 'as docker the status of a running one is 1' {
    ok cubby run -d --network none --name r bb:1 sleep 100
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY="$BATS_TEST_TMPDIR/docker" fails 1 cubby rm r
}

@test 'rm -f of an unknown container succeeds, rm does not' {
    ok cubby rm -f nothere
    fails 1 cubby rm nothere
    err_has nothere
}

@test 'every argument is tried' {
    ok cubby create --network none --name a bb:1 true
    fails 1 cubby rm nothere a
    fails 125 cubby container inspect a
}

@test 'rm removes files of the container'\''s own users' {
    ok cubby run --network none --name u bb:1 sh -c \
        'mkdir /d; touch /d/f; chown -R 1000:1000 /d; chmod 0500 /d'
    ok cubby rm u
    [ -z "$(ls "$STORE/containers")" ]
    [ -z "$(find "$STORE/tmp" -mindepth 2 2> /dev/null)" ]
}

@test 'rm -v removes anonymous volumes, plain rm keeps them' {
    ok cubby run --network none --name v -v /data bb:1 true
    ok cubby rm v
    ok cubby volume ls -q
    [ "${#lines[@]}" = 1 ]
    ok cubby volume rm "$output"
    ok cubby run --network none --name v -v /data bb:1 true
    ok cubby rm -v v
    ok cubby volume ls -q
    out_is ''
}

@test 'rm -a removes all' {
    ok cubby create --network none bb:1 true
    ok cubby create --network none bb:1 true
    ok cubby rm -a
    ok cubby ps -aq
    out_is ''
}

@test 'a record that is damaged can be removed' {
    ok cubby create --network none --name broken bb:1 true
    id=$output
    : > "$STORE/containers/$id/state.json"
    ok cubby rm -f "$id"
    [ ! -e "$STORE/containers/$id" ]
}

@test 'a running container whose record is damaged is ended by force alone' {
    local pid
    ok cubby run -d --network none --name broken bb:1 sleep 1000
    id=$output
    pid=$(cubby inspect broken --format '{{.State.Pid}}')
    : > "$STORE/containers/$id/state.json"
    fails 2 cubby rm broken
    err_has "cubby rm -f ${id:0:12}"
    kill -0 "$pid"
    ok cubby rm -f broken
    [ ! -e "$STORE/containers/$id" ]
    wait_for 5 eval '! kill -0 '"$pid"
}

@test '--latest and --filter choose, and take no names beside them' {
    for n in one two three; do ok cubby create --network none --name $n -l of=$n bb:1 true; done
    ok cubby rm --latest
    ok cubby ps -a --format '{{.Names}}'
    out_is $'two\none'
    ok cubby rm --filter label=of=one
    ok cubby ps -a --format '{{.Names}}'
    out_is two
    fails 125 cubby rm --latest two
    fails 125 cubby rm --filter colour=red
    ok cubby rm --filter name=nobody
}

@test '--depend removes what needs it too, and nothing else' {
    ok cubby run -d --network none --name base bb:1 sleep 1000
    ok cubby run -d --network container:base --name side bb:1 sleep 1000
    ok cubby create --network none --pid container:side --name third bb:1 true
    ok cubby create --network none --name other bb:1 true
    fails 2 cubby rm --depend base
    ok cubby rm -f --depend base
    [ "${#lines[@]}" = 3 ]
    ok cubby ps -a --format '{{.Names}}'
    out_is other
}
