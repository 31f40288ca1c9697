# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Scripts ask with templates. tests/story/templates is a list of what they ask; every line has to be
# answered, under both names.

load ../lib/common

setup_file() {
    file_setup
    registry_start
    IMAGE=$REGISTRY/library/nginx:1.22
    export IMAGE
    ok cubby pull --tls-verify=false "$IMAGE"
    ok cubby run -d --name web --hostname www -p "$(free_port):80" -v vol:/data -v "$BATS_FILE_TMPDIR:/host:ro" \
        -l com.example.role=front -l plain=yes "$IMAGE"
    ok cubby run -d --name sick --network none --health-cmd false --health-interval 1h "$IMAGE"
    ln -s "$CUBBY" "$BATS_FILE_TMPDIR/docker"
    ln -s "$CUBBY" "$BATS_FILE_TMPDIR/podman"
}

teardown() { :; }

# ask_all NETWORK: each line of the table; what is not answered is listed
ask_all() {
    local line command template bad=0 words
    while IFS= read -r line; do
        [[ -z $line || $line == '#'* ]] && continue
        command=${line%%$'\t'*} template=${line#*$'\t'}
        command=${command/IMAGE/$IMAGE} command=${command/NETWORK/$1}
        read -ra words <<< "$command"
        status=0
        output=$("$CUBBY" --root "$STORE" "${words[@]}" --format "$template" 2>&1) || status=$?
        if [ "$status" -ne 0 ] || [[ $output == *'<no value>'* ]]; then
            printf '%s\t%s\n    status %s: %s\n' "$command" "$template" "$status" "$output" >&2
            bad=$((bad + 1))
        fi
    done < "$CUBBY_SRC/tests/story/templates"
    [ "$bad" = 0 ] || { echo "$bad are not answered" >&2; return 1; }
}

@test 'every template of the list is answered as podman' {
    CUBBY=$BATS_FILE_TMPDIR/podman ask_all podman
}

@test 'every template of the list is answered as docker' {
    CUBBY=$BATS_FILE_TMPDIR/docker ask_all bridge
}

@test 'what the templates say is so' {
    local port
    CUBBY=$BATS_FILE_TMPDIR/docker
    port=$(cubby inspect -f '{{(index (index .NetworkSettings.Ports "80/tcp") 0).HostPort}}' web)
    curl -sS --max-time 10 "http://localhost:$port/" | grep -q 'Welcome to nginx'
    ok cubby inspect -f '{{.State.Status}} {{.State.Running}} {{.State.Pid}}' web
    out_matches '^running true [1-9][0-9]*$'
    ok cubby inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' web
    out_is "$(cubby exec web hostname -i | tr ' ' '\n' | grep -F 10.0.2 | head -n 1)"
    ok cubby inspect -f '{{index .Config.Labels "com.example.role"}}/{{.Config.Hostname}}' web
    out_is front/www
    ok cubby inspect -f '{{range .Mounts}}{{.Type}}:{{.Destination}}:{{.RW}} {{end}}' web
    out_has 'volume:/data:true'
    out_has 'bind:/host:false'
    ok cubby volume inspect -f '{{.Mountpoint}}' vol
    [ -d "$output" ]
    ok cubby ps --filter name=web --format '{{.Names}} {{.Label "plain"}} {{.State}}'
    out_is 'web yes running'
}
