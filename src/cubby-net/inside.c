/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inside - sockets in the container's network namespace that show it its clients
 *
 * Source: ip(7) IP_TRANSPARENT; Documentation/networking/ip-sysctl, tcp_fwmark_accept.
 */
#include "cubby-net/inside.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "net/netns.h"

void inside_init(struct inside *inside, const struct net_plan *plan, bool hide_client)
{
	*inside = (struct inside){
		.self4 = address_parse(plan->ip),
		.self6 = address_parse(plan->ip6),
		.gateway4 = address_parse(plan->gateway),
		.gateway6 = address_parse(plan->gateway6),
		.hide_client = hide_client,
	};
}

static bool means_something_else(const struct inside *inside, const union address *c)
{
	if (c->any.sa_family == AF_INET) {
		uint32_t top = ntohl(c->in4.sin_addr.s_addr) >> 24;
		return top == IN_LOOPBACKNET || top == 0 ||
		       c->in4.sin_addr.s_addr == inside->self4.in4.sin_addr.s_addr;
	}
	const struct in6_addr *ip = &c->in6.sin6_addr;
	return IN6_IS_ADDR_LOOPBACK(ip) || IN6_IS_ADDR_LINKLOCAL(ip) ||
	       IN6_IS_ADDR_UNSPECIFIED(ip) || IN6_IS_ADDR_V4MAPPED(ip) ||
	       IN6_ARE_ADDR_EQUAL(ip, &inside->self6.in6.sin6_addr);
}

void inside_client(const struct inside *inside, const union address *client, int family,
		   union address *out)
{
	bool itself = client->any.sa_family == family && !inside->hide_client &&
		      !means_something_else(inside, client);

	*out = itself ? *client : family == AF_INET ? inside->gateway4 : inside->gateway6;
	if (itself && family == AF_INET6) {
		out->in6.sin6_scope_id = 0;
		out->in6.sin6_flowinfo = 0;
	}
}

bool inside_target(const struct inside *inside, int family, int port, union address *out)
{
	*out = family == AF_INET ? inside->self4 : inside->self6;
	out->in4.sin_port = htons((uint16_t)port); /* the same place in both families */
	return out->any.sa_family != 0;
}

static bool transparent(int fd, int family)
{
	uint32_t mark = NETNS_MARK;
	int on = 1;

	return setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark) == 0 &&
	       (family == AF_INET
			? setsockopt(fd, IPPROTO_IP, IP_TRANSPARENT, &on, sizeof on)
			: setsockopt(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, &on, sizeof on)) == 0;
}

/*
 * A client's address may be shown on several ports of the container at once. Where the kernel chooses the port of a
 * datagram socket it would choose one that is shared so, and give the answers to who has it last.
 */
static void share(int fd, int type, const union address *as)
{
	int on = type == SOCK_STREAM || as->in4.sin_port; /* the same place in both families */

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
}

/* connect(2) chooses one that is free for its target; bind(2) would look for one that is free for all. */
static void choose_port_late(int fd)
{
	int on = 1;

	(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
}

int inside_socket(int type, const union address *as)
{
	int family = as->any.sa_family;
	AUTO(fd) int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (!transparent(fd, family))
		return take_fd(fd);
	share(fd, type, as);
	if (type == SOCK_STREAM && !as->in4.sin_port)
		choose_port_late(fd);
	if (bind(fd, &as->any, address_size(as)) < 0) {
		union address any_port = *as;
		any_port.in4.sin_port = 0;
		share(fd, type, &any_port);
		if (type == SOCK_STREAM)
			choose_port_late(fd);
		/* Its own address is the last resort, and still a working connection. */
		(void)!bind(fd, &any_port.any, address_size(&any_port));
	}
	return take_fd(fd);
}
