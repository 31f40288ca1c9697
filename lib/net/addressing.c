/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * addressing - which subnets, gateways and ranges a new network gets
 *
 * The words are read first, each subnet becoming a part; gateways, ranges and routes then belong to the part
 * that has their address. What was not asked for is chosen last.
 */
#include "net/addressing.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"

enum { PARTS_MAX = 2, METRIC_MAX = INT32_MAX };

struct part {
	struct subnet net;
	bool asked;
	bool has_gateway;
	struct netlink_addr gateway;
	struct netlink_addr first;
	struct netlink_addr last;
	const char *range; /* as typed; NULL: there is none */
};

struct work {
	const struct addressing_wish *wish;
	const struct taken_list *taken;
	struct part parts[PARTS_MAX];
	size_t count;
};

/* ---- subnets that are asked for ---- */

static struct part *part_of(struct work *w, const struct netlink_addr *addr)
{
	for (size_t i = 0; i < w->count; i++)
		if (subnet_has(&w->parts[i].net, addr))
			return &w->parts[i];
	return NULL;
}

static bool has_family(const struct work *w, int family)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->parts[i].net.addr.family == family)
			return true;
	return false;
}

/* docker refuses an address of a machine where that of the network is meant; podman takes it so. */
static int settle_network(struct subnet *net, bool docker, const char *text, struct err *err)
{
	struct subnet proper = { subnet_first(net), net->prefix };

	if (docker && !subnet_is_network(net)) {
		AUTO(mem) char *meant = subnet_print(&proper);
		err_set(err, -EINVAL, "invalid subnet '%s': it is an address in a network", text);
		(void)err_hint(err, "give the network: --subnet %s", meant);
		return -EINVAL;
	}
	*net = proper;
	return 0;
}

static int check_free(const struct work *w, const struct subnet *net, const char *text,
		      struct err *err)
{
	const struct taken *other = taken_clash(w->taken, net, TAKEN_NETWORK);

	if (has_family(w, net->addr.family))
		return err_set(err, -EINVAL,
			       "the subnet '%s' is the second of its family: a network has one of "
			       "IPv4 and one of IPv6",
			       text);
	if (!other)
		return 0;
	AUTO(mem) char *theirs = subnet_print(&other->subnet);
	err_set(err, -EADDRINUSE, "the subnet '%s' overlaps '%s' of the network '%s'", text, theirs,
		other->name);
	(void)err_hint(err, "give another, or none: then a free one is chosen");
	return -EADDRINUSE;
}

static int add_subnet(struct work *w, const char *text, struct err *err)
{
	struct subnet net;

	if (subnet_parse(text, &net) < 0) {
		err_set(err, -EINVAL, "invalid subnet '%s'", text);
		(void)err_hint(err, "a subnet is an address and a number of bits: 10.89.7.0/24");
		return -EINVAL;
	}
	if (w->wish->no_ipv4 && net.addr.family == AF_INET)
		return err_set(err, -EINVAL,
			       "the subnet '%s' is one of IPv4, which is switched off", text);
	int r = settle_network(&net, w->wish->docker, text, err);
	if (r == 0)
		r = pool_check(&net, err);
	if (r == 0)
		r = check_free(w, &net, text, err);
	if (r == 0)
		w->parts[w->count++] = (struct part){ .net = net, .asked = true };
	return r;
}

/* ---- gateways ---- */

static bool equal(const struct netlink_addr *a, const struct netlink_addr *b)
{
	return a->family == b->family && subnet_address_order(a, b) == 0;
}

/* Of the two addresses of a /31 both are machines'. Source: RFC 3021, RFC 6164. */
static bool is_border(const struct subnet *net, const struct netlink_addr *addr)
{
	struct netlink_addr first = subnet_first(net), last = subnet_last(net);

	if (net->prefix == subnet_bits(net) - 1)
		return false;
	return equal(addr, &first) || (addr->family == AF_INET && equal(addr, &last));
}

static bool is_first(const struct subnet *net, const struct netlink_addr *addr)
{
	struct netlink_addr first = subnet_first(net);

	return equal(addr, &first);
}

/* Refuses what is none of the subnets' addresses, or none that a machine can have. */
static int find_part(struct work *w, const char *what, const char *text, struct part **out,
		     struct netlink_addr *out_addr, struct err *err)
{
	if (netlink_addr_parse(text, out_addr) < 0)
		return err_set(err, -EINVAL, "the %s '%s' is no address", what, text);
	struct part *part = part_of(w, out_addr);
	if (!part)
		return err_set(err, -EINVAL, "the %s '%s' is in no --subnet", what, text);
	if (is_border(&part->net, out_addr))
		return err_set(err, -EINVAL,
			       "the %s '%s' is the %s address of its subnet, which no machine has",
			       what, text, is_first(&part->net, out_addr) ? "first" : "last");
	*out = part;
	return 0;
}

