# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Hooks with real images: a page from outside, a server that is entered into a list while it runs, a build that
# gets a file from the host.

load ../lib/common

setup_file() {
    file_setup
    registry_start
    PORT=$(free_port)
    export PORT
    local image
    for image in nginx:1.22 redis:7 debian:bookworm-slim; do
        ok cubby pull --tls-verify=false "$REGISTRY/library/$image"
    done
}

setup() {
    HOOKS=$BATS_FILE_TMPDIR/hooks
    LIST=$BATS_FILE_TMPDIR/list
    mkdir -p "$HOOKS"
}

# hook FILE STAGES WHEN PATH WORDS...: a file in $HOOKS; stages and conditions are JSON
hook() {
    python3 - "$@" > "$HOOKS/$1" << 'END'
import json, sys
_, stages, when, path, *words = sys.argv[1:]
hook = {"path": path, "args": words, "env": ["PATH=/usr/local/bin:/usr/bin:/bin"], "timeout": 30}
print(json.dumps({"version": "1.0.0", "hook": hook, "when": json.loads(when), "stages": json.loads(stages)}))
END
}

# enter_in_list: servers are in $LIST while they run, by their names
enter_in_list() {
    touch "$LIST"
    cat > "$BATS_FILE_TMPDIR/enter" << END
#!/bin/sh
read -r state
name=\$(echo "\$state" | jq -r '.annotations["list.name"]')
case \$(echo "\$state" | jq -r .status) in
    running) echo "\$name \$(cat /proc/\$(echo "\$state" | jq .pid)/comm)" >> $LIST;;
    stopped) sed -i "/^\$name /d" $LIST;;
esac
END
    chmod +x "$BATS_FILE_TMPDIR/enter"
    hook list.json '["poststart", "poststop"]' '{"annotations": {"^list\\.name$": "."}}' "$BATS_FILE_TMPDIR/enter"
}

in_list() { [ "$(cut -d ' ' -f 1 "$LIST")" = "$1" ] || { cat "$LIST" >&2; return 1; }; }

@test 'nginx: a hook on the host puts a page in, one of the image configures it' {
    echo 'from the host' > "$BATS_FILE_TMPDIR/page"
    hook page.json '["createContainer"]' '{"commands": ["/docker-entrypoint\\.sh$"]}' /bin/sh sh -c \
        "cp $BATS_FILE_TMPDIR/page \$(jq -r .root.path config.json)/usr/share/nginx/html/page"
    hook port.json '["startContainer"]' '{"commands": ["/docker-entrypoint\\.sh$"]}' /bin/sed sed -i \
        's/listen 80 /listen 8080 /' /etc/nginx/conf.d/default.conf
    enter_in_list
    ok cubby --hooks-dir "$HOOKS" run -d --name web -p "$PORT:8080" --annotation list.name=web \
        "$REGISTRY/library/nginx:1.22"
    in_list web
    page() { [ "$(curl -sS --max-time 10 "http://localhost:$PORT/page")" = 'from the host' ]; }
    wait_for 20 page
    ok cubby exec web true
    in_list web
    ok cubby restart web
    in_list web
    wait_for 20 page
    ok cubby stop web
    in_list ''
}

@test 'redis: as another user, with a volume, killed' {
    hook who.json '["startContainer"]' '{"annotations": {"^who$": ""}}' /bin/sh sh -c 'id -un > /data/who'
    enter_in_list
    ok cubby --hooks-dir "$HOOKS" run -d --name kept --user redis -v data:/data --annotation list.name=kept \
        --annotation who= "$REGISTRY/library/redis:7"
    in_list kept
    ok cubby exec kept cat /data/who
    out_is redis
    ok cubby inspect -f '{{.State.Pid}}' kept
    kill -KILL "$output"
    ok cubby wait kept
    wait_for 20 in_list '' # the record says before that it has ended
    ok cubby start kept
    in_list kept
    ok cubby rm -f kept
    in_list ''
}

@test 'debian: a build whose RUN sees a file that its layers do not keep' {
    local context=$BATS_TEST_TMPDIR/context
    mkdir "$context"
    hook lent.json '["createContainer"]' '{"commands": ["^/bin/sh$"]}' /bin/sh sh -c \
        "echo lent > \$(jq -r .root.path config.json)/run/lent"
    printf '%s\n' "FROM $REGISTRY/library/debian:bookworm-slim AS first" 'RUN cp /run/lent /kept' \
        "FROM $REGISTRY/library/debian:bookworm-slim" 'COPY --from=first /kept /kept' \
        'RUN grep -q lent /run/lent && test "$(cat /kept)" = lent' > "$context/Dockerfile"
    ok cubby --hooks-dir "$HOOKS" build --tls-verify=false -v "$(mktemp -d):/run" -t built "$context"
    ok cubby run --rm --network none built ls /kept /run
    out_has /kept
    out_lacks lent
}
