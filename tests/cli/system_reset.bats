# SPDX-License-Identifier: LGPL-2.1-or-later
# system reset - remove the whole store

load ../lib/common

setup() { mkdir -p "$STORE"; import_busybox bb:1; }

@test 'reset asks, and without a terminal the answer is no' {
    ok cubby create --network none bb:1
    ok cubby system reset
    [ -d "$STORE/containers" ]
    ok cubby ps -aq
    [ "${#lines[@]}" = 1 ]
    ok on_tty expect 'also those that run' expect "$STORE" expect '[y/N]' send 'n\r' stopped -- system reset
    [ -d "$STORE/containers" ]
}

@test 'reset leaves nothing, whatever ran and whoever owns the files' {
    ok cubby run -d --network none --name r -v vol:/v bb:1 sh -c 'touch /v/f /g; chown 33:33 /v/f /g; mkdir -m 0 /v/closed; sleep 1000'
    printf '{' > "$STORE/index.json"
    id=$(cubby create --network none --rootfs "$BATS_TEST_TMPDIR" true)
    printf '{' > "$STORE/containers/$id/config.json"
    ok cubby system reset -f
    [ ! -e "$STORE" ]
    ok cubby ps -aq
    out_is ''
}

@test 'reset takes along what builds keep, and what was told once' {
    mkdir "$BATS_TEST_TMPDIR/c"
    printf 'FROM bb:1\nRUN --mount=type=cache,target=/c,mode=0,uid=33 touch /c/f\n' > "$BATS_TEST_TMPDIR/c/Dockerfile"
    ok cubby build -q "$BATS_TEST_TMPDIR/c"
    touch "$STORE/told-logout"
    ok cubby system reset -f
    [ ! -e "$STORE" ]
    ok cubby images -q
    out_is ''
}

@test 'what is no store'\''s stays' {
    echo mine > "$STORE/.mine"
    ok cubby system reset --force
    [ "$(ls -A "$STORE")" = .mine ]
    rm "$STORE/.mine"
}

@test 'reset refuses while a container of another host runs' {
    id=$(cubby create --network none --name far bb:1)
    sed -i 's/"status":"created"/"status":"running"/; s/^{/{"host_id":"elsewhere",/' "$STORE/containers/$id/state.json"
    fails 125 cubby system reset -f
    err_has "container 'far' runs on another host, 'elsewhere'"
    [ -d "$STORE/containers/$id" ]
    rm -r "$STORE/containers/$id"
}
