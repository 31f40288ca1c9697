/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cable - between a member and its network's bridge: a pair of interfaces, and the member's routes
 *
 * The pair is made in N, so that its far end is a port of the bridge from the start, and its near end is
 * born where it belongs. Addresses come before the interface is up: then it makes itself known by itself
 * (arp_notify), for those who knew the address elsewhere.
 *
 * The bridge is told for good at which port the member's link address is: a frame that another member sends
 * with that address as its own does not lead the answers there. Nor can another member claim its addresses
 * (guard.h), where the kernel has filters; most have, and a network without is none the less one.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <sched.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "kern/netlink.h"
#include "kern/visit.h"
#include "net/bridge.h"
#include "net/guard.h"
#include "net/netns.h"
#include "net/switches.h"

/* What is done in the member's namespace, and before it in N. */
struct cable {
	int netns;
	int container;
	int proc;
	const char *interface;
	const struct bridge_lease *lease;
	unsigned routes;
	const struct rate *rate;
	struct err *err;
};

/* Of limits: the largest packet and its head, and what interrupts one second a hundred times. */
enum { BURST_MIN = 64 << 10, BURST_MAX = 64 << 20 };

enum { GUARD_BLOCK = 1 }; /* in N there is no other */

static const struct {
	const char *family;
	const char *name;
	const char *value;
} switches[] = {
	/* The lease's addresses are the only ones, and nobody else has them. */
	{ "ipv6", "accept_ra", "0" },
	{ "ipv6", "accept_dad", "0" },
	{ "ipv4", "arp_notify", "1" },
	/* The way back need not be the way in: there may be several networks. */
	{ "ipv4", "rp_filter", "2" },
	{ "ipv6", "ndisc_notify", "1" },
};

/* Parses what a holder made. */
static int parse(const char *text, struct netlink_addr *out, struct err *err)
{
	return netlink_addr_parse(text, out) < 0
		       ? err_set(err, -EBADMSG, "'%s' is no address", text)
		       : 0;
}

static int parse_mac(const char *text, struct ether_addr *out, struct err *err)
{
	return ether_aton_r(str_or(text, ""), out)
		       ? 0
		       : err_set(err, -EBADMSG, "'%s' is no link address", str_or(text, ""));
}

static int enter(int netns, struct err *err)
{
	return setns(netns, CLONE_NEWNET) < 0
		       ? err_sys(err, -errno, "cannot enter a network namespace")
		       : 0;
}

static int find(const char *interface, struct err *err)
{
	int index = (int)if_nametoindex(interface);

	return index ? index : err_sys(err, -errno, "cannot find the interface '%s'", interface);
}

static int apply(struct netlink_batch *batch, struct err *err)
{
	AUTO(fd) int sock = netlink_open();

	return sock < 0 ? err_sys(err, sock, "cannot talk to the kernel's network")
			: netlink_apply(sock, batch, err);
}

/* --- in N ------------------------------------------------------------------------------------- */

/*
 * Chosen here, so that one exchange both makes the port and speaks of it. The kernel counts from 1; one that
 * is in use, which is one of a billion, is an error.
 */
static int port_index(void)
{
	int index = 0;

	(void)!getrandom(&index, sizeof index, GRND_NONBLOCK);
	return (index & INT_MAX) | 1 << 30;
}

static int add_guard(int port, const struct cable *c)
{
	struct netlink_batch batch = { 0 };
	struct netlink_addr ip = { 0 }, ip6 = { 0 };
	struct sock_filter ops[GUARD_MAX];
	AUTO(err) struct err why = { 0 };
	int r = c->lease->ip ? parse(c->lease->ip, &ip, c->err) : 0;

	if (r == 0 && c->lease->ip6)
		r = parse(c->lease->ip6, &ip6, c->err);
	if (r < 0)
		return r;
	size_t count = guard_make(&ip, &ip6, port, ops);
	netlink_screen_port(&batch, port, GUARD_BLOCK);
	netlink_screen(&batch, GUARD_BLOCK, guard_handle(&ip, &ip6), ops, (uint16_t)count);
	if (apply(&batch, &why) < 0)
		log_debug("addresses of '%s' are not guarded: %s", c->interface, why.text);
	return 0;
}

static int make_pair(const struct cable *c)
{
	struct netlink_batch batch = { 0 };
	struct ether_addr mac;
	int r = parse_mac(c->lease->mac, &mac, c->err);

	if (r == 0)
		r = enter(c->netns, c->err);
	int bridge = r < 0 ? r : find(BRIDGE_NAME, c->err);
	if (bridge < 0)
		return bridge;
	int port = port_index();
	netlink_veth(&batch, &(struct netlink_veth){
				     .far = "m%d",
				     .index = port,
				     .master = bridge,
				     .near = c->interface,
				     .netns = c->container,
				     .mac = mac.ether_addr_octet,
				     .mtu = c->lease->mtu,
				     .large = true,
			     });
	netlink_forward(&batch, port, mac.ether_addr_octet);
	r = apply(&batch, c->err);
	return r < 0 ? r : add_guard(port, c);
}

