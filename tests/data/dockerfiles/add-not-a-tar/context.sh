# SPDX-License-Identifier: LGPL-2.1-or-later
echo 'no archive' > fake.tar.gz
echo content | gzip -n > plain.gz
