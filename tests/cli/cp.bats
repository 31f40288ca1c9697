# SPDX-License-Identifier: LGPL-2.1-or-later
# cp - copy files between a container and the host, or between containers

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    import_busybox two:1
    printf 'one:x:7:8::/:/bin/sh\n' > "$BATS_FILE_TMPDIR/passwd"
    cubby import -c 'USER 7:8' "$(busybox_tar)" user:1 > /dev/null
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    echo text > file
    mkdir -p dir/sub
    echo deep > dir/sub/deep
    ln -s sub/deep dir/link
    ln dir/sub/deep dir/hard
    : > none
}

# start [OPTIONS]: a container "c" that runs
start() { ok cubby run -d --name c --network none "$@" bb:1 sleep 1000; }

# has PATH TEXT: what a file of the running container "c" holds
has() {
    ok cubby exec c cat "$1"
    out_is "$2"
}

@test 'a file goes in and comes out with mode and time' {
    start
    chmod 4711 file
    touch -d '2001-02-03 04:05:06.123456789' file
    ok cubby cp file c:/in
    out_is ''
    err_is ''
    ok cubby exec c stat -c '%a %Y %u:%g' /in
    out_is "4711 $(stat -c %Y file) 0:0"
    ok cubby cp c:/in out
    cmp file out
    [ "$(stat -c '%a %y' out)" = "$(stat -c '%a %y' file)" ]
    [ -O out ]
}

@test 'docker: a file to what is not there makes it' {
    start
    ok cubby cp file c:/tmp/new
    has /tmp/new text
    ok cubby cp c:/tmp/new ./here
    cmp file here
}

@test 'docker: a file to a folder that is not there is refused when a slash says that it is one' {
    start
    fails 125 cubby cp file c:/tmp/new/
    err_has "the folder '/tmp/new/' does not exist"
    fails 125 cubby cp c:/etc/passwd ./new/
    err_has 'does not exist'
    [ ! -e new ]
}

@test 'docker: a file over a file replaces it, into a folder it keeps its name' {
    start
    ok cubby cp file c:/etc/passwd
    has /etc/passwd text
    ok cubby cp file c:/tmp
    has /tmp/file text
    ok cubby cp file c:/home/
    has /home/file text
    mkdir into
    ok cubby cp c:/home/file into
    cmp file into/file
}

@test 'docker: a folder to what is not there becomes it, with or without a slash' {
    start
    ok cubby cp dir c:/tmp/new
    has /tmp/new/sub/deep deep
    ok cubby cp dir c:/tmp/slash/
    has /tmp/slash/sub/deep deep
    ok cubby cp c:/tmp/new out
    diff -r dir out
    [ "$(readlink out/link)" = sub/deep ]
    [ out/hard -ef out/sub/deep ]
}

@test 'docker: a folder over a file is refused' {
    start
    fails 125 cubby cp dir c:/etc/passwd
    err_has "cannot copy a folder over '/etc/passwd'"
    fails 125 cubby cp c:/etc file
    [ "$(cat file)" = text ]
}

@test 'docker: a folder into a folder keeps its name, with /. it is the content' {
    start
    ok cubby exec c mkdir /a /b
    ok cubby exec c chmod 700 /b
    ok cubby cp dir c:/a
    has /a/dir/sub/deep deep
    ok cubby cp dir/. c:/b
    has /b/sub/deep deep
    ok cubby exec c stat -c %a /b
    out_is 700
    ok cubby cp dir/ c:/b
    has /b/dir/sub/deep deep
    mkdir one two
    ok cubby cp c:/a one
    cmp dir/sub/deep one/a/dir/sub/deep
    ok cubby cp c:/a/. two
    cmp dir/sub/deep two/dir/sub/deep
}

@test 'docker: what is in a folder already stays beside what comes, and the folder may be named by the root' {
    start
    ok cubby exec c sh -c 'mkdir -p /b/sub && echo old > /b/sub/old && echo old > /b/sub/deep'
    ok cubby cp dir/. c:/b
    has /b/sub/old old
    has /b/sub/deep deep
    ok cubby cp file c:
    has /file text
    ok cubby cp file c:/
    ok cubby cp file c:tmp/rel
    has /tmp/rel text
}

