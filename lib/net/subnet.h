/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * subnet - ranges of addresses that have their first bits in common, of either family
 *
 * Pure. A struct subnet is any address with a number of bits; a network proper has no bit set behind them
 * (subnet_is_network). All else about addresses of networks is decided in net/addressing.h.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "kern/netlink.h"

struct subnet {
	struct netlink_addr addr;
	int prefix; /* bits that are in common */
};

/**
 * subnet_parse() - read ADDRESS/BITS
 * @text:	as typed
 * @out:	set on success only; the bits behind the prefix are as typed
 *
 * Return: 0 or -EINVAL.
 */
must_check int subnet_parse(const char *text, struct subnet *out);

/**
 * subnet_print() - ADDRESS/BITS
 * @subnet:	of either family
 *
 * Return: the text, to be freed; never NULL.
 */
must_check char *subnet_print(const struct subnet *subnet);

/**
 * subnet_address_print() - the text of an address
 * @addr:	of either family
 *
 * Return: the text, to be freed; never NULL.
 */
must_check char *subnet_address_print(const struct netlink_addr *addr);

/**
 * subnet_bits() - how many bits an address has
 * @subnet:	of either family
 *
 * Return: 32 or 128.
 */
int subnet_bits(const struct subnet *subnet);

/**
 * subnet_first() - the first of the addresses
 * @subnet:	of either family
 *
 * Return: by value; the address of the network.
 */
struct netlink_addr subnet_first(const struct subnet *subnet);

/**
 * subnet_last() - the last of the addresses
 * @subnet:	of either family
 *
 * Return: by value; for IPv4 the one that is for all.
 */
struct netlink_addr subnet_last(const struct subnet *subnet);

/**
 * subnet_is_network() - whether no bit is set behind the prefix
 * @subnet:	as read
 *
 * Return: whether none is.
 */
bool subnet_is_network(const struct subnet *subnet);

/**
 * subnet_has() - whether an address is one of a subnet's
 * @subnet:	of either family
 * @addr:	of either family
 *
 * Return: whether it is; never for an address of the other family.
 */
bool subnet_has(const struct subnet *subnet, const struct netlink_addr *addr);

/**
 * subnet_overlap() - whether two subnets have an address in common
 * @a:		of either family
 * @b:		of either family
 *
 * Return: whether they do; never for subnets of two families.
 */
bool subnet_overlap(const struct subnet *a, const struct subnet *b);

/**
 * subnet_address_add() - an address some places behind another
 * @addr:	of either family
 * @by:		how many; may be negative
 *
 * Beyond the last address it begins at the first again.
 *
 * Return: by value.
 */
struct netlink_addr subnet_address_add(const struct netlink_addr *addr, int64_t by);

/**
 * subnet_address_order() - which of two addresses of one family comes first
 * @a:		an address
 * @b:		of the same family
 *
 * Return: negative, zero or positive.
 */
int subnet_address_order(const struct netlink_addr *a, const struct netlink_addr *b);
