#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# --hooks-dir: programs that are run when containers start and end.

load ../lib/common

setup_file() {
    file_setup
    import_busybox
}

setup() {
    HOOKS=$BATS_TEST_TMPDIR/hooks
    SEEN=$BATS_TEST_TMPDIR/seen
    mkdir -p "$HOOKS"
}

ALWAYS='{"always": true}'

# hook FILE STAGE,... WHEN SCRIPT [MORE]: a file in $HOOKS, whose hook is a shell's script with the stage as $1
hook() {
    local stage
    for stage in ${2//,/ }; do
        python3 - "$stage" "$3" "$4" "${5:-{\}}" > "$HOOKS/${1/STAGE/$stage}" << 'END'
import json, sys
stage, when, script, more = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4])
hook = {"path": "/bin/sh", "args": ["sh", "-c", script, "hook", stage], "env": ["PATH=/usr/bin:/bin"], **more}
print(json.dumps({"version": "1.0.0", "hook": hook, "when": when, "stages": [stage]}))
END
    done
}

# file NAME: a file in $HOOKS, from standard input
file() { cat > "$HOOKS/$1"; }

with() { cubby --hooks-dir "$HOOKS" run --rm --network none "$@"; }

# seen: what hooks have written
seen() { cat "$SEEN" 2> /dev/null || true; }

seen_is() {
    [ "$(seen)" = "$1" ] || { echo "seen: $(seen)" >&2; return 1; }
}

@test 'hooks of every stage are run in order, with the state of the container' {
    hook STAGE.json prestart,createRuntime,createContainer,poststart,poststop "$ALWAYS" \
        "jq -r --arg stage \$1 '\$stage + \" \" + .status + \" \" + .id + \" \" + ((.pid // 0) > 1 | tostring)' >> $SEEN"
    # in the container; what it says to its standard error is told when it fails
    hook in.json startContainer "$ALWAYS" 'cat > /state; echo $1 >> /started; test ! -e /program'
    ok cubby --hooks-dir "$HOOKS" run --name c --network none bb:1 sh -c 'cat /started; touch /program'
    out_is startContainer
    ok cubby inspect -f '{{.Id}}' c
    seen_is "prestart creating $output true
createRuntime creating $output true
createContainer creating $output true
poststart running $output true
poststop stopped $output false"
    local id=$output
    ok cubby cp c:/state "$BATS_TEST_TMPDIR/state"
    [ "$(jq -r '.id + " " + .status + " " + (.pid | tostring)' "$BATS_TEST_TMPDIR/state")" = "$id created 1" ]
}

@test 'annotations are in the state, and say for which containers a hook is run' {
    hook a.json prestart '{"annotations": {"^org\\.test\\.kind$": "^(gpu|mic)"}}' \
        "jq -r '.annotations[\"org.test.kind\"]' >> $SEEN"
    ok with --annotation org.test.kind=gpu4 bb:1 true
    ok with --annotation org.test.kind=cpu bb:1 true
    ok with --annotation org.test.kinds=gpu bb:1 true
    ok with bb:1 true
    seen_is gpu4
    # every pair must be matched, by whichever annotation
    hook a.json prestart '{"annotations": {"kind": "gpu", "size": "^[0-9]+$"}}' "echo \$1 >> $SEEN"
    ok with --annotation org.test.kind=gpu --annotation org.test.size=x bb:1 true
    ok with --annotation org.test.kind=gpu --annotation org.test.size=12 bb:1 true
    seen_is $'gpu4\nprestart'
}

@test 'commands say for which programs a hook is run' {
    hook a.json prestart '{"commands": ["/tr.e$", "^false$"]}' "echo \$1 >> $SEEN"
    ok with bb:1 true
    seen_is ''
    ok with bb:1 /bin/true
    ok with --entrypoint /bin/true bb:1 sh
    ok with --init bb:1 /bin/true
    fails 1 with bb:1 false
    ok with bb:1 sh -c /bin/true
    seen_is $'prestart\nprestart\nprestart\nprestart'
}

