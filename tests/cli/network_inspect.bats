# SPDX-License-Identifier: LGPL-2.1-or-later
# network inspect - the documents of both tools

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

# shows PYTHON: the printed document satisfies an expression about d
shows() {
    python3 -c 'import json, sys; d = json.loads(sys.argv[1])[0]; assert '"$1"', d' "$output"
}

@test 'the document is podman’s' {
    ok cubby network create --subnet 10.77.0.0/24 --label a=b -o mtu=1500 web
    ok cubby network inspect web
    shows 'list(d) == ["name", "id", "driver", "network_interface", "created", "subnets", "ipv6_enabled", "internal", "dns_enabled", "labels", "options", "ipam_options", "containers"]'
    shows 'd["subnets"] == [{"subnet": "10.77.0.0/24", "gateway": "10.77.0.1"}]'
    shows 'd["labels"] == {"a": "b"} and d["options"] == {"mtu": "1500"} and d["ipam_options"] == {"driver": "host-local"}'
    shows 'd["dns_enabled"] and not d["internal"] and not d["ipv6_enabled"] and d["containers"] == {}'
}

@test 'as docker the document is docker’s' {
    ok cubby network create --subnet 10.77.0.0/24 --ip-range 10.77.0.128/25 --label a=b --internal web
    as_docker ok cubby network inspect --verbose web
    shows 'list(d) == ["Name", "Id", "Created", "Scope", "Driver", "EnableIPv4", "EnableIPv6", "IPAM", "Internal", "Attachable", "Ingress", "ConfigFrom", "ConfigOnly", "Containers", "Options", "Labels"]'
    shows 'd["IPAM"]["Config"] == [{"Subnet": "10.77.0.0/24", "IPRange": "10.77.0.128/25", "Gateway": "10.77.0.1", "AuxiliaryAddresses": {}}]'
    shows 'd["EnableIPv4"] and not d["EnableIPv6"] and d["Internal"] and d["Containers"] == {} and d["Labels"] == {"a": "b"}'
    as_docker ok cubby network inspect web --format '{{.Id}} {{(index .IPAM.Config 0).Gateway}}'
    out_matches '^[0-9a-f]{64} 10\.77\.0\.1$'
}

@test 'the networks that are there anyway have documents, and the default one its containers' {
    ok cubby run -d --name c bb:1 sleep 1000
    ok cubby network inspect podman
    shows 'd["name"] == "podman" and d["subnets"][0]["subnet"] == "10.0.2.0/24" and len(d["containers"]) == 1'
    shows '[c["name"] for c in d["containers"].values()] == ["c"]'
    as_docker ok cubby network inspect bridge --format '{{range .Containers}}{{.Name}} {{.IPv4Address}}{{end}}'
    out_is 'c 10.0.2.100/24'
    as_docker ok cubby network inspect none --format '{{.Driver}} {{len .Containers}}'
    out_is 'null 0'
}

@test 'inspect finds networks, and with --type nothing else' {
    ok cubby network create web
    ok cubby inspect --format '{{.Name}} {{.Driver}}' web
    out_is 'web bridge'
    ok cubby inspect --type network web --format '{{.Name}}'
    out_is web
    fails 125 cubby inspect --type network bb:1
    fails 125 cubby network inspect web nowhere --format '{{.Name}}'
    out_is web
    err_has "no network named 'nowhere'"
}

@test 'an id or the beginning of one is enough' {
    ok cubby network create web
    id=$(cubby network inspect web -f '{{.ID}}')
    ok cubby network inspect "${id:0:12}" --format '{{.Name}}'
    out_is web
}
