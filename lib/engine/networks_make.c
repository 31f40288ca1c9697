/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * networks_make - making a network
 *
 * Words are checked first, without a lock. Then LOCK_NETWORK of the empty name is held from looking at all
 * networks to having the record, so that two who make networks at once never choose the same subnet.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/fd.h"
#include "engine/netoptions.h"
#include "engine/networks.h"
#include "kern/reach.h"
#include "store/lock.h"

/* ---- the driver ---- */

static const struct {
	const char *driver, *why;
} other_drivers[] = {
	{ "host", "there is one already: --network host" },
	{ "ipvlan", "an interface of this host can be shared by root alone; the driver is bridge" },
	{ "macvlan",
	  "an interface of this host can be shared by root alone; the driver is bridge" },
	{ "none", "there is one already: --network none" },
	{ "null", "there is one already: --network none" },
	{ "overlay", "there are no clusters of machines; the driver is bridge" },
};

static int check_driver(const char *driver, struct err *err)
{
	const char *why = "the driver is bridge";

	if (!driver || str_eq(driver, "bridge"))
		return 0;
	for (size_t i = 0; i < array_len(other_drivers); i++)
		if (str_eq(other_drivers[i].driver, driver))
			why = other_drivers[i].why;
	err_set(err, -EOPNOTSUPP, "a network of the driver '%s' cannot be made", driver);
	(void)err_hint(err, "%s", why);
	return -EOPNOTSUPP;
}

static int check_ipam(const char *driver, struct err *err)
{
	if (!driver || str_eq(driver, "host-local") || str_eq(driver, "default"))
		return 0;
	err_set(err, -EOPNOTSUPP, "the IPAM driver '%s' is not there", driver);
	(void)err_hint(err, "%s; the driver is host-local, which docker calls default",
		       str_eq(driver, "dhcp")
			       ? "nobody serves DHCP on a network that no machine but this is on"
			       : "each container of a network has an address");
	return -EOPNOTSUPP;
}

static int check_dns(const struct strv *servers, struct err *err)
{
	struct netlink_addr addr;

	for (size_t i = 0; servers && i < servers->count; i++)
		if (netlink_addr_parse(servers->items[i], &addr) < 0)
			return err_set(err, -EINVAL, "--dns '%s' is no address", servers->items[i]);
	return 0;
}

static int check_words(const struct networks_wish *wish, struct err *err)
{
	int r = wish->name ? network_record_check_name(wish->name, err) : 0;

	if (r == 0)
		r = check_driver(wish->driver, err);
	if (r == 0)
		r = check_ipam(wish->ipam_driver, err);
	if (r == 0)
		r = check_dns(wish->dns, err);
	if (r == 0 && wish->interface)
		r = netoptions_interface(wish->interface, err);
	for (size_t i = 0; wish->labels && i < wish->labels->count && r == 0; i++)
		if (strcspn(wish->labels->items[i], "=") == 0)
			r = err_set(err, -EINVAL, "the label '%s' has no key",
				    wish->labels->items[i]);
	return r;
}

/* ---- what is there ---- */

static void take_reach(struct engine *engine, struct taken_list *out)
{
	AUTO(reach_list) struct reach_list reach = { 0 };
	AUTO(err) struct err err = { 0 };

	if (reach_list(&reach, &err) < 0)
		engine_warn(engine, "%s: a subnet may be chosen that it uses", err.text);
	for (size_t i = 0; i < reach.count; i++) {
		const struct reach *r = &reach.items[i];
		const struct subnet subnet = { r->addr, r->prefix };
		taken_add(out, &subnet, r->address ? TAKEN_LINK : TAKEN_ROUTE, r->interface);
	}
}

static void take_record(const struct network_record *record, enum taken_owner owner,
			struct taken_list *out)
{
	for (size_t i = 0; i < record->subnets.count; i++) {
		struct subnet subnet;
		if (subnet_parse(record->subnets.items[i].subnet, &subnet) == 0)
			taken_add(out, &subnet, owner, record->name);
	}
}

static void look_around(struct engine *engine, const struct networks *all, struct taken_list *out)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct network_record *record = all->items[i];
		bool builtin = networks_builtin(engine, record->name);
		take_record(record, builtin ? TAKEN_DEFAULT : TAKEN_NETWORK, out);
	}
	take_reach(engine, out);
}

static const struct network_record *of_name(const struct networks *all, const char *name)
{
	for (size_t i = 0; i < all->count; i++)
		if (str_eq(all->items[i]->name, name))
			return all->items[i];
	return NULL;
}

/* A damaged network has its name, too: what is asked of the file system is the last word. */
static int choose_name(const struct engine *engine, const char *name, char **out, struct err *err)
{
	if (name) {
		*out = str_dup(name);
		return 0;
	}
	for (unsigned int i = 1;; i++) {
		AUTO(mem) char *next = str_fmt("podman%u", i);
		AUTO(mem) char *found = NULL;
		int r = network_record_resolve(engine->store, next, &found, NULL);
		if (r == 0)
			continue;
		if (r != -ENOENT)
			return err_sys(err, r, "cannot choose a name");
		*out = take_ptr(next);
		return 0;
	}
}

