# SPDX-License-Identifier: LGPL-2.1-or-later
# image mount, image unmount - the files of images

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    cubby run --name c --network none bb:1 sh -c 'echo one > /one; rm -rf /home'
    cubby commit c two:1 > /dev/null
    remove_containers
}

# inside COMMAND: a shell line in the user's namespaces, where c is the program
inside() {
    cubby unshare env STORE="$STORE" CUBBY="$CUBBY" sh -c 'c() { "$CUBBY" --root "$STORE" "$@"; }; '"$1"
}

@test 'outside of unshare it says where to run it' {
    fails 125 cubby image mount bb:1
    err_has 'cubby unshare'
    ok cubby image mount
    out_is ''
}

@test 'an image is mounted read-only, listed and unmounted' {
    # shellcheck disable=SC2016  # the inner shell expands these
    ok inside 'm=$(c image mount bb:1); cat $m/etc/passwd; echo x 2> /dev/null > $m/new; c image mount; c image unmount bb:1; ls $m; c image mount'
    out_has root
    out_has 'localhost/bb:1  '
    out_lacks new
    # shellcheck disable=SC2016
    ok inside 'm=$(c image mount two:1); cat $m/one; ls -d $m/home; touch $m/new; ls $m; c image umount two:1'
    out_has one
    err_has 'home'
    err_has 'Read-only'
    wait_for 5 no_holders
}

@test '--all, --format json and --force' {
    # gives: image mount --all
    # gives: image unmount --all --force
    # shellcheck disable=SC2016
    ok inside 'c image mount --all | wc -l; c image mount --format json; cd $(c image mount two:1); c image unmount two:1 && exit 9
        c image unmount -f two:1 > /dev/null || exit 8; cd /; echo; c image mount | wc -l; c image unmount --all > /dev/null; c image mount'
    [ "${lines[0]}" = 2 ]
    out_has '"mountpoint"'
    out_matches $'\n1$'
    fails 125 cubby image unmount
    fails 125 cubby image mount nothing
    fails 125 cubby image mount --format table
    fails 125 cubby image mount -a bb:1
}

@test 'what was mounted can be removed afterwards' {
    cubby import "$(busybox_tar)" gone:1 > /dev/null
    ok cubby run --name c --network none bb:1 touch /unique
    ok cubby commit c unique:1
    ok cubby rm c
    ok inside 'c image mount unique:1 > /dev/null'
    ok cubby rmi unique:1
    ok cubby system check
}

@test 'an image of several layers is mounted by fuse-overlayfs as well, and goes with unshare' {
    [ -c /dev/fuse ] || skip 'there is no /dev/fuse'
    # shellcheck disable=SC2016
    ok inside 'm=$(c --storage-driver fuse-overlayfs image mount two:1); grep -c fuse-overlayfs /proc/self/mountinfo
        cat $m/one; ls -d $m/home; touch $m/new; ls $m'
    [ "${lines[0]}" = 1 ]
    out_has one
    out_lacks new
    err_has home
    err_has 'Read-only'
    wait_for 10 no_holders
}
