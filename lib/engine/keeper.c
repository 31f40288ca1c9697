/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * keeper - a process that keeps a mount which another process serves
 */
#include "engine/keeper.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "rootfs/rootfs.h"
#include "run/exchange.h"

enum { STAT_MAX = 4096, PATH_BYTES = 48 };

/* proc(5): the number behind the name in brackets and the state. */
static pid_t parent_of(pid_t pid)
{
	char path[PATH_BYTES];
	AUTO(mem) char *text = NULL;
	int parent = 0;

	(void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	if (file_read(AT_FDCWD, path, STAT_MAX, &text, NULL) < 0)
		return 0;
	const char *behind = strrchr(text, ')');
	return behind && sscanf(behind, ") %*c %d", &parent) == 1 ? parent : 0;
}

static bool is_here(pid_t pid, const struct stat *own)
{
	char path[PATH_BYTES];
	struct stat st;

	(void)snprintf(path, sizeof path, "/proc/%d/ns/mnt", (int)pid);
	return stat(path, &st) == 0 && st.st_dev == own->st_dev && st.st_ino == own->st_ino;
}

/* Of the processes above us the topmost in our mount namespace. Return: its pidfd. */
static int find_program(struct err *err)
{
	struct stat own;
	pid_t top = 0;

	if (stat("/proc/self/ns/mnt", &own) < 0)
		return err_sys(err, -errno, "cannot look at the mount namespace");
	for (pid_t pid = parent_of(getpid()); pid > 1 && is_here(pid, &own); pid = parent_of(pid))
		top = pid;
	int pidfd = top ? pidfd_open(top, 0) : -1;
	if (pidfd >= 0)
		return pidfd;
	err_set(err, -ENOTSUP, "fuse-overlayfs would have to outlive whoever looks at the mount");
	return err_hint(err,
			"run it by the program that 'cubby unshare' started, in the foreground");
}

/* A file system whose process has died at once says so when it is asked. */
static int mount_it(const struct rootfs_plan *plan, const struct host *host, int *out_helper,
		    struct err *err)
{
	struct stat st;
	AUTO(fd) int root = rootfs_apply(plan, host, out_helper, err);

	if (root < 0)
		return root;
	if (fstat(root, &st) < 0)
		return err_sys(err, -errno, "fuse-overlayfs does not serve '%s'", plan->target);
	return 0;
}

/* Locks of the caller's go with their descriptors before it hears that all is well. */
static int let_go(int sock, int program, int helper, struct err *err)
{
	int kept[] = { sock, program, helper };
	int r = fd_close_but(kept, array_len(kept));

	if (r == 0)
		r = fd_stdio(-1, -1, -1);
	if (r == 0 && chdir("/") < 0)
		r = -errno;
	return r < 0 ? err_sys(err, r, "cannot keep the mount") : 0;
}

no_return static void keep(const struct rootfs_plan *plan, const struct host *host, int program,
			   int sock)
{
	AUTO(err) struct err err = { 0 };
	int helper = -1;

	(void)setsid(); /* a new process leads no group: it cannot fail */
	proc_signals_reset();
	int r = mount_it(plan, host, &helper, &err);
	if (r == 0)
		r = let_go(sock, program, helper, &err);
	if (r == 0)
		r = exchange_send(sock, EXCHANGE_READY, 0, NULL, 0);
	else
		exchange_fail(sock, &err);
	fd_close(sock);
	proc_retitle("cubby-keeper");
	struct pollfd fds[] = { { .fd = program, .events = POLLIN },
				{ .fd = helper, .events = POLLIN } };
	while (r == 0 && poll(fds, array_len(fds), -1) < 0 && errno == EINTR)
		;
	_exit(r < 0);
}

int keeper_mount(const struct rootfs_plan *plan, const struct host *host, struct err *err)
{
	enum exchange_kind kind;
	int pair[2];

	AUTO(fd) int program = find_program(err);
	if (program < 0)
		return program;
	int r = fd_pair(SOCK_SEQPACKET, pair);
	if (r < 0)
		return err_sys(err, r, "cannot make a socket pair");
	AUTO(fd) int ours = pair[0];
	AUTO(fd) int theirs = pair[1];
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(err, -errno, "cannot fork");
	if (pid == 0)
		keep(plan, host, program, theirs);
	fd_close(take_fd(theirs));
	r = exchange_wait(ours, &kind, NULL, NULL, NULL, err);
	if (r < 0)
		return r;
	return r > 0 && kind == EXCHANGE_READY ? 0 : err_set(err, -EIO, "the mount was not made");
}
