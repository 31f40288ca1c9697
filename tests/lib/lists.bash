# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# lists - what tests of lists of images share; to be loaded behind common

lists_setup() {
    file_setup
    registry_start --writable
    import_busybox
    cubby import -c 'CMD ["echo", "two"]' "$(busybox_tar)" bb:2 > /dev/null # another image
}

lists_teardown() {
    [ -z "${OTHER-}" ] || CUBBY_REGISTRY_STATE=$OTHER "$CUBBY_SRC/tests/images/registry" stop
    test_teardown
}

add() { cubby manifest add --tls-verify=false "$@"; }
push() { cubby manifest push --tls-verify=false "$@"; }
pull() { cubby pull -q --tls-verify=false "$@"; }

INDEX='Accept: application/vnd.oci.image.index.v1+json'
LIST='Accept: application/vnd.docker.distribution.manifest.list.v2+json'

# index_at REPOSITORY:TAG: the bytes of the index there
index_at() { curl -sf -H "$INDEX" -H "$LIST" "http://$REGISTRY/v2/${1%:*}/manifests/${1##*:}"; }

# requests PATTERN: how many lines of the registry's log match
requests() { registry_log | grep -cE "$1" || true; }

# entries JSON: arch/os of each entry, sorted
entries() {
    python3 -c 'import json, sys
print(" ".join(sorted("/".join(str(m.get("platform", {}).get(k)) for k in ("os", "architecture"))
                      for m in json.load(sys.stdin)["manifests"])))'
}

local_digest() { cubby inspect --type image --format '{{.Digest}}' "$1"; }
