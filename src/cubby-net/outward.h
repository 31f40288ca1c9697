/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * outward - the container's TCP connections, joined to sockets of the host
 *
 * The thread that serves them lives in the transit namespace (net/transit.h). Of each call that the dialer
 * (dialer.h) has connected it opens a listener at the address that the container called, hands the call's
 * first packet to the kernel, accepts, and joins the two sockets (link.h). A listener stays for the next call
 * to that address, until many others came.
 */
#pragma once

#include "base/err.h"
#include "cubby-net/gate.h"
#include "net/config.h"
#include "net/transit.h"

struct outward;

struct outward_args {
	const struct transit *transit; /* must outlive the result */
	int calls;		       /* a pipe, non-blocking: addresses of struct dial */
	struct gate gates[2];	       /* from the container, and to it */
};

/**
 * outward_new() - get ready, in the transit namespace
 * @args:	what to do; copied
 * @out:	lives as long as the process; set on success only
 * @err:	what failed
 *
 * Needs CAP_NET_ADMIN over the namespace while it runs.
 *
 * Return: 0 or a negative errno.
 */
must_check int outward_new(const struct outward_args *args, struct outward **out, struct err *err);

/**
 * outward_run() - serve for ever
 * @outward:	on the thread that called outward_new()
 *
 * Return: a negative errno when it cannot go on.
 */
must_check int outward_run(struct outward *outward);
