#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# pull - fetch images from registries

load ../lib/common

setup_file() {
    file_setup
    registry_start
}

teardown() {
    # the next test begins with nothing
    rm -rf "$STORE" 2> /dev/null || cubby unshare rm -rf "$STORE" 2> /dev/null || true
    mkdir -p "$STORE"
    CUBBY_ENV=()
    test_teardown
}

pull() { cubby pull --tls-verify=false "$@"; }

# unkind OPTIONS...: start a registry that misbehaves; sets UNKIND (HOST:PORT) and its log
unkind() {
    UNKIND_LOG=$BATS_TEST_TMPDIR/unkind.log
    : > "$UNKIND_LOG"
    serve UNKIND "$CUBBY_SRC/tests/lib/unkind-registry" "$REGISTRY" "$UNKIND_LOG" "$@"
}

# blob_bytes: how many bytes of blobs the registry that misbehaves has sent
blob_bytes() { awk '$2 ~ /\/blobs\// { n += $6 } END { print n + 0 }' "$UNKIND_LOG"; }

# nothing_left: no image, no temporary file, no partial blob
nothing_left() {
    [ ! -s "$STORE/index.json" ] || ! grep -q '"digest"' "$STORE/index.json" || return 1
    [ -z "$(find "$STORE/tmp" -mindepth 1 ! -type d)" ] || return 1
    [ -z "$(find "$STORE/tmp" -mindepth 2)" ]
}

# other_registry OPTIONS...: one more, of this test's own; sets OTHER (HOST:PORT) and OTHER_STATE
other_registry() {
    OTHER_STATE=$BATS_TEST_TMPDIR/o
    CUBBY_REGISTRY_STATE=$OTHER_STATE "$CUBBY_SRC/tests/images/registry" start \
        --from $((31000 + RANDOM % 1000)) "$@" > "$BATS_TEST_TMPDIR/other.out" 2>&1 3>&-
    OTHER=$(CUBBY_REGISTRY_STATE=$OTHER_STATE "$CUBBY_SRC/tests/images/registry" name)
}

other_stop() { CUBBY_REGISTRY_STATE=$OTHER_STATE "$CUBBY_SRC/tests/images/registry" stop; }

@test 'pull prints the id on stdout and what it does on stderr' {
    ok pull "$REGISTRY/library/alpine-like:1"
    out_matches '^[0-9a-f]{64}$'
    err_has "$REGISTRY/library/alpine-like:1"
    err_has ': done'
    ok pull -q "$REGISTRY/library/busybox:1.35"
    err_is ''
}

@test 'a second pull fetches no blob' {
    ok pull "$REGISTRY/library/alpine-like:1"
    local before after
    before=$(registry_log | grep -c '/library/alpine-like/blobs/')
    ok pull "$REGISTRY/library/alpine-like:1"
    after=$(registry_log | grep -c '/library/alpine-like/blobs/')
    [ "$before" = "$after" ]
}

@test 'a layer that another image has is not fetched again' {
    ok pull "$REGISTRY/test/hardlink-across:1"
    ok pull "$REGISTRY/test/implicit:1"
    err_has 'already here'
}

@test 'layers packed by zstd or not at all are the same layers' {
    ok pull "$REGISTRY/library/busybox:1.35"
    ok pull "$REGISTRY/test/tar:1"
    err_has 'already here'
    ok pull "$REGISTRY/test/zstd:1"
}

