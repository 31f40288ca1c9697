# SPDX-License-Identifier: LGPL-2.1-or-later
# image tree - the layers of an image, or what is built upon it

load ../lib/common

setup_file() {
    file_setup
    import_busybox
    cubby tag bb:1 same:1
    cubby run --name c --network none bb:1 sh -c 'echo one > /one'
    cubby commit c one:1 > /dev/null
    cubby run --name d --network none one:1 sh -c 'echo two > /two'
    cubby commit d two:1 > /dev/null
    cubby run --name e --network none bb:1 sh -c 'echo three > /three'
    cubby commit e three:1 > /dev/null
    remove_containers
}

@test 'the layers of an image, the lowest first' {
    ok cubby image tree two:1
    out_matches '^Image ID: [0-9a-f]{12}'
    out_has 'Tags:     [localhost/two:1]'
    [ "${lines[3]}" = 'Image Layers' ]
    [ "${#lines[@]}" = 7 ]
    [[ ${lines[4]} =~ ^'├──  ID: '[0-9a-f]{12}' Size: 1.98MB Top Layer of: ['.*localhost/bb:1.*']'$ ]]
    [[ ${lines[4]} == *localhost/same:1* ]]
    [[ ${lines[5]} =~ ^'├──  ID: '[0-9a-f]{12}' Size: 4B Top Layer of: [localhost/one:1]'$ ]]
    [[ ${lines[6]} =~ ^'└──  ID: '[0-9a-f]{12}' Size: 4B Top Layer of: [localhost/two:1]'$ ]]
}

@test '--whatrequires is what is built upon it' {
    ok cubby image tree --whatrequires bb:1
    [ "${#lines[@]}" = 8 ]
    [[ ${lines[4]} == '└──  ID: '*same:1* ]]
    out_matches '    (├──|└──)  ID: [0-9a-f]{12} Size: 6B Top Layer of: \[localhost/three:1\]'
    out_matches '    (│   |    )└──  ID: [0-9a-f]{12} Size: 4B Top Layer of: \[localhost/two:1\]'
    ok cubby image tree --whatrequires two:1
    [ "${#lines[@]}" = 5 ]
}

@test 'what is not there is refused' {
    fails 125 cubby image tree nothing
    fails 125 cubby image tree
}
