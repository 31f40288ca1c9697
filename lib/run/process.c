/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * process - the last steps of a process inside its container, for run and exec alike
 */
#include "run/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "kern/at.h"
#include "kern/caps.h"
#include "kern/cpus.h"
#include "kern/pty.h"
#include "kern/seccomp.h"
#include "kern/sys.h"
#include "run/exchange.h"
#include "run/init.h"
#include "run/notice.h"

enum { MODE_BYTES = 16, CWD_MODE = 0755, FIRST_EXTRA = 3 };

struct made {
	int root;
	const struct runtime_spec *spec;
};

static void give_directory(void *data, const char *path)
{
	const struct made *made = data;
	AUTO(fd) int fd = at_open_in_root(made->root, path, O_PATH | O_NOFOLLOW, 0);

	if (fd >= 0) /* a directory that stays root's is no reason to fail */
		(void)!fchownat(fd, "", made->spec->uid, made->spec->gid, AT_EMPTY_PATH);
}

static int open_cwd(int root, const struct runtime_spec *spec, bool make)
{
	struct made made = { .root = root, .spec = spec };
	int fd = at_open_in_root(root, spec->cwd, O_PATH | O_DIRECTORY, 0);

	if (fd != -ENOENT || !make)
		return fd;
	return at_mkdir_p_noting(root, spec->cwd, CWD_MODE, give_directory, &made);
}

/* The kernel says "(unreachable)" of a directory that lies outside the root. */
static bool is_inside(void)
{
	AUTO(mem) char *now = getcwd(NULL, 0);

	return now && now[0] == '/';
}

int process_cwd(int root, const struct runtime_spec *spec, bool make, struct err *err)
{
	if (spec->cwd[0] != '/')
		return err_set(err, -EINVAL, "the working directory '%s' is not absolute",
			       spec->cwd);
	AUTO(fd) int fd = open_cwd(root, spec, make);
	if (fd < 0)
		return err_sys(err, fd, "cannot use '%s' as the working directory", spec->cwd);
	if (fchdir(fd) < 0)
		return err_sys(err, -errno, "cannot enter the working directory '%s'", spec->cwd);
	if (!is_inside())
		return err_set(err, -EPERM, "the working directory '%s' is outside the container",
			       spec->cwd);
	return 0;
}

int process_io(struct run_io *io, struct err *err)
{
	int *fds[] = { &io->in, &io->out, &io->errout };

	for (size_t i = 0; i < array_len(fds); i++) {
		if (*fds[i] >= 0)
			continue;
		*fds[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (*fds[i] < 0)
			return err_sys(err, -errno, "cannot open /dev/null");
	}
	return 0;
}

static void give_pipe(int fd, const struct runtime_spec *spec)
{
	struct stat st;
	struct statfs fs;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode) || fstatfs(fd, &fs) < 0 ||
	    fs.f_type != PIPEFS_MAGIC)
		return;
	(void)!fchown(fd, spec->uid, spec->gid); /* an id that is not mapped: it stays as it is */
}

void process_give_pipes(const struct process *p)
{
	if (p->terminal >= 0 || p->spec->uid == 0)
		return;
	give_pipe(p->io.in, p->spec);
	give_pipe(p->io.out, p->spec);
	give_pipe(p->io.errout, p->spec);
}

/* Places 0, 1, 2, the extra ones, and the exchange behind them; out: its number. */
static bool is_null(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
}