@test 'the folder of the target must exist' {
    start
    fails 125 cubby cp file c:/no/such
    err_is "Error: cannot copy to '/no/such' in container 'c': no such file or directory"
    fails 125 cubby cp c:/etc/passwd no/such
    fails 125 cubby cp c:/nothing .
    err_is "Error: cannot copy '/nothing' in container 'c': no such file or directory"
    fails 125 cubby cp nothing c:/
    fails 125 cubby cp file/ c:/
    err_has 'not a directory'
}

@test 'a folder and another file do not replace each other below, but with --overwrite' {
    start
    ok cubby exec c sh -c 'mkdir -p /b/hard/x; echo f > /b/sub'
    fails 125 cubby cp dir/. c:/b
    err_has '--overwrite'
    ok cubby cp --overwrite dir/. c:/b
    has /b/hard deep
    has /b/sub/deep deep
    ok cubby cp --overwrite dir c:/etc/passwd
    has /etc/passwd/sub/deep deep
}

@test 'a link is copied as a link, -L copies what it leads to, and on the target side it is followed' {
    start
    ln -s file way
    ok cubby cp way c:/tmp
    ok cubby exec c readlink /tmp/way
    out_is file
    ok cubby cp -L way c:/followed
    has /followed text
    ok cubby cp --follow-link way c:/tmp/
    has /tmp/way text
    ok cubby exec c sh -c 'ln -s /usr/target /tl; ln -s /etc /dl; ln -s passwd /etc/pl'
    ok cubby cp file c:/tl
    has /usr/target text
    ok cubby cp file c:/dl
    has /etc/file text
    ok cubby cp c:/etc/pl out
    [ "$(readlink out)" = passwd ]
    ok cubby cp -L c:/etc/pl real
    grep -q root real
    mkdir d
    ok cubby cp c:/dl/ d
    grep -q root d/dl/passwd
    ln -s d up
    ok cubby cp c:/etc/passwd up
    grep -q root d/passwd
}

@test 'what comes in belongs to the user of the container, -a=false keeps owners' {
    needs ranges
    ok cubby run -d --name c --network none user:1 sleep 1000
    ok cubby cp file c:/tmp/a
    ok cubby exec c stat -c %u:%g /tmp/a
    out_is 7:8
    ok cubby cp --archive=false file c:/tmp/b
    ok cubby exec c stat -c %u:%g /tmp/b
    out_is 0:0
    ok cubby cp -a file c:/tmp/c
    ok cubby exec c stat -c %u:%g /tmp/c
    out_is 7:8
    ok cubby cp c:/tmp/a out
    [ -O out ]
}

@test 'as docker what comes in is root'\''s, with -a it keeps the numbers' {
    needs ranges
    ln -sf "$CUBBY" docker
    CUBBY=$BATS_TEST_TMPDIR/docker
    ok cubby run -d --name c --network none user:1 sleep 1000
    ok cubby cp file c:/tmp/a
    ok cubby exec c stat -c %u:%g /tmp/a
    out_is 0:0
    ok cubby cp -a file c:/tmp/b
    ok cubby exec c stat -c %u:%g /tmp/b
    out_is "$(id -u):$(id -g)"
    tar --owner=5 --group=6 -cf t.tar file
    ok cubby cp - c:/tmp < t.tar
    ok cubby exec c stat -c %u:%g /tmp/file
    out_is 5:6
    fails 1 cubby cp nothing c:/
}

@test 'an archive on the standard input is unpacked into a folder' {
    needs ranges
    start
    tar --owner=5 --group=6 -czf t.tgz file dir
    ok cubby cp - c:/tmp < t.tgz
    has /tmp/dir/sub/deep deep
    ok cubby exec c stat -c %u:%g /tmp/file
    out_is 0:0
    ok cubby cp -a=false - c:/home < t.tgz
    ok cubby exec c stat -c %u:%g /home/file
    out_is 5:6
    tar -c dir | cubby cp - c:/usr
    has /usr/dir/sub/deep deep
    fails 125 cubby cp - c:/etc/passwd < t.tgz
    err_has 'not a directory'
    fails 125 cubby cp - c:/nothing < t.tgz
    fails 125 cubby cp - c:/tmp < file
    ok cubby cp /dev/stdin c:/home < t.tgz
}

