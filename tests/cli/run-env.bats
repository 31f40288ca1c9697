# SPDX-License-Identifier: LGPL-2.1-or-later
# run-env - run and create: the environment, time zone, labels and annotations

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    cubby import -c 'CMD ["sh"]' -c 'ENV FROM_IMAGE=img PATH=/bin:/usr/bin' "$(busybox_tar)" env:1 > /dev/null
}

run_bb() { cubby run --rm --network none "$@"; }

@test '--env-host takes all of the caller'\''s, and what is said by name outweighs it' {
    CUBBY_ENV=(MINE=yes OTHER=host)
    ok run_bb --env-host -e OTHER=said env:1 env
    out_has MINE=yes
    out_has OTHER=said
    out_has FROM_IMAGE=img
    ok run_bb env:1 env
    out_lacks MINE
}

@test '--env-merge builds on the image'\''s value' {
    ok run_bb --env-merge 'PATH=/opt:$PATH' --env-merge 'FROM_IMAGE=${FROM_IMAGE}-more' env:1 sh -c 'echo $PATH $FROM_IMAGE'
    out_is '/opt:/bin:/usr/bin img-more'
    ok run_bb -e OWN=x -e LAST=mine --env-merge 'B=${FROM_IMAGE}+${OWN}+${NOT:-none}' --env-merge LAST=merged \
        env:1 sh -c 'echo $B $LAST'
    out_is 'img++none mine'
    fails 125 run_bb --env-merge PATH env:1 true
    err_has NAME=VALUE
    fails 125 run_bb --env-merge 'A=${B' env:1 true
    err_has '${NAME:-TEXT}'
}

@test '--unsetenv leaves a variable out, --unsetenv-all all of them' {
    ok run_bb --unsetenv FROM_IMAGE env:1 env
    out_lacks FROM_IMAGE
    out_has container=
    ok run_bb --unsetenv-all -e ONLY=this --entrypoint /bin/env env:1
    out_lacks FROM_IMAGE
    out_lacks PATH=
    out_lacks container=
    out_has ONLY=this
}

@test '--http-proxy takes the caller'\''s proxy, docker does not' {
    CUBBY_ENV=(http_proxy=http://p:1 NO_PROXY=local)
    ok run_bb bb:1 env
    out_has http_proxy=http://p:1
    out_has NO_PROXY=local
    ok run_bb --http-proxy=false bb:1 env
    out_lacks proxy
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker ok run_bb bb:1 env
    out_lacks http_proxy
}

@test '--tz takes names, and local is the host'\''s' {
    [ -e /usr/share/zoneinfo/Asia/Tokyo ] || skip 'this host has no zoneinfo'
    ok run_bb --tz Asia/Tokyo bb:1 sh -c 'date +%z; readlink -f /etc/localtime > /dev/null && echo there'
    out_is $'+0900\nthere'
    ok run_bb --tz local bb:1 date +%z
    out_is "$(env -i date +%z)"
    ok cubby create --name tz --network none --tz Asia/Tokyo bb:1 true
    ok cubby inspect tz --format '{{.Config.Timezone}}'
    out_is Asia/Tokyo
    fails 125 cubby create --tz No/Where bb:1 true
    err_has No/Where
    fails 125 run_bb --tz ../../etc/passwd bb:1 true
    err_has 'no time zone'
    ok cubby ps -aq
    [ "${#lines[@]}" = 1 ]
}

@test '--label, --label-file and --annotation are kept' {
    printf '# no\nfile=1\nboth=file\n' > "$BATS_TEST_TMPDIR/labels"
    ok cubby create --name l --network none --label-file "$BATS_TEST_TMPDIR/labels" -l both=cli --label plain \
        --annotation a.b/c=d bb:1 true
    ok cubby inspect l --format '{{.Config.Labels.file}} {{.Config.Labels.both}} [{{.Config.Labels.plain}}] {{index .Config.Annotations "a.b/c"}}'
    out_is '1 cli [] d'
    fails 125 cubby create -l =x bb:1 true
    fails 125 cubby create --annotation nothing bb:1 true
    err_has KEY=VALUE
    fails 125 cubby create --label-file "$BATS_TEST_TMPDIR/nope" bb:1 true
    err_has nope
}

@test '--entrypoint "" clears it, and nothing to run is an error' {
    cubby import -c 'ENTRYPOINT ["echo","ep"]' -c 'CMD ["cmd"]' "$(busybox_tar)" ep:1 > /dev/null
    ok run_bb ep:1
    out_is 'ep cmd'
    ok run_bb --entrypoint '' ep:1 echo plain
    out_is plain
    ok run_bb --entrypoint 'echo' ep:1
    out_is ''
    fails 125 run_bb --entrypoint '' ep:1
    err_has 'no command'
}
