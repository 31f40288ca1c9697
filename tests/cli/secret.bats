# SPDX-License-Identifier: LGPL-2.1-or-later
# secret - the group of secret commands, and --secret of run and create

load ../lib/common

setup_file() { file_setup; import_busybox; }

teardown() {
    test_teardown
    cubby secret rm -a > /dev/null
}

run_bb() { cubby run --rm --network none "$@"; }

# make_secret NAME TEXT [OPTIONS]
make_secret() {
    local name=$1 text=$2
    shift 2
    printf %s "$text" | cubby secret create "$@" "$name" - > /dev/null
}

@test 'secret create takes a file, standard input, or a variable, and prints the id' {
    printf one > "$BATS_TEST_TMPDIR/f"
    ok cubby secret create a "$BATS_TEST_TMPDIR/f"
    out_matches '^[0-9a-f]{25}$'
    id=$output
    ok cubby secret inspect a --format '{{.ID}}'
    out_is "$id"
    printf two | ok cubby secret create b -
    CUBBY_ENV=(TOKEN=three)
    ok cubby secret create --env c TOKEN
    CUBBY_ENV=()
    ok cubby secret inspect --showsecret --format '{{.SecretData}}' a b c
    out_is $'one\ntwo\nthree'
    fails 125 cubby secret create --env d NOT_SET
    err_has NOT_SET
    fails 125 cubby secret create d
    err_has 'standard input'
    fails 125 cubby secret create d "$BATS_TEST_TMPDIR/nope"
    err_has nope
}

@test 'a secret is a file for the user alone' {
    make_secret a x
    [ "$(stat -c %a "$STORE/secrets/a")" = 600 ]
    [ "$(stat -c %a "$STORE/secrets")" = 700 ]
}

@test 'bad names, empty and too large secrets are refused' {
    local bad
    printf x > "$BATS_TEST_TMPDIR/f"
    for bad in '' .a -- a/b 'a b' ../x "$(printf 'a%.0s' {1..254})"; do
        fails 125 cubby secret create -- "$bad" "$BATS_TEST_TMPDIR/f"
    done
    : > "$BATS_TEST_TMPDIR/empty"
    fails 125 cubby secret create a "$BATS_TEST_TMPDIR/empty"
    err_has empty
    head -c 512001 /dev/zero > "$BATS_TEST_TMPDIR/big"
    fails 125 cubby secret create a "$BATS_TEST_TMPDIR/big"
    err_has 512000
    head -c 512000 /dev/urandom > "$BATS_TEST_TMPDIR/big"
    ok cubby secret create a "$BATS_TEST_TMPDIR/big"
    run_bb --secret a bb:1 cat /run/secrets/a | cmp - "$BATS_TEST_TMPDIR/big"
}

@test 'a name in use is refused, replaced with --replace, left with --ignore' {
    make_secret a one
    ok cubby secret inspect a --format '{{.ID}} {{.CreatedAt}}'
    before=$output
    printf two > "$BATS_TEST_TMPDIR/f"
    fails 125 cubby secret create a "$BATS_TEST_TMPDIR/f"
    err_has --replace
    ok cubby secret create --ignore a "$BATS_TEST_TMPDIR/f"
    out_is "${before%% *}"
    ok cubby secret create --replace a "$BATS_TEST_TMPDIR/f"
    [ "$output" != "${before%% *}" ]
    ok cubby secret inspect a --showsecret --format '{{.SecretData}} {{.CreatedAt}}'
    out_is "two ${before#* }"
    ok cubby secret create --replace new "$BATS_TEST_TMPDIR/f"
    fails 125 cubby secret create --replace --ignore new "$BATS_TEST_TMPDIR/f"
}

@test 'drivers that are not there are refused' {
    printf x > "$BATS_TEST_TMPDIR/f"
    ok cubby secret create --driver file a "$BATS_TEST_TMPDIR/f"
    fails 125 cubby secret create -d pass other "$BATS_TEST_TMPDIR/f"
    err_has "no secret driver 'pass'"
    fails 125 cubby secret create --driver-opts path=/x other "$BATS_TEST_TMPDIR/f"
    err_has 'no options'
    fails 125 cubby secret create -d shell --driver-opts lookup=x other "$BATS_TEST_TMPDIR/f"
    err_has store=
    fails 125 cubby secret create -d shell --driver-opts colour=x other "$BATS_TEST_TMPDIR/f"
    err_has colour
    fails 125 cubby secret create --template-driver golang other "$BATS_TEST_TMPDIR/f"
    fails 1 cubby secret exists other
}

