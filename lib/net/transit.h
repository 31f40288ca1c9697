/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * transit - a network namespace between a container and the host, whose kernel speaks TCP with the container
 *
 * A pair of interfaces leads from the container into it. There every address is local: a socket that is bound to
 * the address which the container calls is that address, for the container, and the bytes never leave the
 * kernel. What opens a connection is kept from the kernel, and everything that is not TCP: these frames are
 * read from a packet socket, by who decides whether the connection may be (cubby-net/dialer.h) and by the
 * user-mode stack. A connection that may be is opened by handing its first packet in again, marked.
 *
 *	container ──pair──▶ [ filter ] ──▶ the kernel's TCP, once a connection is open
 *	              └─────────────────▶ packet socket: first packets of connections, and all else
 *
 * Who is where on the other side the kernel asks and is told (ARP, neighbour discovery), from whoever may claim
 * an address there (guard.h). What a packet says of its sender changes nothing.
 *
 * The packet socket holds the namespace. Who closes the last descriptor of it waits for the kernel, some
 * milliseconds, so a second process keeps one that nobody waits for (net/net.h), and it has the number of the standard
 * input, because the lowest is closed last.
 *
 * Needs sch_ingress, cls_bpf, veth and packet sockets of the kernel; who has not all of them uses a tap.
 * Source: packet(7), raw(7), ip(7) IP_TRANSPARENT, tc-bpf(8).
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "kern/netlink.h"

struct transit {
	int frames;  /* packet socket with headers (virtio_net_hdr), non-blocking */
	int raw;     /* takes whole packets of IPv4 */
	int raw6;    /* of IPv6; -1: there is none */
	int netlink; /* of the namespace */
};

/**
 * transit_enter() - go into such a namespace, and open what works on it
 * @frames:	the packet socket of one that has its interface already; negative: a new namespace
 * @proc:	a mounted /proc, any pid namespace's
 * @out:	descriptors, the caller's; set on success only. @frames stays the caller's
 * @err:	what failed
 *
 * The calling thread stays there. It needs CAP_SYS_ADMIN and CAP_NET_RAW in its user namespace.
 *
 * Return: 0 or a negative errno.
 */
must_check int transit_enter(int frames, int proc, struct transit *out, struct err *err);

/**
 * transit_close() - close the descriptors
 * @transit:	of transit_enter(); emptied
 */
void transit_close(struct transit *transit);

/* The pair of interfaces that leads into the namespace. */
struct transit_way {
	int netns;		/* where it comes from: a container's, or a bridge's */
	const char *interface;	/* its name there; it is left down */
	const uint8_t *mac;	/* its link address there */
	const uint8_t *gateway; /* that of everybody whom it leads to */
	struct netlink_addr gateway4,
		gateway6; /* in whose name neighbours are asked; of no family: of none */
	int mtu;
	bool large; /* it leads to a bridge */
	struct netlink_addr ip,
		ip6; /* who is known to be there, at @mac; of no family: nobody yet */
};

/**
 * transit_join() - lead a network through the namespace
 * @transit:	nothing leads through it yet; any thread may have made it
 * @way:	both ends
 * @err:	what failed
 *
 * Return: 0 or a negative errno; then nothing is left of the pair.
 */
must_check int transit_join(const struct transit *transit, const struct transit_way *way,
			    struct err *err);

/**
 * transit_listen() - begin to read frames
 * @transit:	that a container is joined to; one that is read already is read on
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int transit_listen(const struct transit *transit, struct err *err);
