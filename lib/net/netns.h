/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * netns - what a fresh network namespace needs before a container lives in it
 *
 * All functions work on the namespace that the calling thread is in, and need CAP_NET_ADMIN over it.
 */
#pragma once

#include "base/err.h"
#include "net/net.h"

/**
 * netns_bare() - a network of loopback alone (--network none)
 * @err:	what failed
 *
 * Brings lo up and opens low ports and ping to every user. The switches are written through the
 * /proc that is mounted where the caller is; one that is missing is passed over.
 *
 * Return: 0 or a negative errno.
 */
must_check int netns_bare(struct err *err);

/**
 * netns_tap() - make the tap and configure everything as planned
 * @plan:	addresses
 * @out_tap:	the tap's descriptor, non-blocking, owned by the caller; set on success only
 * @err:	what failed; a hint when /dev/net/tun is missing or closed
 *
 * Includes netns_bare().
 *
 * Return: 0 or a negative errno.
 */
must_check int netns_tap(const struct net_plan *plan, int *out_tap, struct err *err);
