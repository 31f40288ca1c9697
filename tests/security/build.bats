#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Ways out of a build that other builders had, one test each, named for the CVE. The Dockerfile, the
# context and the base image are the attacker's; the caller has only run "build".

load ../lib/common
load ../lib/evil

setup_file() {
    file_setup
    import_busybox
    trap_image
}

setup() {
    # what the attacks reach for; other files do the same
    CANARY=/tmp/cubby-canary
    mkdir -p "$CANARY.d"
    [ -e "$CANARY" ] || echo canary > "$CANARY"
    [ -e "$CANARY.d/x" ] || echo canary > "$CANARY.d/x"
    CONTEXT=$BATS_TEST_TMPDIR/c
    HOSTDIR=$BATS_TEST_TMPDIR/host
    mkdir -p "$CONTEXT" "$HOSTDIR"
    echo of-the-host > "$HOSTDIR/secret"
    HOSTBEFORE=$(ls -lAR --time-style=full-iso "$HOSTDIR")
}

# trap_image: its accounts are FIFOs, its folders are links out
trap_image() {
    local tree=$BATS_FILE_TMPDIR/trap
    mkdir -p "$tree/etc" "$tree/srv"
    cp "$(busybox_tar)" "$tree.tar"
    mkfifo "$tree/etc/passwd" "$tree/etc/group"
    ln -s /proc/self/root "$tree/srv/root"
    ln -s ../../../../../../../../../../../.. "$tree/srv/up"
    tar --delete -f "$tree.tar" ./etc/passwd ./etc/group
    tar -C "$tree" --owner=0 --group=0 -rf "$tree.tar" ./etc/passwd ./etc/group ./srv
    cubby import "$tree.tar" trap:1 > "$BATS_FILE_TMPDIR/trap.out" 2>&1 3>&- ||
        { cat "$BATS_FILE_TMPDIR/trap.out" >&2; return 1; }
}

dockerfile() { cat > "$CONTEXT/Dockerfile"; }
build() { cubby build -t e:1 "$@" "$CONTEXT"; }

# unharmed: the host is as it was, and nothing of the build is left
unharmed() {
    [[ $stderr != *'unknown flag'* ]] || say_run 'nothing was built'
    [ "$status" -lt 124 ] || [ "$status" -eq 125 ] || say_run 'it crashed or hung'
    nothing_outside
    [ "$(ls -lAR --time-style=full-iso "$HOSTDIR")" = "$HOSTBEFORE" ] || say_run 'the folder of the host has changed'
    [ -z "$(cubby ps -aq)" ] || say_run 'a container is left'
}

# no_secret: nothing of the host's file came into the build
no_secret() {
    [[ $output$stderr != *of-the-host* ]] || say_run 'the build has read the host'
    unharmed
}

@test 'CVE-2024-21626: a WORKDIR that is a descriptor leads nowhere' {
    local n
    for n in 3 5 7 8 12; do
        printf 'FROM bb:1\nWORKDIR /proc/self/fd/%s\nRUN pwd && ls ../../../../.. | head -n 3\n' "$n" | dockerfile
        try build
        [ "$status" -ne 0 ] || say_run "WORKDIR /proc/self/fd/$n"
        unharmed
    done
}

@test 'CVE-2024-23652, CVE-2024-9676: where mounts were is cleaned in the image alone' {
    dockerfile <<END
FROM bb:1
RUN --mount=type=tmpfs,target=/a/b/c rm -rf /a/b/x; mv /a /away; mkdir -p /a; ln -s $CANARY.d /a/b
RUN --mount=type=cache,target=/q/w true; umount /q/w 2>/dev/null; true
RUN ls -d /away /a /q; true
END
    try build
    unharmed
}

@test 'CVE-2024-23651: the source of a cache mount that becomes a link is not followed' {
    dockerfile <<END
FROM bb:1
RUN --mount=type=cache,id=evil,target=/c rm -rf /c/sub; ln -s $HOSTDIR /c/sub
RUN --mount=type=cache,id=evil,source=sub,target=/d cat /d/secret; touch /d/made; true
END
    try build
    no_secret
    dockerfile <<END
FROM bb:1
RUN --mount=type=cache,id=evil2,target=/c ln -s ../../../../../../../../../.. /c/sub
RUN --mount=type=cache,id=evil2,source=sub$HOSTDIR,target=/d cat /d/secret; touch /d/made; true
END
    try build
    no_secret
}