@test 'hasBindMounts means what of the host was asked for' {
    hook a.json prestart '{"hasBindMounts": true}' "echo \$1 >> $SEEN"
    ok with bb:1 true
    ok with -v vol:/data --tmpfs /x bb:1 true
    seen_is ''
    ok with -v "$HOOKS:/data:ro" bb:1 true
    ok with --mount "type=bind,src=$HOOKS,dst=/data" bb:1 true
    seen_is $'prestart\nprestart'
}

@test 'all conditions must hold, and one that is false never does' {
    hook a.json prestart '{"always": true, "commands": ["true$"]}' "echo both >> $SEEN"
    hook b.json prestart '{"always": false, "commands": ["true$"]}' "echo b >> $SEEN"
    hook c.json prestart '{"always": true, "hasBindMounts": false}' "echo c >> $SEEN"
    hook d.json prestart '{"commands": ["true$"], "annotations": {"a": "b"}}' "echo d >> $SEEN"
    hook e.json prestart '{"commands": ["true$"], "annotations": {}}' "echo e >> $SEEN"
    ok with bb:1 sh -c true
    ok with bb:1 true
    seen_is $'both\ne'
}

@test 'files of the older form are read, where one condition is enough' {
    printf '#!/bin/sh\necho "$@" >> %q\n' "$SEEN" > "$BATS_TEST_TMPDIR/tell"
    chmod +x "$BATS_TEST_TMPDIR/tell"
    file a.json <<< '{"hook": "'"$BATS_TEST_TMPDIR"'/tell", "arguments": ["one", "a b"], "stage": ["prestart"],
        "cmd": ["^true$"], "annotations": ["^gpu"], "hasbindmounts": true}'
    ok with bb:1 false || true
    seen_is ''
    ok with bb:1 true
    ok with --annotation any=gpu1 bb:1 sh -c true
    ok with --annotation gpu=none bb:1 sh -c true
    ok with -v "$HOOKS:/data:ro" bb:1 sh -c true
    seen_is $'one a b\none a b\none a b'
    file a.json <<< '{"version": "0.1.0", "hook": "'"$BATS_TEST_TMPDIR"'/tell", "stages": ["prestart"], "cmds": ["."]}'
    ok with bb:1 true
    [ "$(wc -l < "$SEEN")" = 4 ]
    file a.json <<< '{"hook": "/bin/true", "stages": ["prestart"], "stage": ["poststop"]}'
    fails 125 with bb:1 true
    err_has "a.json' cannot be used: 'stages' and 'stage' are the same"
}

@test 'of files with one name the last folder counts, and names order hooks without regard to case' {
    hook B.json prestart "$ALWAYS" "echo B >> $SEEN"
    hook a.json prestart "$ALWAYS" "echo a >> $SEEN"
    hook c.json prestart "$ALWAYS" "echo c >> $SEEN"
    HOOKS=$BATS_TEST_TMPDIR/late
    mkdir "$HOOKS"
    hook B.json prestart "$ALWAYS" "echo late >> $SEEN"
    hook b.json prestart "$ALWAYS" "echo b >> $SEEN"
    file notes.txt <<< 'no hook'
    cd "$BATS_TEST_TMPDIR"
    ok cubby --hooks-dir hooks --hooks-dir=late run --rm --network none bb:1 true
    seen_is $'a\nlate\nb\nc'
    rm "$SEEN"
    ok cubby run --hooks-dir late --hooks-dir hooks --rm --network none bb:1 true
    seen_is $'a\nB\nb\nc'
}

