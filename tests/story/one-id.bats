#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# run: without sub-ids
#
# A user to whom nobody granted sub-ids: the same command lines work with the one id there is.

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    registry_start
    trial_package
}

# trial_package: a package that makes a user, gives files away and sets a set-user-id bit
trial_package() {
    local tree=$BATS_FILE_TMPDIR/deb
    mkdir -p "$tree/DEBIAN" "$tree/usr/bin" "$tree/var/lib/trial"
    printf 'Package: trial\nVersion: 1\nArchitecture: all\nMaintainer: tests <tests@example.org>\nDescription: for tests\n' \
        > "$tree/DEBIAN/control"
    cat > "$tree/DEBIAN/postinst" <<'END'
#!/bin/sh
set -e
useradd --system --home-dir /var/lib/trial trial
chown trial:trial /var/lib/trial
chgrp mail /usr/bin/trial
chmod 2755 /usr/bin/trial
END
    printf '#!/bin/sh\necho trial works\n' > "$tree/usr/bin/trial"
    chmod 0755 "$tree/DEBIAN/postinst" "$tree/usr/bin/trial"
    dpkg-deb --root-owner-group -b "$tree" "$BATS_FILE_TMPDIR/trial.deb" > /dev/null
}

@test 'this file is run by somebody without sub-ids' {
    fails 1 grep "^$USER:" /etc/subuid
}

@test 'one id: a container runs, as root of its own, and writes files that are the caller'\''s' {
    mkdir "$BATS_TEST_TMPDIR/w"
    ok cubby run --rm --network none -v "$BATS_TEST_TMPDIR/w:/w" bb:1 sh -c 'id -u; echo text > /w/file'
    out_is 0
    [ "$(stat -c %U "$BATS_TEST_TMPDIR/w/file")" = "$USER" ]
}

@test 'one id: chown, mknod and other users are answered with success' {
    ok cubby run --rm --network none bb:1 sh -c 'touch /f && chown 33:33 /f && chgrp 5 /f && echo well'
    out_is well
    ok cubby run --rm --network none -u 1000:1000 bb:1 sh -c 'echo as another'
    out_is 'as another'
}

@test 'one id: exec as another user is that user, with files of its own and no rights of root' {
    ok cubby run -d --name c --network none bb:1 sleep 1000
    ok cubby exec -u 1000:33 c sh -c 'id -u; id -g; touch /tmp/f; stat -c %u:%g /tmp/f; grep CapEff /proc/self/status'
    out_is $'1000\n33\n1000:33\nCapEff:\t0000000000000000'
    ok cubby exec c stat -c %u:%g /tmp/f
    out_is 0:0
    ok cubby exec -u nobody c id -un
    out_is nobody
    ok cubby exec c id -u
    out_is 0
    # and the other way round
    ok cubby run -d --name u -u 1000 --network none bb:1 sleep 1000
    ok cubby exec u id -u
    out_is 1000
    ok cubby exec -u 0 u sh -c 'id -u; touch /root-was-here'
    out_is 0
    ok cubby exec -u 33 -d u sh -c 'id -u > /tmp/who; sleep 1000'
    wait_for 10 cubby exec u test -s /tmp/who
    ok cubby exec u cat /tmp/who
    out_is 33
    run on_tty expect '1000 620' stopped -- exec -it -u 1000 c sh -c 'stat -c "%u %a" "$(tty)"'
    [ "$status" -eq 0 ]
}

@test 'one id: who is root by it runs containers too' {
    ok cubby unshare "$CUBBY" --root "$BATS_TEST_TMPDIR/s" import -q "$(busybox_tar)" bb:1
    ok cubby unshare "$CUBBY" --root "$BATS_TEST_TMPDIR/s" run --rm --network none bb:1 \
        sh -c 'touch /f && chown 33:33 /f && id -u'
    out_is 0
}

@test 'one id: dpkg and apt-get install a package in a Debian image' {
    local image=$REGISTRY/library/debian:12-slim
    ok cubby pull -q --tls-verify=false "$image"
    ok cubby run --rm --network none -v "$BATS_FILE_TMPDIR/trial.deb:/trial.deb:ro" "$image" \
        sh -c 'apt-get install -y /trial.deb > /log 2>&1 || { cat /log >&2; exit 1; }; trial'
    out_is 'trial works'
}

@test 'one id: nginx serves its page' {
    local image=$REGISTRY/library/nginx:1.22 port
    port=$(free_port)
    ok cubby pull -q --tls-verify=false "$image"
    ok cubby run -d --name web -p "$port:80" "$image"
    wait_for 10 curl -fs "http://localhost:$port/"
    ok cubby exec web cat /proc/1/comm
    out_is nginx
    ok cubby stop web
    ok cubby inspect web --format '{{.State.ExitCode}}'
    out_is 0
}

@test 'one id: doctor names what is missing, the repair, and what works meanwhile' {
    try cubby doctor
    out_has /etc/subuid
    out_matches 'usermod --add-sub|:65536'
}

@test 'files go in and out, and images are made, with the one id there is' {
    cd "$BATS_TEST_TMPDIR"
    echo text > file
    ok cubby run -d --name c --network none bb:1 sh -c 'rm -rf /home; echo x > /new; chown 5:6 /new; touch /ready; sleep 1000'
    wait_for 10 cubby exec c test -e /ready
    ok cubby cp file c:/in
    ok cubby cp c:/in out
    cmp file out
    tar --owner=5 --group=6 -c file | cubby cp - c:/tmp
    tar --owner=5 --group=6 -c file | cubby cp -a=false - c:/tmp
    ok cubby exec c cat /tmp/file
    out_is text
    ok cubby diff c
    out_has 'D /home'
    ok cubby commit c one:1
    ok cubby run --rm --network none one:1 cat /in
    out_is text
    cubby export c | cubby import - flat:1
    ok cubby run --rm --network none flat:1 cat /new
    out_is x
    cubby volume create v
    tar --owner=5 --group=6 -c file | cubby volume import v
    cubby volume export v | tar xOf - file | grep -qx text
    ok cubby stop -t 0 c
    ok cubby cp file c:/again
    ok cubby run -d --name u -u 7:8 --network none bb:1 sleep 1000
    ok cubby cp file u:/tmp/file
    ok cubby exec u stat -c %u:%g /tmp/file
    out_is 7:8
}

@test 'a described device and its hooks work with one id' {
    mkdir "$BATS_TEST_TMPDIR/cdi"
    cat > "$BATS_TEST_TMPDIR/cdi/acme.yaml" << 'END'
cdiVersion: "0.6.0"
kind: acme.test/gpu
devices:
- name: x
  containerEdits:
    deviceNodes: [{path: /dev/acme0, hostPath: /dev/zero}]
    additionalGids: [44]
    hooks:
    - hookName: createContainer
      path: /bin/sh
      args: [sh, -c, 'root=$(sed "s/.*\"root\":{\"path\":\"\([^\"]*\)\".*/\1/" config.json); echo hooked > $root/seen']
      env: ["PATH=/usr/bin:/bin"]
END
    ok cubby --cdi-spec-dir "$BATS_TEST_TMPDIR/cdi" run --rm --network none --device acme.test/gpu=x bb:1 \
        sh -c 'cat /seen; head -c 2 /dev/acme0 | od -An -tx1'
    out_is $'hooked\n 00 00'
    ok cubby --cdi-spec-dir "$BATS_TEST_TMPDIR/cdi" run --rm --network none -u 1000 --gpus all bb:1 cat /seen
    out_is hooked
}