@test 'CVE-2024-9675: a cache mount does not lead to another folder by its id or source' {
    local what
    for what in id=../../../.. "id=$HOSTDIR" id=.. "id=x,source=../../../..$HOSTDIR" "id=x,source=$HOSTDIR" "id=/.,source=/.."; do
        printf 'FROM bb:1\nRUN --mount=type=cache,%s,target=/c cat /c/secret /c%s/secret; touch /c/made; true\n' \
            "$what" "$HOSTDIR" | dockerfile
        try build
        no_secret
    done
}

@test 'CVE-2024-1753: a bind mount of a link in a stage or the context stays inside' {
    ln -s "$HOSTDIR" "$CONTEXT/out"
    ln -s / "$CONTEXT/root"
    dockerfile <<END
FROM bb:1 AS evil
RUN ln -s / /root-link && ln -s $HOSTDIR /out && ln -s $HOSTDIR/secret /file
FROM bb:1
RUN --mount=type=bind,from=evil,source=/root-link,target=/r,rw cat /r$HOSTDIR/secret; touch /r$HOSTDIR/made; true
RUN --mount=type=bind,source=/root,target=/r2,rw cat /r2$HOSTDIR/secret; touch /r2$HOSTDIR/made; true
END
    try build
    no_secret
    local mount
    for mount in from=evil,source=/out from=evil,source=/file source=out source=root$HOSTDIR source=../../host source=out/secret; do
        dockerfile <<END
FROM bb:1 AS evil
RUN ln -s / /root-link && ln -s $HOSTDIR /out && ln -s $HOSTDIR/secret /file
FROM bb:1
RUN --mount=type=bind,$mount,target=/m,rw cat /m /m/secret; touch /m/made; true
END
        try build
        no_secret
    done
}

@test 'CVE-2024-9407: options of mounts are known ones' {
    local option
    for option in bind-propagation=shared propagation=rshared relabel=shared z U=true suid dev exec 'source=.,bind-propagation=x'; do
        printf 'FROM bb:1\nRUN --mount=type=bind,target=/m,%s true\n' "$option" | dockerfile
        fails 125 build
        err_has 'Dockerfile:2'
    done
}

@test 'CVE-2024-11218: stages at work at the same time do not swap what others mount' {
    dockerfile <<END
FROM bb:1 AS swapper
RUN mkdir /d && echo inside > /d/secret
FROM swapper AS s2
RUN for i in 1 2 3 4 5 6 7 8 9; do mv /d /e; ln -s $HOSTDIR /d; rm /d; mv /e /d; done
FROM bb:1 AS reader
RUN --mount=type=bind,from=s2,source=/d,target=/m,rw cat /m/secret
COPY --from=swapper /d /d
FROM bb:1
COPY --from=s2 /d /s2
COPY --from=reader /d /reader
RUN cat /s2/secret /reader/secret
END
    ok build --jobs 4
    no_secret
}

@test 'CVE-2024-9341: links where files are mounted for a command do not lead out' {
    dockerfile <<END
FROM bb:1
RUN rm -f /etc/hosts /etc/resolv.conf; ln -s $CANARY /etc/hosts; ln -s $HOSTDIR/secret /etc/resolv.conf; \
    rm -rf /run && ln -s $CANARY.d /run; rm -rf /tmp; ln -s $HOSTDIR /tmp
RUN --mount=type=tmpfs,target=/run/x cat /etc/resolv.conf /etc/hosts > /dev/null; echo evil > /etc/hosts; touch /tmp/made; true
END
    try build
    no_secret
}