static int add_gateway(struct work *w, const char *text, struct err *err)
{
	struct part *part;
	struct netlink_addr addr;
	int r = find_part(w, "gateway", text, &part, &addr, err);

	if (r < 0)
		return r;
	if (part->has_gateway)
		return err_set(err, -EINVAL, "the gateway '%s' is the second of its subnet", text);
	part->has_gateway = true;
	part->gateway = addr;
	return 0;
}

/* ---- ranges ---- */

static int bad_range(const char *text, const char *why, struct err *err)
{
	err_set(err, -EINVAL, "invalid range '%s': %s", text, why);
	(void)err_hint(err, "a range is a part of the subnet, as 10.89.7.128/25 or "
			    "10.89.7.10-10.89.7.20");
	return -EINVAL;
}

/* podman leaves the first address of such a part out, whether it is the subnet's own or not. */
static int read_range(const char *text, bool docker, struct netlink_addr *out_first,
		      struct netlink_addr *out_last, struct err *err)
{
	AUTO(mem) char *first = str_dup(text);
	const char *last = str_cut(first, '-');
	struct subnet range;

	if (last) {
		if (netlink_addr_parse(first, out_first) < 0 ||
		    netlink_addr_parse(last, out_last) < 0)
			return bad_range(text, "its ends are no addresses", err);
		return 0;
	}
	if (subnet_parse(text, &range) < 0)
		return bad_range(text, "it is neither CIDR nor FIRST-LAST", err);
	*out_first = subnet_first(&range);
	*out_last = subnet_last(&range);
	if (!docker && range.prefix < subnet_bits(&range))
		*out_first = subnet_address_add(out_first, 1);
	return 0;
}

static int add_range(struct work *w, const char *text, struct err *err)
{
	struct netlink_addr first, last;
	int r = read_range(text, w->wish->docker, &first, &last, err);

	if (r < 0)
		return r;
	struct part *part = part_of(w, &first);
	if (!part || !subnet_has(&part->net, &last))
		return bad_range(text, "it is in no --subnet", err);
	if (part->range)
		return bad_range(text, "it is the second of its subnet", err);
	/* The borders are not given out, so a range may end there. */
	if (is_border(&part->net, &first))
		first = subnet_address_add(&first, 1);
	if (is_border(&part->net, &last))
		last = subnet_address_add(&last, -1);
	if (subnet_address_order(&first, &last) > 0)
		return bad_range(text, "it ends before it begins", err);
	part->range = text;
	part->first = first;
	part->last = last;
	return 0;
}

/* ---- choosing ---- */

static int choose4(struct work *w, struct err *err)
{
	struct part part = { 0 };
	int r = pool_choose4(w->wish->docker, w->taken, &part.net, err);

	if (r == 0)
		w->parts[w->count++] = part;
	return r;
}

static int choose6(struct work *w, struct err *err)
{
	struct part part = { 0 };
	int r = pool_choose6(w->wish->random, w->taken, &part.net, err);

	if (r == 0)
		w->parts[w->count++] = part;
	return r;
}

static int choose(struct work *w, struct err *err)
{
	const struct addressing_wish *wish = w->wish;
	bool wants4 = !wish->no_ipv4 && (!w->count || wish->ipv4 || wish->ipv6);
	int r = 0;

	if (wish->no_ipv4 && !wish->ipv6 && !w->count)
		return err_set(err, -EINVAL, "a network needs IPv4 or IPv6: give --ipv6");
	if (wants4 && !has_family(w, AF_INET))
		r = choose4(w, err);
	if (r == 0 && wish->ipv6 && !has_family(w, AF_INET6))
		r = choose6(w, err);
	return r;
}

/* ---- what belongs to a subnet ---- */

static void settle_gateways(struct work *w)
{
	for (size_t i = 0; i < w->count; i++) {
		struct part *part = &w->parts[i];
		struct netlink_addr first = subnet_first(&part->net);
		if (!part->has_gateway)
			part->gateway = subnet_address_add(&first, 1);
	}
}

static int check_reserved(struct work *w, const char *text, struct err *err)
{
	AUTO(mem) char *name = str_dup(text);
	const char *value = str_cut(name, '=');
	struct netlink_addr addr;
	struct part *part;

	if (!value || !*name)
		return err_set(err, -EINVAL, "--aux-address '%s' is not NAME=ADDRESS", text);
	int r = find_part(w, "reserved address", value, &part, &addr, err);
	if (r == 0 && equal(&addr, &part->gateway))
		r = err_set(err, -EINVAL, "the reserved address '%s' is the gateway's", value);
	return r;
}

