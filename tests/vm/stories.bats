# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The images that stories use, fetched once by each user who tells some: they stay in ~/stories, which run puts
# behind the stores of the stories.

load ../lib/common
load ../lib/vm

setup_file() {
    vm_setup
    registry_start
}

@test 'images of a registry are pulled, into a store that others stand before' {
    local name
    for name in nginx:1.22 postgres:15; do
        ok cubby --root ~/stories pull --tls-verify=false -q "$REGISTRY/library/$name"
    done
    ok cubby --store ~/stories run --rm --network none "$REGISTRY/library/nginx:1.22" nginx -v
    ok cubby images -q
    out_is ''
}