@test 'names that mark deletions in layers are files like others' {
    start
    mkdir w
    echo white > w/.wh.passwd
    tar -C w -c . | cubby cp - c:/etc
    has /etc/.wh.passwd white
    ok cubby exec c test -f /etc/passwd
}

@test 'an archive comes out on the standard output' {
    start
    ok cubby cp dir c:/tmp/
    cubby cp c:/tmp/dir - > t.tar
    [ "$(tar tf t.tar | sort | tr '\n' ' ')" = 'dir/ dir/hard dir/link dir/sub/ dir/sub/deep ' ]
    cubby cp c:/tmp/dir/. - | tar tf - | grep -qx sub/deep
    cubby cp c:/etc/passwd - | tar xOf - | grep -q root
    cubby cp c:/tmp/dir /dev/stdout | cmp - t.tar
    tar xf t.tar -C "$(mktemp -d -p .)"
    ok cubby exec c ln -s /etc/passwd /pl
    cubby cp -L c:/pl - | tar xOf - | grep -q root
    fails 125 on_tty expect 'is not written to a terminal' -- cp c:/etc -
}

@test 'with the copy in a pipe a whole folder goes from one container to another' {
    start
    ok cubby run -d --name d --network none two:1 sleep 1000
    cubby cp dir c:/tmp/
    cubby cp c:/tmp/dir - | cubby cp - d:/tmp
    ok cubby exec d cat /tmp/dir/sub/deep
    out_is deep
}

@test 'from container to container, and inside one' {
    start
    ok cubby create --name d two:1
    ok cubby cp dir c:/tmp
    ok cubby cp c:/tmp/dir d:/home
    ok cubby cp d:/home/dir/. c:/usr
    has /usr/sub/deep deep
    ok cubby cp c:/usr/sub c:/tmp/again
    has /tmp/again/deep deep
    ok cubby cp d:/etc/passwd d:/etc/copy
    cubby cp d:/etc/copy - | tar tf - | grep -qx copy
    fails 125 cubby cp c:/tmp c:/tmp/inside
    err_is "Error: cannot copy '/tmp' into itself"
}

@test 'a container that was created, and one that has ended, give and take' {
    ok cubby create --name c bb:1 cat /in
    ok cubby cp file c:/in
    ok cubby cp c:/in out
    cmp file out
    ok cubby start -a c
    out_is text
    echo more > file
    ok cubby cp file c:/in
    ok cubby start -a c
    out_is more
    cubby cp c:/etc - | tar tf - | grep -qx etc/passwd
    tar -c dir | cubby cp - c:/home
    ok cubby cp c:/home/dir back
    diff -r dir back
}

@test 'nothing is left mounted and nothing runs after a copy of a stopped one' {
    ok cubby create --name c bb:1 true
    ok cubby cp file c:/in
    wait_for 5 no_holders
    [ -z "$(grep -F "$STORE" /proc/self/mountinfo)" ]
}

@test 'a paused container gives and takes' {
    start
    ok cubby pause c
    ok cubby cp file c:/in
    ok cubby cp c:/in out
    cmp file out
    ok cubby unpause c
    has /in text
}

@test 'volumes, binds and a tmpfs of a running one are reached' {
    mkdir b
    start -v v:/v -v "$PWD/b:/b" -v "$PWD/b:/ro:ro" --tmpfs /t
    ok cubby cp file c:/v
    ok cubby cp file c:/b/bound
    ok cubby cp dir c:/t
    has /t/dir/sub/deep deep
    cmp file b/bound
    ok cubby cp c:/t/dir out
    diff -r dir out
    fails 125 cubby cp file c:/ro/no
    err_has 'read-only'
    ok cubby run --rm -v v:/x bb:1 cat /x/file
    out_is text
    # what is mounted below a folder comes with it, but for the kernel's own file systems
    mkdir whole
    ok cubby cp c:/ whole
    cmp file whole/v/file
    cmp file whole/b/bound
    [ ! -e whole/proc/self ]
}

@test 'volumes and binds of a stopped one are reached, and a volume is still filled from the image' {
    mkdir b
    ok cubby create --name c -v "$PWD/b:/b" -v "$PWD/b:/ro:ro" -v v2:/etc bb:1 ls /etc
    ok cubby cp file c:/etc/file
    ok cubby cp file c:/b/bound
    cmp file b/bound
    fails 125 cubby cp file c:/ro/no
    ok cubby cp c:/ro/bound out
    cmp file out
    ok cubby start -a c
    out_has file
    out_has passwd
}