/* --- in the member's namespace ---------------------------------------------------------------- */

static int add_neighbour(struct netlink_batch *b, int index, const struct netlink_addr *addr,
			 const char *mac, struct err *err)
{
	struct ether_addr at;

	if (!mac)
		return 0;
	int r = parse_mac(mac, &at, err);
	if (r == 0)
		netlink_neighbour(b, index, addr, at.ether_addr_octet);
	return r;
}

struct family {
	int family;
	unsigned route;
	const char *ip;
	int prefix;
	const char *gateway, *gateway_mac;
	const char *dns;
};

static void read_families(const struct bridge_lease *l, struct family out[2])
{
	out[0] = (struct family){ AF_INET,    BRIDGE_ROUTE4,  l->ip, l->prefix,
				  l->gateway, l->gateway_mac, l->dns };
	out[1] = (struct family){ AF_INET6,    BRIDGE_ROUTE6,	l->ip6, l->prefix6,
				  l->gateway6, l->gateway6_mac, l->dns6 };
}

static int add_address(struct netlink_batch *b, int index, const struct family *f, struct err *err)
{
	struct netlink_addr ip, gateway;
	int r = parse(f->ip, &ip, err);

	if (r < 0)
		return r;
	netlink_address(b, index, &ip, f->prefix);
	if (!f->gateway)
		return 0;
	r = parse(f->gateway, &gateway, err);
	return r < 0 ? r : add_neighbour(b, index, &gateway, f->gateway_mac, err);
}

static int add_default(struct netlink_batch *b, int index, const struct family *f, struct err *err)
{
	struct netlink_route out = { .to.family = f->family, .oif = index };

	if (!f->gateway)
		return 0;
	int r = parse(f->gateway, &out.via, err);
	if (r == 0)
		netlink_route_add(b, &out);
	return r;
}

/* The name servers are neighbours, though of no subnet that the member has. */
static int add_dns(struct netlink_batch *b, int index, const struct family *f, const char *mac,
		   struct err *err)
{
	struct netlink_route out = { .prefix = f->family == AF_INET ? 32 : 128, .oif = index };

	if (!f->dns)
		return 0;
	int r = parse(f->dns, &out.to, err);
	if (r == 0)
		r = parse(f->ip, &out.src, err);
	if (r < 0)
		return r;
	netlink_route_add(b, &out);
	return add_neighbour(b, index, &out.to, mac, err);
}

static int add_routes(struct netlink_batch *b, int index, const struct cable *c)
{
	struct family families[2];
	int r = 0;

	read_families(c->lease, families);
	for (size_t i = 0; i < 2 && r == 0; i++) {
		const struct family *f = &families[i];
		if (!f->ip)
			continue;
		if (c->routes & f->route && !c->lease->internal)
			r = add_default(b, index, f, c->err);
		if (r == 0 && c->routes & BRIDGE_DNS)
			r = add_dns(b, index, f, c->lease->dns_mac, c->err);
	}
	return r;
}

/* The network's own routes. Their gateways are members, so they come after the addresses. */
static int add_path(struct netlink_batch *b, int index, const struct bridge_path *path,
		    struct err *err)
{
	AUTO(mem) char *to = str_dup(path->to);
	struct netlink_route out = { .oif = index, .metric = (uint32_t)path->metric };
	uint64_t bits = 0;
	const char *prefix = str_cut(to, '/');

	int r = parse(to, &out.to, err);
	if (r == 0)
		r = parse(path->via, &out.via, err);
	if (r < 0)
		return r;
	uint64_t most = out.to.family == AF_INET ? 32 : 128;
	if (str_u64(str_or(prefix, ""), most, &bits) < 0)
		return err_set(err, -EINVAL, "'%s' is no network", path->to);
	out.prefix = (int)bits;
	netlink_route_add(b, &out);
	return 0;
}

static int add_paths(int index, const struct cable *c)
{
	int r = 0;

	for (size_t i = 0; i < c->lease->paths.count && r == 0; i++) {
		struct netlink_batch batch = { 0 };
		r = add_path(&batch, index, &c->lease->paths.items[i], c->err);
		if (r == 0)
			r = apply(&batch, c->err);
	}
	return r;
}

static int set_up(const struct cable *c)
{
	struct netlink_batch batch = { 0 };
	struct family families[2];
	int index = find(c->interface, c->err), r = 0;

	if (index < 0)
		return index;
	for (size_t i = 0; i < array_len(switches); i++) {
		AUTO(mem)
		char *path = str_fmt("%s/conf/%s/%s", switches[i].family, c->interface,
				     switches[i].name);
		switches_set(c->proc, path, switches[i].value);
	}
	read_families(c->lease, families);
	for (size_t i = 0; i < 2 && r == 0; i++)
		if (families[i].ip)
			r = add_address(&batch, index, &families[i], c->err);
	netlink_link(&batch, index, 0, NULL, true);
	if (r == 0)
		r = add_routes(&batch, index, c);
	if (r == 0)
		r = apply(&batch, c->err);
	return r < 0 ? r : add_paths(index, c);
}

