#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What is started when the machine or the session begins.

load ../lib/common

setup_file() { file_setup; import_busybox; }

is_status() { [ "$(cubby ps -a --filter "name=^$1\$" --format '{{.State}}')" = "$2" ]; }

# sleeper NAME OPTIONS...: a container that does nothing
sleeper() {
    local name=$1
    shift
    ok cubby run -d --network none --name "$name" --stop-timeout 0 "$@" bb:1 sleep 1000
}

# lose NAME...: their monitors are killed, as at a power cut
lose() {
    local name
    for name in "$@"; do
        kill -KILL "$(cubby inspect -f '{{.State.ConmonPid}}' "$name")"
    done
    for name in "$@"; do
        wait_for 10 is_status "$name" exited
    done
}

# reboot NAME...: their records say that they ran in another boot
reboot() {
    local name
    for name in "$@"; do
        sed -i 's/"boot_id":"[^"]*"/"boot_id":"00000000-1111-2222-3333-444444444444"/' \
            "$STORE/containers/$(cubby inspect -f '{{.Id}}' "$name")/state.json"
    done
}

@test 'after a reboot what asks for it runs again, and the rest says why it does not' {
    sleeper always --restart always
    sleeper unless --restart unless-stopped
    sleeper failure --restart on-failure
    sleeper plain
    sleeper stopped-always --restart always
    sleeper stopped-unless --restart unless-stopped
    ok cubby create --network none --name never --restart always bb:1 true
    ok cubby stop stopped-always stopped-unless
    lose always unless failure plain
    reboot always unless failure plain stopped-always stopped-unless
    ok cubby inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}' plain
    out_is 'exited 137 the machine was restarted while it ran'
    ok cubby start --boot
    out_is $'always\nunless\nstopped-always'
    ok cubby ps --format '{{.Names}}'
    [ "$(sort <<< "$output" | tr '\n' ' ')" = 'always stopped-always unless ' ]
    ok cubby start --boot
    out_is ''
}

# seen NAME...: what others know them by
seen() {
    cubby inspect -f '{{.Id}} {{.Name}} {{.Config.Hostname}} {{.NetworkSettings.IPAddress}} {{.NetworkSettings.Ports}}' "$@"
}

@test 'ten containers are up again by one command, with the names, addresses and ports that they had' {
    local names=() before i
    for i in 1 2 3 4 5 6 7 8 9 10; do
        names+=("c$i")
        ok cubby run -d --name "c$i" --restart always --hostname "host$i" -p "127.0.0.1:$(free_port):80" \
            --stop-timeout 0 bb:1 httpd -f -p 80 -h /etc
    done
    before=$(seen "${names[@]}")
    [[ $before == *host10* && $before == *127.0.0.1* ]]
    lose "${names[@]}"
    reboot "${names[@]}"
    ok cubby ps -aq --filter status=running
    out_is ''
    ok cubby start --boot
    [ "$output" = "$(printf '%s\n' "${names[@]}")" ]
    [ "$(seen "${names[@]}")" = "$before" ]
    for i in "${names[@]}"; do
        wait_for 10 curl -fs "http://$(cubby port "$i" 80)/hostname"
        [ "$(curl -s "http://$(cubby port "$i" 80)/hostname")" = "host${i#c}" ]
    done
}

@test 'in the same boot what the user stopped stays so' {
    sleeper always --restart always
    sleeper lost --restart always
    ok cubby stop always
    lost_id=$(cubby inspect -f '{{.Id}}' lost)
    lose lost
    ok cubby start --boot
    out_is lost
    [ "$(cubby inspect -f '{{.Id}}' lost)" = "$lost_id" ]
}

@test 'stop --boot is a shutdown: start --boot undoes it' {
    sleeper web --restart unless-stopped
    sleeper plain
    ok cubby stop --all --boot
    is_status web exited
    is_status plain exited
    ok cubby inspect -f '{{.State.StoppedByUser}}' web
    out_is false
    ok cubby start --boot
    out_is web
    fails 125 cubby stop --boot -t 1 web
    fails 125 cubby start --boot web
}

@test 'those that others need come first' {
    sleeper base
    ok cubby run -d --name guest --network container:base --restart always --stop-timeout 0 bb:1 sleep 1000
    sleeper friend --restart always --requires guest,base
    ok cubby inspect -f '{{len .Dependencies}}' friend
    out_is 2
    ok cubby rename guest visitor
    lose friend visitor base
    ok cubby start --boot
    out_is $'base\nvisitor\nfriend'
}

@test '--requires starts the other before' {
    ok cubby create --network none --name first --stop-timeout 0 bb:1 sleep 1000
    sleeper second --requires first
    is_status first running
    ok cubby stop first second
    ok cubby start second
    is_status first running
    ok cubby rm -f first
    ok cubby stop second
    fails 125 cubby start second
    err_has requires
    fails 125 cubby create --requires nobody bb:1 true
}

# unit_line KEY: what the unit file calls, without the program
unit_line() { sed -n "s|^$1=[^ ]*/cubby ||p" "$CUBBY_SRC/packaging/systemd/cubby.service.in"; }

@test 'the unit file starts and stops them' {
    sleeper web --restart always
    sleeper plain
    # shellcheck disable=SC2046  # words
    ok cubby $(unit_line ExecStop)
    is_status web exited
    is_status plain running
    # shellcheck disable=SC2046  # words
    ok cubby $(unit_line ExecStart)
    out_is web
    is_status web running
}

# ask_monitor NAME TYPE: a message without payload, as monitor/protocol.h has it; prints the type of the answer
ask_monitor() {
    python3 - "$(cubby inspect -f '{{.State.ConmonPid}}' "$1")" "$2" << 'END'
import socket, struct, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect("/proc/%s/cwd/ctl" % sys.argv[1])
s.send(struct.pack("=IIi", 1, 4, 1))
s.recv(65536)
s.send(struct.pack("=II", int(sys.argv[2]), 0))
print(struct.unpack("=I", s.recv(65536)[:4])[0])
END
}

@test 'a monitor takes a changed policy and check at once' {
    local config
    ok cubby run -d --network none --name c --restart always --health-cmd true --health-interval disable bb:1 sleep 1000
    config=$STORE/containers/$(cubby inspect -f '{{.Id}}' c)/config.json
    sed -i 's/"restart":"always"/"restart":"no"/; s/"test":\["CMD-SHELL","true"\]/"test":["CMD-SHELL","exit 4"]/' "$config"
    [ "$(ask_monitor c 18)" = 69 ]
    fails 1 cubby healthcheck run c
    ok cubby ps --filter restart-policy=no --format '{{.Names}}'
    out_is c
    cubby unshare kill -9 "$(cubby inspect -f '{{.State.Pid}}' c)"
    ok cubby wait c
    is_status c exited
}
