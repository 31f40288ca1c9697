/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hub - the namespace of a network that containers share, and the bridge in it
 */
#include "cubby-net/hub.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/fd.h"
#include "kern/loopback.h"
#include "kern/netlink.h"
#include "kern/slots.h"
#include "kern/visit.h"
#include "net/config.h"
#include "net/netns.h"
#include "net/switches.h"

enum { NAME_PORT = 53 };

const uint8_t hub_mac[ETH_ALEN] = { 0x02, 'c', 'u', 'b', 'b', 'y' };

/* Of the port that leads out, which nobody speaks to. */
static const uint8_t way_mac[ETH_ALEN] = { 0x02, 'c', 'u', 'b', 'b', 'x' };

/* What the process that visits the namespace does. */
struct work {
	const struct bridge_config *config;
	const struct leases *leases;
	int netns;
	int keeper;
	struct between *between;
	int tun;
	int proc;
	struct hub hub;
	struct err *err;
};

static const struct {
	const char *path;
	const char *value;
} switches[] = {
	/* A host may forward by default. */
	{ "ipv4/ip_forward", "0" },
	{ "ipv6/conf/all/forwarding", "0" },
	{ "ipv6/conf/br0/accept_ra", "0" },
	{ "ipv6/conf/br0/accept_dad", "0" },
	{ "ipv4/conf/all/send_redirects", "0" },
};

void hub_gateway_mac(const struct leases *leases, uint8_t *out)
{
	const struct netlink_addr gateway4 = leases_gateway(leases, false);
	const struct netlink_addr gateway6 = leases_gateway(leases, true);

	netns_gateway_mac(gateway4.family ? &gateway4 : &gateway6, out);
}

int hub_mtu(const struct bridge_config *config)
{
	return config->mtu ? config->mtu : NET_MTU;
}

static int make_namespace(struct work *w)
{
	int r, tries = 0;

	do
		r = unshare(CLONE_NEWNET) < 0 ? -errno : 0;
	while (slots_await(r, &tries));
	if (r < 0)
		(void)err_sys(w->err, r, "cannot make a network namespace");
	if (r == -ENOSPC)
		return err_hint(w->err,
				"you have as many as 'sysctl user.max_net_namespaces' allows: "
				"remove containers, or raise it");
	return r;
}

static int enter(struct work *w)
{
	if (w->netns >= 0) {
		w->hub.netns = w->netns;
		return setns(w->netns, CLONE_NEWNET) < 0
			       ? err_sys(w->err, -errno, "cannot enter the network's namespace")
			       : 0;
	}
	int r = make_namespace(w);
	if (r < 0)
		return r;
	between_allow(w->between);
	w->hub.netns = openat(w->proc, "self/ns/net", O_RDONLY | O_CLOEXEC);
	if (w->hub.netns < 0)
		return err_sys(w->err, -errno, "cannot hold a network namespace");
	r = loopback_up();
	return r < 0 ? err_sys(w->err, r, "cannot switch on the loopback interface") : 0;
}

static int find_bridge(struct err *err)
{
	int index = (int)if_nametoindex(BRIDGE_NAME);

	return index ? index : err_sys(err, -errno, "cannot find the bridge");
}

/* --- the bridge ------------------------------------------------------------------------------- */

static void add_subnet(struct netlink_batch *b, int bridge, const struct work *w, bool six)
{
	const struct netlink_addr gateway = leases_gateway(w->leases, six);
	const int all = six ? 128 : 32;
	struct netlink_route members = {
		.to = leases_network(w->leases, six),
		.prefix = w->leases->range[six].prefix,
		.oif = bridge,
	};

	if (!members.to.family)
		return;
	bug_unless(netlink_addr_parse(six ? LEASES_DNS6 : LEASES_DNS, &members.src) == 0);
	netlink_address(b, bridge, &members.src, all);
	if (w->config->internal)
		netlink_address(b, bridge, &gateway, all);
	netlink_route_add(b, &members);
}

static int make_bridge(struct work *w, int sock)
{
	struct netlink_batch batch = { 0 };

	netlink_bridge(&batch, BRIDGE_NAME, hub_mtu(w->config), hub_mac);
	int r = netlink_apply(sock, &batch, w->err);
	int bridge = r < 0 ? r : find_bridge(w->err);
	if (bridge < 0)
		return bridge;
	for (size_t i = 0; i < array_len(switches); i++)
		switches_set(w->proc, switches[i].path, switches[i].value);
	netlink_link(&batch, bridge, 0, NULL, true);
	add_subnet(&batch, bridge, w, false);
	add_subnet(&batch, bridge, w, true);
	r = netlink_apply(sock, &batch, w->err);
	if (r == -EOPNOTSUPP && leases_network(w->leases, true).family)
		return err_hint(w->err,
				"this kernel has IPv6 switched off, perhaps by ipv6.disable=1: "
				"make the network without it");
	return r;
}