/* In the member's namespace. */
static int take_away(const struct cable *c, struct err *err)
{
	struct netlink_batch batch = { 0 };
	int index = find(c->interface, err);

	if (index < 0)
		return index;
	netlink_link_del(&batch, index);
	return apply(&batch, err);
}

static int visit_plug(void *data)
{
	const struct cable *c = data;
	int r = make_pair(c);

	if (r == 0)
		r = enter(c->container, c->err);
	if (r < 0)
		return r;
	r = set_up(c);
	/* Half an interface is none. */
	if (r < 0)
		(void)!take_away(c, NULL);
	return r;
}

static int visit_route(void *data)
{
	const struct cable *c = data;
	struct netlink_batch batch = { 0 };
	int r = enter(c->container, c->err);
	int index = r < 0 ? r : find(c->interface, c->err);

	if (index < 0)
		return index;
	r = add_routes(&batch, index, c);
	return r < 0 || !batch.count ? r : apply(&batch, c->err);
}

static int visit_unplug(void *data)
{
	const struct cable *c = data;
	int r = enter(c->container, c->err);

	return r < 0 ? r : take_away(c, c->err);
}

/* --- limits ----------------------------------------------------------------------------------- */

/* In the namespace where the process is. What passes at once is a hundredth of a second, or a packet. */
static int limit(int index, int64_t rate, const struct cable *c)
{
	struct netlink_batch batch = { 0 };
	int64_t burst = max_of(rate / 100, (int64_t)BURST_MIN);
	int r;

	if (rate) {
		netlink_limit(&batch, index, (uint64_t)rate,
			      (uint32_t)min_of(burst, (int64_t)BURST_MAX));
		r = apply(&batch, c->err);
	} else {
		netlink_limit_del(&batch, index);
		r = apply(&batch, NULL); /* most have none */
		r = r == -ENOENT || r == -EINVAL ? 0 : r;
	}
	if (r != -ENOENT && r != -EOPNOTSUPP)
		return r;
	err_clear(c->err);
	(void)err_set(c->err, -EOPNOTSUPP,
		      "cannot limit the interface '%s': this kernel has no tbf", c->interface);
	return err_hint(c->err,
			"sudo modprobe sch_tbf; the default network can be limited without");
}

static int visit_limit(void *data)
{
	const struct cable *c = data;
	int r = enter(c->container, c->err);
	int index = r < 0 ? r : find(c->interface, c->err);

	if (index < 0)
		return index;
	AUTO(fd) int sock = netlink_open();
	int port = sock < 0 ? sock : netlink_peer(sock, index);
	if (port < 0)
		return err_sys(c->err, port, "cannot find the other end of '%s'", c->interface);
	r = limit(index, c->rate->up, c);
	if (r == 0)
		r = enter(c->netns, c->err);
	return r < 0 ? r : limit(port, c->rate->down, c);
}

/* --- from outside ----------------------------------------------------------------------------- */

static int go(visit_fn fn, struct cable *c, struct err *err)
{
	AUTO(err) struct err reason = { 0 };

	c->err = &reason;
	int r = visit_run(fn, c);
	if (r < 0 && !reason.text)
		return err_sys(err, r, "cannot reach the container's network");
	return r < 0 ? err_move(err, &reason) : 0;
}

int bridge_plug(int netns, int container, int proc, const char *interface,
		const struct bridge_lease *lease, unsigned routes, struct err *err)
{
	AUTO(fd) int own = proc < 0 ? open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	struct cable c = { .netns = netns,
			   .container = container,
			   .proc = proc < 0 ? own : proc,
			   .interface = interface,
			   .lease = lease,
			   .routes = routes };

	if (c.proc < 0)
		return err_sys(err, -errno, "cannot open '/proc'");
	return go(visit_plug, &c, err);
}

int bridge_route(int container, const char *interface, const struct bridge_lease *lease,
		 unsigned routes, struct err *err)
{
	struct cable c = {
		.container = container, .interface = interface, .lease = lease, .routes = routes
	};

	return go(visit_route, &c, err);
}

int bridge_limit(int netns, int container, const char *interface, const struct rate *rate,
		 struct err *err)
{
	struct cable c = {
		.netns = netns, .container = container, .interface = interface, .rate = rate
	};

	return go(visit_limit, &c, err);
}

int bridge_unplug(int container, const char *interface, struct err *err)
{
	struct cable c = { .container = container, .interface = interface };

	return go(visit_unplug, &c, err);
}
