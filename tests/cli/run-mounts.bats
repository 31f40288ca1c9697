# SPDX-License-Identifier: LGPL-2.1-or-later
# run-mounts - run and create: -v, --mount, --tmpfs, --volumes-from, --image-volume

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    cat "$(busybox_tar)" > "$BATS_FILE_TMPDIR/vol.tar"
    mkdir -p "$BATS_FILE_TMPDIR/extra/"{data,etc}
    ln -s /elsewhere/f "$BATS_FILE_TMPDIR/extra/etc/link"
    echo image > "$BATS_FILE_TMPDIR/extra/data/f"
    tar -C "$BATS_FILE_TMPDIR/extra" --owner 0 --group 0 -rf "$BATS_FILE_TMPDIR/vol.tar" data etc/link
    cubby import -c 'CMD ["sh"]' -c 'VOLUME /data' "$BATS_FILE_TMPDIR/vol.tar" vol:1 > /dev/null
}

teardown() {
    test_teardown
    cubby volume rm -fa > /dev/null
}

run_bb() { cubby run --rm --network none "$@"; }
as_docker() {
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker "$@"
}

@test 'a file goes on a file and a folder on a folder' {
    echo x > "$BATS_TEST_TMPDIR/f"
    fails 125 run_bb -v "$BATS_TEST_TMPDIR/f:/etc" bb:1 true
    err_has "on '/etc': is a directory"
    err_has 'a file can only be mounted on a file'
    fails 125 run_bb -v "$BATS_TEST_TMPDIR:/etc/passwd" bb:1 true
    err_has "on '/etc/passwd': not a directory"
    err_has 'a folder can only be mounted on a folder'
}

@test '--mount type=bind takes the keys of both tools, and quotes' {
    local d="$BATS_TEST_TMPDIR/a,b"
    mkdir "$d"
    echo data > "$d/f"
    ok run_bb --mount "type=bind,\"src=$d\",dst=/x,readonly" bb:1 sh -c 'cat /x/f; touch /x/g || echo ro'
    out_is $'data\nro'
    ok run_bb --mount "type=bind,\"source=$d\",destination=/x,ro=false,bind-propagation=rslave,relabel=shared,consistency=cached" \
        bb:1 touch /x/made
    [ -f "$d/made" ]
    fails 125 run_bb --mount "type=bind,\"source=$d\",dst=/x,ro=maybe" bb:1 true
    err_has maybe
    fails 125 run_bb --mount type=bind,dst=/x bb:1 true
    err_has 'needs source='
    fails 125 run_bb --mount "type=bind,src=$BATS_TEST_TMPDIR/nope,dst=/x" bb:1 true
    err_has nope
}

@test '--mount type=bind without recursion leaves out what is mounted below' {
    mkdir -p "$BATS_TEST_TMPDIR/d/sub"
    ok cubby unshare sh -c "mount -t tmpfs t '$BATS_TEST_TMPDIR/d/sub' && touch '$BATS_TEST_TMPDIR/d/sub/f'
        exec env HOME='$HOME' '$CUBBY' --root '$STORE' run --rm --network none \
            --mount 'type=bind,src=$BATS_TEST_TMPDIR/d,dst=/x' bb:1 ls /x/sub"
    out_is f
}

@test '--mount type=volume makes it with its labels; its subpath must be there and stay inside' {
    ok run_bb --mount type=volume,src=vol,dst=/v,volume-label=k=v bb:1 \
        sh -c 'mkdir -p /v/a/b; echo deep > /v/a/b/f; ln -s / /v/out; ln -s /a /v/in'
    ok cubby volume inspect vol -f '{{.Labels.k}}'
    out_is v
    ok run_bb --mount type=volume,src=vol,dst=/v,volume-subpath=a/b bb:1 cat /v/f
    out_is deep
    ok run_bb --mount type=volume,src=vol,dst=/v,subpath=in/b/f bb:1 cat /v
    out_is deep
    ok run_bb --mount type=volume,src=vol,dst=/v,subpath=out bb:1 ls /v
    out_is $'a\nin\nout'
    fails 125 run_bb --mount type=volume,src=vol,dst=/v,subpath=nope bb:1 true
    err_has nope
    fails 125 run_bb --mount type=volume,src=vol,dst=/v,subpath=../x bb:1 true
    err_has 'leads out'
    fails 125 run_bb --mount type=volume,src=vol,dst=/v,volume-opt=o=x bb:1 true
    err_has 'type=bind'
}

