/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tap - frames from and to the container's interface, a large one for many
 *
 * What the container's kernel would cut into segments of the MTU, each with its checksum, only to have
 * them put together again here, comes as one frame of up to 64 KiB, and its checksum is made here:
 * netns_tap() asks for that. Each frame then has a header before it that says what is missing. A tap that
 * an earlier version made has none; both are served, and so is the packet socket of a transit namespace.
 *
 * Source: Documentation/networking/tuntap.rst of Linux; packet(7); VIRTIO 1.2 section 5.1.6 for the header.
 */
#pragma once

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macros.h"

enum {
	TAP_HEADER = sizeof(struct virtio_net_hdr),
	TAP_FRAME_MAX = 65536 + 64,
	TAP_BUFFER = TAP_HEADER + TAP_FRAME_MAX,
};

struct tap {
	int fd;
	bool headers;
};

/**
 * tap_init() - find out what kind of tap it is
 * @tap:	filled in
 * @fd:		of a tap or a packet socket, non-blocking; stays the caller's
 */
void tap_init(struct tap *tap, int fd);

/**
 * tap_receive() - take the next frame
 * @tap:	the tap
 * @buffer:	of TAP_BUFFER bytes
 * @out:	where in @buffer the frame begins; set when there is one
 *
 * Return: its bytes; 0 for one that cannot be used; -EAGAIN when there is none; another negative errno
 * when there will be none.
 */
must_check ssize_t tap_receive(const struct tap *tap, uint8_t *buffer, uint8_t **out);

/**
 * tap_send() - hand a frame to the container
 * @tap:	the tap
 * @frame:	whole, not larger than the MTU allows
 * @size:	bytes
 *
 * One that the container has no room for is lost, as on a wire.
 */
void tap_send(const struct tap *tap, const void *frame, size_t size);
