/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * doors - published TCP ports, which the container may serve itself on sockets of the host
 */
#include "cubby-fast/doors.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/str.h"
#include "cubby-fast/policy.h"
#include "net/exchange.h"

enum { RELAY_MS = 1000 };

/* What leads to one port of the container. */
struct found {
	union address at4, at6; /* family 0: nothing */
	size_t count;
};

static union address address_of(const struct port_map *p, int offset)
{
	union address a = { 0 };

	if (inet_pton(AF_INET, p->host_ip, &a.in4.sin_addr) == 1)
		a.any.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, p->host_ip, &a.in6.sin6_addr) == 1)
		a.any.sa_family = AF_INET6;
	a.in4.sin_port = htons((uint16_t)(p->host_port + offset)); /* the same place in both */
	return a;
}

static struct found find(const struct doors *d, int port)
{
	struct found f = { .count = 0 };

	for (size_t i = 0; i < d->ports.count; i++) {
		const struct port_map *p = &d->ports.items[i];
		int offset = port - p->container_port;
		if (!str_eq(p->protocol, "tcp") || offset < 0 || offset >= p->range)
			continue;
		union address a = address_of(p, offset);
		if (a.any.sa_family == AF_INET)
			f.at4 = a;
		else
			f.at6 = a;
		f.count++;
	}
	return f;
}

/* A mapping for every address is one of each family. */
static bool is_pair(const struct found *f)
{
	return f->count == 2 && f->at4.any.sa_family && f->at6.any.sa_family &&
	       f->at4.in4.sin_port == f->at6.in6.sin6_port &&
	       f->at4.in4.sin_addr.s_addr == htonl(INADDR_ANY) &&
	       IN6_IS_ADDR_UNSPECIFIED(&f->at6.in6.sin6_addr);
}

int doors_place(const struct doors *doors, int port, int family, bool v6only, union address *out)
{
	const struct found f = find(doors, port);

	if (doors->hide_client || !port || (f.count != 1 && !is_pair(&f)))
		return -ENOENT;
	if (family == AF_INET && f.at4.any.sa_family) {
		*out = f.at4;
		return 0;
	}
	if (family == AF_INET6 && f.at6.any.sa_family) {
		*out = f.at6;
		return 0;
	}
	if (family != AF_INET6 || v6only || !f.at4.any.sa_family)
		return -ENOENT;
	*out = f.at4;
	policy_map(out);
	return 0;
}

void doors_claim(struct doors *doors, int port)
{
	const struct net_door door = { .port = port };
	struct net_door answer = { 0 };
	struct pollfd p = { .fd = doors->relay, .events = POLLIN };

	doors->taken[port / 8] |= (uint8_t)(1U << port % 8);
	if (send(doors->relay, &door, sizeof door, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;
	/* One that is being replaced answers late: the answers of others are passed over. */
	while (answer.port != port && poll(&p, 1, RELAY_MS) > 0)
		if (recv(doors->relay, &answer, sizeof answer, MSG_DONTWAIT) < 0)
			return;
}

bool doors_inside(const struct doors *doors, const union address *to, union address *out)
{
	const int port = ntohs(to->in4.sin_port); /* the same place in both */
	const struct found f = find(doors, port);
	const bool four = to->any.sa_family == AF_INET;

	if (!(doors->taken[port / 8] & 1U << port % 8) || !(four ? f.at4 : f.at6).any.sa_family)
		return false;
	*out = four ? f.at4 : f.at6;
	if (four && out->in4.sin_addr.s_addr == htonl(INADDR_ANY))
		out->in4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (!four && IN6_IS_ADDR_UNSPECIFIED(&out->in6.sin6_addr))
		out->in6.sin6_addr = in6addr_loopback;
	return true;
}
