#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# single - images that are one file each

load ../lib/common

setup_file() {
    [ -x "$CUBBY_BUILD/cubby-single" ] || skip 'cubby was built without libsquashfs'
    command -v squashfuse > /dev/null || skip 'there is no squashfuse'
    [ -r /dev/fuse ] && [ -w /dev/fuse ] || skip 'there is no /dev/fuse'
    file_setup
    registry_start
    export CACHE=$BATS_FILE_TMPDIR/u
    mkdir -p "$CACHE"
}

teardown_file() {
    env -i HOME="$HOME" PATH="$PATH" USER="$USER" "$CUBBY" --root "$CACHE" unshare rm -rf "$CACHE"
    file_teardown
}

# the next test begins with nothing
teardown() {
    test_teardown
    cubby unshare rm -rf "$STORE" 2> /dev/null || true
    mkdir -p "$STORE"
}

pull() { cubby pull -q --tls-verify=false "$@"; }

# unpacked ARGS...: cubby on a store that has the images unpacked
unpacked() {
    local STORE=$CACHE
    cubby "$@"
}

# file_of NAME: the single file of an image
file_of() {
    local key
    key=$(python3 - "$STORE/index.json" "$1" << 'END'
import json, sys
for m in json.load(open(sys.argv[1]))["manifests"]:
    notes = m["annotations"]
    if notes.get("org.opencontainers.image.ref.name") == sys.argv[2]:
        print(notes["io.cubby.image.layers"])
END
    )
    echo "$STORE/layers/$key/image.sqfs"
}

# list_single NAME: the tree in its file, as its user namespace sees it
list_single() {
    mkdir -p "$BATS_TEST_TMPDIR/m"
    # shellcheck disable=SC2016  # the inner shell expands these
    cubby unshare sh -c 'squashfuse_ll "$1" "$2" -o default_permissions && python3 "$3" "$2"; umount "$2"' sh \
        "$(file_of "$1")" "$BATS_TEST_TMPDIR/m" "$CUBBY_SRC/tests/images/list-tree"
}

# list_unpacked NAME: the tree as it is unpacked
list_unpacked() {
    # shellcheck disable=SC2016
    unpacked unshare sh -c 'm=$("$1" --root "$2" image mount "$3") && python3 "$4" "$m"' sh \
        "$CUBBY" "$CACHE" "$1" "$CUBBY_SRC/tests/images/list-tree"
}

# same_tree NAME: squashfuse does not list capabilities, and no squashfs has times before 1970
same_tree() {
    pull --single-file "$REGISTRY/$1"
    unpacked pull -q --tls-verify=false "$REGISTRY/$1"
    list_unpacked "$REGISTRY/$1" | sed 's/security.capability=[0-9a-f]*/-/; s/\t-[0-9][0-9]*\t/\t0\t/' \
        > "$BATS_TEST_TMPDIR/unpacked"
    [ -s "$BATS_TEST_TMPDIR/unpacked" ]
    list_single "$REGISTRY/$1" | diff "$BATS_TEST_TMPDIR/unpacked" -
}

# nothing_left: but parts of blobs, with which the next pull goes on
nothing_left() {
    [ -z "$(find "$STORE/tmp" -mindepth 2 ! -path '*/tmp/blobs/*')" ]
    [ -z "$(find "$STORE/layers" -mindepth 1 -maxdepth 1 ! -exec test -e {}/meta.json \; -print)" ]
}

file_is_gone() {
    cubby image prune -a -f
    [ -z "$(find "$STORE/layers" -name image.sqfs)" ]
}

@test 'a pulled single file is the same tree as the unpacked image' {
    needs ranges
    # two real ones, one of them with owners of its own; what a layer may do is in the last
    for image in library/busybox:1.35 library/redis:7 library/python:3.11-slim test/layers:40; do
        same_tree "$image"
    done
}

@test 'layers that lean on lower ones give the same tree' {
    needs ranges
    for image in test/implicit:1 test/through-link:1 test/hardlink-across:1 \
        test/whiteout-nothing:1 test/sparse-gnu:1 test/devices:1 test/zstd:1 test/tar:1; do
        same_tree "$image"
    done
}