@test 'a hook that fails is the reason, and nothing is left of the start' {
    hook after.json poststop "$ALWAYS" "echo \$1 >> $SEEN"
    local stage n=0
    for stage in prestart createRuntime createContainer startContainer; do
        rm -f "$SEEN"
        hook a.json "$stage" "$ALWAYS" 'echo no such driver >&2; exit 3'
        fails 125 cubby --hooks-dir "$HOOKS" run --name "c$stage" --network none bb:1 true
        err_has "'$HOOKS/a.json' asks for a hook at $stage: the hook '/bin/sh' ended with 3: no such driver"
        seen_is poststop
        fails 125 with bb:1 true
        seen_is $'poststop\npoststop'
    done
    ok cubby ps -a --format '{{.Names}} {{.State}}' --sort names
    out_is $'ccreateContainer created\nccreateRuntime created\ncprestart created\ncstartContainer created'
    # what is there is looked up at each start
    rm "$HOOKS/a.json"
    ok cubby start -a cstartContainer
}

@test 'a hook that fails later is told by an event, and the container lives on' {
    hook a-STAGE.json poststart,poststop "$ALWAYS" 'echo no such $1 >&2; exit 3'
    hook b-STAGE.json poststart,poststop "$ALWAYS" "echo \$1 >> $SEEN"
    ok cubby --hooks-dir "$HOOKS" run --name c --network none bb:1 echo here
    out_is here
    err_is ''
    seen_is $'poststart\npoststop'
    ok cubby events --stream=false --filter container=c --filter event=hook_failed --format json
    [ "$(jq -r '.Attributes | .stage + " " + .hook + ": " + .error' <<< "$output")" = \
"poststart /bin/sh: '$HOOKS/a-poststart.json' asks for a hook at poststart: the hook '/bin/sh' ended with 3: no such poststart
poststop /bin/sh: '$HOOKS/a-poststop.json' asks for a hook at poststop: the hook '/bin/sh' ended with 3: no such poststop" ]
}

@test 'a hook that takes too long is killed with all of its process group' {
    hook a.json createContainer "$ALWAYS" 'exec sleep 1000' '{"timeout": 1}'
    fails 125 with bb:1 true
    err_has 'took longer than 1 seconds'
    hook a.json startContainer "$ALWAYS" 'sleep 1000' '{"timeout": 1, "env": ["PATH=/bin"]}'
    fails 125 with bb:1 true
    err_has 'took longer than 1 seconds'
    hook a.json poststart "$ALWAYS" 'sleep 1234.567 & wait' '{"timeout": 1}'
    ok cubby --hooks-dir "$HOOKS" run -d --name c --network none bb:1 sleep 1000
    gone() { [ -z "$(pgrep -f '^sleep 1234.567')" ]; }
    wait_for 20 gone
    ok cubby ps --format '{{.Names}}'
    out_is c
}

@test 'who is killed while hooks run ends them' {
    local stage pipe begun
    mkfifo "$BATS_TEST_TMPDIR/pipe"
    exec {begun}<> "$BATS_TEST_TMPDIR/pipe"
    for stage in prestart createContainer startContainer; do
        rm -f "$HOOKS"/*
        pipe=$BATS_TEST_TMPDIR/pipe
        [ "$stage" != startContainer ] || pipe=/pipe
        hook a.json "$stage" "$ALWAYS" "echo > $pipe; exec sleep 1000"
        "$CUBBY" --root "$STORE" --hooks-dir "$HOOKS" run --name c --network none \
            -v "$BATS_TEST_TMPDIR/pipe:/pipe" bb:1 true 2> /dev/null 3>&- &
        read -r -t 20 -u "$begun"
        kill -KILL $!
        ok cubby rm -f c
    done
}

@test 'poststop comes when the program was killed, too' {
    hook STAGE.json prestart,poststop "$ALWAYS" "echo \$1 >> $SEEN"
    ok cubby --hooks-dir "$HOOKS" run -d --name c --network none bb:1 sleep 1000
    seen_is prestart
    ok cubby inspect -f '{{.State.Pid}}' c
    kill -KILL "$output"
    ok cubby wait c
    out_is 137
    # the record says before that it has ended
    wait_for 20 grep -q poststop "$SEEN"
    seen_is $'prestart\npoststop'
}

@test 'every run of a container that is started again has its hooks' {
    hook STAGE.json prestart,startContainer,poststart,poststop "$ALWAYS" "echo \$1 >> $SEEN; true"
    fails 7 cubby --hooks-dir "$HOOKS" run --name c --network none --restart on-failure:1 bb:1 sh -c 'exit 7'
    wait_for 20 grep -qz 'poststop.*poststop' "$SEEN"
    seen_is $'prestart\npoststart\npoststop\nprestart\npoststart\npoststop'
    rm "$SEEN"
    ok cubby create --name d --network none bb:1 sleep 1000
    ok cubby --hooks-dir "$HOOKS" create --name e --network none bb:1 sleep 1000
    ok cubby start d e
    ok cubby restart -t 0 e
    ok cubby stop -t 0 e
    seen_is $'prestart\npoststart\npoststop\nprestart\npoststart\npoststop'
}

@test 'the record keeps the folders, and a start may name more' {
    local more=$BATS_TEST_TMPDIR/more
    hook a.json prestart "$ALWAYS" "echo kept >> $SEEN"
    cd "$BATS_TEST_TMPDIR"
    ok cubby --hooks-dir hooks create --name c --network none bb:1 true
    mkdir "$more"
    HOOKS=$more hook b.json prestart "$ALWAYS" "echo more >> $SEEN"
    cd /
    ok cubby start -a c
    seen_is kept
    ok cubby --hooks-dir "$more" start -a c
    seen_is $'kept\nkept\nmore'
    ok cubby container clone c d
    ok cubby start -a d
    seen_is $'kept\nkept\nmore\nkept'
    rm "$SEEN"
    ok cubby --hooks-dir "$more" container clone c e
    ok cubby start -a e
    seen_is $'kept\nmore'
}

@test 'exec and health checks run no hooks' {
    hook STAGE.json prestart,createContainer,startContainer,poststart "$ALWAYS" "echo \$1 >> $SEEN; true"
    ok cubby --hooks-dir "$HOOKS" run -d --name c --network none --health-cmd true bb:1 sleep 1000
    rm "$SEEN"
    ok cubby exec c true
    ok cubby healthcheck run c
    seen_is ''
}

@test 'a startContainer hook is a program of the container, with its user, rights and network' {
    hook a.json startContainer "$ALWAYS" 'head -c 4 /proc/$$/cmdline | tr "\0" "\n"; id -u; pwd; env; grep -e CapEff -e Seccomp: /proc/self/status
        ip -o addr show dev tap0 > /dev/null && echo network; readlink /proc/1/exe || echo hidden
        exit 1' '{"env": ["ONE=1", "PATH=/bin:/sbin"]}'
    sed -i 's/"sh", "-c", "/"ash", "-c", "exec >\&2; /' "$HOOKS/a.json"
    fails 125 cubby --hooks-dir "$HOOKS" run --rm -u 1000 -w /tmp -e TWO=2 --cap-drop all bb:1 true
    err_has $'ended with 1: ash\n1000\n/tmp\n'
    err_has 'ONE=1'
    err_lacks 'TWO'
    err_matches $'CapEff:\t0+\nSeccomp:\t2'
    err_has $'network\nhidden'
    # whatever its rights are, it does not get at the program that waits to become the container's
    fails 125 with --privileged bb:1 true
    err_has hidden
    local mode
    for mode in keep-id nomap; do
        has_ranges || break
        fails 125 with --userns "$mode" bb:1 true
        err_has 'ended with 1: ash'
    done
    fails 125 with --init bb:1 true
    err_has 'ended with 1: ash'
    fails 125 with --pid host bb:1 true
    err_has 'ended with 1: ash'
    hook a.json startContainer "$ALWAYS" true '{"path": "/usr/none"}'
    fails 125 with bb:1 true
    err_has "'$HOOKS/a.json' asks for a hook at startContainer: cannot start '/usr/none' in the container"
    ok with bb:1 true || true
}

@test 'what a createContainer hook changes is in the container, and its folder is the bundle' {
    printf hidden-text | cubby secret create s -
    hook STAGE.json createRuntime,createContainer,poststart,poststop "$ALWAYS" \
        "root=\$(jq -r .root.path config.json); grep -c 'hidden-[t]ext' config.json >> $SEEN
        [ \"\$1\" != createContainer ] || echo mine > \$root/mine"
    ok with --secret s,type=env,target=S bb:1 sh -c 'echo $S; cat /mine'
    out_is $'hidden-text\nmine'
    seen_is $'0\n0\n0\n0'
    # root of the container is not let into the user's folders there
    hook c.json createContainer '{"annotations": {"where": "."}}' 'pwd >&2; exit 1'
    rm "$HOOKS/createContainer.json"
    needs ranges
    fails 125 with --annotation where=x --userns nomap bb:1 true
    err_has 'ended with 1: /'
}

@test 'a folder that is not there is told' {
    fails 125 cubby --hooks-dir "$HOOKS/none" run --rm --network none bb:1 true
    err_has "--hooks-dir: cannot read the folder '$HOOKS/none': no such file or directory"
    ok cubby --hooks-dir "$HOOKS" create --name c --network none bb:1 true
    rmdir "$HOOKS"
    fails 125 cubby start c
    err_has "cannot read the folder '$HOOKS'"
}

@test 'an empty word is no folder: files that lie about are no hooks' {
    cd "$HOOKS"
    hook a.json prestart "$ALWAYS" "echo ran >> $SEEN"
    fails 125 cubby --hooks-dir '' run --rm --network none bb:1 true
    err_has "--hooks-dir: cannot read the folder ''"
    [ -z "$(seen)" ]
}

@test 'a file that is damaged is an error that names it, for whatever container' {
    local good='"version": "1.0.0", "hook": {"path": "/bin/true"}, "stages": ["prestart"]'
    local text why
    while IFS='|' read -r text why; do
        file bad.json <<< "$text"
        fails 125 with bb:1 true
        err_has "'$HOOKS/bad.json' cannot be used: $why"
        fails 125 cubby --hooks-dir "$HOOKS" create --network none bb:1 true
    done << END
{|not valid JSON
[]|it holds no hook
{"version": "2.0.0"}|the version '2.0.0' is not known
{"version": "1.0.0", "when": {"always": true}, "stages": ["prestart"]}|there is no 'hook'
{"version": "1.0.0", "hook": {"path": "bin/true"}, "when": {"always": false}, "stages": ["prestart"]}|the hook 'bin/true' is no absolute path
{"version": "1.0.0", "hook": {"path": "/bin/true", "timeout": 0}, "when": {"always": false}, "stages": ["prestart"]}|the timeout 0 is no number
{"version": "1.0.0", "hook": {"path": "/bin/true"}, "when": {"always": false}}|there are no 'stages'
{"version": "1.0.0", "hook": {"path": "/bin/true"}, "when": {"always": false}, "stages": ["preStart"]}|there is no stage 'preStart'
{$good}|there is no 'when'
{$good, "when": {}}|there is no condition
{$good, "when": {"command": ["x"]}}|'when' has 'command', which is no condition
{$good, "when": {"commands": ["("]}}|the expression '(' is none
{$good, "when": {"commands": ["\\\\d"]}}|the expression '\d' has '\d', which POSIX does not know
{$good, "when": {"commands": ["((a{99}){99}){99}"]}}|the expression '((a{99}){99}){99}' repeats more than 2000 characters
{$good, "when": {"annotations": {"x": "((((((((((((a+)+)+)+)+)+)+)+)+)+)+)+"}}}|the expression
END
}

@test 'files that are none, too large or away are told, and links are followed' {
    head -c 2000000 /dev/zero | tr '\0' ' ' | file bad.json
    fails 125 with bb:1 true
    err_has "'$HOOKS/bad.json' cannot be used: it has more than 1048576 bytes"
    rm "$HOOKS/bad.json"
    mkfifo "$HOOKS/bad.json"
    fails 125 with bb:1 true
    err_has 'it is no file'
    rm "$HOOKS/bad.json"
    mkdir "$HOOKS/bad.json"
    fails 125 with bb:1 true
    err_has 'it is no file'
    rmdir "$HOOKS/bad.json"
    ln -s ../away.json "$HOOKS/bad.json"
    fails 125 with bb:1 true
    err_has 'cannot read it: no such file or directory'
    HOOKS=$BATS_TEST_TMPDIR hook away.json prestart "$ALWAYS" "echo \$1 >> $SEEN"
    ok with bb:1 true
    seen_is prestart
    mkdir "$BATS_TEST_TMPDIR/many"
    seq 1001 | (cd "$BATS_TEST_TMPDIR/many" && xargs -I {} touch {}.json)
    HOOKS=$BATS_TEST_TMPDIR/many fails 125 with bb:1 true
    err_has 'more than 1000 files'
    hook bad.json prestart "$ALWAYS" true '{"path": "/none"}'
    fails 125 with bb:1 true
    err_has "cannot run the hook '/none': no such file or directory"
}

@test 'the stage precreate is refused where its hook would be run' {
    hook a.json prestart '{"commands": ["false"]}' true
    sed -i 's/"stages": .*/"stages": ["precreate"]}/' "$HOOKS/a.json"
    ok with bb:1 true
    fails 125 with bb:1 false
    err_has "the stage 'precreate' is not there"
    err_has 'createContainer can change the root'
}