@test '--mount type=tmpfs has size, mode and owner; a ramfs has them not' {
    ok run_bb --mount type=tmpfs,dst=/t,tmpfs-size=4MB,tmpfs-mode=1770 bb:1 \
        sh -c 'stat -c "%a %u" /t; df -k /t | tail -1 | tr -s " " | cut -d" " -f2'
    out_is $'1770 0\n4096'
    ok run_bb -u 33:44 --mount type=tmpfs,dst=/t,U=true bb:1 sh -c 'stat -c %u:%g /t; touch /t/x'
    out_is 33:44
    ok run_bb -u 33 --tmpfs /new --tmpfs /root:mode=0711 --tmpfs /etc:notmpcopyup bb:1 \
        sh -c 'stat -c %a /new /root /etc; touch /new/x'
    out_is $'1777\n711\n755'
    ok run_bb --mount type=ramfs,dst=/t,tmpfs-mode=0700 bb:1 sh -c 'stat -c %a /t; grep -o " /t ramfs" /proc/mounts'
    out_is $'700\n /t ramfs'
    fails 125 run_bb --mount type=ramfs,dst=/t,tmpfs-size=1m bb:1 true
    err_has 'size'
    fails 125 run_bb --mount type=tmpfs,dst=/t,src=x bb:1 true
    err_has 'no source'
}

@test 'a tmpfs starts with what the image has there, called as docker it is empty' {
    ok run_bb --tmpfs /data vol:1 cat /data/f
    out_is image
    ok run_bb --tmpfs /data:ro vol:1 sh -c 'cat /data/f; touch /data/g || echo ro'
    out_is $'image\nro'
    ok run_bb --tmpfs /data:notmpcopyup vol:1 ls /data
    out_is ''
    ok run_bb --mount type=ramfs,dst=/data vol:1 cat /data/f
    out_is image
    ok as_docker run_bb --tmpfs /data vol:1 ls /data
    out_is ''
    ok as_docker run_bb --tmpfs /data vol:1 grep /data /proc/mounts
    out_has noexec
    ok as_docker run_bb --tmpfs /data:exec vol:1 grep /data /proc/mounts
    out_lacks noexec
}

@test '--tmpfs options reach the kernel, unknown ones are refused' {
    ok run_bb --tmpfs /t:rw,size=64k,mode=1777,noexec,nosuid,nodev,nr_inodes=10 bb:1 grep ' /t ' /proc/mounts
    out_has size=64k
    out_has noexec
    out_has nr_inodes=10
    fails 125 run_bb --tmpfs /t:colour=red bb:1 true
    err_has colour
    fails 125 run_bb --tmpfs /t:size=big bb:1 true
    err_has size
}

@test '--mount type=devpts is one of its own' {
    ok run_bb --mount type=devpts,dst=/pts,mode=0600,max=7 bb:1 sh -c 'ls /pts; grep " /pts " /proc/mounts'
    out_has ptmx
    out_has mode=600
    out_has max=7
    ok on_tty -- run --rm --network none -t --mount type=devpts,dst=/dev/pts bb:1 sh -c 'test -t 1 && echo tty'
    out_has tty
}

@test '--mount type=image shows an image, unchanged' {
    ok run_bb --mount type=image,source=vol:1,target=/img bb:1 sh -c 'cat /img/data/f; touch /img/x || echo ro'
    out_is $'image\nro'
    ok run_bb --mount type=image,source=vol:1,target=/img,subpath=/data bb:1 ls /img
    out_is f
    ok run_bb --mount type=image,source=vol:1,target=/img,image-subpath=data/f bb:1 cat /img
    out_is image
    fails 125 run_bb --mount type=image,source=vol:1,target=/img,subpath=nope bb:1 true
    err_has nope
    fails 125 run_bb --pull never --mount type=image,source=nothere:1,target=/img bb:1 true
    err_has nothere
}

