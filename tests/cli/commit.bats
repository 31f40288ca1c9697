# SPDX-License-Identifier: LGPL-2.1-or-later
# commit - make an image from a container

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    cubby import -c 'ENV A=1' -c 'LABEL old=yes' -c 'EXPOSE 80' -c 'VOLUME /data' -c 'CMD ["sh"]' \
        -c 'STOPSIGNAL SIGQUIT' -m base "$(busybox_tar)" base:1 > /dev/null
}

CHANGES='rm /etc/group; echo x > /etc/passwd; mkdir -p /new/deep; echo y > /new/deep/f; chmod 700 /home;
    rm -rf /usr; mkdir /usr; touch /usr/only; ln -s x /bin/l; chown 5:6 /new/deep/f; ln /new/deep/f /new/g'

# same_tree CONTAINER IMAGE: a container of the image has the same files
same_tree() {
    ok cubby create --name same "$2" true
    # the root itself was made now; what was made to be mounted upon stays behind
    local not=' (\./|run/|\.dockerenv|etc/host(s|name)|etc/resolv.conf|run/.containerenv)$'
    cubby export "$1" | tar tv --numeric-owner | grep -Ev "$not" > one
    cubby export same | tar tv --numeric-owner | grep -Ev "$not" > two
    ok cubby rm same
    diff one two
}

# config IMAGE PYTHON-EXPRESSION: what its document says, as c
config() {
    cubby image inspect "$1" | python3 -c "import json,sys; i = json.load(sys.stdin)[0]; c = i['Config']; print(($2))"
}

paused() { [ -n "$(cubby ps -q --filter status=paused)" ]; }
running() { [ -n "$(cubby ps -q --filter status=running)" ]; }

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

@test 'the image has what the container changed, and says its id' {
    ok cubby run --name c --network none bb:1 sh -c "$CHANGES"
    ok cubby commit c new:1
    out_matches '^[0-9a-f]{64}$'
    [ "$output" = "$(cubby image inspect -f '{{.Id}}' new:1)" ]
    same_tree c new:1
    ok cubby run --rm --network none new:1 cat /new/deep/f
    [ "$(cubby image inspect -f '{{len .RootFS.Layers}}' new:1)" = 2 ]
    ok cubby image exists localhost/new:1
    ok cubby container commit c
    out_matches '^[0-9a-f]{64}$'
}

@test 'of a running one, of one that never ran, and of an image made so' {
    ok cubby run -d --name c --network none bb:1 sh -c "$CHANGES; touch /tmp/ready; sleep 1000"
    wait_for 10 cubby exec c test -e /tmp/ready
    ok cubby commit c run:1
    same_tree c run:1
    ok cubby create --name d run:1 true
    ok cubby commit d never:1
    same_tree d never:1
    ok cubby run --name e --network none never:1 sh -c 'rm -r /new; echo back > /etc/group'
    ok cubby commit e twice:1
    same_tree e twice:1
    [ "$(cubby image inspect -f '{{len .RootFS.Layers}}' twice:1)" = 4 ]
}

@test 'with the drivers fuse-overlayfs and copy it is the same' {
    local driver
    for driver in fuse-overlayfs copy; do
        ok cubby --storage-driver "$driver" run --name "$driver" --network none bb:1 sh -c "$CHANGES"
        ok cubby commit "$driver" "$driver:1"
        same_tree "$driver" "$driver:1"
        ok cubby image diff "$driver:1"
        out_has 'D /etc/group'
        out_lacks '/etc/hosts'
        out_lacks '/home/'
    done
}

@test 'what is in volumes and what was made to be mounted upon is no part of it' {
    ok cubby run --name c --network none -v v:/vol --tmpfs /t bb:1 sh -c 'echo x > /vol/x; echo x > /t/x'
    ok cubby commit c vol:1
    ok cubby image diff vol:1
    out_is $'A /t\nA /vol'
    [ "$(config vol:1 'c.get("Volumes")')" = "{}" ]
    ok cubby commit --include-volumes c vol:2
    [ "$(config vol:2 'list(c["Volumes"])')" = "['/vol']" ]
}