@test 'docker manifests and indexes are taken; the index gives the image of this machine' {
    ok pull "$REGISTRY/test/schema2:1"
    ok pull "$REGISTRY/test/multiarch:1"
    local here=$output
    ok pull "$REGISTRY/test/multiarch-docker:1"
    out_is "$here"
    local other=arm64
    [ "$(uname -m)" != aarch64 ] || other=amd64
    ok pull --platform "linux/$other" "$REGISTRY/test/multiarch:1"
    [ "$output" != "$here" ]
    # whether it runs is another question: that needs an emulator
    try cubby run --rm --network none "$REGISTRY/test/multiarch:1" true
    err_has "linux/$other"
    err_has qemu-user
    local theirs variant=v8
    [ "$other" != amd64 ] || variant=v1
    ok pull -q --disable-content-trust --platform "linux/$other" "$REGISTRY/test/multiarch:1"
    theirs=$output
    ok pull -q --arch "$other" --os linux --variant "$variant" "$REGISTRY/test/multiarch:1"
    out_is "$theirs"
    fails 125 pull --arch s390x --variant z9 "$REGISTRY/test/multiarch:1"
    err_has 'no image for linux/s390x/z9'
    fails 125 cubby create --tls-verify=false --pull always --os linux --arch s390x --variant z9 \
        "$REGISTRY/test/multiarch:1"
    err_has 'no image for linux/s390x/z9'
    fails 125 pull --os windows "$REGISTRY/test/multiarch:1"
    err_has 'no image for windows/'
    fails 125 pull --platform linux/s390x "$REGISTRY/test/multiarch:1"
    err_has 'no image for linux/s390x'
    err_has "linux/$other"
}

@test 'pull by digest' {
    local digest
    ok pull "$REGISTRY/library/busybox:1.35"
    local id=$output
    digest=$(grep -o '"digest":"sha256:[0-9a-f]*' "$STORE/index.json" | head -1 | cut -d'"' -f4)
    rm -rf "$STORE"
    ok pull "$REGISTRY/library/busybox@$digest"
    out_is "$id"
    fails 125 pull "$REGISTRY/library/busybox@sha256:$(printf '%064d' 7)"
    err_has 'does not have it (404'
}

@test 'an artifact is no image' {
    fails 125 pull "$REGISTRY/test/artifact:1"
    err_has 'no image but an artifact'
    nothing_left
}

@test 'an owner that fits no id is an error that names the file to change' {
    needs ranges
    fails 125 pull "$REGISTRY/test/highids:1"
    err_has 70000
    err_has /etc/subuid
    nothing_left
}

@test 'what does not match is refused and leaves nothing' {
    local name
    for name in digest diffid size-small size-large truncated gzip-crc config config-layers; do
        fails 125 pull "$REGISTRY/test/evil-$name:1"
        nothing_left
    done
}

@test 'a missing image, a missing host and a closed port are told apart' {
    fails 125 pull "$REGISTRY/test/nosuch:1"
    err_has "$REGISTRY/test/nosuch"
    err_has 404
    fails 125 pull "nosuch.invalid/test/nosuch:1"
    err_has nosuch.invalid
    fails 125 pull "127.0.0.1:$(free_port)/test/nosuch:1"
    err_has 'failed to connect'
    fails 125 pull 'Bad Name'
    err_has 'no image name'
}

@test 'policies: never and missing make no request for what is here' {
    ok pull "$REGISTRY/library/busybox:1.35"
    local id=$output before
    before=$(registry_log | wc -l)
    ok pull --policy missing "$REGISTRY/library/busybox:1.35"
    out_is "$id"
    ok pull --policy never "$REGISTRY/library/busybox:1.35"
    [ "$(registry_log | wc -l)" = "$before" ]
    fails 125 pull --policy never "$REGISTRY/library/alpine-like:1"
    ok pull --policy newer "$REGISTRY/library/busybox:1.35"
}

@test 'plain HTTP is used only where that is asked for' {
    fails 125 cubby pull "$REGISTRY/library/busybox:1.35"
    err_has 'no TLS'
    err_has 'hint: '
    err_has tls-verify=false
}

@test 'registries.conf: insecure registries, mirrors, blocks and aliases' {
    local conf=$BATS_TEST_TMPDIR/registries.conf
    CUBBY_ENV=(CONTAINERS_REGISTRIES_CONF="$conf")
    printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$REGISTRY" > "$conf"
    ok cubby pull "$REGISTRY/library/busybox:1.35"
    cat > "$conf" << END
[[registry]]
prefix = "mirrored.invalid"
[[registry.mirror]]
location = "127.0.0.1:$(free_port)"
[[registry.mirror]]
location = "$REGISTRY/library"
insecure = true
[[registry]]
location = "blocked.invalid"
blocked = true
[aliases]
bb = "mirrored.invalid/busybox"
END
    ok cubby pull mirrored.invalid/alpine-like:1
    fails 125 cubby pull blocked.invalid/a
    err_has blocks
    ok cubby pull bb:1.35
    err_has mirrored.invalid/busybox:1.35
    echo 'broken' > "$conf"
    fails 125 cubby pull bb:1.35
    err_has "$conf"
    err_has 'line 1'
}

