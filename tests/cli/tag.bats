# SPDX-License-Identifier: LGPL-2.1-or-later
# tag - give an image one more name

load ../lib/common

setup_file() {
    file_setup
    import_busybox bb:1
}

@test 'a new name is of the same image' {
    ok cubby tag bb:1 localhost:5000/me/bb:mine
    ok cubby images --format '{{.ID}}' bb:1
    local id=$output
    ok cubby images --format '{{.ID}}' localhost:5000/me/bb:mine
    out_is "$id"
}

@test 'without a tag it is latest, without a domain localhost' {
    ok cubby tag bb:1 short
    ok cubby images --format '{{.Repository}}:{{.Tag}}' short
    out_is localhost/short:latest
}

@test 'several names at once, also of an id' {
    ok cubby tag "$(cubby images -q bb:1)" a:1 b:1
    ok cubby image exists a:1
    ok cubby image exists b:1
}

@test 'a name that another image had moves, and that image stays as <none>' {
    echo other > "$BATS_TEST_TMPDIR/other"
    tar -C "$BATS_TEST_TMPDIR" -cf "$BATS_TEST_TMPDIR/t.tar" other
    ok cubby import "$BATS_TEST_TMPDIR/t.tar" moved:1
    ok cubby tag bb:1 moved:1
    ok cubby images --filter dangling=true --format '{{.Repository}} {{.Tag}}'
    out_is '<none> <none>'
}

@test 'a bad name and an unknown image are refused' {
    fails 125 cubby tag bb:1 'Bad Name'
    fails 125 cubby tag nothing:1 a:2
    err_has "no such image: 'nothing:1'"
    fails 125 cubby tag bb:1
}

@test 'called as docker, a short name is of docker.io' {
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    ok env -i HOME="$HOME" PATH="$PATH" CUBBY_LIBEXEC="$CUBBY_BUILD" \
        "$BATS_TEST_TMPDIR/docker" --root "$STORE" tag bb:1 hub:1
    ok cubby image exists docker.io/library/hub:1
}

@test 'each of several names is tried, and what fails is told' {
    fails 125 cubby tag bb:1 first:1 'Bad Name' last:1
    err_has 'Bad Name'
    ok cubby image exists first:1
    ok cubby image exists last:1
    fails 125 cubby untag last:1 nobody:1 first:1 last:1
    err_has nobody:1
    fails 1 cubby image exists first:1
    fails 1 cubby image exists last:1
}
