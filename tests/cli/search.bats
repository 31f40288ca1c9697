#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# search - look for images in registries

load ../lib/common

setup_file() {
    file_setup
    registry_start
    cat > "$BATS_FILE_TMPDIR/index.json" << 'END'
[{"name": "nginx", "description": "Official build\nof Nginx, which is a web server and a proxy as well", "star_count": 20000, "is_official": true, "is_automated": false},
 {"name": "bitnami/nginx", "description": "short", "star_count": 200, "is_official": false, "is_automated": true},
 {"name": "evil/nginx", "description": "\u001b[31mred \u009b1m \u202eturned\u0007", "star_count": 30000, "is_official": false, "is_automated": false},
 {"name": "../escape", "description": "nginx", "star_count": 1},
 {"name": "none/nginx", "description": null, "star_count": 0}]
END
}

setup() {
    CONF=$BATS_TEST_TMPDIR/registries.conf
    CUBBY_ENV=(CONTAINERS_REGISTRIES_CONF="$CONF")
    : > "$CONF"
}

teardown() {
    CUBBY_ENV=()
    test_teardown
}

# asking OPTIONS...: start a registry that asks who is there; sets ASKING (HOST:PORT) and its log
asking() {
    ASKING_LOG=$BATS_TEST_TMPDIR/asking.log
    : > "$ASKING_LOG"
    serve ASKING "$CUBBY_SRC/tests/lib/asking-registry" "$ASKING_LOG" "$@"
}

# hub: a registry with an index, in docker.io's place
hub() {
    asking --index "$BATS_FILE_TMPDIR/index.json"
    printf '[[registry]]\nprefix = "docker.io"\nlocation = "%s"\ninsecure = true\n' "$ASKING" > "$CONF"
}

search() { cubby search --tls-verify=false "$@"; }

@test 'the index of docker.io is searched, as podman shows it' {
    hub
    ok cubby search nginx
    [[ ${lines[0]} =~ ^NAME\ +DESCRIPTION$ ]]
    [[ ${lines[1]} =~ ^docker.io/library/nginx\ +'Official build of Nginx, which is a web serv...'$ ]]
    [[ ${lines[2]} =~ ^docker.io/bitnami/nginx\ +short$ ]]
    out_lacks escape
    grep -q '^GET /v1/search?q=nginx&n=25 - 200$' "$ASKING_LOG"
    ok cubby search --no-trunc nginx
    out_has 'Official build of Nginx, which is a web server and a proxy as well'
    ok cubby search nosuch
    out_is ''
    ok cubby image search --format '{{.Name}}' nginx
    out_has docker.io/library/nginx
}

@test 'a description cannot do anything to the terminal' {
    hub
    ok cubby search nginx
    out_lacks $'\033'
    out_lacks $'\xc2\x9b'
    out_lacks $'\xe2\x80\xae'
    out_has '\x1b[31mred'
    ok cubby search --format json nginx
    out_lacks $'\033'
    out_lacks '\u001b'
}

@test 'a description without end is cut' {
    python3 -c 'print("[{\"name\": \"long\", \"description\": \"" + "x" * 100000 + "\"}]")' > "$BATS_TEST_TMPDIR/long.json"
    asking --index "$BATS_TEST_TMPDIR/long.json"
    ok search --format '{{.Description}}' --no-trunc "$ASKING/long"
    [ "${#output}" -eq 4096 ]
}

@test '--compatible shows stars, --format and json all fields' {
    hub
    ok cubby search --compatible nginx
    [[ ${lines[0]} =~ ^NAME\ +DESCRIPTION\ +STARS\ +OFFICIAL\ +AUTOMATED$ ]]
    out_matches 'docker.io/library/nginx .* 20000 +\[OK\]'
    ok cubby search --format '{{.Index}} {{.Stars}} {{.Official}} {{.Automated}}' --limit 2 nginx
    out_is $'docker.io 20000 [OK] \ndocker.io 200  [OK]'
    ok cubby search --format json --limit 1 nginx
    [ "$(python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["Name"])' <<< "$output")" = \
        docker.io/library/nginx ]
    fails 125 cubby search --format '{{.Nosuch}}' nginx
    err_has Nosuch
}

@test 'filters: stars, what is official, what is automated' {
    hub
    local form='{{.Name}}'
    ok cubby search --format "$form" -f is-official nginx
    out_is docker.io/library/nginx
    ok cubby search --format "$form" -f is-official=false -f stars=201 nginx
    out_is docker.io/evil/nginx
    ok cubby search --format "$form" --filter is-automated=true nginx
    out_is docker.io/bitnami/nginx
    fails 125 cubby search -f stars=many nginx
    err_has "'many' is no number"
    fails 125 cubby search -f is-official=perhaps nginx
    err_has perhaps
    fails 125 cubby search -f colour=red nginx
    err_has colour
}