@test 'the driver shell keeps secrets with other programs' {
    local safe=$BATS_TEST_TMPDIR/safe
    mkdir "$safe"
    shell_secret() {
        cubby secret create -d shell --driver-opts "store=cat > '$safe'/\$SECRET_ID" --driver-opts "lookup=cat '$safe'/\$SECRET_ID" \
            --driver-opts "delete=rm '$safe'/\$SECRET_ID" --driver-opts "list=ls '$safe'" "$@"
    }
    printf 'kept,outside' > "$BATS_TEST_TMPDIR/f"
    ok shell_secret s "$BATS_TEST_TMPDIR/f"
    [ "$(cat "$safe/$output")" = kept,outside ]
    fails 1 grep kept "$STORE/secrets/s"
    ok run_bb --secret s bb:1 cat /run/secrets/s
    out_is kept,outside
    ok cubby secret inspect s --showsecret --format '{{.SecretData}} {{.Spec.Driver.Name}}'
    out_is 'kept,outside shell'
    printf new > "$BATS_TEST_TMPDIR/f"
    ok shell_secret --replace s "$BATS_TEST_TMPDIR/f"
    [ "$(ls "$safe")" = "$output" ]
    ok cubby secret ls --filter driver=shell --format '{{.Driver}}'
    out_is shell
    ok cubby secret rm s
    [ -z "$(ls "$safe")" ]
    fails 125 cubby secret create -d shell --driver-opts store='exit 3' --driver-opts lookup=true \
        --driver-opts delete=true --driver-opts list=true t "$BATS_TEST_TMPDIR/f"
    err_has 'ended with 3'
    fails 1 cubby secret exists t
}

@test 'secret ls lists in order, filtered, formatted, without what they are' {
    make_secret bb hidden-text -l app=web --label plain
    make_secret aa hidden-text
    ok cubby secret ls
    out_matches $'^ID +NAME +DRIVER +CREATED +UPDATED\n[0-9a-f]{25} +aa +file +.*ago +.*ago\n[0-9a-f]{25} +bb '
    out_lacks hidden-text
    ok cubby secret ls -n --format 'table {{.Name}}'
    out_is $'aa\nbb'
    ok cubby secret ls --filter label=app=web --filter label=plain --format '{{.Name}}:{{.Label "app"}}'
    out_is bb:web
    ok cubby secret ls --filter name=a --format '{{.Name}}'
    out_is aa
    ok cubby secret ls -q --filter name=aa
    ok cubby secret ls --filter "id=$output" --format '{{.Name}}'
    out_is aa
    ok cubby secret list --format json
    out_has '"Name":"aa"'
    fails 125 cubby secret ls --filter colour=red
    err_has colour
}

@test 'secret inspect shows everything but the secret, unless asked' {
    make_secret a hidden-text -l k=v
    ok cubby secret inspect a
    out_has '"Name": "a"'
    out_has '"k": "v"'
    out_lacks hidden-text
    ok cubby secret inspect --pretty a
    out_matches 'Name: +a'
    out_has ' - k=v'
    ok cubby secret inspect --pretty --showsecret a
    out_has hidden-text
    ok cubby inspect --type secret a --format '{{.Spec.Driver.Name}}'
    out_is file
    fails 125 cubby secret inspect a nothere
    err_has "no secret named 'nothere'"
    out_has '"Name": "a"'
}

@test 'secret rm takes names and ids, tells which are not there, and goes on' {
    make_secret a x
    make_secret other x
    make_secret c x
    ok cubby secret inspect a --format '{{.ID}}'
    ok cubby secret rm "${output:0:12}"
    fails 125 cubby secret rm nothere other
    err_has nothere
    fails 1 cubby secret exists other
    ok cubby secret rm -i nothere
    fails 125 cubby secret rm
    ok cubby secret exists c
    ok cubby secret rm --all
    ok cubby secret ls -q
    out_is ''
}

@test 'a damaged secret is told, the rest is listed, and it can be removed or replaced' {
    make_secret a x
    make_secret bad x
    printf '{' > "$STORE/secrets/bad"
    ok cubby secret ls --format '{{.Name}}'
    out_is a
    err_has bad
    fails 125 run_bb --secret bad bb:1 true
    err_has damaged
    make_secret bad y --replace
    ok cubby secret rm bad
}

@test '--secret puts a file into /run/secrets, in memory, for everybody and read-only' {
    make_secret a hidden
    ok run_bb --secret a bb:1 sh -c 'cat /run/secrets/a; echo; stat -c "%a %u:%g" /run/secrets/a
        grep -c "^tmpfs /run/secrets" /proc/mounts; touch /run/secrets/x || echo ro'
    out_is $'hidden\n444 0:0\n1\nro'
    ok run_bb -u 1000 --secret a bb:1 cat /run/secrets/a
    out_is hidden
    ok run_bb --read-only --tmpfs /run --secret a bb:1 cat /run/secrets/a
    out_is hidden
}

