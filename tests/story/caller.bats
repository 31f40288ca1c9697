#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Nothing of who typed the command stays: not in PID 1, not in exec, not in the monitor. And nothing of
# them is kept: no descriptor, no lock.

load ../lib/common

setup_file() {
    file_setup
    import_busybox
}

# unkind COMMAND...: by a caller who set everything that a program may inherit
unkind() {
    # shellcheck disable=SC2016  # the inner shell expands it
    sh -c 'umask 077; ulimit -Sn 256; trap "" TERM INT QUIT HUP PIPE USR1; exec nice -n 3 "$@"' sh \
        env -i HOME="$HOME" PATH="$PATH" USER="$USER" "$CUBBY" --root "$STORE" "$@" 3>&-
}

# priority N: what is left of one lowered by N: it can only be raised by who may (ulimit -e)
priority() {
    local now
    now=$(($(nice) + $1))
    [ "$(ulimit -e)" -lt 20 ] || now=0
    echo "$((now < 19 ? now : 19))"
}

# What a process inside says about itself.
told='grep -E "^(Umask|Sig(Blk|Ign))" /proc/self/status; ulimit -Sn; cut -d" " -f19 /proc/self/stat; pwd'
expected() {
    local nice
    nice=$(priority 3)
    printf 'Umask:\t0022\nSigBlk:\t%016d\nSigIgn:\t%016d\n%s\n%s\n/' 0 0 "$(ulimit -Hn)" "$nice"
}

@test 'PID 1 has its own umask, signals, limit of files and folder' {
    ok unkind run --rm --network none bb:1 sh -c "$told"
    out_is "$(expected)"
}

@test 'so has what exec starts' {
    ok cubby run -d --name c --network none bb:1 sleep 1000
    ok unkind exec c sh -c "$told"
    out_is "$(expected)"
}

@test 'the monitor ignores nothing, keeps no folder busy and has all the descriptors it may have' {
    local pid
    ok unkind run -d --name c --network none bb:1 sleep 1000
    pid=$(cubby inspect c --format '{{.State.ConmonPid}}')
    grep -qx $'SigIgn:\t0000000000000000' "/proc/$pid/status"
    [ "$(readlink "/proc/$pid/cwd")" = / ]
    grep -E "^Max open files +$(ulimit -Hn) +$(ulimit -Hn) " "/proc/$pid/limits"
    # it can be told to end whatever the caller ignores
    ok cubby stop -t 0 c
}

# blocking COMMAND...: by a caller who blocks signals, and takes all rights from what is made
blocking() {
    cat > "$BATS_TEST_TMPDIR/caller.py" <<'END'
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGCHLD, signal.SIGUSR2})
os.umask(0o777)
os.nice(2)
os.execvp(sys.argv[1], sys.argv[1:])
END
    env -i HOME="$HOME" PATH="$PATH" USER="$USER" python3 "$BATS_TEST_TMPDIR/caller.py" "$@" 3>&-
}

@test 'the monitor has an own signal mask, umask and priority, whatever the caller has' {
    local pid
    ok blocking "$CUBBY" --root "$STORE" run -d --name c --network none bb:1 sleep 1000
    pid=$(cubby inspect c --format '{{.State.ConmonPid}}')
    ok cubby run -d --name usual --network none bb:1 sleep 1000
    # what it takes by signalfd is blocked, the same for every caller
    [ "$(grep SigBlk "/proc/$pid/status")" = \
        "$(grep SigBlk "/proc/$(cubby inspect usual --format '{{.State.ConmonPid}}')/status")" ]
    grep -qx $'Umask:\t0077' "/proc/$pid/status"
    [ "$(cut -d' ' -f19 "/proc/$pid/stat")" = "$(priority 2)" ]
    ok cubby exec c grep -E '^(SigBlk|Umask)' /proc/1/status
    out_is $'Umask:\t0022\nSigBlk:\t0000000000000000'
}

# The container is born with its monitor's.
@test 'each run of a container, and its monitor, has a session keyring of its own' {
    local first
    cat > "$BATS_TEST_TMPDIR/ask.py" <<'END'
import ctypes, os
print(ctypes.CDLL(None).syscall({"x86_64": 250}.get(os.uname().machine, 219), 0, -3, 0))
END
    ok cubby run -d --name c --network none --restart always --security-opt seccomp=unconfined -v /usr:/usr:ro \
        -v /usr/lib:/lib:ro -v "$(readlink -f /lib64 || echo /usr/lib)":/lib64:ro -v "$BATS_TEST_TMPDIR/ask.py":/ask.py bb:1 \
        python3 /ask.py
    wait_for 10 eval '[ "$(cubby logs c | wc -l)" -ge 2 ]'
    ok cubby stop c
    ok cubby logs c
    [ "$(sort <<< "$output" | uniq -d)" = '' ]
    [[ ${lines[0]} =~ ^[0-9]+$ ]]
}

