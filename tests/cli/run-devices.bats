#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Devices: those of the host, and those that their makers describe (CDI).

load ../lib/common

setup_file() {
    file_setup
    import_busybox
}

setup() {
    CDI=$BATS_TEST_TMPDIR/cdi
    mkdir -p "$CDI"
}

# describe FILE: a description on standard input
describe() { cat > "$CDI/$1"; }

# acme: a maker with two devices, in YAML; the first has everything but hooks
acme() {
    echo library > "$BATS_TEST_TMPDIR/libacme.so"
    describe acme.yaml << END
cdiVersion: "0.6.0"
kind: acme.test/gpu
containerEdits:
  env: ["ACME_DRIVER=7"]
devices:
- name: "0"
  containerEdits: &zero
    env: ["ACME_DEVICE=zero"]
    deviceNodes:
    - {path: /dev/acme0, hostPath: /dev/zero, type: c, permissions: rw}
    mounts:
    - {hostPath: $BATS_TEST_TMPDIR/libacme.so, containerPath: /usr/lib/libacme.so, options: [ro, nosuid, bind]}
    additionalGids: [44]
- name: "1"
  containerEdits:
    deviceNodes:
    - path: /dev/null
- name: all
  containerEdits:
    <<: *zero
    env: ["ACME_DEVICE=all"]
END
}

# hooks KIND SCRIPT [MORE]: a device "acme.test/hook=x" with a hook of that kind
hooks() {
    python3 - "$1" "$2" "${3:-{\}}" > "$CDI/hook.json" << 'END'
import json, sys
hook = {"hookName": sys.argv[1], "path": "/bin/sh", "args": ["sh", "-c", sys.argv[2]],
        "env": ["PATH=/usr/bin:/bin"], **json.loads(sys.argv[3])}
print(json.dumps({"cdiVersion": "0.5.0", "kind": "acme.test/hook",
                  "devices": [{"name": "x", "containerEdits": {"hooks": [hook]}}]}))
END
}

with() { cubby --cdi-spec-dir "$CDI" run --rm --network none "$@"; }

@test '--device gives a device of the host, under another name too' {
    ok cubby run --rm --network none --device /dev/zero:/dev/mine:rw bb:1 \
        sh -c 'head -c 3 /dev/mine | od -An -tx1'
    out_is ' 00 00 00'
    ok cubby run --rm --network none --device /dev/full bb:1 sh -c 'echo x > /dev/full || echo full'
    out_is full
}

@test '--device refuses what is no device' {
    fails 125 cubby run --rm --network none --device dev/zero bb:1 true
    err_has 'is no device: HOST'
    fails 125 cubby run --rm --network none --device /dev/zero:/dev/x:y bb:1 true
    for device in '' , zero :/dev/zero /dev/zero:x: a=b,c; do
        fails 125 cubby create --device "$device" bb:1 true
        err_has "'$device' is no device: HOST"
    done
    ok cubby ps -aq
    out_is ''
    fails 125 cubby run --rm --network none --device /dev/no-such-device bb:1 true
    err_has '/dev/no-such-device'
}

@test 'a described device brings nodes, libraries, variables and groups' {
    needs ranges
    acme
    ok with --device acme.test/gpu=0 bb:1 sh -c '
        head -c 2 /dev/acme0 | od -An -tx1; cat /usr/lib/libacme.so
        echo $ACME_DRIVER $ACME_DEVICE; id -G; echo x > /usr/lib/libacme.so || true'
    [ "${lines[0]}" = ' 00 00' ]
    [ "${lines[1]}" = library ]
    [ "${lines[2]}" = '7 zero' ]
    [[ " ${lines[3]} " == *' 44 '* ]]
    err_has 'Read-only'
}

@test 'described devices and others go together, and each is given once' {
    acme
    ok with --device acme.test/gpu=0 --device /dev/zero:/dev/own --device acme.test/gpu=0 \
        --device acme.test/gpu=1 bb:1 sh -c 'ls /dev/acme0 /dev/own'
    out_is $'/dev/acme0\n/dev/own'
}

@test '--gpus takes all, a number, or names' {
    acme
    ok with --gpus all bb:1 sh -c 'echo $ACME_DEVICE'
    out_is all
    ok with --gpus 1 bb:1 sh -c 'echo $ACME_DEVICE'
    out_is zero
    ok with --gpus device=0,1 bb:1 sh -c 'echo $ACME_DEVICE'
    out_is zero
    ok with --gpus '"device=0","capabilities=gpu,utility",driver=acme' bb:1 sh -c 'echo $ACME_DEVICE'
    out_is zero
    fails 125 with --gpus 3 bb:1 true
    err_has "there are only 2 of 'acme.test/gpu', not 3"
    fails 125 with --gpus device=9 bb:1 true
    err_has "no device 'acme.test/gpu=9'"
    fails 125 with --gpus many bb:1 true
    err_has "'many' is not all, a number, or device=NAME"
    fails 125 with --gpus all,capabilities=magic bb:1 true
    err_has "no capability 'magic'"
    fails 125 with --gpus all,driver=other bb:1 true
    err_has 'no GPU of other is described'
}

