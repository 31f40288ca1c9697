# SPDX-License-Identifier: LGPL-2.1-or-later
# run: as root
#
# Hosts that forbid or lack something: what the error says, what doctor says, the repair that it
# names, and what works meanwhile.

load ../lib/common
load ../lib/host

setup_file() {
    host_setup
    import_busybox
}

# --- what a host is changed by -------------------------------------------------------------

# setting NAME VALUE: a file of /proc/sys/kernel, which may not be there
setting() {
    # shellcheck disable=SC2016  # for on_host's shell
    printf 'D=%q; ' "$BATS_TEST_TMPDIR"
    printf '%s\n' 'mount -t tmpfs settings "$D"; cp -r --no-preserve=all /proc/sys/kernel "$D" 2> /dev/null || true' \
        "echo $2 > \"\$D/kernel/$1\"" 'mount --bind "$D/kernel" /proc/sys/kernel'
}

no_namespaces() {
    echo "echo 0 > $BATS_TEST_TMPDIR/zero"
    echo "mount --bind $BATS_TEST_TMPDIR/zero /proc/sys/user/max_user_namespaces; REFUSE=(userns=ENOSPC)"
}

# tools OPTIONS: newuidmap and newgidmap lie in a folder of their own, mounted with OPTIONS
tools() {
    echo "mount -t tmpfs -o mode=755,$1 tools /usr/local/bin; cp -p /usr/bin/new?idmap /usr/local/bin"
}

# subids_from SOURCE: the files have no sub-ids, nsswitch names a source, which libsubid loads
subids_from() {
    cat <<END
mount -t tmpfs -o mode=755 source /usr/local/lib
cp $CUBBY_BUILD/tests/tools/libsubid_cubbytest.so /usr/local/lib
{ cat /etc/nsswitch.conf; echo 'subid: $1'; } > /usr/local/lib/nsswitch
ldconfig -C /usr/local/lib/cache
mount --bind /usr/local/lib/cache /etc/ld.so.cache
mount --bind /usr/local/lib/nsswitch /etc/nsswitch.conf
for file in /etc/subuid /etc/subgid; do mount --bind /dev/null \$file; done
END
}

# --- user namespaces are refused -------------------------------------------------------------

@test 'user namespaces are switched off: the error and doctor name the setting' {
    fails 125 on_host "$(no_namespaces)" run --rm --network none bb:1 true
    err_has 'cannot make a user namespace'
    err_lacks 'no space left'
    err_has 'sysctl user.max_user_namespaces=15000'
    fails 1 on_host "$(no_namespaces)" doctor
    out_has $'bad   user namespaces: cannot make a user namespace\n      repair: sudo sysctl -w user.max_user_namespaces=15000'
}

@test 'user namespaces are for root only: the error and doctor name the setting' {
    local host
    host="$(setting unprivileged_userns_clone 0); REFUSE=(userns=EPERM)"
    fails 125 on_host "$host" run --rm --network none bb:1 true
    err_has 'sysctl kernel.unprivileged_userns_clone=1'
    fails 1 on_host "$host" doctor
    out_has 'repair: sudo sysctl -w kernel.unprivileged_userns_clone=1'
}

@test 'AppArmor takes the rights away: run and import say so, doctor prints the profile' {
    local host
    host="$(setting apparmor_restrict_unprivileged_userns 1); REFUSE=(rights=EACCES)"
    fails 125 on_host "$host" run --rm --network none bb:1 true
    err_has 'AppArmor restricts user namespaces'
    err_has 'cubby doctor'
    fails 1 on_host "$host" doctor
    out_has 'bad   user namespaces: '
    out_has 'sudo tee /etc/apparmor.d/cubby'
    out_has "profile cubby \"$CUBBY\" flags=(unconfined) {"
    out_has '  userns,'
    out_has 'sudo apparmor_parser -r /etc/apparmor.d/cubby'
}

@test 'AppArmor refuses a namespace at once: the same words' {
    local host
    host="$(setting apparmor_restrict_unprivileged_userns 1); REFUSE=(userns=EACCES)"
    fails 125 on_host "$host" run --rm --network none bb:1 true
    err_has 'AppArmor restricts user namespaces'
    fails 1 on_host "$host" doctor
    out_has 'profile cubby'
}

@test 'a policy without a name refuses: the error says that there is one' {
    fails 125 on_host 'REFUSE=(userns=EPERM)' run --rm --network none bb:1 true
    err_has 'a security policy'
}

@test 'what a refusal hid is not remembered: the storage driver is the right one afterwards' {
    local before
    before=$(cubby info --format '{{.Store.GraphDriverName}}')
    rm -f "$STORE"/driver-*
    fails 125 on_host 'REFUSE=(rights=EACCES)' run --rm --network none bb:1 true
    ok cubby run --rm --network none bb:1 echo runs
    out_is runs
    [ "$(cubby info --format '{{.Store.GraphDriverName}}')" = "$before" ]
}

