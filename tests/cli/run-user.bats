# SPDX-License-Identifier: LGPL-2.1-or-later
# run-user - run and create: --user, --group-add, and the names of users, groups and the host

load ../lib/common

setup_file() { file_setup; import_busybox; }

run_bb() { cubby run --rm --network none "$@"; }

@test 'a user that the image does not know gets a name, and the image stays as it is' {
    ok run_bb -u 1234:5678 bb:1 sh -c 'id -un; id -gn; tail -1 /etc/passwd; tail -1 /etc/group; echo $HOME'
    out_is $'1234\n5678\n1234:*:1234:5678:container user:/:/bin/sh\n5678:x:5678:1234\n/'
    ok run_bb bb:1 sh -c "grep -c 1234 /etc/passwd || true"
    out_is 0
    ok run_bb -u 65534 bb:1 sh -c 'grep -c :65534: /etc/passwd'
    out_is 1
    ok run_bb --read-only -u 1234 bb:1 id -un
    out_is 1234
}

@test 'the name is added once, however often it is started' {
    ok cubby run --name c --network none -u 1234 bb:1 grep -c 1234 /etc/passwd
    ok cubby start -a c
    out_is 1
}

@test '--passwd=false and docker add nobody' {
    ok run_bb --passwd=false -u 1234 bb:1 sh -c 'grep 1234 /etc/passwd || echo none'
    out_is none
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker ok run_bb -u 1234 bb:1 sh -c 'grep 1234 /etc/passwd || echo none'
    out_is none
}

@test 'an id that nobody has granted is refused with what helps' {
    needs ranges
    for user in 3000000000 0:3000000000; do
        fails 125 run_bb -u "$user" bb:1 true
        err_has '3000000000: it is none of the ids you have'
        err_has /etc/subuid
    done
    ok cubby run -d --name u --network none bb:1 sleep 1000
    fails 125 cubby exec -u 3000000000 u true
    err_has '3000000000: it is none of the ids you have'
    ok cubby rm -f u
}

@test '--passwd-entry and --group-entry say how the lines look' {
    ok run_bb -u 1234:5678 --passwd-entry 'me:*:$UID:$GID:$NAME:/home/me:/bin/ash' --group-entry 'us:x:$GID:$USERLIST,x' \
        bb:1 sh -c 'tail -1 /etc/passwd; tail -1 /etc/group; id -un; id -gn; echo $HOME'
    out_is $'me:*:1234:5678:container user:/home/me:/bin/ash\nus:x:5678:1234,x\nme\nus\n/home/me'
    fails 125 run_bb --passwd-entry nothing bb:1 true
    err_has passwd-entry
    fails 125 run_bb --group-entry $'a:b\nc' bb:1 true
}

@test 'keep-id: the caller has a name and, where it is mounted, a home' {
    ok run_bb --userns keep-id bb:1 sh -c 'id -un'
    out_is "$(id -un)"
    HOME=$BATS_TEST_TMPDIR ok run_bb --userns keep-id -v "$BATS_TEST_TMPDIR:$BATS_TEST_TMPDIR" bb:1 sh -c 'echo $HOME'
    out_is "$BATS_TEST_TMPDIR"
}

@test '--hostuser adds a user of the host' {
    ok run_bb --hostuser "$(id -un)" --hostuser daemon bb:1 grep "^$(id -un):" /etc/passwd
    out_has ":$(id -u):$(id -g):"
    fails 125 run_bb --hostuser no-such-user bb:1 true
    err_has no-such-user
}

@test '--group-add takes names and numbers, and keep-groups' {
    needs ranges
    ok run_bb -u 1234 --group-add 7777 --group-add 8888 bb:1 id -G
    out_is '0 7777 8888'
    ok run_bb --group-add keep-groups bb:1 true
    ok cubby run -d --name g --network none -u 1234 --group-add 7777 bb:1 sleep 100
    ok cubby exec g id -G
    out_is '0 7777'
    ok cubby inspect g --format '{{.HostConfig.GroupAdd}}'
    out_is '[7777]'
    fails 125 run_bb --group-add nosuch bb:1 true
    err_has nosuch
}

@test '--hosts-file puts a file, or the image'\''s, in front of the container'\''s own lines' {
    echo '10.9.8.7 from.file' > "$BATS_TEST_TMPDIR/hosts"
    ok run_bb --hosts-file "$BATS_TEST_TMPDIR/hosts" --add-host added:10.1.1.1 -h me bb:1 cat /etc/hosts
    out_has '10.9.8.7 from.file'
    out_has added
    out_has localhost
    ok cubby run --name i --network none --no-hosts bb:1 sh -c 'echo "10.1.2.3 from.image" > /etc/hosts'
    ok run_bb --hosts-file none bb:1 cat /etc/hosts
    out_lacks from.file
    ok run_bb --hosts-file image bb:1 grep localhost /etc/hosts
    fails 125 run_bb --hosts-file "$BATS_TEST_TMPDIR/nope" bb:1 true
    err_has nope
    fails 125 run_bb --hosts-file rel bb:1 true
    fails 125 run_bb --hosts-file none --no-hosts bb:1 true
}

@test '--no-hosts and --no-hostname leave the image'\''s files' {
    ok run_bb --no-hosts bb:1 sh -c "grep -c ' /etc/hosts ' /proc/mounts || true"
    out_is 0
    ok run_bb --no-hostname bb:1 sh -c "grep -c ' /etc/hostname ' /proc/mounts || true"
    out_has 0
    ok run_bb --no-hostname -h web bb:1 hostname
    out_is web
}

@test '--domainname and --hostname are those of the kernel' {
    ok run_bb -h web --domainname example.org bb:1 sh -c 'cat /proc/sys/kernel/hostname /proc/sys/kernel/domainname /etc/hostname'
    out_is $'web\nexample.org\nweb'
    fails 125 run_bb -h "$(printf 'a%.0s' {1..65})" bb:1 true
}
