# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# same - a context of which every machine makes the same layers, and what they are
#
# Names, contents, modes and times are given; owners, order in the folder, umask and the rest are the caller's. What
# is in an archive or a layer of another tool's making has no part in it, nor has compression.

# same_context DIR: the files and a Dockerfile
same_context() {
    local dir=$1 long
    long=$(printf 'n%.0s' {1..120})
    mkdir -p "$dir/sub/deep/er" "$dir/more"
    echo "some text" > "$dir/text"
    printf '#!/bin/sh\necho script\n' > "$dir/script"
    : > "$dir/sub/empty"
    echo deep > "$dir/sub/deep/file"
    echo long > "$dir/sub/deep/$long"
    echo 'ü' > "$dir/more/n-ü-€"
    echo ' ' > "$dir/more/with space"
    printf '%s' {1..20000} > "$dir/sub/deep/er/numbers"
    ln "$dir/sub/deep/file" "$dir/sub/hard"
    ln -s deep/file "$dir/sub/soft"
    ln -s /nowhere "$dir/sub/deep/dangling"
    same_archive "$dir/sub" "$dir/archive.tar"
    cat > "$dir/Dockerfile" <<'EOF'
FROM scratch AS first
COPY text script /
COPY --chmod=0640 more /d/
FROM scratch
LABEL of=everywhere
ENV A=1 B="two words"
COPY sub /sub
COPY --from=first / /first
COPY --link text /linked/
ADD archive.tar /unpacked/
WORKDIR /work/deep
COPY --chmod=u=rwX,go=rX sub ./
COPY --exclude=deep sub /less/
COPY <<'END' /here
a document
END
USER 7:8
EXPOSE 80 443/udp
ENTRYPOINT ["/script"]
CMD ["a", "b"]
EOF
    same_times "$dir"
}

# same_archive FROM TO
same_archive() {
    same_modes "$1"
    tar -C "$1" --format=posix --sort=name --owner=0 --group=0 --numeric-owner --mtime=@1650000000 -cf "$2" .
}

same_modes() {
    find "$1" -type d -exec chmod 0755 {} +
    find "$1" -type f -exec chmod 0644 {} +
    [ ! -e "$1/script" ] || chmod 4755 "$1/script"
    find "$1" -name empty -exec chmod 0600 {} +
    find "$1" -type d -name er -exec chmod 2750 {} +
}

# same_times DIR: modes and times; the folders last, deepest first
same_times() {
    same_modes "$1"
    find "$1" ! -type d -exec touch -h -d @1500000000.123456789 {} +
    touch -d @1700000000 "$1/text"
    touch -d @1 "$1/sub/deep/file"
    find "$1" -depth -type d -exec touch -d @1550000000 {} +
}

# layers_are IMAGE DIFF_ID...
layers_are() {
    local image=$1
    shift
    ok cubby image inspect --format '{{range .RootFS.Layers}}{{println .}}{{end}}' "$image"
    out_is "$(printf 'sha256:%s\n' "$@")"
}

SAME_LAYERS=(
    b3026366f822b07988fae037db33d25a36af8899c6b7d53764fcb3a145372800
    b18c293b6e4eb3e543b953b295ac9198496875a5f18029d374a1a2b31cebc01f
    2e6f898e3726e2b23b2b9b30c01249b4f8348c6549a9b964ee5884a05bcd20c7
    2bed24d2105ce2b6ec04e03bc8db1b2c413918ac997472b73e2903eac3d6abff
    bb8e07b7c9048de4932d5609090619f3e9b866a10aa9b12a420d10a5c107ea52
    4165915537a9f5f2c2e3ce1ef5aa003b44d6c6810991b99c2b2ead507ec72ead
    909f9f5e2aed14035d926cc60da4e5231c3f12a4618c868b42293eb71c77cc78
    b0f6c8f53074b5738cc24384d6677ed424d40258456b39d0d1a4c22eac4529af
)
SAME_LATER=(
    4bced7c61927c2271d5e62281d3c8e89513a4d6d745c2228e3fe058a78d0cfe0
    b82f2148f9d3a365165d7564a630305454547b72bd194a4b6f560e296dbf82a9
)
SAME_OWNERS=37485f6af2f26ec2360ea8a575f08ea0f94dc4b073f6c09e4a39432c3917d397
SAME_ID=962fb06fcff76f67ae841c16d8774587c3860afc73ddd7e94e753b96ca9763d9
SAME_DIGEST=sha256:1214ed29494a934a026f5bc9248ff4d8df407e5f79c2e95c7023b444a437fda6