@test 'what is written to an image with rw stays with the container alone' {
    needs ranges
    ok cubby run --name w --network none --mount type=image,source=vol:1,target=/img,rw bb:1 \
        sh -c 'cat /img/new 2> /dev/null; echo 1 >> /img/new; cat /img/data/f'
    out_is image
    ok cubby start -a w
    out_is $'1\nimage'
    ok run_bb -u 33 --mount type=image,source=vol:1,target=/img,rw=true bb:1 sh -c 'stat -c %a /img; ls /img/data'
    out_is $'755\nf'
    ok run_bb --userns keep-id --mount type=image,source=vol:1,target=/img,rw bb:1 sh -c 'stat -c %u /img; cat /img/data/f'
    out_is $'0\nimage'
    ok cubby inspect w --format '{{range .Mounts}}{{.Type}} {{.Destination}} {{.RW}}{{end}}'
    out_is 'image /img true'
    ok cubby inspect w --format '{{(index .Mounts 0).Source}}'
    out_has vol:1
}

@test 'a mounted image may lose its name: the container keeps its layers' {
    import_busybox other:1
    cubby import "$(busybox_tar)" other:2 > /dev/null
    echo more > "$BATS_TEST_TMPDIR/more"
    tar -C "$BATS_TEST_TMPDIR" -cf "$BATS_TEST_TMPDIR/more.tar" more
    ok cubby import "$BATS_TEST_TMPDIR/more.tar" more:1
    ok cubby create --name m --network none --mount type=image,source=more:1,target=/img bb:1 cat /img/more
    ok cubby rmi more:1
    ok cubby start -a m
    out_is more
    ok cubby system check
    ok cubby rm m
    ok cubby rmi other:1
    cubby rmi other:2 > /dev/null 2>&1 || true
}

@test '--mount type=glob mounts each file that is found' {
    local d=$BATS_TEST_TMPDIR/g
    mkdir "$d"
    echo 1 > "$d/lib1.so"
    echo 2 > "$d/lib2.so"
    echo 3 > "$d/other"
    ok run_bb --mount "type=glob,src=$d/lib*.so,destination=/opt,ro" bb:1 sh -c 'cat /opt/*; rm /opt/lib1.so || echo ro'
    out_is $'1\n2\nro'
    ok run_bb --mount "type=glob,src=$d/*" bb:1 cat "$d/other"
    out_is 3
    fails 125 run_bb --mount "type=glob,src=$d/none*,dst=/opt" bb:1 true
    err_has 'no file is found'
}

@test 'types and keys that are not there are refused with the reason' {
    fails 125 run_bb --mount type=npipe,src=x,dst=/x bb:1 true
    err_has 'types are bind'
    fails 125 run_bb --mount "type=bind,src=/tmp,dst=/x,idmap" bb:1 true
    err_has 'root of the host'
    fails 125 run_bb --mount "type=bind,src=/tmp,dst=/x,bind-recursive=writable" bb:1 true
    err_has disabled
    fails 125 run_bb --mount "type=bind,src=/tmp,dst=/x,nonsense" bb:1 true
    err_has nonsense
    fails 125 run_bb --mount "type=bind,src=/tmp" bb:1 true
    err_has target
}

@test '--volumes-from brings binds and volumes, over what the image wants' {
    mkdir "$BATS_TEST_TMPDIR/d"
    echo bound > "$BATS_TEST_TMPDIR/d/f"
    ok cubby run -d --name src --network none -v "$BATS_TEST_TMPDIR/d:/b" -v named:/n --tmpfs /t vol:1 \
        sh -c 'echo changed > /data/f; echo kept > /n/f; touch /t/f; echo done; exec sleep 100'
    wait_for 10 sh -c "[ -s '$STORE/volumes/named/_data/f' ]"
    ok run_bb --volumes-from src vol:1 sh -c 'cat /b/f /n/f /data/f; ls /t 2>&1; touch /n/x'
    out_has $'bound\nkept\nchanged'
    out_has 'No such file'
    ok run_bb --volumes-from src:ro,z bb:1 sh -c 'cat /data/f; touch /n/y || touch /b/y || echo ro'
    out_is $'changed\nro'
    ok run_bb --volumes-from src -v other:/n bb:1 sh -c 'ls /n; cat /b/f'
    out_is bound
    fails 125 run_bb --volumes-from src:what bb:1 true
    err_has what
    fails 125 run_bb --volumes-from nothere bb:1 true
    err_has nothere
}