@test 'COPY and ADD follow no link out of the context, of a stage, or of the image' {
    ln -s "$HOSTDIR" "$CONTEXT/out"
    ln -s "$HOSTDIR/secret" "$CONTEXT/file"
    local copy
    for copy in 'out /x' 'file /x' 'out/secret /x' 'out/ /x/' './out/* /x/' '../host/secret /x' '/../host /x' "$HOSTDIR/secret /x"; do
        printf 'FROM bb:1\nCOPY %s\nRUN cat /x /x/secret /x/*; true\n' "$copy" | dockerfile
        try build
        no_secret
        printf 'FROM bb:1\nADD %s\nRUN cat /x /x/secret /x/*; true\n' "$copy" | dockerfile
        try build
        no_secret
    done
    # in the destination and in other stages
    echo evil > "$CONTEXT/evil"
    for copy in "/l/made" "/l/" "/up$HOSTDIR/made" "/proc/self/root$HOSTDIR/made" "/proc/1/root$HOSTDIR/made"; do
        dockerfile <<END
FROM bb:1
RUN ln -s $HOSTDIR /l; ln -s ../../../../../../.. /up
COPY evil $copy
END
        try build
        unharmed
    done
    for copy in "/l/secret" "/l" "/up$HOSTDIR/secret" "/proc/self/root$HOSTDIR/secret" "/proc/self/cwd"; do
        dockerfile <<END
FROM bb:1 AS s
RUN ln -s $HOSTDIR /l; ln -s ../../../../../../.. /up
FROM bb:1
COPY --from=s $copy /got
RUN cat /got /got/secret; true
END
        try build
        no_secret
    done
}

@test 'WORKDIR makes no folder outside (CVE-2025-9566, CVE-2024-9407)' {
    dockerfile <<END
FROM trap:1
WORKDIR /srv/root$HOSTDIR/made
WORKDIR /srv/up$HOSTDIR/made2
RUN rm -rf /var/www; ln -s $HOSTDIR /var/www
WORKDIR /var/www/made3
RUN pwd
END
    try build
    unharmed
}

@test 'CVE-2025-4953: what is mounted for a step is not in the image' {
    mkdir "$CONTEXT/secretdir"
    echo of-the-context > "$CONTEXT/secretdir/s"
    dockerfile <<'END'
FROM bb:1
RUN --mount=type=bind,source=secretdir,target=/m/n,rw cat /m/n/s && echo x > /m/n/new
RUN --mount=type=cache,target=/cache echo y > /cache/y
RUN --mount=type=tmpfs,target=/t echo z > /t/z
END
    ok build
    [ ! -e "$CONTEXT/secretdir/new" ]
    ok cubby save -o "$BATS_TEST_TMPDIR/i.tar" e:1
    mkdir "$BATS_TEST_TMPDIR/i"
    tar -C "$BATS_TEST_TMPDIR/i" -xf "$BATS_TEST_TMPDIR/i.tar"
    fails 1 grep -rlE 'of-the-context' "$BATS_TEST_TMPDIR/i"
    local tar
    while read -r tar; do
        tar -tf "$tar" 2> /dev/null || true
    done < <(find "$BATS_TEST_TMPDIR/i" -type f) > "$BATS_TEST_TMPDIR/names"
    fails 1 grep -E '(^|/)(cache/y|t/z|n/new|n/s)$' "$BATS_TEST_TMPDIR/names"
}

@test 'CVE-2020-10696: ADD of an archive writes nothing outside, whatever its entries are' {
    python3 - "$CONTEXT" "$HOSTDIR" "$CANARY" <<'END'
import io, sys, tarfile
context, host, canary = sys.argv[1:]
def entry(name, kind=tarfile.REGTYPE, link="", data=b"evil\n"):
    t = tarfile.TarInfo(name)
    t.type, t.linkname = kind, link
    if kind == tarfile.REGTYPE:
        t.size = len(data)
    return t, io.BytesIO(data)
evil = {
    "dots": [entry("../../../../../../../../.." + host + "/made")],
    "absolute": [entry(host + "/made")],
    "link": [entry("l", tarfile.SYMTYPE, host), entry("l/made")],
    "link2": [entry("l", tarfile.SYMTYPE, "../../../../../../../.."), entry("l" + host + "/made")],
    "hard": [entry("h", tarfile.LNKTYPE, canary), entry("h")],
    "hard2": [entry("l", tarfile.SYMTYPE, host), entry("h", tarfile.LNKTYPE, "l/secret"), entry("h")],
    "whiteout": [entry("l", tarfile.SYMTYPE, canary + ".d"), entry("l/.wh.x")],
    "whiteout2": [entry(".wh..."), entry(".wh.."), entry(".wh..wh..opq")],
    "device": [entry("null", tarfile.CHRTYPE)],
    "names": [entry("a\nb"), entry("-rf"), entry("\x1b[31mred"), entry("x" * 255), entry(" "), entry("d/" * 1200 + "f")],
    "proc": [entry("proc/self/root" + host + "/made"), entry("dev/null")],
    "long": [entry("x" * 300)],
}
for name, entries in evil.items():
    with tarfile.open(f"{context}/{name}.tar", "w", format=tarfile.PAX_FORMAT) as t:
        for info, data in entries:
            t.addfile(info, data if info.isreg() else None)
END
    local tar dest
    for tar in "$CONTEXT"/*.tar; do
        for dest in / /x; do
            printf 'FROM bb:1\nADD %s %s\nRUN cat /l/secret /x/l/secret /h /x/h; true\n' "${tar##*/}" "$dest" | dockerfile
            try build
            no_secret
            orderly "ADD of $tar"
            [[ $stderr != *$'\e[31m'* ]] || say_run 'the terminal was written to'
        done
    done
    head -c 2000 "$CONTEXT/names.tar" > "$CONTEXT/cut.tar"
    printf 'FROM bb:1\nADD cut.tar /\n' | dockerfile
    try build
    unharmed
    ok cubby system check
}

