/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * doors - published TCP ports, which the container may serve itself on sockets of the host
 *
 * cubby-net serves a port until the container binds it: then it is told to leave the port, which its socket
 * keeps for it, and the container's becomes one of the host, bound to the port on the host. It can be one
 * socket only, so a port that is published twice stays with cubby-net; and so do all where clients shall
 * be hidden.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cubby-net/address.h"
#include "net/ports.h"

enum { DOORS_PORTS = 65536 };

struct doors {
	struct ports ports; /* as they are bound */
	int relay;	    /* cubby-net's ear (net/exchange.h) */
	bool hide_client;
	uint8_t taken[DOORS_PORTS / 8]; /* by port of the container */
};

/**
 * doors_place() - where a socket of the host takes the place of one of the container's
 * @doors:	all
 * @port:	of the container
 * @family:	of its socket
 * @v6only:	of an IPv6 one
 * @out:	the host's address, of @family; set on success only
 *
 * Return: 0; -ENOENT when one socket cannot serve it, or it is not published.
 */
must_check int doors_place(const struct doors *doors, int port, int family, bool v6only,
			   union address *out);

/**
 * doors_claim() - have cubby-net leave a port
 * @doors:	all
 * @port:	of the container
 *
 * Returns when cubby-net has, or is not there to do it.
 */
void doors_claim(struct doors *doors, int port);

/**
 * doors_inside() - where on the host a container finds its own port
 * @doors:	all
 * @to:		where it looks: itself
 * @out:	the host's address of the same family; set on success only
 *
 * Return: whether the port was claimed.
 */
bool doors_inside(const struct doors *doors, const union address *to, union address *out);
