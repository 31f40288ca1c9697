# SPDX-License-Identifier: LGPL-2.1-or-later
mkdir -p p/q/r n/m
echo 1 > p/q/r/x.log
echo 2 > p/y.log
echo 3 > p/q/keep.log
echo 4 > z.log
echo 5 > n/m/o
printf '**/*.log\n!**/keep.log\n**/m\nwith*\n!with space/e f.txt\n' > .dockerignore
