# SPDX-License-Identifier: LGPL-2.1-or-later
# build: --userns, --userns-uid-map and its kin: RUN has ids of its own, and layers keep the image's.

load ../lib/common
load ../lib/context

BASE=()

# elsewhere ARGS...: cubby upon another store
elsewhere() { cubby --root "$BATS_TEST_TMPDIR/s" "$@"; }

# Files of other ids are there, which only root of the user namespace can remove.
teardown_file() {
    cubby unshare rm -rf "$STORE/build"
    file_teardown
}

teardown() {
    [ ! -d "$BATS_TEST_TMPDIR/sync" ] || touch "$BATS_TEST_TMPDIR"/sync/go{,.c}
    [ ! -d "$BATS_TEST_TMPDIR/s" ] || elsewhere system reset -f
    test_teardown
}

has_fuse() { [ -w /dev/fuse ] && command -v fuse-overlayfs > /dev/null; }

# shifts: skip where no map can be shown
shifts() {
    needs ranges
    has_fuse || skip 'there is no fuse-overlayfs'
}

# maps FLAG...: the maps that RUN sees
maps() {
    dockerfile <<< $'FROM bb:1\nRUN cat /proc/self/uid_map; echo; cat /proc/self/gid_map'
    ok cubby build --no-cache --network none "$@" "$CONTEXT"
    output=$(tr -s ' ' <<< "$stderr" | grep -E '^ |^$')
}

# dated FLAG...: the id of the image of a build of which nothing is taken from the cache
dated() { ok cubby build -q --no-cache --network none --source-date-epoch 1600000000 "$@" "$CONTEXT"; }

# same FLAG...: these give the image that a build without them gives; both with the flags of BASE
same() {
    local id
    dated "${BASE[@]}"
    id=$output
    dated "${BASE[@]}" "$@"
    out_is "$id"
}

# steps: what files can be, and whose
steps() {
    echo copied > "$CONTEXT/f"
    dockerfile <<'EOF'
FROM bb:1 AS made
RUN mkdir -p /a/b/c && echo x > /a/b/f && chown 5:6 /a/b/f && chown 33:44 /a/b && ln /a/b/f /a/hard && ln -s f /a/link && \
    chown -h 7:8 /a/link && echo y > /a/suid && chown 5:6 /a/suid && chmod 6755 /a/suid && mkdir -m 2755 /a/set && chown 0:50 /a/set && mkfifo /a/pipe && chown 9 /a/pipe && mkdir -m 3777 /a/sticky
COPY --chown=12:13 f /a/copied
RUN rm /a/hard && rm -rf /a/b/c && chmod 2750 /a/b && chown 100:200 /a/copied && rm -rf /home && mkdir /home && echo new > /home/f
WORKDIR /w/x
USER 5:6
RUN id -u > /tmp/five && umask 077 && mkdir /tmp/own && echo mine > /tmp/own/f
WORKDIR /w/y
USER 0
RUN cat /a/b/f /tmp/own/f && mv /a/suid /moved && ln /moved /moved2 && touch /a/set/f && chown 2:2 /a/b/f && mkdir -p /etc/new && umask > /etc/new/umask && truncate -s 6M /large
VOLUME /vol
RUN mkdir -p /opt/bin && cp -a /bin/busybox /opt/bin/ && chown -R 77 /opt && stat -c %u:%g /opt /bin /proc/1/root
FROM bb:1
COPY --from=made / /
RUN stat -c %u:%g /opt /a/link /tmp/own > /stat && chown -R 3:4 /opt && ! test -u /dev/null
EOF
}