@test 'TLS: a certificate of an unknown CA is refused, of a known one taken' {
    other_registry --tls
    local ca=$OTHER_STATE/tls/ca.crt config=$BATS_TEST_TMPDIR/config
    fails 125 cubby pull "$OTHER/library/busybox:1.35"
    err_has certificate
    err_has "certs.d/$OTHER"
    mkdir -p "$config/containers/certs.d/$OTHER" "$BATS_TEST_TMPDIR/certs"
    cp "$ca" "$BATS_TEST_TMPDIR/certs/ca.crt"
    ok cubby pull --cert-dir "$BATS_TEST_TMPDIR/certs" "$OTHER/library/busybox:1.35"
    fails 125 cubby create "$OTHER/test/schema2:1"
    err_has certificate
    ok cubby create --cert-dir "$BATS_TEST_TMPDIR/certs" "$OTHER/test/schema2:1"
    ok cubby search --cert-dir "$BATS_TEST_TMPDIR/certs" --list-tags "$OTHER/library/busybox"
    out_has 1.35
    CUBBY_ENV=(REGISTRY_AUTH_FILE="$BATS_TEST_TMPDIR/login.json")
    ok cubby login --cert-dir "$BATS_TEST_TMPDIR/certs" -u me --password-stdin "$OTHER" <<< word
    CUBBY_ENV=()
    cp "$ca" "$config/containers/certs.d/$OTHER/"
    CUBBY_ENV=(XDG_CONFIG_HOME="$config")
    ok cubby pull "$OTHER/library/alpine-like:1"
    CUBBY_ENV=()
    ok cubby pull --tls-verify=false "$OTHER/test/tar:1"
    other_stop
}

@test 'basic authentication: flags, files, and what is wrong' {
    other_registry --auth user:secret
    local auth=$BATS_TEST_TMPDIR/auth.json
    fails 125 pull "$OTHER/library/busybox:1.35"
    err_has 'name and a password'
    fails 125 pull --creds user:wrong "$OTHER/library/busybox:1.35"
    err_has 'hint: check the name and the password'
    ok pull --creds user:secret "$OTHER/library/busybox:1.35"
    printf '{"auths":{"%s":{"auth":"%s"}}}' "$OTHER" "$(printf user:secret | base64)" > "$auth"
    ok pull --authfile "$auth" "$OTHER/library/alpine-like:1"
    fails 125 cubby create --tls-verify=false --creds user:wrong "$OTHER/test/multiarch:1"
    err_has 'check the name and the password'
    ok cubby create --tls-verify=false --creds user:secret "$OTHER/test/multiarch:1"
    ok cubby create --tls-verify=false --authfile "$auth" "$OTHER/test/multiarch-docker:1"
    CUBBY_ENV=(REGISTRY_AUTH_FILE="$auth")
    ok pull "$OTHER/test/tar:1"
    mkdir -p "$BATS_TEST_TMPDIR/docker"
    cp "$auth" "$BATS_TEST_TMPDIR/docker/config.json"
    CUBBY_ENV=(DOCKER_CONFIG="$BATS_TEST_TMPDIR/docker")
    ok pull "$OTHER/test/schema2:1"
    other_stop
}

@test 'bearer tokens: for everybody, and for a name and a password' {
    other_registry --token
    ok pull "$OTHER/library/alpine-like:1"
    other_stop
    other_registry --token --auth user:secret
    fails 125 pull "$OTHER/library/busybox:1.35"
    err_has 'name and a password'
    ok pull --creds user:secret "$OTHER/library/busybox:1.35"
    other_stop
}

@test 'a broken connection goes on where it ended' {
    local bytes
    unkind --cut 700000 --times 3
    ok pull --retry-delay 10ms "$UNKIND/library/nginx:1.22"
    bytes=$(blob_bytes)
    grep -q 'bytes=700000-' "$UNKIND_LOG"
    # 33694172 bytes of blobs; nothing came twice
    [ "$bytes" -le $((33695054 * 102 / 100)) ]
}

