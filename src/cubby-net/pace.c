/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pace - the host's sockets whose other end is on this host too send without pauses
 */
#include "cubby-net/pace.h"

#include <netinet/tcp.h>
#include <string.h>

#include "cubby-net/address.h"

enum { NAME_BYTES = 16 }; /* TCP_CA_NAME_MAX */

static const char paced[] = "bbr";    /* of whatever version */
static const char unpaced[] = "reno"; /* every kernel has it, for everybody */

bool pace_is_kept(int fd)
{
	char name[NAME_BYTES] = "";
	socklen_t size = sizeof name;

	return getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &size) == 0 &&
	       strncmp(name, paced, sizeof paced - 1) == 0;
}

static bool is_nearby(int fd)
{
	union address here = { 0 }, there = { 0 };
	socklen_t here_size = sizeof here, there_size = sizeof there;

	return getsockname(fd, &here.any, &here_size) == 0 &&
	       getpeername(fd, &there.any, &there_size) == 0 && address_same_host(&here, &there);
}

bool pace_is_here(int probe, const union address *to)
{
	const struct sockaddr nowhere = { .sa_family = AF_UNSPEC };
	union address from = { 0 };
	socklen_t size = sizeof from;
	/* Connecting a datagram socket sends nothing, and chooses the address to send from. */
	const bool here = address_connect(probe, to, address_size(to)) == 0 &&
			  getsockname(probe, &from.any, &size) == 0 && address_same_host(&from, to);

	(void)!address_connect(probe, &nowhere, sizeof nowhere); /* its port is given back */
	return here;
}

void pace_drop(int fd)
{
	(void)setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, unpaced, sizeof unpaced - 1);
}

bool pace_drop_nearby(int fd)
{
	const bool nearby = is_nearby(fd);

	if (nearby)
		pace_drop(fd);
	return nearby;
}

void pace_drop_loopback(int fd, const union address *end)
{
	const union address plain = address_plain(end);

	if (plain.any.sa_family == AF_INET6
		    ? IN6_IS_ADDR_LOOPBACK(&plain.in6.sin6_addr)
		    : ntohl(plain.in4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET)
		pace_drop(fd);
}
