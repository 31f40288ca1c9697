# SPDX-License-Identifier: LGPL-2.1-or-later
printf '# comment\n*.txt\n!b.txt\nsub/deep\n/empty\n' > .dockerignore
