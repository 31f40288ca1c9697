/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * create - making a container's first process and everything around it
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "kern/mount.h"
#include "kern/slots.h"
#include "kern/sys.h"
#include "run/apply.h"
#include "run/exchange.h"
#include "run/filter.h"
#include "run/hook.h"
#include "run/join.h"
#include "run/plan.h"
#include "run/process.h"
#include "run/run.h"

enum {
	SETUP_UMASK = 022,
	PATH_BYTES = 48,
	STATUS_DIED = 125,
	NOT_FOUND = 127,
	NOT_EXECUTABLE = 126
};

/* Which clone flag makes a namespace, and which request gives a process's. */
static const struct {
	const char *name;
	uint64_t flag;
	unsigned int request;
} kinds[RUNTIME_NAMESPACES] = {
	[RUNTIME_PID] = { "pid", CLONE_NEWPID, 5 },
	[RUNTIME_NETWORK] = { "net", CLONE_NEWNET, 4 },
	[RUNTIME_IPC] = { "ipc", CLONE_NEWIPC, 2 },
	[RUNTIME_UTS] = { "uts", CLONE_NEWUTS, 10 },
	[RUNTIME_CGROUP] = { "cgroup", CLONE_NEWCGROUP, 1 },
	[RUNTIME_MOUNT] = { "mnt", CLONE_NEWNS, 3 },
	[RUNTIME_USER] = { "user", CLONE_NEWUSER, 9 },
};

enum { PIDFD_MAGIC = 0xFF }; /* ioctl_pidfd: Linux 6.11 */

struct run_container {
	int pidfd;
	int sock;
	int root;
	int console;
	int ns[RUNTIME_NAMESPACES];
	char *program;
	bool started;
};

/* What the child needs; made before it is. */
struct child {
	const struct run_args *args;
	const struct plan *plan;
	const struct filter *filter;
	int tree; /* detached copy of the root's mount */
	int sock;
	int shm; /* copy of the shared memory of a joined container, or -1 */
	pid_t caller;
};

/* ---- the child ----------------------------------------------------------------------------- */

static bool maps_id(const struct runtime_maps *maps, uint32_t id)
{
	for (size_t i = 0; i < maps->count; i++)
		if (id - maps->items[i].inside < maps->items[i].count)
			return true;
	return false;
}

static int wait_for(int sock, enum exchange_kind wanted, struct err *err)
{
	enum exchange_kind kind;
	int r = exchange_wait(sock, &kind, NULL, NULL, NULL, err);

	if (r < 0)
		return r;
	if (r == 0 || kind != wanted)
		_exit(STATUS_DIED); /* the caller is gone: nobody to tell */
	return 0;
}

/* Sources were opened with the caller's identity; what is made from here on belongs to root inside. */
static int become_root_inside(const struct runtime_spec *spec, struct err *err)
{
	if (!spec->own[RUNTIME_USER])
		return 0;
	if (maps_id(&spec->gids, 0) && setresgid(0, 0, 0) < 0)
		return err_sys(err, -errno, "cannot become group 0 of the container");
	if (maps_id(&spec->uids, 0) && setresuid(0, 0, 0) < 0)
		return err_sys(err, -errno, "cannot become user 0 of the container");
	return 0;
}

/* Hooks must be able to name it; root inside may not be let through the folders above. */
static int open_place(const struct runtime_spec *spec, struct err *err)
{
	int fd = open(spec->hooks.count ? spec->root_path : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? err_sys(err, -errno, "cannot open the place of the root file system") : fd;
}

static int take_root(const struct apply *a, int place, struct err *err)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return err_sys(err, -errno, "cannot part from the host's mounts");
	if (move_mount(a->root, "", place, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) <
	    0)
		return err_sys(err, -errno, "cannot place the root file system");
	return 0;
}

static int build(struct apply *a, const struct run_args *args, struct err *err)
{
	AUTO(fd) int place = open_place(args->spec, err);
	int r = place < 0 ? place : apply_sources(a, err);

	if (r == 0)
		r = become_root_inside(args->spec, err);
	if (r == 0)
		r = take_root(a, place, err);
	if (r == 0)
		r = apply_steps(a, err);
	if (r == 0 && args->spec->terminal)
		r = apply_terminal(a, args->size.rows, args->size.columns, err);
	if (r == 0)
		r = apply_pivot(a, err);
	return r < 0 ? r : process_cwd(a->root, args->spec, true, err);
}

