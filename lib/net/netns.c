/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * netns - what a fresh network namespace needs before a container lives in it
 */
#include "net/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "kern/loopback.h"
#include "kern/netlink.h"
#include "net/switches.h"
#include "net/transit.h"

enum { LOOPBACK_INDEX = 1, MAP_MAX = 64 << 10 };

struct netns_switch {
	const char *path; /* below /proc/sys/net */
	const char *value;
};

/* Our addresses are the only ones. */
static const struct netns_switch tap_switches[] = {
	{ "ipv6/conf/tap0/accept_ra", "0" },
	{ "ipv6/conf/tap0/accept_dad", "0" },
};

/* A published port's connection keeps its client's address: accepted sockets and refusals answer with
 * its mark, and lo takes foreign sources. */
static const struct netns_switch relay_switches[] = {
	{ "ipv4/tcp_fwmark_accept", "1" }, { "ipv4/fwmark_reflect", "1" },
	{ "ipv6/fwmark_reflect", "1" },	   { "ipv4/conf/all/rp_filter", "0" },
	{ "ipv4/conf/lo/rp_filter", "0" },
};

/*
 * The kernel compares groups by their numbers outside, and both ends must be mapped: the range that
 * holds every group of this namespace runs from the lowest to the highest of those.
 */
static void open_ping(int proc)
{
	AUTO(mem) char *map = NULL;
	AUTO(strv) struct strv lines = { 0 };
	char range[32] = "0 0";
	unsigned low = 0, high = 0, low_outside = UINT_MAX, high_outside = 0;

	if (file_read(proc, "self/gid_map", MAP_MAX, &map, NULL) < 0)
		return;
	strv_split(&lines, map, '\n');
	for (size_t i = 0; i < lines.count; i++) {
		unsigned inside, outside, count;
		if (sscanf(lines.items[i], "%u %u %u", &inside, &outside, &count) != 3 || !count)
			continue;
		if (outside < low_outside) {
			low = inside;
			low_outside = outside;
		}
		if (outside + count - 1 >= high_outside) {
			high = inside + count - 1;
			high_outside = outside + count - 1;
		}
	}
	if (low <= high)
		(void)snprintf(range, sizeof range, "%u %u", low, min_of(high, (unsigned)INT_MAX));
	switches_set(proc, "ipv4/ping_group_range", range);
}

static int own_proc(int proc)
{
	return proc >= 0 ? fd_dup(proc) : open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Any user may bind low ports and ping (BEHAVIOUR 21). */
static void open_to_users(int proc)
{
	switches_set(proc, "ipv4/ip_unprivileged_port_start", "0");
	open_ping(proc);
}

int netns_bare(int proc, struct err *err)
{
	AUTO(fd) int files = own_proc(proc);
	int r = loopback_up();

	if (r < 0)
		return err_sys(err, r, "cannot switch on the loopback interface");
	if (files < 0)
		return 0;
	open_to_users(files);
	switches_quicken(files);
	return 0;
}

/* Parses what net_plan() made. */
static struct netlink_addr planned(const char *text)
{
	struct netlink_addr a = { 0 };

	bug_unless(!text || netlink_addr_parse(text, &a) == 0);
	return a;
}

static int open_tun(int tun, int proc, struct err *err)
{
	AUTO(mem) char *path = str_fmt("self/fd/%d", tun);
	int fd = openat(proc, path, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	(void)err_sys(err, -errno, "cannot open '/dev/net/tun'");
	return err_hint(err, "a network of their own needs it: sudo modprobe tun; "
			     "sudo chmod 0666 /dev/net/tun; without it there is --network host");
}

static int make_tap(const char *interface, int tap, int *out_index, struct err *err)
{
	struct ifreq r = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };

	(void)snprintf(r.ifr_name, sizeof r.ifr_name, "%s", interface);
	if (ioctl(tap, TUNSETIFF, &r) < 0)
		return err_sys(err, -errno, "cannot make the interface '%s'", interface);
	/* What is for the host is not cut into packets first (cubby-net/tap.h), but for IPv6, of which libslirp drops
	 * what is longer than the MTU. */
	(void)ioctl(tap, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4); /* only faster */
	AUTO(fd) int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0 || ioctl(sock, SIOCGIFINDEX, &r) < 0)
		return err_sys(err, -errno, "cannot find the interface '%s'", interface);
	/* Closed, it stays until the namespace goes: the kernel takes both down in the background,
	 * where taking down a lone interface would make who closes it wait for a grace period. */
	if (ioctl(tap, TUNSETPERSIST, 1) < 0)
		return err_sys(err, -errno, "cannot keep the interface '%s'", interface);
	*out_index = r.ifr_ifindex;
	return 0;
}

