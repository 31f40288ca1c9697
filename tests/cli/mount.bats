# SPDX-License-Identifier: LGPL-2.1-or-later
# mount, unmount - containers' root file systems, mounted for their user

load ../lib/common

setup_file() {
    file_setup
    import_busybox
}

# inside COMMAND: a shell line in the user's namespaces, where $c is the program
inside() {
    cubby unshare env STORE="$STORE" CUBBY="$CUBBY" sh -c 'c() { "$CUBBY" --root "$STORE" "$@"; }; '"$1"
}

@test 'outside of unshare it says where to run it' {
    [ "$(id -u)" != 0 ]
    ok cubby create --name c bb:1 true
    fails 125 cubby mount c
    err_has 'cubby unshare'
    fails 125 cubby unmount c
    err_has 'cubby unshare'
    ok cubby mount
    out_is ''
}

@test 'a container that does not run is mounted, listed, changed and unmounted' {
    ok cubby create --name c bb:1 cat /new
    # shellcheck disable=SC2016  # the inner shell expands these
    ok inside 'm=$(c mount c); ls $m/etc/passwd; echo text > $m/new; c mount | cut -c15-; c container mount c; c unmount c; ls -A $m; c mount'
    out_has '/merged/etc/passwd'
    out_has "$(cubby ps -aq --no-trunc)"
    ok cubby start -a c
    out_is text
    [ "$(inside 'c mount c > /dev/null; c mount' | cut -d' ' -f1)" = "$(cubby ps -aq)" ]
    # gives: mount --no-trunc
    [ "$(inside 'c mount c > /dev/null; c mount --no-trunc' | cut -d' ' -f1)" = "$(cubby ps -aq --no-trunc)" ]
    wait_for 5 no_holders
}

@test 'a container that runs is mounted as it is, without what is mounted in it' {
    ok cubby run -d --name c --network none -v v:/v bb:1 sh -c 'echo x > /file; touch /v/in /ready; sleep 1000'
    wait_for 10 cubby exec c test -e /ready
    # shellcheck disable=SC2016
    ok inside 'm=$(c mount c); cat $m/file; ls -A $m/v; echo seen > $m/from; c umount c > /dev/null'
    out_is x
    ok cubby exec c cat /from
    out_is seen
}

@test '--format json, --all, --latest and --force' {
    # gives: mount --all --latest
    # gives: unmount --all --latest --force
    ok cubby create --name a bb:1 true
    ok cubby create --name b bb:1 true
    # shellcheck disable=SC2016
    ok inside 'c mount -a > /dev/null; c mount --format json'
    python3 -c 'import json,sys; d = json.loads(sys.argv[1])
assert sorted(m["Names"][0] for m in d) == ["a", "b"], d
assert all(m["mountpoint"].endswith(m["id"] + "/merged") for m in d)' "$output"
    # shellcheck disable=SC2016
    ok inside 'm=$(c mount --latest); [ "$m" = "$(c mount b)" ] || exit 8; cd $m; c unmount b && exit 9; c unmount -f b > /dev/null || exit 7
        cd /; c mount | wc -l; c mount a b > /dev/null; c unmount --all | wc -l; c mount'
    out_is $'0\n2'
    # shellcheck disable=SC2016
    ok inside 'c mount a > /dev/null; c unmount -l && exit 9; c mount b > /dev/null; c container umount --latest > /dev/null || exit 8
        c container unmount a > /dev/null; c mount'
    out_is ''
    fails 125 cubby mount --format table
    fails 125 cubby unmount
    fails 125 cubby mount nothing
}

@test 'with the driver copy, and with fuse-overlayfs while it runs' {
    ok cubby --storage-driver copy create --name c bb:1 true
    # shellcheck disable=SC2016
    ok inside 'cat $(c mount c)/etc/passwd'
    out_has root
    ok cubby --storage-driver fuse-overlayfs run -d --name f --network none bb:1 sleep 1000
    # shellcheck disable=SC2016
    ok inside 'cat $(c mount f)/etc/passwd'
    out_has root
}

@test 'with fuse-overlayfs a stopped container is mounted until it is unmounted, or unshare ends' {
    [ -c /dev/fuse ] || skip 'there is no /dev/fuse'
    ok cubby --storage-driver fuse-overlayfs create --name f --network none bb:1 cat /new
    # shellcheck disable=SC2016
    ok inside 'm=$(c mount f); cat $m/etc/passwd; echo text > $m/new; c unmount f; ls -A $m; c mount; c mount f'
    out_has root
    out_lacks text
    wait_for 10 no_holders
    ok cubby start -a f
    out_is text
    # what mounts may be far below the program of unshare
    # shellcheck disable=SC2016
    ok inside 'm=$(sh -c "$CUBBY --root $STORE mount f"); cat $m/new; cat $m/new'
    out_is $'text\ntext'
    wait_for 10 no_holders
    ok cubby rm f
}

@test 'a keeper that is killed takes its file system along' {
    [ -c /dev/fuse ] || skip 'there is no /dev/fuse'
    ok cubby --storage-driver fuse-overlayfs create --name f --network none bb:1
    # shellcheck disable=SC2016
    ok inside 'm=$(c mount f); ls $m > /dev/null
        for p in /proc/[0-9]*; do
            [ "$(readlink $p/ns/mnt)" = "$(readlink /proc/self/ns/mnt)" ] || continue
            case $(tr "\0" " " < $p/cmdline 2> /dev/null) in cubby-keeper*) kill -9 ${p#/proc/};; esac
        done
        until ! ls $m > /dev/null 2>&1; do sleep 0.05; done; c unmount -f f'
    wait_for 10 no_holders
}
