/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * outbound - the host's address that what leaves a container shows, where an interface is named for it
 */
#include "net/outbound.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>

#include "kern/reach.h"

enum { LOOPBACK = 1 }; /* number of that interface */

static bool fits(const struct reach *r, int family, const char *interface)
{
	bool local = family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&r->addr.in6);

	return r->address && r->addr.family == family && str_eq(r->interface, interface) && !local;
}

static int say_none(const char *interface, int family, struct err *err)
{
	if (if_nametoindex(interface) == LOOPBACK)
		return err_set(err, -EADDRNOTAVAIL,
			       "nothing leaves this host from its loopback interface '%s'",
			       interface);
	return err_set(err, -EADDRNOTAVAIL, "the host has no interface '%s' with an %s", interface,
		       family == AF_INET ? "IPv4 address"
					 : "IPv6 address that counts beyond the link");
}

static int resolve(char **slot, int family, struct err *err)
{
	AUTO(reach_list) struct reach_list list = { 0 };
	struct netlink_addr addr;
	char text[INET6_ADDRSTRLEN];

	if (!*slot || netlink_addr_parse(*slot, &addr) == 0)
		return 0;
	int r = reach_list(&list, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < list.count; i++)
		if (fits(&list.items[i], family, *slot)) {
			str_set(slot,
				inet_ntop(family, &list.items[i].addr.in6, text, sizeof text));
			return 0;
		}
	return say_none(*slot, family, err);
}

int outbound_resolve(struct net_config *config, struct err *err)
{
	int r = resolve(&config->outbound_addr, AF_INET, err);

	return r < 0 ? r : resolve(&config->outbound_addr6, AF_INET6, err);
}