@test 'it runs what the container ran, and keeps what its image said' {
    fails 3 cubby run --name c --network none -e B=2 -l new=yes -u 7:8 -w /tmp --expose 90 base:1 sh -c 'exit 3'
    ok cubby commit c conf:1
    [ "$(config conf:1 'c["Cmd"], c["User"], c["WorkingDir"]')" = "(['sh', '-c', 'exit 3'], '7:8', '/tmp')" ]
    [ "$(config conf:1 'sorted(e for e in c["Env"] if e[0] in "AB")')" = "['A=1', 'B=2']" ]
    [ "$(config conf:1 '[e for e in c["Env"] if e.startswith(("container=", "TERM="))]')" = '[]' ]
    [ "$(config conf:1 'c["Labels"]')" = "{'new': 'yes', 'old': 'yes'}" ]
    [ "$(config conf:1 'sorted(c["ExposedPorts"]), list(c["Volumes"]), c["StopSignal"]')" = "(['80/tcp', '90/tcp'], ['/data'], 'SIGQUIT')" ]
    fails 3 cubby run --rm --network none conf:1
}

@test '--change, --author and --message' {
    ok cubby create --name c bb:1 true
    ok cubby commit -c 'CMD ["echo", "hi"]' --change 'ENV X=y' -c 'EXPOSE 81/udp' -c 'LABEL a=b' -c 'USER 9' \
        -c 'WORKDIR /home' -c 'VOLUME /v' -c 'STOPSIGNAL 9' -c 'ENTRYPOINT ["env"]' -c 'ONBUILD RUN x' \
        -a 'A. Name <a@example.org>' -m 'why not' c ch:1
    [ "$(config ch:1 'c["Cmd"], c["Entrypoint"], c["User"], c["WorkingDir"], i["Author"]')" = \
        "(['echo', 'hi'], ['env'], '9', '/home', 'A. Name <a@example.org>')" ]
    ok cubby history --no-trunc --format '{{.CreatedBy}}|{{.Comment}}' ch:1
    [ "${lines[0]}" = 'true|why not' ]
    fails 125 cubby commit -c 'RUN x' c no:1
    err_has 'RUN'
    fails 125 cubby image exists no:1 || [ "$status" = 1 ]
    fails 125 cubby commit c 'Bad Name'
}

@test '--config takes what a document says' {
    ok cubby create --name c -e A=1 bb:1 true
    echo '{"Cmd": ["from", "file"], "Env": ["Z=1"], "User": "4"}' > conf.json
    ok cubby commit --config conf.json c cf:1
    [ "$(config cf:1 'c["Cmd"], c["User"], "Z=1" in c["Env"], "A=1" in c["Env"]')" = "(['from', 'file'], '4', True, True)" ]
    echo '[' > bad.json
    fails 125 cubby commit --config bad.json c cf:2
    fails 125 cubby commit --config none.json c cf:2
}

@test '--format chooses the documents' {
    ok cubby create --name c bb:1 true
    ok cubby commit c f:oci
    ok cubby commit -f docker c f:docker
    ok cubby commit --format oci c f:oci2
    [ "$(cubby image inspect -f '{{.ManifestType}}' f:oci)" = application/vnd.oci.image.manifest.v1+json ]
    [ "$(cubby image inspect -f '{{.ManifestType}}' f:docker)" = application/vnd.docker.distribution.manifest.v2+json ]
    ok cubby run --rm --network none f:docker
    fails 125 cubby commit -f other c f:no
}

@test '--iidfile and --quiet' {
    ok cubby create --name c bb:1 true
    ok cubby commit -q --iidfile id c i:1
    [ "$(cat id)" = "$output" ]
    err_is ''
}

@test '--squash is one layer with everything, and needs no image' {
    ok cubby run --name c --network none bb:1 sh -c "$CHANGES"
    ok cubby commit -s c sq:1
    [ "$(cubby image inspect -f '{{len .RootFS.Layers}}' sq:1)" = 1 ]
    same_tree c sq:1
    mkdir r
    tar -C r -xf "$(busybox_tar)"
    ok cubby create --name d --rootfs "$PWD/r" sh
    ok cubby commit d fromdir:1
    ok cubby run --rm --network none fromdir:1 ls /bin/busybox
}

