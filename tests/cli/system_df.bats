# SPDX-License-Identifier: LGPL-2.1-or-later
# system df - what takes how much of the disk

load ../lib/common

setup_file() { file_setup; import_busybox; }

as_docker() {
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker "$@"
}

# raw TYPE: bytes and reclaimable bytes
raw() { cubby system df --format "{{if eq .Type \"$1\"}}{{.RawSize}} {{.RawReclaimable}}{{end}}" | xargs; }

@test 'df counts images, containers, volumes and blobs, and what nobody uses of them' {
    ok cubby system df
    [[ ${lines[0]} =~ ^'TYPE '\ +'TOTAL '\ +'ACTIVE '\ +'SIZE '\ +RECLAIMABLE$ ]]
    [[ ${lines[1]} =~ ^'Images '\ +1' '+0' '+[0-9.]+' MB '+[0-9.]+' MB (100%)'$ ]]
    [[ ${lines[2]} =~ ^'Containers '\ +0' '+0' '+'0 B '+'0 B (0%)'$ ]]
    [[ ${lines[3]} =~ ^'Local Volumes '\ +0' '+0' '+'0 B '+'0 B (0%)'$ ]]
    [[ ${lines[4]} =~ ^'Blobs '\ +3' '+0' '+[0-9.]+' MB '+[0-9.]+' MB (100%)'$ ]]
    [ "${#lines[@]}" = 5 ]
    ok cubby run --network none --name c -v data:/d bb:1 sh -c 'dd if=/dev/zero of=/f bs=1000 count=50; dd if=/dev/zero of=/d/f bs=1000 count=30'
    [ "$(raw Containers)" = '50000 50000' ]
    [ "$(raw 'Local Volumes')" = '30000 0' ]
    images=$(raw Images)
    [ "${images#* }" = 0 ]
    ok cubby rm c
    [ "$(raw 'Local Volumes')" = '30000 30000' ]
    images=$(raw Images)
    [ "${images% *}" = "${images#* }" ]
    # what it says is what is there
    layers=$(cubby unshare find "$STORE/layers" -type f -path '*/diff/*' -printf '%s %i\n' | awk '!seen[$2]++ { s += $1 } END { print s }')
    [ "${images% *}" = "$layers" ]
    blobs=$(find "$STORE/blobs/sha256" -type f -printf '%s\n' | awk '{ s += $1 } END { print s }')
    [ "$(raw Blobs)" = "$blobs $blobs" ]
    ok cubby volume rm data
}

@test 'a running container is active' {
    ok cubby run -d --network none --name r bb:1 sh -c 'dd if=/dev/zero of=/f bs=1000 count=5; echo done; sleep 1000'
    wait_for 20 sh -c "[ \"\$(env -i HOME=$HOME PATH=$PATH '$CUBBY' --root '$STORE' logs r 2> /dev/null)\" = done ]"
    ok cubby system df --format '{{.Type}}:{{.TotalCount}}:{{.Active}}:{{.Reclaimable}}'
    out_has $'Containers:1:1:0 B (0%)'
    out_has 'Images:1:1:0 B (0%)'
}

@test 'layers that images share count once' {
    ok cubby tag bb:1 same:1
    one=$(raw Images)
    ok cubby system df -v --format '{{range .Images}}{{.Repository}} {{.SharedSize}} {{.Containers}}{{println}}{{end}}'
    out_has 'localhost/bb 0 B 0'
    out_has 'localhost/same 0 B 0'
    # the same layer under another config
    ok cubby import -c 'ENV a=b' "$(busybox_tar)" other:1
    [ "$(raw Images)" = "$one" ]
    ok cubby system df -v --format '{{range .Images}}{{.Repository}} {{.UniqueSize}}{{println}}{{end}}'
    out_has 'localhost/bb 0 B'
    out_has 'localhost/other 0 B'
    ok cubby rmi other:1 same:1
}

@test '-v lists every image, container and volume' {
    ok cubby create --network none --name vc -v vol:/d bb:1
    ok cubby system df -v
    out_matches 'Images space usage:.*REPOSITORY +TAG +IMAGE ID +CREATED +SIZE +SHARED SIZE +UNIQUE SIZE +CONTAINERS'
    out_matches 'Containers space usage:.*CONTAINER ID +IMAGE +COMMAND +LOCAL VOLUMES +SIZE +CREATED +STATUS +NAMES'
    out_matches 'Local Volumes space usage:.*VOLUME NAME +LINKS +SIZE.*vol +1 +0 B'
    out_matches 'localhost/bb:1 +"sh" +1 +0 B .* Created +vc'
    ok cubby rm vc
    ok cubby volume rm vol
}

@test 'json is docker'\''s or podman'\''s' {
    ok cubby system df --format json
    python3 -c 'import json, sys
e = json.loads(sys.argv[1])
assert [r["Type"] for r in e] == ["Images", "Containers", "Local Volumes", "Blobs"], e
assert list(e[0]) == ["Type", "Total", "Active", "RawSize", "RawReclaimable", "TotalCount", "Size", "Reclaimable"], e' "$output"
    as_docker ok cubby system df --format json
    python3 -c 'import json, sys
e = [json.loads(l) for l in sys.argv[1].splitlines()]
assert [r["Type"] for r in e] == ["Images", "Containers", "Local Volumes", "Blobs", "Build Cache"], e
assert list(e[0]) == ["Active", "Reclaimable", "Size", "TotalCount", "Type"], e' "$output"
    fails 125 cubby system df --format '{{.Nope}}'
}
