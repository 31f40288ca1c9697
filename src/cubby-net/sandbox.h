/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sandbox - what is left of this process's rights while it reads the container's frames
 *
 *	files		an empty mount namespace of its own; no system call opens a file but the one that
 *			reads resolv.conf again, whose folder and name are fixed (resolver.h)
 *	capabilities	none, and none can be gained; the threads that pass connections on keep
 *			CAP_NET_ADMIN and CAP_NET_BIND_SERVICE over the network namespaces that they live
 *			in: what is called at a low port is answered at one, and low ports of clients stay
 *	system calls	those that moving packets takes; sockets of IPv4, IPv6 and netlink only
 *	limits		no process can be started, no core is written
 *	memory		nothing becomes executable, or writable that was not
 *
 * Source: seccomp(2), capabilities(7), pivot_root(2).
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"

/**
 * sandbox_files() - leave the host's files, for good
 * @out_listener:	where others connect: a SOCK_SEQPACKET socket that listens and does not block, named
 *		BRIDGE_SOCKET in what is the root and the working directory then; NULL: there is none.
 *		Set on success only
 * @err:	what failed
 *
 * What has to be opened is opened before. Called before there is a second thread.
 *
 * Return: 0 or a negative errno.
 */
must_check int sandbox_files(int *out_listener, struct err *err);

/**
 * sandbox_seal() - drop the calling thread's capabilities and most system calls
 * @net_admin:	keep CAP_NET_ADMIN and CAP_NET_BIND_SERVICE
 * @dir:	folder from which a file may still be opened, for reading
 * @name:	address of its name; only this very pointer is let through
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int sandbox_seal(bool net_admin, int dir, const char *name, struct err *err);
