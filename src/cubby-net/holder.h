/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * holder - a network that several containers share
 *
 * Threads, both in the host's network namespace and both in the sandbox before anybody hears that the
 * network is there:
 *
 *	main	the stack between the network's tap and the host's sockets; nothing on an internal network
 *	second	the members (members.h) and the name server (nameserver.h)
 *
 * The network's own namespace is set up by a process that visits it (hub.h). They share nothing that
 * changes. When the last member has gone the second ends the process.
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "cubby-net/egress.h"

/**
 * holder_run() - hold a network until its last member has gone
 * @json:	struct bridge_hold
 * @fds:	what came with it
 * @count:	how many
 * @egress:	filled in: where the stack's connections go
 * @err:	what failed, before the starter heard that the network is there
 *
 * Return: a negative errno; it does not return otherwise.
 */
must_check int holder_run(const cJSON *json, const int *fds, size_t count, struct egress *egress,
			  struct err *err);
