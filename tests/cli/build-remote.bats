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
    out_is $'hello\n600 0 1580702706\na b.txt\nlocal\nx.tar.gz\nin\n755 1 2'
    ok cubby build -t add:1 "$CONTEXT"
    [ "$(grep -c 'cached$' <<< "$stderr")" = 4 ]
    echo more >> "$WEB_DIR/a b.txt"
    ok cubby build -t add:1 "$CONTEXT"
    [ "$(grep -c 'cached$' <<< "$stderr")" = 0 ]
    ok cubby run --rm add:1 cat /g
    out_is $'hello\nmore'
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
    err_has "cannot fetch 'http://$WEB/r.git' at nothing: git ended with"
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
