# SPDX-License-Identifier: LGPL-2.1-or-later
# The build context that all these Dockerfiles share; NAME/context.sh adds to it. It runs in the context,
# with umask 022, and all times are set to one afterwards.
mkdir -p sub/deep empty 'with space'
echo alpha > a.txt
echo beta > b.txt
echo hidden > .hidden
echo gamma > sub/c.txt
echo delta > sub/deep/d.md
echo epsilon > sub/.dot
echo space > 'with space/e f.txt'
printf '#!/bin/sh\necho run\n' > run.sh
chmod 0755 run.sh
echo private > private.txt
chmod 0600 private.txt
ln -s a.txt link
ln -s sub linkdir
ln -s nowhere dangling