# --- newuidmap and newgidmap -------------------------------------------------------------------

@test 'newuidmap without its bits: one id with a warning, and the repair that doctor names mends it' {
    local host repair
    host="$(tools nodev); chmod u-s /usr/local/bin/newuidmap"
    ok on_host "$host" run --rm --network none bb:1 sed -n 1p /proc/self/uid_map
    out_matches '^ *0 +[0-9]+ +1$'
    err_has "'/usr/local/bin/newuidmap' has neither the set-user-id bit nor cap_setuid"
    try on_host "$host" doctor
    out_has "less  ids: one id: '/usr/local/bin/newuidmap' has neither"
    out_has 'meanwhile: '
    repair=$(sed -n '/ ids: /,/^[a-z]/s/^ *repair: sudo //p' <<< "$output")
    [ "$repair" = 'setcap cap_setuid=ep /usr/local/bin/newuidmap' ]
    ok on_host "$host; $repair" doctor
    out_has 'ok    ids: 65537 ids through newuidmap'
}

@test 'newgidmap without its bits is named too' {
    try on_host "$(tools nodev); chmod u-s /usr/local/bin/newgidmap" doctor
    out_has 'repair: sudo setcap cap_setgid=ep /usr/local/bin/newgidmap'
}

@test 'newuidmap on a file system mounted nosuid: named, and the repair mends it' {
    local host repair
    host=$(tools nosuid)
    ok on_host "$host" run --rm --network none bb:1 echo runs
    out_is runs
    err_has "'/usr/local/bin/newuidmap' lies on a file system mounted nosuid"
    try on_host "$host" doctor
    repair=$(sed -n '/ ids: /,/^[a-z]/s/^ *repair: sudo //p' <<< "$output")
    [[ $repair == 'mount -o remount,suid '* ]]
    ok on_host "$host; $repair" doctor
    out_has 'ok    ids: 65537 ids through newuidmap'
}

@test 'newuidmap is not installed: doctor names the package' {
    install -m 0644 /dev/null "$BATS_TEST_TMPDIR/none"
    try on_host "mount --bind $BATS_TEST_TMPDIR/none /usr/bin/newuidmap" doctor
    out_has "one id: 'newuidmap' is not installed"
    out_has 'repair: sudo apt-get install uidmap'
}

@test 'CVE-2021-43784: more ranges than a map can have are said, and one id is used' {
    seq -f 'cubby-test:%.0f:5' 1000000 10 1099999 > "$BATS_TEST_TMPDIR/many"
    local host="for file in /etc/subuid /etc/subgid; do mount --bind $BATS_TEST_TMPDIR/many \$file; done"
    ok on_host "$host" run --rm --network none bb:1 echo runs
    out_is runs
    err_has "'cubby-test' has more ranges in /etc/subuid than the kernel takes"
    # as many as it can have all count
    sed -i 250q "$BATS_TEST_TMPDIR/many"
    ok on_host "$host" unshare grep -c . /proc/self/uid_map
    out_is 251
}

@test 'fuse-overlayfs is not installed: builds whose map shifts ids are refused before the first step, others are not' {
    local host map
    install -m 0644 /dev/null "$BATS_TEST_TMPDIR/none"
    host="mount --bind $BATS_TEST_TMPDIR/none $(command -v fuse-overlayfs || echo /usr/bin/true)"
    mkdir "$BATS_TEST_TMPDIR/context"
    printf 'FROM bb:1\nRUN echo did-run\n' > "$BATS_TEST_TMPDIR/context/Dockerfile"
    chmod -R a+rX "$BATS_TEST_TMPDIR"
    for map in '--userns-uid-map 0:1:1000' '--userns auto' '--userns nomap'; do
        # shellcheck disable=SC2086  # two words
        fails 125 on_host "$host" build --network none $map "$BATS_TEST_TMPDIR/context"
        err_has 'a map that shifts ids needs fuse-overlayfs'
        err_lacks did-run
    done
    ok on_host "$host" build -t maps:1 --network none --userns-uid-map 0:0:1000 "$BATS_TEST_TMPDIR/context"
    err_has did-run
    ok on_host "$host" rmi maps:1
}

# --- sub-ids from elsewhere ------------------------------------------------------------------------

@test 'sub-ids come from the source that nsswitch.conf names, as newuidmap has them' {
    ok on_host "$(subids_from cubbytest)" unshare cat /proc/self/uid_map /proc/self/gid_map
    out_matches '^ *0 +[0-9]+ +1
 *1 +3000000 +65536
 *0 +[0-9]+ +1
 *1 +3000000 +65536$'
    ok on_host "$(subids_from cubbytest)" doctor
    out_has 'ok    ids: 65537 ids through newuidmap'
}

