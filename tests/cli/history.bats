# SPDX-License-Identifier: LGPL-2.1-or-later
# history - how an image was made

load ../lib/common

setup_file() {
    file_setup
    import_busybox bb:1
}

@test 'the table begins with the image, its size and where it came from' {
    ok cubby history bb:1
    [[ ${lines[0]} =~ ^IMAGE\ +CREATED\ +CREATED\ BY\ +SIZE\ +COMMENT$ ]]
    [[ ${lines[1]} =~ ^[0-9a-f]{12}\ .*\ ago\ .*MB ]]
}

@test 'quiet, whole and as a template' {
    ok cubby history -q bb:1
    out_matches '^[0-9a-f]{12}'
    ok cubby history --no-trunc -q bb:1
    out_matches '^sha256:[0-9a-f]{64}'
    ok cubby history --format '{{.Size}}' --human=false bb:1
    out_matches '^[0-9]+'
    ok cubby history --format json bb:1
    python3 -c 'import json, sys; assert json.loads(sys.argv[1])[0]["size"] > 0' "$output"
}

@test 'an unknown image is an error' {
    fails 125 cubby history nothing:1
    err_has nothing:1
}

@test 'an image for another platform than is asked for is an error' {
    ok cubby history -q --platform "$(cubby image inspect --format '{{.Os}}/{{.Architecture}}' bb:1)" bb:1
    fails 125 cubby history --platform linux/s390x bb:1
    err_has 'not for linux/s390x'
}
