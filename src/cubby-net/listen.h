/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * listen - the published ports, bound in the host's network namespace
 *
 * A socket belongs to the namespace of the thread that made it, so these stay on the host whichever
 * thread serves them. TCP ones listen at once: a port that is taken shows here.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "net/activated.h"
#include "net/ports.h"

struct listener {
	int fd;
	int family;
	bool udp;
	int container_port;
	bool other_family; /* UDP: the container serves this port in the other family */
};

struct listeners {
	struct listener *items;
	size_t count;
};

/**
 * listeners_open() - bind all published ports
 * @wanted:	mappings; one for every address gives one socket a family that the host has
 * @activated:	sockets that are bound already; those that serve a mapping are used for it
 * @lenient:	a TCP port that is taken is passed over: the container serves it itself
 * @out:	grows; belongs to the process for its life
 * @bound:	grows by the mappings with their addresses and actual ports
 * @err:	names the address and port that cannot be bound
 *
 * Return: 0; -EADDRINUSE; -EADDRNOTAVAIL; -EACCES with the hint of ports_check(); or a negative
 * errno.
 */
must_check int listeners_open(const struct ports *wanted, const struct activated_list *activated,
			      bool lenient, struct listeners *out, struct ports *bound,
			      struct err *err);