@test '--gpus says what is missing where nothing is described' {
    fails 125 with --gpus all bb:1 true
    err_has 'no GPU is described on this machine'
    err_has 'nvidia-ctk cdi generate'
    ok cubby ps -aq
    out_is ''
}

@test '--gpus asks whose, where several makers describe some' {
    acme
    describe other.json <<< '{"cdiVersion": "0.5.0", "kind": "other.test/gpu",
        "devices": [{"name": "0", "containerEdits": {"env": ["OTHER=1"]}}]}'
    fails 125 with --gpus all bb:1 true
    err_has 'several makers describe GPUs: acme.test/gpu, other.test/gpu'
    ok with --gpus driver=other bb:1 sh -c 'echo $OTHER'
    out_is 1
    describe nvidia.json <<< '{"cdiVersion": "0.5.0", "kind": "nvidia.com/gpu",
        "devices": [{"name": "0", "containerEdits": {"env": ["NVIDIA=1"]}}]}'
    ok with --gpus all bb:1 sh -c 'echo $NVIDIA'
    out_is 1
}

@test 'a stopped container has its devices again, and what they need is looked up anew' {
    acme
    ok cubby --cdi-spec-dir "$CDI" create --name gpu --network none --device acme.test/gpu=0 bb:1 \
        cat /usr/lib/libacme.so
    ok cubby inspect -f '{{(index .HostConfig.DeviceRequests 0).DeviceIDs}} {{index .Config.Env 2}}' gpu
    out_has '[acme.test/gpu=0]'
    ok cubby start -a gpu
    out_is library
    echo update > "$BATS_TEST_TMPDIR/new.so"
    sed -i 's/libacme.so, containerPath/new.so, containerPath/' "$CDI/acme.yaml"
    ok cubby start -a gpu
    out_is update
    rm "$CDI/acme.yaml"
    fails 125 cubby start -a gpu
    err_has "no device 'acme.test/gpu=0'"
}

@test 'exec has the variables of described devices' {
    acme
    ok cubby --cdi-spec-dir "$CDI" run -d --name gpu --network none --gpus 1 bb:1 sleep 1000
    ok cubby exec gpu sh -c 'echo $ACME_DRIVER'
    out_is 7
}

@test '--cdi-spec-dir: of several folders the last one counts' {
    acme
    mkdir "$BATS_TEST_TMPDIR/late"
    sed 's/ACME_DEVICE=zero/ACME_DEVICE=late/' "$CDI/acme.yaml" > "$BATS_TEST_TMPDIR/late/x.yml"
    ok with --cdi-spec-dir "$BATS_TEST_TMPDIR/late" --device acme.test/gpu=0 bb:1 sh -c 'echo $ACME_DEVICE'
    out_is late
    cd "$BATS_TEST_TMPDIR"
    ok cubby --cdi-spec-dir late run --rm --network none --device acme.test/gpu=0 bb:1 sh -c 'echo $ACME_DEVICE'
    out_is late
}

@test 'two files of one folder with one device: neither is taken' {
    acme
    cp "$CDI/acme.yaml" "$CDI/copy.yaml"
    fails 125 with --device acme.test/gpu=0 bb:1 true
    err_has "'acme.test/gpu=0' is described twice"
    err_has copy.yaml
}

@test 'a damaged description is named when a device is found nowhere, and harms no other' {
    acme
    printf 'cdiVersion: "0.6.0"\nkind: [\n' > "$CDI/aaa.yaml"
    ok with --device acme.test/gpu=0 bb:1 true
    fails 125 with --device bad.test/gpu=0 bb:1 true
    err_has "no device 'bad.test/gpu=0'"
    err_has "aaa.yaml' cannot be used: line 3"
}

@test 'a description that would become huge is refused' {
    { echo 'a0: &a0 [x,x,x,x,x,x,x,x,x,x]'
      for i in 1 2 3 4 5 6 7 8 9; do
          echo "a$i: &a$i [*a$((i - 1)),*a$((i - 1)),*a$((i - 1)),*a$((i - 1)),*a$((i - 1)),*a$((i - 1))]"
      done; } > "$CDI/bomb.yaml"
    fails 125 with --device bad.test/gpu=0 bb:1 true
    err_has 'the file is too long'
}

