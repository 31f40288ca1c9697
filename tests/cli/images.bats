# SPDX-License-Identifier: LGPL-2.1-or-later
# images - list the images that are here

load ../lib/common

setup_file() {
    file_setup
    import_busybox bb:1
    cubby tag bb:1 example.com/team/tool:2
    echo other > "$BATS_FILE_TMPDIR/other"
    tar -C "$BATS_FILE_TMPDIR" -cf "$BATS_FILE_TMPDIR/other.tar" other
    cubby import -c 'LABEL kind=small' "$BATS_FILE_TMPDIR/other.tar" small:1
    ID=$(cubby images -q bb:1)
    export ID
}

@test 'a store without images shows the headings alone' {
    ok env -i HOME="$HOME" PATH="$PATH" "$CUBBY" --root "$BATS_TEST_TMPDIR/empty" images
    out_matches '^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE$'
}

@test 'every name of an image has a row' {
    ok cubby images
    out_matches 'localhost/bb +1 +'"$ID"' +.* ago +[0-9.]+ MB'
    out_matches 'example.com/team/tool +2 +'"$ID"
    out_has localhost/small
}

@test 'called as docker, names are short and sizes have no space' {
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    ok env -i HOME="$HOME" PATH="$PATH" CUBBY_LIBEXEC="$CUBBY_BUILD" \
        "$BATS_TEST_TMPDIR/docker" --root "$STORE" images
    out_matches 'bb +1 .* [0-9.]+MB'
}

@test 'quiet prints each id once, and whole ones when asked' {
    ok cubby images -q
    [ "${#lines[@]}" -eq 2 ]
    out_has "$ID"
    ok cubby images -q --no-trunc
    out_matches "sha256:${ID}[0-9a-f]{52}"
}

@test 'a name or a pattern chooses' {
    ok cubby images -q bb
    out_is "$ID"
    ok cubby images --format '{{.Repository}}' 'tool'
    out_is example.com/team/tool
    ok cubby images -q --filter 'reference=example.com/*/*'
    out_is "$ID"
    ok cubby images -q nothing
    out_is ''
}

@test 'filters: label, dangling, before and since' {
    ok cubby images --filter label=kind=small --format '{{.Repository}}:{{.Tag}}'
    out_is localhost/small:1
    ok cubby images -q --filter dangling=true
    out_is ''
    ok cubby images --filter since=bb:1 --format '{{.Repository}}'
    out_is localhost/small
    ok cubby images -q --filter before=small:1
    out_is "$ID"
    ok cubby tag bb:1 other:1
    ok cubby images -q --filter before=small:1 --filter before=bb:1
    out_is ''
    ok cubby images -q --filter since=bb:1 --filter since=small:1
    out_is ''
    ok cubby images --filter since=bb:1 --filter since=other:1 --format '{{.Repository}}'
    out_is localhost/small
    ok cubby rmi other:1
    fails 125 cubby images --filter colour=red
    err_has dangling
    fails 125 cubby images --filter dangling=maybe
}

@test 'formats: template, table, json' {
    ok cubby images --format 'table {{.Tag}} {{.Repository}}' bb
    [ "${#lines[@]}" -eq 2 ]
    out_has 'TAG REPOSITORY'
    ok cubby images --format json bb
    python3 -c 'import json, sys; d = json.loads(sys.argv[1]); assert "localhost/bb:1" in d[0]["Names"], d' "$output"
    fails 125 cubby images --format '{{.Nothing}}'
}

@test 'a name that is here is found without a domain, and nobody is asked for it' {
    cubby import "$(busybox_tar)" mine:1 > /dev/null 2>&1
    ok cubby run --rm --network none mine:1 echo here
    out_is here
    err_is ''
    ok cubby images --format '{{.Repository}}:{{.Tag}}' mine
    out_is localhost/mine:1
    ok cubby rmi mine:1
    err_lacks warning
    out_has 'Untagged: localhost/mine:1'
}

@test 'digests are a column of their own' {
    ok cubby images --digests bb
    out_matches 'DIGEST'
    out_matches 'sha256:[0-9a-f]{64}'
}

@test 'the order is by age unless asked for' {
    ok cubby images --format '{{.Repository}}' --sort repository
    out_is $'example.com/team/tool\nlocalhost/bb\nlocalhost/small'
    ok cubby images -n --format 'table {{.Repository}}' --sort size
    [ "${lines[0]}" = localhost/small ]
}

@test 'a damaged list of images is told with its repair, containers are still listed' {
    cp "$STORE/index.json" "$BATS_TEST_TMPDIR/index"
    printf '{' > "$STORE/index.json"
    try cubby images
    cp "$BATS_TEST_TMPDIR/index" "$STORE/index.json"
    [ "$status" -eq 125 ]
    err_has index.json
    err_has 'system check --repair'
}

