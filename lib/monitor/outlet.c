/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * outlet - our stdout or stderr, written without being stuck in it
 */
#include "monitor/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

enum { PATH_ROOM = 32 };

void outlet_open(int fd, struct outlet *out)
{
	char path[PATH_ROOM];
	struct stat st;

	*out = (struct outlet){ .own = -1, .fd = fd };
	if (fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode))
		return;
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	out->own = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (out->own >= 0)
		out->fd = out->own;
}

int outlet_go_on(struct outlet *o)
{
	while (o->size) {
		ssize_t n = write(o->fd, o->bytes, o->size);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			return 0;
		if (n < 0) {
			o->size = 0;
			if (errno == EPIPE)
				return -EPIPE;
			o->lost = o->lost ? o->lost : -errno;
			return 0;
		}
		o->bytes += n;
		o->size -= (size_t)n;
	}
	return 0;
}

int outlet_put(struct outlet *o, const char *bytes, size_t size)
{
	o->bytes = bytes;
	o->size = size;
	return outlet_go_on(o);
}

int outlet_status(int status, int lost, struct err *err)
{
	return status || !lost ? status : err_sys(err, lost, "cannot write the output");
}

void outlet_close(struct outlet *o)
{
	fd_close(take_fd(o->own));
}
