/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * egress - where the container's connections may go on the host
 *
 * The stack opens a host socket for each of the container's; every address that it connects or
 * sends to passes egress_target() first (main.c puts it before connect and sendto). The rules:
 *
 *	the gateway		is this host: its loopback when that was allowed, else its own address
 *				at that moment, where a service on 0.0.0.0 answers and one on 127.0.0.1
 *				refuses at once
 *	the name server		one of the host's resolvers, port 53 only (TCP; see dns.h for UDP)
 *	the host's loopback, unspecified and v4-mapped addresses
 *				refused, unless loopback was allowed
 *	all else		as it is: the kernel routes
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "cubby-net/resolver.h"
#include "net/config.h"

struct egress {
	struct in_addr gateway;
	struct in_addr dns;
	struct in6_addr network6; /* the container's; all of it is the gateway */
	int prefix6;		  /* its bits; 0: there is none */
	bool allow_loopback;
	struct resolver *resolver;
};

/**
 * egress_init() - fix the rules
 * @egress:	filled in
 * @plan:	addresses of the container's network
 * @allow_loopback:	whether the gateway leads to the host's loopback
 * @resolver:	the host's resolvers; must outlive @egress; not needed when @plan has no name server
 */
void egress_init(struct egress *egress, const struct net_plan *plan, bool allow_loopback,
		 struct resolver *resolver);

/**
 * egress_target() - where a connection shall really go
 * @egress:	the rules
 * @fd:		the stack's socket: where the target is of another family, a socket of that one is
 *		put in its place
 * @wanted:	what the stack asked for
 * @size:	of @wanted
 * @out:	the target; set on success only
 *
 * Return: the size of @out; -ECONNREFUSED when it may not go there.
 */
must_check int egress_target(const struct egress *egress, int fd, const struct sockaddr *wanted,
			     socklen_t size, struct sockaddr_storage *out);
