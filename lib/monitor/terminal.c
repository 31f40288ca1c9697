/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * terminal - the user's terminal: raw mode and back, its size
 */
#include "monitor/terminal.h"

#include <errno.h>
#include <sys/ioctl.h>

int terminal_raw(int fd, struct terminal *out)
{
	struct terminal t = { .fd = fd, .raw = true };

	if (tcgetattr(fd, &t.saved) < 0)
		return -errno;
	struct termios raw = t.saved;
	cfmakeraw(&raw);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(fd, TCSADRAIN, &raw) < 0)
		return -errno;
	*out = t;
	return 0;
}

void terminal_restore(struct terminal *terminal)
{
	int saved = errno;

	if (terminal->raw)
		/* Without a terminal any more there is nothing to restore. */
		(void)tcsetattr(terminal->fd, TCSADRAIN, &terminal->saved);
	terminal->raw = false;
	errno = saved;
}

int terminal_size(int fd, uint16_t *out_rows, uint16_t *out_columns)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) < 0)
		return -errno;
	*out_rows = size.ws_row;
	*out_columns = size.ws_col;
	return 0;
}

int terminal_resize(int fd, uint16_t rows, uint16_t columns)
{
	struct winsize size = { .ws_row = rows, .ws_col = columns };

	return ioctl(fd, TIOCSWINSZ, &size) < 0 ? -errno : 0;
}
