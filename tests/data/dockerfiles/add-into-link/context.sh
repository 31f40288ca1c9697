# SPDX-License-Identifier: LGPL-2.1-or-later
mkdir -p t/d && echo one > t/one && echo two > t/d/two && chmod 600 t/one && ln -s one t/l && ln t/one t/h && find t -exec touch -h -d 2003-03-03 {} + && tar --owner=0 --group=0 --numeric-owner -cf t.tar t && rm -rf t
