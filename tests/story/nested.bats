#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A container in a container: as CI systems and clusters have it, without and with privileges.

load ../lib/common

setup_file() {
    file_setup
    import_busybox
}

# outer OPTIONS... LINE: a shell line in a container that has the host's libraries and this build
outer() {
    local line=${*: -1}
    cubby run --rm --network none "${@:1:$#-1}" -v /usr:/usr:ro -v /usr/lib:/lib:ro -v /usr/lib64:/lib64:ro \
        -v "$CUBBY_BUILD:/build:ro" -v "$(busybox_tar):/bb.tar:ro" bb:1 sh -c \
        "PATH=/usr/bin:/bin; cd /tmp; c() { /build/cubby --root /tmp/s \"\$@\"; }; c import -q /bb.tar bb:1 > /dev/null; $line"
}

@test 'a container runs in a container that has no privilege at all' {
    ok outer 'c run --rm --network none bb:1 sh -c "id -u; echo inside"'
    out_is $'0\ninside'
}

@test 'a container runs in a privileged container' {
    ok outer --privileged 'c run --rm --network none bb:1 sh -c "id -u; hostname; echo inside"'
    out_has inside
}

@test 'the inner container'\''s root cannot write the outer one'\''s kernel settings' {
    ok outer 'c run --rm --network none bb:1 sh -c "echo x > /proc/sys/kernel/core_pattern" 2> /dev/null || echo refused'
    out_is refused
}
