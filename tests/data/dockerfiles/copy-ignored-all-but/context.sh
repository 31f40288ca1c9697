# SPDX-License-Identifier: LGPL-2.1-or-later
printf '*\n!sub/deep/\n!a.txt\nsub/deep/no*\n' > .dockerignore
echo no > sub/deep/no
