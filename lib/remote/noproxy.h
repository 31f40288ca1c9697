/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * noproxy - which registries are reached without the proxy
 *
 * $no_proxy as podman, docker and everything written in Go reads it: names and addresses, with commas or
 * spaces between them.
 *
 *	example.com	that name and all below it	.example.com	all below it (also *.example.com)
 *	192.0.2.1	that address			192.0.2.0/24	those addresses
 *	name:5000, 192.0.2.1:5000, [2001:db8::1]:5000	that port only
 *	*		everything
 *
 * This machine's own loopback is never asked of a proxy.
 */
#pragma once

#include <stdbool.h>

#include "base/macros.h"

/**
 * noproxy_matches() - whether a host is reached without the proxy
 * @list:	value of the variable, or NULL
 * @host:	name or address; one of IPv6 may stand in brackets
 * @port:	number
 *
 * Return: whether it is.
 */
must_check bool noproxy_matches(const char *list, const char *host, int port);
