#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What a registry may do to who pulls from it: each test is a behaviour of tests/lib/odd-registry. Whatever
# it is, the pull ends by itself, says why, and leaves no image and no temporary file.

load ../lib/common

setup_file() {
    file_setup
    odd_start ODD
}

teardown_file() {
    odd_stop
    file_teardown
}

setup() {
    CUBBY_ENV=(CONTAINERS_REGISTRIES_CONF=/dev/null)
    : > "$ODD_LOG"
}

teardown() {
    rm -rf "$STORE" 2> /dev/null || cubby unshare rm -rf "$STORE" 2> /dev/null || true
    mkdir -p "$STORE"
    CUBBY_ENV=()
    test_teardown
}

# odd_start NAME [OPTIONS]: sets NAME (HOST:PORT), its log and its pid
odd_start() {
    local name=$1 pipe=$BATS_FILE_TMPDIR/pipe.$1 where
    shift
    mkfifo "$pipe"
    export ODD_LOG=$BATS_FILE_TMPDIR/$name.log
    : > "$ODD_LOG"
    "$CUBBY_SRC/tests/lib/odd-registry" "$ODD_LOG" "$@" > "$pipe" 2> "$BATS_FILE_TMPDIR/$name.err" 3>&- &
    echo $! >> "$BATS_FILE_TMPDIR/odd.pids"
    read -r where < "$pipe"
    export "$name=$where"
}

odd_stop() {
    local pid
    while read -r pid; do
        kill -KILL "$pid" 2> /dev/null || true
    done < "$BATS_FILE_TMPDIR/odd.pids"
}

pull() { CUBBY_SECONDS=100 cubby pull -q --tls-verify=false "$@"; }

# nothing_left: no image, no temporary file, no partial blob
nothing_left() {
    local found
    found=$(cubby images -a -q)
    [ -z "$found" ] || { echo "there is an image: $found" >&2; return 1; }
    found=$(find "$STORE/tmp" -mindepth 2 2> /dev/null)
    [ -z "$found" ] || { echo "left: $found" >&2; return 1; }
}

# refused NAME WORDS: odd/NAME cannot be had, the error has the words, and nothing is left
refused() {
    afresh
    fails 125 pull "$ODD/odd/$1:1"
    err_has "$2"
    no_command_in "$stderr"
    nothing_left
}

# no_command_in TEXT: nothing in it that a terminal would obey
no_command_in() {
    [ -z "$(tr -d '\t\n -~\200-\377' <<< "$1")" ] || { echo "controls in: ${1@Q}" >&2; return 1; }
    [[ $1 != *$'\xc2\x9b'* && $1 != *$'\xe2\x80\xae'* ]] || { echo "controls in: ${1@Q}" >&2; return 1; }
}

taken() {
    afresh
    ok pull "$ODD/odd/$1:1"
}

# afresh: nothing is in the store: what another oddity brought is not asked for again
afresh() { cubby rmi -f -a > "$BATS_TEST_TMPDIR/rmi" 2>&1 || true; }

# asked PATTERN: how many requests match
asked() { grep -c "$1" "$ODD_LOG" || true; }

# --- documents -----------------------------------------------------------------------------

@test 'a good image comes, so what is refused below is refused for its oddity' {
    taken good
}

@test 'a digest by another algorithm is refused, and the sentence names it' {
    refused sha512 'SHA-512; only SHA-256 is known'
}

@test 'a layer that the manifest has twice is fetched once and stands twice' {
    taken twice
    [ "$(asked '/blobs/')" = 3 ]
    ok cubby image inspect --format '{{len .RootFS.Layers}}' "$ODD/odd/twice:1"
    out_is 3
}

@test 'one blob as two layers with other contents is refused, and does not hang' {
    refused two-diffs 'unpacks to'
}

@test 'two blobs that unpack to the same layer are taken' {
    taken two-blobs
}

@test '500 layers are taken' {
    taken most
    ok cubby image inspect --format '{{len .RootFS.Layers}}' "$ODD/odd/most:1"
    out_is 500
}

@test '501 layers are refused before any blob is asked for' {
    refused too-many 'more than 500 layers'
    [ "$(asked '/blobs/')" = 0 ]
}

