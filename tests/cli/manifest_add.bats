#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# manifest add, annotate: what is in a list of images

load ../lib/common
load ../lib/lists

setup_file() { lists_setup; }
teardown() { lists_teardown; }

@test 'images that are here, and of a registry, come into a list' {
    ok cubby manifest create mixed:1 bb:1
    ok add mixed:1 "docker://$REGISTRY/test/schema2:1"
    ok add --all mixed:1 "docker://$REGISTRY/test/multiarch:1"
    [ "$(cubby manifest inspect mixed:1 | entries)" = \
        'linux/amd64 linux/amd64 linux/amd64 linux/arm64 unknown/unknown' ]
    # of a list without --all the one for this machine
    ok cubby manifest create one:1
    ok add one:1 "docker://$REGISTRY/test/multiarch:1"
    [ "$(cubby manifest inspect one:1 | entries)" = linux/amd64 ]
    ok add --arch arm64 one:1 "docker://$REGISTRY/test/multiarch:1"
    [ "$(cubby manifest inspect one:1 | entries)" = 'linux/amd64 linux/arm64' ]
    fails 125 add one:1 "docker://$REGISTRY/none:1"
    err_has "cannot add 'docker://$REGISTRY/none:1'"
}

@test 'only the manifest of what is added from a registry is fetched' {
    local before
    STORE=$BATS_TEST_TMPDIR/s           # where nothing of it is yet
    before=$(requests '"GET /v2/test/multiarch/blobs/')
    ok cubby manifest create lean:1
    ok add --all lean:1 "docker://$REGISTRY/test/multiarch:1"
    # three configs
    [ $(($(requests '"GET /v2/test/multiarch/blobs/') - before)) -le 3 ]
    [ "$(requests '"GET /v2/test/multiarch/manifests/')" -gt 0 ]
    [ -z "$(find "$STORE/blobs" -type f -size +100k)" ]
}

@test 'an entry says what it is told to' {
    ok cubby manifest create said:1 bb:1
    local digest
    digest=$(local_digest bb:1)
    ok cubby manifest annotate --arch arm --variant v7 --os-version 1 --os-features a,b \
        --features sse4 --annotation k=v said:1 "$digest"
    ok cubby manifest inspect said:1
    out_has '"architecture": "arm"'
    out_has '"variant": "v7"'
    out_has '"os.version": "1"'
    out_matches '"os.features":[[:space:]]*\[[[:space:]]*"a",[[:space:]]*"b"'
    out_matches '"features":[[:space:]]*\[[[:space:]]*"sse4"'
    out_has '"k": "v"'
    # by a name that leads to it
    ok cubby manifest annotate --arch s390x said:1 bb:1
    [ "$(cubby manifest inspect said:1 | entries)" = linux/s390x ]
    ok cubby manifest annotate --index --annotation team=web --subject bb:2 said:1
    ok cubby manifest inspect said:1
    out_has '"team": "web"'
    out_has '"subject": {'
    fails 125 cubby manifest annotate --arch arm said:1 sha256:"$(printf '0%.0s' {1..64})"
    err_has 'has no entry'
}

@test 'what four say of an image at the same time is all kept' {
    ok cubby manifest create busy:1 bb:1
    local pids=() pid i
    for i in 1 2 3 4; do
        cubby manifest annotate --annotation "a$i=kept" busy:1 bb:1 > /dev/null 2>&1 &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid"
    done
    ok cubby manifest inspect busy:1
    [ "$(grep -cE '"a[1-4]": "kept"' <<< "$output")" = 4 ]
}

# artifact_of LIST: the manifest of the only artifact that a list in the registry names
artifact_of() {
    local digest
    digest=$(index_at "$1" | python3 -c 'import json, sys
print(*[m["digest"] for m in json.load(sys.stdin)["manifests"] if "artifactType" in m])')
    curl -sf -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
        "http://$REGISTRY/v2/${1%:*}/manifests/$digest"
}

@test 'files come into a list as an artifact, and go with it' {
    echo '{"a": 1}' > "$BATS_TEST_TMPDIR/a.json"
    echo one > "$BATS_TEST_TMPDIR/b.spdx"
    ok cubby manifest create files:1 bb:1
    ok cubby manifest add --artifact --artifact-type text/spdx --annotation k=v files:1 \
        "$BATS_TEST_TMPDIR/a.json" "$BATS_TEST_TMPDIR/b.spdx"
    ok cubby manifest inspect files:1
    out_has '"artifactType": "text/spdx"'
    out_has '"k": "v"'
    # a prune leaves what the list names
    ok cubby image prune -f
    ok cubby system check
    ok push files:1 "docker://$REGISTRY/files/one:1"
    ok artifact_of files/one:1
    out_has '"artifactType":"text/spdx"'
    out_has '"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2'
    out_has '"mediaType":"application/json"'
    out_has '"org.opencontainers.image.title":"a.json"'
    out_has '"mediaType":"application/octet-stream"'
    out_has '"org.opencontainers.image.title":"b.spdx"'
    local blob
    blob=$(sha256sum "$BATS_TEST_TMPDIR/b.spdx" | cut -d ' ' -f 1)
    [ "$(curl -sf "http://$REGISTRY/v2/files/one/blobs/sha256:$blob")" = one ]
    # what runs of the list is the image
    ok pull "$REGISTRY/files/one:1"
    # and into a folder, byte for byte
    ok cubby manifest push files:1 "oci:$BATS_TEST_TMPDIR/out:1"
    cmp "$BATS_TEST_TMPDIR/b.spdx" "$BATS_TEST_TMPDIR/out/blobs/sha256/$blob"
}

@test 'types, config, names and subject of an artifact are what they are told to be' {
    echo '{}' > "$BATS_TEST_TMPDIR/c.json"
    echo one > "$BATS_TEST_TMPDIR/f.txt"
    ok cubby manifest create told:1 bb:1
    ok cubby manifest add --artifact --artifact-config "$BATS_TEST_TMPDIR/c.json" --artifact-exclude-titles \
        --artifact-layer-type text/x --artifact-subject bb:1 told:1 "$BATS_TEST_TMPDIR/f.txt" "$BATS_TEST_TMPDIR/f.txt"
    ok push told:1 "docker://$REGISTRY/files/told:1"
    ok artifact_of files/told:1
    out_has '"artifactType":"application/vnd.unknown.artifact.v1"'
    out_has '"config":{"mediaType":"application/vnd.oci.image.config.v1+json"'
    out_has '"mediaType":"text/x"'
    out_has "\"digest\":\"$(local_digest bb:1)\""
    out_lacks title
    ok cubby manifest create typed:1
    ok cubby manifest add --artifact --artifact-config-type a/b typed:1 "$BATS_TEST_TMPDIR/f.txt"
    ok push typed:1 "docker://$REGISTRY/files/typed:1"
    ok artifact_of files/typed:1
    out_has '"config":{"mediaType":"a/b"'
}

@test 'what cannot be an artifact is told, and changes nothing' {
    local before
    ok cubby manifest create not:1 bb:1
    before=$(cubby manifest inspect not:1)
    echo one > "$BATS_TEST_TMPDIR/f"
    fails 125 cubby manifest add --artifact not:1 "$BATS_TEST_TMPDIR/f" "$BATS_TEST_TMPDIR/none"
    err_has "cannot read '$BATS_TEST_TMPDIR/none'"
    fails 125 cubby manifest add --artifact not:1 "$BATS_TEST_TMPDIR"
    err_has 'no regular file'
    mkfifo "$BATS_TEST_TMPDIR/fifo"
    fails 125 cubby manifest add --artifact not:1 "$BATS_TEST_TMPDIR/fifo"
    err_has 'no regular file'
    fails 125 cubby manifest add --artifact bb:1 "$BATS_TEST_TMPDIR/f"
    err_has 'no list but an image'
    fails 125 cubby manifest add --artifact-type a/b not:1 bb:2
    err_has 'need --artifact'
    fails 125 cubby manifest add --artifact --all not:1 "$BATS_TEST_TMPDIR/f"
    err_has '--all is for images'
    [ "$(cubby manifest inspect not:1)" = "$before" ]
    [ -z "$(find "$STORE/tmp" -mindepth 2)" ]
}
