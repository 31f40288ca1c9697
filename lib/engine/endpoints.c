/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * endpoints - the networks that a container shall be on: finding and checking them
 */
#include "engine/endpoints.h"

#include <errno.h>
#include <stdlib.h>

#include "base/fd.h"
#include "engine/netargs.h"
#include "net/subnet.h"
#include "store/lock.h"

/* ---- finding ---- */

static int none_such(struct engine *engine, const char *text, struct err *err)
{
	AUTO(strv) struct strv names = { 0 };

	/* One that cannot be read is told of where it is used. */
	(void)!network_record_list(engine->store, &names, NULL);
	AUTO(mem) char *list = str_join(&names, ", ");
	(void)err_set(err, -ENOENT, "no network named '%s'", text);
	return err_hint(
		err,
		"there are bridge, none, host, slirp4netns, fast, pasta, container:NAME%s%s; "
		"make one: cubby network create %s",
		*list ? " and " : "", list, text);
}

int endpoints_find_network(struct engine *engine, const char *text, struct network_record **out,
			   struct err *err)
{
	AUTO(mem) char *name = NULL;
	int r = network_record_resolve(engine->store, text, &name, err);

	if (r == -ENOENT) {
		if (err)
			err_clear(err);
		return none_such(engine, text, err);
	}
	return r < 0 ? r : network_record_load(engine->store, name, out, err);
}

/* ---- what can be asked for ---- */

static const struct network_subnet *subnet_of(const struct network_record *network,
					      const struct subnet *address, struct subnet *out)
{
	for (size_t i = 0; i < network->subnets.count; i++)
		if (subnet_parse(network->subnets.items[i].subnet, out) == 0 &&
		    subnet_has(out, &address->addr))
			return &network->subnets.items[i];
	return NULL;
}

static bool same(const struct netlink_addr *a, const struct netlink_addr *b)
{
	return subnet_address_order(a, b) == 0;
}

static bool is_gateway(const struct network_subnet *record, const struct subnet *address)
{
	AUTO(mem) char *text = str_fmt("%s/%d", str_or(record->gateway, ""), subnet_bits(address));
	struct subnet gateway;

	return record->gateway && subnet_parse(text, &gateway) == 0 &&
	       same(&gateway.addr, &address->addr);
}

static int not_one_of(const struct network_record *network, const char *ip, struct err *err)
{
	AUTO(strv) struct strv subnets = { 0 };

	for (size_t i = 0; i < network->subnets.count; i++)
		strv_add(&subnets, network->subnets.items[i].subnet);
	AUTO(mem) char *list = str_join(&subnets, ", ");
	(void)err_set(err, -EINVAL, "the address '%s' is not one of the network '%s'", ip,
		      network->name);
	return err_hint(err, *list ? "its addresses are those of %s" : "it has no addresses", list);
}

static int check_address(const struct network_record *network, const char *ip, int bits,
			 struct err *err)
{
	AUTO(mem) char *text = str_fmt("%s/%d", str_or(ip, ""), bits);
	struct subnet address, subnet;

	if (!ip)
		return 0;
	const struct network_subnet *record =
		subnet_parse(text, &address) < 0 ? NULL : subnet_of(network, &address, &subnet);
	if (!record)
		return not_one_of(network, ip, err);
	const struct netlink_addr first = subnet_first(&subnet), last = subnet_last(&subnet);
	if (is_gateway(record, &address) || same(&first, &address.addr) ||
	    (bits == 32 && same(&last, &address.addr)))
		return err_set(err, -EINVAL,
			       "the address '%s' of the network '%s' is not for containers", ip,
			       network->name);
	return 0;
}

int endpoints_check(const struct network_record *network, const struct endpoint *endpoint,
		    struct err *err)
{
	int r = check_address(network, endpoint->ip, 32, err);

	return r < 0 ? r : check_address(network, endpoint->ip6, 128, err);
}

/* ---- a new container's ---- */

static int take_lock(struct engine *engine, const char *network, struct endpoint_locks *locks,
		     struct err *err)
{
	int fd = -1;
	int r = lock_take(engine->store, LOCK_NETWORK, network, LOCK_SHARED | LOCK_TRY, &fd, err);

	if (r == 0)
		*vec_push(locks) = fd;
	if (r == -EAGAIN)
		return err_set(err, -EBUSY, "another command is changing the network '%s'",
			       network);
	return r;
}

static int find_all(struct engine *engine, struct endpoints *list, struct err *err)
{
	for (size_t i = 0; i < list->count; i++) {
		AUTO(network_record) struct network_record *network = NULL;
		struct endpoint *e = &list->items[i];
		if (str_eq(e->network, ENDPOINT_DEFAULT))
			continue;
		int r = endpoints_find_network(engine, e->network, &network, err);
		if (r < 0)
			return r;
		str_set(&e->network, network->name);
		if (endpoints_find(list, e->network) != e)
			return err_set(err, -EINVAL, "--network '%s' is given twice", e->network);
	}
	return 0;
}

static int check_all(struct engine *engine, const struct endpoints *list, bool *out_external,
		     struct err *err)
{
	for (size_t i = 0; i < list->count; i++) {
		AUTO(network_record) struct network_record *network = NULL;
		const struct endpoint *e = &list->items[i];
		if (str_eq(e->network, ENDPOINT_DEFAULT)) {
			*out_external = true;
			continue;
		}
		int r = network_record_load(engine->store, e->network, &network, err);
		if (r == 0)
			r = endpoints_check(network, e, err);
		if (r < 0)
			return r;
		*out_external |= !network->internal;
	}
	return 0;
}

static int refuse_ports(const struct container_config *config, struct err *err)
{
	(void)err_set(err, -EINVAL, "ports cannot be published: the network '%s' is internal",
		      config->endpoints.items[0].network);
	return err_hint(err, "give it another network besides, or leave -p out");
}

int endpoints_expect(struct engine *engine, const struct create_args *args, struct err *err)
{
	AUTO(container_config) struct container_config *config = NULL;

	if (!args->networks.count)
		return 0;
	config = mem_new(struct container_config);
	int r = netargs_plan(args, config, err);
	return r < 0 ? r : find_all(engine, &config->endpoints, err);
}

int endpoints_resolve(struct engine *engine, struct container_config *config,
		      struct endpoint_locks *out, struct err *err)
{
	const struct endpoints *list = &config->endpoints;
	bool external = false;

	if (!str_eq(config->network_mode, "bridge"))
		return 0;
	int r = find_all(engine, &config->endpoints, err);
	for (size_t i = 0; i < list->count && r == 0; i++)
		if (!str_eq(list->items[i].network, ENDPOINT_DEFAULT))
			r = take_lock(engine, list->items[i].network, out, err);
	/* Whether all are still there, now that none can go. */
	if (r == 0)
		r = check_all(engine, &config->endpoints, &external, err);
	if (r == 0 && !external && config->ports.count)
		r = refuse_ports(config, err);
	return r;
}

void endpoint_locks_free(struct endpoint_locks *locks)
{
	for (size_t i = 0; i < locks->count; i++)
		fd_close(locks->items[i]);
	free(locks->items);
	*locks = (struct endpoint_locks){ 0 };
}
