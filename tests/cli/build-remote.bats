# SPDX-License-Identifier: LGPL-2.1-or-later
# build: sources of ADD, Dockerfiles and contexts that come over the network.

load ../lib/common

setup_file() {
    file_setup
    import_busybox
}

setup() {
    CONTEXT=$BATS_TEST_TMPDIR/context
    WEB_DIR=$BATS_TEST_TMPDIR/web
    WEB_LOG=$BATS_TEST_TMPDIR/web.log
    mkdir -p "$CONTEXT" "$WEB_DIR"
    : > "$WEB_LOG"
    serve WEB "$CUBBY_SRC/tests/lib/web" "$WEB_DIR" "$WEB_LOG"
}

# dockerfile: the standard input becomes the context's Dockerfile
dockerfile() { cat > "$CONTEXT/Dockerfile"; }

# repository: a git repository in $WEB_DIR/r.git with the branches main and other, the tag v1 and a submodule
repository() {
    local work=$BATS_TEST_TMPDIR/work sub=$BATS_TEST_TMPDIR/sub
    git_quiet() { git -c user.name=t -c user.email=t@t -c init.defaultBranch=main -c protocol.file.allow=always "$@" > /dev/null 2>&1; }
    git_quiet init "$sub"
    echo sub > "$sub/subfile"
    git_quiet -C "$sub" add -A
    git_quiet -C "$sub" commit -m one
    git_quiet clone --bare "$sub" "$WEB_DIR/sub.git"
    git -C "$WEB_DIR/sub.git" update-server-info
    git_quiet init "$work"
    mkdir "$work/dir"
    echo one > "$work/file"
    printf 'FROM bb:1\nCOPY . /all\n' > "$work/Dockerfile"
    printf 'FROM bb:1\nCOPY . /below\n' > "$work/dir/Dockerfile"
    git_quiet -C "$work" add -A
    git_quiet -C "$work" commit -m one
    git_quiet -C "$work" tag v1
    git_quiet -C "$work" submodule add "http://$WEB/sub.git" module
    echo two > "$work/file"
    git_quiet -C "$work" add -A
    git_quiet -C "$work" commit -m two
    git_quiet -C "$work" checkout -b other
    echo other > "$work/file"
    git_quiet -C "$work" commit -am other
    git_quiet -C "$work" checkout main
    git_quiet clone --bare "$work" "$WEB_DIR/r.git"
    COMMIT=$(git -C "$work" rev-parse main)
    git -C "$WEB_DIR/r.git" update-server-info
}

@test 'ADD of an address: name, mode, time, a redirection, and nothing is unpacked unless asked' {
    echo hello > "$WEB_DIR/a b.txt"
    touch -d '2020-02-03 04:05:06 UTC' "$WEB_DIR/a b.txt"
    echo in > "$BATS_TEST_TMPDIR/in"
    tar -C "$BATS_TEST_TMPDIR" -czf "$WEB_DIR/x.tar.gz" in
    echo local > "$CONTEXT/local"
    dockerfile <<DF
FROM bb:1
ADD http://$WEB/to/a%20b.txt?x=/y /d/
ADD http://$WEB/x.tar.gz http://$WEB/to/a%20b.txt local /e/
ADD --unpack http://$WEB/x.tar.gz /f/
ADD --chmod=755 --chown=1:2 http://$WEB/a%20b.txt /g
DF
    ok cubby build -t add:1 "$CONTEXT"
    ok cubby run --rm add:1 sh -c 'cat "/d/a b.txt"; stat -c "%a %u %Y" "/d/a b.txt"; ls /e; cat /f/in; stat -c "%a %u %g" /g'
    local owner='1 2'
    has_ranges || owner='0 0' # with one id all is root's
    out_is $'hello\n600 0 1580702706\na b.txt\nlocal\nx.tar.gz\nin\n755 '"$owner"
    ok cubby build -t add:1 "$CONTEXT"
    [ "$(grep -c 'cached$' <<< "$stderr")" = 4 ]
    echo more >> "$WEB_DIR/a b.txt"
    ok cubby build -t add:1 "$CONTEXT"
    [ "$(grep -c 'cached$' <<< "$stderr")" = 0 ]
    ok cubby run --rm add:1 cat /g
    out_is $'hello\nmore'
}

