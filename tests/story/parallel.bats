# SPDX-License-Identifier: LGPL-2.1-or-later
# run: alone
#
# Many commands at once on one store: nobody waits for ever, nobody fails, one name has one holder.

load ../lib/common

setup_file() { file_setup; import_busybox; }

@test '100 runs at once: each prints its own line and ends with its own status' {
    for i in $(seq 100); do
        (s=0; cubby run --rm --network none bb:1 sh -c "echo line$i; exit $((i % 50))" \
            > "$BATS_TEST_TMPDIR/out$i" 2> "$BATS_TEST_TMPDIR/err$i" || s=$?
        echo "$s" > "$BATS_TEST_TMPDIR/status$i") 3>&- &
    done
    wait
    for i in $(seq 100); do
        [ "$(cat "$BATS_TEST_TMPDIR/out$i")" = "line$i" ] ||
            { echo "run $i: $(cat "$BATS_TEST_TMPDIR/out$i" "$BATS_TEST_TMPDIR/err$i")" >&2; false; }
        [ "$(cat "$BATS_TEST_TMPDIR/status$i")" = $((i % 50)) ]
    done
    ok cubby ps -aq
    out_is ''
}

@test '50 creates of one name at once: exactly one wins' {
    for i in $(seq 50); do
        cubby create --network none --name same bb:1 true > "$BATS_TEST_TMPDIR/$i" 2> /dev/null 3>&- &
    done
    wait
    [ "$(cat "$BATS_TEST_TMPDIR"/[0-9]* | grep -c .)" = 1 ]
    ok cubby inspect same --format '{{.Id}}'
    out_is "$(cat "$BATS_TEST_TMPDIR"/[0-9]*)"
}

@test 'ps answers while containers come and go' {
    (for _ in $(seq 30); do cubby run --rm --network none bb:1 true; done) 3>&- &
    for _ in $(seq 30); do
        ok cubby ps -a
    done
    wait
}

@test '1,000 creates in 20 loops at once, while ps asks: none fails' {
    for i in $(seq 20); do
        (for n in $(seq 50); do
            cubby create --network none --name "many-$i-$n" bb:1 true || echo "create $i $n: $?" >&2
        done > "$BATS_TEST_TMPDIR/made$i" 2> "$BATS_TEST_TMPDIR/err$i") 3>&- &
    done
    while [ -n "$(jobs -r)" ]; do
        ok cubby ps -a
        err_is ''
    done
    wait
    [ -z "$(cat "$BATS_TEST_TMPDIR"/err*)" ] || { cat "$BATS_TEST_TMPDIR"/err* >&2; false; }
    ok cubby ps -aq --no-trunc
    [ "$(sort <<< "$output")" = "$(cat "$BATS_TEST_TMPDIR"/made* | sort)" ]
    [ "${#lines[@]}" = 1000 ]
}

@test '200 execs at once: each says its own, and nothing is left of them' {
    ok cubby run -d --network none --name e bb:1 sleep 1000
    for i in $(seq 200); do
        cubby exec e echo "$i" > "$BATS_TEST_TMPDIR/e$i" 2>&1 3>&- &
    done
    wait
    [ "$(cat "$BATS_TEST_TMPDIR"/e* | sort -n | tr '\n' ' ')" = "$(seq -s ' ' 200) " ]
    ok cubby top e -o pid
    [ "${#lines[@]}" = 2 ]
}

@test 'of many containers and volumes whose makers are killed at random no lock is left' {
    # make check-many does it with 5,000
    ok "$CUBBY_SRC/tests/crash/many" --count 100 "$CUBBY" "$STORE" bb:1
    out_matches ' 0 failed$'
}
