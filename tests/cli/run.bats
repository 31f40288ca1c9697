# SPDX-License-Identifier: LGPL-2.1-or-later
# run - make a container and start it

load ../lib/common

setup_file() { file_setup; import_busybox; }

no_containers() { [ -z "$(cubby ps -aq)" ]; }

run_bb() { cubby run --rm --network none "$@"; }

@test 'run prints what the command prints, and nothing else' {
    ok run_bb bb:1 echo hello
    out_is hello
    err_is ''
}

@test 'run keeps standard output and standard error apart' {
    ok run_bb bb:1 sh -c 'echo out; echo err >&2'
    out_is out
    err_is err
}

@test 'run ends with the status of the command' {
    fails 7 run_bb bb:1 sh -c 'exit 7'
}

@test 'a command ended by a signal gives 128 and its number' {
    fails 143 run_bb bb:1 sh -c 'sh -c "kill -TERM \$\$"; exit $?'
}

@test 'a program that is not there gives 127 and its name' {
    fails 127 run_bb bb:1 /no/such/program
    err_has /no/such/program
}

@test 'a program that cannot be executed gives 126' {
    fails 126 run_bb bb:1 /etc/passwd
    err_has /etc/passwd
}

@test 'an unknown image gives 125 and leaves nothing' {
    fails 125 cubby run --rm --pull never nothere:1 true
    err_has nothere
    ok cubby ps -aq
    out_is ''
}

@test 'an unknown flag gives 125 and names the help' {
    fails 125 cubby run --nope bb:1 true
    err_has --nope
    err_has 'cubby run --help'
}

@test 'flags behind the image belong to the command' {
    ok run_bb bb:1 echo --rm -it
    out_is '--rm -it'
}

@test '--rm removes the container' {
    ok run_bb --name gone bb:1 true
    ok cubby ps -aq
    out_is ''
}

@test 'without --rm the container stays, exited, with its status' {
    fails 3 cubby run --network none --name stays bb:1 sh -c 'exit 3'
    ok cubby inspect stays --format '{{.State.Status}} {{.State.ExitCode}} {{.State.Pid}}'
    out_is 'exited 3 0'
}

@test '-d prints the id and leaves it running' {
    ok cubby run -d --network none --name d bb:1 sleep 100
    out_matches '^[0-9a-f]{64}$'
    id=$output
    ok cubby inspect d --format '{{.Id}} {{.State.Running}}'
    out_is "$id true"
}

@test '-d keeps no descriptor of the caller: a pipe ends at once' {
    out=$(cubby run -d --network none bb:1 sleep 100)
    [[ $out =~ ^[0-9a-f]{64}$ ]]
}

@test 'the environment comes from nothing' {
    CUBBY_ENV=(SECRET=1)
    ok run_bb -e A=b -e SECRET2= bb:1 env
    out_has 'A=b'
    out_has 'PATH='
    out_has 'HOME=/root'
    out_has 'SECRET2='
    out_lacks 'SECRET='
    out_lacks 'TERM='
}

@test '-e NAME takes the value of the caller' {
    CUBBY_ENV=(MINE=yes)
    ok run_bb -e MINE -e NOTSET bb:1 env
    out_has 'MINE=yes'
    out_lacks NOTSET
}

@test '--env-file has comments and removes no quotes' {
    printf '# no\nA="q"\n\nB=1 2\n' > "$BATS_TEST_TMPDIR/env"
    ok run_bb --env-file "$BATS_TEST_TMPDIR/env" bb:1 env
    out_has 'A="q"'
    out_has 'B=1 2'
    fails 125 run_bb --env-file "$BATS_TEST_TMPDIR/nope" bb:1 env
    err_has nope
}

@test '--entrypoint replaces program and arguments' {
    ok run_bb --entrypoint echo bb:1 a b
    out_is 'a b'
    ok run_bb --entrypoint '["echo","x"]' bb:1 y
    out_is 'x y'
}

