/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * userns - becoming root of a user namespace: a fresh one, or one that lives already
 *
 * Fresh:
 *	caller                               child (clone3, CLONE_NEWUSER)
 *	  newuidmap and newgidmap at once      waits for a byte
 *	  ──────────────── go ────────────────▶ becomes uid 0, gid 0, returns
 *
 * Joined: only a process that is in the namespace can make others there that own nothing outside, and
 * the caller must stay where it is. So a child in between enters and forks with CLONE_PARENT: the
 * result is the caller's own child.
 *
 *	caller                in between                        child
 *	  waits for the pid     setns(pidfd), uid 0, clone3 ──▶ returns
 *	  ◀──── its pid ───────  ends
 */
#include "kern/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "kern/refusal.h"
#include "kern/sys.h"

enum { CHILD_FAILED = 125, MAP_BYTES = 16 << 10 };

/* What the process in between tells. */
struct join_answer {
	int code;
	int pid;
};

static int become_root(void)
{
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return -errno;
	return 0;
}

static int refused(struct err *err, int code, const char *what)
{
	enum refusal refusal = refusal_find(code);
	const char *hint = refusal_hint(refusal);

	/* ENOSPC is not about a disk here. */
	if (code == -ENOSPC)
		err_set(err, code, "%s", what);
	else
		err_sys(err, code, "%s", what);
	if (hint)
		(void)err_hint(err, "%s", hint);
	return code;
}

/* ---- maps ---------------------------------------------------------------------------------- */