@test 'every RUN of a build has its hooks, and another folder makes another step' {
    mkdir "$BATS_TEST_TMPDIR/context"
    printf 'FROM bb:1\nRUN true\nRUN cat /mine > /kept\nCOPY x /x\nRUN test -e /kept\n' \
        > "$BATS_TEST_TMPDIR/context/Dockerfile"
    touch "$BATS_TEST_TMPDIR/context/x"
    hook STAGE.json prestart,poststop "$ALWAYS" "echo \$1 >> $SEEN"
    hook c.json createContainer '{"commands": ["/sh$"]}' 'echo mine > $(jq -r .root.path config.json)/mine'
    ok cubby build --hooks-dir "$HOOKS" -t built "$BATS_TEST_TMPDIR/context"
    seen_is $'prestart\npoststop\nprestart\npoststop\nprestart\npoststop'
    ok cubby run --rm --network none built cat /kept
    out_is mine
    # as any step that is there already
    ok cubby build --hooks-dir "$HOOKS" -t built "$BATS_TEST_TMPDIR/context"
    [ "$(wc -l < "$SEEN")" = 6 ]
    ok cubby --hooks-dir "$HOOKS" build --no-cache -t built "$BATS_TEST_TMPDIR/context"
    [ "$(wc -l < "$SEEN")" = 12 ]
    hook d.json poststop "$ALWAYS" 'exit 6'
    ok cubby --hooks-dir "$HOOKS" build --no-cache -t built "$BATS_TEST_TMPDIR/context"
    ok cubby events --stream=false --filter event=hook_failed --format '{{.Name}} {{.Attributes.error}}'
    out_matches $'(^|\n)build-[0-9a-f]+ .* ended with 6'
    fails 1 cubby build -t other "$BATS_TEST_TMPDIR/context"
    err_has 'mine'
    hook a.json prestart "$ALWAYS" 'exit 5'
    fails 125 cubby build --no-cache --hooks-dir "$HOOKS" -t built "$BATS_TEST_TMPDIR/context"
    err_has 'ended with 5'
    file a.json <<< '{'
    fails 125 cubby build --hooks-dir "$HOOKS" -t built "$BATS_TEST_TMPDIR/context"
    err_has "'$HOOKS/a.json' cannot be used"
}