int netns_tap_open(int tun, int proc, const char *interface, int *out_index, struct err *err)
{
	AUTO(fd) int tap = open_tun(tun, proc, err);
	int r = tap < 0 ? tap : make_tap(interface, tap, out_index, err);

	return r < 0 ? r : take_fd(tap);
}

void netns_gateway_mac(const struct netlink_addr *at, uint8_t out[ETH_ALEN])
{
	const uint8_t mac[2] = { 0x52, at->family == AF_INET ? 0x55 : 0x56 };

	memcpy(out, mac, sizeof mac);
	if (at->family == AF_INET)
		memcpy(out + 2, &at->in4, sizeof at->in4);
	else
		memcpy(out + 2, at->in6.s6_addr + 12, 4);
}

/* Where the stack answers at a tap, or where all are at the end of a pair (@pair). */
static void name_gateway(struct netlink_batch *b, int index, const struct netlink_addr *at,
			 const uint8_t *pair)
{
	uint8_t mac[ETH_ALEN];

	netns_gateway_mac(at, mac);
	netlink_neighbour(b, index, at, pair ? pair : mac);
}

static void lead_back(struct netlink_batch *b, int family)
{
	struct netlink_rule rule = {
		.family = family,
		.priority = NETNS_RULE_PRIORITY,
		.table = NETNS_TABLE,
		.mark = NETNS_MARK,
	};
	struct netlink_route all = {
		.to = { .family = family },
		.oif = LOOPBACK_INDEX,
		.table = NETNS_TABLE,
		.local = true,
	};

	netlink_rule_add(b, &rule);
	netlink_route_add(b, &all);
}

static int lead_back_udp(int sock, int family, const struct ports *ports, struct err *err)
{
	for (size_t i = 0; i < ports->count; i++) {
		const struct port_map *p = &ports->items[i];
		struct netlink_batch b = { 0 };
		struct netlink_rule rule = {
			.family = family,
			.priority = NETNS_RULE_PRIORITY + 1,
			.table = NETNS_TABLE_UDP,
			.protocol = IPPROTO_UDP,
			.sport = (uint16_t)p->container_port,
			.sport_last = (uint16_t)(p->container_port + p->range - 1),
		};
		if (!str_eq(p->protocol, "udp"))
			continue;
		netlink_rule_add(&b, &rule);
		int r = netlink_apply(sock, &b, err);
		if (r == -EEXIST) { /* two host ports lead to one */
			err_clear(err);
			r = 0;
		}
		if (r < 0)
			return r;
	}
	return 0;
}

static int lead_back_all(int sock, int family, const struct ports *ports, struct err *err)
{
	struct netlink_batch batch = { 0 };

	if (!ports->count)
		return 0;
	lead_back(&batch, family);
	int r = netlink_apply(sock, &batch, err);
	if (r == -EEXIST) { /* an earlier cubby-net's */
		err_clear(err);
		r = 0;
	}
	return r < 0 ? r : lead_back_udp(sock, family, ports, err);
}

static void configure(struct netlink_batch *b, const struct net_plan *plan, int index,
		      const uint8_t *pair)
{
	const struct netlink_addr ip = planned(plan->ip), gateway = planned(plan->gateway);
	const struct netlink_addr dns = planned(plan->dns);
	struct netlink_route out = { .to.family = AF_INET, .via = gateway, .oif = index };

	struct ether_addr mac;

	bug_unless(ether_aton_r(plan->mac, &mac));
	netlink_link(b, index, plan->mtu, mac.ether_addr_octet, true);
	netlink_address(b, index, &ip, plan->prefix);
	netlink_route_add(b, &out);
	name_gateway(b, index, &gateway, pair);
	name_gateway(b, index, &dns, pair);
}

