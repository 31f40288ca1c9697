# SPDX-License-Identifier: LGPL-2.1-or-later
# run - make a container and start it

load ../lib/common

setup_file() { file_setup; import_busybox; }

# import_ep: an image with an entrypoint and a command
import_ep() {
    cubby import -c 'ENTRYPOINT ["echo", "entry"]' -c 'CMD ["default"]' "$(busybox_tar)" ep:1 > /dev/null 2>&1 3>&-
}

# flag_first WORD: a flag stands before the image, a program behind it
flag_first() {
    case $1 in
    -*) echo "$1 bb:1 true" ;;
    *) echo "bb:1 $1" ;;
    esac
}

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

@test 'the environment tells of the container, and HOME is that of its user' {
    ok run_bb bb:1 sh -c 'echo "$HOSTNAME $(hostname)"; cat /etc/hostname; echo $container; ls /run/.containerenv /.dockerenv'
    [ "${#lines[1]}" = 12 ]
    out_is "${lines[1]} ${lines[1]}"$'\n'"${lines[1]}"$'\ncubby\n/.dockerenv\n/run/.containerenv'
    ok run_bb -u user bb:1 sh -c 'echo $HOME'
    out_is "$(tar -xOf "$(busybox_tar)" ./etc/passwd | sed -n 's/^user:.*:\([^:]*\):[^:]*$/\1/p')"
    ok run_bb -u 4321 bb:1 sh -c 'echo $HOME'
    out_is /
    ok on_tty expect TERM=xterm stopped -- run --rm -t --network none bb:1 env
}

@test '-e NAME takes the value of the caller' {
    CUBBY_ENV=(MINE=yes)
    ok run_bb -e MINE -e NOTSET bb:1 env
    out_has 'MINE=yes'
    out_lacks NOTSET
}

@test 'the caller'\''s proxies come in, unless called as docker' {
    CUBBY_ENV=(http_proxy=http://proxy:1)
    ok run_bb bb:1 sh -c 'echo $http_proxy'
    out_is http://proxy:1
    ok run_bb --http-proxy=false bb:1 sh -c 'echo $http_proxy'
    out_is ''
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY="$BATS_TEST_TMPDIR/docker" ok run_bb bb:1 sh -c 'echo $http_proxy'
    out_is ''
}

@test '--env-file has comments and removes no quotes' {
    printf '# no\nA="q"\n\nB=1 2\n' > "$BATS_TEST_TMPDIR/env"
    ok run_bb --env-file "$BATS_TEST_TMPDIR/env" bb:1 env
    out_has 'A="q"'
    out_has 'B=1 2'
    fails 125 run_bb --env-file "$BATS_TEST_TMPDIR/nope" bb:1 env
    err_has nope
    printf 'A=b\0c\n' > "$BATS_TEST_TMPDIR/zero"
    fails 125 run_bb --env-file "$BATS_TEST_TMPDIR/zero" bb:1 env
    err_has "'$BATS_TEST_TMPDIR/zero' has a zero byte: it is no text"
}

@test '--entrypoint replaces program and arguments' {
    ok run_bb --entrypoint echo bb:1 a b
    out_is 'a b'
    ok run_bb --entrypoint '["echo","x"]' bb:1 y
    out_is 'x y'
}

@test 'arguments replace CMD, --entrypoint drops it, and an empty one leaves the arguments alone' {
    import_ep
    ok run_bb ep:1
    out_is 'entry default'
    ok run_bb ep:1 a b
    out_is 'entry a b'
    ok run_bb --entrypoint /bin/echo ep:1
    out_is ''
    ok run_bb --entrypoint '' ep:1 echo alone
    out_is alone
    fails 125 run_bb --entrypoint '' ep:1
    err_has 'no command to run: --entrypoint drops'
    cubby import "$(busybox_tar)" none:1 > /dev/null 2>&1
    fails 125 run_bb none:1
    err_has "'none:1' has neither entrypoint nor command"
    ok cubby ps -aq
    out_is ''
}