/* What it is born into with a control group is that of its parent; the view of the group is its own. */
static int enter_group(const struct run_args *args, int *out, struct err *err)
{
	if (args->group < 0 || !args->spec->own[RUNTIME_CGROUP])
		return 0;
	if (unshare(CLONE_NEWCGROUP) < 0)
		return err_sys(err, -errno, "cannot make the cgroup namespace");
	*out = open("/proc/self/ns/cgroup", O_RDONLY | O_CLOEXEC);
	return *out < 0 ? err_sys(err, -errno, "cannot open the cgroup namespace") : 0;
}

/* The bits say which descriptors follow the root. */
static int tell_ready(const struct apply *a, int view, int sock, struct err *err)
{
	int fds[3] = { a->root }, value = 0;
	size_t count = 1;

	if (a->pty.master >= 0) {
		fds[count++] = a->pty.master;
		value |= READY_CONSOLE;
	}
	if (view >= 0) {
		fds[count++] = view;
		value |= READY_CGROUP;
	}
	int r = exchange_send(sock, EXCHANGE_READY, value, fds, count);

	return r < 0 ? err_sys(err, r, "cannot tell that the container is ready") : 0;
}

static int enter_fresh(const struct run_args *args, struct err *err)
{
	if (args->fresh_net < 0 || setns(args->fresh_net, CLONE_NEWNET) == 0)
		return 0;
	return err_sys(err, -errno, "cannot enter the container's network namespace");
}

