# SPDX-License-Identifier: LGPL-2.1-or-later
# import - make an image from a tar of a root file system

load ../lib/common

setup_file() {
    file_setup
    mkdir -p "$BATS_FILE_TMPDIR/root/etc"
    echo hello > "$BATS_FILE_TMPDIR/root/etc/motd"
    tar -C "$BATS_FILE_TMPDIR/root" -cf "$BATS_FILE_TMPDIR/root.tar" .
}

TAR=$BATS_FILE_TMPDIR/root.tar

# config: the config document of the image that was printed
config() { cat "$STORE/blobs/sha256/${output#sha256:}"; }

# blobs: how many there are
blobs() { find "$STORE/blobs" -type f | wc -l; }

# names: those of the index
names() { grep -o '"org.opencontainers.image.ref.name":"[^"]*"' "$STORE/index.json" | cut -d'"' -f4; }

@test 'import prints the id of the image and nothing else' {
    ok cubby import "$TAR" one:1
    out_matches '^sha256:[0-9a-f]{64}$'
    err_is ''
}

@test 'a name without a domain is of localhost, one with a domain stays' {
    ok cubby import "$TAR" plain
    ok cubby import "$TAR" example.com/a/b:2
    names | grep -qx localhost/plain:latest
    names | grep -qx example.com/a/b:2
}

@test 'an image needs no name' {
    ok cubby import "$TAR"
}

@test 'the archive may come from the standard input, through a pipe' {
    ok cubby import - piped < <(cat "$TAR")
    out_matches '^sha256:'
}

@test 'gzip, zstd, xz and bzip2 give the same layer' {
    local tool want
    ok cubby import "$TAR" kinds
    want=$(config | grep -o '"diff_ids":[^]]*')
    for tool in gzip zstd xz bzip2; do
        "$tool" -c < "$TAR" > "$BATS_TEST_TMPDIR/tar.$tool"
        ok cubby import "$BATS_TEST_TMPDIR/tar.$tool" "kinds:$tool"
        [ "$(config | grep -o '"diff_ids":[^]]*')" = "$want" ]
    done
}

@test 'changes are those of a Dockerfile' {
    ok cubby import -c 'CMD ["sh", "-c", "true"]' -c 'ENTRYPOINT /bin/run it' -c 'ENV A=1 B="2 3"' \
        -c 'WORKDIR /w' -c 'USER 1000:1000' -c 'EXPOSE 80 53/udp' -c 'LABEL k=v' -c 'VOLUME /data' \
        -c 'STOPSIGNAL SIGQUIT' -m 'why not' "$TAR" changed
    config > "$BATS_TEST_TMPDIR/config"
    python3 - "$BATS_TEST_TMPDIR/config" <<'END'
import json, sys
doc = json.load(open(sys.argv[1]))
c = doc["config"]
assert c["Cmd"] == ["sh", "-c", "true"], c
assert c["Entrypoint"] == ["/bin/sh", "-c", "/bin/run it"], c
assert c["Env"] == ["A=1", "B=2 3"], c
assert c["WorkingDir"] == "/w" and c["User"] == "1000:1000" and c["StopSignal"] == "SIGQUIT", c
assert c["ExposedPorts"] == {"53/udp": {}, "80/tcp": {}}, c
assert c["Labels"] == {"k": "v"} and c["Volumes"] == {"/data": {}}, c
assert doc["history"][0]["comment"] == "why not", doc
END
}

@test 'a change that is no instruction is refused before anything is read' {
    local before
    before=$(blobs)
    fails 125 cubby import -c 'RUN true' /no/such/file
    fails 125 cubby import -c 'RUN true' "$TAR"
    err_has "'RUN true'"
    [ "$(blobs)" = "$before" ]
}

@test 'what is no tar is refused and leaves nothing' {
    local before
    before=$(blobs)
    head -c 100000 /dev/urandom > "$BATS_TEST_TMPDIR/noise"
    fails 125 cubby import "$BATS_TEST_TMPDIR/noise" noise
    err_has noise
    gzip -c < "$TAR" | head -c 100 > "$BATS_TEST_TMPDIR/cut.gz"
    fails 125 cubby import "$BATS_TEST_TMPDIR/cut.gz" noise
    [ "$(blobs)" = "$before" ]
    [ -z "$(find "$STORE/tmp" -type f)" ]
}

@test 'a failure takes no blob away that another image has' {
    gzip -c < "$TAR" > "$BATS_TEST_TMPDIR/packed"
    ok cubby import "$BATS_TEST_TMPDIR/packed" kept
    xz -c < "$BATS_TEST_TMPDIR/packed" > "$BATS_TEST_TMPDIR/twice"
    local before
    before=$(blobs)
    fails 125 cubby import "$BATS_TEST_TMPDIR/twice" twice
    [ "$(blobs)" = "$before" ]
}

@test 'a file that is not there is named' {
    fails 125 cubby import /no/such/file
    err_has "'/no/such/file'"
}

@test 'an address is refused with the command that fetches it' {
    fails 125 cubby import http://localhost/x.tar
    err_has curl
}

@test 'a terminal is no archive' {
    try on_tty -- import - x
    [ "$status" -ne 0 ]
    out_has terminal
}

@test '--os, --arch and --variant say the platform as well' {
    ok cubby import --arch arm64 "$(busybox_tar)" parts:1
    ok cubby image inspect -f '{{.Os}}/{{.Architecture}}' parts:1
    out_is linux/arm64
    ok cubby import --os linux --arch arm --variant v7 "$(busybox_tar)" parts:2
    ok cubby image inspect -f '{{.Os}}/{{.Architecture}}' parts:2
    out_is linux/arm
    ok cubby import --platform linux/arm64/v8 "$(busybox_tar)" parts:3
    ok cubby image inspect -f '{{.Os}}/{{.Architecture}}' parts:3
    out_is linux/arm64
    fails 125 cubby import --platform linux/arm64 --arch arm "$(busybox_tar)" parts:4
}
