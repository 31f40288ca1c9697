#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Containers that are started again when they end.

load ../lib/common

setup_file() { file_setup; import_busybox; }

# status NAME / count NAME: what the record says
status_of() { cubby ps -a --filter "name=^$1\$" --format '{{.State}}'; }
count_of() { cubby inspect -f '{{.RestartCount}}' "$1"; }
is_status() { [ "$(status_of "$1")" = "$2" ]; }
again_more_than() { [ "$(count_of "$1")" -gt "$2" ]; }

# crash NAME [OPTIONS]: one that fails at once, again and again
crash() {
    local name=$1
    shift
    ok cubby run -d --network none --name "$name" --restart always "$@" bb:1 sh -c 'echo alive; exit 3'
}

# resting NAME: it waits for its next start, and long enough for a test to look
resting() { again_more_than "$1" 2 && is_status "$1" restarting; }

# kill_program NAME: its first process ends, and nobody asked for it
kill_program() { cubby unshare kill -9 "$(cubby inspect -f '{{.State.Pid}}' "$1")"; }

@test 'a container that ends is started again until the user stops it' {
    crash web
    wait_for 10 again_more_than web 1
    ok cubby logs web
    [ "$(grep -c alive <<< "$output")" -ge 2 ]
    ok cubby stop web
    is_status web exited
    ok cubby inspect -f '{{.State.ExitCode}} {{.HostConfig.RestartPolicy.Name}}' web
    out_is '3 always'
}

@test 'while it waits for its next start ps says so, and only what needs a process is refused' {
    crash web
    wait_for 20 resting web
    ok cubby ps --filter name=web --format '{{.Status}}'
    out_matches '^Restarting \(3\) .* ago$'
    ok cubby inspect -f '{{.State.Restarting}} {{.State.Running}} {{.State.Pid}}' web
    out_is 'true false 0'
    ok cubby start web
    fails 255 cubby exec web true
    fails 125 cubby attach web
    fails 125 cubby pause web
    fails 2 cubby rm web
    ok cubby rename web site
    ok cubby logs site
    ok cubby rm -f site
    ok cubby ps -aq
    out_is ''
}

@test 'on-failure starts again at most as often as is said, and not after success' {
    ok cubby run -d --network none --name bad --restart on-failure:2 bb:1 sh -c 'exit 4'
    wait_for 10 is_status bad exited
    ok cubby inspect -f '{{.RestartCount}} {{.State.ExitCode}} {{.HostConfig.RestartPolicy.MaximumRetryCount}}' bad
    out_is '2 4 2'
    ok cubby run --network none --name good --restart on-failure bb:1 true
    wait_for 5 is_status good exited
    [ "$(count_of good)" = 0 ]
}

@test 'run stays with the first run, and ends with its status' {
    fails 5 cubby run --network none --name once --restart always bb:1 sh -c 'echo out; echo err >&2; exit 5'
    out_is out
    err_is err
    wait_for 10 again_more_than once 0
}

@test 'wait ends with the run that it waited for' {
    crash w
    ok cubby wait w
    out_is 3
    ok cubby wait w
    out_is 3
}

@test 'a program that ends by itself runs again, and is killed for good by kill' {
    ok cubby run -d --network none --name k --restart unless-stopped bb:1 sleep 1000
    kill_program k
    wait_for 10 again_more_than k 0
    wait_for 10 is_status k running
    ok cubby kill k
    is_status k exited
    ok cubby inspect -f '{{.State.ExitCode}}' k
    out_is 137
}

@test 'kill ends one that waits for its next start' {
    crash k
    wait_for 20 is_status k restarting
    ok cubby kill -s TERM k
    wait_for 5 is_status k exited
}

@test 'the count begins anew when the user starts it' {
    crash web
    wait_for 20 again_more_than web 4
    ok cubby stop web
    local before
    before=$(count_of web)
    ok cubby start web
    ok cubby stop web
    [ "$(count_of web)" -lt "$before" ]
    ok cubby restart web
    ok cubby rm -f web
}

@test 'ports stay what they were' {
    local before
    ok cubby run -d --name p -P --expose 80 --restart always bb:1 sleep 1000
    before=$(cubby port p)
    [ -n "$before" ]
    kill_program p
    wait_for 10 again_more_than p 0
    wait_for 10 is_status p running
    [ "$(cubby port p)" = "$before" ]
}