@test '--userns-uid-map and --userns-gid-map map the ids of RUN, one triple or several, by commas or colons' {
    shifts
    maps --userns-uid-map 0:1:1000 --userns-gid-map 0:2:500
    out_is $' 0 1 1000\n\n 0 2 500'
    maps --userns-uid-map 0:1:1000
    out_is $' 0 1 1000\n\n 0 1 1000'
    maps --userns-gid-map 0:7:1000:5000:3000:10
    out_is $' 0 7 1000\n 5000 3000 10\n\n 0 7 1000\n 5000 3000 10'
    maps --userns-uid-map 0:1:1000,5000:3000:10 --userns-uid-map 6000:0:1 --userns-gid-map 0:5:1,1:6:2
    out_is $' 0 1 1000\n 5000 3000 10\n 6000 0 1\n\n 0 5 1\n 1 6 2'
    maps --userns private --userns-uid-map 0:1:10
    out_is $' 0 1 10\n\n 0 1 10'
    fails 125 cubby build --userns-uid-map 0:0:1,4000000:1:1 "$CONTEXT"
    err_has 'what RUN makes as 4000000 could not be kept, layers have the ids 0 to'
    local n many=
    for n in {0..299}; do many+=$n:$((n * 2)):1,; done
    fails 125 cubby build --userns-uid-map "${many%,}" "$CONTEXT"
    err_has 'the map of users has 300 ranges, which are more than 340 with those between them'
    err_lacks FROM
    dockerfile <<< $'FROM bb:1\nUSER 5000\nRUN id'
    fails 125 cubby build --network none --userns-uid-map 0:1:1000 "$CONTEXT"
    err_has 'cannot become user 5000'
    err_has 'have the map of the container'
}

@test '--userns-uid-map-user and --userns-gid-map-group take the ids of a name; each stands for both' {
    shifts
    local me
    me=$(id -un)
    maps --userns-uid-map-user "$me"
    out_matches $'^ 0 1 ([0-9]+)\n\n 0 1 [0-9]+$'
    local both=$output
    maps --userns-gid-map-group "$me"
    out_is "$both"
    maps --userns-uid-map-user "$me" --userns-gid-map-group "$me"
    out_is "$both"
    local count
    count=$(awk 'NR == 1 { print $3 }' <<< "$both")
    maps --userns-uid-map-user "$me" --userns-uid-map "$count:0:1"
    out_has $'\n '"$count"$' 0 1\n\n'
    fails 125 cubby build --userns-uid-map-user nobody-has-this "$CONTEXT"
    err_has "'nobody-has-this' has no ids in /etc/subuid"
    fails 125 cubby build --userns-uid-map-user "$me" --userns-gid-map-group nobody-has-this "$CONTEXT"
    err_has /etc/subgid
}

@test '--userns auto and nomap: ids of their own for RUN' {
    shifts
    maps --userns auto
    out_matches $'^ 0 1 [0-9]+\n\n 0 1 [0-9]+$'
    maps --userns auto:size=3000,uidmapping=0:0:1
    out_is $' 0 0 1\n 1 2 2999\n\n 0 1 3000'
    maps --userns nomap
    out_matches $'^ 0 1 [0-9]+\n\n 0 1 [0-9]+$'
    maps --userns auto --userns host
    out_matches $'^ 0 [0-9]+ 1\n'
}

@test 'layers are those of a build without maps' {
    shifts
    steps
    same --userns-uid-map 0:1:2000
    same --userns-uid-map 0:3000:1000 --userns-gid-map 0:1:1000
    same --userns-uid-map 0:100:20,20:5000:1000
    same --userns nomap
    same --userns auto
    same --userns-uid-map-user "$(id -un)"
    BASE=(--squash)
    same --userns auto
}

@test 'maps that leave ids what they are need no fuse-overlayfs' {
    needs ranges
    steps
    same --userns-uid-map 0:0:3000
    maps --userns-uid-map 0:0:3000
    out_matches $'^ 0 0 1\n 1 1 2999\n\n'
}

@test 'a file of an id that the map leaves out is nobody'\''s for RUN, and its own in the image' {
    shifts
    dockerfile <<'EOF'
FROM bb:1
RUN echo x > /far && chown 33000:33000 /far && mkdir /dir && mv /far /dir/far
RUN stat -c 'seen as %u:%g' /dir/far && cat /dir/far && mv /dir/far /near && ! chown 5 /near 2> /dev/null
RUN ! chown 33000 /bin
EOF
    printf '%s\n' "$(sed 2d "$CONTEXT/Dockerfile")" > "$CONTEXT/mapped"
    sed -n 1,2p "$CONTEXT/Dockerfile" > "$CONTEXT/plain"
    ok cubby build -q -f "$CONTEXT/plain" -t far:1 "$CONTEXT"
    sed -i 's/FROM bb:1/FROM far:1/' "$CONTEXT/mapped"
    ok cubby build --userns-uid-map 0:1:1000 -f "$CONTEXT/mapped" -t far:2 "$CONTEXT"
    err_has 'seen as 65534:65534'
    ok cubby run --rm --network none far:2 stat -c %u:%g /near
    out_is 33000:33000
}

