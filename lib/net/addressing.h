/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * addressing - which subnets, gateways and ranges a new network gets
 *
 * Pure: what is wished for and what is taken come in, the addresses of the network or a refusal come out.
 *
 *   (1) no subnet overlaps that of another network, or another of the same network;
 *   (2) there is one subnet of each family at most;
 *   (3) the gateway is an address of its subnet, the first one unless asked otherwise, and besides it there is
 *	 room for a container;
 *   (4) what is chosen, not asked for, comes from the pool (net/pool.h).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "net/pool.h"
#include "net/taken.h"

struct addressing_wish {
	const struct strv *subnets; /* as typed, as all of these */
	const struct strv *gateways;
	const struct strv *ranges;   /* CIDR, or FIRST-LAST */
	const struct strv *reserved; /* NAME=ADDRESS */
	const struct strv *routes;   /* DESTINATION,GATEWAY[,METRIC] */
	bool ipv6;		     /* has a subnet of IPv6 in any case */
	bool ipv4; /* has one of IPv4, also beside one of IPv6 that is asked for */
	bool no_ipv4;
	bool docker; /* docker's private networks come first, and its reading of subnets and ranges */
	uint8_t random[POOL_RANDOM]; /* chooses the network of IPv6 */
};

struct addressing_subnet {
	char *subnet;
	char *gateway;
	char *first; /* of the range; NULL: all */
	char *last;
	char *range; /* as typed */
	bool asked;  /* not chosen */
};

struct addressing_route {
	char *to;
	char *via;
	int metric;
};

struct addressing {
	struct addressing_subnet *items;
	size_t count;
	struct {
		struct addressing_route *items;
		size_t count;
	} routes;
};

/**
 * addressing_plan() - decide the addresses of a new network
 * @wish:	what is asked for
 * @taken:	what is there
 * @out:	to be released with addressing_clear; set on success only
 * @err:	names the word that is wrong, or the network that has it
 *
 * Return: 0; -EINVAL; -EADDRINUSE when a subnet overlaps another network's; -EADDRNOTAVAIL when none is left.
 */
must_check int addressing_plan(const struct addressing_wish *wish, const struct taken_list *taken,
			       struct addressing *out, struct err *err);

/**
 * addressing_clear() - release a plan
 * @plan:	empty afterwards
 */
void addressing_clear(struct addressing *plan);

static inline void auto_addressing(struct addressing *plan)
{
	addressing_clear(plan);
}