@test 'ADD of files and addresses: what is named later replaces what is named before' {
    echo web > "$WEB_DIR/same"
    echo web > "$WEB_DIR/other"
    echo local > "$CONTEXT/same"
    mkdir "$CONTEXT/d"
    echo d > "$CONTEXT/d/other"
    dockerfile <<DF
FROM bb:1
ADD http://$WEB/same same /a/
ADD same http://$WEB/same /b/
ADD d http://$WEB/other http://$WEB/same same /c/
ADD http://$WEB/other same http://$WEB/same d /e/
DF
    ok cubby build -t add:1 "$CONTEXT"
    ok cubby run --rm add:1 sh -c 'cat /a/same /b/same /c/same /c/other /e/same /e/other'
    out_is $'local\nweb\nlocal\nweb\nweb\nd'
    ok cubby build -t add:1 "$CONTEXT"
    [ "$(grep -c 'cached$' <<< "$stderr")" = 4 ]
}

# statuses: of the requests so far
statuses() { awk '{ print $NF }' "$WEB_LOG" | tr '\n' ' '; }

@test 'ADD of an address that has not changed does not fetch it again, unless the step is done again' {
    local sum
    echo hello > "$WEB_DIR/f"
    touch -d '2020-02-03 04:05:06 UTC' "$WEB_DIR/f"
    sum=$(sha256sum < "$WEB_DIR/f")
    for way in '' etag/; do
        : > "$WEB_LOG"
        printf 'FROM bb:1\nADD --checksum=sha256:%s http://%s/%sf /d/\n' "${sum%% *}" "$WEB" "$way" | dockerfile
        ok cubby build "$CONTEXT"
        ok cubby build "$CONTEXT"
        err_has '[2/2] cached'
        [ "$(statuses)" = '200 304 ' ]
        printf 'FROM bb:1\nRUN echo %s > /below\nADD --checksum=sha256:%s http://%s/%sf /d/\n' "$way" "${sum%% *}" "$WEB" "$way" | dockerfile
        ok cubby build -t again:1 "$CONTEXT"
        [ "$(statuses)" = '200 304 304 200 ' ]
        ok cubby run --rm again:1 cat /d/f
        out_is hello
        ok cubby build --no-cache "$CONTEXT"
        [ "$(statuses)" = '200 304 304 200 200 ' ]
    done
    printf 'FROM bb:1\nADD http://%s/f http://%s/etag/f2 /d/\n' "$WEB" "$WEB" | dockerfile
    echo two > "$WEB_DIR/f2"
    ok cubby build "$CONTEXT"
    echo three > "$WEB_DIR/f2"
    : > "$WEB_LOG"
    ok cubby build -t again:1 "$CONTEXT"
    [ "$(statuses)" = '304 200 200 ' ]
    ok cubby run --rm again:1 sh -c 'cat /d/f /d/f2; stat -c %Y /d/f'
    out_is $'hello\nthree\n1580702706'
    ok cubby builder prune -af
    : > "$WEB_LOG"
    ok cubby build "$CONTEXT"
    [ "$(statuses)" = '200 200 ' ]
}

@test 'ADD of an address that was just changed is fetched again, whatever its date' {
    echo one > "$WEB_DIR/f"
    printf 'FROM bb:1\nADD http://%s/f /f\n' "$WEB" | dockerfile
    ok cubby build "$CONTEXT"
    echo two > "$WEB_DIR/f"
    ok cubby build -t again:1 "$CONTEXT"
    ok cubby run --rm again:1 cat /f
    out_is two
}

@test 'ADD --checksum: the right one, a wrong one, none' {
    echo hello > "$WEB_DIR/f"
    local sum
    sum=$(sha256sum < "$WEB_DIR/f")
    sum=sha256:${sum%% *}
    printf 'FROM bb:1\nADD --checksum=%s http://%s/f /f\n' "$sum" "$WEB" | dockerfile
    ok cubby build "$CONTEXT"
    echo other > "$WEB_DIR/f"
    fails 125 cubby build "$CONTEXT"
    err_has "Dockerfile:2: 'http://$WEB/f' has the checksum sha256:"
    printf 'FROM bb:1\nADD --checksum=sha256:1 http://%s/f /f\n' "$WEB" | dockerfile
    fails 125 cubby build "$CONTEXT"
    err_has 'is no checksum'
}

