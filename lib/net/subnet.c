/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * subnet - ranges of addresses that have their first bits in common, of either family
 *
 * Addresses are worked on as bytes, the highest first, which is how both families have them.
 */
#include "net/subnet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/str.h"

enum { BITS4 = 32, BITS6 = 128 };

static size_t bytes_of(const struct netlink_addr *addr)
{
	return addr->family == AF_INET ? sizeof addr->in4 : sizeof addr->in6;
}

static uint8_t *bytes(struct netlink_addr *addr)
{
	return (uint8_t *)&addr->in6;
}

int subnet_bits(const struct subnet *subnet)
{
	return subnet->addr.family == AF_INET ? BITS4 : BITS6;
}

int subnet_parse(const char *text, struct subnet *out)
{
	AUTO(mem) char *address = str_dup(text);
	const char *bits = str_cut(address, '/');
	struct subnet s = { 0 };
	uint64_t prefix;

	if (!bits || netlink_addr_parse(address, &s.addr) < 0 ||
	    str_u64(bits, (uint64_t)subnet_bits(&s), &prefix) < 0)
		return -EINVAL;
	s.prefix = (int)prefix;
	*out = s;
	return 0;
}

char *subnet_address_print(const struct netlink_addr *addr)
{
	char text[INET6_ADDRSTRLEN];

	bug_unless(inet_ntop(addr->family, &addr->in6, text, sizeof text));
	return str_dup(text);
}

char *subnet_print(const struct subnet *subnet)
{
	AUTO(mem) char *address = subnet_address_print(&subnet->addr);

	return str_fmt("%s/%d", address, subnet->prefix);
}

/* The bits of one byte that lie behind the prefix. */
static uint8_t rest_of(const struct subnet *subnet, size_t at)
{
	int fixed = subnet->prefix - (int)at * 8;

	return fixed >= 8 ? 0 : fixed <= 0 ? 0xff : (uint8_t)(0xff >> fixed);
}

struct netlink_addr subnet_first(const struct subnet *subnet)
{
	struct netlink_addr a = subnet->addr;

	for (size_t i = 0; i < bytes_of(&a); i++)
		bytes(&a)[i] &= (uint8_t)~rest_of(subnet, i);
	return a;
}

struct netlink_addr subnet_last(const struct subnet *subnet)
{
	struct netlink_addr a = subnet->addr;

	for (size_t i = 0; i < bytes_of(&a); i++)
		bytes(&a)[i] |= rest_of(subnet, i);
	return a;
}

int subnet_address_order(const struct netlink_addr *a, const struct netlink_addr *b)
{
	return memcmp(&a->in6, &b->in6, bytes_of(a));
}

bool subnet_is_network(const struct subnet *subnet)
{
	struct netlink_addr first = subnet_first(subnet);

	return subnet_address_order(&first, &subnet->addr) == 0;
}

bool subnet_has(const struct subnet *subnet, const struct netlink_addr *addr)
{
	struct subnet other = { *addr, subnet->prefix };

	if (subnet->addr.family != addr->family)
		return false;
	struct netlink_addr a = subnet_first(subnet), b = subnet_first(&other);
	return subnet_address_order(&a, &b) == 0;
}

bool subnet_overlap(const struct subnet *a, const struct subnet *b)
{
	return a->prefix <= b->prefix ? subnet_has(a, &b->addr) : subnet_has(b, &a->addr);
}

/* The byte of a number that is added at a place counted from the last; in front stand copies of its sign. */
static unsigned int digit_of(int64_t number, size_t place)
{
	if (place >= sizeof number)
		return number < 0 ? 0xff : 0;
	return (unsigned int)((uint64_t)number >> (8 * place)) & 0xff;
}

struct netlink_addr subnet_address_add(const struct netlink_addr *addr, int64_t by)
{
	struct netlink_addr a = *addr;
	size_t size = bytes_of(&a);
	unsigned int carry = 0;

	for (size_t place = 0; place < size; place++) {
		uint8_t *byte = &bytes(&a)[size - 1 - place];
		unsigned int sum = *byte + digit_of(by, place) + carry;
		*byte = (uint8_t)sum;
		carry = sum >> 8;
	}
	return a;
}
