/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bind - the container serves a published port on a socket of the host
 *
 * Its socket is replaced by one that is bound to the port on the host: listen and accept are the kernel's
 * then, and every client is seen as it is. SO_REUSEADDR is set, so that the port can be shared with the
 * socket by which cubby-net keeps it, which does not listen any more. Whether another may be bound to it
 * follows the kernel's rules: one that listens keeps others out, unless all have SO_REUSEPORT.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "cubby-fast/supervisor.h"

static bool is_own(const struct supervisor *s, const union address *a)
{
	if (a->any.sa_family == AF_INET)
		return a->in4.sin_addr.s_addr == htonl(INADDR_ANY) ||
		       a->in4.sin_addr.s_addr == s->policy.self4.s_addr;
	return IN6_IS_ADDR_UNSPECIFIED(&a->in6.sin6_addr) ||
	       (s->policy.own6.family && IN6_ARE_ADDR_EQUAL(&a->in6.sin6_addr, &s->policy.self6));
}

static bool is_v6only(int fd)
{
	int value = 0;
	socklen_t size = sizeof value;

	return getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &value, &size) == 0 && value;
}

static int open_outside(const struct supervisor *s, const struct subject *subject)
{
	int on = 1;
	AUTO(fd) int fd = socket(subject->family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int r = fd < 0 ? -errno : fd_nonblock(fd, !subject->blocking);

	if (r < 0)
		return r;
	mould_press(subject->family == AF_INET ? &s->plain4 : &s->plain6, subject->fd, fd);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
		return -errno;
	return take_fd(fd);
}

static int bind_own(const struct subject *subject)
{
	return bind(subject->fd, &subject->address.any, address_size(&subject->address)) < 0
		       ? -errno
		       : 0;
}

static int bind_outside(struct supervisor *s, struct caller *caller, const struct subject *subject,
			const union address *at)
{
	AUTO(fd) int fd = open_outside(s, subject);

	if (fd < 0) /* the host lacks the family: cubby-net serves it */
		return bind_own(subject);
	doors_claim(&s->doors, ntohs(subject->address.in4.sin_port));
	if (bind(fd, &at->any, address_size(at)) < 0)
		return -errno;
	return caller_replace(caller, (int)caller->call.data.args[0], fd);
}

static int decide(struct supervisor *s, struct caller *caller, const struct subject *subject)
{
	union address at;
	const bool v6only = subject->family == AF_INET6 && is_v6only(subject->fd);
	const int port = ntohs(subject->address.in4.sin_port); /* the same place in both families */

	if (subject->owner == OF_HOST)
		return -EINVAL; /* it has a port, or had one that was chosen for it */
	if (subject->owner == OF_OTHER || subject->family != subject->address.any.sa_family ||
	    !is_own(s, &subject->address) ||
	    doors_place(&s->doors, port, subject->family, v6only, &at) < 0)
		return bind_own(subject);
	return bind_outside(s, caller, subject, &at);
}

int supervisor_bind(struct supervisor *s, struct caller *caller)
{
	AUTO(subject) struct subject subject = { .fd = -1 };

	if (supervisor_look(s, caller, &subject) != 0)
		return GO_ON;
	return decide(s, caller, &subject);
}