@test 'a single file is all that the store has of an image but its blobs' {
    pull --single-file "$REGISTRY/library/busybox:1.35"
    [ -s "$(file_of "$REGISTRY/library/busybox:1.35")" ]
    [ -z "$(find "$STORE/layers" -name diff)" ]
    nothing_left
}

@test 'a container runs on a single file, writes above it, and leaves no process' {
    pull --single-file "$REGISTRY/library/busybox:1.35"
    ok cubby run --name w --network none busybox:1.35 sh -c 'id -u; echo x > /new; rm /bin/wc; cat /new'
    out_is $'0\nx'
    ok cubby diff w
    out_has 'A /new'
    out_has 'D /bin/wc'
    ok cubby export -o "$BATS_TEST_TMPDIR/w.tar" w
    tar tf "$BATS_TEST_TMPDIR/w.tar" | grep -qx new
    ok cubby commit w made:1
    ok cubby run --rm --network none made:1 cat /new
    out_is x
    wait_for 5 no_holders
}

@test 'a single file that is gone is fetched again' {
    pull --single-file "$REGISTRY/library/busybox:1.35"
    rm -f "$(file_of "$REGISTRY/library/busybox:1.35")"
    pull --single-file "$REGISTRY/library/busybox:1.35"
    ok cubby run --rm --network none busybox:1.35 echo here
    out_is here
}

@test 'ids can be mapped, and other drivers chosen' {
    needs ranges
    pull --single-file "$REGISTRY/library/alpine-like:1"
    ok cubby run --rm --network none --userns keep-id alpine-like:1 sh -c 'id -u; cat /etc/passwd'
    out_has "$(id -u)"
    ok cubby run --rm --network none --userns auto alpine-like:1 cat /etc/passwd
    out_has root
    ok cubby --storage-driver fuse-overlayfs run --rm --network none alpine-like:1 sh -c 'echo x > /x; cat /x'
    out_is x
    ok cubby --storage-driver copy run --rm --network none alpine-like:1 sh -c 'echo x > /x; cat /x'
    out_is x
    ok cubby run --rm --network none -u app alpine-like:1 id -un
    out_is app
}

@test 'an image that is mounted may be a single file' {
    pull --single-file "$REGISTRY/library/alpine-like:1"
    pull --single-file "$REGISTRY/library/busybox:1.35"
    ok cubby run --rm --network none --mount type=image,source=busybox:1.35,target=/bb alpine-like:1 \
        /bb/bin/echo hello
    out_is hello
    ok cubby run --rm --network none --mount type=image,source=busybox:1.35,target=/bb,rw=true \
        alpine-like:1 sh -c 'echo x > /bb/x; stat -c %a /bb'
    out_is 755
}

@test 'a second pull has nothing to do, with and without --single-file' {
    pull --single-file "$REGISTRY/library/busybox:1.35"
    local before
    before=$(stat -c %i "$(file_of "$REGISTRY/library/busybox:1.35")")
    pull --single-file "$REGISTRY/library/busybox:1.35"
    pull "$REGISTRY/library/busybox:1.35"
    [ "$(stat -c %i "$(file_of "$REGISTRY/library/busybox:1.35")")" = "$before" ]
}

@test 'an image that was unpacked becomes one file when that is asked for' {
    pull "$REGISTRY/library/alpine-like:1"
    pull --single-file "$REGISTRY/library/alpine-like:1"
    [ -s "$(file_of "$REGISTRY/library/alpine-like:1")" ]
    ok cubby run --rm --network none alpine-like:1 id -un
}

@test 'a saved file runs by its path and with squashfs: before it' {
    pull --single-file "$REGISTRY/library/python:3.11-slim"
    ok cubby save --format squashfs -o "$BATS_TEST_TMPDIR/py.sqfs" python:3.11-slim
    cubby rmi -f python:3.11-slim
    ok cubby run --rm --network none "$BATS_TEST_TMPDIR/py.sqfs" python3 -c 'print(6 * 7)'
    out_is 42
    ok cubby run --rm --network none "squashfs:$BATS_TEST_TMPDIR/py.sqfs" sh -c 'echo $PYTHON_VERSION $PATH'
    out_has /usr/local/sbin
    cd "$BATS_TEST_TMPDIR"
    ok cubby run --rm --network none ./py.sqfs true
}

