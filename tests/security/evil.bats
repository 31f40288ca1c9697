#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Each attack of the image set, one test each, which loads it from an archive and pulls it from a
# registry: "fail" must be refused and leave nothing, "contain" may come in, but nothing outside of the
# root changes and a run neither hangs nor crashes.

load ../lib/common
load ../lib/evil

setup_file() {
    file_setup
    registry_start
    # a pull that always fails would pass every test here
    ok cubby pull -q --tls-verify=false "$REGISTRY/library/busybox:1.35"
}

@test 'evil-absolute: absolute names; they belong below the image's root' {
    contains evil-absolute
}

@test 'evil-bomb: a 4 GiB file in 4 MB of gzip: keep to a limit, or fail and leave nothing' {
    contains evil-bomb
}

@test 'evil-config: the config is not JSON' {
    refuses evil-config
}

@test 'evil-config-deep: the config is nested 100000 deep' {
    refuses evil-config-deep
}

@test 'evil-config-layers: the config has more layers than the manifest' {
    refuses evil-config-layers
}

@test 'evil-config-types: the config has the wrong types everywhere' {
    refuses evil-config-types
}

@test 'evil-device: device nodes: a disk, memory, and a node named like a common file' {
    contains evil-device
}

@test 'evil-diffid: the diff id in the config is not the layer's' {
    refuses evil-diffid
}

@test 'evil-digest: a layer whose bytes have another digest' {
    refuses evil-digest
}

@test 'evil-digest-path: a layer's digest is a path' {
    refuses evil-digest-path
}

@test 'evil-dotdot: names with ../ that lead out of the root' {
    contains evil-dotdot
}

@test 'evil-duplicate: one name many times, each time something else; the last one holds' {
    contains evil-duplicate
}

@test 'evil-fifo: FIFOs where the runtime reads files: opening them must not hang' {
    contains evil-fifo
}

@test 'evil-gzip-crc: gzip has a wrong check sum' {
    refuses evil-gzip-crc
}

@test 'evil-hardlink: hard links to files outside, then new content for them' {
    contains evil-hardlink
}

@test 'evil-hardlink-symlink: a hard link to a symbolic link that leads outside, then written' {
    contains evil-hardlink-symlink
}

@test 'evil-longname: a long name of 1 GiB is announced' {
    refuses evil-longname
}

@test 'evil-mountpoints: mount points and the working folder are links out of the root' {
    contains evil-mountpoints
}

@test 'evil-no-tar: a layer that is no tar at all' {
    refuses evil-no-tar
}

@test 'evil-opaque: opaque marker through a link out of the root; other .wh..wh. names' {
    contains evil-opaque
}

@test 'evil-padding: a small tar, then 1 GiB of zeros: count them for the diff id, keep none' {
    contains evil-padding
}

@test 'evil-pax-length: a PAX record whose length lies' {
    refuses evil-pax-length
}

@test 'evil-root: the root itself as a link, a file, without any mode' {
    contains evil-root
}

@test 'evil-size-large: the manifest says a layer is larger than it is' {
    refuses evil-size-large
}

@test 'evil-size-small: the manifest says a layer is smaller than it is' {
    refuses evil-size-small
}

@test 'evil-symlink: a symbolic link out of the root, then a file written through it, in one layer' {
    contains evil-symlink
}

@test 'evil-symlink-layers: the same over two layers' {
    contains evil-symlink-layers
}

@test 'evil-tar-checksum: a tar header with a wrong check sum' {
    refuses evil-tar-checksum
}

@test 'evil-tar-size: a tar header with a size of 2^63-1, and one below zero' {
    refuses evil-tar-size
}

@test 'evil-tar-truncated: the tar ends in the middle of a file' {
    refuses evil-tar-truncated
}

@test 'evil-truncated: gzip ends in the middle' {
    refuses evil-truncated
}

@test 'evil-whiteout: whiteouts of . and .., and through a link out of the root' {
    contains evil-whiteout
}
