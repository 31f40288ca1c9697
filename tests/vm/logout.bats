# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What becomes of containers when their user logs out.

load ../lib/common
load ../lib/vm

WARNING='detached containers end when you log out'

# plain ARGS...: cubby in a session of cubby-plain, which ends with it
plain() { login cubby-plain "$CUBBY" "$@"; }

setup_file() {
    vm_setup
    chmod a+rx "${TMPDIR%/*}" "$TMPDIR" "$BATS_RUN_TMPDIR"
    login cubby-plain "$CUBBY" import -c 'CMD ["sh"]' "$(busybox_tar)" bb:1
}

teardown_file() {
    sudo loginctl disable-linger cubby-plain
    logind no
    file_teardown
}

teardown() {
    plain rm -fa > /dev/null
    # told once; the next test asks again
    sudo find /home/cubby-plain -name told-logout -delete
}

# logind KILLS: whether sessions take their processes with them
logind() {
    sudo mkdir -p /etc/systemd/logind.conf.d
    printf '[Login]\nKillUserProcesses=%s\nUserStopDelaySec=0\n' "$1" | sudo tee /etc/systemd/logind.conf.d/tests.conf > /dev/null
    sudo systemctl restart systemd-logind
}

is() { [ "$(plain inspect -f '{{.State.Status}}' c)" = "$1" ]; }

@test 'as Debian has it, a container of a session lives on after the logout' {
    ok plain run -d --name c --network none bb:1 sleep 1000
    err_lacks "$WARNING"
    is running
}

@test 'where sessions take their processes with them, run -d warns once, and the container ends' {
    logind yes
    ok plain run -d --name c --network none bb:1 sleep 1000
    err_has "$WARNING"
    err_has 'loginctl enable-linger'
    wait_for 20 is exited
    ok plain run -d --name d --network none bb:1 sleep 1000
    err_lacks "$WARNING"
}

# by_systemd ARGS...: cubby in a scope of the user's own systemd, as the warning says
by_systemd() {
    # shellcheck disable=SC2016  # the session expands them
    login cubby-plain sh -c 'XDG_RUNTIME_DIR=/run/user/$(id -u) exec systemd-run -q --user --scope "$0" "$@"' "$CUBBY" "$@"
}

@test 'who lingers is told what to type, and then the container lives on' {
    logind yes
    sudo loginctl enable-linger cubby-plain
    ok plain run -d --name c --network none bb:1 sleep 1000
    err_has "$WARNING; to keep them: systemd-run --user --scope"
    wait_for 20 is exited
    ok plain rm c
    ok by_systemd run -d --name c --network none bb:1 sleep 1000
    err_lacks "$WARNING"
    is running
}
