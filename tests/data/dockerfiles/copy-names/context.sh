# SPDX-License-Identifier: LGPL-2.1-or-later
mkdir odd
echo 1 > 'odd/[x]'
echo 2 > 'odd/a*b'
echo 3 > 'odd/ä ö'
echo 4 > "odd/it's"
echo 5 > 'odd/back\slash'
