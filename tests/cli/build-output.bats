# SPDX-License-Identifier: LGPL-2.1-or-later
# build-output - where else a build goes: folders, archives, registries

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    registry_start --writable
}


setup() {
    CONTEXT=$BATS_TEST_TMPDIR/context
    OUT=$BATS_TEST_TMPDIR/out
    mkdir -p "$CONTEXT"
    echo text > "$CONTEXT/a"
    printf 'FROM scratch\nCOPY --chown=7:7 a /d/a\n' > "$CONTEXT/Dockerfile"
}

@test 'files go to a folder and belong to the caller, and no image is made' {
    ok cubby images -q
    images=$output
    ok cubby build -o "$OUT" "$CONTEXT"
    out_is ''
    [ "$(cat "$OUT/d/a")" = text ]
    [ "$(stat -c %u "$OUT/d/a")" = "$(id -u)" ]
    ok cubby build --output type=local,dest="$OUT" "$CONTEXT"
    ok cubby images -q
    out_is "$images"
    ok cubby ps -aq
    out_is ''
    fails 125 cubby build -o type=local "$CONTEXT"
    fails 125 cubby build -o type=zip,dest=x "$CONTEXT"
    err_has "no type 'zip'"
    fails 125 cubby build -o type=tar,colour=red "$CONTEXT"
    err_has colour
}

@test 'files go into an archive, which may be the standard output' {
    ok cubby build -o type=tar,dest="$OUT" "$CONTEXT"
    [ "$(tar -xOf "$OUT" d/a)" = text ]
    ok cubby build -o - "$CONTEXT"
    [ "$(tar -t < "$BATS_TEST_TMPDIR/.out" | tail -1)" = d/a ]
    fails 125 cubby build -o - -o type=oci "$CONTEXT"
    err_has 'only one'
}

@test 'the image goes into archives and layouts' {
    ok cubby build -q -t x:1 --output type=oci,dest="$OUT.oci" -o type=docker,dest="$OUT.docker" \
        -o type=oci,tar=false,dest="$OUT.dir" "$CONTEXT"
    id=$output
    ok cubby rmi x:1
    for from in oci-archive:"$OUT.oci" docker-archive:"$OUT.docker" oci:"$OUT.dir"; do
        ok cubby pull -q "$from"
        out_has "$id"
    done
}

@test 'the image is pushed under its names' {
    ok cubby build --push --load --tls-verify=false -t "$REGISTRY/built/a:1" "$CONTEXT"
    id=${lines[-1]}
    ok cubby rmi "$REGISTRY/built/a:1"
    ok cubby pull -q --tls-verify=false "$REGISTRY/built/a:1"
    out_has "$id"
    ok cubby build -q --tls-verify=false -o "type=image,name=$REGISTRY/built/b:1,push=true" "$CONTEXT"
    ok cubby build -q --tls-verify=false -t "$REGISTRY/built/c:1" -o type=registry "$CONTEXT"
    for name in b c; do
        ok cubby rmi "$REGISTRY/built/$name:1"
        ok cubby pull -q --tls-verify=false "$REGISTRY/built/$name:1"
    done
    fails 125 cubby build --push "$CONTEXT"
    err_has --tag
}

# stopped_in DIR SIGNAL ARGUMENT...: build, and send SIGNAL once a file is in DIR; prints the status.
# All that the command has started is held before, so that it cannot be done by then.
stopped_in() {
    python3 - "$@" << 'END'
import os, select, signal, subprocess, sys

def below(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            children = f.read().split()
    except OSError:
        children = []
    for child in children:
        yield int(child)
        yield from below(child)

def begun(path):
    try:
        return bool(os.listdir(path))
    except OSError:
        return False

path, name, *command = sys.argv[1:]
p = subprocess.Popen(command, start_new_session=True)
while not begun(path):
    if p.poll() is not None:
        sys.exit("it has ended before: %d" % p.returncode)
held = list(below(p.pid))
for pid in held:
    os.kill(pid, signal.SIGSTOP)
p.send_signal(getattr(signal, name))
print("status", p.wait())
# who waits for nothing but the command's end sees it now
for pid in held:
    try:
        os.kill(pid, signal.SIGCONT)
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        continue
    if not select.select([fd], [], [], 30)[0]:
        print("is left:", pid)
END
}

many_files() {
    mkdir "$CONTEXT/many"
    (cd "$CONTEXT/many" && seq 1 4000 | xargs touch)
    printf 'FROM scratch\nCOPY many /many\n' > "$CONTEXT/Dockerfile"
    ok cubby build -q "$CONTEXT"
}

@test 'a signal takes the folder away that is not whole, and nothing that was there' {
    many_files
    for name in SIGTERM SIGINT SIGHUP; do
        ok stopped_in "$OUT" "$name" "$CUBBY" --root "$STORE" build -q -o "$OUT" "$CONTEXT"
        out_is "status -$(kill -l "$name")"
        [ ! -e "$OUT" ]
    done
    mkdir -p "$OUT/mine"
    echo mine > "$OUT/mine/f"
    ok stopped_in "$OUT/many" SIGTERM "$CUBBY" --root "$STORE" build -q -o "$OUT" "$CONTEXT"
    out_is 'status -15'
    [ "$(cat "$OUT/mine/f")" = mine ]
    rm -r "$OUT"
    # of a signal that is ignored nothing is heard
    ok bash -c "trap '' HUP; exec \"\$@\"" bash "$CUBBY" --root "$STORE" build -q -o "$OUT" "$CONTEXT"
    [ -e "$OUT/many/4000" ]
    ok cubby build -q -o "$OUT" "$CONTEXT"
    ok cubby system check
}

@test 'of several platforms the folder that is not whole goes, and the others stay' {
    many_files
    ok stopped_in "$OUT/linux_ppc64le" SIGTERM "$CUBBY" --root "$STORE" build -q --platform linux/s390x,linux/ppc64le \
        -o "$OUT" "$CONTEXT"
    out_is 'status -15'
    [ ! -e "$OUT/linux_ppc64le" ]
    [ -e "$OUT/linux_s390x/many/4000" ]
    rm -r "$OUT"
    ok stopped_in "$OUT/linux_s390x" SIGTERM "$CUBBY" --root "$STORE" build -q --platform linux/s390x,linux/ppc64le \
        -o "$OUT" "$CONTEXT"
    [ ! -e "$OUT" ]
}

@test 'a folder that could not be filled is taken away' {
    dd if=/dev/urandom of="$CONTEXT/big" bs=1M count=2 status=none
    printf 'FROM scratch\nCOPY a big /d/\n' > "$CONTEXT/Dockerfile"
    ok cubby build -q "$CONTEXT"
    fails 1 cubby unshare sh -c 'mount -t tmpfs -o size=1m none /mnt && mkdir /mnt/was && echo x > /mnt/was/f
        "$1" --root "$2" build -q -o /mnt/out "$3" && exit 2
        "$1" --root "$2" build -q -o /mnt/was "$3" && exit 2
        ls -A /mnt; cat /mnt/was/f; exit 1' sh "$CUBBY" "$STORE" "$CONTEXT"
    out_is $'was\nx'
    err_has 'no space left on device'
}
