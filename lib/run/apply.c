/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * apply - carrying a plan out, in the container's namespaces and before its root is ours
 */
#include "run/apply.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "kern/at.h"
#include "kern/mount.h"
#include "kern/sys.h"
#include "net/netns.h"
#include "run/bind.h"
#include "run/exchange.h"
#include "run/hook.h"

enum {
	DIR_MODE = 0755,
	FILE_MODE = 0644,
	NODE_MODE = 0666,
	NULL_MAJOR = 1,
	NULL_MINOR = 3,
	HOST_PID_BYTES = 16
};

void apply_init(struct apply *a, const struct runtime_spec *spec, const struct plan *plan, int root)
{
	*a = (struct apply){ .spec = spec,
			     .plan = plan,
			     .root = root,
			     .sources = mem_alloc(plan->count + 1, sizeof *a->sources),
			     .proc = -1,
			     .dev = -1,
			     .pts = -1,
			     .null = -1,
			     .shm = -1,
			     .empty = -1,
			     .exchange = -1,
			     .pty = { .master = -1, .slave = -1 } };
	for (size_t i = 0; i < plan->count; i++)
		a->sources[i] = -1;
}

/* Shared memory goes with the System V kind: where that is another container's, so is this. */
static bool is_shared_memory(const struct apply *a, const struct plan_op *op)
{
	return a->shm >= 0 && op->kind == PLAN_BIND && str_eq(op->source, "/dev/shm") &&
	       str_eq(op->target, "/dev/shm");
}

/* Links in what strangers wrote stay inside it. */
static int open_source(const struct plan_op *op)
{
	int fd = open(op->source, O_PATH | O_CLOEXEC);

	if (fd < 0 || !op->subpath)
		return fd < 0 ? -errno : fd;
	AUTO(fd) int whole = fd;
	return at_open_in_root(whole, op->subpath, O_PATH, 0);
}

int apply_sources(struct apply *a, struct err *err)
{
	for (size_t i = 0; i < a->plan->count; i++) {
		const struct plan_op *op = &a->plan->items[i];
		if ((op->kind != PLAN_BIND && op->kind != PLAN_DEVICE) || is_shared_memory(a, op))
			continue;
		a->sources[i] = open_source(op);
		if (a->sources[i] < 0 && (op->flags & PLAN_OPTIONAL))
			continue;
		if (a->sources[i] < 0)
			return err_sys(err, a->sources[i], "cannot mount '%s' on '%s'",
				       str_or(op->subpath, op->source), op->target);
	}
	return 0;
}

/* The last name of a path directly in /dev, where that is ours. */
static const char *name_in_dev(const struct apply *a, const char *target)
{
	const char *name = str_starts(target, "/dev/");

	return a->dev >= 0 && name && *name && !strchr(name, '/') && name[0] != '.' ? name : NULL;
}

static int attach_in_dev(const struct apply *a, int mount, const char *name)
{
	return move_mount(mount, "", a->dev, name, MOVE_MOUNT_F_EMPTY_PATH) < 0 ? -errno : 0;
}

static bool is_kernel_fs(const struct plan_op *op)
{
	return op->kind != PLAN_BIND && (str_eq(op->target, "/proc") ||
					 str_eq(op->target, "/sys") || str_eq(op->target, "/dev"));
}

/* Where an image has a link instead of /proc, /sys or /dev, nothing is mounted at its end. */
static int open_target(const struct apply *a, const struct plan_op *op, bool *out_made)
{
	uint64_t links = is_kernel_fs(op) ? RESOLVE_NO_SYMLINKS : 0;
	int fd = at_open(a->root, op->target, O_PATH | O_DIRECTORY, 0, RESOLVE_IN_ROOT | links);

	*out_made = fd == -ENOENT;
	if (fd != -ENOENT)
		return fd;
	return at_mkdir_p_in_root(a->root, op->target, DIR_MODE);
}

static bool is_in_memory(const struct plan_op *op)
{
	return op->kind == PLAN_MOUNT && (str_eq(op->type, "tmpfs") || str_eq(op->type, "ramfs"));
}

/* Attributes that were asked for outweigh those of the folder that was there. */
static int set_asked(const struct plan_op *op, const struct stat *asked, int mount)
{
	uid_t uid = strv_env_get(&op->data, "uid") ? asked->st_uid : (uid_t)-1;
	gid_t gid = strv_env_get(&op->data, "gid") ? asked->st_gid : (gid_t)-1;

	if (fchownat(mount, "", uid, gid, AT_EMPTY_PATH) < 0)
		return -errno;
	if (strv_env_get(&op->data, "mode") && fchmodat(mount, ".", asked->st_mode & 07777, 0) < 0)
		return -errno;
	return 0;
}

