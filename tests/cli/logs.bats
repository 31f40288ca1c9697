# SPDX-License-Identifier: LGPL-2.1-or-later
# logs - show what a container said

load ../lib/common

setup_file() { file_setup; import_busybox; }

# web SCRIPT: a container of that name in the background
web() { cubby run -d --name web --network none bb:1 sh -c "$1"; }

@test 'logs keep stdout and stderr apart and add no newline' {
    ok cubby run --name web --network none bb:1 sh -c 'printf "a\nb"; printf oops >&2'
    ok cubby logs web
    out_is 'a
b'
    err_is oops
    [ "$(cubby logs web 2> /dev/null | wc -c)" = 3 ]
}

@test 'logs span restarts' {
    ok cubby run --name web --network none bb:1 echo once
    ok cubby start -a web
    ok cubby logs web
    out_is 'once
once'
}

@test 'long lines come back whole' {
    ok cubby run --name web --network none bb:1 sh -c 'head -c 100000 /dev/zero | tr "\0" x; echo'
    [ "$(cubby logs web | wc -l)" = 1 ]
    [ "$(cubby logs web | wc -c)" = 100001 ]
}

@test '--tail shows the last lines, also across rotated files' {
    ok cubby run --name web --network none --log-opt max-size=2k --log-opt max-file=3 bb:1 seq 1 200
    ok cubby logs --tail 3 web
    out_is '198
199
200'
    ok cubby logs -n 0 web
    out_is ''
    [ "$(cubby logs web | wc -l)" -lt 200 ]
    [ "$(cubby logs web | tail -n 1)" = 200 ]
}

@test 'a log is capped without being asked, and grows without end when asked' {
    ok cubby run --name web --network none --log-opt max-file=2 bb:1 \
        sh -c 'head -c 45000000 /dev/zero | tr "\0" x' > /dev/null
    ok cubby inspect -f '{{.LogPath}}' web
    [ "$(cat "$output" "$output".1 | wc -c)" -lt 42000000 ]
    [ -e "$output.1" ]
    [ ! -e "$output.2" ]
    ok cubby inspect -f '{{.HostConfig.LogConfig.Type}} {{index .HostConfig.LogConfig.Config "max-file"}}' web
    out_is 'json-file 2'
    fails 125 cubby create --network none --log-opt max-size=-1 --log-opt max-file=2 bb:1 true
    err_has max-size
}

@test '-f sees every line of a fast writer although little is kept' {
    ok cubby run -d --name web --network none --log-opt max-size=20k --log-opt max-file=2 bb:1 \
        sh -c 'echo 0; until [ -e /go ]; do sleep 0.05; done; seq 1 40000'
    cubby logs -f web > "$BATS_TEST_TMPDIR/lines" 3>&- &
    local reader=$!
    wait_for 10 test -s "$BATS_TEST_TMPDIR/lines"
    ok cubby exec web touch /go
    wait "$reader"
    seq 0 40000 | cmp - "$BATS_TEST_TMPDIR/lines"
}

@test 'logs of several containers begin each line with the id, with --names with the name' {
    for n in a b; do ok cubby run --name $n --network none bb:1 echo from $n; done
    ok cubby logs a b
    out_matches '^[0-9a-f]{12} from a
[0-9a-f]{12} from b$'
    ok cubby logs --names a b
    out_is 'a from a
b from b'
    ok cubby logs -n a b
    out_is 'a from a
b from b'
    ok cubby logs --names --color a
    out_is 'a from a'
    ok cubby logs -l
    out_is 'from b'
    fails 125 cubby logs
    fails 125 cubby logs --tail few a
    err_has 'no number of lines'
    fails 125 cubby logs a nobody
    err_has nobody
}

@test '-f of several containers ends with the last of them' {
    for n in a b; do
        ok cubby run -d --name $n --network none bb:1 sh -c "echo 1; until [ -e /go ]; do sleep 0.05; done; echo 2"
    done
    cubby logs -f --names a b > "$BATS_TEST_TMPDIR/lines" 3>&- &
    local reader=$!
    wait_for 10 grep -q '^b 1' "$BATS_TEST_TMPDIR/lines"
    ok cubby exec a touch /go
    ok cubby wait a
    wait_for 10 grep -q '^a 2' "$BATS_TEST_TMPDIR/lines"
    kill -0 "$reader"
    ok cubby exec b touch /go
    wait "$reader"
    [ "$(sort "$BATS_TEST_TMPDIR/lines" | tr '\n' ' ')" = 'a 1 a 2 b 1 b 2 ' ]
}

