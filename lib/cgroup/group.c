/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * group - one control group: its settings, its processes, its end
 */
#include "cgroup/group.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/mem.h"

enum {
	TEXT_MAX = 1 << 20,
	MODE = 0755,
	PID_BYTES = 16,
	TRIES = 8,
	PATIENCE_MS = 1000,
	END_MS = 5000
};

static int write_text(int dir, const char *file, const char *text)
{
	AUTO(fd) int fd = openat(dir, file, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	/* One write is one command. */
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

int group_make(int parent, const char *name)
{
	if (mkdirat(parent, name, MODE) < 0 && errno != EEXIST)
		return -errno;
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int group_add(int dir, pid_t pid)
{
	char text[PID_BYTES];

	(void)snprintf(text, sizeof text, "%d", (int)pid);
	return write_text(dir, "cgroup.procs", text);
}

/* Return: how many there were, or a negative errno. */
static int move_all(int from, int to)
{
	AUTO(mem) char *text = NULL;
	AUTO(strv) struct strv pids = { 0 };
	int moved = 0;
	int r = file_read(from, "cgroup.procs", TEXT_MAX, &text, NULL);

	if (r < 0)
		return r;
	strv_split(&pids, str_trim(text), '\n');
	for (size_t i = 0; i < pids.count; i++) {
		r = *pids.items[i] ? write_text(to, "cgroup.procs", pids.items[i]) : -ESRCH;
		if (r < 0 && r != -ESRCH)
			return r;
		moved += r == 0;
	}
	return moved;
}

/* What is forked meanwhile is found the next time. */
static int empty(int dir, struct err *err)
{
	AUTO(fd) int rest = group_make(dir, GROUP_REST);
	int r = rest < 0 ? rest : 1;

	for (int i = 0; r > 0 && i < TRIES; i++)
		r = move_all(dir, rest);
	return r < 0 ? err_sys(err, r,
			       "cannot move the processes of the caller's control group to "
			       "'" GROUP_REST "' in it")
		     : 0;
}

/* In one write, so that all are enabled or none. */
static int enable(int dir, unsigned int set)
{
	AUTO(strv) struct strv words = { 0 };

	for (unsigned int i = 0; controller_names[i]; i++)
		if (set & CONTROLLER_BIT(i))
			strv_addf(&words, "+%s", controller_names[i]);
	AUTO(mem) char *text = str_join(&words, " ");
	return *text ? write_text(dir, "cgroup.subtree_control", text) : 0;
}

/* The root of the tree alone may hold processes beside groups, and has no type. Elsewhere the kernel refuses
 * some controllers then, and with the others makes it a group of threads, in which nothing else can be made. */
static bool is_in_the_way(int dir)
{
	AUTO(mem) char *text = NULL;

	return faccessat(dir, "cgroup.type", F_OK, 0) == 0 &&
	       file_read(dir, "cgroup.procs", TEXT_MAX, &text, NULL) >= 0 && *text;
}

int group_give(int dir, unsigned int set, struct err *err)
{
	int r = is_in_the_way(dir) ? empty(dir, err) : 0;

	if (r < 0)
		return r;
	r = enable(dir, set);
	return r < 0 ? err_sys(err, r, "cannot use the controllers of the control group") : 0;
}

static int write_as_parent(int dir, const char *file)
{
	AUTO(mem) char *name = str_fmt("../%s.effective", file);
	AUTO(mem) char *text = NULL;
	int r = file_read(dir, name, TEXT_MAX, &text, NULL);

	return r < 0 ? r : write_text(dir, file, text);
}

static int write_setting(int dir, const struct setting *s)
{
	const char *key = str_or(s->key, "");
	const char *gap = s->key ? " " : "";

	if (s->first && faccessat(dir, s->first, W_OK, AT_EACCESS) == 0) {
		AUTO(mem) char *text = str_fmt("%s%s%s", key, gap, s->first_value);
		return write_text(dir, s->first, text);
	}
	if (s->as_parent)
		return write_as_parent(dir, s->file);
	AUTO(mem) char *text = str_fmt("%s%s%s", key, gap, s->value);
	int r = write_text(dir, s->file, text);
	return r == -ENOENT && s->optional ? 0 : r;
}

static int refused(const struct setting *s, int r, struct err *err)
{
	(void)err_sys(err, r, "cannot set %s to '%s%s%s'", s->file, str_or(s->key, ""),
		      s->key ? " " : "", s->value);
	if (r == -EOPNOTSUPP && str_eq(s->file, "io.weight"))
		return err_hint(err, "a disk has weights with the scheduler bfq, or where root has "
				     "set io.cost.qos for it");
	if (r == -ENODEV && s->key)
		return err_hint(err, "limits are of whole disks, not of partitions");
	return r;
}

int group_set(int dir, const struct settings *list, struct err *err)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct setting *s = &list->items[i];
		int r = write_setting(dir, s);
		if (r == -ENOENT)
			return err_set(err, r, "this kernel has no '%s' for control groups",
				       s->file);
		if (r < 0)
			return refused(s, r, err);
	}
	return 0;
}

int64_t group_number(int dir, const char *file, const char *name)
{
	AUTO(mem) char *text = NULL;
	const size_t n = strlen(name);
	int64_t value = 0;

	if (file_read(dir, file, TEXT_MAX, &text, NULL) < 0)
		return 0;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, n) == 0 && line[n] == ' ' &&
		    sscanf(line + n, "%" SCNd64, &value) == 1)
			return value;
	}
	return 0;
}

/* Until a line of cgroup.events has a value; the file tells of changes. */
static bool await(int dir, const char *name, int64_t value, int patience)
{
	AUTO(fd) int fd = openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
	const int64_t until = clock_mono() + patience * (CLOCK_SECOND / 1000);
	char text[64];

	while (fd >= 0) {
		struct pollfd p = { .fd = fd, .events = POLLPRI };
		if (pread(fd, text, sizeof text, 0) < 0)
			return false; /* it has been removed */
		if (group_number(dir, "cgroup.events", name) == value)
			return true;
		const int64_t left = (until - clock_mono()) / (CLOCK_SECOND / 1000);
		if (left <= 0 || (poll(&p, 1, (int)left) < 0 && errno != EINTR))
			return false;
	}
	return false;
}

int group_freeze(int dir, bool on, struct err *err)
{
	int r = write_text(dir, "cgroup.freeze", on ? "1" : "0");

	if (r < 0)
		return err_sys(err, r, "cannot %s the container's control group",
			       on ? "freeze" : "thaw");
	(void)await(dir, "frozen", on, PATIENCE_MS); /* the rest follows as soon as it can */
	return 0;
}

int group_remove(const char *path)
{
	AUTO(fd) int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0)
		return errno == ENOENT ? 0 : -errno;
	if (rmdir(path) == 0)
		return 0;
	if (errno != EBUSY)
		return errno == ENOENT ? 0 : -errno;
	(void)!write_text(dir, "cgroup.kill", "1"); /* Linux 5.14; who is left shows below */
	(void)await(dir, "populated", 0, END_MS);
	return rmdir(path) < 0 && errno != ENOENT ? -errno : 0;
}