@test 'a registry that knows no ranges is asked for all, and passed over what is there' {
    unkind --cut 700000 --times 2 --no-range
    ok pull "$UNKIND/library/busybox:1.35"
}

@test 'a killed pull goes on where it ended' {
    unkind --cut 2000000 --times 1000
    pull --retry-delay 10ms "$UNKIND/library/nginx:1.22" > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    local pid=$!
    wait_for 10 grep -q 'bytes=2000000-' "$UNKIND_LOG"
    # below it are timeout, then cubby
    kill -KILL "$(pgrep -P "$(pgrep -P "$pid")")"
    wait "$pid" || true
    wait_for 10 no_holders
    unserve UNKIND
    unkind
    ok pull --retry-delay 10ms "$UNKIND/library/nginx:1.22"
    grep -q 'bytes=[0-9]\{7,\}-' "$UNKIND_LOG"
}

@test 'who waits takes over when the pull that it waits for is killed' {
    unkind --cut 2000000 --times 1000
    pull --retry-delay 10ms "$UNKIND/library/nginx:1.22" > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    local first=$! second third
    wait_for 10 grep -q 'bytes=2000000-' "$UNKIND_LOG"
    pull --retry-delay 10ms "$UNKIND/library/nginx:1.22" > "$BATS_TEST_TMPDIR/second" 2>&1 3>&- &
    second=$!
    pull --retry-delay 10ms "$UNKIND/library/nginx:1.22" > "$BATS_TEST_TMPDIR/third" 2>&1 3>&- &
    third=$!
    wait_for 10 grep -qi 'another process' "$BATS_TEST_TMPDIR/second"
    wait_for 10 grep -qi 'another process' "$BATS_TEST_TMPDIR/third"
    kill -KILL "$(pgrep -P "$(pgrep -P "$first")")"
    wait "$first" || true
    wait "$second"
    wait "$third"
    # 33694172 bytes of blobs; what the first had came once, but for what was on its way
    [ "$(blob_bytes)" -le $((33695054 + 4 * 2000000)) ]
}

@test 'a partial file with wrong bytes is thrown away, and the layer fetched again' {
    ok pull "$REGISTRY/library/busybox:1.35"
    local blob
    blob=$(cd "$STORE/blobs/sha256" && find . -size +900k -printf '%f\n')
    rm -rf "$STORE"
    mkdir -p "$STORE"
    fails 125 cubby pull --policy never nothing
    mkdir -p "$STORE/tmp/blobs"
    head -c 500000 /dev/zero > "$STORE/tmp/blobs/$blob"
    ok pull "$REGISTRY/library/busybox:1.35"
}

@test 'Retry-After is obeyed, failures that pass are waited for, others told' {
    unkind --status 429 --retry-after 1
    local start=$EPOCHREALTIME
    ok pull "$UNKIND/library/busybox:1.35"
    # a manifest, a config, a layer: one second each
    [ $((${EPOCHREALTIME/./} - ${start/./})) -gt 2500000 ]
    unserve UNKIND
    rm -rf "$STORE"
    unkind --status 503
    ok pull "$UNKIND/library/busybox:1.35"
    unserve UNKIND
    rm -rf "$STORE"
    unkind --status 429 --retry-after 9999
    fails 125 pull "$UNKIND/library/busybox:1.35"
    err_has 'come back in 9999 s'
    unserve UNKIND
    unkind --status 403 --times 99
    fails 125 pull "$UNKIND/library/busybox:1.35"
    err_has 'denies access (403)'
}

@test 'a limit that is used up is told at once, with what is left and what helps' {
    local log=$BATS_TEST_TMPDIR/asking.log
    : > "$log"
    serve UNKIND "$CUBBY_SRC/tests/lib/asking-registry" "$log" --limited
    fails 125 pull "$UNKIND/library/busybox:1.35"
    err_has 'You have reached your pull rate limit.'
    err_has '0 of 100 in 6 hours are left'
    err_has "cubby login $UNKIND"
    [ "$(grep -c manifests "$log")" -eq 1 ]
}

