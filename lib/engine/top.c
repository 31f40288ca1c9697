/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * top - the processes of a container, read from the host's /proc
 *
 * A process belongs to the container when it lives in the pid namespace of its PID 1, or when its parent
 * belongs to it. Where that namespace is the host's, only the second counts.
 */
#include "engine/top.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"
#include "store/record.h"
#include "store/transition.h"

enum {
	TEXT_MAX = 128 << 10,
	PATH_ROOM = 64,
	STAT_FIELDS = 24, /* of those behind the name that we read */
	PTS_MAJOR_FIRST = 136,
	PTS_MAJOR_LAST = 143,
	DAY = 24 * 60 * 60,
};

struct process {
	int pid, ppid, pgid, nice, nspid;
	ino_t pid_ns;
	char state;
	char *comm, *args;
	dev_t tty;
	uint64_t ticks, start_ticks; /* used; since the machine started */
	uint64_t vsz, rss;	     /* KiB */
	unsigned int uid, gid;	     /* for the host */
	bool ours;
};

struct processes {
	struct process *items;
	size_t count;
	int proc;	   /* /proc */
	int root;	   /* PID 1 of the container */
	int64_t now, boot; /* ns since the epoch */
	long ticks;	   /* a second */
};

static void processes_clear(struct processes *p)
{
	for (size_t i = 0; i < p->count; i++) {
		free(p->items[i].comm);
		free(p->items[i].args);
	}
	free(p->items);
	fd_close(p->proc);
}

static inline void auto_processes(struct processes *p)
{
	processes_clear(p);
}

/* The fields of /proc/PID/stat behind the name; number 3 of proc(5) is index 0. */
static int parse_stat(char *text, struct process *p)
{
	char *open = strchr(text, '('), *close = strrchr(text, ')');
	AUTO(strv) struct strv f = { 0 };
	uint64_t n[STAT_FIELDS] = { 0 };

	if (!open || !close || close < open || !close[1])
		return -EBADMSG;
	p->comm = str_ndup(open + 1, (size_t)(close - open - 1));
	strv_split(&f, close + 2, ' ');
	if (f.count < STAT_FIELDS)
		return -EBADMSG;
	for (size_t i = 1; i < STAT_FIELDS; i++) {
		int64_t v = 0;
		if (str_i64(f.items[i], INT64_MIN, INT64_MAX, &v) < 0)
			v = 0;
		n[i] = (uint64_t)v;
	}
	p->state = *f.items[0];
	p->ppid = (int)n[1];
	p->pgid = (int)n[2];
	p->tty = (dev_t)n[4];
	p->ticks = n[11] + n[12];
	p->nice = (int)n[16];
	p->start_ticks = n[19];
	p->vsz = n[20] / 1024;
	p->rss = n[21] * (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
	return 0;
}

static void read_status(int dir, struct process *p)
{
	AUTO(mem) char *text = NULL;
	const char *at;

	if (file_read(dir, "status", TEXT_MAX, &text, NULL) < 0)
		return;
	if ((at = strstr(text, "\nUid:")))
		(void)sscanf(at, "\nUid: %*u %u", &p->uid);
	if ((at = strstr(text, "\nGid:")))
		(void)sscanf(at, "\nGid: %*u %u", &p->gid);
	p->nspid = p->pid;
	if ((at = strstr(text, "\nNSpid:"))) {
		const char *end = strchr(at + 1, '\n');
		const char *last = end ? memrchr(at, '\t', (size_t)(end - at)) : NULL;
		if (last)
			(void)sscanf(last, "\t%d", &p->nspid);
	}
}

static void read_args(int dir, struct process *p)
{
	size_t size = 0;

	if (file_read(dir, "cmdline", TEXT_MAX, &p->args, &size) < 0 || size == 0) {
		free(p->args);
		p->args = str_fmt("[%s]", p->comm);
		return;
	}
	for (size_t i = 0; i + 1 < size; i++)
		if (p->args[i] == 0 || p->args[i] == '\n')
			p->args[i] = ' ';
}

/* A process that ends meanwhile, or that is another user's, is none of ours. */
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
	if (parse_stat(text, &p) < 0) {
		free(p.comm);
		return -EBADMSG;
	}
	*vec_push(all) = p;
	return 0;
}

