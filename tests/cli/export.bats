# SPDX-License-Identifier: LGPL-2.1-or-later
# export - write a container's root file system as a tar

load ../lib/common

setup_file() {
    file_setup
    import_busybox
}

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

@test 'the whole root comes out, with owners, modes and links, whether it runs or not' {
    needs ranges
    ok cubby run -d --name c --network none bb:1 sh -c 'mkdir /d; echo x > /d/f; chown 5:6 /d/f; chmod 4711 /d/f; ln /d/f /d/g; ln -s f /d/l; rm /etc/group; touch /ready; sleep 1000'
    wait_for 10 cubby exec c test -e /ready
    cubby export c > run.tar
    ok cubby stop -t 0 c
    ok cubby export -o stop.tar c
    out_is ''
    cmp run.tar stop.tar
    tar tvf run.tar --numeric-owner > list
    grep -Eq '^-rws--x--x 5/6 .* d/f$' list
    grep -Eq ' d/g link to d/f$' list
    grep -Eq ' d/l -> f$' list
    [ -z "$(grep etc/group list)" ]
}

@test 'what is mounted is left out' {
    ok cubby run -d --name c --network none -v v:/v --tmpfs /t bb:1 sh -c 'echo x > /v/x; echo x > /t/x; touch /tmp/ready; sleep 1000'
    wait_for 10 cubby exec c test -e /tmp/ready
    cubby container export c | tar t > list
    grep -qx v/ list
    [ -z "$(grep -E '^(v/x|t/x|proc/.|sys/.|dev/.)' list)" ]
    [ -z "$(grep -E 'dockerenv|etc/hosts' list)" ]
}

@test 'what comes out goes in again and is the same' {
    ok cubby run --name c --network none bb:1 sh -c 'mkdir /d; echo x > /d/f; chown 5:6 /d/f; mkfifo /d/p'
    cubby export c | cubby import - again:1
    ok cubby create --name d again:1 true
    cubby export c > one.tar
    cubby export d > two.tar
    cmp one.tar two.tar
}

@test 'with the drivers fuse-overlayfs and copy it is the same' {
    local driver
    ok cubby create --name o bb:1 sh -c 'rm -rf /etc; mkdir /etc; echo x > /etc/x'
    cubby export o > o.tar
    for driver in fuse-overlayfs copy; do
        ok cubby --storage-driver "$driver" create --name "$driver" bb:1 true
        cubby export "$driver" > "$driver.tar"
        # the root itself was made now
        diff <(tar tvf o.tar | tail -n +2) <(tar tvf "$driver.tar" | tail -n +2)
    done
}

@test 'with keep-id owners are those of the container' {
    ok cubby run -d --name c --userns keep-id --network none bb:1 sh -c 'echo x > /tmp/x; touch /tmp/ready; sleep 1000'
    wait_for 10 cubby exec c test -e /tmp/ready
    [ "$(cubby export c | tar tv --numeric-owner | grep ' tmp/x$' | cut -d' ' -f2)" = "$(id -u)/$(id -g)" ]
    [ "$(cubby export c | tar tv --numeric-owner | grep ' etc/passwd$' | cut -d' ' -f2)" = "$(cubby exec c stat -c %u/%g /etc/passwd)" ]
}

@test 'a terminal is refused, and half an archive is not left' {
    ok cubby create --name c bb:1 true
    fails 125 on_tty expect 'is not written to a terminal' -- export c
    fails 125 cubby export -o no/such/file c
    fails 125 cubby export nothing
    fails 125 cubby export -o file nothing
    [ ! -e file ]
    fails 125 cubby export
    try cubby export c > /dev/full
}
