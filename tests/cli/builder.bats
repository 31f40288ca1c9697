# SPDX-License-Identifier: LGPL-2.1-or-later
# builder: the build cache.

load ../lib/common

setup_file() {
    file_setup
    import_busybox
}

setup() {
    CONTEXT=$BATS_TEST_TMPDIR/context
    mkdir -p "$CONTEXT"
    printf 'FROM bb:1\nRUN echo %s > /f\n' "$BATS_TEST_NUMBER" > "$CONTEXT/Dockerfile"
}

@test 'builder prune removes what no image needs, and keeps what one does' {
    ok cubby build -q -t kept "$CONTEXT"
    printf 'FROM bb:1\nRUN dd if=/dev/zero of=/big bs=1M count=3\n' > "$CONTEXT/Dockerfile"
    ok cubby build -q -t gone "$CONTEXT"
    ok cubby rmi gone
    ok cubby builder prune -f
    out_has 'Total reclaimed space: 3.'
    ok cubby run --rm kept cat /f
    out_is 1
    # what the container leaves is thrown away by its monitor, after the command
    in_order() { cubby system check > "$BATS_TEST_TMPDIR/check"; }
    wait_for 10 in_order
    ! grep layer "$BATS_TEST_TMPDIR/check" || false
}

@test 'builder prune --filter until= keeps what was used since' {
    ok cubby build -q "$CONTEXT"
    ok cubby builder prune -f --filter until=1h
    out_is 'Total reclaimed space: 0B'
    fails 125 cubby builder prune -f --filter color=red
    err_has until=
}

@test 'system prune takes the build cache along' {
    ok cubby build -q -t x "$CONTEXT"
    ok cubby rmi x
    ok cubby system prune -f
    [ -z "$(ls "$STORE/build/cache")" ]
}

@test 'buildx build and builder build are build' {
    ok cubby buildx build -q -t a "$CONTEXT"
    id=$output
    ok cubby builder build -q -t b "$CONTEXT"
    out_is "$id"
}

@test 'builder prune --all takes the folders of caches, --max-used-space keeps what was used last' {
    printf 'FROM bb:1\nRUN --mount=type=cache,target=/c dd if=/dev/zero of=/c/big bs=1M count=2\n' > "$CONTEXT/Dockerfile"
    ok cubby build -q "$CONTEXT"
    ok cubby builder prune -f --max-used-space 1g
    out_is 'Total reclaimed space: 0B'
    ok cubby builder prune -f --all
    out_has 'Total reclaimed space: 2.'
}

@test 'build_cache in cubby.conf is how much a build leaves' {
    mkdir -p "$BATS_TEST_TMPDIR/config/cubby"
    CUBBY_ENV+=(XDG_CONFIG_HOME="$BATS_TEST_TMPDIR/config")
    echo 'build_cache = "1m"' > "$BATS_TEST_TMPDIR/config/cubby/cubby.conf"
    printf 'FROM bb:1\nRUN dd if=/dev/zero of=/big bs=1M count=3\n' > "$CONTEXT/Dockerfile"
    ok cubby build -q -t big "$CONTEXT"
    ok cubby rmi big
    printf 'FROM bb:1\nRUN touch /small\n' > "$CONTEXT/Dockerfile"
    ok cubby build -q -t small "$CONTEXT"
    printf 'FROM bb:1\nRUN dd if=/dev/zero of=/big bs=1M count=3\n' > "$CONTEXT/Dockerfile"
    ok cubby build "$CONTEXT"
    err_lacks '] cached'
    echo 'build_cache = "much"' > "$BATS_TEST_TMPDIR/config/cubby/cubby.conf"
    fails 125 cubby build -q "$CONTEXT"
    err_has "'much' is no size"
}

# a big layer and a small one that was made later, without images; no other test has these files
two_layers() {
    printf 'FROM bb:1\nRUN dd if=/dev/zero of=/big%s bs=1M count=3\n' "$BATS_TEST_NUMBER" > "$CONTEXT/Dockerfile"
    ok cubby build -q -t big "$CONTEXT"
    printf 'FROM bb:1\nRUN dd if=/dev/zero of=/small%s bs=1M count=1\n' "$BATS_TEST_NUMBER" > "$CONTEXT/Dockerfile"
    ok cubby build -q -t small "$CONTEXT"
    ok cubby rmi big small
}

@test 'builder prune --reserved-space leaves so much, --min-free-space removes no more than is short' {
    ok cubby builder prune -f
    two_layers
    ok cubby builder prune -f --min-free-space 1k
    out_is 'Total reclaimed space: 0B'
    ok cubby builder prune -f --min-free-space 1000000t --reserved-space 100m
    out_is 'Total reclaimed space: 0B'
    ok cubby builder prune -f --reserved-space 2m
    out_has 'Total reclaimed space: 3.'
    ok cubby builder prune -f --max-used-space 1k --reserved-space 2m
    out_is 'Total reclaimed space: 0B'
    ok cubby builder prune -f --min-free-space 1000000t
    out_has 'Total reclaimed space: 1.'
}

@test 'builder prune --verbose says what went' {
    ok cubby builder prune -f
    two_layers
    ok cubby builder prune -f --verbose
    out_has $'Description:\tRUN /bin/sh -c dd if=/dev/zero of=/big'
    out_has $'Size:\t\t3.'
    out_has 'Last used:'
}

@test 'builder prune takes what docker and podman scripts give it' {
    printf 'FROM bb:1\nRUN --mount=type=cache,target=/c dd if=/dev/zero of=/c/big bs=1M count=2\n' > "$CONTEXT/Dockerfile"
    ok cubby build -q "$CONTEXT"
    ok cubby builder prune -f --external --timeout 20s
    [ -n "$(ls "$STORE/build/mounts")" ]
    ok cubby builder prune -f --build-cache
    [ ! -e "$STORE/build/mounts" ]
    ok cubby builder prune -f --debug
    err_has 'debug: ['
}