static int read_all(struct processes *all, struct err *err)
{
	const struct dirent *entry;

	all->proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int again = all->proc < 0 ? -1 : fd_dup(all->proc);
	DIR *dir = again < 0 ? NULL : fdopendir(again);
	if (!dir) {
		fd_close(again);
		return err_sys(err, -errno, "cannot read /proc");
	}
	while ((entry = readdir(dir)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			(void)!read_process(all, entry->d_name);
	(void)closedir(dir);
	return 0;
}

static const struct process *find(const struct processes *all, int pid)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->items[i].pid == pid)
			return &all->items[i];
	return NULL;
}

static bool below_ours(const struct processes *all, const struct process *p)
{
	const struct process *parent = find(all, p->ppid);

	return parent && parent->ours;
}

static int mark(struct processes *all, struct err *err)
{
	const struct process *root = find(all, all->root), *self = find(all, getpid());

	if (!root)
		return err_set(err, -ESRCH, "the container has just ended");
	bool shared = self && self->pid_ns == root->pid_ns;
	ino_t ns = root->pid_ns;
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < all->count; i++) {
			struct process *p = &all->items[i];
			if (p->ours)
				continue;
			p->ours = p->pid == all->root || (!shared && p->pid_ns == ns) ||
				  below_ours(all, p);
			more |= p->ours;
		}
	}
	return 0;
}

static int take(struct processes *all, int root, struct err *err)
{
	all->root = root;
	int r = read_all(all, err);
	if (r == 0)
		r = mark(all, err);
	for (size_t i = 0; r == 0 && i < all->count; i++) {
		struct process *p = &all->items[i];
		AUTO(mem) char *name = str_fmt("%d", p->pid);
		AUTO(fd) int dir = -1;
		if (!p->ours)
			continue;
		dir = openat(all->proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		read_status(dir, p);
		read_args(dir, p);
	}
	all->ticks = sysconf(_SC_CLK_TCK);
	all->now = clock_now();
	struct timespec up;
	(void)clock_gettime(CLOCK_BOOTTIME, &up);
	all->boot = all->now - up.tv_sec * CLOCK_SECOND - up.tv_nsec;
	return r;
}

/* What an id of the host is inside; the maps of PID 1 are the container's. */
static char *inside(const struct processes *all, const char *map, unsigned int id)
{
	AUTO(mem) char *path = str_fmt("%d/%s", all->root, map);
	AUTO(mem) char *text = NULL;
	unsigned int in, out, count;

	if (file_read(all->proc, path, TEXT_MAX, &text, NULL) < 0)
		return str_fmt("%u", id);
	for (char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%u %u %u", &in, &out, &count) == 3 && id >= out &&
		    id - out < count)
			return in + (id - out) ? str_fmt("%u", in + (id - out)) : str_dup("root");
	}
	return str_fmt("%u", id);
}

static int64_t seconds_old(const struct processes *all, const struct process *p)
{
	return (all->now - all->boot) / CLOCK_SECOND -
	       (int64_t)(p->start_ticks / (uint64_t)all->ticks);
}

static char *clock_text(int64_t seconds)
{
	int h = (int)(seconds / 3600), m = (int)(seconds / 60 % 60), s = (int)(seconds % 60);

	return str_fmt("%02d:%02d:%02d", h, m, s);
}

#define COLUMN(name)                                                                               \
	static char *column_##name(unused_arg const struct processes *all, const struct process *p)

COLUMN(args)
{
	return str_dup(p->args);
}

COLUMN(comm)
{
	return str_dup(p->comm);
}

COLUMN(pid)
{
	return str_fmt("%d", p->pid);
}

COLUMN(nspid)
{
	return str_fmt("%d", p->nspid);
}

COLUMN(ppid)
{
	return str_fmt("%d", p->ppid);
}

COLUMN(pgid)
{
	return str_fmt("%d", p->pgid);
}

COLUMN(nice)
{
	return str_fmt("%d", p->nice);
}

COLUMN(state)
{
	return str_fmt("%c", p->state);
}

COLUMN(rss)
{
	return str_fmt("%ju", (uintmax_t)p->rss);
}

COLUMN(vsz)
{
	return str_fmt("%ju", (uintmax_t)p->vsz);
}

COLUMN(huser)
{
	return str_fmt("%u", p->uid);
}

COLUMN(user)
{
	return inside(all, "uid_map", p->uid);
}

COLUMN(group)
{
	return inside(all, "gid_map", p->gid);
}

COLUMN(time)
{
	return clock_text((int64_t)(p->ticks / (uint64_t)all->ticks));
}

COLUMN(etime)
{
	return clock_text(seconds_old(all, p));
}

static double percent(const struct processes *all, const struct process *p)
{
	int64_t old = seconds_old(all, p);

	return old <= 0 ? 0 : 100.0 * (double)p->ticks / (double)all->ticks / (double)old;
}