/* The container's own /dev/null in place of the host's, if it is one: its path then has a name inside. */
static int null_inside(int fd)
{
	if (fd < 0 || !is_null(fd))
		return fd;
	int path = open("/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int own = path >= 0 && is_null(path)
			  ? open("/dev/null", O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
			  : -1;
	return own >= 0 && is_null(own) && fcntl(own, F_SETFL, O_RDWR) == 0 ? own : fd;
}

static int place_fds(const struct process *p, int *out_exchange, int *out_notice)
{
	int at = FIRST_EXTRA + (int)p->extra_count, extra[FD_PASS_MAX];
	int exchange = fcntl(p->exchange, F_DUPFD_CLOEXEC, at + 1);

	if (p->extra_count > FD_PASS_MAX || exchange < 0)
		return exchange < 0 ? -errno : -E2BIG;
	int notice = p->notice < 0 ? -1 : fcntl(p->notice, F_DUPFD_CLOEXEC, at + 1);
	if (p->notice >= 0 && notice < 0)
		return -errno;
	for (size_t i = 0; i < p->extra_count; i++) {
		extra[i] = p->extra[i] < 0 ? -1 : fcntl(p->extra[i], F_DUPFD_CLOEXEC, at + 1);
		if (p->extra[i] >= 0 && extra[i] < 0)
			return -errno;
	}
	int r = p->terminal >= 0 ? fd_stdio(p->terminal, p->terminal, p->terminal)
				 : fd_stdio(null_inside(p->io.in), null_inside(p->io.out),
					    null_inside(p->io.errout));
	if (r < 0)
		return r;
	for (size_t i = 0; i < p->extra_count; i++)
		if (extra[i] < 0)
			(void)close(FIRST_EXTRA + (int)i); /* it need not have been open */
		else if (dup2(extra[i], FIRST_EXTRA + (int)i) < 0)
			return -errno;
	if (dup2(exchange, at) < 0)
		return -errno;
	if (close_range((unsigned int)at + 1, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return -errno;
	*out_exchange = at;
	*out_notice = notice;
	return 0;
}

static int set_limits(const struct runtime_spec *spec, struct err *err)
{
	proc_raise_files();
	for (size_t i = 0; i < spec->rlimits.count; i++) {
		const struct runtime_rlimit *l = &spec->rlimits.items[i];
		struct rlimit value = { .rlim_cur = l->soft, .rlim_max = l->hard };
		if (setrlimit((__rlimit_resource_t)l->resource, &value) < 0) {
			int r = err_sys(err, -errno, "cannot set %s to %llu:%llu", l->name,
					(unsigned long long)l->soft, (unsigned long long)l->hard);
			(void)err_hint(err,
				       "an unprivileged user cannot exceed its own hard limit");
			return r;
		}
	}
	return 0;
}

static int bind_cpus(const struct runtime_spec *spec, struct err *err)
{
	cpu_set_t set;
	int r = spec->cpus ? cpus_parse(spec->cpus, &set) : 0;

	if (r == 0 && spec->cpus)
		r = cpus_set(0, &set);
	return r < 0 ? err_sys(err, r, "cannot run on the processors '%s'", spec->cpus) : 0;
}

int process_score(const struct runtime_spec *spec, struct err *err)
{
	char text[MODE_BYTES];

	if (!spec->scores)
		return 0;
	(void)snprintf(text, sizeof text, "%d", spec->oom_score);
	int r = file_write(AT_FDCWD, "/proc/self/oom_score_adj", 0, text, strlen(text));
	if (r >= 0)
		return 0;
	(void)err_sys(err, r, "cannot set oom_score_adj to %s", text);
	return err_hint(err, "a user can raise it, not lower it");
}

static void reset_inherited(const struct runtime_spec *spec)
{
	(void)umask(spec->umask);
	(void)setpriority(PRIO_PROCESS, 0, 0); /* only up to the limit: then it stays */
	proc_signals_reset();
}

/* With one id a program that becomes another user is answered with success; exec -u is no different. */
static bool is_answered(const struct runtime_spec *spec)
{
	return spec->emulate_root && errno == EINVAL;
}

/* The kernel calls an id that is not mapped invalid. */
static int refused_id(const struct runtime_maps *maps, const char *what, uint32_t id, int code,
		      struct err *err)
{
	if (code != -EINVAL)
		return err_sys(err, code, "cannot become %s %u", what, id);
	(void)err_set(err, code, "cannot become %s %u: it is none of the ids you have", what, id);
	if (maps->count)
		return err_hint(err,
				"have the map of the container's ids reach it, or take a lower "
				"one");
	return err_hint(err, "grant more ids in /etc/subuid and /etc/subgid, or take a lower one");
}

static int set_ids(const struct process *p, struct err *err)
{
	const struct runtime_spec *spec = p->spec;

	if (!spec->keep_groups && !spec->emulate_root) {
		int r = sys_setgroups(spec->groups.count, spec->groups.items);
		if (r < 0)
			return err_sys(err, r, "cannot set the supplementary groups");
	}
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return err_sys(err, -errno, "cannot keep capabilities");
	if (setresgid(spec->gid, spec->gid, spec->gid) < 0 && !is_answered(spec))
		return refused_id(&spec->gids, "group", spec->gid, -errno, err);
	if (setresuid(spec->uid, spec->uid, spec->uid) < 0 && !is_answered(spec))
		return refused_id(&spec->uids, "user", spec->uid, -errno, err);
	return 0;
}

/* In a shared pid namespace. Credentials do not change any more, which would clear the signal; the parent
 * may have ended before. Until now more capabilities than theirs kept others from looking into us. */
static int live_among_others(pid_t parent, struct err *err)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_sys(err, -errno, "cannot hide from the other processes");
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return err_sys(err, -errno, "cannot bind to the life of the monitor");
	if (getppid() != parent)
		return err_set(err, -ESRCH, "the monitor has ended");
	return 0;
}

/* The container's own comes last: it may forbid to load another. */
static int load_filters(const struct process *p, int notice, struct err *err)
{
	int r = notice < 0 ? 0 : notice_begin(notice, err);

	if (r < 0 || !p->filter)
		return r;
	r = seccomp_load(p->filter, p->filter_size);
	return r < 0 ? err_sys(err, r, "cannot load the system call filter") : 0;
}

static uint64_t caps_of(const struct strv *names)
{
	uint64_t set = 0;

	for (size_t i = 0; i < names->count; i++) {
		int number = caps_parse(names->items[i]);
		if (number >= 0)
			set |= CAP_BIT(number);
	}
	return set;
}

static struct cap_sets cap_sets_of(const struct runtime_caps *caps)
{
	return (struct cap_sets){
		.bounding = caps_of(&caps->bounding),
		.permitted = caps_of(&caps->permitted),
		.effective = caps_of(&caps->effective),
		.inheritable = caps_of(&caps->inheritable),
		.ambient = caps_of(&caps->ambient),
	};
}

static int set_rights(const struct process *p, const struct cap_sets *caps, int notice,
		      struct err *err)
{
	struct cap_sets filter_caps = { .permitted = caps->permitted | CAP_BIT(CAP_SYS_ADMIN),
					.effective = CAP_BIT(CAP_SYS_ADMIN) };
	int r = 0;

	if (!p->spec->no_new_privs && (p->filter || notice >= 0)) {
		r = caps_set(&filter_caps);
		if (r < 0)
			return err_sys(err, r, "cannot prepare for the system call filter");
		r = load_filters(p, notice, err);
		if (r < 0)
			return r;
	}
	r = caps_set(caps);
	if (r == 0 && caps->ambient)
		r = caps_raise(caps->ambient);
	if (r < 0)
		return err_sys(err, r, "cannot set the capabilities");
	if (!p->spec->no_new_privs)
		return 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(err, -errno, "cannot set no-new-privileges");
	return load_filters(p, notice, err);
}

/* The words that cubby-init wants stand before the program's own. */
static char **make_argv(const struct runtime_spec *spec, char mode[MODE_BYTES], int exchange)
{
	static char name[] = "cubby-init";
	char **argv = mem_alloc(spec->args.count + 4, sizeof *argv);
	const char kind = spec->program ? 'p' : spec->init ? 'i' : 'x';
	size_t n = 0;

	(void)snprintf(mode, MODE_BYTES, "%c%d", kind, exchange);
	argv[n++] = name;
	argv[n++] = mode;
	if (spec->program)
		argv[n++] = spec->program;
	for (size_t i = 0; i < spec->args.count; i++)
		argv[n++] = spec->args.items[i];
	return argv;
}

int process_become(const struct process *p, struct err *err)
{
	char mode[MODE_BYTES];
	static char *no_env[] = { NULL };
	int exchange = -1, notice = -1;

	if (p->terminal >= 0) {
		int r = pty_control(p->terminal);
		if (r < 0)
			return err_sys(err, r, "cannot make the terminal the controlling one");
	}
	int r = place_fds(p, &exchange, &notice);
	if (r < 0)
		return err_sys(err, r, "cannot place descriptors");
	int init = init_open();
	if (init < 0)
		return err_sys(err, init, "cannot copy cubby-init into memory");
	r = set_limits(p->spec, err);
	if (r == 0)
		r = bind_cpus(p->spec, err);
	if (r < 0)
		return r;
	reset_inherited(p->spec);
	r = exchange_send(exchange, EXCHANGE_LAST, 0, NULL, 0);
	if (r < 0)
		return err_sys(err, r, "cannot tell that the last steps begin");
	struct cap_sets caps = cap_sets_of(&p->spec->caps);
	r = caps_bound(caps.bounding);
	if (r < 0)
		return err_sys(err, r, "cannot lower the bounding set");
	r = set_ids(p, err);
	if (r == 0 && p->bound)
		r = live_among_others(p->parent, err);
	if (r == 0)
		r = set_rights(p, &caps, notice, err);
	if (r < 0)
		return r;
	char **argv = make_argv(p->spec, mode, exchange);
	char **env = p->spec->env.count ? p->spec->env.items : no_env;
	execveat(init, "", argv, env, AT_EMPTY_PATH);
	return err_sys(err, -errno, "cannot execute cubby-init");
}
