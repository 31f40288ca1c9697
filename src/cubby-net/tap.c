/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tap - frames from and to the container's interface, a large one for many
 */
#include "cubby-net/tap.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "cubby-net/packet.h"

void tap_init(struct tap *tap, int fd)
{
	struct ifreq r = { 0 };
	int on = 0;
	socklen_t size = sizeof on;

	*tap = (struct tap){ .fd = fd };
	tap->headers = ioctl(fd, TUNGETIFF, &r) == 0
			       ? r.ifr_flags & IFF_VNET_HDR
			       : getsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, &size) == 0 && on;
}

/* The field holds the pseudo header's sum, and is part of what is added up. */
static bool complete(uint8_t *frame, size_t size, const struct virtio_net_hdr *head)
{
	size_t start = head->csum_start, field = start + head->csum_offset;

	if (start >= size || field + sizeof(uint16_t) > size)
		return false;
	uint16_t sum = packet_fold(packet_add(0, frame + start, size - start));
	if (!sum)
		sum = 0xffff; /* nothing is said by 0 in UDP, and all the same in TCP */
	memcpy(frame + field, &sum, sizeof sum);
	return true;
}

ssize_t tap_receive(const struct tap *tap, uint8_t *buffer, uint8_t **out)
{
	struct virtio_net_hdr head = { 0 };
	ssize_t n = read(tap->fd, buffer, TAP_BUFFER);

	/* A packet socket tells once that its interface is gone, as when the container removes it. */
	if (n < 0)
		return errno == EINTR || errno == ENETDOWN ? 0 : -errno;
	*out = buffer;
	if (!tap->headers)
		return n;
	if (n <= TAP_HEADER)
		return 0;
	memcpy(&head, buffer, sizeof head);
	*out = buffer + TAP_HEADER;
	n -= TAP_HEADER;
	if (head.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM && !complete(*out, (size_t)n, &head))
		return 0;
	return n;
}

void tap_send(const struct tap *tap, const void *frame, size_t size)
{
	static const struct virtio_net_hdr nothing_missing;
	const struct iovec parts[] = {
		{ (void *)&nothing_missing, sizeof nothing_missing },
		{ (void *)frame, size },
	};
	ssize_t n;

	do
		n = tap->headers ? writev(tap->fd, parts, 2) : write(tap->fd, frame, size);
	while (n < 0 && errno == EINTR);
}