@test 'a container of such a user has its ids' {
    local dir=$BATS_FILE_TMPDIR/h/out
    install -d -m 0777 "$dir"
    ok on_host "$(subids_from cubbytest)" --root "$BATS_FILE_TMPDIR/h/s" import -q "$(busybox_tar)" bb:1
    ok on_host "$(subids_from cubbytest)" --root "$BATS_FILE_TMPDIR/h/s" run --rm --network none \
        -v "$dir:/out" bb:1 sh -c 'touch /out/f && chown 1000:33 /out/f'
    [ "$(stat -c %u:%g "$dir/f")" = 3000999:3000032 ]
}

@test 'a source that is not there, or has nothing for the user, is said, and one id is used' {
    ok on_host "$(subids_from nowhere)" run --rm --network none bb:1 echo runs
    out_is runs
    try on_host "$(subids_from nowhere)" doctor
    out_has "no sub-ids for 'cubby-test' in the source that nsswitch.conf names"
}

@test 'a source named as files is the files' {
    ok on_host "$(subids_from files)" doctor
    out_has "no sub-ids for 'cubby-test' in /etc/subuid"
}

# --- several ranges --------------------------------------------------------------------------------

@test 'two ranges of sub-ids: all are mapped, and namespaces nested in that map work' {
    local two dir=$BATS_TEST_TMPDIR/w own root="$BATS_FILE_TMPDIR/h/two"
    two="for file in /etc/subuid /etc/subgid; do
        printf '%s\n' $TESTER:100000:1000 $TESTER:200000:64536 > $BATS_TEST_TMPDIR/ids
        mount --bind $BATS_TEST_TMPDIR/ids \$file; done"
    own=$(id -u "$TESTER"):$(id -g "$TESTER")
    install -d -o "$TESTER" -g "$(id -g "$TESTER")" "$dir"
    chmod 0711 "$BATS_TEST_TMPDIR" "${BATS_TEST_TMPDIR%/*}"
    ok on_host "$two" unshare cat /proc/self/uid_map
    out_matches '1 +100000 +1000
 *1001 +200000 +64536$'
    ok on_host "$two" --root "$root" import -q "$(busybox_tar)" bb:1
    ok on_host "$two" --root "$root" run --rm --network none -u "$own" -v "$dir:/w" bb:1 sh -c 'id -u; touch /w/file'
    out_is "${own%:*}"
    [ "$(stat -c %u:%g "$dir/file")" = "$own" ]
    ok on_host "$two" --root "$root" run --rm --network none -u "${own%:*}" -v "$dir:/w" bb:1 rm /w/file
    ok on_host "$two" --root "$root" run --rm --network none --userns keep-id bb:1 id -u
    out_is "${own%:*}"
}

# --- other people ------------------------------------------------------------------------------------

@test 'two users: the same names at once, and neither sees or ends what is the other'\''s' {
    local mine=$STORE theirs=$BATS_FILE_TMPDIR/theirs port
    port=$(free_port)
    ok cubby run -d --name web -p "$port:80" bb:1 sleep 1000
    install -d -o cubby-nosub -m 0700 "$theirs"
    (
        TESTER=cubby-nosub STORE=$theirs
        ok cubby import -q "$(busybox_tar)" bb:1
        ok cubby run -d --name web --network none bb:1 sleep 1000
        ok cubby ps --format '{{.Names}} {{.Image}}'
        out_is 'web localhost/bb:1'
        fails 125 cubby run --rm -p "$port:80" bb:1 true
        err_has "$port"
        STORE=$mine
        fails 125 cubby rm -f web
        err_has "$mine"
        STORE=$theirs
        ok cubby rm -f -t 0 web
    )
    ok cubby exec web true
    rm -rf "$theirs" 2> /dev/null || true
}

@test 'a store on a disk that is mounted read-only: what is there is shown, what would change it is refused' {
    local host="mount --bind $STORE $STORE; mount -o remount,bind,ro $STORE"
    ok cubby create --name there --network none bb:1 true
    ok on_host "$host" images --format '{{.Repository}}'
    out_is localhost/bb
    ok on_host "$host" ps -a --format '{{.Names}}'
    out_is there
    ok on_host "$host" inspect there --format '{{.State.Status}}'
    out_is created
    for words in 'create bb:1' 'run --rm bb:1 true' 'start there' 'rm there' 'rmi bb:1' 'tag bb:1 bb:2' 'volume create x'; do
        # shellcheck disable=SC2086  # words
        try on_host "$host" $words
        [ "$status" -ne 0 ] || say_run "$words"
        err_has 'only'
    done
    ok cubby rm there
}
