# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# dockerfiles - the Dockerfiles of tests/data/dockerfiles, their contexts, and what they become
#
# NAME/Dockerfile is built in a context that context.sh and NAME/context.sh make, with the arguments of
# the lines of NAME/args. NAME/expected is what image-tree shows of the result, and NAME/alone tells
# why buildah makes something else. The bases are bb:1 and rich:1, which is one of the Dockerfiles.

DOCKERFILES=$CUBBY_SRC/tests/data/dockerfiles

# dockerfiles GLOB...: their folders
dockerfiles() {
    local glob
    for glob in "$@"; do
        find "$DOCKERFILES" -mindepth 1 -maxdepth 1 -type d -name "$glob" ! -name rich
    done | sort
}

# dockerfile_context NAME: a fresh one as $CONTEXT, and its $ARGS
dockerfile_context() {
    CONTEXT=$BATS_FILE_TMPDIR/context
    ARGS=()
    rm -rf "$CONTEXT"
    mkdir -p "$CONTEXT"
    (
        cd "$CONTEXT"
        umask 022
        sh "$DOCKERFILES/context.sh"
        [ ! -f "$DOCKERFILES/$1/context.sh" ] || sh "$DOCKERFILES/$1/context.sh"
        cat "$DOCKERFILES/$1/Dockerfile" > Dockerfile       # not the mode that a release's files have
        find . -depth -exec touch -h -d '2001-02-03 04:05:06 UTC' {} +
    )
    # shellcheck disable=SC2034  # for the tests; the words of a line are arguments
    [ ! -f "$DOCKERFILES/$1/args" ] || read -r -d '' -a ARGS < "$DOCKERFILES/$1/args" || true
}

# dockerfiles_bases: bb:1 and rich:1, and their archives bb.tar and rich.tar
dockerfiles_bases() {
    # with a PATH, which buildah gives to an image that has none, and with the files that it leaves behind
    # where it has mounted some
    local tree=$BATS_FILE_TMPDIR/tree
    mkdir -p "$tree/etc"
    touch "$tree/etc/hosts" "$tree/etc/hostname" "$tree/etc/resolv.conf"
    cp "$(busybox_tar)" "$tree.tar"
    tar -C "$tree" --owner=0 --group=0 --mtime=@1735689600 -rf "$tree.tar" ./etc/hosts ./etc/hostname ./etc/resolv.conf
    cubby import -q -c 'CMD ["sh"]' -c 'ENV PATH=/usr/local/bin:/usr/bin:/bin' "$tree.tar" bb:1 \
        > /dev/null 3>&-
    dockerfile_context rich
    cubby build -q -t rich:1 "$CONTEXT" > "$BATS_FILE_TMPDIR/rich.out" 2>&1 3>&- ||
        { cat "$BATS_FILE_TMPDIR/rich.out" >&2; return 1; }
    cubby save -o "$BATS_FILE_TMPDIR/bb.tar" bb:1 3>&-
    cubby save -o "$BATS_FILE_TMPDIR/rich.tar" rich:1 3>&-
}

# base_of NAME: the archive of what it is built on, if anything
base_of() {
    local base=bb
    ! grep -q 'FROM rich' "$DOCKERFILES/$1/Dockerfile" || base=rich
    grep -q 'FROM scratch' "$DOCKERFILES/$1/Dockerfile" || echo "$BATS_FILE_TMPDIR/$base.tar"
}

# dockerfile_tree NAME IMAGE: what the image has that its base does not
dockerfile_tree() {
    rm -f "$BATS_FILE_TMPDIR/made.tar"
    cubby save -o "$BATS_FILE_TMPDIR/made.tar" "$2"
    # shellcheck disable=SC2046  # a base or none
    "$CUBBY_SRC/tests/lib/image-tree" "$BATS_FILE_TMPDIR/made.tar" $(base_of "$1")
}
