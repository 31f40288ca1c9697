/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pool - the private networks that new networks are chosen from
 */
#include "net/pool.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"

enum { ULA_PREFIX = 64, ULA_FIRST = 0xfd, ULA_TRIES = 256 };

static const struct {
	const char *subnet, *why;
} unusable[] = {
	{ "0.0.0.0/8", "is of no network" },
	{ "127.0.0.0/8", "is every machine's own" },
	{ "169.254.1.1/32", "has the address that answers for names" },
	{ "224.0.0.0/3", "is of groups, not of machines" },
	{ "::/64", "is every machine's own" },
	{ "fd00:6375:6262:79::/64", "has the address that answers for names" },
	{ "fe80::/10", "is of each link alone" },
	{ "ff00::/8", "is of groups, not of machines" },
};

static struct subnet known(const char *text)
{
	struct subnet s = { 0 };

	bug_unless(subnet_parse(text, &s) == 0);
	return s;
}

int pool_check(const struct subnet *subnet, struct err *err)
{
	AUTO(mem) char *text = subnet_print(subnet);

	for (size_t i = 0; i < array_len(unusable); i++) {
		struct subnet other = known(unusable[i].subnet);
		if (subnet_overlap(subnet, &other))
			return err_set(err, -EINVAL, "the subnet '%s' cannot be used: '%s' %s",
				       text, unusable[i].subnet, unusable[i].why);
	}
	if (subnet->prefix == subnet_bits(subnet))
		return err_set(
			err, -EINVAL,
			"the subnet '%s' has one address; a gateway and a container need two",
			text);
	return 0;
}

/* Private networks in the order in which the tools take them. */
static const struct pool {
	const char *first, *last;
} pools[][3] = {
	{
		{ "10.89.0.0/24", "10.255.255.0/24" },
		{ "172.18.0.0/16", "172.31.0.0/16" },
		{ "192.168.0.0/20", "192.168.240.0/20" },
	},
	{
		{ "172.18.0.0/16", "172.31.0.0/16" },
		{ "192.168.0.0/20", "192.168.240.0/20" },
		{ "10.89.0.0/24", "10.255.255.0/24" },
	},
};

static bool is_free(const struct taken_list *taken, const struct subnet *net, bool routes)
{
	for (size_t i = 0; i < taken->count; i++) {
		const struct taken *one = &taken->items[i];
		if ((routes || one->owner != TAKEN_ROUTE) && subnet_overlap(net, &one->subnet))
			return false;
	}
	return true;
}

static struct subnet next_subnet(const struct subnet *net)
{
	struct netlink_addr last = subnet_last(net);

	return (struct subnet){ subnet_address_add(&last, 1), net->prefix };
}

static bool search_pool(const struct taken_list *taken, const struct pool *pool, bool routes,
			struct subnet *out)
{
	struct subnet last = known(pool->last);

	for (struct subnet s = known(pool->first); subnet_address_order(&s.addr, &last.addr) <= 0;
	     s = next_subnet(&s))
		if (is_free(taken, &s, routes)) {
			*out = s;
			return true;
		}
	return false;
}

int pool_choose4(bool docker, const struct taken_list *taken, struct subnet *out, struct err *err)
{
	const struct pool *order = pools[docker];

	for (int routes = 1; routes >= 0; routes--)
		for (size_t i = 0; i < array_len(pools[0]); i++)
			if (search_pool(taken, &order[i], routes, out))
				return 0;
	err_set(err, -EADDRNOTAVAIL, "no private subnet is left that nothing else uses");
	(void)err_hint(err, "remove networks with: cubby network prune; or give one with --subnet");
	return -EADDRNOTAVAIL;
}

static bool search_local(const uint8_t *random, const struct taken_list *taken, bool routes,
			 struct subnet *out)
{
	struct subnet net = { .addr = { .family = AF_INET6 }, .prefix = ULA_PREFIX };

	net.addr.in6.s6_addr[0] = ULA_FIRST;
	memcpy(net.addr.in6.s6_addr + 1, random, POOL_RANDOM);
	for (int tries = 0; tries < ULA_TRIES; tries++, net = next_subnet(&net)) {
		if (net.addr.in6.s6_addr[0] != ULA_FIRST || !is_free(taken, &net, routes) ||
		    pool_check(&net, NULL) < 0)
			continue;
		*out = net;
		return true;
	}
	return false;
}

int pool_choose6(const uint8_t random[POOL_RANDOM], const struct taken_list *taken,
		 struct subnet *out, struct err *err)
{
	if (search_local(random, taken, true, out) || search_local(random, taken, false, out))
		return 0;
	err_set(err, -EADDRNOTAVAIL, "no local subnet of IPv6 is left");
	(void)err_hint(err, "give one with --subnet");
	return -EADDRNOTAVAIL;
}
