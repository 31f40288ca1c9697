/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hub - the namespace of a network that containers share, and the bridge in it
 *
 *	br0	has the name servers' addresses, on an internal network the gateway's as well; what
 *		is for the subnets goes out there
 *	way...	a port, and all that leads out: to a transit namespace (net/transit.h), where everybody is at
 *		the gateway's link address. The bridge is told that for good, so no member can be taken for
 *		it, and sends nothing else there but broadcasts. None on an internal network.
 *	tap0	in its place where there cannot be a transit namespace: the stack is at that address
 *	m0...	the members' (lib/net/cable.c)
 *
 * Nothing is forwarded from one address to another. Members live on when their holder was killed: then a
 * new one finds all this there and makes the way out again.
 */
#pragma once

#include <net/ethernet.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "cubby-net/between.h"
#include "cubby-net/doors.h"
#include "cubby-net/leases.h"
#include "net/bridge.h"

struct hub {
	int netns; /* the namespace */
	int tap; /* non-blocking; -1 where there is a transit namespace, and on an internal network */
	bool paired; /* all that leads out leads through a transit namespace */
	struct doors doors;
};

/* Link address of br0, the same in every namespace. */
extern const uint8_t hub_mac[ETH_ALEN];

/**
 * hub_open() - make or enter the namespace, and set it up
 * @config:	the network
 * @leases:	its addresses
 * @netns:	of a holder that was killed, or -1
 * @keeper:	of its doors, or -1
 * @between:	zeroed; started here to make a transit namespace, after the network's own, and dropped where that cannot
 *		be; not looked at on an internal network
 * @tun:	/dev/net/tun, O_PATH; not needed but for a tap
 * @proc:	/proc, O_PATH
 * @out:	lives as long as the process; set on success only
 * @err:	what failed
 *
 * The calling thread stays where it is.
 *
 * Return: 0 or a negative errno.
 */
must_check int hub_open(const struct bridge_config *config, const struct leases *leases, int netns,
			int keeper, struct between *between, int tun, int proc, struct hub *out,
			struct err *err);

/**
 * hub_gateway_mac() - the link address of who leads out
 * @leases:	the network's addresses
 * @out:	ETH_ALEN bytes, filled in
 *
 * One for both families, because a transit namespace's interface has one.
 */
void hub_gateway_mac(const struct leases *leases, uint8_t *out);

/**
 * hub_mtu() - bytes of the network's largest packet
 * @config:	the network
 *
 * Return: what was asked for, or the default.
 */
int hub_mtu(const struct bridge_config *config);
