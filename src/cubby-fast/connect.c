/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * connect - a connection of the container's runs on a socket of the host
 *
 * Or on its own, when it stays inside. It is begun here, without waiting, and the socket put in place of the
 * caller's. A caller that does not wait is told that it has begun; one that waits is answered when it is
 * there, or has failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/fd.h"
#include "cubby-fast/supervisor.h"
#include "cubby-fast/watches.h"

enum { GATEWAY_NS = 50000000 };

/* One connection, decided. */
struct way {
	union address to;   /* unmapped */
	union address from; /* family 0: the kernel's choice */
	bool mapped;	    /* of an IPv6 socket to an IPv4 address */
};

/* The host may change networks at any time; of connections that are made at once each would look for itself. */
static int to_host(struct supervisor *s, struct way *way)
{
	struct sockaddr_storage target;
	struct gateway *g = &s->gateways[way->to.any.sa_family == AF_INET6];
	const in_port_t port = way->to.in4.sin_port; /* the same place in both */
	const int64_t now = clock_mono();

	if (g->until <= now) {
		int r = egress_target(&s->egress, -1, &way->to.any, address_size(&way->to),
				      &target);
		if (r < 0)
			return r;
		memcpy(&g->is, &target, sizeof g->is);
		g->until = now + GATEWAY_NS;
	}
	way->to = g->is;
	way->to.in4.sin_port = port;
	return 0;
}

/* Return: 0, GO_ON for what stays inside, or a negative errno. */
static int find_way(struct supervisor *s, const union address *asked, struct way *out)
{
	struct way way = { .to = *asked };
	int r = 0;

	way.mapped = policy_unmap(&way.to);
	switch (policy_judge(&s->policy, &way.to)) {
	case POLICY_DOOR:
		r = doors_inside(&s->doors, asked, &way.to) ? 0 : GO_ON;
		break;
	case POLICY_HOST:
		r = to_host(s, &way);
		break;
	case POLICY_OUTSIDE:
		way.from = way.to.any.sa_family == AF_INET ? s->outbound4 : s->outbound6;
		break;
	case POLICY_INSIDE:
		r = GO_ON;
	}
	*out = way;
	return r;
}

static bool is_idle(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof info;

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
	       info.tcpi_state == TCP_CLOSE;
}

static int set_source(int fd, union address from, bool mapped)
{
	int on = 1;

	if (!from.any.sa_family)
		return 0;
	if (mapped)
		policy_map(&from);
	(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
	return bind(fd, &from.any, address_size(&from)) < 0 ? -errno : 0;
}

static int connect_to(int fd, const union address *to)
{
	return address_connect(fd, to, address_size(to)) < 0 ? -errno : 0;
}

/* What is near is there at once: then the kernel says so when it is asked again. */
static int begin(int fd, const union address *to, bool blocking)
{
	int r = connect_to(fd, to);

	if (r == -EINPROGRESS && blocking)
		r = connect_to(fd, to);
	return r == -EALREADY && blocking ? -EINPROGRESS : r;
}

static int await(struct supervisor *s, struct caller *caller, int fd)
{
	int r = waiting_add(&s->waiting, caller, fd);

	return r < 0 ? r : WAITS;
}

/*
 * On the caller's own socket. One that blocks is kept from it meanwhile: it is we who would wait.
 */
static int connect_own(struct supervisor *s, struct caller *caller, const struct subject *subject)
{
	if (!subject->blocking)
		return connect_to(subject->fd, &subject->address);
	AUTO(fd) int fd = fd_dup(subject->fd);
	int r = fd < 0 ? fd : fd_nonblock(fd, true);
	if (r < 0)
		return r;
	r = begin(fd, &subject->address, true);
	(void)!fd_nonblock(fd, false); /* it was so before */
	return r == -EINPROGRESS ? await(s, caller, take_fd(fd)) : r;
}

static int open_outside(const struct supervisor *s, const struct subject *subject,
			const struct way *way)
{
	AUTO(fd)
	int fd = socket(subject->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	mould_press(subject->family == AF_INET ? &s->plain4 : &s->plain6, subject->fd, fd);
	int r = set_source(fd, way->from, way->mapped);
	return r < 0 ? r : take_fd(fd);
}

static int connect_outside(struct supervisor *s, struct caller *caller,
			   const struct subject *subject, const struct way *way)
{
	union address to = way->to;
	AUTO(fd) int fd = open_outside(s, subject, way);

	if (fd < 0)
		return fd;
	if (way->mapped)
		policy_map(&to);
	int begun = begin(fd, &to, subject->blocking);
	/* What fails at once leaves the caller the socket that it has. */
	if (begun < 0 && begun != -EINPROGRESS)
		return begun;
	int r = subject->blocking && fcntl(fd, F_SETFL, O_RDWR) < 0 ? -errno : 0;
	if (!subject->blocking)
		watches_move(caller, (int)caller->call.data.args[0], fd);
	if (r == 0)
		r = caller_replace(caller, (int)caller->call.data.args[0], fd);
	if (r < 0)
		return r;
	return begun && subject->blocking ? await(s, caller, take_fd(fd)) : begun;
}

/*
 * A socket of the host's is in use, or its connection has failed or was given up. There is no way back to one
 * of the container's for what stays inside.
 */
static int connect_used(struct supervisor *s, struct caller *caller, const struct subject *subject)
{
	struct way way;

	if (!is_idle(subject->fd))
		return connect_own(s, caller, subject); /* how it goes on */
	int r = find_way(s, &subject->address, &way);
	return r == GO_ON ? -ENETUNREACH : r < 0 ? r : connect_outside(s, caller, subject, &way);
}

static int decide(struct supervisor *s, struct caller *caller, const struct subject *subject)
{
	struct way way;

	if (subject->family != subject->address.any.sa_family || subject->owner == OF_OTHER)
		return connect_own(s, caller, subject);
	if (subject->owner == OF_HOST)
		return connect_used(s, caller, subject);
	int r = find_way(s, &subject->address, &way);
	/* An address that was chosen inside is kept. */
	if (r == GO_ON || (r == 0 && (!is_idle(subject->fd) || subject->bound)))
		return connect_own(s, caller, subject);
	return r < 0 ? r : connect_outside(s, caller, subject, &way);
}

int supervisor_connect(struct supervisor *s, struct caller *caller)
{
	AUTO(subject) struct subject subject = { .fd = -1 };

	if (supervisor_look(s, caller, &subject) != 0)
		return GO_ON;
	return decide(s, caller, &subject);
}