/* ---- the record ---- */

static void take_addresses(const struct addressing *plan, struct network_record *record)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct addressing_subnet *s = &plan->items[i];
		*vec_push(&record->subnets) = (struct network_subnet){
			.subnet = str_dup(s->subnet),
			.gateway = str_dup(s->gateway),
			.first = str_dup(s->first),
			.last = str_dup(s->last),
			.range = str_dup(s->range),
		};
		record->ipv6 = record->ipv6 || strchr(s->subnet, ':');
	}
	for (size_t i = 0; i < plan->routes.count; i++) {
		const struct addressing_route *r = &plan->routes.items[i];
		*vec_push(&record->routes) = (struct network_route){
			.to = str_dup(r->to),
			.via = str_dup(r->via),
			.metric = r->metric,
		};
	}
}

static void add_words(struct strv *to, const struct strv *from)
{
	if (from)
		strv_extend(to, from);
}

/* A key alone has an empty value; the last of several values of one key counts. */
static void add_labels(struct strv *to, const struct strv *from)
{
	for (size_t i = 0; from && i < from->count; i++) {
		const char *end = strchr(from->items[i], '=') ? "" : "=";
		AUTO(mem) char *label = str_fmt("%s%s", from->items[i], end);
		strv_env_set(to, label);
	}
}

static int fill(const struct networks_wish *wish, const struct addressing *plan,
		struct network_record *record, struct err *err)
{
	record->driver = str_dup("bridge");
	record->ipam_driver = str_dup("host-local");
	record->interface = str_dup(wish->interface);
	record->internal = wish->internal;
	record->no_dns = wish->no_dns;
	add_labels(&record->labels, wish->labels);
	add_words(&record->options, wish->options);
	add_words(&record->dns, wish->dns);
	add_words(&record->reserved, wish->addresses.reserved);
	take_addresses(plan, record);
	return netoptions_check(record, err);
}

static int check_interface(const struct network_record *record, const struct networks *all,
			   struct err *err)
{
	for (size_t i = 0; record->interface && i < all->count; i++)
		if (str_eq(all->items[i]->interface, record->interface))
			return err_set(err, -EEXIST,
				       "the network '%s' has the interface '%s' already",
				       all->items[i]->name, record->interface);
	return 0;
}

static void warn_clashes(struct engine *engine, const struct addressing *plan,
			 const struct taken_list *taken)
{
	static const struct {
		enum taken_owner owner;
		const char *what;
	} clashes[] = {
		{ TAKEN_LINK, "a network of this host, on the interface" },
		{ TAKEN_ROUTE, "a network that this host reaches by the interface" },
		{ TAKEN_DEFAULT, "the default network" },
	};

	for (size_t i = 0; i < plan->count; i++)
		for (size_t k = 0; k < array_len(clashes) && plan->items[i].asked; k++) {
			struct subnet subnet;
			const struct taken *other = NULL;
			if (subnet_parse(plan->items[i].subnet, &subnet) == 0)
				other = taken_clash(taken, &subnet, clashes[k].owner);
			if (!other)
				continue;
			engine_warn(engine,
				    "the subnet '%s' overlaps %s '%s': containers do not reach "
				    "what is there",
				    plan->items[i].subnet, clashes[k].what, other->name);
			break;
		}
}

static int make(struct engine *engine, const struct networks_wish *wish,
		struct network_record **out, struct err *err)
{
	AUTO(networks) struct networks all = { 0 };
	AUTO(taken_list) struct taken_list taken = { 0 };
	AUTO(addressing) struct addressing plan = { 0 };
	AUTO(network_record) struct network_record *record = mem_new(struct network_record);
	struct addressing_wish addresses = wish->addresses;

	int r = networks_list(engine, &all, err);
	if (r == 0)
		r = choose_name(engine, wish->name, &record->name, err);
	if (r == 0 && of_name(&all, record->name))
		r = err_set(err, -EEXIST, "a network named '%s' is there already", record->name);
	if (r < 0)
		return r;
	look_around(engine, &all, &taken);
	addresses.docker = engine->docker;
	bug_unless(getrandom(addresses.random, sizeof addresses.random, 0) ==
		   sizeof addresses.random);
	r = addressing_plan(&addresses, &taken, &plan, err);
	if (r == 0)
		r = fill(wish, &plan, record, err);
	if (r == 0)
		r = check_interface(record, &all, err);
	if (r == 0)
		r = network_record_create(engine->store, record, out, err);
	if (r == 0)
		warn_clashes(engine, &plan, &taken);
	return r;
}

int networks_make(struct engine *engine, const struct networks_wish *wish,
		  struct network_record **out, struct err *err)
{
	AUTO(fd) int lock = -1;
	int r = check_words(wish, err);

	if (r == 0)
		r = store_check_writable(engine->store, err);
	if (r == 0)
		r = lock_take(engine->store, LOCK_NETWORK, "", LOCK_EXCLUSIVE, &lock, err);
	return r < 0 ? r : make(engine, wish, out, err);
}