@test 'a user whose keys have run out gives none of the own to containers' {
    needs ranges
    cat > "$BATS_TEST_TMPDIR/full.py" <<'END'
import ctypes, os, subprocess, sys
add, ctl = {"x86_64": (248, 250)}.get(os.uname().machine, (217, 219))
call = ctypes.CDLL(None).syscall
own = n = -1
while own < 0:      # those of the last time go away a little later
    own = call(ctl, 1, b"caller-of-cubby")
while call(add, b"user", b"key%d" % n, b"x", 1, -3) >= 0:   # into the session's keyring, up to the quota
    n += 1
print(own)
sys.stdout.flush()
sys.exit(subprocess.call(sys.argv[1:]))
END
    cat > "$BATS_TEST_TMPDIR/ask.py" <<'END'
import ctypes, os
print(ctypes.CDLL(None).syscall({"x86_64": 250}.get(os.uname().machine, 219), 0, -3, 0))
END
    local inside=(--network none --security-opt seccomp=unconfined -v /usr:/usr:ro -v /usr/lib:/lib:ro
        -v "$(readlink -f /lib64 || echo /usr/lib)":/lib64:ro -v "$BATS_TEST_TMPDIR/ask.py":/ask.py)
    ok cubby run -d --name c "${inside[@]}" bb:1 sleep 1000
    ok env -i HOME="$HOME" PATH="$PATH" USER="$USER" python3 "$BATS_TEST_TMPDIR/full.py" "$CUBBY" --root "$STORE" run --rm \
        "${inside[@]}" bb:1 python3 /ask.py
    [[ ${lines[1]} =~ ^[0-9]+$ ]]
    [ "${lines[0]}" != "${lines[1]}" ]
    ok env -i HOME="$HOME" PATH="$PATH" USER="$USER" python3 "$BATS_TEST_TMPDIR/full.py" "$CUBBY" --root "$STORE" exec c \
        python3 /ask.py
    [[ ${lines[1]} =~ ^[0-9]+$ ]]
    [ "${lines[0]}" != "${lines[1]}" ]
}

@test 'records are private, whatever the umask' {
    (umask 000 && cubby create --name c --network none bb:1 true > /dev/null)
    [ -z "$(find "$STORE/containers" -maxdepth 2 -name '*.json' -perm /077)" ]
    [ -z "$(find "$STORE/containers" -maxdepth 1 -perm /077)" ]
}

@test 'PID 1 and what exec starts have session keyrings of their own' {
    # keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING), by this machine's Python
    local ask=$BATS_TEST_TMPDIR/ask.py host first id
    cat > "$ask" <<'END'
import ctypes, os
print(ctypes.CDLL(None).syscall({"x86_64": 250}.get(os.uname().machine, 219), 0, -3, 0))
END
    host=$(python3 "$ask")
    ok cubby run -d --name c --network none --security-opt seccomp=unconfined -v /usr:/usr:ro \
        -v /usr/lib:/lib:ro -v "$(readlink -f /lib64 || echo /usr/lib)":/lib64:ro -v "$ask":/ask.py bb:1 \
        sh -c 'python3 /ask.py; exec sleep 1000'
    wait_for 5 eval '[ -n "$(cubby logs c)" ]'
    ok cubby logs c
    first=$output
    ok cubby exec c python3 /ask.py
    for id in "$first" "$output"; do
        [[ $id =~ ^[0-9]+$ ]]
        [ "$id" != "$host" ]
    done
    [ "$first" != "$output" ]
}

@test 'a folder that nobody can read, or that is gone, is no hindrance' {
    mkdir -p "$BATS_TEST_TMPDIR/closed/in" "$BATS_TEST_TMPDIR/gone"
    ok cubby run -d --name c --network none bb:1 sleep 1000
    cd "$BATS_TEST_TMPDIR/closed/in"
    chmod 000 ..
    ok cubby run --rm --network none bb:1 pwd
    out_is /
    ok cubby exec c pwd
    out_is /
    chmod 700 "$BATS_TEST_TMPDIR/closed"
    cd "$BATS_TEST_TMPDIR/gone"
    rmdir "$BATS_TEST_TMPDIR/gone"
    ok cubby exec c pwd
    out_is /
    fails 125 cubby run --rm --network none -v .:/src bb:1 true
    err_has "'.'"
}

@test 'run -d keeps no lock and no pipe of its caller' {
    local lock=$BATS_TEST_TMPDIR/lock reader
    mkfifo "$BATS_TEST_TMPDIR/jobs"
    cat "$BATS_TEST_TMPDIR/jobs" > "$BATS_TEST_TMPDIR/read" 3>&- &
    reader=$!
    (
        exec 8> "$lock" 9> "$BATS_TEST_TMPDIR/jobs" # as make's jobserver hands them on
        flock 8
        cubby run -d --name c --network none bb:1 sleep 1000 > /dev/null
        cubby exec -d c sleep 1000
    )
    flock -n "$lock" true
    wait "$reader"
    ok cubby inspect c --format '{{.State.Running}}'
    out_is true
}
