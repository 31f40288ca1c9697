/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guard - a filter that lets nobody else claim a member's addresses
 *
 * Whoever may send raw frames on a network could tell the others that a member's address is at its own link
 * address (ARP, neighbour discovery), and get what is for that member. The bridge knows by the port which member
 * a frame is from. So each member brings a filter that all ports have: what claims the member's address, and
 * comes from another port than the member's, is dropped. Other addresses may be claimed by everybody: containers
 * pass some on between them.
 *
 * Claims are: ARP with that sender; neighbour advertisements about it; solicitations from it. A frame that hides
 * what it says, behind a second VLAN tag or behind an extension header where only neighbour discovery has the
 * hop limit 255, is dropped too. Everything else ends at the first filter, whatever the number of members.
 *
 * Making the filter is pure; cable.c puts it there.
 */
#pragma once

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include "kern/netlink.h"

enum { GUARD_MAX = 64 };

/**
 * guard_make() - the filter of one member
 * @ip:		its address of IPv4; family 0: none
 * @ip6:	its address of IPv6; family 0: none
 * @port:	index of the bridge's port that is its own
 * @out:	room for GUARD_MAX instructions, for netlink_screen()
 *
 * Return: how many there are.
 */
size_t guard_make(const struct netlink_addr *ip, const struct netlink_addr *ip6, int port,
		  struct sock_filter *out);

/**
 * guard_handle() - by which number a member's filter is found again
 * @ip:		as guard_make()
 * @ip6:	as guard_make()
 *
 * Return: a number, not 0, that is the same for who has the addresses next.
 */
uint32_t guard_handle(const struct netlink_addr *ip, const struct netlink_addr *ip6);
