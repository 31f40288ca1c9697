# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Ways out of a container that copying files had in other engines, named for the CVE.

load ../lib/common

setup_file() {
    file_setup
    import_busybox
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    mkdir outside
    echo secret > outside/secret
    echo mine > mine
    echo evil > payload
}

# untouched: what lies outside is as it was
untouched() {
    [ "$(ls outside)" = secret ]
    [ "$(cat outside/secret)" = secret ]
    [ "$(stat -c %a outside/secret)" = 644 ]
}

@test 'CVE-2018-15664, CVE-2019-10152: a link in a container leads to the container' {
    ok cubby run -d --name c --network none bb:1 sleep 1000
    ok cubby exec c sh -c "ln -s '$PWD/outside' /way; ln -s '$PWD/outside/secret' /file; ln -s ../../../../../../../../../../../../../..$PWD/outside /up"
    local path
    for path in /way/secret /file /up/secret; do
        fails 125 cubby cp -L "c:$path" out
        [ ! -e out ]
    done
    ok cubby exec c mkdir -p "$PWD/outside"
    for path in /way /up /file; do
        ok cubby cp payload "c:$path"
    done
    echo in | tar -c payload | cubby cp - c:/way
    untouched
    # and the same of one that does not run
    ok cubby stop -t 0 c
    ok cubby cp payload c:/up
    tar -c payload | cubby cp - c:/way
    ok cubby cp c:/way way
    [ "$(readlink way)" = "$PWD/outside" ]
    untouched
}

@test 'CVE-2018-15664: while a folder and a link to the host change places nothing gets out or in' {
    local i
    ok cubby run -d --name c --network none bb:1 sh -c "
        mkdir /a /b; echo inside > /a/secret
        mv /a /race; ln -s '$PWD/outside' /link
        touch /ready
        while :; do mv /race /a; mv /link /race; mv /race /link; mv /a /race; done"
    wait_for 10 cubby exec c test -e /ready
    for i in $(seq 25); do
        try cubby cp c:/race/secret "out"
        try cubby cp payload c:/race/new
        try cubby cp -L c:/race "tree"
        tar -c payload 2> /dev/null | cubby cp - c:/race 2> /dev/null || true
    done
    # what was followed is no link, which would lead on the host
    [ ! -L tree ]
    [ -z "$(grep -rls '^secret' out tree)" ]
    untouched
}

@test 'CVE-2018-15664: while a file and a link to the host change places its mode and owner do not change' {
    local i
    chmod 4777 payload
    ok cubby run -d --name c --network none bb:1 sh -c "
        mkdir /d; touch /ready
        while :; do rm -rf /d/payload; ln -s '$PWD/outside/secret' /d/payload; done"
    wait_for 10 cubby exec c test -e /ready
    for i in $(seq 25); do
        try cubby cp payload c:/d
    done
    untouched
}

@test 'an archive with names that lead out writes nothing outside' {
    ok cubby run -d --name c --network none bb:1 sleep 1000
    python3 - <<'END'
import io, os, tarfile
t = tarfile.open("t.tar", "w")
def add(name, **more):
    i = tarfile.TarInfo(name)
    data = more.pop("data", b"evil")
    for key, value in more.items():
        setattr(i, key, value)
    if i.type == tarfile.REGTYPE:
        i.size = len(data)
    t.addfile(i, io.BytesIO(data) if i.type == tarfile.REGTYPE else None)
add("way", type=tarfile.SYMTYPE, linkname=os.getcwd() + "/outside")
add("way/secret")
add("way/new")
add("hard", type=tarfile.LNKTYPE, linkname="way/secret")
t.close()
u = tarfile.open("u.tar", "w")
i = tarfile.TarInfo("../../../../../../.." + os.getcwd() + "/outside/secret")
i.size = 4
u.addfile(i, io.BytesIO(b"evil"))
u.close()
END
    try cubby cp - c:/tmp < t.tar
    try cubby cp - c:/tmp < u.tar
    [ "$status" -ne 0 ]
    untouched
}

@test 'CVE-2019-14271: no program, library or list of users of the container is opened' {
    ok cubby run -d --name c --network none bb:1 sleep 1000
    # who opens one of these waits for ever
    ok cubby exec c sh -c 'cd /etc && rm passwd group && mkfifo passwd group nsswitch.conf ld.so.preload ld.so.cache'
    ok cubby exec c sh -c 'mkdir -p /lib/x86_64-linux-gnu && mkfifo /lib/x86_64-linux-gnu/libnss_files.so.2'
    CUBBY_SECONDS=30 ok cubby cp payload c:/tmp/x
    CUBBY_SECONDS=30 ok cubby cp c:/tmp/x out
    cmp payload out
    CUBBY_SECONDS=30 ok cubby cp c:/etc all
    [ -p all/passwd ]
}