@test 'what cannot be mapped is refused before the first step, with the rule' {
    dockerfile <<< $'FROM bb:1\nRUN echo did-run'
    while IFS='|' read -r bad word; do
        # shellcheck disable=SC2086  # several words
        fails 125 cubby build --no-cache $bad "$CONTEXT"
        err_has "$word"
        err_lacks did-run
    done <<'EOF'
--userns-uid-map 0:0|'0:0' is no list of CONTAINER:FROM:AMOUNT
--userns-uid-map what|--userns-uid-map: 'what'
--userns-gid-map 0:0:0|--userns-gid-map: '0:0:0'
--userns-uid-map 0:1:10,|'0:1:10,'
--userns-uid-map 0:1:-10|'0:1:-10'
--userns-uid-map 0:@100000:10|'0:@100000:10'
--userns-uid-map 0:0:99999999|there are only
--userns-uid-map 0:0:1,0:0:1|overlaps
--userns host --userns-uid-map 0:0:1|--userns host cannot be given with maps
--userns auto --userns-gid-map 0:0:1|--userns auto cannot be given with maps
--userns keep-id|'--userns keep-id': a step that no USER stands above
--userns ns:/proc/self/ns/user|'--userns ns:/proc/self/ns/user': it is none of host, private, nomap and auto
--userns auto:colour=1|colour
--userns auto:size=99999999|no 99999999 ids in a row
--userns-uid-map 5:0:1|the map of users leaves out 0, root of the image
--userns-uid-map 0:0:1 --userns-gid-map 1:0:1|the map of groups leaves out 0
EOF
    ok cubby build -q --userns '' --userns private "$CONTEXT"
}

@test 'what RUN can see of its map is in the key of its step' {
    shifts
    dockerfile <<< $'FROM bb:1\nRUN true\nRUN touch /a'
    local first=() flags
    while read -r flags; do
        # shellcheck disable=SC2206  # several words
        first=($flags)
        ok cubby build --network none "${first[@]}" "$CONTEXT"
        [ "$(grep -c '\] cached$' <<< "$stderr")" = 0 ] || say_run "$flags: taken from the cache"
        ok cubby build --network none "${first[@]}" "$CONTEXT"
        [ "$(grep -c '\] cached$' <<< "$stderr")" = 2 ] || say_run "$flags: not taken from the cache"
    done <<'EOF'
--userns host
--userns-uid-map 0:1:1000
--userns-uid-map 0:1:1001
--userns-uid-map 0:1:1000 --userns-gid-map 0:2:1000
--userns-uid-map 0:0:1000
--userns auto
--userns auto:size=2000
--userns nomap
EOF
    ok cubby build --network none --userns-uid-map 0:1:1000 --userns-gid-map 0:1:1000 "$CONTEXT"
    [ "$(grep -c '\] cached$' <<< "$stderr")" = 2 ]
    ok cubby build --network none --userns private "$CONTEXT"
    [ "$(grep -c '\] cached$' <<< "$stderr")" = 2 ]
}

