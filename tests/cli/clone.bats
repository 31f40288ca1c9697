# SPDX-License-Identifier: LGPL-2.1-or-later
# container clone - make a new container as another one was made

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    import_busybox other:1
}

@test 'the clone is made as the other was, and has nothing of what that wrote' {
    ok cubby run --name c --network none -e A=1 -v named:/n -v /anon bb:1 sh -c 'echo "$A"; ls /n /anon /wrote 2> /dev/null; touch /n/x /anon/x /wrote'
    ok cubby container clone c
    out_matches '^[0-9a-f]{64}$'
    ok cubby inspect -f '{{.State.Status}} {{.Config.Image}}' c-clone
    out_is 'created localhost/bb:1'
    ok cubby start -a c-clone
    out_is $'1\n/anon:\n\n/n:\nx'
    ok cubby container clone c
    ok cubby inspect -f '{{.Name}}' c-clone1
    [ "$(cubby volume ls -q | wc -l)" = 4 ]
}

@test 'the name may be given, once, and must be free' {
    ok cubby create --name c bb:1 true
    ok cubby container clone c d
    ok cubby container clone --name e c
    ok cubby ps -a --format '{{.Names}}'
    out_has $'e\nd\nc'
    fails 125 cubby container clone c d
    err_has "'d'"
    fails 125 cubby container clone --name x c y
    fails 125 cubby container clone c 'bad name'
    fails 125 cubby container clone nothing
}

@test 'another image may be given' {
    ok cubby create --name c bb:1 true
    ok cubby container clone c d other:1
    ok cubby inspect -f '{{.Config.Image}}' d
    out_is localhost/other:1
    fails 125 cubby container clone c e nothing:1
    ok cubby start -a d
}

# names that are no beginning of an id
@test '--run starts it, --destroy removes the other, --force also when that runs' {
    ok cubby run -d --name first --network none bb:1 sleep 1000
    ok cubby container clone --run first second
    ok cubby inspect -f '{{.State.Running}}' second
    out_is true
    fails 125 cubby container clone --destroy first third
    err_has '--force'
    fails 1 cubby container exists third
    fails 125 cubby container clone --force first third
    ok cubby container clone --destroy --force first third
    fails 1 cubby container exists first
    ok cubby container clone --destroy third fourth
    fails 1 cubby container exists third
}

@test 'what a clone cannot change is refused' {
    ok cubby create --name c bb:1 true
    fails 125 cubby container clone -m 1k c
    fails 125 cubby container clone --pod p c
}

@test 'secrets and a seccomp profile come along' {
    echo hidden > "$BATS_TEST_TMPDIR/s"
    ok cubby secret create sec "$BATS_TEST_TMPDIR/s"
    echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["sethostname"], "action": "SCMP_ACT_ERRNO"}]}' > "$BATS_TEST_TMPDIR/p"
    ok cubby create --name c --network none --secret sec --security-opt seccomp="$BATS_TEST_TMPDIR/p" bb:1 cat /run/secrets/sec
    ok cubby container clone c d
    ok cubby rm c
    ok cubby start -a d
    out_is hidden
}
