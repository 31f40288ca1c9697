/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * plug - the network of a container that is being started
 */
#include "engine/plug.h"

#include <errno.h>

#include "base/fd.h"
#include "base/str.h"
#include "net/ports.h"

enum { RESTARTS_MAX = 10 };

static int read_config(const struct container_config *config, const struct strv *bound,
		       struct net_config *out, struct err *err)
{
	int r = net_config_load(&config->network_options, bound->count ? bound : &config->ports,
				out, err);

	if (r == 0 && config->publish_all && !bound->count)
		ports_publish_all(&config->expose, &out->ports);
	return r;
}

int plug_start(const struct host *host, const struct container_config *config,
	       const struct strv *ports, struct plug *out, struct err *err)
{
	AUTO(plug) struct plug plug = { .tap = -1 };
	AUTO(net_config) struct net_config net = { 0 };

	if (!str_eq(str_or(config->network_mode, "slirp"), "slirp")) {
		*out = plug;
		return 0;
	}
	int r = read_config(config, ports, &net, err);
	if (r == 0)
		r = net_plan(&net, &plug.plan, err);
	if (r < 0)
		return r;
	AUTO(mem) char *program = host_helper(host, "cubby-net");
	r = net_start(program, &net, &plug.net, err);
	if (r < 0)
		return r;
	*out = plug;
	plug = (struct plug){ .tap = -1 };
	return 0;
}

void plug_hand(struct plug *plug, int netns)
{
	if (!plug->net || plug->handed)
		return;
	/* Why cubby-net went is told by net_wait(). */
	(void)!net_attach(plug->net, netns, -1, NULL);
	plug->handed = true;
}

int plug_in(struct plug *plug, int netns, struct container_state *state, struct err *err)
{
	AUTO(ports) struct ports bound = { 0 };

	strv_clear(&state->ports);
	str_set(&state->ip_address, plug->plan.ip);
	str_set(&state->ip6_address, plug->plan.ip6);
	str_set(&state->mac_address, plug->plan.mac);
	str_set(&state->gateway, plug->plan.gateway);
	if (!plug->net)
		return 0;
	plug_hand(plug, netns);
	int r = net_wait(plug->net, &bound, err);
	if (r < 0)
		return r;
	ports_save(&bound, &state->ports);
	plug->tap = net_tap(plug->net);
	return 0;
}

int plug_again(struct plug *plug, const struct host *host, const struct container_config *config,
	       const struct container_state *state, int netns, struct err *err)
{
	AUTO(net_config) struct net_config net = { 0 };
	AUTO(ports) struct ports bound = { 0 };
	AUTO(mem) char *program = host_helper(host, "cubby-net");

	net_free(take_ptr(plug->net));
	if (plug->restarts++ == RESTARTS_MAX)
		return err_set(err, -ELOOP, "cubby-net has ended %d times", RESTARTS_MAX);
	int r = net_config_load(&config->network_options, &state->ports, &net, err);
	if (r == 0)
		r = net_start(program, &net, &plug->net, err);
	if (r < 0)
		return r;
	(void)!net_attach(plug->net, netns, plug->tap, NULL); /* net_wait() tells why not */
	r = net_wait(plug->net, &bound, err);
	if (r < 0)
		net_free(take_ptr(plug->net));
	return r;
}

void plug_free(struct plug *plug)
{
	net_free(take_ptr(plug->net));
	net_plan_clear(&plug->plan);
	fd_close(take_fd(plug->tap));
}