@test '-w chooses the working directory and makes it' {
    ok run_bb -w /made/here bb:1 pwd
    out_is /made/here
    fails 125 run_bb -w rel bb:1 pwd
    err_has rel
}

@test '-u takes names, numbers and groups' {
    ok run_bb -u 1000:1001 bb:1 sh -c 'id -u; id -g'
    out_is $'1000\n1001'
    ok run_bb -u nobody bb:1 id -u
    out_is 65534
    for bad in nosuch 1x -- ':1' '+1' '-1' 4294967296 '1:'; do
        try cubby run --rm --network none "--user=$bad" bb:1 true
        [ "$status" -ne 0 ] || say_run "accepted: $bad"
    done
}

@test 'the host name is the short id, or as asked' {
    ok cubby run -d --network none --name h bb:1 sleep 100
    ok cubby inspect h --format '{{.Config.Hostname}}'
    [ "${#output}" = 12 ]
    ok run_bb -h web bb:1 hostname
    out_is web
}

@test '-i carries standard input byte for byte and its end' {
    head -c 300000 /dev/urandom > "$BATS_TEST_TMPDIR/in"
    run_bb -i bb:1 cat < "$BATS_TEST_TMPDIR/in" > "$BATS_TEST_TMPDIR/out"
    cmp "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/out"
}

@test 'run whose output nobody reads ends' {
    run bash -c "'$CUBBY' --root '$STORE' run --rm --network none bb:1 yes | head -n 1"
    [ "$output" = y ]
    wait_for 5 no_containers
    # one that says little hears of it by its next word
    run bash -c "'$CUBBY' --root '$STORE' run --rm --network none bb:1 \
        sh -c 'while echo word; do sleep 0.05; done' | head -n 1"
    [ "$output" = word ]
    wait_for 5 no_containers
}

@test 'without -i standard input is empty' {
    out=$(echo something | run_bb bb:1 cat)
    [ -z "$out" ]
}

@test 'a name in use names its holder and --replace' {
    ok cubby run -d --network none --name n bb:1 sleep 100
    id=$output
    fails 125 cubby run --rm --network none --name n bb:1 true
    err_has "${id:0:12}"
    err_has --replace
    ok cubby run -d --network none --name n --replace bb:1 sleep 100
    [ "$output" != "$id" ]
}

@test 'a bad name is refused with the rule' {
    fails 125 cubby run --rm --name 'a b' bb:1 true
    err_has 'a b'
}

@test 'an ambiguous or unknown container says so' {
    fails 125 cubby inspect nothere
    err_has nothere
}

@test 'a failed start with -d prints no id and leaves a created container' {
    fails 127 cubby run -d --network none --name bad bb:1 /no/such
    out_is ''
    ok cubby inspect bad --format '{{.State.Status}}'
    out_is created
}

@test 'the writable layer survives stop and start, and is its own' {
    ok cubby run --network none --name w1 bb:1 sh -c 'echo x >> /kept; wc -l < /kept'
    out_is 1
    ok cubby start -a w1
    out_is 2
    fails 1 run_bb bb:1 test -e /kept
}

@test '--read-only makes the root read-only, and keeps /tmp writable' {
    ok run_bb --read-only bb:1 sh -c 'touch /x 2>/dev/null || touch /tmp/x && echo ro'
    out_is ro
}

@test '-v mounts a folder, a file, and read-only' {
    mkdir -p "$BATS_TEST_TMPDIR/d"
    echo data > "$BATS_TEST_TMPDIR/d/f"
    ok run_bb -v "$BATS_TEST_TMPDIR/d:/src:ro" bb:1 sh -c 'cat /src/f; touch /src/g 2>/dev/null || echo ro'
    out_is $'data\nro'
    ok run_bb -v "$BATS_TEST_TMPDIR/d/f:/etc/one" bb:1 cat /etc/one
    out_is data
}

