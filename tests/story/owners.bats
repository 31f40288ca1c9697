#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Whose files they are: in bind mounts, in the image, and in the namespaces of another container.

load ../lib/common

setup_file() {
    file_setup
    import_busybox
}

setup() { mkdir "$BATS_TEST_TMPDIR/w"; }

written_by() { stat -c '%u:%g' "$BATS_TEST_TMPDIR/w/file"; }

run_bb() { cubby run --rm --network none -v "$BATS_TEST_TMPDIR/w:/w" "$@"; }

@test '-u with the caller'\''s ids writes files that the caller owns' {
    ok run_bb -u "$(id -u):$(id -g)" bb:1 sh -c 'id -u; id -g; touch /w/file'
    out_is "$(id -u)"$'\n'"$(id -g)"
    [ "$(written_by)" = "$(id -u):$(id -g)" ]
}

@test '-u with the caller'\''s ids needs no further flag: the default network works, exec too' {
    local own
    own=$(id -u):$(id -g)
    ok cubby run -d --name ci -u "$own" -v "$BATS_TEST_TMPDIR/w:/w" -w /w bb:1 \
        sh -c 'httpd -p 80 -h /w && exec sleep 1000'
    ok cubby exec ci sh -c 'id -u; touch file; ip -4 -o addr show tap0 | grep -o 10.0.2.100'
    out_is "$(id -u)"$'\n10.0.2.100'
    [ "$(written_by)" = "$own" ]
    # any user may bind port 80 and ping
    wait_for 5 cubby exec ci wget -qO- http://127.0.0.1/file
    ok cubby exec ci sh -c 'set -- $(cat /proc/sys/net/ipv4/ping_group_range) && [ "$1" -le "$(id -g)" ] && [ "$2" -ge "$(id -g)" ]'
}

@test '-u with the caller'\''s uid alone writes files that the caller owns' {
    ok run_bb -u "$(id -u)" bb:1 sh -c 'id -u; id -g; touch /w/file'
    out_is "$(id -u)"$'\n0'
    [ "$(written_by)" = "$(id -u):$(id -g)" ]
}

@test 'root of a container writes files that the caller owns' {
    ok run_bb bb:1 touch /w/file
    [ "$(written_by)" = "$(id -u):$(id -g)" ]
}

@test 'keep-id: the caller'\''s id inside, and the image'\''s root stays root' {
    needs ranges
    [ -n "$(command -v fuse-overlayfs)" ] || skip 'there is no fuse-overlayfs'
    ok run_bb --userns keep-id bb:1 sh -c 'id -u; stat -c %u /bin /etc/passwd; touch /w/file'
    out_is "$(id -u)"$'\n0\n0'
    [ "$(written_by)" = "$(id -u):$(id -g)" ]
}

@test 'keep-id: the default network works' {
    ok cubby run --rm --userns keep-id bb:1 sh -c 'id -u; ip -4 -o addr show tap0 | grep -o 10.0.2.100'
    out_is "$(id -u)"$'\n10.0.2.100'
}

@test 'keep-id: another id inside stands for the caller' {
    ok run_bb --userns keep-id:uid=55,gid=66 bb:1 sh -c 'id -u; id -g; touch /w/file'
    out_is $'55\n66'
    [ "$(written_by)" = "$(id -u):$(id -g)" ]
}

@test 'nomap: the caller'\''s files belong to nobody' {
    needs ranges
    [ -n "$(command -v fuse-overlayfs)" ] || skip 'there is no fuse-overlayfs'
    touch "$BATS_TEST_TMPDIR/w/file"
    ok run_bb --userns nomap bb:1 sh -c 'id -u; stat -c %u /bin /w/file'
    out_is $'0\n0\n65534'
}

@test 'O: what is written to a bind goes with the container' {
    touch "$BATS_TEST_TMPDIR/w/kept"
    ok cubby run --rm --network none -v "$BATS_TEST_TMPDIR/w:/w:O" bb:1 sh -c 'rm /w/kept; touch /w/new; ls /w'
    out_is new
    [ "$(ls "$BATS_TEST_TMPDIR/w")" = kept ]
}

@test 'U: a volume is given to the container'\''s user' {
    ok cubby run --rm --network none -v given:/data:U -u 33:33 bb:1 sh -c 'touch /data/x && stat -c %u /data/x /data'
    out_is $'33\n33'
}

@test 'namespaces of another container are shared, its shared memory too, in run and in exec' {
    local n
    ok cubby run -d --name one --network none bb:1 sh -c 'echo here > /dev/shm/file; sleep 1000'
    ok cubby run -d --name two --network container:one --pid container:one --ipc container:one --uts container:one \
        bb:1 sleep 2000
    for n in net pid ipc uts; do
        ok cubby exec one readlink "/proc/self/ns/$n"
        local first=$output
        ok cubby exec two readlink "/proc/self/ns/$n"
        [ "$output" = "$first" ] || say_run "another $n namespace"
    done
    ok cubby exec two cat /dev/shm/file
    out_is here
    ok cubby exec two ps
    out_has 'sleep 1000'
    fails 125 cubby run --rm --network none --userns keep-id --pid container:one bb:1 true
}

@test 'a start leaves nothing in the layer of the container, and what the image brings stays' {
    local id
    id=$(cubby run -d --name plain --network none bb:1 sh -c 'cat /etc/hostname; ls /.dockerenv; sleep 1000')
    [ -z "$(ls -A "$STORE/containers/$id/upper")" ]
    wait_for 20 eval '[ "$(cubby logs plain | wc -l)" = 2 ]'
    ok cubby logs plain
    out_is "${id:0:12}"$'\n/.dockerenv'
    ok cubby exec plain sh -c 'rm /.dockerenv; echo mine > /run/mine'
    ok cubby restart -t 0 plain
    ok cubby exec plain cat /run/mine
    out_is mine
}
