/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * doors - the sockets where a network's questions for names arrive
 *
 * They belong to the network namespace of the thread that makes them, whoever uses them. For datagrams
 * there are several for each address, and the kernel chooses by who sends: so a container that floods
 * fills a queue of its own and not that of (most) others.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum {
	DOORS_QUEUES = 8, /* a power of 2 */
	DOORS_MAX = 2 * (DOORS_QUEUES + 1),
	DOORS_KEPT = 2, /* of each address one, for datagrams */
};

struct door {
	int fd;
	bool stream;
};

struct doors {
	struct door items[DOORS_MAX];
	size_t count;
};

/**
 * doors_open() - make the sockets, in the network's namespace
 * @ip:		IPv4 address that is served, or NULL
 * @ip6:	IPv6 address, or NULL; neither needs to be there yet
 * @port:	53, but for tests
 * @keeper:	of doors_keep(), by who served the same addresses before: what came since is answered; or -1
 * @out:	owned by the caller; set on success only
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int doors_open(const char *ip, const char *ip6, int port, int keeper, struct doors *out,
			  struct err *err);

/**
 * doors_keep() - make a socket that holds some of the sockets open
 * @doors:	open
 * @out:	the keeper; owned by the caller; set on success only
 *
 * While anybody has it, who asks when all other holders of the sockets are gone is not refused, but waits for the next
 * to serve. Each doors_open() takes them from it.
 *
 * Return: 0 or a negative errno.
 */
must_check int doors_keep(const struct doors *doors, int *out);

/**
 * doors_close() - close the sockets
 * @doors:	empty afterwards
 */
void doors_close(struct doors *doors);
