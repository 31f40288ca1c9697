# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What runs after the machine was switched off and on: see reboot.bats.

load ../lib/common
load ../lib/vm

setup_file() { vm_setup; }

teardown_file() {
    userctl disable cubby.service
    sudo loginctl disable-linger "$USER"
    installed rm -fa -t 0
    file_teardown
}

started() { [ "$(userctl is-active cubby.service)" = active ]; }
states() { installed ps -a --format '{{.Names}} {{.State}}' | sort; }

@test 'of who lingers those run that ask for it, without a login; who was stopped by hand stays so' {
    wait_for 60 started
    [ "$(userctl show -P Result cubby.service)" = success ]
    ok states
    out_is 'always running
always-stopped running
limited running
never exited
unless running
unless-stopped exited'
    ok installed exec limited cat /sys/fs/cgroup/memory.max
    out_is 67108864
    ok installed exec unless true
    ok installed inspect -f '{{.State.ExitCode}}' never
    out_is 137
}

# as_plain ARGS...: as cubby-plain, without a login
as_plain() { sudo -u cubby-plain -H env -i HOME=/home/cubby-plain PATH="$PATH" USER=cubby-plain timeout 300 "$@"; }
is() { [ "$(as_plain cubby inspect -f '{{.State.Status}}' always)" = "$1" ]; }

@test 'of who does not linger they run with the next login, and end with it' {
    ok as_plain cubby inspect -f '{{.State.Status}}' always
    out_is exited
    # the session is there before all that begins with it
    # shellcheck disable=SC2016  # the session expands it
    ok login cubby-plain sh -c '
        XDG_RUNTIME_DIR=/run/user/$(id -u) systemctl --user is-system-running --wait
        exec cubby inspect -f "{{.State.Status}}" always'
    out_is $'running\nrunning'
    wait_for 60 is exited
    ok as_plain cubby inspect -f '{{.State.StoppedByUser}}' always
    out_is false
    ok as_plain cubby rm always
}
