# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# context - for files of tests that build: busybox as bb:1, and an empty context for each test

load ../lib/common

setup_file() {
    file_setup
    import_busybox
}

setup() {
    CONTEXT=$BATS_TEST_TMPDIR/context
    mkdir -p "$CONTEXT"
}

# dockerfile: the standard input becomes the context's Dockerfile
dockerfile() { cat > "$CONTEXT/Dockerfile"; }
