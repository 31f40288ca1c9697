/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exec - a further process in a running container
 *
 * Two forks: only children of a process that entered a pid namespace are in it. The first, which
 * enters everything else as well, makes the second a child of the caller and ends. From before
 * entering until its execve neither can be traced or looked into from inside the container.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "kern/at.h"
#include "kern/keyring.h"
#include "kern/pty.h"
#include "kern/sys.h"
#include "run/exchange.h"
#include "run/filter.h"
#include "run/guise.h"
#include "run/process.h"
#include "run/run.h"

enum { STATUS_DIED = 125 };

static int enter(int fd, int flag, const char *name, struct err *err)
{
	if (fd < 0 || setns(fd, flag) == 0)
		return 0;
	if (flag == CLONE_NEWUSER && errno == EINVAL) /* we are in it */
		return 0;
	return err_sys(err, -errno, "cannot enter the container's %s namespace", name);
}

/* The user namespace first: it gives the right to enter the others. */
static int enter_all(const struct run_target *t, struct err *err)
{
	const struct {
		int fd, flag;
		const char *name;
	} order[] = {
		{ t->user, CLONE_NEWUSER, "user" },  { t->cgroup, CLONE_NEWCGROUP, "cgroup" },
		{ t->ipc, CLONE_NEWIPC, "ipc" },     { t->uts, CLONE_NEWUTS, "uts" },
		{ t->net, CLONE_NEWNET, "network" }, { t->pid, CLONE_NEWPID, "pid" },
		{ t->mnt, CLONE_NEWNS, "mount" },
	};

	for (size_t i = 0; i < array_len(order); i++) {
		int r = enter(order[i].fd, order[i].flag, order[i].name, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int enter_root(int root, struct err *err)
{
	if (fchdir(root) < 0 || chroot(".") < 0)
		return err_sys(err, -errno, "cannot enter the container's root");
	return 0;
}

static int make_terminal(const struct exec_args *args, struct pty *pty, struct err *err)
{
	AUTO(fd) int pts = at_open_in_root(args->target.root, "/dev/pts", O_PATH | O_DIRECTORY, 0);
	/* With one id it is everybody's. */
	const uid_t owner = args->spec->emulate_root ? geteuid() : args->spec->uid;
	int r = pts < 0 ? pts : pty_open(pts, args->size.rows, args->size.columns, owner, pty);

	return r < 0 ? err_sys(err, r, "cannot make a terminal in the container") : 0;
}

/* In the container's pid namespace. */
static int live(const struct exec_args *args, const struct filter *filter, int guise, int sock,
		struct err *err)
{
	struct pty pty = { .master = -1, .slave = -1 };

	if (setsid() < 0)
		return err_sys(err, -errno, "cannot start a session");
	int r = enter_root(args->target.root, err);
	if (r == 0 && args->spec->terminal)
		r = make_terminal(args, &pty, err);
	if (r == 0)
		r = process_cwd(args->target.root, args->spec, false, err);
	if (r < 0)
		return r;
	struct process p = {
		.spec = args->spec,
		.filter = filter->code,
		.filter_size = filter->size,
		.io = args->io,
		.terminal = pty.slave,
		.extra = args->extra_fds,
		.extra_count = args->extra_count,
		.exchange = sock,
		.notice = args->notice,
	};
	process_give_pipes(&p);
	r = exchange_send(sock, EXCHANGE_READY, 0, &pty.master, pty.master < 0 ? 0 : 1);
	if (r < 0)
		return err_sys(err, r, "cannot tell that the process is ready");
	if (guise >= 0 && setns(guise, CLONE_NEWUSER) < 0)
		return err_sys(err, -errno, "cannot become user %u", args->spec->uid);
	/* A refused keyring (quota, no keyrings in the kernel) is no reason not to start. */
	(void)keyring_fresh((uint32_t)getpid());
	return process_become(&p, err);
}

no_return static void die(int sock, const struct err *err)
{
	exchange_fail(sock, err);
	_exit(STATUS_DIED);
}

/* The door is not let into the group before it forks. */
static int await_attached(const struct exec_args *args, int sock, struct err *err)
{
	enum exchange_kind kind;

	if (args->target.group >= 0 || !args->attach)
		return 0;
	int r = exchange_wait(sock, &kind, NULL, NULL, NULL, err);
	if (r == 0)
		_exit(STATUS_DIED); /* the caller is gone: nobody to tell */
	return r < 0 ? r : 0;
}

no_return static void door(const struct exec_args *args, const struct filter *filter, int guise,
			   int sock)
{
	struct err err = { 0 };
	int pidfd = -1;

	if (process_score(args->spec, &err) < 0 || await_attached(args, sock, &err) < 0)
		die(sock, &err);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) {
		(void)err_sys(&err, -errno, "cannot hide from the container");
		die(sock, &err);
	}
	struct exec_args own = *args;
	if (process_io(&own.io, &err) < 0 || enter_all(&args->target, &err) < 0)
		die(sock, &err);
	pid_t pid = sys_fork_flags(CLONE_PARENT, &pidfd);
	if (pid == 0) {
		(void)live(&own, filter, guise, sock, &err);
		die(sock, &err);
	}
	int r = pid < 0 ? (int)pid : exchange_send(sock, EXCHANGE_FORKED, pid, &pidfd, 1);
	if (r < 0) {
		(void)err_sys(&err, r, "cannot fork into the container");
		die(sock, &err);
	}
	_exit(0);
}

struct result {
	pid_t pid;
	int pidfd;
	int console;
};

/* Takes what the two processes say until the program runs. */
static int listen_to(int sock, const char *program, struct result *out, struct err *err)
{
	enum exchange_kind kind = 0;
	int fds[FD_PASS_MAX];
	bool last = false;

	for (;;) {
		size_t count = 0;
		int32_t value = 0;
		int r = exchange_wait(sock, &kind, &value, fds, &count, err);
		if (r < 0)
			return exchange_explain(r, program, err);
		if (r == 0)
			break;
		if (kind == EXCHANGE_FORKED && count) {
			out->pid = value;
			out->pidfd = fds[0];
		} else if (kind == EXCHANGE_READY && count) {
			out->console = fds[0];
		}
		last |= kind == EXCHANGE_LAST;
	}
	if (!last || out->pidfd < 0)
		return err_set(err, -ESRCH, "the container ended meanwhile");
	return 0;
}

/* Born in the group where that is the caller's to do; else it is put there by who may. */
static pid_t fork_door(struct exec_args *args, int *helper)
{
	const bool grouped = args->target.group >= 0;
	pid_t pid = sys_fork_into(0, args->target.group, helper);

	if (!grouped)
		args->attach = NULL;
	if (!grouped || !args->attach ||
	    (pid != -EACCES && pid != -EPERM && pid != -ENOENT && pid != -ENOSYS)) {
		return pid;
	}
	args->target.group = -1;
	return sys_fork_flags(0, helper);
}

static int refuse_door(const struct exec_args *args, int r, struct err *err)
{
	(void)err_sys(err, r, "cannot fork%s",
		      args->target.group < 0 ? "" : " into the container's control group");
	return r == -EAGAIN
		       ? err_hint(err, "the container may have as many processes as it is allowed")
		       : r;
}

/* What refuses is said by closing: the door ends. */
static int let_in(const struct exec_args *args, pid_t pid, int sock, struct err *err)
{
	if (args->target.group >= 0 || !args->attach)
		return 0;
	int r = args->attach(args->attach_data, pid, err);
	if (r == 0)
		r = exchange_send(sock, EXCHANGE_MAPPED, 0, NULL, 0);
	if (r < 0) {
		(void)shutdown(sock, SHUT_RDWR);
		return err && err->text ? r : err_sys(err, r, "cannot go on with exec");
	}
	return 0;
}

static int start(const struct exec_args *args, struct result *out, struct err *err)
{
	AUTO(filter) struct filter filter = { 0 };
	int pair[2], helper = -1;
	const struct runtime_spec *spec = args->spec;
	AUTO(fd) int guise = -1;
	int r = filter_find(args->host, spec, &filter, err);

	if (r == 0 && spec->emulate_root)
		r = guise_open(args->target.user, spec->uid, spec->gid, &guise, err);
	if (r < 0)
		return r;
	r = fd_pair(SOCK_SEQPACKET, pair);
	if (r < 0)
		return err_sys(err, r, "cannot make a socket pair");
	AUTO(fd) int ours = pair[0];
	AUTO(fd) int theirs = pair[1];
	struct exec_args own = *args;
	pid_t pid = fork_door(&own, &helper);
	if (pid == 0)
		door(&own, &filter, guise, theirs);
	if (pid < 0)
		return refuse_door(args, (int)pid, err);
	fd_close(take_fd(theirs));
	r = let_in(&own, pid, ours, err);
	if (r < 0) {
		(void)!proc_wait(helper); /* it has seen us close, or is about to */
		fd_close(helper);
		return r;
	}
	r = listen_to(ours, args->spec->args.items[0], out, err);
	(void)!proc_wait(helper);
	fd_close(helper);
	return r;
}

pid_t run_exec(const struct exec_args *args, int *out_pidfd, int *out_console, struct err *err)
{
	struct result result = { .pid = -1, .pidfd = -1, .console = -1 };
	int r = start(args, &result, err);

	if (r == 0) {
		*out_pidfd = result.pidfd;
		*out_console = result.console;
		return result.pid;
	}
	if (result.pidfd >= 0) {
		(void)!pidfd_send_signal(result.pidfd, SIGKILL, NULL, 0); /* it may have ended */
		(void)!proc_wait(result.pidfd);
	}
	fd_close(result.pidfd);
	fd_close(result.console);
	return r;
}