/* What lies in memory instead of a folder of the image has its mode and, if wanted, its contents. */
static int take_after(const struct plan_op *op, int target, int mount)
{
	struct stat fresh, there;
	int r = 0;

	if (!is_in_memory(op))
		return 0;
	if (fstat(mount, &fresh) < 0 || fstat(target, &there) < 0)
		return -errno;
	if (op->flags & PLAN_COPY_UP)
		r = bind_copy_up(target, mount);
	else if (fchmodat(mount, ".", there.st_mode & 07777, 0) < 0)
		r = -errno;
	return r < 0 ? r : set_asked(op, &fresh, mount);
}

static int attach_fs(struct apply *a, const struct plan_op *op, int mount)
{
	const char *name = name_in_dev(a, op->target);

	if (name) {
		if (mkdirat(a->dev, name, DIR_MODE) < 0 && errno != EEXIST)
			return -errno;
		return attach_in_dev(a, mount, name);
	}
	bool made;
	AUTO(fd) int target = open_target(a, op, &made);
	if (target < 0)
		return target;
	if (bind_hides_proc(target, op->target, mount))
		return -ENOTSUP;
	int r = made ? 0 : take_after(op, target, mount);
	return r < 0 ? r : mount_attach(mount, target);
}

/* Without the right to mount a fresh one (a masked /proc around us, a network namespace of another
 * owner), the host's is shown instead, which reveals nothing that was hidden before. */
static int from_host(const struct plan_op *op)
{
	bool proc = str_eq(op->type, "proc"), sys = str_eq(op->type, "sysfs");

	if (!proc && !sys)
		return -EPERM;
	AUTO(fd) int source = open(proc ? "/proc" : "/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (source < 0)
		return -errno;
	AUTO(fd) int mount = mount_copy(source, true);
	if (mount < 0)
		return mount;
	int r = mount_change(mount, true, op->set, 0, MS_PRIVATE);
	return r < 0 ? r : take_fd(mount);
}

static int step_mount(struct apply *a, const struct plan_op *op, struct err *err)
{
	const char *refused;
	/* What is to be filled first becomes read-only afterwards. */
	uint64_t later = is_in_memory(op) ? op->set & MOUNT_ATTR_RDONLY : 0;
	AUTO(fd)
	int mount = mount_new(op->type, op->source, &op->data, op->set & ~later, &refused);

	if (mount < 0 && refused)
		return err_set(err, -EINVAL, "the %s on '%s' does not take the option '%s'",
			       op->type, op->target, refused);
	if (mount == -EPERM)
		mount = from_host(op);
	if (mount < 0 && (op->flags & PLAN_OPTIONAL))
		return 0;
	int r = mount < 0 ? mount : attach_fs(a, op, mount);
	if (r == 0 && later)
		r = mount_change(mount, false, later, 0, 0);
	if (r == -ENOTSUP)
		return err_set(err, r, "cannot mount %s on '%s': it is part of the kernel's /proc",
			       op->type, op->target);
	if (r == -ENOTDIR || r == -ELOOP)
		return err_set(err, r, "cannot mount %s: '%s' in the image is no directory",
			       op->type, op->target);
	if (r < 0)
		return err_sys(err, r, "cannot mount %s on '%s'", op->type, op->target);
	if (op->kind == PLAN_DEV)
		a->dev = take_fd(mount);
	else if (op->kind == PLAN_DEVPTS && a->pts < 0)
		a->pts = take_fd(mount);
	else if (str_eq(op->type, "proc") && str_eq(op->target, "/proc"))
		a->proc = take_fd(mount);
	return 0;
}

static int step_device(struct apply *a, const struct plan_op *op, int source, struct err *err)
{
	const char *name = name_in_dev(a, op->target);
	struct stat st;
	int r;

	AUTO(fd) int mount = mount_copy(source, false);
	if (mount < 0)
		return err_sys(err, mount, "cannot bind the device '%s'", op->source);
	if (fstat(mount, &st) < 0 || (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode)))
		return bind_apply(a->root, a->spec, op, source, err); /* a folder of devices */
	if (!name) {
		AUTO(fd) int target = at_mkfile_in_root(a->root, op->target, NODE_MODE);
		r = target < 0 ? target : mount_attach(mount, target);
	} else if (mknodat(a->dev, name, S_IFREG | NODE_MODE, 0) < 0 && errno != EEXIST) {
		r = -errno;
	} else {
		r = attach_in_dev(a, mount, name);
	}
	return r < 0 ? err_sys(err, r, "cannot bind the device '%s'", op->target) : 0;
}

static int step_link(struct apply *a, const struct plan_op *op, struct err *err)
{
	const char *name = name_in_dev(a, op->target);

	if (!name || symlinkat(op->source, a->dev, name) == 0 || errno == EEXIST)
		return 0;
	return err_sys(err, -errno, "cannot make the link '%s'", op->target);
}

