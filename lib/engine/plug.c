/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * plug - the networks of a container that is being started
 */
#include "engine/plug.h"

#include <errno.h>

#include "base/fd.h"
#include "base/str.h"
#include "net/outbound.h"
#include "net/ports.h"
#include "net/rate.h"
#include "net/traffic.h"

enum { RESTARTS_MAX = 10 };

/* ---- cubby-net: with a stack, or for ports alone ---- */

static int read_config(const struct plug *plug, const struct container_config *config,
		       const struct strv *bound, struct net_config *out, struct err *err)
{
	AUTO(strv) struct strv options = { 0 };

	strv_extend(&options, &config->network_options);
	strv_extend(&options, &plug->options);
	int r = net_config_load(&options, bound->count ? bound : &config->ports, out, err);

	if (r == 0 && config->publish_all && !bound->count)
		ports_publish_all(&config->expose, &out->ports);
	return r < 0 ? r : outbound_resolve(out, err);
}

static void take_relay(const struct member *member, struct net_relay *out)
{
	const struct bridge_lease *lease = &member->holding.lease;

	out->ip = str_dup(lease->ip);
	out->ip6 = str_dup(lease->ip6);
	out->gateway = str_dup(lease->gateway);
	out->gateway6 = str_dup(lease->gateway6);
}

/* What every cubby-net of this run is given: the page that it counts in, and sockets. */
static int give(struct plug *plug, const struct ports *ports, struct err *err)
{
	const struct activated_list *activated = plug->activated;

	if (plug->given.traffic >= 0)
		return 0;
	plug->given.traffic = traffic_make(&plug->limits);
	if (plug->given.traffic < 0)
		return err_sys(err, plug->given.traffic, "cannot count the container's traffic");
	for (size_t i = 0; activated && i < activated->count; i++)
		if (activated_serves(activated, i, ports))
			*vec_push(&plug->given.sockets) = activated->items[i].fd;
	return 0;
}

/* Return: 1 when there is one to be started, 0 when none is needed, or a negative errno. */
static int choose(const struct plug *plug, const struct container_config *config,
		  const struct strv *ports, struct net_config *out, struct err *err)
{
	const struct member *external = members_external(&plug->members);

	if (!plug->usual && !external)
		return 0;
	int r = read_config(plug, config, ports, out, err);
	if (r < 0)
		return r;
	if (plug->usual)
		return 1;
	take_relay(external, &out->relay);
	return out->ports.count > 0;
}

static int start_net(struct plug *plug, const struct host *host,
		     const struct container_config *config, const struct strv *ports, bool again,
		     struct err *err)
{
	AUTO(mem) char *program = host_helper(host, "cubby-net");
	AUTO(net_config) struct net_config net = { 0 };

	plug->relay = NULL;
	int r = choose(plug, config, ports, &net, err);
	if (r <= 0)
		return r;
	plug->relay = plug->usual ? NULL : members_external(&plug->members);
	net_plan_clear(&plug->plan);
	if (plug->usual)
		r = net_plan(&net, &plug->plan, err);
	if (r >= 0)
		r = give(plug, &net.ports, err);
	if (r < 0)
		return r;
	net.handed = &plug->given;
	net.again = again;
	net.fresh = plug->handed ? NULL : plug->fresh;
	r = net_start(program, &net, fast_doors(plug->fast), &plug->net, err);
	fd_close(take_fd(plug->spent)); /* while that begins */
	return r;
}

/* ---- a start ---- */

bool plug_usual(const struct container_config *config)
{
	const char *mode = str_or(config->network_mode, "slirp");

	return str_eq(mode, "slirp") ||
	       (str_eq(mode, "bridge") && endpoints_find(&config->endpoints, ENDPOINT_DEFAULT));
}

/* It begins when there is a namespace. */
static int start_pasta(struct plug *plug, const struct host *host,
		       const struct container_config *config, const struct strv *bound,
		       struct err *err)
{
	AUTO(ports) struct ports ports = { 0 };
	int r = ports_load(bound->count ? bound : &config->ports, &ports, err);

	return r < 0 ? r : pasta_new(host, &config->network_options, &ports, &plug->pasta, err);
}

int plug_start(struct plug *plug, const struct host *host, const struct container_config *config,
	       const struct strv *ports, struct err *err)
{
	AUTO(mem) char *program = host_helper(host, "cubby-fast");
	int r = 0;

	if (plug->ready)
		return 0;
	if (plug->usual && net_is_fast(&config->network_options))
		r = fast_start(program, &plug->fast, err);
	if (r == 0 && str_eq(config->network_mode, "pasta"))
		r = start_pasta(plug, host, config, ports, err);
	return r < 0 ? r : start_net(plug, host, config, ports, false, err);
}

int plug_hand(struct plug *plug, int netns, struct err *err)
{
	const struct members *members = &plug->members;
	int r = 0;

	if (plug->handed)
		return 0;
	plug->handed = true;
	for (size_t i = 0; i < members->count && r == 0; i++)
		r = member_plug(members->items[i], netns,
				members_routes(members, members->items[i], plug->usual),
				&plug->limits, err);
	if (r == 0 && plug->pasta)
		r = pasta_attach(plug->pasta, netns, err);
	/* Why cubby-net went is told by net_wait(). */
	if (r == 0 && plug->net)
		(void)!net_attach(plug->net, netns, -1, NULL);
	return r;
}

