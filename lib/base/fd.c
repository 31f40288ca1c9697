/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fd - descriptors: ownership, whole reads and writes, passing them to another process
 *
 * Every descriptor made here is close-on-exec from birth.
 */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/mem.h"

void fd_close(int fd)
{
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
}

static int wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	while (poll(&p, 1, -1) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

int fd_write_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size) {
		ssize_t n = write(fd, at, size);
		if (n >= 0) {
			at += n;
			size -= (size_t)n;
			continue;
		}
		if (errno == EAGAIN) {
			int r = wait_for(fd, POLLOUT);
			if (r < 0)
				return r;
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	return 0;
}

int fd_read_all(int fd, size_t max, char **out, size_t *out_size)
{
	size_t size = 0, room = 4096;
	AUTO(mem) char *data = mem_alloc(room + 1, 1);

	for (;;) {
		if (size == room) {
			room *= 2;
			data = mem_resize(data, room + 1, 1);
		}
		ssize_t n = read(fd, data + size, room - size);
		if (n == 0)
			break;
		if (n > 0)
			size += (size_t)n;
		else if (errno == EAGAIN)
			(void)!wait_for(fd, POLLIN);
		else if (errno != EINTR)
			return -errno;
		if (size > max)
			return -EFBIG;
	}
	data[size] = 0;
	if (out_size)
		*out_size = size;
	*out = take_ptr(data);
	return 0;
}

int fd_memory(const char *name, const void *data, size_t size)
{
	AUTO(fd) int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	int r = fd_write_all(fd, data, size);
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = -errno;
	return r < 0 ? r : take_fd(fd);
}

int fd_dup(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	return copy < 0 ? -errno : copy;
}

int fd_inherit(int fd, bool on)
{
	return fcntl(fd, F_SETFD, on ? 0 : FD_CLOEXEC) < 0 ? -errno : 0;
}

int fd_nonblock(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -errno;
	flags = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
	return fcntl(fd, F_SETFL, flags) < 0 ? -errno : 0;
}

int fd_pair(int type, int out[2])
{
	int pair[2];

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	out[0] = pair[0];
	out[1] = pair[1];
	return 0;
}

ssize_t fd_send(int sock, const void *data, size_t size, const int *fds, size_t count)
{
	union {
		char bytes[CMSG_SPACE(FD_PASS_MAX * sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec iov = { .iov_base = (void *)data, .iov_len = size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	bug_unless(count <= FD_PASS_MAX);
	if (count) {
		msg.msg_control = control.bytes;
		msg.msg_controllen = CMSG_SPACE(count * sizeof(int));
		struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(c), fds, count * sizeof(int));
	}
	for (;;) {
		ssize_t n = sendmsg(sock, &msg, MSG_NOSIGNAL);
		if (n >= 0)
			return n;
		if (errno != EINTR)
			return -errno;
	}
}

static size_t take_fds(struct msghdr *msg, int *fds)
{
	size_t count = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
			if (fds && count < FD_PASS_MAX)
				fds[count++] = fd;
			else
				fd_close(fd);
		}
	}
	return count;
}

static ssize_t receive(int sock, struct msghdr *msg, int flags)
{
	return TEMP_FAILURE_RETRY(recvmsg(sock, msg, MSG_CMSG_CLOEXEC | flags));
}

static ssize_t receive_with(int sock, int flags, void *data, size_t size, int *fds, size_t *count)
{
	union {
		char bytes[CMSG_SPACE(FD_PASS_MAX * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { .iov_base = data, .iov_len = size };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control.bytes,
			      .msg_controllen = sizeof control.bytes };
	ssize_t n = receive(sock, &msg, flags);

	if (count)
		*count = 0;
	/* It closed without having read all that we sent: told once, before what it said itself. */
	if (n < 0 && errno == ECONNRESET)
		n = receive(sock, &msg, flags);
	if (n < 0)
		return -errno;
	size_t came = take_fds(&msg, fds);
	if (msg.msg_flags & MSG_TRUNC) {
		for (size_t i = 0; fds && i < came; i++)
			fd_close(fds[i]);
		return -EMSGSIZE;
	}
	if (count)
		*count = came;
	return n;
}

ssize_t fd_recv(int sock, void *data, size_t size, int *fds, size_t *count)
{
	return receive_with(sock, 0, data, size, fds, count);
}

ssize_t fd_peek(int sock, void *data, size_t size, int *fds, size_t *count)
{
	return receive_with(sock, MSG_PEEK, data, size, fds, count);
}

int fd_close_from(int first)
{
	return syscall(SYS_close_range, (unsigned int)first, ~0U, 0) < 0 ? -errno : 0;
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

int fd_close_but(int *kept, size_t count)
{
	int next = 3;

	qsort(kept, count, sizeof *kept, by_number);
	for (size_t i = 0; i < count; i++) {
		if (kept[i] < next)
			continue;
		if (kept[i] > next &&
		    syscall(SYS_close_range, (unsigned int)next, (unsigned int)kept[i] - 1, 0) < 0)
			return -errno;
		next = kept[i] + 1;
	}
	return fd_close_from(next);
}

/* A duplicate above 2, so that placing one of the three cannot destroy another's source. */
static int lift(int fd)
{
	if (fd < 0) {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (fd < 0)
			return -errno;
	}
	return fd > 2 ? fd : fd_dup(fd);
}

int fd_stdio(int in, int out, int errout)
{
	int sources[3] = { in, out, errout };

	for (int i = 0; i < 3; i++) {
		sources[i] = lift(sources[i]);
		if (sources[i] < 0)
			return sources[i];
	}
	for (int i = 0; i < 3; i++)
		if (dup2(sources[i], i) < 0)
			return -errno;
	return 0;
}
