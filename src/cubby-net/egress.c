/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * egress - where the container's connections may go on the host
 */
#include "cubby-net/egress.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "cubby-net/address.h"
#include "kern/netlink.h"

enum { DNS_PORT = 53, ROUTE_PROBE_PORT = 9 };

/* Documentation addresses: nobody has them, so the default route answers for them. */
static const char probe4[] = "198.51.100.1";
static const char probe6[] = "2001:db8::1";

void egress_init(struct egress *egress, const struct net_plan *plan, bool allow_loopback,
		 struct resolver *resolver)
{
	*egress = (struct egress){ .allow_loopback = allow_loopback, .resolver = resolver };
	/* What is not there is 0.0.0.0, which is refused. */
	bug_unless(!plan->gateway || inet_pton(AF_INET, plan->gateway, &egress->gateway) == 1);
	bug_unless(!plan->dns || inet_pton(AF_INET, plan->dns, &egress->dns) == 1);
	if (plan->network6 && inet_pton(AF_INET6, plan->network6, &egress->network6) == 1)
		egress->prefix6 = plan->prefix6;
}

/* The address from which this host would send to the world. */
static bool routed_address(int family, struct sockaddr_storage *out)
{
	struct sockaddr_in *in4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;
	socklen_t size = family == AF_INET ? sizeof *in4 : sizeof *in6;
	AUTO(fd) int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memset(out, 0, sizeof *out);
	out->ss_family = (sa_family_t)family;
	in4->sin_port = htons(ROUTE_PROBE_PORT); /* the same place in both */
	if (family == AF_INET)
		(void)inet_pton(family, probe4, &in4->sin_addr);
	else
		(void)inet_pton(family, probe6, &in6->sin6_addr);
	/* Connecting a datagram socket sends nothing. */
	return fd >= 0 && address_connect(fd, out, size) == 0 &&
	       getsockname(fd, (struct sockaddr *)out, &size) == 0;
}

/* Without a default route: any address of any interface. */
static bool any_address(int family, struct sockaddr_storage *out)
{
	AUTO(fd) int sock = netlink_open();
	struct netlink_addr found;

	if (sock < 0 || netlink_host_address(sock, family, &found) < 0)
		return false;
	memset(out, 0, sizeof *out);
	out->ss_family = (sa_family_t)family;
	if (family == AF_INET)
		((struct sockaddr_in *)out)->sin_addr = found.in4;
	else
		((struct sockaddr_in6 *)out)->sin6_addr = found.in6;
	return true;
}

static int to_host4(const struct egress *e, in_port_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in *in4 = (struct sockaddr_in *)out;

	if (e->allow_loopback)
		*in4 = (struct sockaddr_in){ .sin_family = AF_INET,
					     .sin_addr = { htonl(INADDR_LOOPBACK) } };
	else if (!routed_address(AF_INET, out) && !any_address(AF_INET, out))
		return -ECONNREFUSED;
	in4->sin_port = port;
	return sizeof *in4;
}

static int to_host6(const struct egress *e, in_port_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

	if (e->allow_loopback)
		*in6 = (struct sockaddr_in6){ .sin6_family = AF_INET6,
					      .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	else if (!routed_address(AF_INET6, out) && !any_address(AF_INET6, out))
		return -ECONNREFUSED;
	in6->sin6_port = port;
	return sizeof *in6;
}

/* The stack made an IPv4 socket, the resolver may have an IPv6 address. */
static int to_resolver(const struct egress *e, int fd, struct sockaddr_storage *out)
{
	const struct sockaddr_storage *server = resolver_get(e->resolver, 0);

	if (!server)
		return -ECONNREFUSED;
	*out = *server;
	if (server->ss_family == AF_INET)
		return sizeof(struct sockaddr_in);
	AUTO(fd) int other = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (other < 0 || dup3(other, fd, O_CLOEXEC) < 0)
		return -ECONNREFUSED;
	return sizeof(struct sockaddr_in6);
}

static int target4(const struct egress *e, int fd, const struct sockaddr_in *wanted,
		   struct sockaddr_storage *out)
{
	uint32_t ip = ntohl(wanted->sin_addr.s_addr);

	if (e->gateway.s_addr && wanted->sin_addr.s_addr == e->gateway.s_addr)
		return to_host4(e, wanted->sin_port, out);
	if (e->dns.s_addr && wanted->sin_addr.s_addr == e->dns.s_addr)
		return wanted->sin_port == htons(DNS_PORT) ? to_resolver(e, fd, out)
							   : -ECONNREFUSED;
	/* 0.0.0.0/8 is this host too. */
	if ((ip >> 24 == IN_LOOPBACKNET || ip >> 24 == 0) && !e->allow_loopback)
		return -ECONNREFUSED;
	memcpy(out, wanted, sizeof *wanted);
	return sizeof *wanted;
}

static bool in_network6(const struct egress *e, const struct in6_addr *ip)
{
	size_t bytes = (size_t)e->prefix6 / 8;
	uint8_t rest = (uint8_t)(0xff00 >> e->prefix6 % 8);

	return e->prefix6 && memcmp(ip, &e->network6, bytes) == 0 &&
	       (!rest || ((ip->s6_addr[bytes] ^ e->network6.s6_addr[bytes]) & rest) == 0);
}

static int target6(const struct egress *e, const struct sockaddr_in6 *wanted,
		   struct sockaddr_storage *out)
{
	const struct in6_addr *ip = &wanted->sin6_addr;

	/* The stack writes ::1 for every address of the container's own network. */
	if (IN6_IS_ADDR_LOOPBACK(ip) || in_network6(e, ip))
		return to_host6(e, wanted->sin6_port, out);
	if (IN6_IS_ADDR_UNSPECIFIED(ip) || IN6_IS_ADDR_V4MAPPED(ip))
		return -ECONNREFUSED;
	memcpy(out, wanted, sizeof *wanted);
	return sizeof *wanted;
}

int egress_target(const struct egress *egress, int fd, const struct sockaddr *wanted,
		  socklen_t size, struct sockaddr_storage *out)
{
	if (wanted->sa_family == AF_INET && size >= sizeof(struct sockaddr_in))
		return target4(egress, fd, (const struct sockaddr_in *)wanted, out);
	if (wanted->sa_family == AF_INET6 && size >= sizeof(struct sockaddr_in6))
		return target6(egress, (const struct sockaddr_in6 *)wanted, out);
	return -ECONNREFUSED;
}
