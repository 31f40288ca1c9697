/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * join - entering the namespaces of another container before a fork
 */
#include "run/join.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "kern/at.h"
#include "kern/mount.h"

static int enter_one(int fd, int flag, const char *name, struct err *err)
{
	if (fd < 0 || setns(fd, flag) == 0)
		return 0;
	return err_sys(err, -errno, "cannot share the %s namespace", name);
}

bool join_any(const struct join *j)
{
	return j->pid >= 0 || j->net >= 0 || j->ipc >= 0 || j->uts >= 0;
}

int join_enter(const struct join *j, struct err *err)
{
	int r = enter_one(j->net, CLONE_NEWNET, "network", err);

	if (r == 0)
		r = enter_one(j->ipc, CLONE_NEWIPC, "ipc", err);
	if (r == 0)
		r = enter_one(j->uts, CLONE_NEWUTS, "uts", err);
	if (r == 0)
		r = enter_one(j->pid, CLONE_NEWPID, "pid", err);
	return r;
}

static int copy_shm(void)
{
	AUTO(fd) int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO(fd)
	int shm = root < 0 ? -errno
			   : at_open(root, "dev/shm", O_PATH | O_DIRECTORY, 0,
				     RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);

	return shm < 0 ? shm : mount_copy(shm, false);
}

int join_shm(int member, struct err *err)
{
	AUTO(fd) int own = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);

	if (own < 0 || setns(member, CLONE_NEWNS) < 0)
		return err_sys(err, -errno, "cannot look into the container whose ipc is shared");
	AUTO(fd) int shm = copy_shm();
	if (setns(own, CLONE_NEWNS) < 0)
		return err_sys(err, -errno, "cannot come back from a mount namespace");
	return shm < 0 ? err_sys(err, shm, "cannot share '/dev/shm'") : take_fd(shm);
}
