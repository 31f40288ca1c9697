/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * leases - which member of a network has which addresses
 *
 * Nothing but memory. Invariants: (1) no two members have an address or a link address in common; (2) what
 * a member has lies in the subnet of its family, and is not the network's own: its first address, that
 * for all (IPv4), the gateway, the name servers; (3) a member has one address of each subnet.
 *
 * Who wishes for nothing gets the address behind the one that was given last, beginning again behind the
 * end, so one that just became free is not somebody else's at once. A range narrows what is given
 * so; who asks for an address may have any of the subnet.
 */
#pragma once

#include <net/ethernet.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "kern/netlink.h"
#include "net/bridge.h"

/* Who answers for names, the same on every network. */
#define LEASES_DNS "169.254.1.1"
#define LEASES_DNS6 "fd00:6375:6262:79::53"

/* An address as a number; IPv4 is in the low half alone. */
struct place {
	uint64_t high, low;
};

struct lease {
	char *container;
	char *name;
	struct netlink_addr addr[2]; /* IPv4, IPv6; family 0: none */
	uint8_t mac[ETH_ALEN];
	struct lease *next;
};

struct leases_range {
	int family; /* 0: there is no subnet of that family */
	int prefix;
	bool pair; /* two addresses in all, and none of them the network's own */
	struct place network;
	struct place last_of_all; /* of the subnet */
	struct place gateway;
	struct place dns;
	struct place first, last; /* given unasked */
	struct place given;	  /* the last one that was */
};

struct leases {
	const char *network;	      /* its name, for sentences */
	const struct strv *kept_back; /* addresses that nobody is given unasked */
	struct leases_range range[2];
	uint8_t reserved[3][ETH_ALEN]; /* link addresses of the network's own */
	size_t reserved_count;
	struct lease *all;
};

/**
 * leases_init() - nobody has an address
 * @leases:	filled in; to be released with leases_clear
 * @config:	the network; must outlive @leases
 * @err:	names the subnet or address that is wrong
 *
 * Return: 0 or -EINVAL.
 */
must_check int leases_init(struct leases *leases, const struct bridge_config *config,
			   struct err *err);

/**
 * leases_reserve() - a link address that no member may have
 * @leases:	nobody has it
 * @mac:	ETH_ALEN bytes
 */
void leases_reserve(struct leases *leases, const uint8_t *mac);

/**
 * leases_network() - the first address of a subnet
 * @leases:	read
 * @six:	of IPv6
 *
 * Return: by value; family 0 without such a subnet.
 */
struct netlink_addr leases_network(const struct leases *leases, bool six);

/**
 * leases_gateway() - the gateway of a subnet
 * @leases:	read
 * @six:	of IPv6
 *
 * Return: by value; family 0 without such a subnet.
 */
struct netlink_addr leases_gateway(const struct leases *leases, bool six);

/**
 * leases_take() - give a member its addresses
 * @leases:	grows
 * @wish:	who it is, and what it would like
 * @out:	belongs to @leases until leases_drop(); set on success only
 * @err:	names the address that is not to be had, and who has it
 *
 * Return: 0; for a firm wish -EADDRINUSE when it is somebody's and -EINVAL when no member can have it;
 * -EADDRNOTAVAIL when none is left.
 */
must_check int leases_take(struct leases *leases, const struct bridge_wish *wish,
			   struct lease **out, struct err *err);

/**
 * lease_rename() - what a member is called in sentences from now on
 * @lease:	somebody's
 * @name:	copied; NULL leaves it
 */
void lease_rename(struct lease *lease, const char *name);

/**
 * leases_drop() - its addresses are free
 * @leases:	shrinks
 * @lease:	released; may be NULL
 */
void leases_drop(struct leases *leases, struct lease *lease);

/**
 * leases_clear() - release all
 * @leases:	empty afterwards
 */
void leases_clear(struct leases *leases);

static inline void auto_leases(struct leases *leases)
{
	leases_clear(leases);
}
