# SPDX-License-Identifier: LGPL-2.1-or-later
# run-rights - run and create: capabilities, filters, masks, limits, settings, devices

load ../lib/common

setup_file() { file_setup; import_busybox; }

run_bb() { cubby run --rm --network none "$@"; }
caps() { run_bb "$@" bb:1 sed -n 's/^CapEff:.//p' /proc/self/status; }

@test '--cap-add and --cap-drop take names in any case, with or without CAP_, and all' {
    ok caps
    usual=$output
    ok caps --cap-drop all
    out_is 0000000000000000
    ok caps --cap-drop ALL --cap-add CAP_CHOWN --cap-add net_bind_service
    out_is 0000000000000401
    ok caps --cap-drop ALL --cap-add chown,kill
    out_is 0000000000000021
    ok caps --cap-add all
    [ "$output" != "$usual" ]
    ok caps --privileged
    [ "$output" != "$usual" ]
    fails 125 run_bb --cap-add nonsense bb:1 true
    err_has nonsense
}

@test '--security-opt mask, unmask and systempaths' {
    ok run_bb --security-opt mask=/etc/passwd:/bin/vi bb:1 sh -c 'wc -c < /etc/passwd'
    out_is 0
    ok run_bb bb:1 sh -c 'wc -c < /proc/timer_list'
    out_is 0
    ok run_bb --security-opt unmask=/proc/sys bb:1 sh -c 'grep -c " /proc/sys " /proc/mounts || true'
    out_is 0
    ok run_bb --security-opt systempaths=unconfined bb:1 sh -c 'grep -cE " /proc/(sys|bus|kcore) " /proc/mounts || true'
    out_is 0
    ok run_bb --security-opt unmask=ALL bb:1 sh -c 'grep -cE " /proc/(sys|bus|kcore) " /proc/mounts || true'
    out_is 0
}

@test '--security-opt proc-opts reach /proc' {
    ok run_bb --security-opt proc-opts=hidepid=2 bb:1 grep ' /proc proc' /proc/mounts
    out_matches 'hidepid=(2|invisible)'
    fails 125 run_bb --security-opt proc-opts=colour=red bb:1 true
    err_has colour
}

@test '--security-opt no-new-privileges, seccomp, label and apparmor' {
    needs ranges
    ok run_bb --security-opt no-new-privileges bb:1 grep NoNewPrivs /proc/self/status
    out_matches '1$'
    ok run_bb --security-opt no-new-privileges:false bb:1 grep NoNewPrivs /proc/self/status
    out_matches '0$'
    ok run_bb --security-opt seccomp=unconfined bb:1 grep Seccomp: /proc/self/status
    out_matches '0$'
    ok run_bb --seccomp-policy default bb:1 grep Seccomp: /proc/self/status
    out_matches '2$'
    echo '{' > "$BATS_TEST_TMPDIR/profile"
    fails 125 run_bb --security-opt "seccomp=$BATS_TEST_TMPDIR/profile" bb:1 true
    err_has "cannot use the seccomp profile '$BATS_TEST_TMPDIR/profile'"
    fails 125 run_bb --seccomp-policy image bb:1 true
    err_has seccomp=FILE
    ok run_bb --security-opt label=disable --security-opt apparmor=unconfined bb:1 true
    fails 125 run_bb --security-opt label=type:x bb:1 true
    err_has SELinux
    fails 125 run_bb --security-opt apparmor=x bb:1 true
    fails 125 run_bb --security-opt what bb:1 true
    err_has what
}

@test '--ulimit sets limits, host keeps the caller'\''s' {
    ok run_bb --ulimit nofile=100:200 --ulimit core=0 bb:1 sh -c 'ulimit -n; ulimit -Hn; ulimit -c'
    out_is $'100\n200\n0'
    ok run_bb --ulimit host bb:1 sh -c 'ulimit -Hn'
    out_is "$(ulimit -Hn)"
    ok cubby create --name u --network none --ulimit nofile=100:200 bb:1 true
    ok cubby inspect u --format '{{range .HostConfig.Ulimits}}{{.Name}} {{.Soft}} {{.Hard}}{{end}}'
    out_is 'nofile 100 200'
    fails 125 run_bb --ulimit nofile=300:200 bb:1 true
    fails 125 run_bb --ulimit what=1 bb:1 true
    err_has what
    fails 125 run_bb --ulimit nofile=999999999 bb:1 true
    err_has 'cannot set RLIMIT_NOFILE to 999999999:999999999'
}

@test '--sysctl sets what is the container'\''s own' {
    ok run_bb --sysctl kernel.msgmax=4242 --sysctl net.ipv4.ip_forward=1 bb:1 \
        cat /proc/sys/kernel/msgmax /proc/sys/net/ipv4/ip_forward
    out_is $'4242\n1'
    fails 125 run_bb --sysctl vm.swappiness=1 bb:1 true
    err_has swappiness
    fails 125 run_bb --network host --sysctl net.ipv4.ip_forward=1 bb:1 true
}

@test '--device gives a device, under another name too' {
    ok run_bb --device /dev/null:/dev/mynull:rw bb:1 sh -c 'test -c /dev/mynull && echo x > /dev/mynull && echo ok'
    out_is ok
    fails 125 run_bb --device /dev/nothere bb:1 true
    err_has nothere
    fails 125 run_bb --device rel bb:1 true
}

@test 'what a user cannot give is refused with what else to do' {
    fails 125 run_bb --device-cgroup-rule 'c 1:3 rwm' bb:1 true
    err_has --device
    fails 125 run_bb --storage-opt size=1g bb:1 true
    fails 125 run_bb --runtime kata bb:1 true
    err_has 'part of the program'
    fails 125 run_bb --decryption-key x bb:1 true
    fails 125 run_bb --chrootdirs /x bb:1 true
    err_has -v
    fails 125 run_bb --personality LINUX32 bb:1 true
    err_has setarch
    fails 125 run_bb --volume-driver nfs -v v:/v bb:1 true
    err_has local
    ok run_bb --volume-driver local bb:1 true
    ok run_bb --retry 3 --retry-delay 1s bb:1 true
}

@test '--shm-size, --ipc, --pid, --uts and --cgroupns' {
    ok run_bb --shm-size 5m bb:1 sh -c 'df -k /dev/shm | tail -1 | tr -s " " | cut -d" " -f2'
    out_is 5120
    fails 125 run_bb --shm-size what bb:1 true
    ok run_bb --pid host bb:1 sh -c '[ $$ != 1 ] && echo host'
    out_is host
    ok run_bb --uts host bb:1 hostname
    out_is "$(hostname)"
    ok run_bb --ipc host --cgroupns host bb:1 true
    fails 125 run_bb --pid what bb:1 true
    err_has what
    fails 125 run_bb --uts host -h x bb:1 true
}

@test '--cgroups and --disable-content-trust take what is so anyway, and refuse the rest' {
    ok run_bb --cgroups disabled --disable-content-trust bb:1 echo ran
    out_is ran
    fails 125 run_bb --cgroups nonsense bb:1 true
    err_has nonsense
    fails 125 cubby --cgroup-manager nobody ps
    err_has 'neither systemd nor cgroupfs'
}
