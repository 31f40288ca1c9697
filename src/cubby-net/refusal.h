/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * refusal - the packet that tells the container why a connection cannot be
 *
 * Pure. A refusal is a reset, as a host sends it where nobody listens; a host or network that is not reached is
 * told by ICMP, as a router would.
 * Source: RFC 9293 3.10.7.1, RFC 792, RFC 4443 3.1.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { REFUSAL_MAX = 14 + 40 + 8 + 256 };

/**
 * refusal_make() - make the frame
 * @packet:	the first packet of the connection, from its IP head on, whose heads are known to be whole
 * @size:	bytes, at most 256
 * @mac:	ETH_ALEN bytes, of the container
 * @code:	why, a negative errno
 * @out:	room for REFUSAL_MAX bytes
 *
 * Return: bytes, or 0 where nothing is to be said: the container's own patience ends the matter.
 */
size_t refusal_make(const uint8_t *packet, size_t size, const uint8_t *mac, int code, uint8_t *out);
