# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Files go into containers and come out, and images are made from what containers became: on real images.

load ../lib/common

setup_file() {
    file_setup
    registry_start
    PORT=$(free_port)
    NGINX=$REGISTRY/library/nginx:1.22
    DEBIAN=$REGISTRY/library/debian:12-slim
    export PORT NGINX DEBIAN
    ok cubby pull --tls-verify=false "$NGINX"
    ok cubby pull --tls-verify=false "$DEBIAN"
}

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

serves() { curl -sS --max-time 10 "http://localhost:$PORT/" | grep -q "$1"; }

@test 'a page and a configuration that are copied into nginx are served' {
    ok cubby create --name web -p "$PORT:80" "$NGINX"
    mkdir site
    echo 'hello from outside' > site/index.html
    ok cubby cp site/. web:/usr/share/nginx/html
    ok cubby start web
    wait_for 20 serves 'hello from outside'
    ok cubby cp web:/etc/nginx/conf.d/default.conf conf
    sed -i 's|index  *index.html|index other.html|' conf
    echo 'the other page' | tee site/other.html > /dev/null
    ok cubby cp conf web:/etc/nginx/conf.d/default.conf
    tar -C site -c other.html | cubby cp - web:/usr/share/nginx/html
    ok cubby exec web nginx -s reload
    wait_for 20 serves 'the other page'
    ok cubby diff web
    out_has 'C /etc/nginx/conf.d/default.conf'
    out_has 'A /usr/share/nginx/html/other.html'
    # and an image of it serves the same
    ok cubby commit -m 'with a page' web site:1
    ok cubby rm -f -v -t 2 web
    ok cubby run -d --name again -p "$PORT:80" site:1
    wait_for 20 serves 'the other page'
    ok cubby history --format '{{.Comment}}' site:1
    [ "${lines[0]}" = 'with a page' ]
}

@test 'a package that was installed in debian is in the image that is made of it' {
    mkdir -p pkg/DEBIAN pkg/usr/bin
    printf 'Package: hello-cubby\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: says hello\n' > pkg/DEBIAN/control
    printf '#!/bin/sh\necho hello from the package\n' > pkg/usr/bin/hello-cubby
    chmod 755 pkg/usr/bin/hello-cubby
    dpkg-deb --root-owner-group -b pkg hello.deb > /dev/null
    ok cubby create --name box "$DEBIAN" sh -c 'dpkg -i /tmp/hello.deb && rm /tmp/hello.deb && rm -rf /usr/share/doc'
    ok cubby cp hello.deb box:/tmp/
    ok cubby start -a box
    ok cubby commit -c 'CMD ["hello-cubby"]' box hello:1
    ok cubby run --rm --network none hello:1
    out_is 'hello from the package'
    ok cubby run --rm --network none hello:1 sh -c 'dpkg -s hello-cubby | grep Status; [ ! -e /usr/share/doc ]'
    out_is 'Status: install ok installed'
}

@test 'debian comes out and goes in again as it was' {
    ok cubby create --name one "$DEBIAN"
    cubby export one > one.tar
    ok cubby import -c 'CMD ["bash"]' one.tar flat:1
    ok cubby create --name two flat:1
    cubby export two | cmp - one.tar
    ok cubby commit --squash one squashed:1
    ok cubby create --name three squashed:1
    cubby export three | cmp - one.tar
    ok cubby cp one:/usr/lib/os-release .
    grep -q bookworm os-release
}
