/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * noproxy - which registries are reached without the proxy
 */
#include "remote/noproxy.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

/* An address of either family in 16 bytes: those of IPv4 as IPv6 has them. */
struct address {
	unsigned char bytes[16];
	bool four;
};

enum { BITS_SIX = 128, BITS_FOUR = 32, PORT_MAX = 65535 };

static bool read_address(const char *text, struct address *out)
{
	static const unsigned char mapped[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	*out = (struct address){ 0 };
	if (inet_pton(AF_INET6, text, out->bytes) == 1) {
		out->four = memcmp(out->bytes, mapped, sizeof mapped) == 0;
		return true;
	}
	out->four = inet_pton(AF_INET, text, out->bytes + sizeof mapped) == 1;
	memcpy(out->bytes, mapped, sizeof mapped);
	return out->four;
}

static bool same_bits(const struct address *a, const struct address *b, unsigned int bits)
{
	for (unsigned int i = 0; i < bits; i++) {
		unsigned char mask = (unsigned char)(0x80 >> i % 8);
		if ((a->bytes[i / 8] & mask) != (b->bytes[i / 8] & mask))
			return false;
	}
	return true;
}

static bool is_loopback(const char *host)
{
	struct address a, six;

	if (strcasecmp(host, "localhost") == 0)
		return true;
	return read_address(host, &a) && read_address("::1", &six) &&
	       ((a.four && a.bytes[12] == 127) || same_bits(&a, &six, BITS_SIX));
}

/* "192.0.2.0/24" */
static bool in_network(char *entry, const char *host)
{
	struct address net, a;
	uint64_t bits;
	const char *length = str_cut(entry, '/');

	if (!read_address(entry, &net) || !read_address(host, &a) || net.four != a.four)
		return false;
	unsigned int all = net.four ? BITS_FOUR : BITS_SIX;
	if (str_u64(length, all, &bits) < 0)
		return false;
	return same_bits(&net, &a, (unsigned int)bits + BITS_SIX - all);
}

/* Cuts a port off, if there is one. Return: whether the entry is meant for this port. */
static bool cut_port(char **entry, int port)
{
	char *colon = strrchr(*entry, ':');
	char *bracket = strrchr(*entry, ']');
	uint64_t number;

	if (**entry == '[' && bracket) {
		*bracket = 0;
		(*entry)++;
		colon = bracket[1] == ':' ? bracket + 1 : NULL;
	} else if (colon != strchr(*entry, ':')) {
		return true; /* an address of IPv6 as it is */
	}
	if (!colon)
		return true;
	*colon = 0;
	return str_u64(colon + 1, PORT_MAX, &number) == 0 && (int)number == port;
}

static bool name_matches(const char *entry, const char *host)
{
	bool below = *entry == '.' || str_starts(entry, "*.");
	const char *name = entry + strspn(entry, "*.");
	size_t n = strlen(name), all = strlen(host);

	if (!n || all < n || strcasecmp(host + all - n, name) != 0)
		return false;
	return all == n ? !below : host[all - n - 1] == '.';
}

static bool entry_matches(char *entry, const char *host, int port)
{
	struct address a, b;

	if (str_eq(entry, "*"))
		return true;
	if (strchr(entry, '/'))
		return in_network(entry, host);
	if (!cut_port(&entry, port))
		return false;
	if (read_address(entry, &a))
		return read_address(host, &b) && same_bits(&a, &b, BITS_SIX);
	return name_matches(entry, host);
}

bool noproxy_matches(const char *list, const char *host, int port)
{
	AUTO(mem) char *words = str_dup(str_or(list, ""));
	AUTO(mem)
	char *bare = *host == '[' ? str_ndup(host + 1, strcspn(host + 1, "]")) : str_dup(host);
	char *rest = words;

	if (is_loopback(bare))
		return true;
	for (char *entry = strsep(&rest, ", \t"); entry; entry = strsep(&rest, ", \t"))
		if (*entry && entry_matches(entry, bare, port))
			return true;
	return false;
}
