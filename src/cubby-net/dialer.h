/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dialer - the container calls: a socket of the host is connected before the container hears that it is
 *
 * Of a container whose TCP the kernel of a transit namespace speaks (net/transit.h) the main thread sees the
 * first packet of each connection alone. It connects a socket of the host to where that may go (egress.h), and
 * then hands both to the thread that joins them (outward.h). A connection that cannot be is refused with the
 * packet that says why (refusal.h).
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <uthash.h>

#include "base/err.h"
#include "cubby-net/address.h"
#include "cubby-net/clients.h"
#include "cubby-net/egress.h"
#include "cubby-net/tap.h"
#include "net/transit.h"

enum {
	DIAL_PACKET = 256, /* bytes; the first packet has no data, and heads of 120 at most */
	/* Under way at once, of one address and of all; of more the container asks again, as of lost ones. */
	DIAL_EACH = 4096,
	DIAL_MOST = 16384,
};

/* Who calls whom; all bytes count. */
struct dial_key {
	struct in6_addr from, to; /* an IPv4 address is in the first bytes */
	uint16_t from_port, to_port;
	uint32_t family;
};

enum dial_state {
	DIAL_OURS,   /* main's alone */
	DIAL_HANDED, /* the other thread's; main hands the packet in again */
	DIAL_DONE,   /* main's alone; nothing is left to do */
};

struct dial {
	struct client_item item; /* of main; the first member (clients.h) */
	_Atomic int state;
	struct dial_key key;
	union address from, to;
	int fd; /* of the host; handed along */
	uint8_t mac[ETH_ALEN];
	size_t size;
	uint8_t packet[DIAL_PACKET]; /* from the IP head on */
	UT_hash_handle hh;	     /* of main */
	struct dial *next_handed;    /* of main */
	/* of the other thread */
	int64_t until;
	UT_hash_handle waiting;
};

struct dialer;

struct dialer_args {
	const struct egress *egress;
	const struct net_config *config; /* source addresses of what leaves */
	const struct transit *transit;
	int out; /* a pipe, non-blocking: addresses of struct dial */
};

/**
 * dialer_new() - no calls yet
 * @args:	what it refers to must outlive the result
 * @out:	lives as long as the process; set on success only
 *
 * Return: 0 or a negative errno.
 */
must_check int dialer_new(const struct dialer_args *args, struct dialer **out);

/**
 * dialer_fd() - what to poll
 * @dialer:	the dialer
 *
 * Return: readable when dialer_serve() has something to do.
 */
int dialer_fd(const struct dialer *dialer);

/**
 * dialer_serve() - tell of connections that are there, or cannot be
 * @dialer:	the dialer
 * @tap:	where refusals go
 */
void dialer_serve(struct dialer *dialer, const struct tap *tap);

/**
 * dialer_frame() - take a frame that is TCP
 * @dialer:	the dialer
 * @tap:	where refusals go
 * @frame:	from the container, as hostile as may be; its checksum is complete
 * @size:	bytes
 *
 * Return: whether it was; it needs nothing more then.
 */
bool dialer_frame(struct dialer *dialer, const struct tap *tap, const uint8_t *frame, size_t size);

/**
 * dial_inject() - hand the first packet to the kernel
 * @dial:	handed
 * @transit:	where
 */
void dial_inject(const struct dial *dial, const struct transit *transit);

/**
 * dial_key_make() - the key of a call
 * @from:	who calls
 * @to:		of the same family
 * @out:	filled in
 */
void dial_key_make(const union address *from, const union address *to, struct dial_key *out);