@test 'called as docker, json is an object a line' {
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    ok env -i HOME="$HOME" PATH="$PATH" CUBBY_LIBEXEC="$CUBBY_BUILD" \
        "$BATS_TEST_TMPDIR/docker" --root "$STORE" images --format json small
    python3 -c 'import json, sys; assert json.loads(sys.argv[1])["Tag"] == "1"' "$output"
}

@test 'filters of images' {
    import_busybox alpha:1
    ok cubby import -c 'LABEL k=v' "$(busybox_tar)" beta:2
    ok cubby tag alpha:1 gamma:3
    ok cubby create --network none --name user beta:2 true
    table=(
        'reference=alpha|alpha'
        'reference=*a:[13]|alpha gamma'
        'reference=alpha reference=beta|alpha beta'
        'label=k reference=beta|beta'
        'label=k=w reference=beta|'
        'label!=k reference=beta reference=alpha|alpha'
        'dangling=false reference=beta|beta'
        'dangling=true reference=beta|'
        'containers=true reference=beta reference=alpha|beta'
        'containers=false reference=beta reference=gamma|gamma'
        'readonly=true|'
        'readonly=false reference=beta|beta'
        'manifest=false reference=beta|beta'
        'intermediate=true|'
        'until=1h|'
    )
    for row in "${table[@]}"; do
        args=()
        set -f
        for f in ${row%|*}; do args+=(--filter "$f"); done
        set +f
        got=$(cubby images "${args[@]}" --format '{{.Repository}}' | sed s#localhost/## | sort | xargs)
        [ "$got" = "${row#*|}" ] || { echo "$row: $got"; false; }
    done
    for bad in colour=red dangling=maybe until=soon before=nobody since=nobody containers=x; do
        fails 125 cubby images --filter "$bad"
    done
    ok cubby rm user
    ok cubby rmi alpha:1 beta:2 gamma:3
}

@test 'another form of an image that has a name is no row of its own, but with --all' {
    import_busybox form:1
    local id
    ok cubby images -q form
    id=$output
    ok cubby save --format docker-dir --compress -o "$BATS_TEST_TMPDIR/form" form:1
    ok cubby load -i "$BATS_TEST_TMPDIR/form"
    ok cubby images --format '{{.ID}} {{.Repository}}:{{.Tag}}' --filter "id=$id"
    out_is "$id localhost/form:1"
    ok cubby images --filter dangling=true -q
    [[ $output != *"$id"* ]]
    ok cubby images --all --format '{{.ID}} {{.Repository}}:{{.Tag}}' --filter "id=$id"
    out_has "$id localhost/form:1"
    out_has "$id <none>:<none>"
    ok cubby rmi form:1
}

@test 'as a tree each image is there once, with the machine that it is for' {
    import_busybox tree:1
    cubby tag tree:1 tree:2
    ok cubby images --tree --filter reference='*tree*'
    [[ ${lines[0]} =~ ^'IMAGE '\ +'ID '\ +'DISK USAGE '\ +'CONTENT SIZE'$ ]]
    [[ ${lines[1]} =~ ^localhost/tree:1\ +[0-9a-f]{12}\ +[0-9.]+' MB '\ +[0-9.]+' MB'$ ]]
    [[ ${lines[2]} =~ ^localhost/tree:2\ *$ ]]
    [[ ${lines[3]} =~ ^'└─ linux/'[a-z0-9]+\ +[0-9a-f]{12} ]]
    [ "${#lines[@]}" = 4 ]
    fails 125 cubby images --tree -q
    err_has quiet
    cubby rmi -f tree:1 tree:2
}

@test '--history shows the names that an image had, too' {
    STORE=$BATS_TEST_TMPDIR/s
    import_busybox bb:1
    cubby tag bb:1 second:1
    cubby rmi second:1 > /dev/null
    ok cubby images --history --format '{{.Repository}} {{.History}}'
    out_is 'localhost/bb localhost/second:1, localhost/bb:1'
    ok cubby images --history
    [[ ${lines[0]} == *SIZE*HISTORY ]]
    out_matches 'localhost/second:1, localhost/bb:1$'
    cubby tag bb:1 bb:1
    ok cubby image inspect bb:1 --format '{{json .NamesHistory}}'
    out_is '["localhost/bb:1","localhost/second:1"]'
    ok cubby images --format json
    [ "$(jq -c '.[0].History' <<< "$output")" = '["localhost/bb:1","localhost/second:1"]' ]
    # without its last name it remembers it, and another image does not get it
    cubby untag bb:1
    ok cubby images --history --format '{{.Repository}} {{.History}}'
    out_is '<none> localhost/bb:1, localhost/second:1'
    fails 125 cubby images --history --digests
    fails 125 cubby images --history --tree
}
