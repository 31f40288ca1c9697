# SPDX-License-Identifier: LGPL-2.1-or-later
# build-one-id - builds for who has one id
# run: without sub-ids

load ../lib/context
load ../lib/same

@test 'with one id owners become root, and that is said once' {
    echo a > "$CONTEXT/a"
    printf 'FROM bb:1\nCOPY --chown=33:29 a /x/\nCOPY --chown=user a /y/\nRUN chown 33 /x/a\n' > "$CONTEXT/Dockerfile"
    ok cubby build -t o:1 "$CONTEXT"
    [ "$(grep -c '^warning: .*root' <<< "$stderr")" = 1 ]
    ok cubby run --rm o:1 stat -c '%u:%g' /x/a /y/a
    out_is $'0:0\n0:0'
}

@test 'steps, stages and the cache work as with several ids' {
    printf 'FROM bb:1 AS a\nWORKDIR /w\nRUN echo x > f && chown 5:6 f\nFROM bb:1\nUSER 7\nCOPY --from=a /w /w\nRUN cat /w/f\n' > "$CONTEXT/Dockerfile"
    ok cubby build -q -t s:1 "$CONTEXT"
    id=$output
    ok cubby build -t s:1 "$CONTEXT"
    out_is "$id"
    [ "$(grep -c '\] cached$' <<< "$stderr")" = 4 ]
    ok cubby run --rm s:1 cat /w/f
    out_is x
}

@test 'the image of the same files is that of everywhere' {
    same_context "$CONTEXT"
    ok cubby build -q --platform linux/amd64 --source-date-epoch 1600000000 -t same:1 "$CONTEXT"
    out_is "$SAME_ID"
}

# dated FLAG...: the id of the image of a build of which nothing is taken from the cache
dated() { ok cubby build -q --no-cache --network none --source-date-epoch 1600000000 "$@" "$CONTEXT"; }

@test 'with one id there is one map: the one that there is anyway' {
    local id
    printf 'FROM bb:1\nRUN id -u > /who && chown 5 /who\nUSER 5:6\nRUN id > /tmp/who\n' > "$CONTEXT/Dockerfile"
    dated
    id=$output
    dated --userns-uid-map 0:0:1
    out_is "$id"
    while IFS='|' read -r bad word; do
        # shellcheck disable=SC2086  # several words
        fails 125 cubby build --no-cache $bad "$CONTEXT"
        err_has "$word"
    done <<'EOF'
--userns-uid-map 0:1:1|there are only 1 ids, 0 to 0
--userns-uid-map 5:0:1|leaves out 0
--userns auto|no 1024 ids in a row
--userns nomap|there is only your own
--userns-uid-map-user nobody-has-this|has no ids in /etc/subuid
EOF
}