@test 'an unpacked image is saved as one file too' {
    unpacked pull -q --tls-verify=false "$REGISTRY/library/busybox:1.35"
    ok unpacked save --format squashfs -o "$BATS_TEST_TMPDIR/bb.sqfs" busybox:1.35
    ok cubby run --rm --network none "$BATS_TEST_TMPDIR/bb.sqfs" echo here
    out_is here
    fails 125 unpacked save --format squashfs busybox:1.35
    err_has '--output'
}

@test 'a path that is no image is refused' {
    echo text > "$BATS_TEST_TMPDIR/text"
    fails 125 cubby run --rm --network none "$BATS_TEST_TMPDIR/text" true
    err_has 'is no image'
    fails 125 cubby run --rm --network none squashfs:/nonexistent true
    err_has '/nonexistent'
}

@test 'a container whose file went away says which' {
    pull --single-file "$REGISTRY/library/busybox:1.35"
    ok cubby save --format squashfs -o "$BATS_TEST_TMPDIR/gone.sqfs" busybox:1.35
    ok cubby create --name orphan --network none "$BATS_TEST_TMPDIR/gone.sqfs" true
    rm "$BATS_TEST_TMPDIR/gone.sqfs"
    try cubby start orphan
    [ "$status" -ne 0 ]
    err_has "$BATS_TEST_TMPDIR/gone.sqfs"
}

@test 'load makes single files of archives' {
    unpacked pull -q --tls-verify=false "$REGISTRY/library/alpine-like:1"
    unpacked save -o "$BATS_TEST_TMPDIR/a.tar" alpine-like:1
    cubby rmi -a -f
    ok cubby load --single-file -i "$BATS_TEST_TMPDIR/a.tar"
    [ -s "$(file_of "$REGISTRY/library/alpine-like:1")" ]
    [ -z "$(find "$STORE/layers" -name diff)" ]
    ok cubby run --rm --network none alpine-like:1 true
}

@test 'pull makes single files of archives and layouts, too' {
    unpacked pull -q --tls-verify=false "$REGISTRY/library/alpine-like:1"
    unpacked save --format oci-dir -o "$BATS_TEST_TMPDIR/l" alpine-like:1
    unpacked save -o "$BATS_TEST_TMPDIR/a.tar" alpine-like:1
    local from
    for from in "oci:$BATS_TEST_TMPDIR/l" "docker-archive:$BATS_TEST_TMPDIR/a.tar"; do
        ok cubby pull -q --single-file "$from"
        [ -z "$(find "$STORE/layers" -name diff)" ]
        ok cubby run --rm --network none alpine-like:1 id -un
        cubby rmi -a -f
    done
}