@test 'what is mounted has the owners that it has without maps' {
    shifts
    echo file > "$CONTEXT/f"
    chmod 0600 "$CONTEXT/f"
    echo out > "$CONTEXT/.dockerignore"
    mkdir "$CONTEXT/sub" "$BATS_TEST_TMPDIR/other"
    echo other > "$BATS_TEST_TMPDIR/other/g"
    echo secret > "$BATS_TEST_TMPDIR/secret"
    dockerfile <<'EOF'
FROM bb:1 AS seed
RUN mkdir -p /s/sub && echo seed > /s/sub/f && chown -R 2:3 /s/sub && chmod 2755 /s/sub && ln /s/sub/f /s/hard && chmod 4755 /s/hard
FROM bb:1
RUN --mount=type=cache,id=c1,target=/c echo one > /c/f && chown 9:9 /c/f && stat -c '%u:%g %a' /c /c/f > /o1
RUN --mount=type=cache,id=c1,target=/other cat /other/f && stat -c '%u:%g %a' /other/f > /o2
RUN --mount=type=cache,target=/d,uid=3,gid=4,mode=0770 touch /d/x && chown 7 /d/x && stat -c '%u %g %a' /d /d/x > /o3
RUN --mount=type=cache,id=seeded,target=/c,from=seed,source=/s stat -c '%u %g %a' /c /c/sub /c/sub/f > /o4 && cp -a /c/sub /c/hard /
RUN --mount=type=bind,target=/m,rw echo changed > /m/f && cat /m/f && stat -c '%u %g %a' /m /m/f /m/sub > /o5 && cp -a /m /m2
RUN --mount=type=bind,target=/m ! touch /m/new && cat /m/f && ! test -e /m/out && stat -c '%u %g %a' /m /m/f > /o6
RUN --mount=type=bind,source=f,target=/f cat /f && stat -c '%u %g %a' /f > /o7
RUN --mount=type=bind,from=other,target=/m cat /m/g && stat -c '%u %g %a' /m /m/g > /o8
RUN --mount=type=bind,from=others,source=passwd,target=/m,rw test -s /m && cat /m > /dev/null && stat -c '%u %g %a' /m > /o81
RUN --mount=type=bind,from=seed,source=/s/sub,target=/m,rw cat /m/f && echo no > /m/f && stat -c '%u %g %a' /m /m/f > /o9
RUN --mount=type=bind,from=bb:1,source=/etc,target=/m test -s /m/passwd && stat -c '%u %g %a' /m /m/passwd > /oa
RUN --mount=type=tmpfs,target=/t touch /t/a && stat -c '%u %g %a' /t /t/a > /ob
RUN --mount=type=secret,id=s,uid=5,mode=0400 cat /run/secrets/s && stat -c '%u %g %a' /run/secrets/s > /oc
RUN --mount=type=cache,target=/root/.deep/er/c touch /root/.deep/other && stat -c '%u %g %a' /root/.deep /root/.deep/er > /od
USER 5:6
RUN --mount=type=cache,id=u,target=/u,uid=5 touch /u/y && stat -c '%u %g %a' /u /u/y > /tmp/oe
EOF
    echo out > "$CONTEXT/out"
    BASE=(--secret "id=s,src=$BATS_TEST_TMPDIR/secret" --build-context "other=$BATS_TEST_TMPDIR/other"
        --build-context others=/etc)
    same --userns-uid-map 0:1:2000
    same --userns auto
    same --userns-uid-map 0:10:5,5:0:6,20:3000:2000
}

@test 'a cache is there again for the same map, and has an owner that the map has' {
    shifts
    dockerfile <<< $'FROM bb:1\nRUN --mount=type=cache,target=/c ls /c && touch /c/was-here'
    ok cubby build --no-cache --userns-uid-map 0:1:2000 "$CONTEXT"
    err_lacks $'\nwas-here'
    ok cubby build --no-cache --userns-uid-map 0:1:1000 "$CONTEXT"
    err_has $'\nwas-here'
    ok cubby build --no-cache --userns auto "$CONTEXT"
    err_has $'\nwas-here'
    ok cubby build --no-cache --userns-uid-map 0:2:1000 "$CONTEXT"
    err_lacks $'\nwas-here'
    dockerfile <<< $'FROM bb:1\nRUN --mount=type=cache,id=new,target=/c,uid=5000 true'
    fails 125 cubby build --userns-uid-map 0:1:1000 "$CONTEXT"
    err_has 'leaves out the user 5000'
}

