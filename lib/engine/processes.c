/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * processes - the processes of containers, read from the host's /proc
 */
#include "engine/processes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"

enum {
	TEXT_MAX = 4 << 10,
	STAT_FIELDS = 24, /* of those behind the name that we read */
};

/* The fields of /proc/PID/stat behind the name; number 3 of proc(5) is index 0. */
static int parse_stat(char *text, struct process *p)
{
	char *open = strchr(text, '('), *close = strrchr(text, ')');
	AUTO(strv) struct strv f = { 0 };
	uint64_t n[STAT_FIELDS] = { 0 };

	if (!open || !close || close < open || !close[1])
		return -EBADMSG;
	strv_split(&f, close + 2, ' ');
	if (f.count < STAT_FIELDS)
		return -EBADMSG;
	for (size_t i = 1; i < STAT_FIELDS; i++) {
		int64_t v = 0;
		if (str_i64(f.items[i], INT64_MIN, INT64_MAX, &v) < 0)
			v = 0;
		n[i] = (uint64_t)v;
	}
	p->comm = str_ndup(open + 1, (size_t)(close - open - 1));
	p->state = *f.items[0];
	p->ppid = (int)n[1];
	p->pgid = (int)n[2];
	p->tty = (dev_t)n[4];
	p->ticks = n[11] + n[12];
	p->waited_ticks = n[13] + n[14];
	p->nice = (int)n[16];
	p->threads = (int)n[17];
	p->start_ticks = n[19];
	p->vsz = n[20] / 1024;
	p->rss = n[21] * (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
	return 0;
}

static int read_process(struct processes *all, const char *name)
{
	AUTO(fd) int dir = openat(all->proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO(mem) char *text = NULL;
	struct process p = { 0 };
	struct stat st;
	uint64_t pid;

	if (dir < 0 || str_u64(name, INT32_MAX, &pid) < 0 || fstatat(dir, "ns/pid", &st, 0) < 0 ||
	    file_read(dir, "stat", TEXT_MAX, &text, NULL) < 0)
		return -ESRCH;
	p.pid = (int)pid;
	p.pid_ns = st.st_ino;
	int r = parse_stat(text, &p);
	if (r == 0)
		*vec_push(all) = p;
	return r;
}

static int by_pid(const void *a, const void *b)
{
	const struct process *x = a, *y = b;

	return x->pid - y->pid;
}

int processes_read(struct processes *out, struct err *err)
{
	const struct dirent *entry;

	out->proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int again = out->proc < 0 ? -1 : fd_dup(out->proc);
	DIR *dir = again < 0 ? NULL : fdopendir(again);
	if (!dir) {
		fd_close(again);
		return err_sys(err, -errno, "cannot read /proc");
	}
	while ((entry = readdir(dir)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			(void)!read_process(out, entry->d_name);
	(void)closedir(dir);
	if (out->count)
		qsort(out->items, out->count, sizeof *out->items, by_pid);
	return 0;
}

static const struct process *find(const struct processes *all, int pid)
{
	const struct process key = { .pid = pid };

	return all->count ? bsearch(&key, all->items, all->count, sizeof key, by_pid) : NULL;
}

static bool below_ours(const struct processes *all, const struct process *p)
{
	const struct process *parent = find(all, p->ppid);

	return parent && parent->ours;
}

int processes_mark(struct processes *all, int root, struct err *err)
{
	const struct process *first = find(all, root), *self = find(all, getpid());

	if (!first)
		return err_set(err, -ESRCH, "the container has just ended");
	bool shared = self && self->pid_ns == first->pid_ns;
	ino_t ns = first->pid_ns;
	for (size_t i = 0; i < all->count; i++) {
		struct process *p = &all->items[i];
		p->ours = p->pid == root || (!shared && p->pid_ns == ns);
	}
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < all->count; i++) {
			struct process *p = &all->items[i];
			if (p->ours || !below_ours(all, p))
				continue;
			p->ours = more = true;
		}
	}
	return 0;
}

int processes_open(const struct processes *all, int pid)
{
	AUTO(mem) char *name = str_fmt("%d", pid);
	int fd = openat(all->proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

void processes_clear(struct processes *all)
{
	for (size_t i = 0; i < all->count; i++)
		free(all->items[i].comm);
	free(all->items);
	fd_close(all->proc);
	*all = (struct processes){ .proc = -1 };
}