/* Every range has an address besides the gateway. */
static int check_room(const struct part *part, struct err *err)
{
	if (!part->range || !equal(&part->first, &part->last) ||
	    !equal(&part->first, &part->gateway))
		return 0;
	AUTO(mem) char *text = subnet_address_print(&part->gateway);
	return err_set(err, -EINVAL, "the range has no address besides the gateway '%s'", text);
}

static int bad_route(const char *text, const char *why, struct err *err)
{
	err_set(err, -EINVAL, "invalid route '%s': %s", text, why);
	(void)err_hint(err, "a route is DESTINATION,GATEWAY[,METRIC]: 10.21.0.0/24,10.89.7.2,100");
	return -EINVAL;
}

static int add_route(struct work *w, const char *text, struct addressing *out, struct err *err)
{
	AUTO(strv) struct strv words = { 0 };
	struct subnet to;
	struct netlink_addr via;
	uint64_t metric = 0;

	strv_split(&words, text, ',');
	if (words.count < 2 || words.count > 3)
		return bad_route(text, "it has not two or three parts", err);
	if (subnet_parse(words.items[0], &to) < 0 || !subnet_is_network(&to))
		return bad_route(text, "its destination is no network", err);
	if (netlink_addr_parse(words.items[1], &via) < 0)
		return bad_route(text, "its gateway is no address", err);
	if (!part_of(w, &via) || via.family != to.addr.family)
		return bad_route(text, "its gateway is in no subnet of this network", err);
	if (words.count == 3 && (str_u64(words.items[2], METRIC_MAX, &metric) < 0 || !metric))
		return bad_route(text, "its metric is no positive number", err);
	*vec_push(&out->routes) = (struct addressing_route){
		.to = subnet_print(&to),
		.via = subnet_address_print(&via),
		.metric = (int)metric,
	};
	return 0;
}

/* ---- all of it ---- */

typedef int add_word(struct work *w, const char *text, struct err *err);

static int add_words(struct work *w, const struct strv *words, add_word *add, struct err *err)
{
	int r = 0;

	for (size_t i = 0; words && i < words->count && r == 0; i++)
		r = add(w, words->items[i], err);
	return r;
}

/* A gateway or a range of a subnet that nobody knows yet says nothing. */
static int check_subnets_given(const struct addressing_wish *wish, struct err *err)
{
	const struct {
		const char *option;
		const struct strv *words;
	} parts[] = {
		{ "--gateway", wish->gateways },
		{ "--ip-range", wish->ranges },
		{ "--aux-address", wish->reserved },
	};

	for (size_t i = 0; i < array_len(parts); i++)
		if (parts[i].words && parts[i].words->count &&
		    !(wish->subnets && wish->subnets->count))
			return err_set(err, -EINVAL, "%s cannot be given without --subnet",
				       parts[i].option);
	return 0;
}

static int decide(struct work *w, struct err *err)
{
	const struct addressing_wish *wish = w->wish;
	int r = check_subnets_given(wish, err);

	if (r == 0)
		r = add_words(w, wish->subnets, add_subnet, err);
	if (r == 0)
		r = add_words(w, wish->gateways, add_gateway, err);
	if (r == 0)
		r = add_words(w, wish->ranges, add_range, err);
	if (r == 0)
		r = choose(w, err);
	if (r < 0)
		return r;
	settle_gateways(w);
	r = add_words(w, wish->reserved, check_reserved, err);
	for (size_t i = 0; i < w->count && r == 0; i++)
		r = check_room(&w->parts[i], err);
	return r;
}

static void tell(const struct part *part, struct addressing *out)
{
	*vec_push(out) = (struct addressing_subnet){
		.subnet = subnet_print(&part->net),
		.gateway = subnet_address_print(&part->gateway),
		.first = part->range ? subnet_address_print(&part->first) : NULL,
		.last = part->range ? subnet_address_print(&part->last) : NULL,
		.range = str_dup(part->range),
		.asked = part->asked,
	};
}

int addressing_plan(const struct addressing_wish *wish, const struct taken_list *taken,
		    struct addressing *out, struct err *err)
{
	AUTO(addressing) struct addressing plan = { 0 };
	struct work w = { .wish = wish, .taken = taken };

	int r = decide(&w, err);
	for (size_t i = 0; wish->routes && i < wish->routes->count && r == 0; i++)
		r = add_route(&w, wish->routes->items[i], &plan, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < w.count; i++)
		tell(&w.parts[i], &plan);
	*out = plan;
	plan = (struct addressing){ 0 };
	return 0;
}

void addressing_clear(struct addressing *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		free(plan->items[i].subnet);
		free(plan->items[i].gateway);
		free(plan->items[i].first);
		free(plan->items[i].last);
		free(plan->items[i].range);
	}
	for (size_t i = 0; i < plan->routes.count; i++) {
		free(plan->routes.items[i].to);
		free(plan->routes.items[i].via);
	}
	free(plan->items);
	free(plan->routes.items);
	*plan = (struct addressing){ 0 };
}
