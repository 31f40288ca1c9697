/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notice - socket calls of a container that somebody else answers (--network fast)
 *
 * A filter of a few instructions stands beside the container's own: connect and bind are told to a
 * listener, other calls are let pass. What the container's filter refuses stays refused, for the kernel lets
 * a refusal beat a notice.
 *
 * Sockets of the host come into the container by that, and nobody can watch what is done with them: a
 * thread that swaps a descriptor while another one's call is looked at, io_uring, a descriptor that is
 * passed on. So the kernel itself refuses to connect or bind any TCP socket (kern/landlock.h): who has the
 * listener carries out what may be. Its gaps are closed by the filter: TCP fast open connects without being
 * asked, so a sending call that wants it is refused, and so is io_uring, which could want it, and every
 * call of another architecture.
 *
 * Filter and refusal belong to the process that begins and to those that it makes, so every process that
 * enters a container begins.
 */
#pragma once

#include "base/err.h"

/**
 * notice_begin() - have this process's socket calls answered elsewhere from now on
 * @sock:	where the listener is sent to
 * @err:	what failed, or what the kernel lacks
 *
 * Needs what seccomp_load() needs. From here on connect(2) and bind(2) wait for who has the listener.
 *
 * Return: 0; -ENOTSUP where the kernel has no such thing; otherwise a negative errno.
 */
must_check int notice_begin(int sock, struct err *err);

/**
 * notice_take() - wait for a listener that was sent
 * @sock:	the other end of what notice_begin() was given
 *
 * Return: the listener, owned by the caller, or a negative errno.
 */
must_check int notice_take(int sock);