@test 'an agent is asked by who it is mounted for, and by nobody else' {
    needs ranges
    local tools=$CUBBY_BUILD/tests/tools flags
    [ -x "$tools/sockets" ] || skip 'tests/tools/sockets is not built'
    cat > "$BATS_TEST_TMPDIR/agent.py" <<'PY'
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen()
print(sys.argv[1], flush=True)
while True:
    c, _ = s.accept()
    asked = c.makefile().read()
    c.sendall(b"heard " + asked.encode())
    c.close()
PY
    serve AGENT python3 "$BATS_TEST_TMPDIR/agent.py" "$BATS_TEST_TMPDIR/agent"
    dockerfile <<'EOF'
FROM bb:1
RUN --mount=type=ssh stat -c 'root: %u:%g %a' $SSH_AUTH_SOCK && /t/sockets local $SSH_AUTH_SOCK && /t/sockets local $SSH_AUTH_SOCK
USER 7:8
RUN --mount=type=ssh,uid=7,gid=8,mode=0660 stat -c 'seven: %u:%g %a' $SSH_AUTH_SOCK && /t/sockets local $SSH_AUTH_SOCK
RUN --mount=type=ssh ! /t/sockets local $SSH_AUTH_SOCK
RUN --mount=type=ssh,id=there,target=/there,mode=0666 /t/sockets local /there
EOF
    for flags in '' '--userns-uid-map 0:1:1000' '--userns auto'; do
        [ -z "$flags" ] || has_fuse || continue
        # shellcheck disable=SC2086  # two words
        ok cubby build --no-cache --network none $flags -v "$tools:/t:ro" --ssh default="$AGENT" --ssh there="$AGENT" "$CONTEXT"
        [ "$(grep -c 'heard who?' <<< "$stderr")" = 4 ]
        err_has 'seven: 7:8 660'
        err_has 'connect: Permission denied'
        [ -z "$flags" ] || err_has 'root: 0:0 600'
    done
    fails 125 cubby build --no-cache --network none --ssh default="$BATS_TEST_TMPDIR/nothing" "$CONTEXT"
    ok find "$STORE/tmp"
    out_lacks agent
}

@test '--userns auto: builds and containers at the same time have no id in common' {
    shifts
    local i sync=$BATS_TEST_TMPDIR/sync
    mkdir -m 0777 "$sync"
    dockerfile <<'EOF'
FROM bb:1
ARG ME
RUN cat /proc/self/uid_map > /sync/map.$ME && while [ ! -e /sync/go ]; do sleep 0.05; done
RUN --mount=type=cache,target=/c,sharing=private cat /proc/self/uid_map > /sync/map.c$ME && while [ ! -e /sync/go.c ]; do sleep 0.05; done
EOF
    chmod 0777 "$sync"
    cubby create --name held --network none --userns auto:size=1500 bb:1 true > /dev/null
    for i in 1 2 3; do
        cubby build --network none --userns auto:size=1024 -v "$sync:/sync" --build-arg "ME=$i" "$CONTEXT" > /dev/null 2> "$BATS_TEST_TMPDIR/err.$i" 3>&- &
    done
    all() { [ "$(ls "$sync"/map."$1"[123] | wc -l)" = 3 ] && [ "$(cat "$sync"/map."$1"[123] | wc -l)" = 3 ]; }
    starts() { cat "$sync"/map."$1"[123] | awk '{ print $2 }' | sort -n | xargs; }
    wait_for 30 all ''
    [ "$(starts '')" = '1501 2525 3549' ]
    touch "$sync/go"
    wait_for 30 all c
    [ "$(starts c)" = '1501 2525 3549' ]
    touch "$sync/go.c"
    for i in $(jobs -p); do wait "$i"; done
    ok cubby run --rm --network none --userns auto bb:1 awk '{ print $2 }' /proc/self/uid_map
    out_is 1501
    cubby rm held > /dev/null
}

@test 'a build that is interrupted leaves no container that holds a range' {
    shifts
    local sync=$BATS_TEST_TMPDIR/sync pid
    mkdir "$sync"
    chmod 0777 "$sync"
    dockerfile <<< $'FROM bb:1\nRUN --mount=type=cache,target=/c touch /sync/in && sleep 1000'
    "$CUBBY" --root "$STORE" build --no-cache --network none --userns auto -v "$sync:/sync" "$CONTEXT" > /dev/null 2>&1 3>&- &
    pid=$!
    wait_for 30 test -e "$sync/in"
    [ "$(ls "$STORE/containers" | wc -l)" = 2 ]
    kill -INT "$pid"
    wait "$pid" || true
    [ -z "$(ls "$STORE/containers")" ]
}
