# SPDX-License-Identifier: LGPL-2.1-or-later
# volume export, import, mount, unmount - the files of volumes

load ../lib/common

setup_file() {
    file_setup
    import_busybox
}

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

teardown() {
    test_teardown
    cubby volume prune -af > /dev/null
}

@test 'what comes out of a volume goes into another, with owners, modes and links' {
    needs ranges
    ok cubby run --rm --network none -v a:/v bb:1 sh -c 'mkdir /v/d; echo x > /v/d/f; chown 5:6 /v/d/f; chmod 4711 /v/d/f; ln /v/d/f /v/g; ln -s d/f /v/l'
    ok cubby volume export -o a.tar a
    out_is ''
    ok cubby volume create b
    ok cubby volume import b a.tar
    ok cubby run --rm --network none -v b:/v bb:1 sh -c 'stat -c "%a %u %g %h" /v/d/f; readlink /v/l'
    out_is $'4711 5 6 2\nd/f'
    cubby volume export b > b.tar
    diff <(tar tvf a.tar --numeric-owner | tail -n +2) <(tar tvf b.tar --numeric-owner | tail -n +2)
    ok cubby volume create c
    cubby volume export a | gzip | cubby volume import c -
    cubby volume export c | tar xOf - ./g 2> /dev/null || cubby volume export c | tar tf - | grep -qx g
    cubby volume export --output - a | cubby volume import c
}

@test 'an import leaves what is there, and the volume is not filled from an image any more' {
    ok cubby volume create v
    echo x > f
    tar -c f | cubby volume import v
    echo y > g
    tar -c g | cubby volume import v
    ok cubby run --rm --network none -v v:/etc bb:1 ls /etc
    out_has f
    out_has g
    out_lacks passwd
}

@test 'what cannot be is refused' {
    ok cubby volume create v
    fails 125 cubby volume export nothing
    fails 125 cubby volume export -o file nothing
    [ ! -e file ]
    fails 125 cubby volume import nothing "$(busybox_tar)"
    fails 125 cubby volume import v nothing.tar
    echo no > tar
    fails 125 cubby volume import v tar
    fails 125 on_tty expect 'is not written to a terminal' -- volume export v
    fails 125 on_tty expect 'a terminal is no tar archive' -- volume import v
    ln -s "$PWD" evil
    tar -c evil | cubby volume import v
    mkdir evil2
    echo bad > evil2/in
    tar -c --transform 's/evil2/evil/' evil2/in | cubby volume import v || true
    [ ! -e in ]
}

@test 'mount prints where the files are, unmount the names' {
    ok cubby volume create v
    ok cubby volume create w
    ok cubby volume mount v w
    out_is "$STORE/volumes/v/_data
$STORE/volumes/w/_data"
    ok cubby volume unmount v w
    out_is $'v\nw'
    fails 125 cubby volume mount v nothing
    out_is "$STORE/volumes/v/_data"
    fails 125 cubby volume unmount nothing
}
