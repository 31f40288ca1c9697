/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * traffic - what a container's network carries past its interfaces, and how much it may carry
 *
 * Published ports reach the container over its loopback, so no interface counts them: cubby-net does, in a
 * page of memory that it shares with the monitor and with who asks. The page also holds the limits, which may
 * change while the container runs. It is a file on the monitor's own tmpfs: it goes with the monitor, and is
 * reached as the monitor's socket is (monitor/protocol.h). A cubby-net that replaces another goes on counting.
 *
 * Numbers that the container's cubby-net writes are shown, and nothing is decided by them.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macros.h"
#include "net/rate.h"

struct traffic {
	_Atomic int64_t in, out;  /* bytes through published ports, as the container sees them */
	_Atomic int64_t down, up; /* limits of the whole network: bytes a second; 0 for none */
};

/**
 * traffic_make() - a page for a container that is being started
 * @limits:	its first limits
 *
 * It lies in the working directory, which is the monitor's tmpfs. When the monitor starts its container once
 * more, counting begins anew and the limits stay as they have become.
 *
 * Return: its descriptor, the caller's; or a negative errno.
 */
must_check int traffic_make(const struct rate *limits);

/**
 * traffic_map() - the page itself, for who writes it
 * @fd:		of traffic_make(); negative: a page that nobody else sees
 *
 * Return: the page, for the life of the process; NULL when there is no memory for it.
 */
must_check struct traffic *traffic_map(int fd);

/**
 * traffic_read() - what published ports have carried
 * @monitor:	pid of the container's monitor, as /proc shows it
 * @out_in:	bytes that came in
 * @out_out:	bytes that went out
 *
 * Both are set on success only.
 *
 * Return: 0; -ENOENT when the container has no network of its own; otherwise a negative errno.
 */
must_check int traffic_read(pid_t monitor, int64_t *out_in, int64_t *out_out);

/**
 * traffic_limit() - change the limits of a container that runs
 * @monitor:	pid of the container's monitor, as /proc shows it
 * @limits:	the new ones
 *
 * Return: 0; -ENOENT when the container has no network of its own; otherwise a negative errno.
 */
must_check int traffic_limit(pid_t monitor, const struct rate *limits);
