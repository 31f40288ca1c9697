# SPDX-License-Identifier: LGPL-2.1-or-later
# inspect - everything that is known of containers, images and volumes

load ../lib/common

setup_file() { file_setup; import_busybox; }

@test 'inspect prints a list of documents' {
    ok cubby create --network none --name a -l k=v -e A=1 bb:1 sleep 5
    ok cubby inspect a
    printf '%s' "$output" > "$BATS_TEST_TMPDIR/doc.json"
    python3 - "$BATS_TEST_TMPDIR/doc.json" <<'END'
import json, sys
docs = json.load(open(sys.argv[1]))
assert len(docs) == 1
d = docs[0]
assert d["Name"] == "a" and d["State"]["Status"] == "created", d
assert d["Config"]["Labels"] == {"k": "v"} and "A=1" in d["Config"]["Env"]
assert d["Path"] == "sleep" and d["Args"] == ["5"]
assert not [k for k in d if k.endswith("()")]
END
}

@test 'a format is a Go template' {
    ok cubby run -d --network none --name a -l my.key=v bb:1 sleep 1000
    ok cubby inspect a --format '{{.State.Status}} (PID {{.State.Pid}})'
    out_matches '^running \(PID [0-9]+\)$'
    ok ps -p "$(cubby inspect -f '{{.State.Pid}}' a)"
    ok cubby inspect -f '{{index .Config.Labels "my.key"}} {{json .Config.Labels}}' a
    out_is 'v {"my.key":"v"}'
    ok cubby inspect -f '{{.Config.Labels.nothing}} {{eq .ID .Id}}' a
    out_is '<no value> true'
}

@test 'a mistyped field is an error and no empty answer' {
    ok cubby create --network none --name a bb:1 true
    fails 125 cubby inspect -f '{{.State.Statsu}}' a
    err_has "can't evaluate field Statsu"
}

@test 'as docker the name has a slash and the status of a failure is 1' {
    ok cubby create --network none --name a bb:1 true
    ln -s "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker ok cubby inspect -f '{{.Name}}' a
    out_is /a
    ok cubby inspect -f '{{.Image}}' a
    out_matches '^[0-9a-f]{64}$'
    image=$output
    CUBBY=$BATS_TEST_TMPDIR/docker ok cubby inspect -f '{{.Image}}' a
    out_is "sha256:$image"
    CUBBY=$BATS_TEST_TMPDIR/docker fails 1 cubby inspect nobody
    out_is '[]'
}

@test 'what is not there is told, the others are printed all the same' {
    ok cubby create --network none --name a bb:1 true
    fails 125 cubby inspect nobody a --format '{{.Name}}'
    out_is a
    err_has "no such object: 'nobody'"
    fails 125 cubby inspect --type volume a
    fails 125 cubby inspect --type pod a
    err_has "unknown type 'pod'"
}

@test 'any beginning of an id that is unique is enough' {
    ok cubby create --network none --name a bb:1 true
    id=$output
    ok cubby inspect -f '{{.Name}}' "${id:0:6}"
    out_is a
}

@test 'json is a list, as docker an object a line' {
    for n in a b; do ok cubby create --network none --name "$n" bb:1 true; done
    ok cubby inspect --format json a b
    [ "$(python3 -c 'import json, sys; print(len(json.loads(sys.argv[1])))' "$output")" = 2 ]
    ln -s "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker ok cubby inspect --format json a b
    [ "${#lines[@]}" = 2 ]
    [[ ${lines[0]} == '{"Id":'* ]]
}

@test '--type looks for one kind, all for every kind, --latest for the container made last' {
    ok cubby create --network none --name thing bb:1 true
    ok cubby volume create thing
    ok cubby inspect --type container -f '{{.Path}}' thing
    out_is true
    ok cubby inspect --type volume -f '{{.Driver}}' thing
    out_is local
    ok cubby inspect --type image -f '{{.Os}}' bb:1
    out_is linux
    ok cubby inspect --type network podman
    ok cubby inspect --type all -f '{{.Name}}' thing
    out_is thing
    ok cubby inspect -l -f '{{.Name}}'
    out_is thing
    ok cubby container inspect --latest -s -f '{{.SizeRootFs}}'
    out_matches '^[1-9][0-9]+$'
    fails 125 cubby inspect
    err_has --latest
    fails 125 cubby inspect --type image --latest
    ok cubby volume rm thing 2> /dev/null || ok cubby rm thing
}

@test 'a container without limits, pods or links has their fields all the same' {
    ok cubby create --network none --name a bb:1 true
    ok cubby inspect -f '{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.Links}} {{.Pod}}.' a
    out_is '0 0 [] .'
    ok cubby inspect -f '{{.BoundingCaps}}' a
    out_has CAP_CHOWN
    ok cubby create --network none --name b -u 1000 --cap-drop all bb:1 true
    ok cubby inspect -f '{{.EffectiveCaps}} {{.BoundingCaps}}' b
    out_is '[] []'
}

# strict: what is on stdin is JSON for the strictest of readers
strict() { python3 -c 'import json, sys; json.loads(sys.stdin.buffer.read().decode("utf-8", "strict"))'; }

@test 'bytes that are no text stay in the container, documents are text all the same' {
    bytes=$'\xff\xfe'
    ok cubby run --name bytes --network none -e "A=$bytes" -l "l=$bytes" --annotation "a=$bytes" bb:1 \
        sh -c 'printf %s "$A" | od -An -tx1; echo "$0"' "$bytes"
    out_matches '^ ff fe'
    cubby inspect bytes | strict
    cubby inspect --format '{{json .Config}}' bytes | strict
    cubby ps -a --format json | strict
    cubby ps -a --format '{{json .}}' --filter name=bytes | strict
    cubby events --stream=false --format json --filter container=bytes | while read -r line; do strict <<< "$line"; done
    ok cubby commit -q -m "$bytes" -c "LABEL m=$bytes" bytes bytes:1
    cubby image inspect bytes:1 | strict
    cubby history --format json bytes:1 | strict
    ok cubby save -q --format oci-dir -o "$BATS_TEST_TMPDIR/layout" bytes:1
    for document in "$BATS_TEST_TMPDIR"/layout/blobs/sha256/*; do
        [ "$(head -c 1 "$document")" != '{' ] || strict < "$document"
    done
    ok cubby rmi -f bytes:1
    ok cubby rm bytes
}

@test 'what is printed whole looks as Go prints it: maps with names, structs without' {
    local port
    port=$(free_port)
    ok cubby create --name a -p "127.0.0.1:$port:80" -v /tmp:/host:ro -l k=v bb:1 true
    ok cubby inspect -f '{{.HostConfig.PortBindings}} {{.Config.Labels}} {{.HostConfig.RestartPolicy}}' a
    out_is "map[80/tcp:[{127.0.0.1 $port}]] map[k:v] {no 0}"
    ok cubby inspect -f '{{range .Mounts}}{{.Name}}{{.Driver}}{{.Source}}{{end}}' a
    out_is /tmp
    ok cubby create --name b --network none --expose 9000 bb:1 true
    ok cubby inspect -f '{{.NetworkSettings.Ports}}' b
    out_is 'map[9000/tcp:[]]'
}
