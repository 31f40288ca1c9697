/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * log - debug lines, off unless the program switches them on
 *
 * One write(2) a line, so that lines of several processes do not mix.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"

static bool enabled;

void log_enable(bool on)
{
	enabled = on;
}

void log_debug(const char *fmt, ...)
{
	va_list args;

	if (!enabled)
		return;
	int saved = errno;
	va_start(args, fmt);
	AUTO(mem) char *text = str_vfmt(fmt, args);
	va_end(args);
	AUTO(mem) char *line = str_fmt("debug: [%d] %s\n", (int)getpid(), text);
	(void)!fd_write_all(STDERR_FILENO, line, strlen(line)); /* nobody to tell */
	errno = saved;
}