@test '--secret has target, owner and mode' {
    make_secret a hidden
    ok run_bb -u 33:44 --secret a,target=name,uid=33,gid=44,mode=0400 \
        --secret source=a,target=/etc/app/key --secret a,type=mount,target=sub/dir/f --secret a,target=/run/secrets/abs \
        bb:1 sh -c 'stat -c "%a %u:%g" /run/secrets/name; cat /run/secrets/name /etc/app/key /run/secrets/sub/dir/f /run/secrets/abs
            rm -f /etc/app/key || echo ro'
    out_is $'400 33:44\nhiddenhiddenhiddenhiddenro'
    ok run_bb --userns keep-id --secret a,mode=0400,uid="$(id -u)" bb:1 cat /run/secrets/a
    out_is hidden
}

@test '--secret type=env sets a variable that inspect does not show, also for exec' {
    make_secret a hidden
    ok cubby run -d --name e --network none --secret a,type=env,target=TOKEN --secret a,type=env -e TOKEN=other bb:1 \
        sh -c 'echo "$TOKEN $a"; exec sleep 100'
    ok cubby exec e sh -c 'echo "$TOKEN"'
    out_is hidden
    ok cubby exec -d e sh -c 'echo "$TOKEN" > /d; mv /d /done'
    wait_for 10 cubby exec e test -e /done
    ok cubby exec e cat /done
    out_is hidden
    ok cubby logs e
    out_is 'hidden hidden'
    ok cubby inspect e
    out_lacks hidden
}

@test 'inspect names the secrets of a container' {
    make_secret a hidden
    ok cubby create --name c --network none --secret a,uid=5,gid=6,mode=0440 --secret a,type=env,target=T bb:1 true
    ok cubby inspect c --format '{{range .Config.Secrets}}{{.Name}} {{.UID}} {{.GID}} {{.Mode}} {{len .ID}};{{end}}'
    out_is 'a 5 6 288 25;'
    ok cubby inspect c
    out_lacks hidden
    out_lacks aGlkZGVu
}

@test 'a container keeps the secret as it was when it was made' {
    make_secret a old
    ok cubby create --name c --network none --secret a --secret a,type=env,target=T bb:1 \
        sh -c 'cat /run/secrets/a; echo " $T"'
    make_secret a new --replace
    ok cubby start -a c
    out_is 'old old'
    ok cubby secret rm a
    ok cubby restart -t 0 c
    ok cubby wait c
    ok cubby logs c
    out_is $'old old\nold old'
    [ "$(stat -c %a "$STORE"/containers/*/secrets.json)" = 600 ]
}

@test 'no secret is left in the writable layer, nor on the host' {
    make_secret a hidden-text-here
    ok cubby run --name c --network none --secret a --secret a,target=/etc/key bb:1 test -s /etc/key
    fails 1 cubby unshare grep -r hidden-text-here "$STORE/containers/$(cubby inspect c --format '{{.Id}}')"
}

@test 'nothing is left of a --rm container with secrets, images and memory' {
    make_secret a x
    ok run_bb --secret a --secret a,target=/k --mount type=image,src=bb:1,dst=/i --tmpfs /t bb:1 true
    wait_for 5 sh -c "[ -z \"\$(find '$STORE/tmp' -mindepth 2)\" ]"
    [ -z "$(ls "$STORE/containers")" ]
}

@test 'wrong uses of --secret are refused and leave nothing' {
    make_secret a x
    printf 'a\0b' | cubby secret create nul - > /dev/null
    fails 125 run_bb --secret nothere bb:1 true
    err_has "no secret named 'nothere'"
    fails 125 run_bb --secret a,type=file bb:1 true
    err_has 'mount or env'
    fails 125 run_bb --secret a,type=env,mode=0400 bb:1 true
    err_has env
    fails 125 run_bb --secret a,mode=9 bb:1 true
    err_has mode
    fails 125 run_bb --secret a,uid=x bb:1 true
    err_has uid
    fails 125 run_bb --secret a,colour=red bb:1 true
    err_has colour
    fails 125 run_bb --secret a,target=../../etc/x bb:1 true
    err_has 'leads out'
    fails 125 run_bb --secret target=x bb:1 true
    err_has 'no name'
    fails 125 run_bb --secret nul,type=env bb:1 true
    err_has zero
    fails 125 run_bb --secret a --secret a bb:1 true
    err_has 'two secrets'
    ok cubby ps -aq
    out_is ''
}
