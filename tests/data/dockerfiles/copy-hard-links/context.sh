# SPDX-License-Identifier: LGPL-2.1-or-later
mkdir hard
echo same > hard/one
ln hard/one hard/two
