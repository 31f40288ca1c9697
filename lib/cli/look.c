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

static struct winsize window(FILE *to)
{
	struct winsize size = { 0 };
	int fd = fileno(to);

	if (fd < 0 || ioctl(fd, TIOCGWINSZ, &size) < 0)
		size = (struct winsize){ 0 };
	return size;
}

int look_columns(FILE *to)
{
	return window(to).ws_col;
}

int look_rows(FILE *to)
{
	return window(to).ws_row;
}

bool look_colours(const struct host *host, FILE *to)
{
	return isatty(fileno(to)) && str_empty(host_env(host, "NO_COLOR")) &&
	       !str_eq(host_env(host, "TERM"), "dumb");
}
