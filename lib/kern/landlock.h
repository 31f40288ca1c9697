/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * landlock - giving up rights over the network, for ever and for all children
 */
#pragma once

#include "base/macros.h"

/**
 * landlock_forbid_tcp() - from now on the kernel refuses this process to connect and to bind TCP sockets
 *
 * Whichever way the call comes, and whichever network namespace the socket belongs to. What is not TCP is
 * not touched; nor are sockets that are connected or bound already. As with every domain of Landlock, a
 * process cannot look into another that is in a domain beside its own.
 * Needs no_new_privs or CAP_SYS_ADMIN in the process's user namespace.
 *
 * Return: 0; -ENOTSUP where the kernel has it not (before Linux 6.7, or without Landlock); otherwise a
 * negative errno.
 * Source: landlock(7), LANDLOCK_ACCESS_NET_CONNECT_TCP.
 */
must_check int landlock_forbid_tcp(void);
