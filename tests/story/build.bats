#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Dockerfiles of all kinds: each folder of tests/data/dockerfiles is built, and what came is compared
# with the file "expected" there, config and files. tests/interop/build.bats has buildah build them too.
#
# To write what is expected anew: WRITE_EXPECTED=folder bats tests/story/build.bats, and read the diff.

load ../lib/common
load ../lib/dockerfiles

setup_file() {
    file_setup
    dockerfiles_bases
}

# golden GLOB...: each Dockerfile of that name gives what is expected
golden() {
    local dir name bad=0
    for dir in $(dockerfiles "$@"); do
        name=${dir##*/}
        dockerfile_context "$name"
        ok cubby build -q -t "g:1" "${ARGS[@]}" "$CONTEXT"
        dockerfile_tree "$name" g:1 > "$BATS_TEST_TMPDIR/$name.tree"
        if [ -n "${WRITE_EXPECTED:-}" ]; then
            cp "$BATS_TEST_TMPDIR/$name.tree" "$WRITE_EXPECTED/$name"
        else
            diff -u "$dir/expected" "$BATS_TEST_TMPDIR/$name.tree" >&2 || bad=1
        fi
    done
    ok cubby system check
    [ "$bad" = 0 ]
}

@test 'COPY of files, folders and globs' { golden 'copy-file*' 'copy-dir*' 'copy-several' 'copy-globs*' 'copy-dot' 'copy-workdir*'; }
@test 'COPY through links' { golden 'copy-link*'; }
@test 'COPY with owners and modes' { needs ranges; golden 'copy-ch*' 'copy-special*' 'copy-parents-and*' 'copy-overwrite'; }
@test 'COPY from stages and images' { needs ranges; golden 'copy-from*'; }
@test 'COPY without what is ignored or excluded' { golden 'copy-ignored*' 'copy-exclude' 'copy-parents-flag'; }
@test 'COPY of odd names, hard links and heredocs' { golden 'copy-names' 'copy-hard-links' 'copy-heredoc' 'copy-variables'; }
@test 'ADD of archives and others' { needs ranges; golden 'add-*'; }
@test 'variables in ENV, ARG and others' { golden 'env-*' 'arg-*' 'escape-directive'; }
@test 'WORKDIR, USER and VOLUME' { needs ranges; golden 'workdir*' 'user' 'volume'; }
@test 'ENTRYPOINT, CMD and SHELL' { golden 'entrypoint*' 'cmd*' 'shell'; }
@test 'what only the config tells' { golden 'healthcheck*' 'stopsignal' 'expose' 'label' 'maintainer' 'onbuild*' 'comments*'; }
@test 'RUN: its forms, and what it may make' { needs ranges; golden 'run-*'; }
@test 'RUN that deletes and replaces what is below' { needs ranges; golden 'delete*' 'rename' 'mode-only'; }
@test 'stages' { golden 'stages*'; }

@test 'each Dockerfile is in a test' {
    local dir name
    for dir in $(dockerfiles '*'); do
        name=${dir##*/}
        [ -s "$dir/expected" ]
        grep -oE "golden .*;" "$BATS_TEST_FILENAME" | tr -d "';" | tr ' ' '\n' | grep -v golden |
            while read -r glob; do
                # shellcheck disable=SC2053  # a glob it is
                [[ $name != $glob ]] || echo "$name"
            done | grep -qx "$name"
    done
}