@test '--color colours names on a terminal, and never with NO_COLOR' {
    for n in a b; do ok cubby run --name $n --network none bb:1 echo from $n; done
    ok on_tty -- logs --names --color a b
    out_has $'\e[36ma\e[0m from a'
    out_has $'\e[33mb\e[0m from b'
    CUBBY_ENV=(NO_COLOR=1)
    ok on_tty -- logs --names --color a b
    out_lacks $'\e['
}

@test '--details shows tag, labels and variables, which the json records have too' {
    ok cubby run --name web --network none -l colour=red -e NAME=x --log-opt tag='{{.Name}}' \
        --log-opt labels=colour --log-opt env=NAME,OTHER bb:1 echo hello
    ok cubby logs --details web
    out_is 'NAME=x,colour=red,tag=web hello'
    ok cubby logs web
    out_is hello
    ok grep -c '"attrs":{"NAME":"x","colour":"red","tag":"web"}' "$(cubby inspect -f '{{.LogPath}}' web)"
    fails 125 cubby create --network none --log-opt tag='{{.Nothing}}' bb:1 true
    err_has '{{.FullID}}'
    fails 125 cubby create --network none --log-driver k8s-file --log-opt tag=x bb:1 true
    err_has "has no option 'tag'"
}

@test 'a log may be written to a file of one'\''s own' {
    cd "$BATS_TEST_TMPDIR"
    ok cubby run --name web --network none --log-driver k8s-file --log-opt path=own.log bb:1 echo hello
    grep -q ' stdout F hello' own.log
    ok cubby logs web
    out_is hello
    ok cubby inspect -f '{{.LogPath}}' web
    out_is "$BATS_TEST_TMPDIR/own.log"
    ok cubby rm web
    [ -e own.log ]
    fails 125 cubby run --rm --network none --log-opt path=/missing/folder/log bb:1 true
    err_has /missing/folder/log
}

@test '-t shows a time before each line' {
    ok cubby run --name web --network none bb:1 echo x
    ok cubby logs -t web
    out_matches '^20[0-9-]+T[0-9:.]+Z x$'
}

@test '--since and --until choose by time' {
    ok cubby run --name web --network none bb:1 echo x
    ok cubby logs --since 1h web
    out_is x
    ok cubby logs --until 1h web
    out_is ''
    fails 125 cubby logs --since yesterday web
    err_has yesterday
}

@test '-f shows what comes and ends with the container' {
    ok web 'for i in 1 2 3; do echo $i; sleep 0.1; done'
    ok cubby logs -f web
    out_is '1
2
3'
}

@test '-f ends with a --rm container and has its last line' {
    local follower out=$BATS_TEST_TMPDIR/followed
    ok cubby run -d --rm --name web --network none bb:1 \
        sh -c 'echo first; until [ -e /go ]; do sleep 0.05; done; echo last'
    cubby logs -f web > "$out" 3>&- &
    follower=$!
    wait_for 10 grep -q first "$out"
    ok cubby exec web touch /go
    wait "$follower"
    [ "$(cat "$out")" = $'first\nlast' ]
}

@test 'both formats can be chosen' {
    local driver
    for driver in json-file k8s-file; do
        ok cubby run --name web-$driver --network none --log-driver $driver bb:1 echo hello
        ok cubby logs web-$driver
        out_is hello
    done
}

@test 'a driver that keeps nothing says so' {
    ok cubby run --name web --network none --log-driver none bb:1 echo hello
    out_is hello
    fails 125 cubby logs web
    err_has none
}

@test 'a driver that is not there is refused, naming the substitute' {
    local driver
    for driver in syslog fluentd gelf local awslogs; do
        fails 125 cubby run --network none --log-driver $driver bb:1 true
        err_has $driver
        err_has json-file
    done
    ok cubby ps -aq
    out_is ''
}

@test 'passthrough hands the descriptors over' {
    ok cubby run --rm --network none --log-driver passthrough bb:1 sh -c 'echo out; echo err >&2'
    out_is out
    err_is err
}

@test 'Ctrl-C ends -f, and says nothing' {
    ok cubby run -d --name web --network none bb:1 sh -c 'while echo tick; do sleep 0.1; done'
    fails 130 on_tty expect tick send '\x03' stopped -- logs -f web
    out_lacks Error
    ok cubby inspect web --format '{{.State.Running}}'
    out_is true
}
