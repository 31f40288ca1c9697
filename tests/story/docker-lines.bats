# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What CI scripts and tutorials type works as it stands: every line of tests/story/docker-lines, by a
# user to whom cubby is docker.

load ../lib/common

setup_file() {
    file_setup
    registry_start
    local image
    for image in busybox:1.35 alpine-like:1 nginx:1.22 redis:7 postgres:15 python:3.11-slim; do
        cubby pull -q --tls-verify=false "$REGISTRY/library/$image"
        cubby tag "$REGISTRY/library/$image" "docker.io/library/$image"
        cubby untag "$REGISTRY/library/$image" "$REGISTRY/library/$image"
    done
    cubby tag docker.io/library/busybox:1.35 docker.io/library/busybox:latest
    cubby tag docker.io/library/alpine-like:1 docker.io/library/alpine:latest
    mkdir "$BATS_FILE_TMPDIR/bin" "$BATS_FILE_TMPDIR/data" "$BATS_FILE_TMPDIR/work"
    ln -s "$CUBBY" "$BATS_FILE_TMPDIR/bin/docker"
    # The link finds the store by itself, as it does for a user.
    ln -s "$STORE" "$BATS_FILE_TMPDIR/data/cubby"
    cd "$BATS_FILE_TMPDIR/work"
    mkdir src
    echo '<h1>Hello</h1>' > index.html
    echo 'print("hello from python")' > app.py
    printf '# a comment\nNAME=from file\n' > env.list
    echo 'echo main ran' > src/main.sh
}

teardown() {
    remove_containers
    cubby volume prune -f > /dev/null
}

# line COMMAND...: run as that user would; sets $status, $output (both streams)
line() {
    status=0
    output=$(cd "$BATS_FILE_TMPDIR/work" && rm -f cid && env -i HOME="$HOME" USER="$USER" \
        PATH="$BATS_FILE_TMPDIR/bin:$PATH" XDG_DATA_HOME="$BATS_FILE_TMPDIR/data" PORT="$port" \
        REGISTRY="$REGISTRY" timeout -k 5 90 bash -c "$1" 2> "$BATS_FILE_TMPDIR/err" < /dev/null) ||
        status=$?
}

# paragraph N: run the lines of the Nth paragraph, in order
paragraph() {
    local number=0 text typed want port bad=0 ran=0 empty=1
    port=$(free_port)
    while IFS= read -r text; do
        [[ $text == '#'* ]] && continue
        if [ -z "$text" ]; then
            empty=1
            continue
        fi
        number=$((number + empty)) empty=0
        [ "$number" = "$1" ] || continue
        typed=${text%%'  # => '*} want=
        [ "$typed" = "$text" ] || want=${text#*'  # => '}
        line "$typed"
        ran=$((ran + 1))
        if [ "$status" -ne 0 ] || { [ -n "$want" ] && ! grep -qE -- "$want" <<< "$output"; }; then
            printf '%s\n    status %s, wanted: %s\n    stdout: %s\n    stderr: %s\n' \
                "$typed" "$status" "$want" "$output" "$(cat "$BATS_FILE_TMPDIR/err")" >&2
            bad=$((bad + 1))
        fi
    done < "$CUBBY_SRC/tests/story/docker-lines"
    [ "$ran" -gt 0 ] || { echo "there is no paragraph $1" >&2; return 1; }
    [ "$bad" = 0 ] || { echo "$bad of $ran lines do not work" >&2; return 1; }
}

@test 'docker, asked about itself' { paragraph 1; }
@test 'docker run, one after the other' { paragraph 2; }
@test 'a web server: run, look, exec, cp, stop' { paragraph 3; }
@test 'a job and its exit status' { paragraph 4; }
@test 'a container that is never started gives its files' { paragraph 5; }
@test 'create, start, attach' { paragraph 6; }
@test 'volumes' { paragraph 7; }
@test 'redis, and a client in its network' { needs ranges; paragraph 8; }
@test 'postgres' { needs ranges; paragraph 9; }
@test 'waiting until it is healthy' { paragraph 10; }
@test 'images' { paragraph 11; }
@test 'commit, export, import' { paragraph 12; }
@test 'many containers, and cleaning up' { paragraph 13; }