static int write_map(pid_t pid, const char *file, const char *text)
{
	char path[64];

	(void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
	AUTO(fd) int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* One write(2) or none: the kernel takes a map only once. */
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

static int write_maps(const struct identity_plan *plan, pid_t pid, struct err *err)
{
	AUTO(mem) char *uids = idmap_print(&plan->uids);
	AUTO(mem) char *gids = idmap_print(&plan->gids);
	int r = 0;

	if (plan->kind == IDENTITY_ONE_ID)
		r = write_map(pid, "setgroups", "deny");
	if (r == 0)
		r = write_map(pid, "uid_map", uids);
	if (r == 0)
		r = write_map(pid, "gid_map", gids);
	return r < 0 ? refused(err, r, "cannot set the ids of a user namespace") : 0;
}

struct map_tool {
	const char *path;
	const struct idmap *map;
	int pidfd;
	int said; /* what it writes to stderr */
};

static int map_tool_start(struct map_tool *tool, pid_t pid, struct err *err)
{
	AUTO(strv) struct strv argv = { 0 };

	tool->said = memfd_create("stderr", MFD_CLOEXEC);
	strv_add(&argv, tool->path);
	strv_addf(&argv, "%d", (int)pid);
	for (size_t i = 0; i < tool->map->count; i++) {
		const struct id_range *range = &tool->map->items[i];
		strv_addf(&argv, "%u", range->inside);
		strv_addf(&argv, "%u", range->outside);
		strv_addf(&argv, "%u", range->count);
	}
	struct spawn_fd fds[] = { { .from = tool->said, .to = 2 } };
	struct spawn spawn = { .path = tool->path, .argv = argv.items, .fds = fds, .fd_count = 1 };
	pid_t started = spawn_start(&spawn, &tool->pidfd, err);
	return started < 0 ? (int)started : 0;
}

static int map_tool_wait(struct map_tool *tool, struct err *err)
{
	char said[512];

	int status = proc_wait(tool->pidfd);
	if (status == 0)
		return 0;
	ssize_t n = pread(tool->said, said, sizeof said - 1, 0);
	said[max_of(n, 0)] = 0;
	said[strcspn(said, "\n")] = 0;
	err_set(err, -EPERM, "'%s' failed%s%s", tool->path, n > 0 ? ": " : "", said);
	const char *hint = refusal_hint(refusal_find(0));
	if (hint)
		(void)err_hint(err, "%s", hint);
	return -EPERM;
}

static void auto_map_tool(struct map_tool *tool)
{
	fd_close(tool->pidfd);
	fd_close(tool->said);
}

/* Both run at once: each takes a millisecond, most of it the loader's. */
static int run_map_tools(const struct identity_plan *plan, pid_t pid, struct err *err)
{
	AUTO(map_tool)
	struct map_tool uid = { plan->newuidmap, &plan->uids, -1, -1 };
	AUTO(map_tool)
	struct map_tool gid = { plan->newgidmap, &plan->gids, -1, -1 };

	int r = map_tool_start(&uid, pid, err);
	if (r < 0)
		return r;
	r = map_tool_start(&gid, pid, err);
	int first = map_tool_wait(&uid, r < 0 ? NULL : err);
	if (r == 0)
		r = map_tool_wait(&gid, first < 0 ? NULL : err);
	return first < 0 ? first : r;
}

/* ---- fresh --------------------------------------------------------------------------------- */

/* In the child: waits until the maps are there. The other end closed means that they never will. */
static void fresh_child(int go)
{
	char byte;

	if (TEMP_FAILURE_RETRY(read(go, &byte, 1)) != 1 || become_root() < 0)
		_exit(CHILD_FAILED);
	fd_close(go);
}

static void end_child(int pidfd)
{
	(void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0); /* it may have ended */
	(void)!proc_wait(pidfd); /* the caller tells another failure */
}

static pid_t fork_fresh(const struct identity_plan *plan, uint64_t flags, int *out_pidfd,
			struct err *err)
{
	int ends[2];
	int raw_pidfd = -1;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, -errno, "cannot make a pipe");
	AUTO(fd) int go = ends[1];
	pid_t pid = sys_fork_flags(CLONE_NEWUSER | flags, &raw_pidfd);
	if (pid == 0) {
		fd_close(take_fd(go));
		fresh_child(ends[0]);
		return 0;
	}
	fd_close(ends[0]);
	if (pid < 0)
		return refused(err, pid, "cannot make a user namespace");
	AUTO(fd) int pidfd = raw_pidfd;
	int r = plan->kind == IDENTITY_RANGES ? run_map_tools(plan, pid, err)
					      : write_maps(plan, pid, err);
	if (r == 0 && write(go, "", 1) != 1)
		r = err_sys(err, -EPIPE, "a child in a new user namespace ended too early");
	if (r < 0) {
		end_child(pidfd);
		return r;
	}
	*out_pidfd = take_fd(pidfd);
	return pid;
}

/* ---- joined -------------------------------------------------------------------------------- */

/* In between: returns in the child, which is in the namespace; ends in itself. */
static void join_between(int join, uint64_t flags, int tell)
{
	struct join_answer answer = { 0 };
	int unused = -1;

	if (setns(join, CLONE_NEWUSER) < 0)
		answer.code = -errno;
	if (answer.code == 0)
		answer.code = become_root();
	if (answer.code == 0)
		answer.pid = sys_fork_flags(CLONE_PARENT | flags, &unused);
	if (answer.code == 0 && answer.pid == 0) {
		fd_close(tell);
		return;
	}
	if (answer.pid < 0)
		answer.code = answer.pid;
	_exit(write(tell, &answer, sizeof answer) == sizeof answer ? 0 : CHILD_FAILED);
}

static int join_result(const struct join_answer *answer, ssize_t got, struct err *err)
{
	if (got != sizeof *answer)
		return err_set(err, -EIO, "cannot enter the user namespace of a monitor");
	/* ESRCH: it has ended; EINVAL: it is about to, and has left its namespaces. */
	if (answer->code == -EINVAL || answer->code == -ESRCH)
		return err_set(err, -ESRCH, "the owner of the user namespace has ended");
	if (answer->code < 0)
		return err_sys(err, answer->code, "cannot enter the user namespace of a monitor");
	return 0;
}

static pid_t fork_joined(int join, uint64_t flags, int *out_pidfd, struct err *err)
{
	struct join_answer answer = { 0 };
	int ends[2];
	int raw_pidfd = -1;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, -errno, "cannot make a pipe");
	AUTO(fd) int from = ends[0];
	pid_t between = sys_fork_flags(0, &raw_pidfd);
	if (between == 0) {
		fd_close(take_fd(from));
		join_between(join, flags, ends[1]);
		return 0;
	}
	fd_close(ends[1]);
	if (between < 0)
		return err_sys(err, between, "cannot fork");
	AUTO(fd) int between_pidfd = raw_pidfd;
	ssize_t got = TEMP_FAILURE_RETRY(read(from, &answer, sizeof answer));
	(void)!proc_wait(between_pidfd); /* its answer says all */
	int r = join_result(&answer, got, err);
	if (r < 0)
		return r;
	/* Our own child, not waited for yet: its number cannot be another's. */
	int pidfd = (int)syscall(SYS_pidfd_open, answer.pid, 0);
	if (pidfd < 0)
		return err_sys(err, -errno, "cannot hold a child");
	*out_pidfd = pidfd;
	return answer.pid;
}

pid_t userns_fork(const struct identity_plan *plan, int join, uint64_t flags, int *out_pidfd,
		  struct err *err)
{
	return join < 0 ? fork_fresh(plan, flags, out_pidfd, err)
			: fork_joined(join, flags, out_pidfd, err);
}

/* ---- whether to join ----------------------------------------------------------------------- */

static bool same_map(pid_t pid, const char *file, const struct idmap *want)
{
	AUTO(mem) char *path = str_fmt("/proc/%d/%s", (int)pid, file);
	AUTO(mem) char *text = NULL;
	AUTO(idmap) struct idmap have = { 0 };

	return file_read(AT_FDCWD, path, MAP_BYTES, &text, NULL) == 0 &&
	       idmap_parse(text, &have) == 0 && idmap_equal(&have, want);
}

static bool same_file(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

bool userns_same(const struct identity_plan *plan, pid_t pid)
{
	AUTO(mem) char *path = str_fmt("/proc/%d/ns/user", (int)pid);
	AUTO(fd) int theirs = open(path, O_RDONLY | O_CLOEXEC);
	AUTO(fd) int ours = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);

	if (theirs < 0 || ours < 0)
		return false;
	AUTO(fd) int parent = ioctl(theirs, NS_GET_PARENT);
	return parent >= 0 && same_file(parent, ours) && same_map(pid, "uid_map", &plan->uids) &&
	       same_map(pid, "gid_map", &plan->gids);
}
