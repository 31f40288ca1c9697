# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Images are built with ids of their own for RUN, upon real images, and are those that are built without.

load ../lib/common

setup_file() {
    file_setup
    registry_start
    DEBIAN=$REGISTRY/library/debian:12-slim
    BUSYBOX=$REGISTRY/library/busybox:1.35
    export DEBIAN BUSYBOX
    ok cubby pull --tls-verify=false "$DEBIAN"
    ok cubby pull --tls-verify=false "$BUSYBOX"
}

# Files of other ids are there, which only root of the user namespace can remove.
teardown_file() {
    cubby unshare rm -rf "$STORE/build"
    file_teardown
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    needs ranges
    [ -w /dev/fuse ] && command -v fuse-overlayfs > /dev/null || skip 'there is no fuse-overlayfs'
}

# dated FLAG...: the id of the image
dated() { ok cubby build -q --no-cache --network none --source-date-epoch 1600000000 "$@" .; }

@test 'debian: users, a package, bits, capabilities and ACLs are in the same layers whatever the ids of RUN are' {
    local id
    mkdir -p pkg/DEBIAN pkg/usr/bin pkg/var/lib/hello
    printf 'Package: hello-cubby\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: says hello\n' > pkg/DEBIAN/control
    printf '#!/bin/sh\nchown games:staff /var/lib/hello && chmod 2775 /var/lib/hello\n' > pkg/DEBIAN/postinst
    printf '#!/bin/sh\necho hello from the package\n' > pkg/usr/bin/hello-cubby
    chmod 755 pkg/usr/bin/hello-cubby pkg/DEBIAN/postinst
    dpkg-deb --root-owner-group -b pkg hello.deb > /dev/null
    cat > attributes.pl <<'EOF'
my $set = `uname -m` =~ /x86_64/ ? 188 : 5;
sub set { my ($file, $name, $value) = @_; syscall($set, $file, $name, $value, length $value, 0) == 0 or $! == 95 or die "$file $name: $!" }
my $acl = pack("V", 2) . join "", map { pack("vvV", @$_) } [1, 6, 0xffffffff], [2, 4, 33], [4, 4, 0xffffffff], [8, 6, 50], [16, 6, 0xffffffff],
    [32, 4, 0xffffffff];
set("/usr/bin/caps", "security.capability", pack("VVVVV", 0x02000001, 1 << 10, 0, 0, 0));
set("/srv/acl", "system.posix_acl_access", $acl);
set("/srv/acl2", "system.posix_acl_access", $acl);
set("/srv/acls", "system.posix_acl_default", $acl);
set("/srv/acl", "user.note", "text");
EOF
    cat > Dockerfile <<EOF
FROM $DEBIAN
RUN useradd -m -u 1500 app && su app -c 'touch ~/mine && mkdir -m 2770 ~/shared' && \
    install -d -o www-data -g www-data -m 2775 /srv/www && touch /usr/local/lib/f /var/mail/f && rm -f /var/log/*log
RUN --mount=type=bind,source=hello.deb,target=/hello.deb --mount=type=tmpfs,target=/var/log dpkg -i /hello.deb
RUN --mount=type=bind,source=attributes.pl,target=/a.pl cp /bin/true /usr/bin/caps && touch /srv/acl /srv/acl2 && mkdir /srv/acls && perl /a.pl
USER app
RUN touch ~/again && id -u > ~/shared/id && ! touch /srv/www/no 2> /dev/null
USER root
RUN touch /usr/bin/chage /srv/www/f && mv /usr/bin/expiry /usr/bin/expired && chmod g-s /usr/bin/wall && chown -R news /srv/www && \
    chmod 711 /srv/acl && ln /srv/acl /srv/aaa && ln /srv/acl /srv/zzz && mv /srv/acl2 /srv/renamed && mkdir /srv/acls/below && rm -rf /usr/share/doc && hello-cubby && stat -c '%U:%G %a' /usr/bin/passwd /var/lib/hello
EOF
    dated
    id=$output
    for map in '--userns-uid-map 0:1:1501' '--userns-uid-map 0:2000:1000,1000:0:1,1001:5000:1000' '--userns auto:size=1600' '--userns nomap'; do
        # shellcheck disable=SC2086  # several words
        dated $map
        out_is "$id"
    done
    ok cubby run --rm --network none "$id" sh -c 'hello-cubby; stat -c "%U:%G %a" /var/lib/hello /home/app/shared /srv/www/f /usr/bin/expired; id -u app'
    # as the driver fuse-overlayfs loses bits of what it copies up, with maps and without
    [ "${CUBBY_STORAGE-}" = fuse-overlayfs ] || out_is $'hello from the package\ngames:staff 2775\napp:app 2770\nnews:www-data 644\nroot:shadow 2755\n1500'
}

@test 'busybox: an image that needs more ids than the map has is built with --userns auto, which counts them' {
    printf 'FROM %s\nRUN echo "far:x:9000:9000::/:/bin/sh" >> /etc/passwd\nRUN touch /f && chown 9000 /f\n' "$BUSYBOX" > Dockerfile
    fails 1 cubby build --network none --userns-uid-map 0:1:5000 .
    err_has Dockerfile:3
    ok cubby build -q --network none --userns auto -t far:1 .
    ok cubby run --rm --network none far:1 stat -c %u /f
    out_is 9000
}
