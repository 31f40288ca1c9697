/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * leases - which member of a network has which addresses
 *
 * Members are few hundreds at most, so they are looked through. One more address than there are members
 * is looked at before one is free.
 */
#include "cubby-net/leases.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <netinet/ether.h>
#include <string.h>

#include "base/mem.h"

static const char *const families[] = { "IPv4", "IPv6" };

/* --- addresses as numbers --------------------------------------------------------------------- */

static struct place place_of(const struct netlink_addr *a)
{
	uint64_t halves[2];

	if (a->family == AF_INET)
		return (struct place){ 0, ntohl(a->in4.s_addr) };
	memcpy(halves, &a->in6, sizeof halves);
	return (struct place){ be64toh(halves[0]), be64toh(halves[1]) };
}

static struct netlink_addr addr_of(int family, struct place p)
{
	const uint64_t halves[] = { htobe64(p.high), htobe64(p.low) };
	struct netlink_addr a = { .family = family };

	if (family != AF_INET6)
		a.in4.s_addr = htonl((uint32_t)p.low);
	else
		memcpy(&a.in6, halves, sizeof halves);
	return a;
}

static int order(struct place a, struct place b)
{
	if (a.high != b.high)
		return a.high < b.high ? -1 : 1;
	return a.low < b.low ? -1 : a.low > b.low;
}

static struct place after(struct place p)
{
	p.low++;
	p.high += !p.low;
	return p;
}

static struct place before(struct place p)
{
	p.high -= !p.low;
	p.low--;
	return p;
}

/* The bits behind a prefix of either family. */
static struct place hosts_of(int family, int prefix)
{
	int left = (family == AF_INET ? 32 : 128) - prefix;

	if (left <= 64)
		return (struct place){ 0, left == 64 ? UINT64_MAX : (UINT64_C(1) << left) - 1 };
	return (struct place){ left == 128 ? UINT64_MAX : (UINT64_C(1) << (left - 64)) - 1,
			       UINT64_MAX };
}

static char *print(int family, struct place p)
{
	char text[INET6_ADDRSTRLEN];
	struct netlink_addr a = addr_of(family, p);

	return str_dup(inet_ntop(family, &a.in4, text, sizeof text));
}

static bool same_addr(const struct netlink_addr *a, const struct netlink_addr *b)
{
	return a->family && a->family == b->family && order(place_of(a), place_of(b)) == 0;
}

/* --- the subnets ------------------------------------------------------------------------------ */

static int read_place(const char *text, int family, struct place *out, struct err *err)
{
	struct netlink_addr a;

	if (netlink_addr_parse(text, &a) < 0 || a.family != family)
		return err_set(err, -EINVAL, "'%s' is no %s address", text,
			       families[family == AF_INET6]);
	*out = place_of(&a);
	return 0;
}

static int read_range(const struct bridge_subnet *s, struct leases_range *r, struct err *err)
{
	struct place rest = hosts_of(r->family, r->prefix);
	int e = 0;

	r->network = (struct place){ r->network.high & ~rest.high, r->network.low & ~rest.low };
	r->last_of_all = (struct place){ r->network.high | rest.high, r->network.low | rest.low };
	/* Of two addresses both are machines' (RFC 3021, RFC 6164). */
	r->pair = rest.high == 0 && rest.low == 1;
	r->first = r->pair ? r->network : after(r->network);
	r->last = r->family == AF_INET && !r->pair ? before(r->last_of_all) : r->last_of_all;
	r->gateway = after(r->network);
	if (s->gateway)
		e = read_place(s->gateway, r->family, &r->gateway, err);
	if (e == 0 && s->first)
		e = read_place(s->first, r->family, &r->first, err);
	if (e == 0 && s->last)
		e = read_place(s->last, r->family, &r->last, err);
	r->given = r->last; /* so the first one is next */
	if (e == 0 && (order(r->first, r->network) < 0 || order(r->last, r->last_of_all) > 0 ||
		       order(r->first, r->last) > 0))
		return err_set(err, -EINVAL, "the range of '%s/%d' is no part of it", s->network,
			       r->prefix);
	return e;
}

