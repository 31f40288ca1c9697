/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * refusal - the packet that tells the container why a connection cannot be, or a datagram did not arrive
 *
 * Pure. A connection is refused by a reset, as a host sends it where nobody listens, a datagram by ICMP; a host or
 * network that is not reached is told by ICMP, as a router would.
 * Source: RFC 9293 3.10.7.1, RFC 792, RFC 4443 3.1.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "cubby-net/address.h"

enum {
	REFUSAL_QUOTE = 256, /* bytes of a packet that are sent back */
	REFUSAL_MAX = 14 + 40 + 8 + REFUSAL_QUOTE,
};

struct refusal_icmp {
	uint8_t type, code; /* of ICMP, or of ICMPv6 for a packet of IPv6 */
	uint32_t rest;	    /* of its head: an MTU, or 0 */
};

/**
 * refusal_make() - make the frame
 * @packet:	the first packet of the connection, or the datagram, from its IP head on, whose heads are known to
 *		be whole
 * @size:	bytes, at most REFUSAL_QUOTE
 * @mac:	ETH_ALEN bytes, of the container
 * @code:	why, a negative errno
 * @out:	room for REFUSAL_MAX bytes
 *
 * Return: bytes, or 0 where nothing is to be said: the container's own patience ends the matter.
 */
size_t refusal_make(const uint8_t *packet, size_t size, const uint8_t *mac, int code, uint8_t *out);

/**
 * refusal_relay() - make the frame that repeats what a router or host has said
 * @packet:	as for refusal_make()
 * @size:	bytes, at most REFUSAL_QUOTE
 * @mac:	ETH_ALEN bytes, of the container
 * @from:	who has said it, of the packet's family; NULL: who the packet was for
 * @said:	what
 * @out:	room for REFUSAL_MAX bytes
 *
 * Return: bytes.
 */
size_t refusal_relay(const uint8_t *packet, size_t size, const uint8_t *mac,
		     const union address *from, struct refusal_icmp said, uint8_t *out);
