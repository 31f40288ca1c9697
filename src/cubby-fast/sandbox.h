/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sandbox - what is left of this process's rights while it answers a container's calls
 *
 * It keeps CAP_SYS_PTRACE, without which it could not look at the callers, CAP_NET_BIND_SERVICE, which they may
 * have over namespaces of their own, an empty mount namespace, one
 * folder of /proc by its descriptor, and the calls that it makes.
 */
#pragma once

#include "base/err.h"

/**
 * sandbox_narrow() - give up everything else
 * @err:	what failed
 *
 * After sandbox_files() of cubby-net/sandbox.h.
 *
 * Return: 0 or a negative errno.
 */
must_check int sandbox_narrow(struct err *err);