@test 'a file that may be torn by a power cut is made again beside the old one' {
    pull --single-file "$REGISTRY/library/busybox:1.35"
    local file meta
    file=$(file_of "$REGISTRY/library/busybox:1.35")
    meta=${file%/*}/meta.json
    wait_for 20 grep -q '"durable": *true' "$meta"
    python3 - "$meta" << 'END'
import json, sys
meta = json.load(open(sys.argv[1]))
meta.update(durable=False, boot_id="another")
json.dump(meta, open(sys.argv[1], "w"))
END
    local asked
    asked=$(registry_log | wc -l)
    ok cubby run --rm --network none --pull never busybox:1.35 echo again
    out_is again
    [ -s "${file%/*}.1/image.sqfs" ]
    [ "$(registry_log | wc -l)" = "$asked" ]
}

@test 'two pulls of one image make one file' {
    pull --single-file "$REGISTRY/library/nginx:1.22" > "$BATS_TEST_TMPDIR/one" 2>&1 3>&- &
    local pid=$!
    pull --single-file "$REGISTRY/library/nginx:1.22"
    wait "$pid"
    [ "$(find "$STORE/layers" -name image.sqfs | wc -l)" = 1 ]
    nothing_left
}

@test 'a single-file image is described, saved and copied from as others' {
    pull --single-file "$REGISTRY/library/nginx:1.22"
    ok cubby history nginx:1.22
    out_has 'nginx'
    ok cubby image tree nginx:1.22
    ok cubby image inspect nginx:1.22 --format '{{len .RootFS.Layers}}'
    out_is 2
    ok cubby save -o "$BATS_TEST_TMPDIR/a.tar" nginx:1.22
    tar tf "$BATS_TEST_TMPDIR/a.tar" | grep -q manifest.json
    ok cubby create --name w --network none nginx:1.22
    ok cubby cp w:/etc/nginx/nginx.conf "$BATS_TEST_TMPDIR/conf"
    grep -q http "$BATS_TEST_TMPDIR/conf"
    # shellcheck disable=SC2016  # the inner shell expands these
    ok cubby unshare sh -c 'm=$("$0" --root "$1" image mount nginx:1.22) && cat "$m/etc/nginx/nginx.conf" &&
        "$0" --root "$1" image unmount nginx:1.22 && ! ls "$m"' "$CUBBY" "$STORE"
    out_has http
    ok cubby unshare "$CUBBY" --root "$STORE" image mount nginx:1.22
    wait_for 10 no_holders
    ok cubby system df
    ok cubby system check
}

@test 'removing the image removes its file' {
    pull --single-file "$REGISTRY/library/busybox:1.35"
    ok cubby rmi -f busybox:1.35
    # what the pull has left behind to sync holds its locks for a moment
    wait_for 20 file_is_gone
    ok cubby system check
}

@test 'attacks are refused as when they are unpacked, and leave nothing' {
    local name verdict rest first
    cubby rmi -a -f
    while IFS=$'\t' read -r name verdict rest; do
        try unpacked pull -q --tls-verify=false "$REGISTRY/test/$name:1"
        first=$status
        try pull --single-file "$REGISTRY/test/$name:1"
        [ "$status" = "$first" ] || { echo "$name: $status, not $first: $stderr" >&2; false; }
        [ "$verdict" != fail ] || [ "$status" -ne 0 ]
        nothing_left
    done < "$CUBBY_IMAGES_DIR/evil/list.tsv"
    run ! compgen -G '/tmp/cubby-evil-*'
}

@test 'a pull that is killed leaves nothing, and the next one ends' {
    cubby rmi -a -f
    env -i HOME="$HOME" PATH="$PATH" USER="$USER" "$CUBBY" --root "$STORE" pull -q --tls-verify=false \
        --single-file "$REGISTRY/library/postgres:15" > /dev/null 2>&1 3>&- &
    local pid=$!
    wait_for 30 sh -c "find '$STORE/tmp' -name image.sqfs -size +1M | grep -q ."
    kill -KILL "$pid"
    wait "$pid" 2> /dev/null || true
    [ -z "$(find "$STORE/layers" -mindepth 1 -maxdepth 1)" ]
    pull --single-file "$REGISTRY/library/busybox:1.35"
    nothing_left
    CUBBY_SECONDS=300 pull --single-file "$REGISTRY/library/postgres:15"
    ok cubby run --rm --network none "$REGISTRY/library/postgres:15" true
}

@test 'an interrupted pull ends with 130 and leaves nothing' {
    cubby rmi -a -f
    env -i HOME="$HOME" PATH="$PATH" USER="$USER" "$CUBBY" --root "$STORE" pull -q --tls-verify=false \
        --single-file "$REGISTRY/library/postgres:15" > /dev/null 2>&1 3>&- &
    local pid=$! status=0
    wait_for 30 sh -c "find '$STORE/tmp' -name image.sqfs -size +1M | grep -q ."
    kill -TERM "$pid"
    wait "$pid" || status=$?
    [ "$status" = 130 ]
    nothing_left
}
