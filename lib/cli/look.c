/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * look - what the user's terminal can show
 */
#include "cli/look.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "base/str.h"
#include "kern/host.h"

bool look_moves(const struct host *host, FILE *to)
{
	const char *term = host ? host_env(host, "TERM") : NULL;

	return !str_empty(term) && !str_eq(term, "dumb") && isatty(fileno(to));
}

int look_columns(FILE *to)
{
	struct winsize size = { 0 };
	int fd = fileno(to);

	return fd >= 0 && ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
