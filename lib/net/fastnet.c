/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fastnet - a network that --network fast:allow= names
 */
#include "net/fastnet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/str.h"

enum { BITS4 = 32, BITS6 = 128 };

int fastnet_parse(const char *text, struct fastnet *out, struct err *err)
{
	AUTO(mem) char *address = str_dup(text);
	const char *bits = str_cut(address, '/');
	struct fastnet net = { .family = strchr(address, ':') ? AF_INET6 : AF_INET };
	const int most = net.family == AF_INET ? BITS4 : BITS6;
	uint64_t prefix = (uint64_t)most;

	if (inet_pton(net.family, address, &net.in6) != 1 ||
	    (bits && str_u64(bits, (uint64_t)most, &prefix) < 0))
		return err_set(err, -EINVAL,
			       "network option 'allow' is a network like '10.1.0.0/16', not '%s'",
			       text);
	net.prefix = (int)prefix;
	*out = net;
	return 0;
}

static bool same_bits(const uint8_t *a, const uint8_t *b, int bits)
{
	const size_t whole = (size_t)bits / 8;
	const int rest = bits % 8;

	return memcmp(a, b, whole) == 0 && (!rest || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

bool fastnet_has4(const struct fastnet *net, struct in_addr ip)
{
	return net->family == AF_INET &&
	       same_bits((const uint8_t *)&net->in4, (const uint8_t *)&ip, net->prefix);
}

bool fastnet_has6(const struct fastnet *net, const struct in6_addr *ip)
{
	return net->family == AF_INET6 && same_bits(net->in6.s6_addr, ip->s6_addr, net->prefix);
}