static void configure6(struct netlink_batch *b, const struct net_plan *plan, int index,
		       const uint8_t *pair)
{
	const struct netlink_addr ip6 = planned(plan->ip6), gateway6 = planned(plan->gateway6);
	struct netlink_route out = { .to.family = AF_INET6, .via = gateway6, .oif = index };

	netlink_address(b, index, &ip6, plan->prefix6);
	netlink_route_add(b, &out);
	name_gateway(b, index, &gateway6, pair);
}

static int configure_all(const struct net_plan *plan, const struct ports *ports, int index,
			 const uint8_t *pair, struct err *err)
{
	struct netlink_batch batch = { 0 };

	AUTO(fd) int sock = netlink_open();
	if (sock < 0)
		return err_sys(err, sock, "cannot talk to the kernel's network");
	configure(&batch, plan, index, pair);
	int r = netlink_apply(sock, &batch, err);
	if (r == 0)
		r = lead_back_all(sock, AF_INET, ports, err);
	if (r < 0 || !plan->ip6)
		return r;
	/* A host without IPv6 has none to give. */
	configure6(&batch, plan, index, pair);
	r = netlink_apply(sock, &batch, err);
	if (r == 0)
		r = lead_back_all(sock, AF_INET6, ports, err);
	if (r < 0)
		err_clear(err);
	return 0;
}

static void write_switches(int proc, const struct netns_switch *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		switches_set(proc, list[i].path, list[i].value);
}

static void set_up_switches(int proc, const struct ports *ports)
{
	write_switches(proc, tap_switches, array_len(tap_switches));
	if (ports->count)
		write_switches(proc, relay_switches, array_len(relay_switches));
}

int netns_tap(const struct net_plan *plan, const struct ports *ports, int tun, int proc,
	      int *out_tap, struct err *err)
{
	AUTO(fd) int files = own_proc(proc);
	int index = 0;

	if (files < 0)
		return err_sys(err, -errno, "cannot open '/proc'");
	AUTO(fd) int tap = netns_tap_open(tun, files, plan->interface, &index, err);
	if (tap < 0)
		return tap;
	set_up_switches(files, ports);
	int r = configure_all(plan, ports, index, NULL, err);
	if (r == 0)
		*out_tap = take_fd(tap);
	return r;
}

int netns_pair(const struct net_plan *plan, const struct ports *ports,
	       const struct transit *transit, int proc, struct err *err)
{
	AUTO(fd) int files = own_proc(proc);
	AUTO(fd) int self = -1;
	struct transit_way way = {
		.interface = plan->interface,
		.mtu = plan->mtu,
		.ip = planned(plan->ip),
		.ip6 = planned(plan->ip6),
		.gateway4 = planned(plan->gateway),
		.gateway6 = planned(plan->gateway6),
	};
	struct ether_addr mac;
	uint8_t gateway[ETH_ALEN];

	if (files < 0)
		return err_sys(err, -errno, "cannot open '/proc'");
	self = openat(files, "thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (self < 0)
		return err_sys(err, -errno, "cannot open the container's network namespace");
	bug_unless(ether_aton_r(plan->mac, &mac));
	netns_gateway_mac(&way.gateway4, gateway);
	way.netns = self;
	way.mac = mac.ether_addr_octet;
	way.gateway = gateway;
	int r = transit_join(transit, &way, err);
	if (r < 0)
		return r;
	int index = (int)if_nametoindex(plan->interface);
	if (!index)
		return err_sys(err, -errno, "cannot find the interface '%s'", plan->interface);
	set_up_switches(files, ports);
	return configure_all(plan, ports, index, gateway, err);
}

int netns_relay(const struct net_plan *plan, const struct ports *ports, int proc, struct err *err)
{
	AUTO(fd) int files = own_proc(proc);
	int r = 0;

	if (files < 0)
		return err_sys(err, -errno, "cannot open '/proc'");
	write_switches(files, relay_switches, array_len(relay_switches));
	AUTO(fd) int sock = netlink_open();
	if (sock < 0)
		return err_sys(err, sock, "cannot talk to the kernel's network");
	if (plan->ip)
		r = lead_back_all(sock, AF_INET, ports, err);
	if (r == 0 && plan->ip6)
		r = lead_back_all(sock, AF_INET6, ports, err);
	return r;
}
