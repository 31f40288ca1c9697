# SPDX-License-Identifier: LGPL-2.1-or-later
# build-platforms - one build for several machines, and the list that comes of it

load ../lib/common

setup_file() {
    file_setup
    registry_start --writable
}

setup() {
    CONTEXT=$BATS_TEST_TMPDIR/context
    OUT=$BATS_TEST_TMPDIR/out
    mkdir -p "$CONTEXT"
    echo text > "$CONTEXT/a"
    printf 'FROM scratch\nARG TARGETARCH\nCOPY a /a-$TARGETARCH\n' > "$CONTEXT/Dockerfile"
}

# platforms_of LIST: os/arch/variant of its images, in order
platforms_of() {
    ok cubby manifest inspect "$1"
    python3 -c '
import json, sys
for m in json.loads(sys.argv[1])["manifests"]:
    p = m["platform"]
    print("/".join(filter(None, (p["os"], p["architecture"], p.get("variant")))))' "$output"
}

@test 'images of several platforms are a list with the names of --tag' {
    ok cubby build -t mp:1 -t mp:2 --iidfile "$OUT" --platform linux/arm64,linux/amd64 --platform linux/arm/v7 "$CONTEXT"
    local id=$output
    [ "$(cat "$OUT")" = "sha256:$id" ]
    err_has '[linux/arm64 3/3] COPY'
    err_has '[linux/arm/v7 3/3] COPY'
    [ "$(platforms_of mp:1)" = $'linux/arm64\nlinux/amd64\nlinux/arm/v7' ]
    ok cubby images -q --no-trunc mp
    [ "$(echo "$output" | sort -u)" = "sha256:$id" ]

    # its images are not left over, and the next build has all of it already
    ok cubby image prune -f
    ok cubby images -q --filter dangling=true
    out_is ''
    ok cubby build -t mp:1 --platform linux/arm64,linux/amd64,linux/arm/v7 "$CONTEXT"
    out_is "$id"
    err_has cached
    err_lacks "done"

    # what it was for before is left over
    ok cubby build -q -t mp:1 -t mp:2 --platform linux/amd64 "$CONTEXT"
    ok cubby image inspect --format '{{.Architecture}}' mp:1
    out_is amd64
    ok cubby images -q --no-trunc --filter dangling=true
    out_has "$id"
    ok cubby image prune -f
    ok cubby system check
}

@test 'files have a folder for each platform, an OCI layout has the list' {
    ok cubby build -q -o "$OUT" --platform linux/arm64,linux/arm/v7 "$CONTEXT"
    [ "$(cat "$OUT/linux_arm64/a-arm64" "$OUT/linux_arm_v7/a-arm")" = $'text\ntext' ]
    ok cubby build -q -t mo:1 -o "type=oci,tar=false,dest=$OUT/oci" --platform linux/arm64,linux/arm/v7 "$CONTEXT"
    python3 - "$OUT/oci" <<'EOF'
import json, sys
top = json.load(open(sys.argv[1] + "/index.json"))["manifests"]
blob = lambda d: json.load(open(sys.argv[1] + "/blobs/" + d.replace(":", "/")))
assert len(top) == 1, top
assert [m["platform"]["architecture"] for m in blob(top[0]["digest"])["manifests"]] == ["arm64", "arm"]
EOF
    ok cubby build -q -o "type=oci,dest=$OUT/oci.tar" --platform linux/arm64,linux/arm/v7 "$CONTEXT"
    [ -s "$OUT/oci.tar" ]
    fails 125 cubby build -o "type=oci" --platform linux/arm64,linux/amd64 "$CONTEXT"
    err_has 'dest=FILE'
    fails 125 cubby build -o "type=docker,dest=$OUT/x" --platform linux/arm64,linux/amd64 "$CONTEXT"
    err_has 'type=oci'
    fails 125 cubby build -o - --platform linux/arm64,linux/amd64 "$CONTEXT"
    err_has 'type=local'
}

@test 'a list is pushed with its images, and --all-platforms is what a base is for' {
    ok cubby build -q --tls-verify=false -t "$REGISTRY/mp:1" --push --platform linux/arm64,linux/amd64 "$CONTEXT"
    ok cubby rmi "$REGISTRY/mp:1"
    ok cubby image prune -f
    printf 'FROM %s/mp:1\nLABEL a=b\n' "$REGISTRY" > "$CONTEXT/Dockerfile"
    ok cubby build -q --tls-verify=false -t both:1 --all-platforms "$CONTEXT"
    [ "$(platforms_of both:1)" = $'linux/arm64\nlinux/amd64' ]
    ok cubby image inspect --format '{{.Architecture}}' both:1
    out_is "$(cubby version --format '{{.Server.Arch}}')"
    printf 'FROM scratch\nLABEL a=b\n' > "$CONTEXT/Dockerfile"
    fails 125 cubby build --all-platforms "$CONTEXT"
    err_has '--platform linux/'
}

