/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fragments - IPv4 packets of the container put together, before libslirp sees them
 *
 * libslirp (4.7) writes over its own memory where fragments are made to that end, so it gets none. The
 * container's kernel sends the fragments of a packet in order over a tap that keeps the order; so whatever does
 * not begin where the last one ended, or is empty, drops the packet. That leaves nothing to overlap.
 *
 * Source: RFC 791 section 3.2; RFC 1858 and 5722 for what overlaps are used for.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

enum { FRAGMENTS_SLOTS = 8 };

struct fragments {
	struct datagram {
		uint8_t *frame; /* as it grows; kept for the next */
		size_t size;
		size_t head; /* bytes before the payload; 0: free */
	} slots[FRAGMENTS_SLOTS];
	size_t next; /* gives way to a new one */
};

/**
 * fragments_take() - look at a frame of the container
 * @fragments:	zeroed before the first
 * @frame:	an Ethernet frame
 * @size:	bytes
 * @out:	@frame where it is no fragment; where it completes a packet that packet's frame, valid until
 *		the next call
 *
 * Return: the bytes of @out, or 0 when there is nothing to go on with.
 */
must_check size_t fragments_take(struct fragments *fragments, uint8_t *frame, size_t size,
				 uint8_t **out);
