/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * udpframe - datagrams to the container as frames, and their heads
 *
 * Source: RFC 768, 791, 8200.
 */
#pragma once

#include <net/ethernet.h>
#include <stddef.h>
#include <stdint.h>

#include "cubby-net/address.h"
#include "cubby-net/bucket.h"
#include "cubby-net/tap.h"

enum {
	UDPFRAME_ROOM = 14 + 40 + 8 + 8, /* bytes before a payload, for heads */
	UDPFRAME_HEADS = 40 + 8,	 /* of a packet that is not cut, at most */
};

/* What leads to the container. */
struct udpframe_way {
	const struct tap *tap;
	struct bucket *paid; /* for all that is sent; or NULL */
	size_t mtu;
	uint16_t number; /* of the last packet that was cut */
};

/**
 * udpframe_send() - send a datagram, in fragments where it is longer than a packet
 * @way:	to the container
 * @macs:	2 * ETH_ALEN bytes: to whom, and from whom
 * @from:	as the container sees who has sent it
 * @to:		of the container, of the same family
 * @payload:	UDPFRAME_ROOM bytes lie before it; both are written over
 * @size:	of the payload
 */
void udpframe_send(struct udpframe_way *way, const uint8_t *macs, const union address *from,
		   const union address *to, uint8_t *payload, size_t size);

/**
 * udpframe_heads() - the heads of a datagram that is not there any more
 * @from:	who has sent it
 * @to:		to whom, of the same family
 * @size:	of its payload
 * @out:	room for UDPFRAME_HEADS bytes
 *
 * Return: bytes.
 */
size_t udpframe_heads(const union address *from, const union address *to, size_t size,
		      uint8_t *out);
