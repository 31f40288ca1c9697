#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# manifest inspect: a list, or what a registry has

load ../lib/common
load ../lib/lists

setup_file() { lists_setup; }
teardown() { lists_teardown; }

@test 'called as docker, lists are of registries' {
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    cubby push -q --tls-verify=false bb:1 "$REGISTRY/d/bb:1"
    CUBBY=$BATS_TEST_TMPDIR/docker
    ok cubby manifest create "$REGISTRY/d/list:1" "$REGISTRY/d/bb:1"
    out_is "Created manifest list $REGISTRY/d/list:1"
    ok cubby manifest annotate --arch arm "$REGISTRY/d/list:1" "$REGISTRY/d/bb:1"
    ok cubby manifest push "$REGISTRY/d/list:1"
    out_matches '^sha256:[0-9a-f]{64}$'
    ok cubby manifest inspect "$REGISTRY/d/bb:1"
    out_has '"schemaVersion": 2'
    out_has '"layers"'
    ok cubby manifest inspect -v "$REGISTRY/d/bb:1"
    out_has '"Ref":'
    out_has '"Descriptor":'
    ok cubby manifest inspect -v "$REGISTRY/test/multiarch:1"
    out_has 'OCIManifest'
}

@test 'a list that is here is shown, else what the registry has' {
    ok cubby manifest create "$REGISTRY/test/multiarch:1"
    ok cubby manifest inspect "$REGISTRY/test/multiarch:1"
    out_has '"manifests": []'
    ok cubby manifest rm "$REGISTRY/test/multiarch:1"
    ok cubby manifest inspect --tls-verify=false "docker://$REGISTRY/test/multiarch:1"
    [ "$(entries <<< "$output")" = 'linux/amd64 linux/arm64 unknown/unknown' ]
    ok cubby manifest inspect --insecure "$REGISTRY/test/schema2:1"
    out_has 'distribution.manifest.v2+json'
    fails 125 cubby manifest inspect --tls-verify=false "$REGISTRY/none:1"
    err_has 'cannot inspect'
}
