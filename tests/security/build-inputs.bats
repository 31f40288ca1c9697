# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What a build is given to use and not to keep: secrets are in no layer, history, record, log or file of the store.

load ../lib/common

setup_file() {
    file_setup
    import_busybox
}

setup() {
    CONTEXT=$BATS_TEST_TMPDIR/context
    mkdir -p "$CONTEXT"
    SECRET=squirrel-$RANDOM$RANDOM$RANDOM$RANDOM
    ENCODED=$(printf %s "$SECRET" | base64 -w 0)
    printf %s "$SECRET" > "$BATS_TEST_TMPDIR/secret"
}

dockerfile() { cat > "$CONTEXT/Dockerfile"; }

# nowhere: neither the secret nor its base64 is in the store
nowhere() {
    cubby unshare grep -rlaF -e "$SECRET" -e "${ENCODED%%=*}" "$STORE" > "$BATS_TEST_TMPDIR/found" || true
    [ ! -s "$BATS_TEST_TMPDIR/found" ] || { cat "$BATS_TEST_TMPDIR/found" >&2; return 1; }
}

@test 'a secret of a RUN is nowhere afterwards: as a file, as a variable, in its history, in the log' {
    dockerfile <<'DF'
FROM bb:1
RUN --mount=type=secret,id=s --mount=type=secret,id=s,target=/a/b/secret \
    --mount=type=secret,id=s,env=VARIABLE --mount=type=secret,id=e \
    test "$(cat /run/secrets/s)" = "$VARIABLE" && test "$(cat /a/b/secret)" = "$VARIABLE" && echo right
DF
    CUBBY_ENV=(E="$SECRET")
    ok cubby build -t s:1 --secret "id=s,src=$BATS_TEST_TMPDIR/secret" --secret id=e,env=E "$CONTEXT"
    err_has right
    err_lacks "$SECRET"
    nowhere
    ok cubby history --no-trunc s:1
    out_lacks "$SECRET"
    ok cubby image inspect s:1
    out_lacks "$SECRET"
    ok cubby run --rm s:1 sh -c 'cat /run/secrets/s /a/b/secret 2>/dev/null; env'
    out_lacks "$SECRET"
    cubby save s:1 | tar -xO | grep -aF "$SECRET" && return 1
    # another secret is no other step
    echo another > "$BATS_TEST_TMPDIR/secret"
    ok cubby build --secret "id=s,src=$BATS_TEST_TMPDIR/secret" --secret id=e,env=E "$CONTEXT"
    err_has cached
}

@test 'a secret is nowhere after a RUN that fails' {
    dockerfile <<'DF'
FROM bb:1
RUN --mount=type=secret,id=s --mount=type=secret,id=s,env=V false
DF
    fails 1 cubby build --secret "id=s,src=$BATS_TEST_TMPDIR/secret" "$CONTEXT"
    err_lacks "$SECRET"
    nowhere
}

@test 'a secret is in a file for the user alone while it is used, and gone with the next build after a kill' {
    mkfifo "$BATS_TEST_TMPDIR/pipe"
    dockerfile <<'DF'
FROM bb:1
RUN --mount=type=secret,id=s --mount=type=secret,id=s,env=V echo started && sleep 1000
DF
    env -i HOME="$HOME" PATH="$PATH" USER="$USER" "$CUBBY" --root "$STORE" build --jobs 1 \
        --secret "id=s,src=$BATS_TEST_TMPDIR/secret" "$CONTEXT" 2> "$BATS_TEST_TMPDIR/log" 3>&- &
    local pid=$! file
    wait_for 20 grep -qE '(^|[^a-z"])started$' "$BATS_TEST_TMPDIR/log"
    file=$(cubby unshare grep -rlaF "$ENCODED" "$STORE/containers")
    [ "$(cubby unshare stat -c %a "$file")" = 600 ]
    # the command line and the environment of cubby's own processes are read by nobody else, but have none of it
    tr '\0' '\n' < "/proc/$pid/cmdline" | grep -F "$SECRET" && return 1
    kill -KILL "$pid"
    wait "$pid" || true
    dockerfile <<'DF'
FROM bb:1
DF
    ok cubby build "$CONTEXT"
    nowhere
    ok cubby ps -aq
    out_is ''
}