@test 'a container is paused while it is read when asked for, as docker by itself' {
    ok cubby run -d --name c --network none bb:1 sleep 1000
    ok cubby commit --pause c p:1
    ok cubby exec c true
    ok cubby events --since 1m --until 0s --format '{{.Status}}'
    out_has pause
    ok cubby commit c p:2
    ok cubby commit --no-pause c p:3
    ok cubby commit --pause=false c p:4
    ok cubby pause c
    ok cubby commit -p c p:5
    ok cubby ps --filter status=paused -q
    [ -n "$output" ]
    ok cubby unpause c
    ln -sf "$CUBBY" docker
    CUBBY=$PWD/docker ok cubby commit c p:6
    out_matches '^sha256:[0-9a-f]{64}$'
    ok cubby run -d --name shared --pid host --network none bb:1 sleep 1000
    fails 125 cubby commit -p shared p:7
    CUBBY=$PWD/docker ok cubby commit shared p:8
    err_has 'goes on'
}

@test 'what cannot be is refused, and nothing is left' {
    local before
    before=$(cubby images -q | sort)
    fails 125 cubby commit nothing x:1
    err_has "no container named 'nothing'"
    fails 125 cubby commit
    ok cubby create --name c bb:1 true
    fails 125 cubby commit c x@sha256:0000000000000000000000000000000000000000000000000000000000000000
    [ "$(cubby images -q | sort)" = "$before" ]
    [ -z "$(ls -A "$STORE"/tmp/*/ 2> /dev/null | grep -v '^blobs$')" ] || ls -R "$STORE/tmp"
}

@test 'a name moves to the new image' {
    ok cubby create --name c bb:1 true
    ok cubby commit -m one c move:1
    local first=$output
    ok cubby commit -m two c move:1
    [ "$output" != "$first" ]
    [ "$(cubby image inspect -f '{{.Id}}' move:1)" = "$output" ]
    ok cubby image exists "$first"
}

@test 'a health check that came with the container is the image'\''s' {
    ok cubby create --name c --health-cmd 'test -e /ok' --health-interval 7s bb:1 true
    ok cubby commit c hc:1
    [ "$(config hc:1 'c["Healthcheck"]["Test"], c["Healthcheck"]["Interval"]')" = "(['CMD-SHELL', 'test -e /ok'], 7000000000)" ]
    ok cubby create --name d hc:1 true
    ok cubby commit d hc:2
    [ "$(config hc:2 'c["Healthcheck"]["Interval"]')" = 7000000000 ]
    ok cubby create --name e bb:1 true
    ok cubby commit e hc:3
    [ "$(config hc:3 'c.get("Healthcheck")')" = None ]
}

@test 'a commit that is killed lets the container go on' {
    ok cubby run -d --name c --network none bb:1 sh -c 'dd if=/dev/zero of=/big bs=1M count=300 2> /dev/null; touch /ready; sleep 1000'
    wait_for 60 cubby exec c test -e /ready
    "$CUBBY" --root "$STORE" commit --pause c killed:1 3>&- &
    local pid=$!
    wait_for 20 paused
    kill -9 "$pid"
    wait_for 20 running
    ok cubby exec c true
    wait "$pid" || true
}

@test 'with keep-id owners in the image are those that the container has, squashed or not' {
    needs ranges
    local owners='stat -c %u:%g /root /user /five /etc/passwd'
    ok cubby run -d --name c --userns keep-id -u 0 --network none bb:1 sh -c "
        rm -rf /root; echo > /root; echo > /user; chown $(id -u):$(id -g) /user; echo > /five; chown 5:6 /five; touch /ready; sleep 1000"
    wait_for 10 cubby exec c test -e /ready
    ok cubby exec c sh -c "$owners"
    local want=$output
    ok cubby commit c keep:1
    ok cubby run --rm --network none keep:1 sh -c "$owners"
    out_is "$want"
    ok cubby commit -s c keep:2
    ok cubby run --rm --network none keep:2 sh -c "$owners"
    out_is "$want"
    # where nothing is shifted, the container sees root's files as its own user's, and images keep theirs
    mkdir b
    ok cubby run --name d -u "$(id -u):$(id -g)" -v "$PWD/b:/b" --network none bb:1 true
    ok cubby commit -s d swap:1
    ok cubby run --rm --network none swap:1 stat -c %u:%g /etc/passwd
    out_is 0:0
}
