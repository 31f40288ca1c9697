# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Steps for another machine: what RUN says where nothing runs its programs, and that it runs them where qemu-user
# is registered. The programs are of our own making (tests/lib/tiny-elf).

load ../lib/common
load ../lib/vm

setup_file() {
    vm_setup
    export CONTEXT=$BATS_FILE_TMPDIR/context
    mkdir "$CONTEXT"
    "$CUBBY_SRC/tests/lib/tiny-elf" arm64 "$CONTEXT/tell-arm64"
    "$CUBBY_SRC/tests/lib/tiny-elf" amd64 "$CONTEXT/tell-amd64"
    cat > "$CONTEXT/Dockerfile" <<'EOF'
FROM scratch
ARG TARGETARCH
COPY tell-$TARGETARCH /tell
RUN ["/tell"]
CMD ["/tell"]
EOF
}

HANDLERS=/proc/sys/fs/binfmt_misc

# register: as the package has it done at each start, which this machine leaves out
register() {
    sudo modprobe binfmt_misc
    [ -e $HANDLERS/register ] || sudo mount -t binfmt_misc none $HANDLERS
    [ -e $HANDLERS/qemu-aarch64 ] || sudo /usr/lib/systemd/systemd-binfmt /usr/lib/binfmt.d/qemu-aarch64.conf
}

@test 'a step for another machine fails with what would run it' {
    [ ! -e $HANDLERS/qemu-aarch64 ]
    fails 126 cubby build --platform linux/arm64 "$CONTEXT"
    err_has 'programs for linux/arm64 run here once qemu-user is registered (package qemu-user-static)'
}

@test 'where qemu-user is registered it is done, and its layer has what the program wrote' {
    register
    ok cubby build -q --platform linux/arm64 -t far:1 -o "$BATS_TEST_TMPDIR/out" "$CONTEXT"
    [ "$(cat "$BATS_TEST_TMPDIR/out/machine")" = aarch64 ]
    # a second one, with a network of its own, upon what the first has made
    printf 'FROM far:1\nCOPY tell-arm64 /again\nRUN ["/again"]\nRUN ["/tell"]\n' > "$BATS_TEST_TMPDIR/more"
    ok cubby build -q --platform linux/arm64 -t far:1 "$CONTEXT"
    ok cubby build -q --platform linux/arm64 --pull=never -t far:2 -f "$BATS_TEST_TMPDIR/more" "$CONTEXT"
    ok cubby image inspect --format '{{.Architecture}}' far:2
    out_is arm64
    ok cubby run --rm --network none far:2
}

@test 'one build for both machines gives a list, each image with what its own program wrote' {
    register
    ok cubby build -q --platform linux/amd64,linux/arm64 -t both:1 "$CONTEXT"
    ok cubby manifest inspect both:1
    [ "$(jq -r '.manifests[].platform.architecture' <<< "$output")" = $'amd64\narm64' ]
    ok cubby build -q --platform linux/amd64,linux/arm64 -o "$BATS_TEST_TMPDIR/out" "$CONTEXT"
    [ "$(cat "$BATS_TEST_TMPDIR/out/linux_amd64/machine")" = x86_64 ]
    [ "$(cat "$BATS_TEST_TMPDIR/out/linux_arm64/machine")" = aarch64 ]
    ok cubby system check
}