@test 'a manifest with a key twice is refused: others would read the other one' {
    refused duplicate "'layers' is there twice"
}

@test 'a manifest nested 100,000 deep, or with a million values, is refused' {
    refused deep 'nested too deeply'
    refused values 'more than 250000 values'
}

@test 'a manifest of schema 1 is refused with its name' {
    refused schema1 'schema 1 is not supported'
}

@test 'foreign layers are refused, and no address in a manifest is ever asked' {
    refused foreign 'not to be had from registries'
    taken urls
    [ "$(asked elsewhere)" = 0 ]
}

@test 'a layer without a byte is a layer without a file' {
    taken empty-layer
}

@test 'an empty config is refused' {
    refused empty-config 'cannot pull'
}

@test 'sizes below zero, with a fraction or beyond 1 TiB are refused' {
    refused negative 'impossible size'
    refused fraction 'wrong type'
    refused vast 'impossible size'
}

@test 'an index of an index, and so on, is refused' {
    refused nested 'an index holds an index'
}

@test 'a config that is too large is not fetched, for a list neither' {
    refused large-config 'the image config is too large'
    ok cubby manifest create large:1
    fails 125 cubby manifest add --tls-verify=false large:1 "docker://$ODD/odd/large-config:1"
    err_has 'the image config is too large'
    [ "$(asked 'large-config/blobs')" = 0 ]
    ok cubby manifest rm large:1
}

@test 'a config of another machine than asked for is told' {
    ok cubby pull -q --tls-verify=false --platform linux/amd64 "$ODD/odd/arch:1"
    err_has 'the image is for linux/s390x'
}

@test 'what a terminal would obey is shown, not obeyed: in errors, in warnings and in tables' {
    refused noise 'artifact of type'
    err_has '\x1b]0;owned'
    err_has '\u202e'
    refused noise-error 'denies access (403'
    taken noise-history
    ok cubby history "$ODD/odd/noise-history:1"
    no_command_in "$output"
    out_has '\x1b[31m'
}

# --- manifests that do not end, or are something else ----------------------------------------

@test 'a manifest without end, or of 1 GB, is given up at 4 MiB' {
    refused endless 'too large'
    refused huge 'too large'
}

@test 'headers without end are given up' {
    refused headers 'headers are too large'
    refused answers 'headers are too large'
}

@test 'a media type of 30,000 bytes counts as none' {
    taken long-type
}

@test 'a compressed manifest is not unpacked: it was not asked for' {
    refused gzip-bomb 'cannot'
}

@test 'a page for people instead of a manifest is named' {
    refused page 'a page for people'
}

@test 'a media type that says nothing does no harm' {
    taken plain-type
}

@test 'an error with a page without end is told by its status' {
    refused endless-error 'does not have it (404'
}

@test 'a large page with an error that passes is waited for' {
    taken big-error
}

@test '403 and 404 are told and not asked again' {
    refused forbidden 'denies access (403)'
    [ "$(asked ' 403$')" = 1 ]
    refused gone 'does not have it (404)'
    [ "$(asked ' 404$')" = 1 ]
}

@test 'Retry-After may be a date: far away it is told, passed or unreadable it is no wait' {
    refused date 'come back in 7'
    taken past
    taken junk-after
}

# --- blobs --------------------------------------------------------------------------------------

@test 'a blob without end is given up when it is larger than the manifest says' {
    refused endless-blob 'larger than the manifest says'
}

@test 'a blob that is announced longer or shorter than the manifest says is refused' {
    refused long-blob 'larger than the manifest says'
    refused short-blob 'another size than the manifest says'
}

@test 'a broken blob goes on with the part that is missing' {
    taken cut
    [ "$(asked 'bytes=[1-9].* 206')" -ge 1 ]
}

@test 'a wrong part, or one that does not say which it is, is not taken: all is asked for' {
    taken other-part
    taken no-part
    refused only-parts 'another part of it than the one asked for'
}

@test 'a part that is another than it says is found by its digest' {
    refused false-part 'cannot'
}

# --- redirections ----------------------------------------------------------------------------

