# SPDX-License-Identifier: LGPL-2.1-or-later
# volumes - what an image holds goes into an empty volume, once

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    import_busybox data:1
    cubby run --name make --network none data:1 sh -c 'mkdir -p /data/sub && echo one > /data/f &&
        ln /data/f /data/g && ln -s f /data/l && chown 1000:1000 /data/sub && chmod 2750 /data/sub' > /dev/null
    cubby unshare tar -C "$STORE/containers/$(cubby inspect --format '{{.Id}}' make)/upper" \
        --numeric-owner -cf - data > "$BATS_FILE_TMPDIR/data.tar"
    cat "$(busybox_tar)" > "$BATS_FILE_TMPDIR/both.tar"
    tar -Af "$BATS_FILE_TMPDIR/both.tar" "$BATS_FILE_TMPDIR/data.tar"
    cubby import -c 'CMD ["sh"]' -c 'VOLUME /data' "$BATS_FILE_TMPDIR/both.tar" data:2 > /dev/null
    cubby rm make > /dev/null
}

teardown() {
    test_teardown
    cubby volume rm v > /dev/null 2>&1 || true
}

run_data() { cubby run --rm --network none "$@"; }

@test 'an empty volume gets files, owners, modes and links of the image' {
    needs ranges
    ok run_data -v v:/data data:2 sh -c 'cat /data/f; stat -c "%a %u:%g" /data/sub; stat -c %h /data/f; readlink /data/l'
    out_is 'one
2750 1000:1000
2
f'
}

@test 'a volume is filled once: what was changed stays changed' {
    ok run_data -v v:/data data:2 sh -c 'rm /data/g; echo two > /data/f'
    ok run_data -v v:/data data:2 sh -c 'cat /data/f; ls /data'
    out_is 'two
f
l
sub'
}

@test 'nocopy leaves it empty' {
    ok run_data -v v:/data:nocopy data:2 ls /data
    out_is ''
}

@test 'of four that start at once one fills it, and all see everything' {
    local i
    for i in 1 2 3 4; do
        run_data -v v:/data data:2 sh -c 'ls /data | wc -l' > "$BATS_TEST_TMPDIR/$i" 3>&- &
    done
    wait
    [ "$(cat "$BATS_TEST_TMPDIR"/[1-4] | sort -u)" = 4 ]
}

@test 'an anonymous volume goes with --rm and rm -v, and stays with rm' {
    ok run_data data:2 cat /data/f
    out_is one
    ok cubby volume ls -q
    out_is ''
    ok cubby create --name a --network none data:2 true
    ok cubby rm -v a
    ok cubby volume ls -q
    out_is ''
    ok cubby create --name a --network none data:2 true
    ok cubby rm a
    ok cubby volume ls -q
    out_matches '^[0-9a-f]{64}$'
    ok cubby volume rm "$output"
}
