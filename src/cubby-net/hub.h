/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hub - the namespace of a network that containers share, and the bridge in it
 *
 *	br0	has the name servers' addresses, on an internal network the gateway's as well; what
 *		is for the subnets goes out there
 *	tap0	a port, and all that leads out: the stack is at the gateway's link address. The bridge
 *		is told that for good, so no member can be taken for it, and sends nothing else there
 *		but broadcasts. None on an internal network.
 *	m0...	the members' (lib/net/cable.c)
 *
 * Nothing is forwarded from one address to another. Members live on when their holder was killed: then a
 * new one finds all this there and opens the tap again.
 */
#pragma once

#include <net/ethernet.h>
#include <stdint.h>

#include "base/err.h"
#include "cubby-net/doors.h"
#include "cubby-net/leases.h"
#include "net/bridge.h"

struct hub {
	int netns; /* the namespace */
	int tap;   /* non-blocking; -1 on an internal network */
	struct doors doors;
};

/* Link address of br0, the same in every namespace. */
extern const uint8_t hub_mac[ETH_ALEN];

/**
 * hub_open() - make or enter the namespace, and set it up
 * @config:	the network
 * @leases:	its addresses
 * @netns:	of a holder that was killed, or -1
 * @tun:	/dev/net/tun, O_PATH; not needed on an internal network
 * @proc:	/proc, O_PATH
 * @out:	lives as long as the process; set on success only
 * @err:	what failed
 *
 * The calling thread stays where it is.
 *
 * Return: 0 or a negative errno.
 */
must_check int hub_open(const struct bridge_config *config, const struct leases *leases, int netns,
			int tun, int proc, struct hub *out, struct err *err);

/**
 * hub_mtu() - bytes of the network's largest packet
 * @config:	the network
 *
 * Return: what was asked for, or the default.
 */
int hub_mtu(const struct bridge_config *config);