@test 'ADD of an address that gives nothing: what the server said is told' {
    local path
    for path in none status/403 circle; do
        printf 'FROM bb:1\nADD http://%s/%s /f\n' "$WEB" "$path" | dockerfile
        fails 125 cubby build "$CONTEXT"
        err_has "Dockerfile:2: cannot get 'http://$WEB/$path': "
        case $path in
            none) err_has 404 ;;
            status/*) err_has 403 ;;
        esac
    done
    printf 'FROM bb:1\nADD http://%s/ /f\n' "$WEB" | dockerfile
    fails 125 cubby build "$CONTEXT"
    err_has 'does not say what its file is called'
    printf 'FROM bb:1\nADD http://%s/f /f\n' "127.0.0.1:$(free_port)" | dockerfile
    fails 125 cubby build "$CONTEXT"
    # what was begun is gone
    [ -z "$(find "$STORE"/tmp -mindepth 2 2>/dev/null)" ]
}

@test 'ADD of an address tells nobody the names and passwords of registries' {
    echo hello > "$WEB_DIR/f"
    mkdir -p "$BATS_TEST_TMPDIR/auth"
    printf '{"auths":{"%s":{"auth":"%s"}}}' "$WEB" "$(printf me:secret | base64)" > "$BATS_TEST_TMPDIR/auth/auth.json"
    printf 'FROM bb:1\nADD http://%s/f /f\n' "$WEB" | dockerfile
    ok cubby build --authfile "$BATS_TEST_TMPDIR/auth/auth.json" "$CONTEXT"
    grep -q 'GET /f' "$WEB_LOG"
    grep -i basic "$WEB_LOG" && return 1
    true
}

@test 'ADD of a git repository: a branch, a tag, a commit, a folder, submodules, .git' {
    repository
    dockerfile <<DF
FROM bb:1
ADD http://$WEB/r.git /head
ADD http://$WEB/r.git#v1 /tag
ADD http://$WEB/r.git#other /branch
ADD http://$WEB/r.git#$COMMIT:dir /dir
ADD --keep-git-dir=true http://$WEB/r.git#v1 /kept
DF
    ok cubby build -t git:1 "$CONTEXT"
    ok cubby run --rm git:1 sh -c 'cat /head/file /head/module/subfile /tag/file /branch/file; ls -A /dir; ls -d /*/.git /*/*/.git 2>/dev/null || true'
    out_is $'two\nsub\none\nother\nDockerfile\n/kept/.git'
    ok cubby build -t git:1 "$CONTEXT"
    [ "$(grep -c 'cached$' <<< "$stderr")" -ge 4 ]
    printf 'FROM bb:1\nADD http://%s/r.git#nothing /x\n' "$WEB" | dockerfile
    fails 125 cubby build "$CONTEXT"
    err_has "cannot fetch 'http://$WEB/r.git' at nothing: it has no branch, tag or commit of that name"
    err_has "git ls-remote http://$WEB/r.git"
}

@test 'ADD of a git repository: a server that lets one commit be fetched' {
    repository
    local port
    port=$(free_port)
    "$(git --exec-path)/git-daemon" --reuseaddr --listen=127.0.0.1 --port="$port" --base-path="$WEB_DIR" --export-all 2>/dev/null 3>&- &
    SERVERS[DAEMON]=$!
    wait_for 10 git ls-remote "git://127.0.0.1:$port/r.git"
    printf 'FROM bb:1\nADD --keep-git-dir git://127.0.0.1:%s/r.git#other /x\n' "$port" | dockerfile
    ok cubby build -t one:1 "$CONTEXT"
    unserve DAEMON
    ok cubby run --rm one:1 sh -c 'cat /x/file; wc -l < /x/.git/shallow'
    out_is $'other\n1'
}

@test 'context -: a Dockerfile has no context, and says so where it copies' {
    echo 'FROM bb:1' > "$CONTEXT/d"
    cubby build -t in:1 - < "$CONTEXT/d"
    printf 'FROM bb:1\nCOPY a /a\n' > "$CONTEXT/d"
    try cubby build - < "$CONTEXT/d"
    [ "$status" = 125 ]
    err_has 'Dockerfile:2: there is no build context'
    try cubby build -f "$CONTEXT/d" - < "$CONTEXT/d"
    [ "$status" = 125 ]
    err_has '-f: '
    try cubby build - < /dev/null
    [ "$status" = 125 ]
}

@test 'context -: a tar, compressed in any way, with -f for a file in it, and its rules' {
    echo one > "$CONTEXT/one"
    echo two > "$CONTEXT/two"
    mkdir "$CONTEXT/sub"
    printf 'FROM bb:1\nCOPY . /c\n' > "$CONTEXT/Dockerfile"
    printf 'FROM bb:1\nCOPY one /other\n' > "$CONTEXT/sub/File"
    echo two > "$CONTEXT/.dockerignore"
    local way
    for way in --gzip --xz --bzip2 --format=gnu; do
        tar -C "$CONTEXT" -c "$way" . > "$BATS_TEST_TMPDIR/t"
        try cubby build -t tar:1 - < "$BATS_TEST_TMPDIR/t"
        [ "$status" = 0 ] || say_run "$way"
        ok cubby run --rm tar:1 ls /c
        out_has one
        out_lacks two
    done
    try cubby build -t tar:2 -f sub/File - < "$BATS_TEST_TMPDIR/t"
    [ "$status" = 0 ]
    ok cubby run --rm tar:2 cat /other
    out_is one
    head -c 700 "$BATS_TEST_TMPDIR/t" > "$BATS_TEST_TMPDIR/cut"
    try cubby build - < "$BATS_TEST_TMPDIR/cut"
    [ "$status" = 125 ]
    # what a container leaves is thrown away by its monitor, after the command
    nothing_left() { [ -z "$(find "$STORE"/tmp -mindepth 2 2>/dev/null)" ]; }
    wait_for 10 nothing_left
}

