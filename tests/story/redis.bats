# SPDX-License-Identifier: LGPL-2.1-or-later
#
# redis drops its rights by itself, keeps data in a volume of the image, and ends cleanly.

# shellcheck disable=SC2086  # $AS is words

load ../lib/common

setup_file() {
    file_setup
    registry_start
    IMAGE=$REGISTRY/library/redis:7
    export IMAGE
    ok cubby pull --tls-verify=false -q "$IMAGE"
    # with one id nothing can become another user: it is started as the one that it would become
    has_ranges || AS='-u redis'
    export AS=${AS:-}
}

teardown() { :; }

pong() { cubby exec "$1" redis-cli ping | grep -q PONG; }

@test 'redis: it runs as its own user' {
    ok cubby run -d --name r1 $AS -v redisdata:/data "$IMAGE"
    wait_for 15 pong r1
    ok cubby exec r1 sh -c 'stat -c %U /proc/1'
    out_is redis
    ok cubby exec r1 redis-cli set key value
}

@test 'redis: SIGTERM saves, and it exits 0' {
    ok cubby stop r1
    ok cubby inspect r1 --format '{{.State.ExitCode}}'
    out_is 0
    ok cubby rm r1
}

@test 'redis: the data is there for the next container' {
    ok cubby run -d --name r2 $AS -v redisdata:/data "$IMAGE"
    wait_for 15 pong r2
    ok cubby exec r2 redis-cli get key
    out_is value
}

@test 'redis: nothing outlives a killed monitor' {
    ok cubby inspect r2 --format '{{.State.Pid}} {{.State.ConmonPid}}'
    read -r pid monitor <<< "$output"
    kill -KILL "$monitor"
    wait_for 5 test ! -e "/proc/$pid"
    ok cubby ps -a --format '{{.Names}} {{.Status}}'
    out_matches '^r2 Exited \(137\)'
    ok cubby start r2
    wait_for 15 pong r2
    ok cubby rm -f r2
    ok cubby volume rm redisdata
}