@test 'logs -f goes on with the next run, and ends with the last' {
    crash f
    (cubby logs -f f > "$BATS_TEST_TMPDIR/followed" 3>&-) &
    wait_for 10 again_more_than f 2
    ok cubby stop f
    wait
    [ "$(grep -c alive "$BATS_TEST_TMPDIR/followed")" -ge 3 ]
}

@test 'what is written stays from run to run' {
    ok cubby run -d --network none --name c --restart always bb:1 sh -c 'echo x >> /count; [ "$(wc -l < /count)" -lt 4 ] || exec sleep 1000; exit 1'
    wait_for 20 again_more_than c 2
    wait_for 5 is_status c running
    ok cubby exec c cat /count
    out_is $'x\nx\nx\nx'
}

@test 'it joins the network of another as that runs now' {
    ok cubby run -d --name server --restart always bb:1 sleep 1000
    ok cubby run -d --name guest --network container:server --restart always bb:1 sleep 1000
    kill_program server
    wait_for 10 again_more_than server 0
    wait_for 10 is_status server running
    kill_program guest
    wait_for 10 again_more_than guest 0
    wait_for 10 is_status guest running
    [ "$(cubby exec server readlink /proc/self/ns/net)" = "$(cubby exec guest readlink /proc/self/ns/net)" ]
}

@test 'a run that cannot begin is tried again' {
    ok cubby run -d --network none --name m --restart always bb:1 sh -c 'rm /bin/sh; exit 1'
    wait_for 10 again_more_than m 1
    ok cubby inspect -f '{{.State.Error}}' m
    out_has "'sh'"
    ok cubby stop m
    ok cubby inspect -f '{{.State.ExitCode}}' m
    out_is 127
}

@test 'a monitor that is told to end ends its container, not the wish to run' {
    crash s
    wait_for 20 is_status s restarting
    kill -TERM "$(cubby inspect -f '{{.State.ConmonPid}}' s)"
    wait_for 5 is_status s exited
    crash l
    kill -KILL "$(cubby inspect -f '{{.State.ConmonPid}}' l)"
    wait_for 5 is_status l exited
    ok cubby inspect -f '{{.State.Error}}' l
    out_has monitor
}

@test 'many that crash at once disturb nobody' {
    for i in $(seq 20); do
        crash "c$i"
    done
    for i in $(seq 20); do
        ok cubby ps -a --filter restart-policy=always --format '{{.Names}}'
        [ "${#lines[@]}" = 20 ]
    done
    ok cubby run --rm --network none bb:1 echo fine
    out_is fine
    # shellcheck disable=SC2046  # one word each
    ok cubby rm -f $(cubby ps -aq)
    ok cubby ps -aq
    out_is ''
}

@test 'files can be copied while it waits for its next start' {
    crash c
    wait_for 20 resting c
    echo word > "$BATS_TEST_TMPDIR/f"
    ok cubby cp "$BATS_TEST_TMPDIR/f" c:/f
    ok cubby cp c:/f "$BATS_TEST_TMPDIR/g"
    [ "$(cat "$BATS_TEST_TMPDIR/g")" = word ]
    before=$(count_of c)
    wait_for 20 again_more_than c "$before"
}

@test '--timeout ends each run, and a filter finds what has a policy' {
    ok cubby run -d --network none --name t --timeout 1 --restart on-failure:1 bb:1 sleep 1000
    wait_for 20 is_status t exited
    ok cubby inspect -f '{{.RestartCount}} {{.State.ExitCode}}' t
    out_is '1 137'
    ok cubby start --all --filter restart-policy=on-failure
    is_status t running
}

@test 'a policy that makes no sense is refused' {
    fails 125 cubby run -d --restart sometimes bb:1 true
    err_has on-failure
    fails 125 cubby run -d --restart always:3 bb:1 true
    fails 125 cubby run -d --restart on-failure:x bb:1 true
    fails 125 cubby run -d --restart on-failure:-1 bb:1 true
    fails 125 cubby run --rm --restart always bb:1 true
    err_has -- '--rm'
    ok cubby run --rm --restart no --network none bb:1 true
    ok cubby ps -aq
    out_is ''
}