@test 'of a volume whose part is mounted that part is reached' {
    ok cubby run --rm --network none -v v4:/x bb:1 mkdir -p /x/part
    ok cubby create --name c --mount type=volume,source=v4,target=/p,subpath=part bb:1 true
    ok cubby cp file c:/p
    ok cubby run --rm --network none -v v4:/x bb:1 cat /x/part/file
    out_is text
}

@test 'a read-only container takes nothing but in its volumes' {
    ok cubby create --name c --read-only -v v3:/v bb:1 sleep 1000
    fails 125 cubby cp file c:/in
    err_has 'read-only'
    ok cubby cp file c:/v
    ok cubby start c
    fails 125 cubby cp file c:/in
    ok cubby cp file c:/v/more
    has /v/more text
}

@test 'a file that is mounted from the engine can be written over' {
    start
    echo '127.0.0.1 hello' > hosts
    ok cubby cp hosts c:/etc/hosts
    has /etc/hosts '127.0.0.1 hello'
}

@test 'files of the kernel come out' {
    start
    ok cubby cp c:/proc/version v
    grep -q Linux v
}

@test 'a file with holes keeps them' {
    start
    truncate -s 200M sparse
    echo end >> sparse
    ok cubby cp sparse c:/sparse
    ok cubby exec c stat -c '%s' /sparse
    out_is "$(stat -c %s sparse)"
    ok cubby cp c:/sparse back
    [ "$(stat -c %s back)" = "$(stat -c %s sparse)" ]
    [ "$(du -k back | cut -f1)" -lt 1000 ]
    cmp sparse back
}

@test 'with keep-id owners are those of the container' {
    needs ranges
    ok cubby run -d --name c --userns keep-id --network none bb:1 sleep 1000
    ok cubby cp file c:/tmp/in
    ok cubby exec c stat -c %u:%g /tmp/in
    out_is "$(id -u):$(id -g)"
    tar --owner=5 --group=6 -cf t.tar file
    ok cubby cp -a=false - c:/home < t.tar
    ok cubby exec c stat -c %u:%g /home/file
    out_is 5:6
    [ "$(cubby cp c:/home/file - | tar tv --numeric-owner | cut -d' ' -f2)" = 5/6 ]
    ok cubby stop -t 0 c
    ok cubby cp file c:/tmp/again
    ok cubby start c
    ok cubby exec c stat -c %u:%g /tmp/again
    out_is "$(id -u):$(id -g)"
}

@test 'with the drivers fuse-overlayfs and copy' {
    local driver
    for driver in fuse-overlayfs copy; do
        ok cubby --storage-driver "$driver" run -d --name c --network none bb:1 sleep 1000
        ok cubby cp dir c:/tmp
        has /tmp/dir/sub/deep deep
        ok cubby stop -t 0 c
        ok cubby cp c:/tmp/dir "out-$driver"
        diff -r dir "out-$driver"
        tar -c file | cubby cp - c:/home
        ok cubby start c
        has /home/file text
        ok cubby rm -f -t 0 c
    done
}

@test 'one side must be a container, the other may look like one' {
    start
    fails 125 cubby cp file file2
    err_has 'neither side is a container'
    fails 125 cubby cp - -
    err_has 'only one side can be an archive'
    fails 125 cubby cp file nothere:/x
    err_has "no container named 'nothere'"
    echo odd > c:odd
    ok cubby cp ./c:odd c:/odd
    has /odd odd
    fails 125 cubby cp '' c:/
    fails 125 cubby cp file
    fails 125 cubby cp file c:/x more
    ok cubby container cp file c:/under
    has /under text
    ok cubby cp -q file c:/quiet
    err_is ''
}

@test 'a large tree with many names of one file takes little memory' {
    start
    mkdir many
    python3 - <<'END'
import os
open("many/0", "w").write("x")
for i in range(1, 5000):
    os.link("many/0", f"many/{i}")
END
    ok cubby cp many c:/many
    ok cubby exec c sh -c 'ls /many | wc -l; stat -c %h /many/77'
    out_is $'5000\n5000'
}
