# SPDX-License-Identifier: LGPL-2.1-or-later
# load - take images in from an archive

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    cubby save -o "$BATS_FILE_TMPDIR/bb.tar" bb:1
    cubby save --format oci-archive -o "$BATS_FILE_TMPDIR/bb.oci" bb:1
}

D=$BATS_FILE_TMPDIR

# id_of NAME: the id of an image of the index
id_of() {
    python3 - "$STORE/index.json" "$1" <<'END'
import json, sys
for m in json.load(open(sys.argv[1]))["manifests"]:
    a = m["annotations"]
    if a.get("org.opencontainers.image.ref.name") == sys.argv[2]:
        print(a["io.cubby.image.id"])
END
}

# docker_archive FILE [KIND]: as old docker wrote it, with a folder for each layer and links between them
docker_archive() {
    python3 - "$@" <<'END'
import hashlib, io, json, sys, tarfile

def tar(entries):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as t:
        for name, data, link in entries:
            info = tarfile.TarInfo(name)
            if link:
                info.type, info.linkname = tarfile.SYMTYPE, link
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()

kind = sys.argv[2] if len(sys.argv) > 2 else ""
layer = tar([("etc/motd", b"hello\n", "")])
diff = "sha256:" + hashlib.sha256(layer).hexdigest()
config = json.dumps({"architecture": "amd64", "os": "linux", "config": {"Cmd": ["sh"]},
                     "rootfs": {"type": "layers", "diff_ids": [diff, diff]}}).encode()
name = hashlib.sha256(config).hexdigest() + ".json"
manifest = [{"Config": name, "RepoTags": ["made:1", "made:2"],
             "Layers": ["one/layer.tar", "two/layer.tar"]}]
if kind == "missing":
    manifest[0]["Layers"][1] = "three/layer.tar"
link = "/etc/passwd" if kind == "outside" else "../one/layer.tar"
entries = [(name, config, ""), ("one/", b"", ""), ("one/VERSION", b"1.0", ""),
           ("one/layer.tar", layer, ""), ("two/layer.tar", b"", link),
           ("manifest.json", json.dumps(manifest).encode(), ""), ("repositories", b"{}", "")]
if kind == "dotdot":
    entries.insert(0, ("../../../../tmp/cubby-evil-load", b"evil", ""))
if kind == "only-repositories":
    entries = entries[-1:]
open(sys.argv[1], "wb").write(tar(entries))
print(hashlib.sha256(config).hexdigest())
END
}

@test 'load prints the name of each image' {
    ok cubby load -i "$D/bb.tar"
    out_is 'Loaded image: localhost/bb:1'
}

@test 'an archive of docker that save wrote gives the same image id' {
    local before
    before=$(id_of localhost/bb:1)
    [ -n "$before" ]
    ok cubby load -i "$D/bb.tar"
    [ "$(id_of localhost/bb:1)" = "$before" ]
    ok cubby load -i "$D/bb.oci"
    [ "$(id_of localhost/bb:1)" = "$before" ]
}

@test 'another store gets the same image, whatever the format and the compression' {
    local before kind tool
    before=$(id_of localhost/bb:1)
    for kind in bb.tar bb.oci; do
        for tool in cat gzip zstd xz bzip2; do
            STORE=$BATS_TEST_TMPDIR/$kind.$tool
            "$tool" $([ "$tool" = cat ] || echo -c) < "$D/$kind" > "$BATS_TEST_TMPDIR/archive"
            ok cubby load < "$BATS_TEST_TMPDIR/archive"
            out_is 'Loaded image: localhost/bb:1'
            [ "$(id_of localhost/bb:1)" = "$before" ]
        done
    done
}

@test 'the archive may come through a pipe' {
    ok cubby load < <(cat "$D/bb.tar")
    out_is 'Loaded image: localhost/bb:1'
}

@test 'links between layers and several names of an image, as old docker wrote them' {
    local id
    id=$(docker_archive "$BATS_TEST_TMPDIR/a.tar")
    ok cubby load -q -i "$BATS_TEST_TMPDIR/a.tar"
    out_is $'Loaded image: docker.io/library/made:1\nLoaded image: docker.io/library/made:2'
    [ "$(id_of docker.io/library/made:1)" = "$id" ]
    [ "$(id_of docker.io/library/made:2)" = "$id" ]
}

@test 'a link out of the archive is followed nowhere' {
    docker_archive "$BATS_TEST_TMPDIR/a.tar" outside
    fails 125 cubby load -i "$BATS_TEST_TMPDIR/a.tar"
    err_has two/layer.tar
}

@test 'a name that leads out of the archive is refused' {
    docker_archive "$BATS_TEST_TMPDIR/a.tar" dotdot
    fails 125 cubby load -i "$BATS_TEST_TMPDIR/a.tar"
    [ ! -e /tmp/cubby-evil-load ]
}

@test 'a layer that is not in the archive is named' {
    docker_archive "$BATS_TEST_TMPDIR/a.tar" missing
    fails 125 cubby load -i "$BATS_TEST_TMPDIR/a.tar"
    err_has three/layer.tar
}

@test 'an archive of more than 10,000 files is refused' {
    python3 - "$BATS_TEST_TMPDIR/a.tar" << 'END'
import sys, tarfile
with tarfile.open(sys.argv[1], "w") as tar:
    for n in range(10001):
        tar.addfile(tarfile.TarInfo("f%d" % n))
END
    fails 125 cubby load -i "$BATS_TEST_TMPDIR/a.tar"
    err_has 'more than 10000 files'
    [ -z "$(find "$STORE/tmp" -mindepth 2)" ]
}

@test 'an archive without images says so' {
    fails 125 cubby load -i "$(busybox_tar)"
    err_has manifest.json
    docker_archive "$BATS_TEST_TMPDIR/a.tar" only-repositories
    fails 125 cubby load -i "$BATS_TEST_TMPDIR/a.tar"
    err_has 1.10
}

@test 'a damaged archive leaves nothing' {
    local blobs
    blobs=$(find "$STORE/blobs" -type f | wc -l)
    head -c 700000 "$D/bb.tar" > "$BATS_TEST_TMPDIR/cut"
    fails 125 cubby load -i "$BATS_TEST_TMPDIR/cut"
    fails 125 cubby load < /dev/null
    [ "$(find "$STORE/blobs" -type f | wc -l)" = "$blobs" ]
    [ -z "$(find "$STORE/tmp" -type f)" ]
}

@test 'an archive that is not there is named' {
    fails 125 cubby load -i /no/such/archive
    err_has "'/no/such/archive'"
}

@test 'a terminal is no archive' {
    try on_tty -- load
    [ "$status" -ne 0 ]
    out_has terminal
}

@test '--signature-policy decides whether an archive is let in' {
    ok cubby save -o "$BATS_TEST_TMPDIR/a.tar" bb:1
    echo '{"default":[{"type":"reject"}]}' > "$BATS_TEST_TMPDIR/no.json"
    echo '{"default":[{"type":"insecureAcceptAnything"}]}' > "$BATS_TEST_TMPDIR/yes.json"
    fails 125 cubby load --signature-policy "$BATS_TEST_TMPDIR/no.json" -i "$BATS_TEST_TMPDIR/a.tar"
    [ -n "$stderr" ]
    ok cubby load --signature-policy "$BATS_TEST_TMPDIR/yes.json" -i "$BATS_TEST_TMPDIR/a.tar"
    out_has bb:1
}
