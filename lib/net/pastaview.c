/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pastaview - which addresses a pasta has given
 */
#include "net/pastaview.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "kern/reach.h"

enum { TABLE_MAX = 64 << 10 };

static char *print(const struct netlink_addr *addr)
{
	char text[INET6_ADDRSTRLEN];

	return str_dup(inet_ntop(addr->family, &addr->in6, text, sizeof text));
}

static bool is_local(const struct netlink_addr *addr)
{
	return addr->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&addr->in6);
}

static void take_address(const struct reach *r, struct net_plan *out)
{
	char **slot = r->addr.family == AF_INET ? &out->ip : &out->ip6;

	if (!r->address || is_local(&r->addr) || *slot)
		return;
	*slot = print(&r->addr);
	*(r->addr.family == AF_INET ? &out->prefix : &out->prefix6) = r->prefix;
	str_set(&out->interface, r->interface);
}

static void take_mac(struct net_plan *out)
{
	struct ifreq r = { 0 };
	AUTO(fd) int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const uint8_t *m = (const uint8_t *)r.ifr_hwaddr.sa_data;

	(void)snprintf(r.ifr_name, sizeof r.ifr_name, "%s", str_or(out->interface, ""));
	if (sock >= 0 && ioctl(sock, SIOCGIFHWADDR, &r) == 0)
		out->mac = str_fmt("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4],
				   m[5]);
}

/* Of /proc/net/route: interface, destination, gateway, each number as it lies in memory. */
static char *read_gateway(const char *line)
{
	struct netlink_addr via = { .family = AF_INET };
	unsigned int to, gateway;

	if (sscanf(line, "%*s %x %x", &to, &gateway) != 2 || to || !gateway)
		return NULL;
	via.in4.s_addr = gateway;
	return print(&via);
}

/* Of /proc/net/ipv6_route: destination, prefix, source, prefix, gateway. */
static char *read_gateway6(const char *line)
{
	struct netlink_addr via = { .family = AF_INET6 };
	char gateway[33];
	unsigned int prefix;

	if (sscanf(line, "%*s %x %*s %*s %32s", &prefix, gateway) != 2 || prefix ||
	    !gateway[strspn(gateway, "0")])
		return NULL;
	for (int i = 0; i < 16; i++)
		if (sscanf(gateway + 2 * i, "%2hhx", &via.in6.s6_addr[i]) != 1)
			return NULL;
	return print(&via);
}

static void take_gateway(const char *path, char *(*read_line)(const char *), char **out)
{
	AUTO(mem) char *text = NULL;
	AUTO(strv) struct strv lines = { 0 };

	if (file_read(AT_FDCWD, path, TABLE_MAX, &text, NULL) < 0)
		return;
	strv_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.count && !*out; i++)
		*out = read_line(lines.items[i]);
}

int pastaview_read(struct net_plan *out, struct err *err)
{
	AUTO(reach_list) struct reach_list list = { 0 };
	int r = reach_list(&list, err);

	for (size_t i = 0; i < list.count && r == 0; i++)
		take_address(&list.items[i], out);
	if (r < 0)
		return r;
	take_mac(out);
	take_gateway("/proc/self/net/route", read_gateway, &out->gateway);
	take_gateway("/proc/self/net/ipv6_route", read_gateway6, &out->gateway6);
	return 0;
}

char *pastaview_other(const char * not )
{
	AUTO(reach_list) struct reach_list list = { 0 };

	if (reach_list(&list, NULL) < 0)
		return NULL;
	for (size_t i = 0; i < list.count; i++) {
		const struct reach *r = &list.items[i];
		AUTO(mem)
		char *ip = r->address && r->addr.family == AF_INET ? print(&r->addr) : NULL;
		if (ip && !str_eq(ip, not ))
			return take_ptr(ip);
	}
	return NULL;
}
