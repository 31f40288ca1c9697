# SPDX-License-Identifier: LGPL-2.1-or-later
# network ls - the list, its filters and formats

load ../lib/common

setup_file() { file_setup; import_busybox; }

teardown() {
    test_teardown
    cubby network prune -f > /dev/null
}

as_docker() {
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker "$@"
}

@test 'networks are listed by name with those that are there anyway' {
    ok cubby network create web
    ok cubby network create app
    ok cubby network ls -q
    out_is $'app\npodman\nweb'
    ok cubby network ls
    out_matches '^NETWORK ID +NAME +DRIVER'
    as_docker ok cubby network ls --format '{{.Name}}'
    out_is $'app\nbridge\nhost\nnone\nweb'
    as_docker ok cubby network ls -q --filter name=web
    out_matches '^[0-9a-f]{12}$'
    as_docker ok cubby network ls -q --no-trunc --filter name=web
    out_matches '^[0-9a-f]{64}$'
    ok cubby network list -q -n
    out_has web
}

@test 'filters choose among networks that were made' {
    ok cubby network create --label a=1 web
    ok cubby network create --label a=2 --label b db
    id=$(cubby network inspect web --format '{{.ID}}')
    for row in 'type=custom|db web' 'type=builtin|podman' 'label=a|db web' 'label=a=1|web' 'label!=b|podman web' \
        "id=${id:0:9}|web" 'name=^w|web' 'driver=bridge|db podman web' 'dangling=true|db web' 'dangling=false|podman' \
        'until=1h|podman' 'until=0s|db podman web' 'scope=local|db podman web'; do
        got=$(cubby network ls -q --filter "${row%|*}" | xargs)
        [ "$got" = "${row#*|}" ] || { echo "$row: $got"; false; }
    done
    as_docker ok cubby network ls --filter name=e --filter type=custom --format '{{.Name}}'
    out_is web
}

@test 'formats show the fields of both tools' {
    ok cubby network create --ipv6 --internal --label a=b web
    ok cubby network ls --filter name=web --format '{{.Name}} {{.Driver}} {{.IPv6}} {{.Internal}} {{.Labels}} {{.Label "a"}} {{.IPv6Enabled}} {{.DNSEnabled}}'
    out_is 'web bridge true true a=b b true true'
    ok cubby network ls --filter name=web --format '{{range .Subnets}}{{.Subnet}} {{end}}'
    out_matches '^10\.[0-9./]+ fd'
    ok cubby network ls --filter name=web --format json
    python3 -c 'import json, sys; d = json.loads(sys.argv[1]); assert d[0]["name"] == "web" and d[0]["internal"] and "containers" not in d[0], d' "$output"
    as_docker ok cubby network ls --filter name=web --format json
    python3 -c 'import json, sys; d = json.loads(sys.argv[1]); assert d["Name"] == "web" and d["Internal"] == "true", d' "$output"
}

@test 'a damaged network is told, and the others are listed' {
    ok cubby network create web
    echo '{' > "$STORE/networks/bad.json"
    ok cubby network ls -q
    out_is $'podman\nweb'
    err_has "the record of the network 'bad' is damaged"
    fails 125 cubby network inspect bad
    ok cubby network rm bad
}
