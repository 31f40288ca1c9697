/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exit - reaping as an init must, and how a container's PID 1 ended
 *
 * PID 1 is known by its pidfd; its number in our namespace is nowhere written. So a child is looked at
 * before it is reaped: it is PID 1 when the pidfd says the same number.
 */
#include "monitor/exit.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIGNAL_BASE = 128 };

static int status_of(const siginfo_t *info)
{
	return info->si_code == CLD_EXITED ? info->si_status & 255 : SIGNAL_BASE + info->si_status;
}

static bool reap_container(int pidfd, int *out_status)
{
	siginfo_t info = { 0 };

	if (pidfd < 0 || waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG) < 0 || !info.si_pid)
		return false;
	*out_status = status_of(&info);
	return true;
}

int exit_reap(int pidfd, exit_fn other, void *data, int *out_status)
{
	int found = 0;

	for (;;) {
		siginfo_t info = { 0 };
		if (!found && reap_container(pidfd, out_status)) {
			found = 1;
			continue;
		}
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || !info.si_pid)
			return found;
		siginfo_t ours = { 0 };
		if (!found && pidfd >= 0 &&
		    waitid(P_PIDFD, (id_t)pidfd, &ours, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		    ours.si_pid == info.si_pid)
			continue; /* it ended between the two looks */
		if (waitid(P_PID, (id_t)info.si_pid, &info, WEXITED | WNOHANG) == 0 && info.si_pid)
			other(data, info.si_pid, status_of(&info));
	}
}

void exit_end_others(void)
{
	if (getpid() != 1)
		return;
	(void)kill(-1, SIGKILL); /* fails when there is nobody */
	while (waitid(P_ALL, 0, NULL, WEXITED) == 0 || errno == EINTR)
		;
}
