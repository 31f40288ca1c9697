/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise - the one id there is, as another user's
 *
 * The namespace is made by a child that enters nothing else of the container, so that the maps are written through
 * the caller's own /proc.
 */
#include "run/guise.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "kern/sys.h"

static int map_one(const char *path, uint32_t inside, uint32_t outside)
{
	char line[32];

	(void)snprintf(line, sizeof line, "%u %u 1", inside, outside);
	return file_write(AT_FDCWD, path, 0, line, strlen(line));
}

/* Return: the namespace; -EEXIST when we are that user without one; otherwise a negative errno. */
static int make(int user, uint32_t uid, uint32_t gid)
{
	if (user >= 0 && setns(user, CLONE_NEWUSER) < 0 &&
	    errno != EINVAL) /* EINVAL: we are in it */
		return -errno;
	const uint32_t is_uid = geteuid(), is_gid = getegid();
	if (is_uid == uid && is_gid == gid)
		return -EEXIST;
	/* More rights than before hide us from our own /proc. */
	if (unshare(CLONE_NEWUSER) < 0 || prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return -errno;
	int r = file_write(AT_FDCWD, "/proc/self/setgroups", 0, "deny", 4);
	if (r == 0)
		r = map_one("/proc/self/uid_map", uid, is_uid);
	if (r == 0)
		r = map_one("/proc/self/gid_map", gid, is_gid);
	if (r < 0)
		return r;
	int fd = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static no_return void child(int sock, int user, uint32_t uid, uint32_t gid)
{
	int fd = make(user, uid, gid);
	ssize_t n = fd_send(sock, &fd, sizeof fd, &fd, fd < 0 ? 0 : 1);

	_exit(n < 0);
}

int guise_open(int user, uint32_t uid, uint32_t gid, int *out, struct err *err)
{
	int pair[2], fds[FD_PASS_MAX], told = -ESRCH, helper = -1;
	size_t count = 0;

	int r = fd_pair(SOCK_SEQPACKET, pair);
	if (r < 0)
		return err_sys(err, r, "cannot make a socket pair");
	AUTO(fd) int ours = pair[0];
	AUTO(fd) int theirs = pair[1];
	pid_t pid = sys_fork_flags(0, &helper);
	if (pid == 0)
		child(theirs, user, uid, gid);
	if (pid < 0)
		return err_sys(err, (int)pid, "cannot fork");
	fd_close(take_fd(theirs));
	if (fd_recv(ours, &told, sizeof told, fds, &count) < (ssize_t)sizeof told)
		told = -ESRCH;
	(void)!proc_wait(helper); /* it said all, or nothing */
	fd_close(helper);
	if (told >= 0 && count == 0)
		told = -EMFILE;
	if (told < 0 && told != -EEXIST)
		return err_sys(err, told, "cannot make a user namespace for user %u", uid);
	*out = told < 0 ? -1 : fds[0];
	return 0;
}