@test 'a registry without an index is asked for its repositories, in all parts' {
    asking --catalog 'a/web,b/db,c/webby,web,d/x'
    ok search --format '{{.Name}}' "$ASKING/web"
    [ "$output" = "$ASKING/web"$'\n'"$ASKING/a/web"$'\n'"$ASKING/c/webby" ]
    ok search --format '{{.Name}}' "$ASKING/"
    [ "${#lines[@]}" -eq 5 ]
    ok search --format '{{.Name}}' --limit 2 "$ASKING/"
    [ "${#lines[@]}" -eq 2 ]
    ok search --format '{{.Name}}' "$REGISTRY/nginx"
    out_is "$REGISTRY/library/nginx"
}

@test 'name and password, and the scope of the list, for registries that ask' {
    asking --catalog a,b --user me:secret --bearer
    ok search --creds me:secret --format '{{.Name}}' "$ASKING/a"
    out_is "$ASKING/a"
    grep -q 'registry:catalog:\*$' "$ASKING_LOG"
    fails 125 search "$ASKING/a"
    err_has 'name and a password'
    asking --catalog a,b --user me:secret
    printf '{"auths":{"%s":{"auth":"%s"}}}' "$ASKING" "$(printf me:secret | base64)" > "$BATS_TEST_TMPDIR/a.json"
    ok search --authfile "$BATS_TEST_TMPDIR/a.json" --format '{{.Name}}' "$ASKING/b"
    out_is "$ASKING/b"
}

@test 'all search registries are asked; one that fails is told, and no reason to show nothing' {
    local closed
    closed=127.0.0.1:$(free_port)
    asking --catalog app,other
    printf 'unqualified-search-registries = ["%s", "%s", "%s"]\n' "$ASKING" "$closed" "$REGISTRY" > "$CONF"
    ok search --format '{{.Name}}' a
    out_has "$ASKING/app"
    out_has "$REGISTRY/library/"
    err_has "$closed"
    printf 'unqualified-search-registries = ["%s"]\n' "$closed" > "$CONF"
    fails 125 search a
    err_has "$closed"
    err_has 'failed to connect'
}

@test '--list-tags lists the tags of a repository' {
    ok search --list-tags "$REGISTRY/library/busybox"
    [[ ${lines[0]} =~ ^NAME\ +TAG$ ]]
    out_matches "$REGISTRY/library/busybox +1.35"
    ok search --list-tags --format json "$REGISTRY/library/busybox"
    [ "$(python3 -c 'import json, sys; print("1.35" in json.load(sys.stdin)[0]["Tags"])' <<< "$output")" = True ]
    ok search --list-tags --format '{{.Tag}}' --limit 1 "$REGISTRY/library/busybox"
    [ "${#lines[@]}" -eq 1 ]
    fails 125 search --list-tags "$REGISTRY/test/nosuch"
    err_has 404
    fails 125 search --list-tags "$REGISTRY/library/busybox:1.35"
    err_has 'has a tag already'
    fails 125 search --list-tags -f stars=1 "$REGISTRY/library/busybox"
}

@test 'a registry that talks nonsense is told' {
    echo '[]' > "$BATS_TEST_TMPDIR/none.json"
    asking --catalog ''
    fails 125 search "$ASKING/x"
    err_has 404
    fails 125 search ''
    fails 125 search --limit 1001 "$ASKING/x"
    fails 125 search --limit -1 "$ASKING/x"
    err_has 'outside the range'
    printf '[[registry]]\nlocation = "blocked.invalid"\nblocked = true\n' > "$CONF"
    fails 125 search blocked.invalid/x
    err_has blocks
}

@test 'as docker: its columns, the most stars first, a limit of a hundred' {
    hub
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker
    ok cubby search nginx
    [[ ${lines[0]} =~ ^NAME\ +DESCRIPTION\ +STARS\ +OFFICIAL$ ]]
    [[ ${lines[1]} =~ ^evil/nginx ]]
    [[ ${lines[2]} =~ ^nginx\ +'Official build of Nginx, which is a web serv…' ]]
    ok cubby search --limit 1 --format '{{.Name}} {{.StarCount}} {{.IsOfficial}}' nginx
    out_is 'nginx 20000 [OK]'
    fails 1 cubby search --limit 101 nginx
    err_has 'outside the range of [1, 100]'
}
