# SPDX-License-Identifier: LGPL-2.1-or-later
# image_scp - copy an image to or from another machine; an ssh of our own stands for the other side

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    mkdir -p "$D/bin" "$D/there"
    # ssh [-p PORT] [-l USER] -- HOST COMMAND: notes its words, runs the command with the other side's PATH
    cat > "$D/bin/ssh" <<END
#!/bin/sh
echo "ssh \$*" >> "$D/log"
[ ! -e "$D/unreachable" ] || { echo "ssh: no route" >&2; exit 255; }
while [ "\$1" != -- ]; do shift; done
shift 2
PATH=$D/there:/usr/bin:/bin exec sh -c "\$1"
END
    # sudo -H -u USER -- COMMAND...
    cat > "$D/bin/sudo" <<END
#!/bin/sh
echo "sudo \$1 \$2 \$3 \$4" >> "$D/log"
shift 4
PATH=$D/there:/usr/bin:/bin exec "\$@"
END
    cat > "$D/there/cubby" <<END
#!/bin/sh
exec "$CUBBY" --root "$D/other" "\$@"
END
    chmod +x "$D/bin"/* "$D/there/cubby"
}

setup() {
    CUBBY_ENV=(PATH="$D/bin:$PATH")
    rm -f "$D/log" "$D/unreachable"
}

teardown() {
    rm -f "$D/unreachable"
    test_teardown
}

D=$BATS_FILE_TMPDIR

id_of() { cubby image inspect --format '{{.Id}}' "$1"; }

there() { STORE=$D/other cubby "$@"; }

@test 'an image goes to another machine and keeps its id and name' {
    local id
    id=$(id_of bb:1)
    ok cubby image scp bb:1 me@far.example::
    out_is 'Loaded image: localhost/bb:1'
    [ "$(there image inspect --format '{{.Id}}' localhost/bb:1)" = "$id" ]
    grep -q '^ssh -l me -- far.example sh -c ' "$D/log"
    ok cubby image scp -q bb:1 ssh://far.example:2222::
    out_is ''
    grep -q '^ssh -p 2222 -- far.example sh -c ' "$D/log"
    ok cubby image scp -q bb:1 '[fe80::1]::'
    grep -q '^ssh -- fe80::1 sh -c ' "$D/log"
}

@test 'an image comes from another machine' {
    there import -c 'CMD ["there"]' "$(busybox_tar)" far:1 > /dev/null
    ok cubby image scp far.example::localhost/far:1
    out_is 'Loaded image: localhost/far:1'
    ok cubby image exists far:1
}

@test 'an image goes from one other machine to the next' {
    there import -c 'CMD ["there"]' "$(busybox_tar)" far:2 > /dev/null
    ok cubby image scp one.example::localhost/far:2 two.example::
    out_is 'Loaded image: localhost/far:2'
    [ "$(grep -c ^ssh "$D/log")" = 2 ]
    fails 1 cubby image exists far:2
}

@test 'another user of this machine is reached through sudo' {
    ok cubby image scp bb:1 nobody@localhost::
    out_is 'Loaded image: localhost/bb:1'
    [ "$(cat "$D/log")" = 'sudo -H -u nobody --' ]
}

@test 'podman is used where there is no cubby' {
    mv "$D/there/cubby" "$D/there/podman"
    try cubby image scp bb:1 far.example::
    mv "$D/there/podman" "$D/there/cubby"
    [ "$status" = 0 ]
    out_is 'Loaded image: localhost/bb:1'
}

@test 'a machine that cannot be reached is named, and an image that is not there' {
    touch "$D/unreachable"
    fails 125 cubby image scp bb:1 far.example::
    err_has 'no route'
    err_has "ssh to 'far.example' ended with status 255"
    fails 125 cubby image scp far.example::bb:1
    err_has "ssh to 'far.example'"
    rm "$D/unreachable"
    fails 125 cubby image scp far.example::nothere:1
    err_has nothere:1
    fails 125 cubby image scp nothere:1 far.example::
    err_has nothere:1
    [ "$(grep -c nothere "$D/log")" = 1 ]       # the last did not even call
}

@test 'what would be an option or a command to ssh is refused' {
    local text
    for text in '-oProxyCommand=x::' 'a b::' 'me@-x::' 'far$(id)::' 'far:x::'; do
        fails 125 cubby image scp bb:1 -- "$text"
        err_has 'is no '
    done
    fails 125 cubby image scp -- 'far::bb$(id)'
    err_has 'no name of an image'
    [ ! -e "$D/log" ]
}

@test 'without another machine there is nothing to copy to' {
    fails 125 cubby image scp bb:1
    err_has 'USER@HOST::'
    fails 125 cubby image scp bb:1 other:1
    fails 125 cubby image scp bb:1 far::other:1
    err_has "write 'far::'"
}
