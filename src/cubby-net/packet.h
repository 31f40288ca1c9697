/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * packet - the heads of the container's IP packets, and the sums that are in heads
 *
 * Pure. Source: RFC 791, 8200, 1071.
 */
#pragma once

#include <net/ethernet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cubby-net/address.h"

/* The link address that frames to the container come from: nobody's in particular, and nobody asks for it. */
extern const uint8_t packet_sender[ETH_ALEN];

struct packet {
	const uint8_t *at; /* the IP head */
	size_t size;	   /* of the packet */
	size_t body;	   /* where what follows the IP head begins */
	uint8_t protocol;
	uint8_t hops;		/* left */
	union address from, to; /* port 0 */
};

/**
 * packet_read() - find the heads of a frame
 * @frame:	an Ethernet frame of the container, as hostile as may be
 * @size:	bytes
 * @out:	what it holds; refers to @frame
 *
 * Return: whether it is an IP packet that is whole and no fragment. Extension heads of IPv6 are left as they are.
 */
bool packet_read(const uint8_t *frame, size_t size, struct packet *out);

/**
 * packet_add() - add words to a sum
 * @sum:	0, or what is added so far
 * @data:	where it begins; an odd byte at the end counts as if 0 followed
 * @size:	bytes; an even number but for the last of a sum
 *
 * Return: the sum, for packet_fold().
 */
uint64_t packet_add(uint64_t sum, const void *data, size_t size);

/**
 * packet_add_pseudo() - add what stands for the IP head in the sums of TCP, UDP and ICMPv6
 * @from:	addresses as they are in the head: ports are not looked at
 * @to:		of the same family
 * @protocol:	of what follows the head
 * @size:	its bytes
 *
 * Return: the sum, for packet_add() and packet_fold().
 */
uint64_t packet_add_pseudo(const union address *from, const union address *to, uint8_t protocol,
			   size_t size);

/**
 * packet_fold() - the sum as it stands in a head
 * @sum:	of packet_add()
 *
 * Return: the 16 bits, in the order of the data.
 */
uint16_t packet_fold(uint64_t sum);