@test 'a redirection to a file, to FTP or to nowhere is refused' {
    refused to-file 'without TLS'
    refused to-ftp 'without TLS'
    refused to-nowhere 'to nowhere'
}

@test 'credentials do not go to another port, nor to an address that only begins alike' {
    ok pull --creds user:secret "$ODD/odd/to-port:1"
    [ "$(asked 'odd/to-port.* auth')" -ge 3 ]
    [ "$(asked 'odd/good.* auth')" = 0 ]
    # without what came just now; the address itself has a name for us
    afresh
    : > "$ODD_LOG"
    ok pull --creds user:secret "$ODD/odd/to-user:1"
    [ "$(asked 'odd/good/blobs')" -ge 3 ]
    [ "$(asked 'odd/good.* auth user')" = 0 ]
}

@test 'who asks for a name behind a redirection is told none' {
    CUBBY_SECONDS=100 fails 125 pull --creds user:secret "$ODD/odd/to-thief:1"
    err_has 'the storage behind the registry refuses us (401)'
    [ "$(asked /token)" = 0 ]
    nothing_left
}

@test 'from HTTPS nothing leads to HTTP' {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$BATS_TEST_TMPDIR/key" -out "$BATS_TEST_TMPDIR/ca.crt" \
        -days 2 -subj /CN=odd -addext subjectAltName=IP:127.0.0.1 2> /dev/null
    odd_start TLS --tls "$BATS_TEST_TMPDIR/ca.crt" "$BATS_TEST_TMPDIR/key"
    ok cubby pull -q --cert-dir "$BATS_TEST_TMPDIR" "$TLS/odd/good:1"
    ok cubby rmi -f "$TLS/odd/good:1"
    fails 125 cubby pull -q --cert-dir "$BATS_TEST_TMPDIR" "$TLS/odd/to-http:1"
    err_has 'redirects to an address without TLS'
    nothing_left
}

# --- token servers ---------------------------------------------------------------------------

@test 'a token server that gives junk, too much or nothing is told so' {
    taken token-good
    ok cubby rmi -f "$ODD/odd/token-good:1"
    refused token-junk 'gave no JSON'
    refused token-none 'gave no token'
    refused token-number 'gave no token'
    refused token-huge 'gave no token'
    refused token-noise 'gave no token'
    refused token-endless 'token server'
    refused token-refused 'asks for a name and a password'
}

@test 'a token with a line end adds no header' {
    refused token-lines 'gave no token'
}

@test 'a token server that redirects is not followed, and one that is a file not read' {
    refused token-moved 'redirects'
    [ "$(asked /token/good)" = 0 ]
    refused token-to-file 'cannot be reached by TLS'
}

# --- lists of tags ------------------------------------------------------------------------------

@test 'lists of tags that lead in circles, bring the same or bring nonsense end' {
    ok pull -a "$ODD/odd/tags-circle"
    [ "$(asked tags-circle/tags/list)" = 2 ]
    ok pull -a "$ODD/odd/tags-same"
    [ "$(asked tags-same/tags/list)" = 2 ]
    fails 125 pull -a "$ODD/odd/tags-bad"
    err_has 'has no tags'
    [ "$(asked tags-bad/tags/list)" = 1 ]
}

@test 'a list of tags leads to no other place' {
    try pull -a "$ODD/odd/tags-away"
    [ "$(asked tags-away/tags/list)" = 1 ]
    try pull -a "$ODD/odd/tags-file"
    [ "$(asked tags-file/tags/list)" = 1 ]
}

@test 'a catalog that leads in a circle is searched once' {
    ok cubby search --tls-verify=false --format '{{.Name}}' "$ODD/good"
    [ "${#lines[@]}" -eq 2 ]
    [ "$(asked _catalog)" -le 4 ]
}

# --- mirrors that lie -----------------------------------------------------------------------

