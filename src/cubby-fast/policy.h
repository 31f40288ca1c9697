/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy - which of a container's connections may run on a socket of the host
 *
 * Pure. A socket of the host is for speed alone: it must reach nothing that the default network would not
 * reach. So whatever may mean something else inside than on the host stays inside, where the user-mode
 * stack carries it by its own rules:
 *
 *	loopback, unspecified, the container's own addresses	inside; but a published port that the
 *								container serves on a socket of the host
 *								is there (POLICY_DOOR)
 *	the gateway						this host (cubby-net/egress.h says how)
 *	the rest of the container's networks, the name server	inside
 *	link-local, multicast, broadcast, reserved		inside
 *	networks that were allowed				outside
 *	private ones (RFC 1918, RFC 4193, RFC 6598)		inside: they may be networks of the
 *								container's own making
 *	all else						outside
 *
 * A v4-mapped IPv6 address is judged as the IPv4 address that it holds.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cubby-net/address.h"
#include "net/config.h"
#include "net/fastnet.h"

enum policy_verdict { POLICY_INSIDE, POLICY_OUTSIDE, POLICY_HOST, POLICY_DOOR };

struct fastnets {
	struct fastnet *items;
	size_t count;
};

struct policy {
	struct fastnet own4, own6; /* family 0: without IPv6 */
	struct in_addr self4, gateway4;
	struct in6_addr self6, gateway6;
	struct fastnets never, private, allow;
};

/**
 * policy_init() - fix the rules
 * @policy:	filled in; lives as long as the process
 * @config:	what was asked
 * @plan:	addresses of the container's network
 * @err:	names a network that is none
 *
 * Return: 0 or -EINVAL.
 */
must_check int policy_init(struct policy *policy, const struct net_config *config,
			   const struct net_plan *plan, struct err *err);

/**
 * policy_read() - read a socket address as a process gave it
 * @bytes:	a copy of what it gave
 * @size:	bytes of it
 * @out:	set when it is an address of IPv4 or IPv6; all of @out that is not of it is 0
 *
 * Return: whether it is one.
 */
bool policy_read(const void *bytes, size_t size, union address *out);

/**
 * policy_unmap() - the IPv4 address that a v4-mapped one holds
 * @address:	becomes one of IPv4 if it was v4-mapped
 *
 * Return: whether it was.
 */
bool policy_unmap(union address *address);

/**
 * policy_map() - the opposite of policy_unmap()
 * @address:	of IPv4; becomes a v4-mapped one
 */
void policy_map(union address *address);

/**
 * policy_judge() - where a connection goes
 * @policy:	the rules
 * @to:		its target, unmapped
 *
 * Return: the verdict; POLICY_DOOR for every address at which the container finds itself.
 */
enum policy_verdict policy_judge(const struct policy *policy, const union address *to);