@test 'a createContainer hook sees the root with its mounts, and may write to it' {
    echo library > "$BATS_TEST_TMPDIR/lib.so"
    hooks createContainer '
        bundle=$(python3 -c "import json,sys; print(json.load(sys.stdin)[\"bundle\"])")
        root=$(python3 -c "import json; print(json.load(open(\"config.json\"))[\"root\"][\"path\"])")
        [ "$PWD" = "$bundle" ] && cat "$root/usr/lib/lib.so" > "$root/seen"
        ln -s lib.so "$root/usr/lib/lib.so.1"'
    ok with --device acme.test/hook=x -v "$BATS_TEST_TMPDIR/lib.so:/usr/lib/lib.so" bb:1 \
        sh -c 'cat /seen /usr/lib/lib.so.1'
    out_is $'library\nlibrary'
    fails 1 with --read-only --device acme.test/hook=x -v "$BATS_TEST_TMPDIR/lib.so:/usr/lib/lib.so" bb:1 \
        sh -c 'cat /seen; touch /x'
    out_is library
    err_has 'Read-only file system'
    ok with --userns keep-id --device acme.test/hook=x -v "$BATS_TEST_TMPDIR/lib.so:/usr/lib/lib.so" bb:1 \
        cat /seen
    out_is library
}

@test 'a createRuntime hook gets the state of the container that is made' {
    hooks createRuntime "cat > $BATS_TEST_TMPDIR/state"
    ok cubby --cdi-spec-dir "$CDI" run --name c --network none --device acme.test/hook=x bb:1 true
    ok cubby inspect -f '{{.Id}}' c
    [ "$(jq -r '.id + " " + .status' "$BATS_TEST_TMPDIR/state")" = "$output creating" ]
    [ "$(jq -r '.pid > 1' "$BATS_TEST_TMPDIR/state")" = true ]
}

@test 'a hook that fails is the reason, and nothing is left of the start' {
    hooks createContainer 'echo no such driver >&2; exit 3'
    fails 125 cubby --cdi-spec-dir "$CDI" run --name c --network none --device acme.test/hook=x bb:1 true
    err_has "the hook '/bin/sh' ended with 3: no such driver"
    ok cubby ps -a --format '{{.Names}} {{.State}}'
    out_is 'c created'
    hooks createRuntime 'exit 4'
    fails 125 cubby start -a c
    err_has 'ended with 4'
    hooks createContainer ':'
    ok cubby start -a c
}

@test 'a hook that takes too long is killed' {
    hooks createContainer 'exec sleep 1000' '{"timeout": 1}'
    fails 125 with --device acme.test/hook=x bb:1 true
    err_has 'took longer than 1 seconds'
}

# 4294968 seconds are 704 ms more than an int of 32 bits counts.
@test 'a hook may take very long' {
    hooks createContainer 'sleep 1' '{"timeout": 4294968}'
    ok with --device acme.test/hook=x bb:1 true
}

@test 'secrets are in no file that hooks read' {
    hooks createContainer 'grep -c "hidden-[t]ext" config.json > '"$BATS_TEST_TMPDIR"'/count; true'
    printf hidden-text | cubby secret create s -
    ok with --device acme.test/hook=x --secret s,type=env,target=S bb:1 sh -c 'echo $S'
    out_is hidden-text
    [ "$(cat "$BATS_TEST_TMPDIR/count")" = 0 ]
}

@test 'hooks in the container, after its start and after its end are run' {
    hooks startContainer 'touch /started'
    ok with --device acme.test/hook=x bb:1 ls /started
    hooks poststart "cat > $BATS_TEST_TMPDIR/poststart"
    ok with --device acme.test/hook=x bb:1 true
    [ "$(jq -r .status "$BATS_TEST_TMPDIR/poststart")" = running ]
    hooks poststop "cat > $BATS_TEST_TMPDIR/poststop"
    ok with --device acme.test/hook=x bb:1 true
    [ "$(jq -r .status "$BATS_TEST_TMPDIR/poststop")" = stopped ]
}

@test 'what no user can have is refused before anything is made' {
    hooks createNothing true
    fails 125 with --device acme.test/hook=x bb:1 true
    err_has "a hook of the kind 'createNothing'"
    describe rdt.json <<< '{"cdiVersion": "0.7.0", "kind": "acme.test/rdt",
        "devices": [{"name": "0", "containerEdits": {"intelRdt": {"closID": "x"}}}]}'
    fails 125 with --device acme.test/rdt=0 bb:1 true
    err_has 'Intel RDT'
    describe net.json <<< '{"cdiVersion": "1.1.0", "kind": "acme.test/net",
        "devices": [{"name": "0", "containerEdits": {"netDevices": [{"hostInterfaceName": "eth0"}]}}]}'
    fails 125 with --device acme.test/net=0 bb:1 true
    err_has 'network device'
    ok cubby ps -aq
    out_is ''
}
