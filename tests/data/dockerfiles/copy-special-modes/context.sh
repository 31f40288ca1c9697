# SPDX-License-Identifier: LGPL-2.1-or-later
mkdir -m 0750 modes
mkdir -m 1777 modes/sticky
mkdir modes/setgid
chmod 2755 modes/setgid
echo s > modes/suid
chmod 4755 modes/suid
echo s > modes/sgid
chmod 2711 modes/sgid
echo n > modes/readonly
chmod 0444 modes/readonly
