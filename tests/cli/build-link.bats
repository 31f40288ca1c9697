# SPDX-License-Identifier: LGPL-2.1-or-later
# build: COPY --link and ADD --link, whose layers do not depend on what is below.

load ../lib/context

@test 'a linked step is cached upon another base, and the steps behind it are not' {
    echo a > "$CONTEXT/a"
    printf 'FROM bb:1\nRUN echo 1 > /base\nCOPY --link a /etc/new/a\nRUN cat /base > /seen\n' | dockerfile
    ok cubby build -t l:1 "$CONTEXT"
    ok cubby run --rm l:1 sh -c 'cat /etc/new/a /seen; test -e /etc/passwd && echo there'
    out_is $'a\n1\nthere'
    printf 'FROM bb:1\nRUN echo 2 > /base\nCOPY --link a /etc/new/a\nRUN cat /base > /seen\n' | dockerfile
    ok cubby build -t l:2 "$CONTEXT"
    [ "$(grep -c 'cached$' <<< "$stderr")" = 1 ]
    ok cubby run --rm l:2 sh -c 'cat /etc/new/a /seen; test -e /etc/passwd && echo there'
    out_is $'a\n2\nthere'
    ok cubby build -t l:2 "$CONTEXT"
    [ "$(grep -c 'cached$' <<< "$stderr")" = 3 ]
    ok cubby save -o "$BATS_TEST_TMPDIR/l.tar" l:2
    ok cubby system check
}

@test 'a linked step finds the owner that a name means, and a folder that WORKDIR names' {
    needs ranges
    echo a > "$CONTEXT/a"
    printf 'FROM bb:1\nRUN echo "me:x:7:8::/:" >> /etc/passwd\nWORKDIR /w\nCOPY --link --chown=me a named\nADD --link --chown=3:4 a number\n' | dockerfile
    ok cubby build -t l:3 "$CONTEXT"
    ok cubby run --rm l:3 stat -c '%n %u %g' /w/named /w/number
    out_is $'/w/named 7 8\n/w/number 3 4'
    # numbers are all that it sees of what is below
    printf 'FROM bb:1\nRUN echo "you:x:9:9::/:" > /etc/passwd; echo "me:x:7:8::/:" >> /etc/passwd\nWORKDIR /w\nCOPY --link --chown=me a named\n' | dockerfile
    ok cubby build -t l:4 "$CONTEXT"
    err_has '[4/4] cached'
    ok cubby run --rm l:4 stat -c '%n %u %g' /w/named
    out_is '/w/named 7 8'
    printf 'FROM bb:1\nRUN echo "me:x:5:6::/:" >> /etc/passwd\nWORKDIR /w\nCOPY --link --chown=me a named\n' | dockerfile
    ok cubby build -t l:5 "$CONTEXT"
    ok cubby build -t l:5 "$CONTEXT"
    ok cubby run --rm l:5 stat -c '%n %u %g' /w/named
    out_is '/w/named 5 6'
    printf 'FROM bb:1\nCOPY --link --chown=nobody-knows a named\n' | dockerfile
    fails 125 cubby build "$CONTEXT"
    err_has 'cannot copy with --chown=nobody-knows'
}

@test 'a name is looked up upon a layer that was just made' {
    needs ranges
    echo a > "$CONTEXT/a"
    printf 'FROM bb:1\nRUN truncate -s 50M /big; echo "me:x:7:8::/:" >> /etc/passwd\nCOPY --link --chown=me:root a /named\n' | dockerfile
    ok cubby build -t l:6 "$CONTEXT"
    ok cubby run --rm l:6 stat -c '%u %g' /named
    out_is '7 0'
}
