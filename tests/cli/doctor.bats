# SPDX-License-Identifier: LGPL-2.1-or-later
# doctor - what this host lacks, what works meanwhile, and the exact repair

load ../lib/common

@test 'doctor finds the kernel, the ids, the store and the driver' {
    ok cubby doctor
    out_matches '(^|.)ok    kernel: Linux '
    out_has " store: $STORE"
    out_has ' ids: '
    out_has ' storage driver: '
    out_matches '(ok   |less ) control groups: '
}

@test 'doctor names the exact repair and what works meanwhile' {
    [ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 80 ] || skip 'low ports are open here'
    ok cubby doctor
    out_has 'less  ports: ports below'
    out_has 'meanwhile: -p 8080:80'
    out_has 'repair: sudo sysctl -w net.ipv4.ip_unprivileged_port_start=80'
}

@test 'doctor tells a store that cannot be opened and ends with 1' {
    run --separate-stderr env -i PATH="$PATH" HOME="$HOME" "$CUBBY" --root /proc/nowhere doctor
    [ "$status" = 1 ]
    out_has 'bad   store: '
    out_has ' kernel: '
}

@test 'doctor tells helpers that are missing' {
    run --separate-stderr env -i PATH="$PATH" HOME="$HOME" CUBBY_LIBEXEC=/nowhere "$CUBBY" --root "$STORE" doctor
    [ "$status" = 1 ]
    out_has 'bad   helpers: cannot execute /nowhere/cubby-layer'
}

@test 'doctor can be read by programs' {
    ok cubby doctor --format '{{.Ok}} {{len .Findings}}'
    out_matches '^true [0-9]+$'
    ok cubby doctor --format '{{range .Findings}}{{.Name}}={{.State}} {{end}}'
    out_has 'kernel=ok'
    fails 125 cubby doctor --format '{{.Nope}}'
}
