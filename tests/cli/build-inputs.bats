# SPDX-License-Identifier: LGPL-2.1-or-later
# build: secrets, agents, other contexts and rights that steps may have.

load ../lib/context

@test 'secret: a file, a variable, and a name alone, as files and as variables of a RUN' {
    echo from-file > "$BATS_TEST_TMPDIR/f"
    echo 'comma' > "$BATS_TEST_TMPDIR/a,b"
    dockerfile <<'DF'
FROM bb:1
RUN --mount=type=secret,id=one --mount=type=secret,id=two,target=/t,mode=0444 \
    --mount=type=secret,id=three,env=THREE --mount=type=secret,id=FOUR \
    --mount=type=secret,id=five,target=/five --mount=type=secret,id=six \
    cat /run/secrets/one /t /five && echo "$THREE $(cat /run/secrets/FOUR)" && \
    stat -c %a /run/secrets/one /t && ls /run/secrets/six || echo none
DF
    CUBBY_ENV=(TWO=second THREE=third FOUR=fourth)
    ok cubby build --no-cache --secret "id=one,src=$BATS_TEST_TMPDIR/f" --secret id=two,type=env,src=TWO \
        --secret id=three,env=THREE --secret id=FOUR --secret "id=five,\"src=$BATS_TEST_TMPDIR/a,b\"" "$CONTEXT"
    err_has from-file
    err_has second
    err_has comma
    err_has 'third fourth'
    err_matches '400.*444'
    err_has none
}

@test 'secret: what is wrong with one is said' {
    dockerfile <<'DF'
FROM bb:1
RUN --mount=type=secret,id=s,required true
DF
    fails 125 cubby build "$CONTEXT"
    err_has "Dockerfile:2: "
    err_has "the secret 's' is required and was not given"
    fails 125 cubby build --secret src=/x "$CONTEXT"
    err_has 'it has no id'
    fails 125 cubby build --secret id=s,src=/nowhere "$CONTEXT"
    err_has "from '/nowhere'"
    fails 125 cubby build --secret id=s,env=NOT_SET "$CONTEXT"
    err_has "'NOT_SET'"
    fails 125 cubby build --secret id=s,env=A,src=B "$CONTEXT"
    err_has 'not both'
    fails 125 cubby build --secret id=s,type=x "$CONTEXT"
    fails 125 cubby build --secret id=s,colour=x "$CONTEXT"
    head -c 600000 /dev/zero > "$BATS_TEST_TMPDIR/large"
    fails 125 cubby build --secret "id=s,src=$BATS_TEST_TMPDIR/large" "$CONTEXT"
    err_has 'more than 512000 bytes'
}

@test 'ssh: a RUN speaks with the agent, and the socket is in no layer' {
    python3 - "$BATS_TEST_TMPDIR/agent" <<'PY' 3>&- &
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen()
for _ in range(2):
    c, _ = s.accept()
    c.sendall(b"agent speaks\n")
    c.close()
PY
    wait_for 10 test -S "$BATS_TEST_TMPDIR/agent"
    dockerfile <<'DF'
FROM bb:1
RUN --mount=type=ssh,required nc local:$SSH_AUTH_SOCK < /dev/null || nc -U $SSH_AUTH_SOCK < /dev/null || ls -l $SSH_AUTH_SOCK
RUN --mount=type=ssh,id=other,target=/there ls -l /there
DF
    CUBBY_ENV=(SSH_AUTH_SOCK="$BATS_TEST_TMPDIR/agent")
    ok cubby build -t ssh:1 --ssh default --ssh "other=$BATS_TEST_TMPDIR/agent" "$CONTEXT"
    err_matches '(agent speaks|srw)'
    err_matches 'srw.* /there'
    kill %1
    ok cubby run --rm ssh:1 sh -c 'ls -d /there /run/buildkit 2>&1 || true; env'
    out_lacks SSH_AUTH_SOCK
    [ "$(grep -c 'No such file' <<< "$output")" = 2 ]
}

@test 'ssh: without an agent, and with a key in place of one, it says what to do' {
    dockerfile <<'DF'
FROM bb:1
RUN --mount=type=ssh,required true
DF
    fails 125 cubby build "$CONTEXT"
    err_has "the agent 'default' is required"
    fails 125 cubby build --ssh default "$CONTEXT"
    err_has 'SSH_AUTH_SOCK is not set'
    echo key > "$BATS_TEST_TMPDIR/id_rsa"
    fails 125 cubby build --ssh "default=$BATS_TEST_TMPDIR/id_rsa" "$CONTEXT"
    err_has 'ssh-add'
    fails 125 cubby build --ssh "default=$BATS_TEST_TMPDIR/none" "$CONTEXT"
}

@test 'build-context: a folder, an image, and an image in place of a stage' {
    mkdir "$BATS_TEST_TMPDIR/other"
    echo other > "$BATS_TEST_TMPDIR/other/file"
    dockerfile <<'DF'
FROM base AS first
RUN echo built > /which
FROM bb:1
COPY --from=src file /file
COPY --from=FIRST /etc/passwd /passwd
COPY --from=image /etc/group /group
RUN --mount=type=bind,from=src,target=/m cat /m/file && ! test -e /which
DF
    ok cubby build -t ctx:1 --build-context "src=$BATS_TEST_TMPDIR/other" \
        --build-context first=docker-image://bb:1 --build-context image=container-image://bb:1 "$CONTEXT"
    err_lacks built
    ok cubby run --rm ctx:1 cat /file
    out_is other
    ok cubby save --format oci-dir -o "$BATS_TEST_TMPDIR/layout" ctx:1
    ok cubby build -t ctx:2 --build-context "base=oci-layout://$BATS_TEST_TMPDIR/layout" --target first "$CONTEXT"
    ok cubby run --rm ctx:2 cat /file /which
    out_is $'other\nbuilt'
}

@test 'build-context: what is none is said, and nothing is built upon a folder' {
    echo 'FROM src' | dockerfile
    fails 125 cubby build --build-context "src=$CONTEXT" "$CONTEXT"
    err_has "the context 'src' is a folder"
    fails 125 cubby build --build-context src "$CONTEXT"
    err_has 'NAME=VALUE'
    fails 125 cubby build --build-context src=/nowhere "$CONTEXT"
    fails 125 cubby build --build-context "src=$CONTEXT/Dockerfile" "$CONTEXT"
    err_has 'is no folder'
}

@test 'allow: RUN --security=insecure wants leave, and has all rights then' {
    dockerfile <<'DF'
FROM bb:1
RUN --security=insecure grep CapEff /proc/self/status && mkdir -p /mnt && mount -t tmpfs none /mnt && echo mounted
DF
    fails 125 cubby build "$CONTEXT"
    err_has 'Dockerfile:2: '
    err_has '--allow security.insecure'
    ok cubby build --allow security.insecure --allow network.host "$CONTEXT"
    err_has mounted
    fails 125 cubby build --allow everything "$CONTEXT"
    err_has 'security.insecure or network.host'
}
