/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * join - being in another container's namespaces for the length of a fork
 */
#include "run/join.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>

#include "base/fd.h"

static int enter_one(const char *own, int fd, int flag, int *back, struct err *err)
{
	if (fd < 0)
		return 0;
	AUTO(fd) int here = open(own, O_RDONLY | O_CLOEXEC);
	if (here < 0)
		return err_sys(err, -errno, "cannot open '%s'", own);
	if (setns(fd, flag) < 0)
		return err_sys(err, -errno, "cannot enter the shared namespace of '%s'", own);
	*back = take_fd(here);
	return 0;
}

static void leave_one(int *back, int flag)
{
	if (*back < 0)
		return;
	bug_unless(setns(*back, flag) == 0);
	fd_close(take_fd(*back));
}

int join_enter(struct join *j, int pid, int net, int ipc, int uts, struct err *err)
{
	int r = enter_one("/proc/self/ns/pid", pid, CLONE_NEWPID, &j->pid, err);

	if (r == 0)
		r = enter_one("/proc/self/ns/net", net, CLONE_NEWNET, &j->net, err);
	if (r == 0)
		r = enter_one("/proc/self/ns/ipc", ipc, CLONE_NEWIPC, &j->ipc, err);
	if (r == 0)
		r = enter_one("/proc/self/ns/uts", uts, CLONE_NEWUTS, &j->uts, err);
	return r;
}

void join_leave(struct join *j)
{
	leave_one(&j->pid, CLONE_NEWPID);
	leave_one(&j->net, CLONE_NEWNET);
	leave_one(&j->ipc, CLONE_NEWIPC);
	leave_one(&j->uts, CLONE_NEWUTS);
}