/* --- the way out ------------------------------------------------------------------------------ */

/* One that was killed a moment ago may still have its tap; then the next one gets another. */
static int open_tap(struct work *w, int *out_index)
{
	w->hub.tap = netns_tap_open(w->tun, w->proc, "tap0", out_index, w->err);
	if (w->hub.tap == -EBUSY)
		w->hub.tap = netns_tap_open(w->tun, w->proc, "tap%d", out_index, w->err);
	return w->hub.tap < 0 ? w->hub.tap : 0;
}

static int join_way(const struct work *w, const char *name, struct err *err)
{
	uint8_t gateway[ETH_ALEN];

	hub_gateway_mac(w->leases, gateway);
	return transit_join(&w->between->transit,
			    &(struct transit_way){
				    .netns = w->hub.netns,
				    .interface = name,
				    .mac = way_mac,
				    .gateway = gateway,
				    .gateway4 = leases_gateway(w->leases, false),
				    .gateway6 = leases_gateway(w->leases, true),
				    .mtu = hub_mtu(w->config),
				    .large = true,
			    },
			    err);
}

/* That of a holder which was killed a moment ago may still be there, so it has a name of its own. */
static int open_way(struct work *w, int *out_index, struct err *err)
{
	uint32_t number = 0;
	char name[IFNAMSIZ];
	int r = between_await(w->between, err);

	(void)!getrandom(&number, sizeof number, GRND_NONBLOCK);
	(void)snprintf(name, sizeof name, "way%x", number);
	if (r == 0)
		r = join_way(w, name, err);
	if (r == 0)
		*out_index = (int)if_nametoindex(name);
	return r == 0 && !*out_index ? err_sys(err, -errno, "cannot find the way out") : r;
}

/* Where there cannot be a transit namespace there is a tap. */
static int open_out(struct work *w, int *out_index)
{
	AUTO(err) struct err why = { 0 };

	w->hub.paired = open_way(w, out_index, &why) == 0;
	if (w->hub.paired)
		return 0;
	between_drop(w->between);
	if (w->tun >= 0)
		return open_tap(w, out_index);
	(void)err_set(w->err, -ENOENT, "cannot open '/dev/net/tun', nor do without: %s", why.text);
	return err_hint(w->err, "a way out needs it: sudo modprobe tun; without it there are "
				"--network host and networks made with --internal");
}

static int lead_out(struct work *w, int sock)
{
	struct netlink_batch batch = { 0 };
	int index = 0, bridge = find_bridge(w->err);
	uint8_t mac[ETH_ALEN];

	if (bridge < 0)
		return bridge;
	int r = open_out(w, &index);
	if (r < 0)
		return r;
	netlink_link(&batch, index, hub_mtu(w->config), NULL, true);
	netlink_port(&batch, index, bridge);
	hub_gateway_mac(w->leases, mac);
	netlink_forward(&batch, index, mac);
	return netlink_apply(sock, &batch, w->err);
}

/* --- all of it -------------------------------------------------------------------------------- */

static int open_doors(struct work *w)
{
	return doors_open(leases_network(w->leases, false).family ? LEASES_DNS : NULL,
			  leases_network(w->leases, true).family ? LEASES_DNS6 : NULL, NAME_PORT,
			  w->keeper, &w->hub.doors, w->err);
}

static int visit(void *data)
{
	struct work *w = data;
	int r = enter(w);

	if (r < 0)
		return r;
	AUTO(fd) int sock = netlink_open();
	if (sock < 0)
		return err_sys(w->err, sock, "cannot talk to the kernel's network");
	if (w->netns < 0)
		r = make_bridge(w, sock);
	if (r == 0 && !w->config->internal)
		r = lead_out(w, sock);
	return r < 0 ? r : open_doors(w);
}

int hub_open(const struct bridge_config *config, const struct leases *leases, int netns, int keeper,
	     struct between *between, int tun, int proc, struct hub *out, struct err *err)
{
	AUTO(err) struct err reason = { 0 };
	struct work w = {
		.config = config,
		.leases = leases,
		.netns = netns,
		.keeper = keeper,
		.between = between,
		.tun = tun,
		.proc = proc,
		.hub = { .netns = -1, .tap = -1 },
		.err = &reason,
	};
	int r = config->internal ? 0 : between_start(between, -1, proc, &reason);

	if (netns >= 0)
		between_allow(between);
	if (r == 0)
		r = visit_run(visit, &w);
	if (r < 0 && !reason.text)
		return err_sys(err, r, "cannot enter the network's namespace");
	if (r < 0)
		return err_move(err, &reason);
	*out = w.hub;
	return 0;
}
