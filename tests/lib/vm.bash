# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# vm - what the files of tests/vm load after common: the guest, its systemd, its other users
#
# A test here is a user in a session of logind, with a systemd of their own, and may become root by
# sudo: the machine is thrown away. cubby itself is started with nothing in its environment that tells
# of the session, as common has it.
#
#   load ../lib/common
#   load ../lib/vm
#   setup_file() { vm_setup; import_busybox; }

# vm_setup: in place of file_setup
vm_setup() {
    [ -e /run/payload/jobs ] || { echo "this is for the guest of tests/vm/run" >&2; return 1; }
    file_setup
}

# userctl ARGS...: systemctl of the user's own systemd
userctl() { env XDG_RUNTIME_DIR="/run/user/$UID" systemctl --user "$@"; }

# login USER COMMAND...: a session of that user, which ends with the command
login() {
    local user=$1
    shift
    sudo systemd-run --quiet --wait --collect --pipe -p User="$user" -p PAMName=login -p WorkingDirectory=/ \
        -E CUBBY="$CUBBY" -E CUBBY_SRC="$CUBBY_SRC" "$@" < /dev/null
}

# installed ARGS...: what reboot.bats has installed, on the user's own store
installed() {
    env -i HOME="$HOME" PATH="$PATH" USER="$USER" timeout --foreground $((60 * ${CUBBY_PATIENCE:-1})) /usr/local/bin/cubby "$@"
}

# cgroup_of PID: its folder in /sys/fs/cgroup
cgroup_of() { sed -n 's|^0::|/sys/fs/cgroup|p' "/proc/$1/cgroup"; }