@test '--manifest adds to a list, and makes it' {
    ok cubby build -q --manifest ml:1 --platform linux/arm64 "$CONTEXT"
    ok cubby build -q -t one:1 --manifest ml:1 --platform linux/amd64 "$CONTEXT"
    [ "$(platforms_of ml:1)" = $'linux/arm64\nlinux/amd64' ]
    ok cubby image inspect --format '{{.Architecture}}' one:1
    out_is amd64
    fails 125 cubby build -q --manifest one:1 "$CONTEXT"
    err_has "'localhost/one:1' is in use"
}

@test 'a command for another machine fails with what would run it' {
    local other
    case $(uname -m) in aarch64) other=amd64 ;; *) other=arm64 ;; esac
    # the head of a program for it, and nothing more
    python3 - "$CONTEXT/sh" "$other" <<'EOF'
import struct, sys
machine = {"arm64": 183, "amd64": 62}[sys.argv[2]]
open(sys.argv[1], "wb").write(b"\x7fELF" + bytes([2, 1, 1]) + bytes(9) +
    struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, 0x400000, 64, 0, 0, 64, 56, 1, 64, 0, 0) +
    struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, 120, 120, 4096))
EOF
    chmod 755 "$CONTEXT/sh"
    printf 'FROM scratch\nCOPY sh /bin/sh\nRUN echo hi\n' > "$CONTEXT/Dockerfile"
    if [ -n "$(grep -ls qemu /proc/sys/fs/binfmt_misc/* 2> /dev/null)" ]; then
        try cubby build --platform "linux/$other" "$CONTEXT"
        [ "$status" != 0 ]                          # the head of a program does not run
    else
        fails 126 cubby build --platform "linux/$other" "$CONTEXT"
        err_has "programs for linux/$other run here once qemu-user is registered"
    fi
}

@test 'a log has the lines of all platforms, with --logsplit each has a log of its own' {
    local log=$BATS_TEST_TMPDIR/log
    echo old > "$log"
    ok cubby build -q --logfile "$log" --platform linux/arm64,linux/amd64 "$CONTEXT"
    grep -q 'linux/arm64 3/3' "$log"
    grep -q 'linux/amd64 3/3' "$log"
    fails 1 grep old "$log"
    rm "$log"
    ok cubby build -q --logfile "$log" --logsplit --platform linux/arm64,linux/arm/v6,linux/arm/v7 "$CONTEXT"
    [ ! -e "$log" ]
    grep -q 'linux/arm64 3/3' "${log}_linux_arm64"
    fails 1 grep v7 "${log}_linux_arm_v6"
    grep -q 'linux/arm/v7 3/3' "${log}_linux_arm_v7"
    ok cubby build -q --logfile "$log" --logsplit --platform linux/arm/v7 "$CONTEXT"
    grep -q '3/3' "${log}_linux_arm"
    ok cubby build -q --logfile "$log" --logsplit=false "$CONTEXT"
    [ -e "$log" ]
    fails 125 cubby build -q --logsplit "$CONTEXT"
    err_has --logfile
}

@test 'each image of a list can be looked at' {
    ok cubby build -q -t mp:3 --platform linux/arm64,linux/amd64,linux/arm/v7 "$CONTEXT"
    for arch in arm64 amd64 arm; do
        ok cubby image inspect --platform "linux/$arch" --format '{{.Architecture}}' mp:3
        out_is "$arch"
        ok cubby history --no-trunc --platform "linux/$arch" --format '{{.CreatedBy}}' mp:3
        out_has "COPY a /a-"
    done
    ok cubby history -q --no-trunc --platform linux/arm64 mp:3
    out_has "$(cubby image inspect --platform linux/arm64 --format '{{.Id}}' mp:3)"
    fails 125 cubby history --platform linux/s390x mp:3
    err_has "cannot use the list"
    fails 125 cubby image inspect --platform linux/s390x mp:3
    err_has "cannot use the list"
    fails 125 cubby image inspect --platform linux/s390x nothing:1
    err_has nothing:1
}
