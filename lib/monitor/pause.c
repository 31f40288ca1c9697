/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pause - stopping every process of a container at once
 */
#include "monitor/pause.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

int pause_all(bool stop, const int *helpers, size_t count, struct err *err)
{
	if (getpid() != 1)
		return err_set(err, -EOPNOTSUPP,
			       "a container that shares its pid namespace cannot be paused here");
	if (kill(-1, stop ? SIGSTOP : SIGCONT) < 0 && errno != ESRCH)
		return err_sys(err, -errno, "cannot signal the container's processes");
	for (size_t i = 0; i < count; i++)
		/* One that has ended needs no going on. */
		(void)syscall(SYS_pidfd_send_signal, helpers[i], SIGCONT, NULL, 0);
	return 0;
}
