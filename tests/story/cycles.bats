# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Containers that come and go on networks leave nothing; make check-cycles does it five hundred times.

load ../lib/common

setup_file() { file_setup; import_busybox; }

@test 'twelve starts and stops, a killed monitor and a killed holder leave no process, namespace, port or file' {
    ok timeout 120 "$CUBBY_SRC/tests/crash/cycles" --cycles 12 "$CUBBY" "$STORE" bb:1
    out_has 'nothing is left'
    out_has '1 monitors and 1 holders killed'
}
