# SPDX-License-Identifier: LGPL-2.1-or-later
# info - facts about the host, the store and the program

load ../lib/common

@test 'info answers what scripts ask docker for' {
    ok cubby info --format '{{.OSType}} {{.CgroupVersion}} {{.NCPU}}'
    out_matches '^linux [012] [0-9]+$'
    ok cubby info -f '{{.Driver}}'
    out_matches '^(overlay|fuse-overlayfs|copy)$'
    ok cubby info -f '{{.DockerRootDir}}'
    out_is "$STORE"
    ok cubby info -f '{{range .SecurityOptions}}{{println .}}{{end}}'
    out_has name=rootless
}

@test 'info answers what scripts ask podman for' {
    ok cubby info -f '{{.Host.Security.Rootless}} {{.Host.CgroupVersion}} {{.Host.OCIRuntime.Name}}'
    out_matches '^true v[012] cubby$'
    ok cubby info -f '{{.Store.GraphRoot}} {{.Store.ContainerStore.Number}}'
    out_is "$STORE 0"
    ok cubby info -f '{{(index .Host.IDMappings.UIDMap 0).container_id}} {{.Version.Version}}'
    out_matches '^0 [0-9.]+$'
}

@test 'info lists the fields of the tool by whose name it is called' {
    ok cubby info
    out_has 'graphRoot:'
    out_lacks 'DockerRootDir'
    ln -s "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker ok cubby info
    out_has ' Docker Root Dir: '
    out_lacks 'graphRoot'
    ok cubby info --format json
    python3 -c 'import json, sys; json.loads(sys.argv[1])' "$output"
}

@test 'as docker the headings are those that scripts grep for' {
    ln -s "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker ok cubby info
    out_matches 'Server Version: [0-9]'
    out_matches 'Storage Driver: [a-z]'
    out_matches 'Cgroup Version: [12]'
    out_has ' Log: none json-file k8s-file journald'
    CUBBY=$BATS_TEST_TMPDIR/docker ok cubby version
    out_has 'Server: '
    out_matches 'OS/Arch: +linux/'
}