@test 'a link of the image does not lead a secret out of the root or into a layer' {
    mkdir "$BATS_TEST_TMPDIR/out"
    dockerfile <<DF
FROM bb:1
RUN mkdir /d && ln -s $BATS_TEST_TMPDIR/out /way && ln -s ../../../../../../../..$BATS_TEST_TMPDIR/out /up && rm -rf /run && ln -s $BATS_TEST_TMPDIR/out /run
RUN --mount=type=secret,id=s,target=/way/a --mount=type=secret,id=s,target=/up/b --mount=type=secret,id=s true
DF
    try cubby build -t l:1 --secret "id=s,src=$BATS_TEST_TMPDIR/secret" "$CONTEXT"
    [ -z "$(ls -A "$BATS_TEST_TMPDIR/out")" ]
    nowhere
}

@test 'a context that is a tar neither writes nor reads outside, whatever its links and names say' {
    local out=$BATS_TEST_TMPDIR/out
    mkdir "$out"
    echo mine > "$out/mine"
    chmod 700 "$out"
    python3 - "$out" > "$BATS_TEST_TMPDIR/t" <<'PY'
import io, sys, tarfile
out = sys.argv[1]
up = "../" * 20 + out.lstrip("/")
t = tarfile.open(fileobj=sys.stdout.buffer, mode="w|")

def add(name, kind=tarfile.REGTYPE, link="", data=b""):
    m = tarfile.TarInfo(name)
    m.type, m.linkname, m.size, m.mode = kind, link, len(data), 0o755
    t.addfile(m, io.BytesIO(data))

add("Dockerfile", data=b"FROM bb:1\nCOPY . /c/\nCOPY way/min* /found/\n")
add("way", tarfile.SYMTYPE, out)
add("up", tarfile.SYMTYPE, up)
add("way/written", data=b"x")
add("up/written", data=b"x")
add("hard", tarfile.LNKTYPE, up + "/mine")
t.close()
PY
    try cubby build -t hostile:1 - < "$BATS_TEST_TMPDIR/t"
    [ "$(ls -A "$out")" = mine ]
    [ "$(cat "$out/mine")" = mine ]
    python3 - "$out" > "$BATS_TEST_TMPDIR/t" <<'PY'
import io, sys, tarfile
t = tarfile.open(fileobj=sys.stdout.buffer, mode="w|")
for name, link in ("Dockerfile", sys.argv[1] + "/mine"), (".dockerignore", sys.argv[1] + "/mine"):
    m = tarfile.TarInfo(name)
    m.type, m.linkname = tarfile.SYMTYPE, link
    t.addfile(m)
t.close()
PY
    try cubby build - < "$BATS_TEST_TMPDIR/t"
    [ "$status" = 125 ]
    err_has "cannot read 'Dockerfile'"
    err_lacks mine:
}

@test 'a git address is no way to a program, a path of this machine, or an option of git' {
    local address
    mkdir "$BATS_TEST_TMPDIR/bare.git"
    git init -q --bare "$BATS_TEST_TMPDIR/bare.git"
    for address in "ext::sh -c touch% $BATS_TEST_TMPDIR/ran.git" "file://$BATS_TEST_TMPDIR/bare.git" \
        "https://127.0.0.1:1/x.git#--upload-pack=touch" '--upload-pack=touch.git'; do
        printf 'FROM bb:1\nADD ["%s", "/x"]\n' "$address" | dockerfile
        fails 125 cubby build "$CONTEXT"
    done
    [ ! -e "$BATS_TEST_TMPDIR/ran.git" ]
}
