# SPDX-License-Identifier: LGPL-2.1-or-later
# run-image - run and create: which image, and what becomes of it

load ../lib/common

setup_file() { file_setup; import_busybox; }

run_bb() { cubby run --rm --network none "$@"; }

@test '--rmi removes container and image, unless others use it' {
    import_busybox gone:1
    cubby import -c 'LABEL x=1' "$(busybox_tar)" other:1 > /dev/null
    ok cubby run --rmi --network none other:1 echo hi
    out_is hi
    fails 1 cubby image exists other:1
    ok cubby ps -aq
    out_is ''
    ok cubby create --name user --network none bb:1 true
    ok cubby run --rmi --network none bb:1 echo hi
    out_is hi
    ok cubby image exists bb:1
    fails 125 cubby run -d --rmi --network none bb:1 true
    err_has --detach
}

@test '--platform, --arch, --os and --variant choose the image, and a foreign one is told' {
    ok run_bb --pull never --arch "$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')" --os linux bb:1 echo here
    out_is here
    fails 125 run_bb --platform linux/amd64 --arch amd64 bb:1 true
    err_has --platform
}

@test '--pull never, missing and newer work without a registry when the image is here' {
    ok run_bb --pull never bb:1 echo never
    ok run_bb --pull missing bb:1 echo missing
    out_is missing
    fails 125 run_bb --pull what bb:1 true
    err_has what
}

@test '--rootfs runs a folder; with :O it stays as it is' {
    mkdir "$BATS_TEST_TMPDIR/root"
    cubby unshare tar -C "$BATS_TEST_TMPDIR/root" -xf "$(busybox_tar)"
    ok cubby run --rm --network none --rootfs "$BATS_TEST_TMPDIR/root:O" sh -c 'touch /new; ls /new'
    out_is /new
    [ ! -e "$BATS_TEST_TMPDIR/root/new" ]
    cd "$BATS_TEST_TMPDIR"
    ok cubby run --rm --network none --rootfs ./root sh -c 'touch /new; ls /new'
    out_is /new
    [ -e "$BATS_TEST_TMPDIR/root/new" ]
    fails 125 cubby run --rm --rootfs "$BATS_TEST_TMPDIR/nope" sh
    err_has nope
    fails 125 cubby run --rm --network none --passwd-entry a:b --rootfs ./root sh
    err_has ':O'
    cubby unshare rm -rf "$BATS_TEST_TMPDIR/root"
}

@test '--replace takes the place of a container, and makes none that is not there' {
    ok cubby run -d --name r --replace --network none bb:1 sleep 100
    first=$output
    ok cubby create --name r --replace --network none bb:1 true
    [ "$output" != "$first" ]
    ok cubby ps -aq
    [ "${#lines[@]}" = 1 ]
}

@test '--log-driver and --log-opt choose where output is kept' {
    ok cubby run --name n --network none --log-driver none bb:1 echo gone
    fails 125 cubby logs n
    ok cubby run --name k --network none --log-driver k8s-file --log-opt max-size=1m bb:1 echo kept
    ok cubby logs k
    out_is kept
    ok cubby inspect k --format '{{.HostConfig.LogConfig.Type}}'
    out_is k8s-file
    fails 125 cubby run --log-driver syslog bb:1 true
    err_has syslog
    fails 125 cubby run --log-opt colour=red bb:1 true
    err_has colour
}