@test 'a missing source of -v is an error, and docker makes it' {
    fails 125 run_bb -v "$BATS_TEST_TMPDIR/nope:/x" bb:1 true
    err_has nope
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY="$BATS_TEST_TMPDIR/docker" ok run_bb -v "$BATS_TEST_TMPDIR/nope:/x" bb:1 true
    [ -d "$BATS_TEST_TMPDIR/nope" ]
}

@test '--cidfile is written, and must not be there' {
    ok cubby run -d --network none --cidfile "$BATS_TEST_TMPDIR/cid" bb:1 sleep 100
    [ "$(cat "$BATS_TEST_TMPDIR/cid")" = "$output" ]
    fails 125 cubby run -d --network none --cidfile "$BATS_TEST_TMPDIR/cid" bb:1 sleep 100
    err_has cid
}

@test '--init reaps and forwards signals' {
    ok run_bb --init bb:1 sh -c 'cat /proc/1/comm; echo $$'
    [ "${lines[0]}" = cubby-init ]
    [ "${lines[1]}" != 1 ]
    # an orphan is waited for by nobody else
    ok run_bb --init bb:1 sh -c '(true & exec true); n=0
        while ps | grep -q "Z.*true" && [ $n -lt 100 ]; do n=$((n + 1)); sleep 0.05; done; ps'
    out_lacks ' Z '
    ok cubby run -d --init --network none --name i bb:1 sh -c 'trap "exit 9" USR1; echo up; while :; do sleep 0.1; done'
    wait_for 5 eval '[ -n "$(cubby logs i)" ]'
    ok cubby kill -s USR1 i
    ok cubby wait i
    out_is 9
    fails 5 run_bb --init bb:1 sh -c 'exit 5'
}

@test '-t gives a terminal with its size' {
    ok on_tty -- run --rm --network none -it bb:1 sh -c 'test -t 0 && test -t 1 && echo tty'
    out_has tty
}

@test 'standard descriptors of the container can be opened again' {
    ok run_bb -u 1000 bb:1 sh -c 'echo o > /dev/stdout; echo e > /dev/stderr'
    out_is o
    err_is e
}

@test 'no descriptor but the three is open inside' {
    ok run_bb bb:1 sh -c 'ls /proc/self/fd | wc -l'
    out_is 4
}

@test '--pidfile and .State.Pid are numbers of the host' {
    ok cubby run -d --network none --name p --pidfile "$BATS_TEST_TMPDIR/pid" bb:1 sleep 100
    ok cubby inspect p --format '{{.State.Pid}}'
    out_is "$(cat "$BATS_TEST_TMPDIR/pid")"
    grep -q sleep "/proc/$output/cmdline"
}

@test 'what is not there is refused with the reason' {
    fails 125 cubby run --rm -m 1g bb:1 true
    err_has limits
    fails 125 cubby run --rm --restart always bb:1 true
    err_has always
}

@test 'a seccomp profile is obeyed, and one with a flag we do not have is refused' {
    echo '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO"}]}' \
        > "$BATS_TEST_TMPDIR/p.json"
    fails 1 run_bb --security-opt "seccomp=$BATS_TEST_TMPDIR/p.json" bb:1 mkdir /x
    echo '{"defaultAction":"SCMP_ACT_ALLOW","flags":["SECCOMP_FILTER_FLAG_LOG"]}' > "$BATS_TEST_TMPDIR/p.json"
    fails 125 run_bb --security-opt "seccomp=$BATS_TEST_TMPDIR/p.json" bb:1 true
    err_has SECCOMP_FILTER_FLAG_LOG
    ok cubby ps -aq
    out_is ''
}

@test 'a working folder that was deleted is no trouble' {
    mkdir "$BATS_TEST_TMPDIR/gone"
    cd "$BATS_TEST_TMPDIR/gone"
    rmdir "$BATS_TEST_TMPDIR/gone"
    ok run_bb bb:1 echo fine
    out_is fine
}