static int read_subnet(struct leases *leases, const struct bridge_subnet *s, struct err *err)
{
	struct netlink_addr network;

	if (netlink_addr_parse(str_or(s->network, ""), &network) < 0 || s->prefix < 1 ||
	    s->prefix > (network.family == AF_INET ? 31 : 127))
		return err_set(err, -EINVAL, "'%s/%d' is no subnet for containers",
			       str_or(s->network, ""), s->prefix);
	bool six = network.family == AF_INET6;
	struct leases_range *r = &leases->range[six];
	if (r->family)
		return err_set(err, -EINVAL, "network '%s' has two %s subnets", leases->network,
			       families[six]);
	*r = (struct leases_range){ .family = network.family,
				    .prefix = s->prefix,
				    .network = place_of(&network) };
	int e = read_place(six ? LEASES_DNS6 : LEASES_DNS, r->family, &r->dns, err);
	return e < 0 ? e : read_range(s, r, err);
}

int leases_init(struct leases *leases, const struct bridge_config *config, struct err *err)
{
	*leases = (struct leases){ .network = config->name, .kept_back = &config->reserved };
	for (size_t i = 0; i < config->subnets.count; i++) {
		int r = read_subnet(leases, &config->subnets.items[i], err);
		if (r < 0)
			return r;
	}
	if (!leases->range[0].family && !leases->range[1].family)
		return err_set(err, -EINVAL, "network '%s' has no subnet", leases->network);
	return 0;
}

void leases_reserve(struct leases *leases, const uint8_t *mac)
{
	bug_unless(leases->reserved_count < array_len(leases->reserved));
	memcpy(leases->reserved[leases->reserved_count++], mac, ETH_ALEN);
}

struct netlink_addr leases_network(const struct leases *leases, bool six)
{
	return addr_of(leases->range[six].family, leases->range[six].network);
}

struct netlink_addr leases_gateway(const struct leases *leases, bool six)
{
	return addr_of(leases->range[six].family, leases->range[six].gateway);
}

/* --- one address ------------------------------------------------------------------------------ */

/* What the network itself has there, or NULL. */
static const char *own(const struct leases_range *r, struct place p)
{
	if (!r->pair && order(p, r->network) == 0)
		return "the network itself";
	if (r->family == AF_INET && !r->pair && order(p, r->last_of_all) == 0)
		return "everybody";
	if (order(p, r->gateway) == 0)
		return "the gateway";
	return order(p, r->dns) == 0 ? "the name server" : NULL;
}

static const struct lease *who(const struct leases *leases, const struct netlink_addr *addr)
{
	for (const struct lease *l = leases->all; l; l = l->next)
		if (same_addr(&l->addr[0], addr) || same_addr(&l->addr[1], addr))
			return l;
	return NULL;
}

static int check_wish(const struct leases *leases, size_t at, const char *text,
		      struct netlink_addr *out, struct err *err)
{
	const struct leases_range *r = &leases->range[at];
	struct place p;

	if (!r->family)
		return err_set(err, -EINVAL,
			       "network '%s' has no %s subnet, so nobody can be '%s' there",
			       leases->network, families[at], text);
	int e = read_place(text, r->family, &p, err);
	if (e < 0)
		return e;
	AUTO(mem) char *network = print(r->family, r->network);
	if (order(p, r->network) < 0 || order(p, r->last_of_all) > 0)
		return err_set(err, -EINVAL,
			       "address '%s' is not in the subnet '%s/%d' of network '%s'", text,
			       network, r->prefix, leases->network);
	const char *owner = own(r, p);
	if (owner)
		return err_set(err, -EINVAL,
			       "address '%s' is for %s in the subnet '%s/%d' of network '%s'", text,
			       owner, network, r->prefix, leases->network);
	*out = addr_of(r->family, p);
	const struct lease *other = who(leases, out);
	if (other)
		return err_set(err, -EADDRINUSE,
			       "address '%s' on network '%s' is that of container '%s'", text,
			       leases->network, other->name);
	return 0;
}

static bool kept_back(const struct leases *leases, const struct netlink_addr *addr)
{
	for (size_t i = 0; i < leases->kept_back->count; i++) {
		struct netlink_addr kept;
		if (netlink_addr_parse(leases->kept_back->items[i], &kept) == 0 &&
		    same_addr(&kept, addr))
			return true;
	}
	return false;
}

static int next_free(struct leases *leases, size_t at, struct netlink_addr *out, struct err *err)
{
	struct leases_range *r = &leases->range[at];
	struct place p = r->given, end = r->given;

	do {
		p = order(p, r->last) >= 0 || order(p, r->first) < 0 ? r->first : after(p);
		struct netlink_addr a = addr_of(r->family, p);
		if (own(r, p) || who(leases, &a) || kept_back(leases, &a))
			continue;
		r->given = p;
		*out = a;
		return 0;
	} while (order(p, end) != 0);
	(void)err_set(err, -EADDRNOTAVAIL, "network '%s' has no free %s address", leases->network,
		      families[at]);
	(void)err_hint(err,
		       "a container that stops gives its address back; a network with a larger "
		       "--subnet or --ip-range has more");
	return -EADDRNOTAVAIL;
}

