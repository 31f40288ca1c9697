/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * source - the bytes of a blob, which may still be growing
 */
#include "layer/source.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/fd.h"

static ssize_t read_some(struct source *s, void *data, size_t size)
{
	while (true) {
		ssize_t n = s->at_place ? read(s->fd, data, size)
					: pread(s->fd, data, size, s->offset);
		if (n >= 0 || errno != EINTR)
			return n < 0 ? -errno : n;
	}
}

/* Waits for @fd to have something; a descriptor to stop by counts first. */
static int wait_for(const struct source *s, int fd)
{
	struct pollfd both[] = { { .fd = s->stop, .events = POLLIN },
				 { .fd = fd, .events = POLLIN } };

	while (poll(both, array_len(both), -1) < 0)
		if (errno != EINTR)
			return -errno;
	return both[0].revents ? -ECANCELED : 0;
}

static int wait_for_more(struct source *s)
{
	char bytes[512];

	int r = wait_for(s, s->more);
	if (r < 0)
		return r;
	ssize_t n = read(s->more, bytes, sizeof bytes);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	s->whole = n == 0;
	return 0;
}

ssize_t source_read(struct source *source, void *data, size_t size)
{
	while (true) {
		/* The end of the pipe is seen before the read that finds no more bytes. */
		bool whole = source->more < 0 || source->whole;
		int r = source->at_place && source->stop >= 0 ? wait_for(source, source->fd) : 0;
		ssize_t n = r < 0 ? r : read_some(source, data, size);
		if (n > 0 && source->tee >= 0) {
			r = fd_write_all(source->tee, data, (size_t)n);
			if (r < 0)
				return r;
		}
		if (n > 0)
			source->offset += n;
		if (n != 0 || whole)
			return n;
		r = wait_for_more(source);
		if (r < 0)
			return r;
	}
}
