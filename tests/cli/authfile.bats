# SPDX-License-Identifier: LGPL-2.1-or-later
# --authfile and REGISTRY_AUTH_FILE: a file that is named and not there

load ../lib/common

setup_file() { file_setup; import_busybox; }

setup() {
    NONE=$BATS_TEST_TMPDIR/none.json
    CLOSED=127.0.0.1:1
}

teardown() { CUBBY_ENV=(); }

refused() {
    fails 125 cubby "$@"
    err_has "cannot use '$NONE' of $BY: "
    err_has "no such file or directory"
    err_has 'cubby login'
}

@test 'what asks registries does not go on as nobody when --authfile is not there' {
    BY=--authfile
    refused pull --authfile "$NONE" "$CLOSED/x:1"
    refused pull --all-tags --authfile "$NONE" "$CLOSED/x"
    refused push --authfile "$NONE" bb:1 "$CLOSED/x:1"
    refused search --authfile "$NONE" "$CLOSED/x"
    refused create --authfile "$NONE" "$CLOSED/x:1"
    refused run --rm --network none --authfile "$NONE" "$CLOSED/x:1"
    refused logout --authfile "$NONE" quay.io
    refused logout --all --authfile "$NONE"
    refused manifest inspect --authfile "$NONE" "$CLOSED/x:1"
    ok cubby manifest create l:1
    refused manifest add --authfile "$NONE" l:1 "docker://$CLOSED/x:1"
    refused manifest push --authfile "$NONE" l:1 "docker://$CLOSED/x:1"
    [ ! -e "$NONE" ]
}

@test 'also where the image is here and no registry is asked' {
    BY=--authfile
    refused run --rm --network none --authfile "$NONE" bb:1 true
    mkdir "$BATS_TEST_TMPDIR/context"
    echo 'FROM bb:1' > "$BATS_TEST_TMPDIR/context/Dockerfile"
    refused build --authfile "$NONE" "$BATS_TEST_TMPDIR/context"
    echo 'FROM scratch' > "$BATS_TEST_TMPDIR/context/Dockerfile"
    refused build --authfile "$NONE" "$BATS_TEST_TMPDIR/context"
    refused pull --authfile "$NONE" "dir:$BATS_TEST_TMPDIR/d"
    refused push --authfile "$NONE" bb:1 "dir:$BATS_TEST_TMPDIR/d"
    [ ! -e "$BATS_TEST_TMPDIR/d" ]
    echo '{}' > "$NONE"
    ok cubby run --rm --network none --authfile "$NONE" bb:1 true
}

@test 'REGISTRY_AUTH_FILE that is not there is told where a registry would be asked' {
    BY=REGISTRY_AUTH_FILE
    CUBBY_ENV=(REGISTRY_AUTH_FILE="$NONE")
    refused pull "$CLOSED/x:1"
    refused push bb:1 "$CLOSED/x:1"
    refused search "$CLOSED/x"
    ok cubby run --rm --network none bb:1 true
    # what is said on the command line counts instead
    fails 125 cubby pull --creds me:x "$CLOSED/x:1"
    err_has "connect"
    echo '{}' > "$BATS_TEST_TMPDIR/there.json"
    fails 125 cubby pull --authfile "$BATS_TEST_TMPDIR/there.json" "$CLOSED/x:1"
    err_has "connect"
}

@test 'login may name a file that is not there yet' {
    fails 125 cubby login --authfile "$NONE" -u me -p x "$CLOSED"
    err_has "$CLOSED"
    fails 125 cubby login --authfile "$NONE" --get-login "$CLOSED"
    err_has 'not logged in'
}
