/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fastnet - a network that --network fast:allow= names
 *
 * Pure.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>

#include "base/err.h"

struct fastnet {
	int family; /* AF_INET or AF_INET6 */
	union {
		struct in_addr in4;
		struct in6_addr in6;
	};
	int prefix; /* bits */
};

/**
 * fastnet_parse() - read a network
 * @text:	"10.1.0.0/16", "fd12::/48"; an address alone is itself
 * @out:	set on success only
 * @err:	names @text
 *
 * Return: 0 or -EINVAL.
 */
must_check int fastnet_parse(const char *text, struct fastnet *out, struct err *err);

/**
 * fastnet_has4() - whether an IPv4 address lies in a network
 * @net:	of either family
 * @ip:		the address
 *
 * Return: the answer.
 */
bool fastnet_has4(const struct fastnet *net, struct in_addr ip);

/**
 * fastnet_has6() - whether an IPv6 address lies in a network
 * @net:	of either family
 * @ip:		the address
 *
 * Return: the answer.
 */
bool fastnet_has6(const struct fastnet *net, const struct in6_addr *ip);