static int take_addr(struct leases *leases, size_t at, const char *text, bool firm,
		     struct netlink_addr *out, struct err *err)
{
	int r = text ? check_wish(leases, at, text, out, firm ? err : NULL) : -ENOENT;

	if (r == 0 || (text && firm))
		return r;
	*out = (struct netlink_addr){ 0 };
	return leases->range[at].family ? next_free(leases, at, out, err) : 0;
}

/* --- link addresses --------------------------------------------------------------------------- */

static const char *who_mac(const struct leases *leases, const uint8_t *mac)
{
	for (size_t i = 0; i < leases->reserved_count; i++)
		if (memcmp(leases->reserved[i], mac, ETH_ALEN) == 0)
			return "the network itself";
	for (const struct lease *l = leases->all; l; l = l->next)
		if (memcmp(l->mac, mac, ETH_ALEN) == 0)
			return l->name;
	return NULL;
}

static int check_mac(const struct leases *leases, const char *text, uint8_t *out, struct err *err)
{
	static const uint8_t none[ETH_ALEN];
	struct ether_addr mac;

	if (!ether_aton_r(text, &mac) || (mac.ether_addr_octet[0] & 1) ||
	    memcmp(&mac, none, ETH_ALEN) == 0)
		return err_set(err, -EINVAL, "'%s' is no link address for an interface", text);
	const char *other = who_mac(leases, mac.ether_addr_octet);
	if (other)
		return err_set(err, -EADDRINUSE,
			       "link address '%s' on network '%s' is that of '%s'", text,
			       leases->network, other);
	memcpy(out, &mac, ETH_ALEN);
	return 0;
}

/* Locally administered, with the last four bytes of an address: the same one each time. */
static void derive_mac(const struct leases *leases, const struct lease *lease, uint8_t *out)
{
	const struct netlink_addr *a = &lease->addr[lease->addr[0].family == 0];

	out[0] = 2;
	out[1] = a->family == AF_INET ? 0 : 1;
	if (a->family == AF_INET)
		memcpy(out + 2, &a->in4, 4);
	else
		memcpy(out + 2, a->in6.s6_addr + 12, 4);
	/* Somebody may have wished for it; there are more of these than members. */
	while (who_mac(leases, out))
		out[1] = (uint8_t)(out[1] + 2);
}

static int take_mac(const struct leases *leases, const struct bridge_wish *wish,
		    struct lease *lease, struct err *err)
{
	int r = wish->mac ? check_mac(leases, wish->mac, lease->mac, wish->firm ? err : NULL)
			  : -ENOENT;

	if (r == 0 || (wish->mac && wish->firm))
		return r;
	derive_mac(leases, lease, lease->mac);
	return 0;
}

/* --- members ---------------------------------------------------------------------------------- */

static void lease_free(struct lease *lease)
{
	if (!lease)
		return;
	free(lease->container);
	free(lease->name);
	free(lease);
}

DEFINE_AUTO_PTR(lease, struct lease, lease_free)

int leases_take(struct leases *leases, const struct bridge_wish *wish, struct lease **out,
		struct err *err)
{
	const char *const texts[] = { wish->ip, wish->ip6 };
	AUTO(lease) struct lease *lease = mem_new(struct lease);
	int r = 0;

	for (size_t i = 0; i < 2 && r == 0; i++)
		r = take_addr(leases, i, texts[i], wish->firm, &lease->addr[i], err);
	if (r == 0)
		r = take_mac(leases, wish, lease, err);
	if (r < 0)
		return r;
	lease->container = str_dup(str_or(wish->container, ""));
	lease->name = str_dup(str_or(wish->name, lease->container));
	lease->next = leases->all;
	leases->all = lease;
	*out = take_ptr(lease);
	return 0;
}

void lease_rename(struct lease *lease, const char *name)
{
	if (name)
		str_set(&lease->name, name);
}

void leases_drop(struct leases *leases, struct lease *lease)
{
	for (struct lease **at = &leases->all; lease && *at; at = &(*at)->next)
		if (*at == lease) {
			*at = lease->next;
			lease_free(lease);
			return;
		}
}

void leases_clear(struct leases *leases)
{
	while (leases->all)
		leases_drop(leases, leases->all);
	*leases = (struct leases){ 0 };
}