@test 'anonymous volumes taken from a container go with that one, not with the taker' {
    ok cubby create --name src --network none vol:1 true
    ok cubby create --name user --network none --volumes-from src vol:1 true
    ok cubby volume ls -q
    [ "${#lines[@]}" = 1 ]
    ok cubby rm -v user
    ok cubby volume ls -q
    [ -n "$output" ]
    ok cubby rm -v src
    ok cubby volume ls -q
    out_is ''
}

@test '--image-volume makes volumes, memory or nothing of what the image wants' {
    ok cubby create --name a --network none --image-volume bind vol:1 true
    ok cubby inspect a --format '{{range .Mounts}}{{.Type}}{{end}}'
    out_is volume
    ok run_bb --image-volume tmpfs vol:1 sh -c 'grep -o " /data tmpfs" /proc/mounts; cat /data/f'
    out_is $' /data tmpfs\nimage'
    ok run_bb --image-volume ignore vol:1 sh -c 'grep -c " /data " /proc/mounts; cat /data/f'
    out_is $'0\nimage'
    fails 125 run_bb --image-volume what vol:1 true
    err_has what
}

@test '-v takes relative paths, the home, sockets, and links of the image as targets' {
    mkdir -p "$BATS_TEST_TMPDIR/rel"
    echo rel > "$BATS_TEST_TMPDIR/rel/f"
    cd "$BATS_TEST_TMPDIR"
    ok run_bb -v ./rel:/x bb:1 cat /x/f
    out_is rel
    python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("s")'
    ok run_bb -v ./s:/run/s bb:1 sh -c 'test -S /run/s && echo socket'
    out_is socket
    ok run_bb -v ./rel/f:/etc/link vol:1 sh -c 'cat /etc/link /elsewhere/f; readlink /etc/link'
    out_is $'rel\nrel\n/elsewhere/f'
    ok run_bb --read-only -v ./rel/f:/new/place/f bb:1 cat /new/place/f
    out_is rel
    # shellcheck disable=SC2088  # cubby expands it
    HOME=$BATS_TEST_TMPDIR ok run_bb -v '~/rel:/x' bb:1 cat /x/f
    out_is rel
}

@test '-v options: O keeps the source as it is, upperdir keeps what changed' {
    mkdir -p "$BATS_TEST_TMPDIR"/{low,up,work}
    echo low > "$BATS_TEST_TMPDIR/low/f"
    ok run_bb -v "$BATS_TEST_TMPDIR/low:/x:O" bb:1 sh -c 'echo new > /x/f; cat /x/f'
    out_is new
    [ "$(cat "$BATS_TEST_TMPDIR/low/f")" = low ]
    ok run_bb -v "$BATS_TEST_TMPDIR/low:/x:O,upperdir=$BATS_TEST_TMPDIR/up,workdir=$BATS_TEST_TMPDIR/work" \
        bb:1 sh -c 'echo new > /x/f'
    [ "$(cat "$BATS_TEST_TMPDIR/low/f" "$BATS_TEST_TMPDIR/up/f")" = $'low\nnew' ]
    fails 125 run_bb -v "$BATS_TEST_TMPDIR/low:/x:O,upperdir=$BATS_TEST_TMPDIR/up" bb:1 true
    err_has workdir
    cubby unshare rm -rf "$BATS_TEST_TMPDIR/work"
}

@test '-v options: flags of the mount, U, and those for other systems' {
    mkdir "$BATS_TEST_TMPDIR/d"
    ok run_bb -v "$BATS_TEST_TMPDIR/d:/x:ro,z,noexec,nosuid,nodev,rslave" bb:1 grep ' /x ' /proc/mounts
    out_matches ' ro,.*nosuid,nodev,noexec'
    ok run_bb -v "$BATS_TEST_TMPDIR/d:/x:cached" -v "$BATS_TEST_TMPDIR/d:/y:exec,suid,dev,Z,rshared" bb:1 \
        grep ' /y ' /proc/mounts
    out_lacks noexec
    ok run_bb -u 33 -v "$BATS_TEST_TMPDIR/d:/x:U" bb:1 sh -c 'stat -c %u /x; touch /x/mine'
    out_is 33
    cubby unshare rm -rf "$BATS_TEST_TMPDIR/d"
}
