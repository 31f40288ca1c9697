# SPDX-License-Identifier: LGPL-2.1-or-later
# diff - show what a container has changed of its image, and an image of what is below it

load ../lib/common

setup_file() {
    file_setup
    import_busybox
}

CHANGES='rm /etc/group; echo x > /etc/passwd; mkdir -p /new/deep; echo y > /new/deep/f; chmod 700 /home;
    rm -rf /usr; mkdir /usr; touch /usr/only; touch /tmp; ln -s x /bin/l; rm -rf /var; echo file > /var'
CHANGED='C /bin
A /bin/l
C /etc
D /etc/group
C /etc/passwd
C /home
A /new
A /new/deep
A /new/deep/f
C /usr
A /usr/only
D /usr/bin
C /var'

@test 'what was added, changed and deleted is told, whether the container runs or not' {
    ok cubby run -d --name c --network none bb:1 sleep 1000
    ok cubby diff c
    out_is ''
    ok cubby exec c sh -c "$CHANGES"
    ok cubby diff c
    out_is "$(sort -k2 <<< "$CHANGED")"
    ok cubby stop -t 0 c
    ok cubby diff c
    out_is "$(sort -k2 <<< "$CHANGED")"
    ok cubby container diff c
    out_is "$(sort -k2 <<< "$CHANGED")"
}

@test 'with the drivers fuse-overlayfs and copy it is the same' {
    local driver
    for driver in fuse-overlayfs copy; do
        ok cubby --storage-driver "$driver" run -d --name "$driver" --network none bb:1 sleep 1000
        ok cubby diff "$driver"
        out_is ''
        ok cubby exec "$driver" sh -c "$CHANGES"
        ok cubby diff "$driver"
        out_is "$(sort -k2 <<< "$CHANGED")"
    done
}

@test 'a container that never ran has changed nothing, but for what was copied in' {
    ok cubby create --name c bb:1 true
    ok cubby diff c
    out_is ''
    echo x > "$BATS_TEST_TMPDIR/f"
    ok cubby cp "$BATS_TEST_TMPDIR/f" c:/tmp/f
    ok cubby diff c
    out_is $'C /tmp\nA /tmp/f'
}

@test '--format json is a list for each kind' {
    ok cubby run --name c --network none bb:1 sh -c 'echo > /etc/passwd; rm /etc/group; touch /new'
    ok cubby diff --format json c
    python3 -c 'import json,sys; d = json.loads(sys.argv[1])
assert d == {"changed": ["/etc", "/etc/passwd"], "added": ["/new"], "deleted": ["/etc/group"]}, d' "$output"
    fails 125 cubby diff --format '{{.}}' c
    err_has "is not 'json'"
}

@test '--latest is the container made last' {
    ok cubby run --name a --network none bb:1 touch /one
    ok cubby run --name b --network none bb:1 touch /two
    ok cubby diff -l
    out_is 'A /two'
    ok cubby container diff --latest
    out_is 'A /two'
    fails 125 cubby diff -l a
    fails 125 cubby diff
}

@test 'what is not there and what has no image is refused' {
    fails 125 cubby diff nothing
    err_has "no container named 'nothing'"
    fails 125 cubby container diff bb:1
    mkdir -p "$BATS_TEST_TMPDIR/r"
    ok cubby create --name c --rootfs "$BATS_TEST_TMPDIR/r" true
    fails 125 cubby diff c
    err_has 'has no image'
}

@test 'of an image it is what its uppermost layer changes, of two what the first has changed of the second' {
    ok cubby run --name c --network none bb:1 sh -c "$CHANGES"
    ok cubby commit c changed:1
    ok cubby image diff changed:1
    out_is "$(sort -k2 <<< "$CHANGED")"
    ok cubby diff changed:1
    out_is "$(sort -k2 <<< "$CHANGED")"
    ok cubby image diff changed:1 bb:1
    out_is "$(sort -k2 <<< "$CHANGED")"
    ok cubby image diff bb:1 changed:1
    out_has 'D /new'
    out_has 'A /etc/group'
    ok cubby image diff --format json changed:1
    out_has '"/usr/only"'
    fails 125 cubby image diff nothing
}
