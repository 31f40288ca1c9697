/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inside - sockets in the container's network namespace that show it its clients
 *
 * For the thread that is in that namespace. A client whose address means something else in there
 * (loopback, the container's own) is shown as the gateway.
 */
#pragma once

#include <stdbool.h>

#include "base/macros.h"
#include "cubby-net/address.h"
#include "net/config.h"

/* Where the container is, and whom it shall see. */
struct inside {
	union address self4, self6; /* the container; family 0: without IPv6 */
	union address gateway4, gateway6;
	bool hide_client;
};

/**
 * inside_init() - where the container is
 * @inside:	filled in
 * @plan:	addresses
 * @hide_client:	show every client as the gateway
 */
void inside_init(struct inside *inside, const struct net_plan *plan, bool hide_client);

/**
 * inside_client() - the address that the container shall see for a client
 * @inside:	the container
 * @client:	of a listener
 * @family:	of the connection into the container
 * @out:	filled in: the client itself, or the gateway with port 0
 */
void inside_client(const struct inside *inside, const union address *client, int family,
		   union address *out);

/**
 * inside_target() - where the container serves
 * @inside:	the container
 * @family:	AF_INET or AF_INET6
 * @port:	of the container
 * @out:	filled in
 *
 * Return: whether the container has an address of that family.
 */
bool inside_target(const struct inside *inside, int family, int port, union address *out);

/**
 * inside_socket() - a socket that shows the container a client
 * @type:	SOCK_STREAM or SOCK_DGRAM; made non-blocking and close-on-exec
 * @as:		from inside_client()
 *
 * Where the address and port cannot be had, any port of that address is, and in the end the
 * container's own address.
 *
 * Return: the descriptor or a negative errno.
 */
must_check int inside_socket(int type, const union address *as);