# with_mirrors HOW...: good.invalid is odd/good, behind mirrors that lie so
with_mirrors() {
    local how
    CUBBY_ENV=(CONTAINERS_REGISTRIES_CONF="$BATS_TEST_TMPDIR/conf")
    {
        printf '[[registry]]\nprefix = "good.invalid"\nlocation = "%s/odd"\ninsecure = true\n' "$ODD"
        for how in "$@"; do
            printf '[[registry.mirror]]\nlocation = "%s"\ninsecure = true\n' "${how//HERE/$ODD}"
        done
    } > "$BATS_TEST_TMPDIR/conf"
}

@test 'what a mirror gives wrong comes from the registry instead' {
    local how
    for how in manifest bytes early bomb more wait hang-up; do
        with_mirrors "HERE/lies/$how"
        ok cubby pull -q good.invalid/good:1
        [ "$(asked '/odd/good')" -ge 1 ] || say_run "nobody else was asked for $how"
        ok cubby rmi -f good.invalid/good:1
        nothing_left
        : > "$ODD_LOG"
    done
}

@test 'layers that a mirror gives wrong one after the other come from the registry, unpacked and joined' {
    local how
    for how in --single-file=false --single-file; do
        with_mirrors HERE/lies/layers
        [ -x "$CUBBY_BUILD/cubby-single" ] || [ "$how" != --single-file ] || continue
        ok cubby pull -q "$how" good.invalid/many:1
        [ "$(asked '/odd/many')" -ge 1 ] || say_run 'nobody else was asked'
        ok cubby rmi -f good.invalid/many:1
        nothing_left
        : > "$ODD_LOG"
    done
}

@test 'what a mirror gives wrong for a list comes from the registry too' {
    with_mirrors HERE/lies/bytes
    ok cubby manifest create many:1
    ok cubby manifest add many:1 docker://good.invalid/many:1
    [ "$(asked '/odd/many')" -ge 1 ] || say_run 'nobody else was asked'
    ok cubby manifest rm many:1
}

@test 'several mirrors that lie are left one after the other' {
    with_mirrors "localhost:${ODD#*:}/lies/bytes" "[::1]:1/x" "127.0.0.2:1/x" HERE/lies/early
    ok cubby pull -q good.invalid/good:1
}

@test 'when all lie the pull fails and leaves nothing' {
    CUBBY_ENV=(CONTAINERS_REGISTRIES_CONF="$BATS_TEST_TMPDIR/conf")
    printf '[[registry]]\nprefix = "good.invalid"\nlocation = "%s/lies/bytes"\ninsecure = true\n' "$ODD" \
        > "$BATS_TEST_TMPDIR/conf"
    fails 125 cubby pull -q good.invalid/good:1
    err_has 'another digest'
    nothing_left
}

# --- pushes -------------------------------------------------------------------------------------

# push_refused NAME WORDS: a push to odd/NAME ends by itself and says so
push_refused() {
    CUBBY_SECONDS=100 fails 125 cubby push -q --retry 1 --retry-delay 1s --tls-verify=false bb:1 "$ODD/odd/$1:1"
    err_has "$2"
    no_command_in "$stderr"
}

@test 'a push to a registry that leads nowhere, in circles or to files ends' {
    import_busybox
    push_refused push-nowhere 'cannot'
    push_refused push-file 'cannot'
    [ ! -e /tmp/cubby-evil-upload ]
    push_refused push-circle 'cannot'
    push_refused push-long 'cannot'
}

@test 'a push to a registry that loses what it gets, or says so, ends' {
    import_busybox
    push_refused push-lost 'cannot'
    push_refused push-liar 'got something else'
    push_refused push-noise '400'
}

@test 'a push to a registry whose words about what it has make no sense ends' {
    import_busybox
    local name
    for name in stuck junk-range beyond; do
        push_refused "push-$name" 'the registry has lost what was sent'
    done
    push_refused push-endless 'it is too large'
}

@test 'credentials do not go to the place on another port that an upload is sent to' {
    import_busybox
    CUBBY_SECONDS=100 try cubby push -q --creds user:secret --retry 1 --tls-verify=false bb:1 "$ODD/odd/push-away:1"
    [ "$(asked 'POST .* auth')" -ge 1 ]
    [ "$(asked 'uploads/1.* auth')" = 0 ]
    [ "$(asked 'uploads/1.* -')" -ge 1 ]
}
