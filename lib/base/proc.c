/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * proc - processes: starting helpers, holding them by pidfd, telling one from a later one
 *
 * spawn_start() uses vfork semantics: the parent is stopped until the child has executed, so the
 * child reports through shared memory and no page table is copied.
 */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"

enum { CHILD_STACK = 64 << 10, FIRST_FREE = 64, STAT_BYTES = 4096 };

struct child {
	const struct spawn *spawn;
	int failure; /* errno of the step that failed, in the parent's memory */
};

void proc_signals_reset(void)
{
	/* The kernel's own call: libc keeps signals 32 and 33 to itself, and a caller may have left
	 * them ignored. A structure of zeros, whatever its size, is SIG_DFL without flags. */
	static const long dfl[8];
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		(void)syscall(SYS_rt_sigaction, s, dfl, NULL, NSIG / 8); /* KILL and STOP refuse */
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

void proc_raise_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur == files.rlim_max)
		return;
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
}

size_t proc_files(void)
{
	struct rlimit files;

	return getrlimit(RLIMIT_NOFILE, &files) < 0 ? SIZE_MAX : (size_t)files.rlim_cur;
}

/* Sources are lifted above every target first, so that no placement destroys another's source. */
static int place_fds(const struct spawn *s)
{
	int lifted[FD_PASS_MAX], highest = 2;

	for (size_t i = 0; i < s->fd_count; i++) {
		int from = s->fds[i].from;
		if (from < 0)
			from = open("/dev/null", O_RDWR | O_CLOEXEC);
		lifted[i] = from < 0 ? -1 : fcntl(from, F_DUPFD_CLOEXEC, FIRST_FREE);
		if (lifted[i] < 0)
			return -errno;
	}
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	null = null < 0 ? -1 : fcntl(null, F_DUPFD_CLOEXEC, FIRST_FREE);
	if (null < 0)
		return -errno;
	for (int i = 0; i < 3; i++)
		if (dup2(null, i) < 0)
			return -errno;
	for (size_t i = 0; i < s->fd_count; i++) {
		if (dup2(lifted[i], s->fds[i].to) < 0)
			return -errno;
		highest = max_of(highest, s->fds[i].to);
	}
	return fd_close_from(highest + 1);
}

static int child_main(void *arg)
{
	static char *const no_env[] = { NULL };
	struct child *c = arg;
	const struct spawn *s = c->spawn;

	if (s->die_with_parent && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) {
		c->failure = errno;
		_exit(127);
	}
	proc_signals_reset();
	int r = (s->group && setpgid(0, 0) < 0) || (s->folder && chdir(s->folder) < 0)
			? -errno
			: place_fds(s);
	if (r == 0) {
		execve(s->path, s->argv, s->envp ? s->envp : no_env);
		r = -errno;
	}
	c->failure = -r;
	_exit(127);
}

pid_t spawn_start(const struct spawn *spawn, int *out_pidfd, struct err *err)
{
	struct child c = { .spawn = spawn };
	AUTO(mem) char *stack = mem_alloc(CHILD_STACK, 1);
	int pidfd = -1;
	sigset_t all, old;

	bug_unless(spawn->fd_count <= FD_PASS_MAX);
	/* No handler of ours may run in the child while it shares our memory. */
	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &old);
	pid_t pid = clone(child_main, stack + CHILD_STACK,
			  CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &c, &pidfd);
	int failure = pid < 0 ? errno : c.failure;
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	if (pid >= 0 && failure) {
		(void)!proc_wait(pidfd); /* the failure is known already */
		fd_close(pidfd);
	}
	if (failure)
		return err_sys(err, -failure, "cannot start '%s'", spawn->path);
	*out_pidfd = pidfd;
	return pid;
}

int proc_wait(int pidfd)
{
	siginfo_t info = { 0 };

	while (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0)
		if (errno != EINTR)
			return -errno;
	return info.si_code == CLD_EXITED ? info.si_status & 255 : 128 + info.si_status;
}

int proc_start_time(pid_t pid, uint64_t *out)
{
	char path[32], text[STAT_BYTES];
	unsigned long long start;

	(void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -ESRCH;
	ssize_t n = read(fd, text, sizeof text - 1);
	if (n <= 0)
		return -ESRCH;
	text[n] = 0;
	/* The name may hold spaces and parentheses: fields count from the last ')'. */
	char *at = strrchr(text, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (!at || sscanf(at, " %llu", &start) != 1)
		return -ESRCH;
	*out = start;
	return 0;
}

int proc_open(pid_t pid, uint64_t start)
{
	uint64_t now;
	AUTO(fd) int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0)
		return -ESRCH;
	int r = proc_start_time(pid, &now);
	if (r < 0 || now != start)
		return -ESRCH;
	return take_fd(fd);
}

pid_t proc_host_pid(int pidfd)
{
	char path[48];
	AUTO(mem) char *text = NULL;
	int pid;

	(void)snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
	if (file_read(AT_FDCWD, path, STAT_BYTES, &text, NULL) < 0)
		return -ESRCH;
	const char *at = strstr(text, "\nPid:");
	if (!at || sscanf(at, "\nPid: %d", &pid) != 1 || pid <= 0)
		return -ESRCH;
	return pid;
}

/* Fields 48 and 49 of proc(5)'s stat; the name before them may hold anything. */
void proc_retitle(const char *title)
{
	AUTO(mem) char *text = NULL;
	unsigned long start, end;

	if (file_read(AT_FDCWD, "/proc/self/stat", STAT_BYTES, &text, NULL) < 0)
		return;
	char *at = strrchr(text, ')');
	for (int field = 2; at && field < 48; field++)
		at = strchr(at + 1, ' ');
	if (!at || sscanf(at, " %lu %lu", &start, &end) != 2 || !start || end <= start)
		return;
	size_t room = end - start, size = strlen(title);
	memset((char *)start, 0, room);
	memcpy((char *)start, title, min_of(size, room - 1));
}
