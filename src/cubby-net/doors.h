/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * doors - the sockets where a network's questions for names arrive
 *
 * They belong to the network namespace of the thread that makes them, whoever uses them.
 */
#pragma once

#include "base/err.h"

/* -1 where there is none. */
struct doors {
	int udp4, tcp4, udp6, tcp6;
};

/**
 * doors_open() - make the sockets, in the network's namespace
 * @ip:		IPv4 address that is served, or NULL
 * @ip6:	IPv6 address, or NULL; neither needs to be there yet
 * @port:	53, but for tests
 * @out:	owned by the caller; set on success only
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int doors_open(const char *ip, const char *ip6, int port, struct doors *out,
			  struct err *err);

/**
 * doors_close() - close the sockets
 * @doors:	all -1 afterwards
 */
void doors_close(struct doors *doors);