@test 'an image whose accounts are FIFOs does not stop a build (2026-55686 class)' {
    echo a > "$CONTEXT/a"
    printf 'FROM trap:1\nCOPY --chown=name a /\n' | dockerfile
    CUBBY_SECONDS=20 fails 125 build
    err_has name
    unharmed
    printf 'FROM trap:1\nCOPY --chown=0:0 a /\nUSER 0\nRUN true\n' | dockerfile
    CUBBY_SECONDS=20 ok build
    printf 'FROM trap:1\nUSER name\nRUN true\n' | dockerfile
    CUBBY_SECONDS=20 try build
    [ "$status" -eq 125 ]
    unharmed
}

@test 'CVE-2022-27651: a command has no inheritable and no ambient capability' {
    printf 'FROM bb:1\nUSER 33\nRUN grep -E "^Cap(Inh|Amb|Eff|Prm)" /proc/self/status | cut -f 2\n' | dockerfile
    try build
    if has_ranges; then
        [ "$status" -eq 0 ]
        [ "$(grep -cx 0000000000000000 <<< "$stderr")" = 4 ] || say_run 'capabilities of a user'
    fi
    printf 'FROM bb:1\nRUN grep -E "^Cap(Inh|Amb)" /proc/self/status | cut -f 2\n' | dockerfile
    ok build
    [ "$(grep -cx 0000000000000000 <<< "$stderr")" = 2 ] || say_run 'capabilities of root'
}

@test 'CVE-2022-2990: the groups of a command are those of its user' {
    needs ranges
    printf 'FROM bb:1\nUSER user\nRUN echo "groups $(id -G)"\nUSER 33\nRUN echo "groups $(id -G)"\nUSER 0\nRUN echo "groups $(id -G)"\n' |
        dockerfile
    ok build
    err_has 'groups 1000 29 2000'
    err_has 'groups 33'
    err_matches $'groups 0\n'
}

@test 'CVE-2021-3602: nothing of the caller'\''s environment, folder or descriptors is in a command' {
    printf 'FROM bb:1\nRUN env; pwd; ls -l /proc/self/fd; ls -l /proc/1/cwd; tr "\\0" "\\n" < /proc/1/environ\n' | dockerfile
    cd "$HOSTDIR"
    try env -i HOME="$HOME" PATH="$PATH:/host/path" USER="$USER" SECRET_OF_HOST=hush http_proxy= \
        sh -c 'exec 7< secret; exec "$@"' sh "$CUBBY" --root "$STORE" build "$CONTEXT"
    [ "$status" -eq 0 ]
    err_lacks hush
    err_lacks SECRET_OF_HOST
    err_lacks /host/path
    err_lacks "$HOSTDIR"
    err_lacks "USER=$USER"
}

@test 'what a step prints does not command the terminal of others, and names are shown safely' {
    printf 'FROM bb:1 AS \x1b[31mred\nRUN true\n' | dockerfile
    try build
    [[ $stderr != *$'\e[31m'* ]] || say_run 'a name reaches the terminal'
    printf 'FROM bb:1\nCOPY \x1b[31mnone /\n' | dockerfile
    try build
    [[ $stderr != *$'\e[31m'* ]] || say_run 'a name reaches the terminal'
    unharmed
}
