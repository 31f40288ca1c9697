/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp - loading a system call filter that was compiled before
 */
#pragma once

#include <stddef.h>

#include "base/macros.h"

/**
 * seccomp_load() - filter the calling process from now on
 * @filter:	instructions as struct sock_filter, in the byte order of this machine
 * @size:	bytes
 *
 * Needs no_new_privs or CAP_SYS_ADMIN in the process's user namespace.
 *
 * Return: 0; -EINVAL when it is no filter; otherwise a negative errno.
 * Source: seccomp(2).
 */
must_check int seccomp_load(const void *filter, size_t size);

/**
 * seccomp_listen() - filter the calling process, and hear of the calls that the filter has answered elsewhere
 * @filter:	as seccomp_load(); some of its answers are SECCOMP_RET_USER_NOTIF
 * @size:	bytes
 *
 * A signal interrupts a call that waits for its answer, as it would interrupt the call itself.
 *
 * Return: the listener, close-on-exec, owned by the caller; -EBUSY when another filter of this process has
 * one; otherwise as seccomp_load().
 * Source: seccomp_unotify(2).
 */
must_check int seccomp_listen(const void *filter, size_t size);
