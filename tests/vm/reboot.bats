# SPDX-License-Identifier: LGPL-2.1-or-later
# then: reboot
#
# What is made before the machine is switched off; rebooted.bats looks at what runs when it is on again.

load ../lib/common
load ../lib/vm

setup_file() {
    vm_setup
    # what make install does: the drive comes later than the services of users
    sudo install -m 0755 "$CUBBY_BUILD"/cubby "$CUBBY_BUILD"/cubby-* /usr/local/bin/
    sudo mkdir -p /usr/local/lib/systemd/user
    sed 's|@bindir@|/usr/local/bin|' "$CUBBY_SRC/packaging/systemd/cubby.service.in" |
        sudo tee /usr/local/lib/systemd/user/cubby.service > /dev/null
}

@test 'who lingers has containers of each policy, and the unit' {
    local c
    sudo loginctl enable-linger "$USER"
    userctl daemon-reload
    ok userctl enable cubby.service
    ok installed import -c 'CMD ["sh"]' "$(busybox_tar)" bb:1
    for c in always/always unless-stopped/unless always/always-stopped unless-stopped/unless-stopped no/never; do
        ok installed run -d --name "${c#*/}" --restart "${c%/*}" --network none --stop-timeout 0 bb:1 sleep 10000
    done
    ok installed run -d --name limited --restart always --network none --stop-timeout 0 -m 64m bb:1 sleep 10000
    ok installed stop always-stopped unless-stopped
}

@test 'who does not linger has one, and the unit' {
    # shellcheck disable=SC2016  # the session expands it
    ok login cubby-plain sh -ec '
        XDG_RUNTIME_DIR=/run/user/$(id -u) systemctl --user enable cubby.service
        cubby import -c "CMD [\"sh\"]" - bb:1 < "$1"
        exec cubby run -d --name always --restart always --network none --stop-timeout 0 bb:1 sleep 10000' \
        sh "$(busybox_tar)"
}
