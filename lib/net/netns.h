/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * netns - what a fresh network namespace needs before a container lives in it
 *
 * All functions work on the namespace that the calling thread is in, and need CAP_NET_ADMIN over it.
 */
#pragma once

#include <net/ethernet.h>
#include <stdint.h>

#include "base/err.h"
#include "kern/netlink.h"
#include "net/config.h"
#include "net/transit.h"

enum {
	NETNS_MARK = 0x63756262,  /* of connections that published ports make into the container */
	NETNS_TABLE = 0x63756262, /* routes such connections, and their answers, to loopback */
	NETNS_TABLE_UDP = 0x63756263, /* the same for the clients of published UDP ports */
	NETNS_RULE_PRIORITY = 100,
};

/**
 * netns_gateway_mac() - the link address that the user-mode stack answers at
 * @at:		the gateway
 * @out:	filled in
 *
 * What libslirp calls itself; no address has to be asked for.
 */
void netns_gateway_mac(const struct netlink_addr *at, uint8_t out[ETH_ALEN]);

/**
 * netns_tap_open() - make a tap, or open the one that is there
 * @tun:	/dev/net/tun, O_PATH: it is opened here, because its file belongs to the network
 *		namespace of the thread that opens it
 * @proc:	a mounted /proc, any pid namespace's
 * @interface:	its name
 * @out_index:	set on success only
 * @err:	what failed; a hint when the device may not be opened
 *
 * The tap stays when it is closed.
 *
 * Return: the descriptor, non-blocking, or a negative errno.
 */
must_check int netns_tap_open(int tun, int proc, const char *interface, int *out_index,
			      struct err *err);

/**
 * netns_bare() - what every network namespace of a container has, also with --network none
 * @proc:	a mounted /proc, any pid namespace's; negative opens the one at /proc
 * @err:	what failed
 *
 * Brings lo up, opens low ports and ping to every user, and leaves congestion to the links that may have
 * one. A switch that is missing or cannot be written is passed over.
 *
 * Return: 0 or a negative errno.
 */
must_check int netns_bare(int proc, struct err *err);

/**
 * netns_tap() - make the tap and configure everything as planned
 * @plan:	addresses
 * @ports:	published ports: their UDP answers are led back to cubby-net
 * @tun:	as netns_tap_open()
 * @proc:	as netns_bare()
 * @out_tap:	the tap's descriptor, non-blocking, owned by the caller; set on success only
 * @err:	what failed; a hint when the device may not be opened
 *
 * In a namespace that netns_bare() has seen. Its switches are not touched again: the user may have
 * set them otherwise since.
 *
 * Return: 0 or a negative errno.
 */
must_check int netns_tap(const struct net_plan *plan, const struct ports *ports, int tun, int proc,
			 int *out_tap, struct err *err);

/**
 * netns_pair() - lead through a transit namespace and configure everything as planned
 * @plan:	addresses
 * @ports:	as netns_tap()
 * @transit:	nothing leads through it yet
 * @proc:	as netns_bare()
 * @err:	what failed
 *
 * In a namespace that netns_bare() has seen, as netns_tap().
 *
 * Return: 0 or a negative errno.
 */
must_check int netns_pair(const struct net_plan *plan, const struct ports *ports,
			  const struct transit *transit, int proc, struct err *err);

/**
 * netns_relay() - what published ports need in a namespace that has its interfaces already
 * @plan:	addresses
 * @ports:	published ports: their answers are led back to cubby-net
 * @proc:	as netns_bare()
 * @err:	what failed
 *
 * Rules that an earlier cubby-net left are taken as they are.
 *
 * Return: 0 or a negative errno.
 */
must_check int netns_relay(const struct net_plan *plan, const struct ports *ports, int proc,
			   struct err *err);