@test 'context: the address of a tar and of a Dockerfile, and -f of an address' {
    echo one > "$CONTEXT/one"
    printf 'FROM bb:1\nCOPY one /one\n' > "$CONTEXT/Dockerfile"
    tar -C "$CONTEXT" -czf "$WEB_DIR/c.tgz" .
    ok cubby build -t url:1 "http://$WEB/to/c.tgz"
    ok cubby run --rm url:1 cat /one
    out_is one
    printf 'FROM bb:1\nRUN echo from-address > /f\n' > "$WEB_DIR/File"
    ok cubby build -t url:2 "http://$WEB/File"
    ok cubby run --rm url:2 cat /f
    out_is from-address
    ok cubby build -t url:3 -f "http://$WEB/File" "$CONTEXT"
    ok cubby run --rm url:3 cat /f
    fails 125 cubby build "http://$WEB/none"
    err_has "cannot get 'http://$WEB/none'"
    err_has 404
    fails 125 cubby build -f "http://$WEB/none" "$CONTEXT"
}

@test 'context: a git repository, its branches and folders' {
    repository
    ok cubby build -t ctx:1 "http://$WEB/r.git"
    ok cubby run --rm ctx:1 cat /all/file /all/module/subfile
    out_is $'two\nsub'
    ok cubby build -t ctx:1 "http://$WEB/r.git#other:dir"
    ok cubby run --rm ctx:1 ls /below
    out_is Dockerfile
    fails 125 cubby build "http://$WEB/r.git#main:nowhere"
    err_has nowhere
    fails 125 cubby build "http://$WEB/none.git"
    err_has "cannot fetch 'http://$WEB/none.git': there is no such repository, or not for you"
}

@test 'context: a git repository whose host is not reached is told in one sentence' {
    port=$(free_port)
    for address in "http://127.0.0.1:$port/x.git" "git://127.0.0.1:$port/x.git" "ssh://git@127.0.0.1:$port/x.git"; do
        if [[ $address == ssh:* ]] && ! command -v ssh > /dev/null; then continue; fi
        # git's words do not depend on the language
        CUBBY_ENV=(LC_ALL=de_DE.UTF-8 LANGUAGE=de)
        fails 125 cubby build "$address"
        shown=${address/git@/}
        err_has "Error: cannot fetch '$shown': its host cannot be reached: "
        err_has 'hint: '
        [ "$(grep -c . <<< "$stderr")" -le 3 ]
        err_lacks rights
        err_lacks fatal
    done
    fails 125 cubby build http://nowhere.invalid/x.git
    err_has "cannot fetch 'http://nowhere.invalid/x.git': the name of its host is not known: Could not resolve host: nowhere.invalid"
}

@test 'file: a name that is not in the folder of the caller is looked for in the context' {
    mkdir "$CONTEXT/docker"
    printf 'FROM bb:1\nRUN echo deep > /f\n' > "$CONTEXT/docker/File"
    ok cubby build -t deep:1 -f docker/File "$CONTEXT"
    ok cubby run --rm deep:1 cat /f
    out_is deep
}

@test 'a named context may be a repository or a tar at an address' {
    repository
    tar -C "$BATS_TEST_TMPDIR/work" -czf "$WEB_DIR/n.tgz" file
    cat > "$CONTEXT/Dockerfile" <<'EOF'
FROM bb:1
COPY --from=repo /file /of-repo
COPY --from=tar /file /of-tar
RUN --mount=from=repo,target=/r cat /r/file > /mounted
EOF
    ok cubby build -q -t named:1 --build-context "repo=http://$WEB/r.git#other" --build-context "tar=http://$WEB/n.tgz" "$CONTEXT"
    ok cubby run --rm named:1 cat /of-repo /of-tar /mounted
    out_is $'other\ntwo\nother'
    fails 125 cubby build --build-context "repo=http://$WEB/nothing.tgz" "$CONTEXT"
    err_has "cannot have the build context 'repo'"
    cp "$CONTEXT/Dockerfile" "$WEB_DIR/"
    fails 125 cubby build --build-context "repo=http://$WEB/Dockerfile" "$CONTEXT"
    err_has 'neither a tar nor a repository'
    ok cubby system check
}
