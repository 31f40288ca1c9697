# SPDX-License-Identifier: LGPL-2.1-or-later
# transports - images from files where others come from registries: oci:, oci-archive:, docker-archive:, dir:

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    import_busybox other:2
    local layout
    for layout in "$D/layout" "$D/two"; do
        cubby save --format oci-dir -o "$layout" bb:1
    done
    cubby import -c 'CMD ["true"]' "$(busybox_tar)" third:3 > /dev/null
    rm -r "$D/two"
    cubby save --format oci-dir -o "$D/two" bb:1 third:3
    cubby save --format oci-archive -o "$D/bb.oci" bb:1
    cubby save -o "$D/bb.tar" bb:1 third:3
    dir_of "$D/layout" "$D/dir"
}

D=$BATS_FILE_TMPDIR

# dir_of LAYOUT DIR: what "skopeo copy oci:LAYOUT dir:DIR" writes
dir_of() {
    local digest
    mkdir "$2"
    cp "$1"/blobs/sha256/* "$2"
    digest=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["manifests"][0]["digest"][7:])' \
        "$1/index.json")
    mv "$2/$digest" "$2/manifest.json"
    echo 'Directory Transport Version: 1.1' > "$2/version"
}

# id_of NAME: the id of an image
id_of() { cubby image inspect --format '{{.Id}}' "$1"; }

digest_of() { cubby image inspect --format '{{.Digest}}' "$1"; }

@test 'pull takes an image from every kind of file, and it is the same image' {
    local id digest from
    id=$(id_of bb:1)
    digest=$(digest_of bb:1)
    for from in "oci:$D/layout" "oci:$D/two:localhost/bb:1" "oci:$D/two:bb:1" "oci:$D/two:@0" \
        "oci:$D/two@$digest" "oci-archive:$D/bb.oci" "dir:$D/dir"; do
        STORE=$BATS_TEST_TMPDIR/s
        ok cubby pull "$from"
        out_is "$id"
        [ "$(digest_of "$id")" = "$digest" ]
        cubby rmi -f "$id"
    done
    # docker's archives have no manifests: only the id stays
    STORE=$BATS_TEST_TMPDIR/s
    fails 125 cubby pull "docker-archive:$D/bb.tar:bb:1"
    err_has docker.io/library/bb:1
    err_has localhost/bb:1
    ok cubby pull "docker-archive:$D/bb.tar:localhost/bb:1"
    out_is "$id"
}

@test 'an image has the names that the file says' {
    STORE=$BATS_TEST_TMPDIR/s
    cubby pull "oci:$D/layout"
    ok cubby images --format '{{.Repository}}:{{.Tag}}'
    out_is localhost/bb:1
    STORE=$BATS_TEST_TMPDIR/s2
    cubby pull "dir:$D/dir"
    ok cubby images --format '{{.Repository}}:{{.Tag}}'
    out_is '<none>:<none>'
}

@test 'of an archive of docker all images are pulled' {
    STORE=$BATS_TEST_TMPDIR/s
    ok cubby pull "docker-archive:$D/bb.tar"
    [ "${#lines[@]}" = 2 ]
    ok cubby pull "docker-archive:$D/bb.tar:@1"
    out_is "$(id_of third:3)"
}

@test 'run takes a container'\''s image from a file, and several ask for a choice' {
    STORE=$BATS_TEST_TMPDIR/s
    ok cubby run --rm --network none "oci-archive:$D/bb.oci" echo hello
    out_is hello
    ok cubby run --rm --network none "dir:$D/dir" echo there
    out_is there
    fails 125 cubby run --rm --network none "docker-archive:$D/bb.tar" echo no
    err_has localhost/third:3
    err_has ':@0'
    ok cubby run --rm --network none "docker-archive:$D/bb.tar:localhost/bb:1" echo one
    out_is one
    fails 125 cubby pull "oci:$D/two"
    err_has 'several images'
}

@test 'containers-storage: is what is here, docker:// is a registry' {
    ok cubby run --rm --network none containers-storage:bb:1 echo here
    out_is here
    ok cubby run --rm --network none "containers-storage:[overlay@$STORE]bb:1" echo here
    out_is here
    fails 125 cubby run --rm "containers-storage:[/var/lib/containers/storage]bb:1" echo here
    err_has 'not the store'
    ok cubby run --rm --network none docker://localhost/bb:1 echo name
    out_is name
}

@test 'what is not there is told with what is' {
    fails 125 cubby pull "oci:$D/two:nothere:1"
    err_has "no image 'oci:$D/two:nothere:1'"
    err_has localhost/third:3
    fails 125 cubby pull "docker-archive:$D/bb.tar:nothere:1"
    err_has localhost/third:3
    fails 125 cubby pull "oci:$D/none"
    err_has 'no such file'
}

@test 'a folder and a tar are not mistaken for each other' {
    fails 125 cubby pull "oci:$D/bb.oci"
    err_has "oci-archive:$D/bb.oci"
    fails 125 cubby pull "oci-archive:$D/layout"
    err_has "oci:$D/layout"
    fails 125 cubby pull "oci-archive:$D/bb.tar"
    err_has 'no OCI layout'
}

@test 'transports that are not spoken say so' {
    fails 125 cubby pull docker-daemon:bb:1
    err_has 'docker save'
    fails 125 cubby pull https://quay.io/x
    err_has 'oci-archive:'
    fails 125 cubby pull sif:/x.sif
    err_has Singularity
}

@test 'load takes folders too' {
    STORE=$BATS_TEST_TMPDIR/s
    ok cubby load -i "$D/layout"
    out_is 'Loaded image: localhost/bb:1'
    ok cubby load -i "$D/dir"
    out_has 'Loaded image: sha256:'
    mkdir "$BATS_TEST_TMPDIR/unpacked" "$BATS_TEST_TMPDIR/empty"
    tar -C "$BATS_TEST_TMPDIR/unpacked" -xf "$D/bb.tar"
    ok cubby load -i "$BATS_TEST_TMPDIR/unpacked"
    out_is $'Loaded image: localhost/bb:1\nLoaded image: localhost/third:3'
    fails 125 cubby load -i "$BATS_TEST_TMPDIR/empty"
    err_has 'holds no images'
}

@test 'a link out of the folder is not followed, and damage is told' {
    STORE=$BATS_TEST_TMPDIR/s
    local blob
    cp -r "$D/dir" "$BATS_TEST_TMPDIR/d"
    for blob in "$BATS_TEST_TMPDIR/d"/[0-9a-f]*; do
        ln -sf "$D/dir/${blob##*/}" "$blob"
    done
    fails 125 cubby pull "dir:$BATS_TEST_TMPDIR/d"
    rm -r "$BATS_TEST_TMPDIR/d"
    cp -r "$D/dir" "$BATS_TEST_TMPDIR/d"
    for blob in "$BATS_TEST_TMPDIR/d"/[0-9a-f]*; do
        echo >> "$blob"
    done
    fails 125 cubby pull "dir:$BATS_TEST_TMPDIR/d"
    err_has 'not what its name'
    [ -z "$(find "$STORE/tmp" -type f)" ]
    ok cubby images -q
    out_is ''
}

@test 'the platform that is asked for must be there' {
    local machine=linux/amd64 other=linux/s390x
    STORE=$BATS_TEST_TMPDIR/s
    [ "$(uname -m)" != aarch64 ] || machine=linux/arm64
    ok cubby load --platform "$machine" -i "$D/layout"
    fails 125 cubby load --platform "$other" -i "$D/layout"
    err_has "not for $other"
    fails 125 cubby load --platform "$other" -i "$D/bb.tar"
    err_has "not for $other"
}