@test '--retry says how often a failure is tried again' {
    unkind --status 503 --times 99
    fails 125 pull --retry 1 --retry-delay 10ms "$UNKIND/library/busybox:1.35"
    [ "$(grep -c manifests "$UNKIND_LOG")" -eq 2 ]
    : > "$UNKIND_LOG"
    fails 125 pull --retry 0 "$UNKIND/library/busybox:1.35"
    [ "$(grep -c manifests "$UNKIND_LOG")" -eq 1 ]
    unserve UNKIND
    unkind --status 503 --times 8
    ok pull --retry 9 --retry-delay 1ms "$UNKIND/library/busybox:1.35"
}

@test 'the architecture, the system and the variant can be said alone' {
    local other=arm64
    [ "$(uname -m)" != aarch64 ] || other=amd64
    ok pull --arch "$other" "$REGISTRY/test/multiarch:1"
    ok cubby inspect --format '{{.Os}}/{{.Architecture}}' "$REGISTRY/test/multiarch:1"
    out_is "linux/$other"
    fails 125 pull --os plan9 "$REGISTRY/test/multiarch:1"
    err_has 'no image for plan9/'
    fails 125 pull --arch s390x --variant v9 "$REGISTRY/test/multiarch:1"
    err_has 's390x'
}

@test 'blobs on another host get no credentials' {
    unkind --ask --redirect
    ok pull --creds user:secret "$UNKIND/library/busybox:1.35"
    grep -q '^GET /v2/.* auth 307' "$UNKIND_LOG"
    grep -q '^GET /away/.* - 200' "$UNKIND_LOG"
    ! grep -q '/away/.* auth' "$UNKIND_LOG" || false
}

@test 'a registry that redirects in circles is left' {
    unkind --circle
    fails 125 pull "$UNKIND/library/busybox:1.35"
    err_has circles
}

@test 'a manifest with other bytes than its digest, or of another type, is refused' {
    unkind --twist
    fails 125 pull "$UNKIND/library/busybox:1.35"
    err_has 'not the digest'
    nothing_left
    unserve UNKIND
    unkind --type application/vnd.oci.image.index.v1+json
    fails 125 pull "$UNKIND/library/busybox:1.35"
    nothing_left
}

@test 'ten pulls of one image fetch each blob once' {
    unkind
    local pids=() i
    for i in 1 2 3 4 5 6 7 8 9 10; do
        pull -q "$UNKIND/library/alpine-like:1" > "$BATS_TEST_TMPDIR/id.$i" 2>&1 3>&- &
        pids+=($!)
    done
    for i in "${pids[@]}"; do
        wait "$i"
    done
    [ "$(sort -u "$BATS_TEST_TMPDIR"/id.* | wc -l)" -eq 1 ]
    [ -z "$(awk '$1 == "GET" && $2 ~ /\/blobs\// { print $2 }' "$UNKIND_LOG" | sort | uniq -d)" ]
    # what one was told and others took is nobody's any more
    [ -z "$(find "$STORE/tmp" -name 'turn-*')" ]
}

