# SPDX-License-Identifier: LGPL-2.1-or-later
mkdir -p links/d
echo t > links/t
ln -s t links/to
ln -s ../t links/d/up
ln -s /etc/passwd links/abs
ln -s nowhere links/dangling
ln -s d links/todir
