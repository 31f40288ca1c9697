/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * supervisor - the answers to a container's socket calls
 */
#include "cubby-fast/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/fd.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

int supervisor_cookie(int fd, uint64_t *out)
{
	uint64_t cookie = 0;
	socklen_t size = sizeof cookie;

	if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) < 0)
		return -errno;
	*out = cookie;
	return 0;
}

static int option(int fd, int name)
{
	int value = -1;
	socklen_t size = sizeof value;

	return getsockopt(fd, SOL_SOCKET, name, &value, &size) < 0 ? -1 : value;
}

/* Its own address tells the family and the port. */
static bool look_at(int fd, struct subject *out)
{
	union address own = { 0 };
	socklen_t size = sizeof own;

	if (getsockname(fd, &own.any, &size) < 0)
		return false;
	out->family = own.any.sa_family;
	out->bound = own.in4.sin_port != 0; /* the same place in both */
	return (out->family == AF_INET || out->family == AF_INET6) &&
	       option(fd, SO_PROTOCOL) == IPPROTO_TCP;
}

static int read_address(const struct caller *caller, union address *out)
{
	struct sockaddr_storage bytes = { 0 };
	const uint64_t size = caller->call.data.args[2];

	if (size > sizeof bytes || caller_read(caller, caller->call.data.args[1], &bytes, size) < 0)
		return GO_ON; /* the kernel says what is wrong */
	return policy_read(&bytes, size, out) ? 0 : GO_ON;
}

static enum owner owner_of(const struct supervisor *s, int fd)
{
	uint64_t cookie = 0;

	if (supervisor_cookie(fd, &cookie) < 0)
		return OF_OTHER;
	return cookie == s->container ? OF_CONTAINER : cookie == s->host ? OF_HOST : OF_OTHER;
}

int supervisor_look(const struct supervisor *s, struct caller *caller, struct subject *out)
{
	struct subject found = { .fd = -1 };

	if (read_address(caller, &found.address) != 0)
		return GO_ON;
	AUTO(fd) int fd = caller_descriptor(caller, (int)caller->call.data.args[0]);
	int flags = fd < 0 || !look_at(fd, &found) ? -1 : fcntl(fd, F_GETFL);
	if (flags < 0 || !caller_waits(caller))
		return GO_ON;
	found.owner = owner_of(s, fd);
	found.blocking = !(flags & O_NONBLOCK);
	found.fd = take_fd(fd);
	*out = found;
	return 0;
}

static int carry_out(struct supervisor *s, struct caller *caller)
{
	int before;

	if (waiting_recall(&s->waiting, caller, &before))
		return before;
	if (caller->call.data.nr == SYS_connect)
		return supervisor_connect(s, caller);
	return caller->call.data.nr == SYS_bind ? supervisor_bind(s, caller) : GO_ON;
}

void supervisor_serve(struct supervisor *s, int listener)
{
	struct caller caller;
	int r = caller_next(listener, s->proc, &s->known, &caller);

	if (r < 0)
		return;
	r = carry_out(s, &caller);
	if (r == WAITS)
		return;
	if (r == GO_ON)
		caller_go_on(&caller);
	else
		waiting_answer(&s->waiting, &caller, r);
}
