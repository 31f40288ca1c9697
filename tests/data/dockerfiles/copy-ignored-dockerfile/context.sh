# SPDX-License-Identifier: LGPL-2.1-or-later
printf 'Dockerfile\n.dockerignore\n' > .dockerignore