/* Programs of the image run beside us before we are one. What the caller wants to see of us it has open by now. */
static int hide(const struct runtime_spec *spec, struct err *err)
{
	if (hook_any(spec, RUNTIME_HOOK_START_CONTAINER) && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_sys(err, -errno, "cannot hide from the container's hooks");
	return 0;
}

static int live(const struct child *c, struct err *err)
{
	const struct run_args *args = c->args;
	struct apply a;

	if (setsid() < 0)
		return err_sys(err, -errno, "cannot start a session");
	(void)umask(SETUP_UMASK); /* folders that are made for mounts are for everybody */
	apply_init(&a, args->spec, c->plan, c->tree);
	a.shm = c->shm;
	a.exchange = c->sock;
	a.caller = args->caller;
	struct run_io io = args->io;
	int view = -1;
	int r = process_io(&io, err);
	if (r == 0)
		r = process_score(args->spec, err);
	if (r == 0)
		r = enter_fresh(args, err);
	if (r == 0 && args->spec->own[RUNTIME_USER])
		r = wait_for(c->sock, EXCHANGE_MAPPED, err);
	if (r == 0)
		r = enter_group(args, &view, err);
	if (r == 0)
		r = build(&a, args, err);
	if (r < 0)
		return r;
	struct process p = {
		.spec = args->spec,
		.filter = c->filter->code,
		.filter_size = c->filter->size,
		.io = io,
		.terminal = a.pty.slave,
		.extra = args->extra_fds,
		.extra_count = args->extra_count,
		.exchange = c->sock,
		.notice = args->notice,
		.bound = !args->spec->own[RUNTIME_PID],
		.parent = args->join_pid < 0 ? c->caller : 0,
	};
	process_give_pipes(&p);
	r = hide(args->spec, err);
	if (r == 0)
		r = tell_ready(&a, view, c->sock, err);
	if (r == 0)
		r = wait_for(c->sock, EXCHANGE_GO, err);
	return r < 0 ? r : process_become(&p, err);
}

no_return static void child_main(const struct child *c)
{
	struct err err = { 0 };
	int r = live(c, &err);

	if (r < 0)
		exchange_fail(c->sock, &err);
	_exit(STATUS_DIED);
}

/* ---- the caller ---------------------------------------------------------------------------- */

static uint64_t clone_flags(const struct run_args *args)
{
	uint64_t flags = 0;

	for (int i = 0; i < RUNTIME_NAMESPACES; i++)
		flags |= args->spec->own[i] ? kinds[i].flag : 0;
	if (args->group >= 0) /* see enter_group() */
		flags &= ~(uint64_t)CLONE_NEWCGROUP;
	return args->fresh_net < 0 ? flags : flags & ~(uint64_t)CLONE_NEWNET;
}

static char *print_maps(const struct runtime_maps *maps)
{
	AUTO(strv) struct strv lines = { 0 };

	for (size_t i = 0; i < maps->count; i++)
		strv_addf(&lines, "%u %u %u", maps->items[i].inside, maps->items[i].outside,
			  maps->items[i].count);
	return str_join(&lines, "\n");
}

static int write_map(pid_t pid, const char *file, const struct runtime_maps *maps)
{
	AUTO(mem) char *text = print_maps(maps);
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
	return file_write(AT_FDCWD, path, 0, text, strlen(text));
}

static int write_maps(const struct run_container *c, const struct runtime_spec *spec,
		      struct err *err)
{
	if (!spec->own[RUNTIME_USER])
		return 0;
	pid_t pid = proc_host_pid(c->pidfd);
	int r = pid < 0 ? (int)pid : write_map(pid, "uid_map", &spec->uids);
	if (r == 0)
		r = write_map(pid, "gid_map", &spec->gids);
	return r < 0 ? err_sys(err, r, "cannot map the ids of the container's user namespace") : 0;
}

static int open_namespace(int pidfd, int kind)
{
	char path[PATH_BYTES];
	int fd = ioctl(pidfd, _IO(PIDFD_MAGIC, kinds[kind].request), 0);

	if (fd >= 0) /* made close-on-exec */
		return fd;
	pid_t pid = proc_host_pid(pidfd);
	if (pid < 0)
		return (int)pid;
	(void)snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, kinds[kind].name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static bool is_joined(const struct run_args *args, int kind)
{
	switch (kind) {
	case RUNTIME_PID:
		return args->join_pid >= 0;
	case RUNTIME_NETWORK:
		return args->join_net >= 0;
	case RUNTIME_IPC:
		return args->join_ipc >= 0;
	case RUNTIME_UTS:
		return args->join_uts >= 0;
	default:
		return false;
	}
}

static int open_namespaces(struct run_container *c, const struct run_args *args, struct err *err)
{
	for (int i = 0; i < RUNTIME_NAMESPACES; i++) {
		if (!args->spec->own[i] && !is_joined(args, i))
			continue;
		if (i == RUNTIME_CGROUP && args->group >= 0)
			continue; /* comes with READY */
		/* The child may not have entered the fresh one yet. */
		c->ns[i] = i == RUNTIME_NETWORK && args->fresh_net >= 0
				   ? fd_dup(args->fresh_net)
				   : open_namespace(c->pidfd, i);
		if (c->ns[i] < 0)
			return err_sys(err, c->ns[i], "cannot open the %s namespace",
				       runtime_namespace_names[i]);
	}
	return 0;
}

static int run_hooks(struct run_container *c, const struct run_args *args, struct err *err)
{
	struct hook_call call = { .spec = args->spec, .caller = args->caller };
	pid_t pid = proc_host_pid(c->pidfd);
	int r = pid < 0 ? err_sys(err, (int)pid, "cannot find the container's first process") : 0;

	call.pid = pid;
	call.kind = RUNTIME_HOOK_PRESTART;
	if (r == 0)
		r = hook_run(&call, err);
	call.kind = RUNTIME_HOOK_CREATE_RUNTIME;
	if (r == 0)
		r = hook_run(&call, err);
	if (r < 0)
		return r;
	r = exchange_send(c->sock, EXCHANGE_HOOKED, 0, NULL, 0);
	return r < 0 ? err_sys(err, r, "cannot go on behind the hooks") : 0;
}

static int await_ready(struct run_container *c, const struct run_args *args, struct err *err)
{
	enum exchange_kind kind;
	int fds[FD_PASS_MAX];
	int32_t value = 0;
	size_t count = 0;
	int r = exchange_wait(c->sock, &kind, &value, fds, &count, err);

	if (r > 0 && kind == EXCHANGE_HOOKS) {
		r = run_hooks(c, args, err);
		if (r == 0)
			r = exchange_wait(c->sock, &kind, &value, fds, &count, err);
	}
	if (r < 0)
		return r;
	if (r == 0 || kind != EXCHANGE_READY || count < 1)
		return err_set(err, -EIO,
			       "the container's first process ended before it was ready");
	size_t at = 0;
	c->root = fds[at++];
	if ((value & READY_CONSOLE) && at < count)
		c->console = fds[at++];
	if ((value & READY_CGROUP) && at < count)
		c->ns[RUNTIME_CGROUP] = fds[at++];
	return 0;
}

static int not_made(int code, struct err *err)
{
	(void)err_sys(err, code, "cannot make the container's namespaces");
	return code == -ENOSPC
		       ? err_hint(
				 err,
				 "you have as many of a kind as you may have: remove containers, or look at "
				 "'sysctl -a --pattern max_.*_namespaces'")
		       : code;
}

/* As sys_fork_into(). */
static pid_t fork_into(uint64_t flags, int group, int *pidfd)
{
	pid_t pid;
	int tries = 0;

	do
		pid = sys_fork_into(flags, group, pidfd);
	while (pid < 0 && slots_await((int)pid, &tries));
	return pid;
}

/* The door enters what is shared and makes the child, which is ours all the same. */
no_return static void door(struct child *child, const struct join *join, uint64_t flags)
{
	struct err err = { 0 };
	int pidfd = -1;
	int r = join->ipc < 0 ? 0 : join_shm(join->ipc, &err);
	child->shm = join->ipc < 0 ? -1 : r;
	r = r < 0 ? r : join_enter(join, &err);
	pid_t pid = r < 0 ? r : fork_into(flags | CLONE_PARENT, child->args->group, &pidfd);

	if (pid == 0)
		child_main(child);
	if (r == 0)
		r = pid < 0 ? (int)pid
			    : exchange_send(child->sock, EXCHANGE_FORKED, pid, &pidfd, 1);
	if (r < 0 && !err.text)
		(void)not_made(r, &err);
	if (r < 0)
		exchange_fail(child->sock, &err);
	_exit(0);
}

static int fork_through_door(struct child *child, const struct join *join, struct run_container *c,
			     struct err *err)
{
	enum exchange_kind kind;
	int fds[FD_PASS_MAX], helper = -1;
	size_t count = 0;
	pid_t pid = sys_fork_flags(0, &helper);

	if (pid == 0)
		door(child, join, clone_flags(child->args));
	if (pid < 0)
		return err_sys(err, (int)pid, "cannot fork");
	int r = exchange_wait(c->sock, &kind, NULL, fds, &count, err);
	(void)!proc_wait(helper);
	fd_close(helper);
	if (r < 0)
		return r;
	if (r == 0 || kind != EXCHANGE_FORKED || count != 1)
		return err_set(err, -EIO, "the container's first process was not made");
	c->pidfd = fds[0];
	return 0;
}

static int fork_child(struct child *child, struct run_container *c, struct err *err)
{
	const struct run_args *args = child->args;
	const struct join join = { args->join_pid, args->join_net, args->join_ipc, args->join_uts };
	int pair[2];

	/* Root of the joined container owns the new user namespace and would have every right over
	 * our child, which still sees the host's files. */
	if (join.pid >= 0 && args->spec->own[RUNTIME_USER])
		return err_set(
			err, -ENOTSUP,
			"a container with a user namespace of its own cannot share another's processes");
	int r = fd_pair(SOCK_SEQPACKET, pair);
	if (r < 0)
		return err_sys(err, r, "cannot make a socket pair");
	c->sock = pair[0];
	AUTO(fd) int theirs = pair[1];
	child->sock = theirs;
	if (join_any(&join))
		return fork_through_door(child, &join, c, err);
	pid_t pid = fork_into(clone_flags(args), args->group, &c->pidfd);
	if (pid == 0)
		child_main(child);
	return pid < 0 ? not_made((int)pid, err) : 0;
}

static int create(const struct run_args *args, struct run_container *c, struct err *err)
{
	AUTO(plan) struct plan plan = { 0 };
	AUTO(filter) struct filter filter = { 0 };
	int r = plan_make(args->spec, &plan, err);

	if (r == 0)
		r = filter_find(args->host, args->spec, &filter, err);
	if (r < 0)
		return r;
	AUTO(fd) int tree = mount_copy(args->rootfs, true);
	if (tree < 0)
		return err_sys(err, tree, "cannot take the root file system");
	struct child child = { .args = args,
			       .shm = -1,
			       .plan = &plan,
			       .filter = &filter,
			       .tree = tree,
			       .caller = getpid() };
	r = fork_child(&child, c, err);
	if (r == 0)
		r = write_maps(c, args->spec, err);
	if (r < 0)
		return r;
	/* Before the child goes on: it becomes another user of its user namespace, and nobody but
	 * the host's root may look into such a process. A child that has failed has no namespaces
	 * any more: what it says is the reason. */
	AUTO(err) struct err wrong = { 0 };
	int meanwhile = open_namespaces(c, args, &wrong);
	if (args->spec->own[RUNTIME_USER])
		/* One that is gone has said why. */
		(void)!exchange_send(c->sock, EXCHANGE_MAPPED, 0, NULL, 0);
	if (meanwhile == 0 && args->made && args->fresh_net < 0 && args->spec->own[RUNTIME_NETWORK])
		meanwhile = args->made(args->data, c->ns[RUNTIME_NETWORK], &wrong);
	r = await_ready(c, args, err);
	return r == 0 && meanwhile < 0 ? err_move(err, &wrong) : r;
}

int run_create(const struct run_args *args, struct run_container **out, struct err *err)
{
	AUTO(run_container) struct run_container *c = mem_new(struct run_container);

	c->pidfd = c->sock = c->root = c->console = -1;
	for (int i = 0; i < RUNTIME_NAMESPACES; i++)
		c->ns[i] = -1;
	c->program = str_dup(args->spec->args.items[0]);
	int r = create(args, c, err);
	if (r < 0)
		return r;
	*out = take_ptr(c);
	return 0;
}

int run_start(struct run_container *c, struct err *err)
{
	enum exchange_kind kind;
	int r = exchange_send(c->sock, EXCHANGE_GO, 0, NULL, 0);

	if (r < 0)
		return err_set(err, -ESRCH, "the container's first process is gone");
	c->started = true;
	r = exchange_wait(c->sock, &kind, NULL, NULL, NULL, err);
	if (r > 0 && kind == EXCHANGE_LAST)
		r = exchange_wait(c->sock, &kind, NULL, NULL, NULL, err);
	else if (r == 0)
		r = err_set(err, -ESRCH, "the container's first process was killed");
	fd_close(take_fd(c->sock));
	if (r < 0)
		return exchange_explain(r, c->program, err);
	return 0;
}

int run_exit_status(int code, bool started)
{
	if (!started)
		return STATUS_DIED;
	if (code == -ENOENT || code == -ENOTDIR)
		return NOT_FOUND;
	return code == -EACCES || code == -ENOEXEC || code == -EISDIR ? NOT_EXECUTABLE
								      : STATUS_DIED;
}

int run_pidfd(const struct run_container *c)
{
	return c->pidfd;
}

int run_namespace(const struct run_container *c, const char *name)
{
	for (int i = 0; i < RUNTIME_NAMESPACES; i++)
		if (str_eq(kinds[i].name, name))
			return c->ns[i];
	return -1;
}

int run_root(const struct run_container *c)
{
	return c->root;
}

int run_console(struct run_container *c)
{
	return take_fd(c->console);
}

void run_free(struct run_container *c)
{
	if (!c)
		return;
	fd_close(c->sock);
	if (c->pidfd >= 0 && !c->started) {
		(void)!pidfd_send_signal(c->pidfd, SIGKILL, NULL, 0); /* it may have ended */
		(void)!proc_wait(c->pidfd);
	}
	fd_close(c->pidfd);
	fd_close(c->root);
	fd_close(c->console);
	for (int i = 0; i < RUNTIME_NAMESPACES; i++)
		fd_close(c->ns[i]);
	free(c->program);
	free(c);
}
