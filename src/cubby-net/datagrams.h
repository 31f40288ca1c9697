/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * datagrams - the container's UDP to the world: a socket of the host for each of its sockets
 *
 * What one of the container's sockets sends, to whom ever, leaves by one socket of the host, and whoever sends to
 * that one is heard. Where too many are under way, one gives way: of the address that has most of them, so nobody is
 * pushed out by a neighbour, the one that was silent for longest, in both directions. What routers and
 * hosts say of a datagram (ICMP) is repeated to who sent it.
 *
 * Source: RFC 768, RFC 4787 (endpoint-independent mapping and filtering), ip(7), ipv6(7): IP_RECVERR.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cubby-net/bucket.h"
#include "cubby-net/egress.h"
#include "cubby-net/tap.h"
#include "net/config.h"

/* Sockets at once, or a quarter of the process's descriptors where that is less; of one address half of them. */
enum { DATAGRAMS_MOST = 4096 };

struct datagrams;

/**
 * datagrams_new() - nobody has sent anything yet
 * @plan:	addresses of the container's network
 * @config:	source addresses of what leaves
 * @egress:	where it may go; must outlive the result
 * @out:	lives as long as the process; set on success only
 *
 * Return: 0 or a negative errno.
 */
must_check int datagrams_new(const struct net_plan *plan, const struct net_config *config,
			     const struct egress *egress, struct datagrams **out);

/**
 * datagrams_limit() - pay for what goes to the container
 * @datagrams:	without it nothing is paid
 * @down:	must outlive @datagrams
 */
void datagrams_limit(struct datagrams *datagrams, struct bucket *down);

/**
 * datagrams_frame() - take a frame that is UDP
 * @datagrams:	the sockets
 * @tap:	where refusals go
 * @frame:	from the container, as hostile as may be
 * @size:	bytes
 *
 * Return: whether it was; it needs nothing more then.
 */
bool datagrams_frame(struct datagrams *datagrams, const struct tap *tap, const uint8_t *frame,
		     size_t size);

/**
 * datagrams_fd() - what to poll
 * @datagrams:	the sockets
 *
 * Return: readable when datagrams_serve() has something to do.
 */
int datagrams_fd(const struct datagrams *datagrams);

/**
 * datagrams_serve() - hand what has come to the container
 * @datagrams:	the sockets
 * @tap:	the container's
 */
void datagrams_serve(struct datagrams *datagrams, const struct tap *tap);

/**
 * datagrams_sweep() - close what was silent for long
 * @datagrams:	the sockets
 *
 * Return: milliseconds until the next time; -1: not before something was sent.
 */
int datagrams_sweep(struct datagrams *datagrams);
