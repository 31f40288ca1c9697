/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * input - the caller's standard input, carried to the commands of a build
 */
#include "build/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/fd.h"

enum { READ, WRITE };

int input_open(struct input *input, struct err *err)
{
	if (pipe2(input->ends, O_CLOEXEC) < 0)
		return err_sys(err, -errno, "cannot make a pipe");
	input->open = true;
	const int r = fd_nonblock(input->ends[WRITE], true);
	return r < 0 ? err_sys(err, r, "cannot use a pipe") : 0;
}

/* A full pipe is waited for before more is read: the caller's input is no larger here than it must be. */
void input_polls(const struct input *input, struct pollfd *out)
{
	const bool open = input && input->open && input->ends[WRITE] >= 0;

	out[READ] =
		(struct pollfd){ .fd = open && !input->size ? STDIN_FILENO : -1, .events = POLLIN };
	out[WRITE] = (struct pollfd){ .fd = open && input->size ? input->ends[WRITE] : -1,
				      .events = POLLOUT };
}

static void take(struct input *input)
{
	const ssize_t n = read(STDIN_FILENO, input->held, sizeof input->held);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		fd_close(take_fd(input->ends[WRITE]));
		return;
	}
	input->at = 0;
	input->size = (size_t)n;
}

static void give(struct input *input)
{
	const ssize_t n = write(input->ends[WRITE], input->held + input->at, input->size);

	if (n <= 0) /* it has no room: the other end is open as long as this one */
		return;
	input->at += (size_t)n;
	input->size -= (size_t)n;
}

void input_carry(struct input *input, const struct pollfd *polls)
{
	if (!input || !input->open)
		return;
	if (polls[READ].revents)
		take(input);
	if (polls[WRITE].revents || (polls[READ].revents && input->size))
		give(input);
}

void input_close(struct input *input)
{
	if (!input->open)
		return;
	fd_close(input->ends[READ]);
	fd_close(input->ends[WRITE]);
	*input = (struct input){ 0 };
}