@test 'a registry that is slow to answer one pull holds up no other of the same image' {
    unkind --hold /manifests/1 --until /v2/go
    local pids=() i
    for i in 1 2 3; do
        pull -q "$UNKIND/library/alpine-like:1" > "$BATS_TEST_TMPDIR/id.$i" 2>&1 3>&- &
        pids+=($!)
    done
    alone() { grep -qs '"alone":true' "$STORE"/tmp/*/turn-*; }
    wait_for 20 alone
    curl -s -o /dev/null "http://$UNKIND/v2/go"
    for i in "${pids[@]}"; do
        wait "$i"
    done
    [ "$(sort -u "$BATS_TEST_TMPDIR"/id.* | wc -l)" -eq 1 ]
    [ -z "$(find "$STORE/tmp" -name 'turn-*')" ]
}

@test 'pulls at the same time unpack each layer once, also one that leans on others' {
    local image pids i
    for image in test/implicit:1 test/layers:40; do
        pids=()
        for i in 1 2 3 4 5 6; do
            pull "$REGISTRY/$image" > "$BATS_TEST_TMPDIR/id.$i" 2> "$BATS_TEST_TMPDIR/said.$i" 3>&- &
            pids+=($!)
        done
        for i in "${pids[@]}"; do
            wait "$i"
        done
        # who found it unpacked by another says "already here"
        grep -hE ': (done|already here)' "$BATS_TEST_TMPDIR"/said.* > "$BATS_TEST_TMPDIR/layers"
        [ "$(grep -c ': done' "$BATS_TEST_TMPDIR/layers")" -gt 0 ]
        [ -z "$(grep ': done' "$BATS_TEST_TMPDIR/layers" | sort | uniq -d)" ]
    done
}

@test 'two images with a common layer, pulled together, fetch it once' {
    unkind
    pull -q "$UNKIND/library/redis:7" > "$BATS_TEST_TMPDIR/a" 2>&1 3>&- &
    local other=$!
    ok pull -q "$UNKIND/library/nginx:1.22"
    wait "$other"
    [ -z "$(awk '$1 == "GET" && $2 ~ /\/blobs\// { print $2 }' "$UNKIND_LOG" |
        sed 's,.*/,,' | sort | uniq -d)" ]
}

@test 'Ctrl-C ends a pull cleanly' {
    unkind --cut 2000000 --times 1000
    pull --retry-delay 10ms "$UNKIND/library/nginx:1.22" > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    local pid=$!
    wait_for 10 grep -q 'bytes=2000000-' "$UNKIND_LOG"
    kill -INT "$(pgrep -P "$pid" -n)"
    status=0
    wait "$pid" || status=$?
    [ "$status" -eq 130 ]
    # the part that came stays, nothing else
    [ -z "$(find "$STORE/tmp" -mindepth 2 -not -path '*/blobs/*')" ]
    ! grep -q '"digest"' "$STORE/index.json" || false
}

@test 'a pull that is to survive its terminal goes on at SIGHUP' {
    unkind --cut 2000000 --times 1
    bash -c "trap '' HUP; exec \"\$@\"" bash "$CUBBY" --root "$STORE" pull --tls-verify=false --retry-delay 10ms \
        "$UNKIND/library/nginx:1.22" > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    local pid=$!
    wait_for 10 grep -q 'bytes=2000000-' "$UNKIND_LOG"
    kill -HUP "$pid"
    wait "$pid"
    ok cubby image exists "$UNKIND/library/nginx:1.22"
}

@test 'several images are pulled at the same time, and told in the order they were asked for' {
    local ids=()
    # the first can only be had once the second was asked for
    unkind --hold /library/busybox/ --until /test/tar/blobs/
    ok pull "$UNKIND/library/busybox:1.35" "$UNKIND/test/tar:1"
    [ "${#lines[@]}" -eq 2 ]
    ids=("${lines[@]}")
    ok cubby inspect --format '{{.ID}}' "$UNKIND/library/busybox:1.35" "$UNKIND/test/tar:1"
    [ "${lines[*]}" = "${ids[*]}" ]
    err_lacks $'\033'
}

@test 'Ctrl-C ends a pull of several images' {
    unkind --cut 2000000 --times 1000
    pull "$UNKIND/library/nginx:1.22" "$UNKIND/library/redis:7" > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    local pid=$!
    wait_for 10 grep -q 'bytes=2000000-' "$UNKIND_LOG"
    kill -INT "$(pgrep -P "$pid" -n)"
    status=0
    wait "$pid" || status=$?
    [ "$status" -eq 130 ]
    wait_for 10 no_holders
    ! grep -q '"digest"' "$STORE/index.json" || false
}

@test 'several images in one command: what fails is told, the rest is pulled' {
    fails 125 pull -q "$REGISTRY/library/busybox:1.35" "$REGISTRY/test/nosuch:1" "$REGISTRY/test/tar:1"
    [ "${#lines[@]}" -eq 2 ]
    err_has nosuch
}

@test 'all tags of a repository' {
    ok pull -q -a "$REGISTRY/library/busybox"
    [ "${#lines[@]}" -ge 1 ]
    grep -q "library/busybox:1.35" "$STORE/index.json"
    fails 125 pull -a "$REGISTRY/library/busybox:1.35"
    err_has 'has a tag already'
    fails 125 pull -a "$REGISTRY/test/nosuch"
    err_has 'the tags of'
    err_has 404
}

@test 'as docker: plain HTTP on the loopback, short names of docker.io alone' {
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker
    ok cubby pull "$REGISTRY/library/busybox:1.35"
    out_is "$REGISTRY/library/busybox:1.35"
    printf '[aliases]\nbb = "%s/library/busybox"\n' "$REGISTRY" > "$BATS_TEST_TMPDIR/conf"
    # a proxy that nobody listens at: no request leaves the machine
    CUBBY_ENV=(CONTAINERS_REGISTRIES_CONF="$BATS_TEST_TMPDIR/conf" https_proxy="http://127.0.0.1:1")
    fails 1 cubby pull bb:1
    err_has docker.io/library/bb
}

@test 'flags that are not there are refused with a reason' {
    fails 125 pull --decryption-key x "$REGISTRY/library/busybox"
    err_has 'decryption-key'
    fails 125 pull
    fails 125 pull --platform linux/amd64 --arch arm64 "$REGISTRY/library/busybox"
}

@test 'on a terminal each layer has a line' {
    ok on_tty -- pull --tls-verify=false "$REGISTRY/library/alpine-like:1"
    out_matches '[0-9a-f]{12}: done'
}

@test 'on a terminal a layer that takes its time shows how fast it comes and how long it will take' {
    unkind --cut 2000000 --times 1000
    ok on_tty -- pull --tls-verify=false "$UNKIND/library/nginx:1.22"
    out_matches '\[=*>? *\] [0-9.]+.?B / [0-9.]+.?B  [0-9.]+.?B/s  [0-9]+:[0-9]{2}'
}

@test 'nothing is drawn over on a terminal that cannot, and -q is quiet' {
    cubby rmi -f "$REGISTRY/library/alpine-like:1" > /dev/null 2>&1 || true
    CUBBY_ENV=(TERM=dumb)
    ok on_tty stopped -- pull --tls-verify=false "$REGISTRY/library/alpine-like:1"
    out_lacks $'\033'
    CUBBY_ENV=()
    ok cubby rmi -f "$REGISTRY/library/alpine-like:1"
    ok cubby pull -q --tls-verify=false "$REGISTRY/library/alpine-like:1"
    out_matches '^[0-9a-f]{64}$'
    err_is ''
}

@test 'run pulls what is not there, and says never when it must not' {
    ok cubby run --rm --network none --tls-verify=false "$REGISTRY/library/busybox:1.35" echo hello
    out_is hello
    err_has 'Trying to pull'
    ok cubby run --rm --network none --tls-verify=false "$REGISTRY/library/busybox:1.35" echo again
    err_lacks 'Trying to pull'
    fails 125 cubby run --rm --pull never "$REGISTRY/library/alpine-like:1" true
    ok cubby run --rm --network none --pull always --tls-verify=false "$REGISTRY/library/busybox:1.35" true
    err_has 'Trying to pull'
}

@test 'run unpacks a layer again that cannot be trusted' {
    ok pull "$REGISTRY/library/busybox:1.35"
    ok cubby unshare sh -c "rm -rf '$STORE'/layers/*"
    ok cubby run --rm --network none "$REGISTRY/library/busybox:1.35" echo here
    out_is here
}

# asked: how often the manifest was asked for
asked() { grep -c '/manifests/' "$UNKIND_LOG"; }

@test '--retry and --retry-delay say how often and when a failure is tried again' {
    unkind --status 503 --times 99
    fails 125 pull -q --retry 2 --retry-delay 1ms "$UNKIND/library/busybox:1.35"
    [ "$(asked)" = 3 ]
    fails 125 pull -q --retry 0 "$UNKIND/library/busybox:1.35"
    [ "$(asked)" = 4 ]
    fails 125 cubby run --rm -q --tls-verify=false --retry 1 --retry-delay 1ms \
        "$UNKIND/library/busybox:1.35" true
    [ "$(asked)" = 6 ]
    fails 125 cubby create -q --tls-verify=false --retry 0 "$UNKIND/library/busybox:1.35"
    [ "$(asked)" = 7 ]
    fails 125 pull --retry some "$UNKIND/library/busybox:1.35"
    fails 125 pull --retry=-1 "$UNKIND/library/busybox:1.35"
    err_has --retry
    fails 125 pull --retry-delay=-1s "$UNKIND/library/busybox:1.35"
    err_has --retry-delay
    [ "$(asked)" = 7 ]
}
