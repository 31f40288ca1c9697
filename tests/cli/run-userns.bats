# SPDX-License-Identifier: LGPL-2.1-or-later
# run-userns - run and create: --userns, --uidmap, --gidmap, --subuidname, --subgidname

load ../lib/common

setup_file() { file_setup; import_busybox; }
setup() { needs ranges; }

run_bb() { cubby run --rm --network none "$@"; }

# columns FILE: of /proc/self/uid_map or gid_map in a container, without the spaces
maps() { run_bb "$@" bb:1 sh -c 'tr -s " " < /proc/self/uid_map; echo; tr -s " " < /proc/self/gid_map'; }

@test '--uidmap maps users and, alone, groups too; the image is root'\''s inside' {
    ok maps --uidmap 0:1:1000 --uidmap 5000:3000:10
    out_is $' 0 1 1000\n 5000 3000 10\n\n 0 1 1000\n 5000 3000 10'
    ok run_bb --uidmap 0:1:1000 bb:1 sh -c 'id -u; stat -c %u:%g /bin/busybox; touch /f && stat -c %u /f'
    out_is $'0\n0:0\n0'
    ok maps --uidmap 0:1:1000 --gidmap 0:2:500
    out_is $' 0 1 1000\n\n 0 2 500'
    ok maps --uidmap u0:1:1000
    out_matches $'^ 0 1 1000\n\n 0 0 1\n 1 1 [0-9]+$'
}

@test '--uidmap with + changes one thing of what is mapped anyway' {
    ok maps --uidmap +0:5:1
    out_matches $'^ 0 5 1\n 1 1 4\n 6 6 [0-9]+\n\n 0 5 1\n'
    ok run_bb --uidmap "+100:@$(id -u):1" --gidmap "+100:@$(id -g):1" -u 100:100 -v "$BATS_TEST_TMPDIR:/w" bb:1 touch /w/mine
    [ "$(stat -c %u:%g "$BATS_TEST_TMPDIR/mine")" = "$(id -u):$(id -g)" ]
}

@test 'maps that are not the user'\''s to give, or say two things, are refused' {
    fails 125 run_bb --uidmap 0:0:99999999 bb:1 true
    err_has 'there are only'
    fails 125 run_bb --uidmap 0:@0:1 bb:1 true
    err_has 'is not yours'
    fails 125 run_bb --uidmap 0:1:10 --uidmap 5:100:10 bb:1 true
    err_has overlaps
    fails 125 run_bb --uidmap what bb:1 true
    err_has CONTAINER:FROM
    fails 125 run_bb --uidmap 0:1:0 bb:1 true
    fails 125 run_bb --userns keep-id --uidmap 0:1:10 bb:1 true
    err_has keep-id
    fails 125 run_bb --userns private bb:1 true
    err_has --uidmap
    fails 125 run_bb --userns container:x bb:1 true
    err_has shared
}

@test '--subuidname takes the ids of a name, if they are the user'\''s' {
    ok maps --subuidname "$(id -un)" --subgidname "$(id -un)"
    out_matches $'^ 0 1 [0-9]+'
    ok maps --subuidname "$(id -un)"
    out_matches $'^ 0 1 [0-9]+'
    fails 125 run_bb --subuidname nobody-has-this bb:1 true
    err_has /etc/subuid
    fails 125 run_bb --subuidname "$(id -un)" --uidmap 0:1:1 bb:1 true
}

@test '--userns auto gives each container ids of its own, and inspect shows them' {
    local i
    for i in 1 2 3; do
        cubby create --name "a$i" --network none --userns auto:size=2000 bb:1 cat /proc/self/uid_map > /dev/null &
    done
    wait
    ok cubby inspect a1 a2 a3 --format '{{.HostConfig.IDMappings.UidMap}}'
    [ "$(sort -u <<< "$output")" = $'[0:1:2000]\n[0:2001:2000]\n[0:4001:2000]' ]
    ok cubby start -a a1
    out_matches '^ *0 +[024]001 +2000$|^ *0 +1 +2000$'
    ok cubby rm a1 a2 a3
    ok run_bb --userns auto bb:1 sh -c 'tr -s " " < /proc/self/uid_map; id -u; stat -c %u /bin'
    out_is $' 0 1 2001\n0\n0'
    ok run_bb --userns auto -u 5000 bb:1 sh -c 'tr -s " " < /proc/self/uid_map; id -u'
    out_is $' 0 1 5001\n5000'
    ok maps --userns auto:size=100,uidmapping=0:0:1
    out_is $' 0 0 1\n 1 2 99\n\n 0 1 100'
    ok cubby create --name one --network none --userns auto:size=50 bb:1 true
    ok cubby container clone one two
    ok cubby inspect one two --format '{{.HostConfig.IDMappings.UidMap}}'
    out_is $'[0:1:50]\n[0:51:50]'
    ok cubby rm one two
    fails 125 run_bb --userns auto:size=99999999 bb:1 true
    err_has 'are free'
    fails 125 run_bb --userns auto:colour=1 bb:1 true
    err_has colour
}

@test 'files of a container with maps of its own: volumes, secrets, memory, exec' {
    printf x | cubby secret create s - > /dev/null
    ok cubby run -d --name m --network none --uidmap 0:1:2000 -v vol:/v --secret s,mode=0400,uid=5 --tmpfs /t bb:1 \
        sh -c 'touch /v/root; exec sleep 100'
    ok cubby exec -u 5 m cat /run/secrets/s
    out_is x
    ok cubby exec m sh -c 'touch /t/f; stat -c %u /t /t/f /v; id -u'
    out_is $'0\n0\n0\n0'
    cubby rm -f -t 0 m > /dev/null
    ok cubby volume rm vol
    ok cubby secret rm s
}

@test 'an empty volume that the image has no folder for is the user'\''s, called as docker root'\''s' {
    ok run_bb -u 33:44 -v a:/v bb:1 sh -c 'stat -c %u:%g /v; touch /v/f'
    out_is 33:44
    ok run_bb -u 55 -v a:/v bb:1 stat -c %u /v
    out_is 33
    ln -sf "$CUBBY" "$BATS_TEST_TMPDIR/docker"
    CUBBY=$BATS_TEST_TMPDIR/docker ok run_bb -u 33:44 -v b:/v bb:1 stat -c %u:%g /v
    out_is 0:0
    ok cubby volume rm a b
}

@test 'maps that leave ids what they are need no fuse-overlayfs' {
    ok cubby create --name c --network none --uidmap 0:0:500 bb:1 cat /proc/self/uid_map
    ok cubby inspect c --format '{{.Driver}} {{.HostConfig.UsernsMode}}'
    first=$output
    ok cubby create --name d --network none bb:1 true
    ok cubby inspect d --format '{{.Driver}} private'
    out_is "$first"
    ok cubby start -a c
    out_matches '0 +0 +1'
}