/* On a root that cannot be written, the file is simply not there. */
static int step_touch(struct apply *a, const struct plan_op *op)
{
	fd_close(at_mkfile_in_root(a->root, op->target, FILE_MODE));
	return 0;
}

static int step_file(struct apply *a, const struct plan_op *op, struct err *err)
{
	const char *name = str_starts(op->target, "/dev/");

	if (a->dev < 0 || !name) /* another /dev was asked for: it has what it has */
		return 0;
	AUTO(fd) int fd = openat(a->dev, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	int r = fd < 0 ? -errno : fd_write_all(fd, op->source, strlen(op->source));
	return r < 0 ? err_sys(err, r, "cannot make '%s'", op->target) : 0;
}

/* Our procfs, or the one around us where we may not mount any. */
static int own_proc(struct apply *a)
{
	struct statfs fs;

	if (a->proc >= 0)
		return a->proc;
	AUTO(fd) int fd = mount_new("proc", NULL, NULL, 0, NULL);
	if (fd < 0)
		fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstatfs(fd, &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC)
		return -EINVAL;
	a->proc = take_fd(fd);
	return a->proc;
}

static int step_sysctl(struct apply *a, const struct plan_op *op, struct err *err)
{
	int proc = own_proc(a);
	AUTO(mem) char *path = str_fmt("sys/%s", op->target);
	AUTO(fd)
	int fd = proc < 0 ? proc
			  : at_open(proc, path, O_WRONLY, 0,
				    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
	int r = fd < 0 ? fd : fd_write_all(fd, op->source, strlen(op->source));

	return r < 0 ? err_sys(err, r, "cannot set '%s' to '%s'", op->target, op->source) : 0;
}

static int open_null(struct apply *a)
{
	struct stat st;

	if (a->null >= 0)
		return a->null;
	AUTO(fd) int fd = open("/dev/null", O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode) ||
	    st.st_rdev != makedev(NULL_MAJOR, NULL_MINOR))
		return -ENODEV;
	a->null = take_fd(fd);
	return a->null;
}

/* One empty tmpfs covers them all: it lies on the first, copies of it on the others. */
static int cover_directory(struct apply *a, int target)
{
	AUTO(strv) struct strv options = { 0 };

	if (a->empty >= 0) {
		AUTO(fd) int copy = mount_copy(a->empty, false);
		return copy < 0 ? copy : mount_attach(copy, target);
	}
	strv_add(&options, "size=0k");
	strv_add(&options, "mode=755");
	AUTO(fd)
	int mount = mount_new(
		"tmpfs", "tmpfs", &options,
		MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, NULL);
	int r = mount < 0 ? mount : mount_attach(mount, target);
	if (r == 0)
		a->empty = take_fd(mount);
	return r;
}

static int cover_file(struct apply *a, int target)
{
	int null = open_null(a);
	AUTO(fd) int copy = null < 0 ? null : mount_copy(null, false);

	return copy < 0 ? copy : mount_attach(copy, target);
}

/* What is not there needs no covering. */
static bool is_absent(int fd)
{
	return fd == -ENOENT || fd == -ENOTDIR || fd == -EACCES;
}

static int step_mask(struct apply *a, const struct plan_op *op, struct err *err)
{
	struct stat st;
	AUTO(fd) int target = at_open_in_root(a->root, op->target, O_PATH, 0);

	if (is_absent(target))
		return 0;
	int r = target < 0 ? target : fstat(target, &st) < 0 ? -errno : 0;
	if (r == 0)
		r = S_ISDIR(st.st_mode) ? cover_directory(a, target) : cover_file(a, target);
	return r < 0 ? err_sys(err, r, "cannot mask '%s'", op->target) : 0;
}

static int step_read_only(struct apply *a, const struct plan_op *op, struct err *err)
{
	AUTO(fd) int target = at_open_in_root(a->root, op->target, O_PATH, 0);

	if (is_absent(target))
		return 0;
	AUTO(fd) int copy = target < 0 ? target : mount_copy(target, true);
	int r = copy < 0 ? copy : mount_change(copy, true, MOUNT_ATTR_RDONLY, 0, 0);
	if (r == 0)
		r = mount_attach(copy, target);
	return r < 0 ? err_sys(err, r, "cannot make '%s' read-only", op->target) : 0;
}

/* A filter around us (a container in a container) may forbid it to everybody: then the name is that of
 * the outer one, which is no reason not to run. */
static int step_name(const struct plan_op *op, struct err *err)
{
	size_t n = strlen(op->target);
	int r = op->kind == PLAN_HOSTNAME ? sethostname(op->target, n)
					  : setdomainname(op->target, n);

	if (r == 0 || errno == EPERM)
		return 0;
	return err_sys(err, -errno, "cannot set the host name '%s'", op->target);
}

/* Before the user's own sysctls, which may ask for something else. */
static int step_loopback(struct apply *a, struct err *err)
{
	int proc = own_proc(a);

	return netns_bare(proc < 0 ? -1 : proc, err);
}

static int step_shared_memory(struct apply *a, const struct plan_op *op, struct err *err)
{
	int r = attach_fs(a, op, a->shm);

	return r < 0 ? err_sys(err, r, "cannot share '%s'", op->target) : 0;
}

/* The /proc around us is still the host's: its numbers are what a hook understands. */
static pid_t own_host_pid(void)
{
	char text[HOST_PID_BYTES];
	ssize_t n = readlink("/proc/self", text, sizeof text - 1);
	uint64_t pid = 0;

	text[n < 0 ? 0 : n] = 0;
	return str_u64(text, INT32_MAX, &pid) < 0 ? getpid() : (pid_t)pid;
}

static int step_hooks(struct apply *a, struct err *err)
{
	enum exchange_kind kind;
	int r = exchange_send(a->exchange, EXCHANGE_HOOKS, 0, NULL, 0);

	if (r < 0)
		return err_sys(err, r, "cannot ask for hooks");
	r = exchange_wait(a->exchange, &kind, NULL, NULL, NULL, err);
	if (r < 0)
		return r;
	if (r == 0 || kind != EXCHANGE_HOOKED)
		return err_set(err, -ECANCELED, "the hooks were not run");
	return hook_run(&(struct hook_call){ .spec = a->spec,
					     .kind = RUNTIME_HOOK_CREATE_CONTAINER,
					     .pid = own_host_pid(),
					     .caller = a->caller },
			err);
}

static int step(struct apply *a, const struct plan_op *op, int source, struct err *err)
{
	switch (op->kind) {
	case PLAN_MOUNT:
	case PLAN_DEV:
	case PLAN_DEVPTS:
		return step_mount(a, op, err);
	case PLAN_DEVICE:
		return step_device(a, op, source, err);
	case PLAN_LINK:
		return step_link(a, op, err);
	case PLAN_BIND:
		if (is_shared_memory(a, op))
			return step_shared_memory(a, op, err);
		if (source < 0) /* one that need not be there */
			return 0;
		return bind_apply(a->root, a->spec, op, source, err);
	case PLAN_TOUCH:
		return step_touch(a, op);
	case PLAN_FILE:
		return step_file(a, op, err);
	case PLAN_SYSCTL:
		return step_sysctl(a, op, err);
	case PLAN_MASK:
		return step_mask(a, op, err);
	case PLAN_READ_ONLY:
		return step_read_only(a, op, err);
	case PLAN_ROOT_READ_ONLY: {
		int r = mount_change(a->root, false, MOUNT_ATTR_RDONLY, 0, 0);
		return r < 0 ? err_sys(err, r, "cannot make the root read-only") : 0;
	}
	case PLAN_HOOKS:
		return step_hooks(a, err);
	case PLAN_LOOPBACK:
		return step_loopback(a, err);
	case PLAN_HOSTNAME:
	case PLAN_DOMAINNAME:
		return step_name(op, err);
	}
	return err_set(err, -EINVAL, "unknown step %d", op->kind);
}

int apply_steps(struct apply *a, struct err *err)
{
	for (size_t i = 0; i < a->plan->count; i++) {
		int r = step(a, &a->plan->items[i], a->sources[i], err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The slave itself is bound: no name under the image's control leads to it. */
static int bind_console(struct apply *a)
{
	if (a->dev < 0)
		return 0;
	if (mknodat(a->dev, "console", S_IFREG | NODE_MODE, 0) < 0 && errno != EEXIST)
		return -errno;
	AUTO(fd) int mount = mount_copy(a->pty.slave, false);
	return mount < 0 ? mount : attach_in_dev(a, mount, "console");
}

int apply_terminal(struct apply *a, uint16_t rows, uint16_t columns, struct err *err)
{
	AUTO(fd) int found = -1;
	int pts = a->pts;

	if (pts < 0)
		pts = found = at_open_in_root(a->root, "/dev/pts", O_PATH | O_DIRECTORY, 0);
	int r = pts < 0 ? pts : pty_open(pts, rows, columns, a->spec->uid, &a->pty);
	if (r == 0)
		r = bind_console(a);
	return r < 0 ? err_sys(err, r, "cannot make a terminal") : 0;
}

int apply_pivot(struct apply *a, struct err *err)
{
	int r = fchdir(a->root) < 0 ? -errno : sys_pivot_root(".", ".");

	if (r == 0 && umount2(".", MNT_DETACH) < 0)
		r = -errno;
	if (r == 0 && chdir("/") < 0)
		r = -errno;
	return r < 0 ? err_sys(err, r, "cannot enter the root file system") : 0;
}
