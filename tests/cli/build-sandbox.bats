# SPDX-License-Identifier: LGPL-2.1-or-later
# build: steps that follow each other are served by one monitor, and see nothing of each other but their files.

load ../lib/common
load ../lib/context

# monitor: the process that serves the step at work
monitor() { sed -n 's/.*"monitor_pid":\([0-9]*\).*/\1/p' "$STORE"/containers/*/state.json; }

# pauses NAME: a line of shell that waits until the test has looked
pauses() { echo "touch /sync/in-$1; while [ ! -e /sync/go-$1 ]; do sleep 0.05; done"; }

# serves NAME: which monitor serves the step that pauses so
serves() {
    wait_for 20 test -e "$SYNC/in-$1"
    monitor
    touch "$SYNC/go-$1"
}

# build_paused [FLAG...]: build in the background with a folder that the steps and the test share
build_paused() {
    SYNC=$BATS_TEST_TMPDIR/sync
    mkdir -p "$SYNC"
    chmod 0777 "$SYNC"
    "$CUBBY" --root "$STORE" build --no-cache -v "$SYNC:/sync" "$@" "$CONTEXT" 2> "$BATS_TEST_TMPDIR/err" 3>&- > /dev/null &
    PID=$!
}

@test 'one monitor serves RUN after RUN, COPY between them too; another network or more rights have their own' {
    echo x > "$CONTEXT/f"
    dockerfile <<EOF
FROM bb:1
RUN $(pauses 1)
RUN $(pauses 2)
COPY f /
USER 1000
ENV A=1
RUN --mount=type=tmpfs,target=/t $(pauses 3)
USER 0
RUN --network=none $(pauses 4)
RUN $(pauses 5)
RUN --security=insecure $(pauses 6)
RUN --security=insecure $(pauses 7)
RUN $(pauses 8)
EOF
    build_paused --allow security.insecure
    local one two three four five six seven eight
    one=$(serves 1) two=$(serves 2) three=$(serves 3) four=$(serves 4)
    five=$(serves 5) six=$(serves 6) seven=$(serves 7) eight=$(serves 8)
    wait "$PID"
    echo "$one $two $three $four $five $six $seven $eight"
    [ "$one" ] && [ "$two" = "$one" ] && [ "$three" = "$one" ]
    [ "$four" != "$three" ] && [ "$five" = "$one" ] && [ "$six" != "$five" ] && [ "$seven" != "$six" ] &&
        [ "$eight" = "$one" ]
    wait_for 20 no_holders
}

@test 'a step sees no process, memory, socket, secret or hosts file of the one before' {
    echo hidden > "$CONTEXT/../s"
    dockerfile <<'EOF'
FROM bb:1
RUN --mount=type=secret,id=s --mount=type=tmpfs,target=/t \
    sleep 7654321 & nc -l -p 7777 & setsid sleep 7654321 & \
    echo shm > /dev/shm/f && echo dev > /dev/f && echo t > /t/f && test -s /run/secrets/s && \
    echo 10.1.2.3 evil >> /etc/hosts && echo 'search evil' >> /etc/resolv.conf && hostname > /name && \
    while ! cat /proc/net/tcp* | grep -q ':1E61 '; do sleep 0.05; done
RUN test "$(ls -d /proc/[0-9]* | wc -l)" -le 5 && ! ps | grep -q '[s]leep' && ! cat /proc/net/tcp* | grep -q ':1E61 ' && \
    test -z "$(ls -A /dev/shm)" && test ! -e /dev/f && test ! -e /t/f && test ! -e /run/secrets/s && \
    ! grep -q evil /etc/hosts && ! grep -q evil /etc/resolv.conf && test "$(cat /name)" != "$(hostname)" && \
    ! grep -q -e secrets -e ' /t ' /proc/self/mountinfo
RUN nc -l -p 7777 & while ! cat /proc/net/tcp* | grep -q ':1E61 '; do sleep 0.05; done
EOF
    ok cubby build --no-cache --secret "id=s,src=$CONTEXT/../s" -t seen:1 "$CONTEXT"
    fails 1 pgrep -U "$(id -u)" -f 'sleep 7654321'
    ok cubby run --rm seen:1 ls -A /dev/shm /run
    out_lacks secrets
}

@test 'a port of a connection that is still ending is free in the next step' {
    dockerfile <<'EOF'
FROM bb:1
RUN (nc -l -p 7000 < /dev/null & ) ; while ! cat /proc/net/tcp* | grep -q ':1B58 '; do sleep 0.05; done; \
    echo hi | nc 127.0.0.1 7000; while ! cat /proc/net/tcp* | grep -q ' 06 '; do sleep 0.05; done
RUN test "$(cat /proc/net/tcp* | wc -l)" = 2
EOF
    ok cubby build --no-cache "$CONTEXT"
}

@test 'what a step may do to its network is seen by no other' {
    dockerfile <<'EOF'
FROM bb:1
RUN ip addr show tap0 || ip addr
RUN --security=insecure ip link add evil type dummy || ip addr add 10.9.9.9/32 dev lo
RUN ! ip addr | grep -e evil -e 10.9.9.9 && ! ip link add evil type dummy
RUN --network=none test "$(ls /sys/class/net)" = lo
RUN test "$(ls /sys/class/net)" != lo
EOF
    ok cubby build --no-cache --allow security.insecure "$CONTEXT"
}

@test 'a program that is not there is told with its line, and the steps before it are kept' {
    printf 'FROM bb:1\nRUN echo one > /one\nRUN ["/nowhere/program"]\n' > "$CONTEXT/Dockerfile"
    fails 127 cubby build "$CONTEXT"
    err_has 'Dockerfile:3:'
    err_has '/nowhere/program'
    printf 'FROM bb:1\nRUN echo one > /one\nRUN test -e /one\n' > "$CONTEXT/Dockerfile"
    ok cubby build "$CONTEXT"
    err_matches '\[2/3\] (found in the )?cache'
    wait_for 20 no_holders
}

@test 'a monitor that is killed fails its step, and only that' {
    printf 'FROM bb:1\nRUN echo first\nRUN %s\n' "$(pauses 1)" > "$CONTEXT/Dockerfile"
    build_paused
    wait_for 20 test -e "$SYNC/in-1"
    kill -9 "$(monitor)"
    local status=0
    wait "$PID" || status=$?
    [ "$status" != 0 ]
    grep -q 'Dockerfile:3:' "$BATS_TEST_TMPDIR/err"
    printf 'FROM bb:1\nRUN echo first\n' > "$CONTEXT/Dockerfile"
    ok cubby build "$CONTEXT"
    left() { [ -z "$(ls "$STORE/containers")" ]; }
    wait_for 20 left
}