COLUMN(c)
{
	return str_fmt("%d", (int)percent(all, p));
}

COLUMN(pcpu)
{
	return str_fmt("%.3f", percent(all, p));
}

COLUMN(stime)
{
	time_t start = (time_t)(all->boot / CLOCK_SECOND) +
		       (time_t)(p->start_ticks / (uint64_t)all->ticks);
	char text[PATH_ROOM];
	struct tm tm;

	(void)localtime_r(&start, &tm);
	bool today = seconds_old(all, p) < DAY;
	if (strftime(text, sizeof text, today ? "%H:%M" : "%b%d", &tm) == 0)
		return str_dup("?");
	return str_dup(text);
}

COLUMN(tty)
{
	unsigned int major_ = major(p->tty);

	if (!p->tty)
		return str_dup("?");
	if (major_ >= PTS_MAJOR_FIRST && major_ <= PTS_MAJOR_LAST)
		return str_fmt("pts/%u", minor(p->tty) + (major_ - PTS_MAJOR_FIRST) * 256);
	return str_fmt("%u:%u", major_, minor(p->tty));
}

static const struct column {
	const char *name, *title;
	char *(*print)(const struct processes *all, const struct process *p);
} columns[] = {
	{ "args", "COMMAND", column_args },   { "c", "C", column_c },
	{ "cmd", "CMD", column_args },	      { "comm", "COMMAND", column_comm },
	{ "etime", "ELAPSED", column_etime }, { "group", "GROUP", column_group },
	{ "hpid", "HPID", column_pid },	      { "huser", "HUSER", column_huser },
	{ "nice", "NI", column_nice },	      { "nspid", "NSPID", column_nspid },
	{ "pcpu", "%CPU", column_pcpu },      { "pgid", "PGID", column_pgid },
	{ "pid", "PID", column_pid },	      { "ppid", "PPID", column_ppid },
	{ "rss", "RSS", column_rss },	      { "state", "S", column_state },
	{ "stat", "STAT", column_state },     { "stime", "STIME", column_stime },
	{ "time", "TIME", column_time },      { "tty", "TTY", column_tty },
	{ "uid", "UID", column_user },	      { "user", "USER", column_user },
	{ "vsz", "VSZ", column_vsz },
};

static const struct column *find_column(const char *name)
{
	for (size_t i = 0; i < array_len(columns); i++)
		if (!strcasecmp(name, columns[i].name))
			return &columns[i];
	return NULL;
}

/* What the arguments mean as a list of columns. */
static int choose(const struct strv *args, struct strv *out, struct err *err)
{
	AUTO(mem) char *all = str_join(args, " ");
	const char *list = all;

	if (!args->count || str_eq(all, "-ef"))
		list = "uid,pid,ppid,c,stime,tty,time,cmd";
	else if (str_eq(all, "aux") || str_eq(all, "-aux"))
		list = "user,pid,pcpu,vsz,rss,tty,stat,stime,time,args";
	else if (str_starts(all, "-eo ") || str_starts(all, "-o "))
		list = strchr(all, ' ') + 1;
	strv_split(out, list, strchr(list, ',') ? ',' : ' ');
	for (size_t i = 0; i < out->count; i++) {
		if (find_column(out->items[i]))
			continue;
		(void)err_set(err, -EINVAL, "top has no column '%s'", out->items[i]);
		return err_hint(err, "columns are: args c comm etime group hpid huser nice nspid "
				     "pcpu pgid pid ppid rss state stime time tty uid user vsz");
	}
	return 0;
}

int container_top(struct engine *engine, const char *id, const struct strv *args, struct top *out,
		  struct err *err)
{
	AUTO(container_state) struct container_state *state = NULL;
	AUTO(processes) struct processes all = { .proc = -1 };
	AUTO(strv) struct strv names = { 0 };

	int r = choose(args, &names, err);
	if (r == 0)
		r = record_state_load(engine->store, id, &state, err);
	if (r == 0)
		r = transition_check(state->name, state->status, VERB_TOP, NULL, err);
	if (r >= 0)
		r = take(&all, state->pid, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < names.count; i++)
		strv_add(&out->titles, find_column(names.items[i])->title);
	for (size_t p = 0; p < all.count; p++)
		for (size_t i = 0; all.items[p].ours && i < names.count; i++)
			strv_take(&out->cells,
				  find_column(names.items[i])->print(&all, &all.items[p]));
	return 0;
}

void top_clear(struct top *top)
{
	strv_clear(&top->titles);
	strv_clear(&top->cells);
}