static int wait_net(struct plug *plug, struct strv *ports, struct err *err)
{
	AUTO(ports) struct ports bound = { 0 };

	int r = net_wait(plug->net, &bound, err);
	if (r < 0)
		return r;
	strv_clear(ports);
	ports_save(&bound, ports);
	fd_close(take_fd(plug->far));
	plug->far = net_far(plug->net);
	return 0;
}

/* With the ports as they are bound. */
static int attach_fast(struct plug *plug, const struct container_config *config,
		       const struct strv *bound, int netns, const char *again, struct err *err)
{
	AUTO(net_config) struct net_config net = { 0 };
	int r = read_config(plug, config, bound, &net, err);

	if (r < 0)
		return r;
	return again ? fast_again(plug->fast, again, &net, netns, err)
		     : fast_attach(plug->fast, &net, netns, err);
}

static int wait_pasta(struct plug *plug, struct container_state *state, struct err *err)
{
	net_plan_clear(&plug->plan);
	int r = pasta_wait(plug->pasta, &plug->plan, err);
	if (r < 0)
		return r;
	plug_show(plug, state);
	strv_clear(&state->ports);
	ports_save(pasta_ports(plug->pasta), &state->ports);
	return 0;
}

int plug_in(struct plug *plug, const struct container_config *config, int netns,
	    struct container_state *state, struct err *err)
{
	strv_clear(&state->ports);
	plug_show(plug, state);
	if (plug->ready)
		return 0;
	int r = plug_hand(plug, netns, err);
	if (r == 0 && plug->net)
		r = wait_net(plug, &state->ports, err);
	if (r == 0 && plug->pasta)
		r = wait_pasta(plug, state, err);
	if (r == 0 && plug->fast)
		r = attach_fast(plug, config, &state->ports, netns, NULL, err);
	plug->ready = r == 0;
	return r;
}

int plug_limit(struct plug *plug, const char *rate, int netns, struct err *err)
{
	struct rate limits = { 0 };
	int r = rate ? rate_parse(rate, &limits, err) : 0;

	if (r < 0 || (limits.up == plug->limits.up && limits.down == plug->limits.down))
		return r;
	plug->limits = limits;
	for (size_t i = 0; netns >= 0 && i < plug->members.count && r == 0; i++) {
		const struct member *m = plug->members.items[i];
		if (m->plugged)
			r = bridge_limit(m->holding.netns, netns, m->endpoint.interface, &limits,
					 err);
	}
	return r;
}

int plug_notice(const struct plug *plug)
{
	return fast_notice(plug->fast);
}

int plug_helper(const struct plug *plug, int at)
{
	const int all[] = { plug->net ? net_pidfd(plug->net) : -1, fast_pidfd(plug->fast),
			    pasta_pidfd(plug->pasta) };

	return (size_t)at < array_len(all) ? all[at] : -ENOENT;
}

static int start_again(struct plug *plug, const struct host *host,
		       const struct container_config *config, const struct container_state *state,
		       int netns, struct err *err)
{
	AUTO(ports) struct ports bound = { 0 };
	int r = start_net(plug, host, config, &state->ports, true, err);

	if (r < 0 || !plug->net)
		return r;
	(void)!net_attach(plug->net, netns, plug->far, NULL); /* net_wait() tells why not */
	r = net_wait(plug->net, &bound, err);
	if (r < 0)
		net_free(take_ptr(plug->net));
	return r;
}

static int pasta_again(struct plug *plug, int netns, struct err *err)
{
	int r = pasta_attach(plug->pasta, netns, err);

	if (r == 0) {
		net_plan_clear(&plug->plan);
		r = pasta_wait(plug->pasta, &plug->plan, err);
	}
	if (r < 0)
		pasta_free(take_ptr(plug->pasta));
	return r;
}

static const char *name_of(const struct plug *plug, int pidfd)
{
	if (pidfd == pasta_pidfd(plug->pasta))
		return "pasta";
	return pidfd == fast_pidfd(plug->fast) ? "cubby-fast" : "cubby-net";
}

int plug_again(struct plug *plug, int pidfd, const struct host *host,
	       const struct container_config *config, const struct container_state *state,
	       int netns, struct err *err)
{
	const bool fast = pidfd == fast_pidfd(plug->fast);
	const bool pasta = pidfd == pasta_pidfd(plug->pasta);
	AUTO(mem) char *program = host_helper(host, "cubby-fast");
	int r = 0;

	if (plug->restarts++ == RESTARTS_MAX)
		r = err_set(err, -ELOOP, "%s has ended %d times", name_of(plug, pidfd),
			    RESTARTS_MAX);
	if (!fast && !pasta)
		net_free(take_ptr(plug->net));
	if (r == 0 && pasta)
		return pasta_again(plug, netns, err);
	if (r < 0 && pasta)
		pasta_free(take_ptr(plug->pasta));
	if (r == 0)
		r = fast ? attach_fast(plug, config, &state->ports, netns, program, err)
			 : start_again(plug, host, config, state, netns, err);
	if (r < 0 && fast)
		fast_give_up(plug->fast);
	return r;
}