@test 'the signal that stops is the image'\''s in any spelling, or the one of --stop-signal' {
    local signal
    for signal in QUIT SIGQUIT 3; do
        cubby import -c "STOPSIGNAL $signal" -c 'CMD ["true"]' "$(busybox_tar)" stop:1 > /dev/null 2>&1
        ok cubby create --name s --network none stop:1
        ok cubby inspect s --format '{{.Config.StopSignal}}'
        out_is SIGQUIT
        ok cubby rm s
    done
    for signal in RTMIN+3 SIGRTMIN+3 37; do
        ok cubby create --name s --network none --stop-signal "$signal" bb:1 true
        ok cubby inspect s --format '{{.Config.StopSignal}}'
        out_is SIGRTMIN+3
        ok cubby rm s
    done
    fails 125 cubby create --network none --stop-signal NOPE bb:1 true
    err_has NOPE
}

@test 'a working folder of the image that is not there is made' {
    cubby import -c 'WORKDIR /not/there' "$(busybox_tar)" wd:1 > /dev/null 2>&1
    ok run_bb wd:1 sh -c 'pwd; touch here'
    out_is /not/there
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

@test 'an unknown user is an error, and nothing is started' {
    fails 125 cubby run -d --name u --network none -u nosuch bb:1 touch /ran
    err_has nosuch
    out_is ''
    ok cubby inspect u --format '{{.State.Status}} {{.State.Pid}}'
    out_is 'created 0'
}

@test '-i carries standard input byte for byte and its end' {
    head -c 300000 /dev/urandom > "$BATS_TEST_TMPDIR/in"
    run_bb -i bb:1 cat < "$BATS_TEST_TMPDIR/in" > "$BATS_TEST_TMPDIR/out"
    cmp "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/out"
}

@test 'output that cannot be written is told, and the status says so' {
    [ -w /dev/full ] || skip 'there is no /dev/full'
    # full STATUS COMMAND...: with a full disk behind stdout
    full() {
        local want=$1 got=0
        shift
        cubby "$@" > /dev/full 2> "$BATS_TEST_TMPDIR/said" || got=$?
        [ "$got" = "$want" ] || { echo "status $got: $*"; cat "$BATS_TEST_TMPDIR/said"; false; }
        [ "$want" = 3 ] || grep 'cannot write the output' "$BATS_TEST_TMPDIR/said"
    }
    full 125 run --name f --network none bb:1 sh -c 'echo hello; echo there'
    ok cubby logs f
    out_is $'hello\nthere'
    full 3 run --rm --network none bb:1 sh -c 'echo hello; exit 3'
    full 125 start -a f
    full 1 logs f
    full 1 wait f
    full 1 ps
    ok cubby run -d --name g --network none bb:1 sleep 1000
    full 125 exec g echo hello
    full 3 exec g sh -c 'echo hello; exit 3'
    full 125 exec g cat /bin/busybox
    ok cubby exec g true
    ok cubby rm -f f g
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
    local i
    fails 125 cubby inspect nothere
    err_has nothere
    # of 17 ids two begin alike
    for i in {1..17}; do cubby create --network none bb:1 true; done > "$BATS_TEST_TMPDIR/ids"
    fails 125 cubby start "$(cut -c1 "$BATS_TEST_TMPDIR/ids" | sort | uniq -d | head -n 1)"
    err_has 'several containers'
}

@test 'a failed start with -d prints no id and leaves a created container, with --rm none' {
    local row want program
    # shellcheck disable=SC2046  # a word each
    for row in '127 /no/such' '126 /etc/passwd' '125 -w/proc/self/fd/9'; do
        read -r want program <<< "$row"
        fails "$want" cubby run -d --network none --name bad $(flag_first "$program")
        out_is ''
        [ -n "$stderr" ]
        ok cubby inspect bad --format '{{.State.Status}}'
        out_is created
        ok cubby rm bad
        fails "$want" cubby run -d --rm --network none $(flag_first "$program")
        out_is ''
        ok cubby ps -aq
        out_is ''
    done
}

@test 'the writable layer survives stop and start, and is its own' {
    ok cubby run --network none --name w1 bb:1 sh -c 'echo x >> /kept; wc -l < /kept'
    out_is 1
    ok cubby start -a w1
    out_is 2
    fails 1 run_bb bb:1 test -e /kept
}

@test '--read-only makes the root read-only, and keeps /tmp writable' {
    ok run_bb --read-only bb:1 sh -c 'touch /x 2>/dev/null || touch /tmp/x /run/x /var/tmp/x && echo ro'
    out_is ro
    fails 1 run_bb --read-only --read-only-tmpfs=false bb:1 touch /tmp/x
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY="$BATS_TEST_TMPDIR/docker" fails 1 run_bb --read-only bb:1 touch /tmp/x
}

@test '-v follows a target that is a link of the image, inside the image' {
    local w=$BATS_TEST_TMPDIR
    echo data > "$w/f"
    ok cubby run --name made --network none bb:1 sh -c 'mkdir -p /usr/zone && echo utc > /usr/zone/utc &&
        ln -s /usr/zone/utc /etc/localtime && ln -s /outside /etc/far'
    cubby unshare tar -C "$STORE/containers/$(cubby inspect --format '{{.Id}}' made)/upper" -cf - usr etc > "$w/links.tar"
    cp "$(busybox_tar)" "$w/both.tar"
    tar -Af "$w/both.tar" "$w/links.tar"
    cubby import "$w/both.tar" links:1 > /dev/null 2>&1
    ok run_bb -v "$w/f:/etc/localtime:ro" links:1 sh -c 'cat /etc/localtime /usr/zone/utc; test -L /etc/localtime'
    out_is $'data\ndata'
    ok run_bb --read-only -v "$w/f:/etc/far" links:1 cat /outside
    out_is data
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
    ok on_tty -- run --rm -it -u 1000 --network none bb:1 \
        sh -c 'echo out > /dev/stdout; echo tty > /dev/tty; stat -c "%u %a" "$(tty)"'
    out_has out
    out_has tty
    out_has '1000 620'
}

@test '-t without a terminal on standard input is a warning, and docker'\''s error' {
    ok run_bb -it bb:1 echo fine < /dev/null
    out_has fine
    err_has 'no terminal'
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY="$BATS_TEST_TMPDIR/docker" fails 1 run_bb -it bb:1 echo fine < /dev/null
    err_has 'the input device is not a TTY'
}

@test 'signals are passed on, unless --sig-proxy=false; a killed client leaves its container' {
    local script='trap "echo got; exit 9" TERM; echo up; while :; do sleep 0.05; done'
    signalled() {
        rm -f "$BATS_TEST_TMPDIR/out" # what the one before said
        "$CUBBY" --root "$STORE" run --name s --network none "${@:2}" bb:1 sh -c "$script" > "$BATS_TEST_TMPDIR/out" 3>&- &
        wait_for 5 grep -q up "$BATS_TEST_TMPDIR/out"
        kill "-$1" $!
        status=0
        wait $! || status=$?
    }
    signalled TERM
    [ "$status" = 9 ]
    grep -q got "$BATS_TEST_TMPDIR/out"
    ok cubby rm s
    signalled TERM --sig-proxy=false
    [ "$status" = 143 ]
    ok cubby inspect s --format '{{.State.Running}}'
    out_is true
    ok cubby rm -f -t 0 s
    signalled KILL
    [ "$status" = 137 ]
    ok cubby inspect s --format '{{.State.Running}}'
    out_is true
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
    fails 125 cubby run --rm --cpu-rt-runtime 1000 bb:1 true
    err_has real-time
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
