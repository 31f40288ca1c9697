/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy - which of a container's connections may run on a socket of the host
 *
 * Source: RFC 6890 and the registries of special-purpose addresses that it founded.
 */
#include "cubby-fast/policy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

/* What never leaves on a socket of the host, allowed or not. */
static const char *const never[] = {
	"0.0.0.0/8", "127.0.0.0/8",  "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4",
	"::/96",     "64:ff9b::/96", "64:ff9b:1::/48", "100::/64",    "2002::/16",
	"fe80::/10", "fec0::/10",    "ff00::/8",
};

/* What may be a network of the container's own making. */
static const char *const private[] = {
	"10.0.0.0/8",	  "100.64.0.0/10", "172.16.0.0/12",
	"192.168.0.0/16", "198.18.0.0/15", "fc00::/7",
};

static bool in_network(const struct fastnet *net, const union address *a)
{
	return a->any.sa_family == AF_INET ? fastnet_has4(net, a->in4.sin_addr)
					   : fastnet_has6(net, &a->in6.sin6_addr);
}

static bool in_any(const struct fastnets *nets, const union address *a)
{
	for (size_t i = 0; i < nets->count; i++)
		if (in_network(&nets->items[i], a))
			return true;
	return false;
}

static int read_table(const char *const *table, size_t count, struct fastnets *out, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct fastnet net;
		int r = fastnet_parse(table[i], &net, err);
		if (r < 0)
			return r;
		*vec_push(out) = net;
	}
	return 0;
}

static void read_plan(struct policy *p, const struct net_plan *plan)
{
	bug_unless(inet_pton(AF_INET, plan->ip, &p->self4) == 1);
	bug_unless(inet_pton(AF_INET, plan->gateway, &p->gateway4) == 1);
	p->own4 = (struct fastnet){ .family = AF_INET, .prefix = plan->prefix, .in4 = p->self4 };
	if (!plan->network6)
		return;
	bug_unless(inet_pton(AF_INET6, plan->ip6, &p->self6) == 1);
	bug_unless(inet_pton(AF_INET6, plan->gateway6, &p->gateway6) == 1);
	p->own6 = (struct fastnet){ .family = AF_INET6, .prefix = plan->prefix6, .in6 = p->self6 };
}

int policy_init(struct policy *policy, const struct net_config *config, const struct net_plan *plan,
		struct err *err)
{
	*policy = (struct policy){ 0 };
	read_plan(policy, plan);
	bug_unless(read_table(never, array_len(never), &policy->never, NULL) == 0);
	bug_unless(read_table(private, array_len(private), &policy->private, NULL) == 0);
	return read_table((const char *const *)config->allow.items, config->allow.count,
			  &policy->allow, err);
}

bool policy_read(const void *bytes, size_t size, union address *out)
{
	sa_family_t family;

	if (size < sizeof family)
		return false;
	memcpy(&family, bytes, sizeof family);
	/* As for the kernel, an IPv6 address may end before its scope. */
	const size_t least = family == AF_INET ? sizeof out->in4
					       : offsetof(struct sockaddr_in6, sin6_scope_id);
	const size_t most = family == AF_INET ? sizeof out->in4 : sizeof out->in6;
	if ((family != AF_INET && family != AF_INET6) || size < least)
		return false;
	memset(out, 0, sizeof *out);
	memcpy(out, bytes, min_of(size, most));
	return true;
}

bool policy_unmap(union address *address)
{
	const struct sockaddr_in6 from = address->in6;

	if (from.sin6_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&from.sin6_addr))
		return false;
	memset(address, 0, sizeof *address);
	address->in4.sin_family = AF_INET;
	address->in4.sin_port = from.sin6_port;
	memcpy(&address->in4.sin_addr, &from.sin6_addr.s6_addr[12], sizeof address->in4.sin_addr);
	return true;
}

void policy_map(union address *address)
{
	const struct sockaddr_in from = address->in4;

	memset(address, 0, sizeof *address);
	address->in6.sin6_family = AF_INET6;
	address->in6.sin6_port = from.sin_port;
	address->in6.sin6_addr.s6_addr[10] = address->in6.sin6_addr.s6_addr[11] = 0xff;
	memcpy(&address->in6.sin6_addr.s6_addr[12], &from.sin_addr, sizeof from.sin_addr);
}

static bool is_itself(const struct policy *p, const union address *a)
{
	if (a->any.sa_family == AF_INET) {
		const uint32_t ip = ntohl(a->in4.sin_addr.s_addr);
		return ip == INADDR_ANY || ip >> 24 == IN_LOOPBACKNET ||
		       a->in4.sin_addr.s_addr == p->self4.s_addr;
	}
	const struct in6_addr *ip = &a->in6.sin6_addr;
	return IN6_IS_ADDR_UNSPECIFIED(ip) || IN6_IS_ADDR_LOOPBACK(ip) ||
	       (p->own6.family && IN6_ARE_ADDR_EQUAL(ip, &p->self6));
}

static bool is_gateway(const struct policy *p, const union address *a)
{
	if (a->any.sa_family == AF_INET)
		return a->in4.sin_addr.s_addr == p->gateway4.s_addr;
	return p->own6.family && IN6_ARE_ADDR_EQUAL(&a->in6.sin6_addr, &p->gateway6);
}

enum policy_verdict policy_judge(const struct policy *policy, const union address *to)
{
	if (is_itself(policy, to))
		return POLICY_DOOR;
	if (is_gateway(policy, to))
		return POLICY_HOST;
	if (in_network(&policy->own4, to) || (policy->own6.family && in_network(&policy->own6, to)))
		return POLICY_INSIDE;
	if (in_any(&policy->never, to))
		return POLICY_INSIDE;
	if (in_any(&policy->allow, to))
		return POLICY_OUTSIDE;
	return in_any(&policy->private, to) ? POLICY_INSIDE : POLICY_OUTSIDE;
}