bool plug_stale(const struct plug *plug)
{
	const struct member *external = members_external(&plug->members);

	return !plug->usual && (plug->relay != external || (plug->net && !plug->relay));
}

int plug_renew(struct plug *plug, const struct host *host, const struct container_config *config,
	       struct container_state *state, int netns, struct err *err)
{
	net_free(take_ptr(plug->net));
	/* Its interface would go with it, but later. */
	if (plug->far >= 0 && plug->plan.interface)
		(void)!bridge_unplug(netns, plug->plan.interface, NULL);
	fd_close(take_fd(plug->far));
	net_plan_clear(&plug->plan);
	int r = start_net(plug, host, config, &state->ports, false, err);
	strv_clear(&state->ports);
	if (r < 0 || !plug->net)
		return r;
	(void)!net_attach(plug->net, netns, -1, NULL); /* net_wait() tells why not */
	r = wait_net(plug, &state->ports, err);
	if (r < 0)
		net_free(take_ptr(plug->net));
	return r;
}

void plug_forget(struct plug *plug, const struct member *member)
{
	/* It would be stale, but for one that is made at the same place. */
	if (plug->relay == member)
		plug->relay = NULL;
}

/* ---- what is told of it ---- */

static void add_address(struct strv *list, const char *address)
{
	if (address)
		strv_add(list, address);
}

/* The host is the gateway of the network that leads out. */
static const char *host_address(const struct plug *plug)
{
	const struct member *v4 = members_gateway(&plug->members, false);
	const struct member *v6 = members_gateway(&plug->members, true);

	if (plug->usual)
		return plug->plan.gateway;
	if (v4)
		return v4->holding.lease.gateway;
	return v6 ? v6->holding.lease.gateway6 : NULL;
}

void plug_view(const struct plug *plug, struct netfiles_net *out)
{
	const struct member *resolver = members_resolver(&plug->members);

	if (plug->usual || plug->pasta) {
		add_address(&out->addresses, plug->plan.ip);
		add_address(&out->addresses, plug->plan.ip6);
	}
	for (size_t i = 0; i < plug->members.count; i++) {
		const struct bridge_lease *lease = &plug->members.items[i]->holding.lease;
		add_address(&out->addresses, lease->ip);
		add_address(&out->addresses, lease->ip6);
	}
	str_set(&out->host, host_address(plug));
	if (plug->pasta) {
		AUTO(mem) char *host = pasta_host(plug->pasta, plug->plan.ip);
		str_set(&out->host, host);
		str_set(&out->server, pasta_dns(plug->pasta));
		return;
	}
	if (!resolver) {
		str_set(&out->server, plug->plan.dns);
		return;
	}
	const struct bridge_lease *lease = &resolver->holding.lease;
	str_set(&out->server, lease->dns ? lease->dns : lease->dns6);
	out->names = true;
}

static void show_plan(const struct net_plan *plan, const char *network, struct attachment *out)
{
	*out = (struct attachment){
		.network = str_dup(network),
		.interface = str_dup(plan->interface),
		.ip = str_dup(plan->ip),
		.prefix = plan->prefix,
		.ip6 = str_dup(plan->ip6),
		.prefix6 = plan->prefix6,
		.mac = str_dup(plan->mac),
		.gateway = str_dup(plan->gateway),
		.gateway6 = str_dup(plan->gateway6),
	};
}

void plug_show(const struct plug *plug, struct container_state *state)
{
	static const struct attachment none = { 0 };
	struct attachments *list = &state->attachments;

	while (list->count)
		attachments_drop(list, list->items[list->count - 1].network);
	if (plug->usual)
		show_plan(&plug->plan, ENDPOINT_DEFAULT, vec_push(list));
	if (plug->pasta)
		show_plan(&plug->plan, "pasta", vec_push(list));
	for (size_t i = 0; i < plug->members.count; i++)
		member_show(plug->members.items[i], vec_push(list));
	const struct attachment *first = list->count ? &list->items[0] : &none;
	str_set(&state->ip_address, first->ip);
	str_set(&state->ip6_address, first->ip6);
	str_set(&state->mac_address, first->mac);
	str_set(&state->gateway, first->gateway);
}

void plug_end(struct plug *plug)
{
	fast_free(take_ptr(plug->fast));
	net_free(take_ptr(plug->net));
	pasta_free(take_ptr(plug->pasta));
	net_plan_clear(&plug->plan);
	fd_close(take_fd(plug->spent));
	plug->spent = take_fd(plug->far);
	plug->handed = plug->ready = false;
	plug->restarts = 0;
	for (size_t i = 0; i < plug->members.count; i++)
		plug->members.items[i]->plugged = false;
	fd_close(take_fd(plug->given.traffic));
	free(plug->given.sockets.items);
	plug->given.sockets.items = NULL;
	plug->given.sockets.count = 0;
}
