/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * top - the processes of a container as ps(1) shows them
 */
#include "engine/top.h"

#include <errno.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"
#include "engine/processes.h"
#include "store/record.h"
#include "store/transition.h"

enum {
	TEXT_MAX = 128 << 10,
	PATH_ROOM = 64,
	PTS_MAJOR_FIRST = 136,
	PTS_MAJOR_LAST = 143,
	DAY = 24 * 60 * 60,
};

/* One line of the answer: a process with what is only read of those that are shown. */
struct shown {
	const struct process *p;
	char *args;
	int nspid;
	unsigned int uid, gid; /* for the host */
};

struct view {
	struct processes all;
	struct shown *items;
	size_t count;
	int root;	   /* PID 1 of the container */
	int64_t now, boot; /* ns since the epoch */
	long ticks;	   /* a second */
};

static inline void auto_view(struct view *view)
{
	for (size_t i = 0; i < view->count; i++)
		free(view->items[i].args);
	free(view->items);
	processes_clear(&view->all);
}

static void read_status(int dir, struct shown *s)
{
	AUTO(mem) char *text = NULL;
	const char *at;

	s->nspid = s->p->pid;
	if (file_read(dir, "status", TEXT_MAX, &text, NULL) < 0)
		return;
	if ((at = strstr(text, "\nUid:")))
		(void)sscanf(at, "\nUid: %*u %u", &s->uid);
	if ((at = strstr(text, "\nGid:")))
		(void)sscanf(at, "\nGid: %*u %u", &s->gid);
	if ((at = strstr(text, "\nNSpid:"))) {
		const char *end = strchr(at + 1, '\n');
		const char *last = end ? memrchr(at, '\t', (size_t)(end - at)) : NULL;
		if (last)
			(void)sscanf(last, "\t%d", &s->nspid);
	}
}

static void read_args(int dir, struct shown *s)
{
	size_t size = 0;

	if (file_read(dir, "cmdline", TEXT_MAX, &s->args, &size) < 0 || size == 0) {
		free(s->args);
		s->args = str_fmt("[%s]", s->p->comm);
		return;
	}
	for (size_t i = 0; i + 1 < size; i++)
		if (s->args[i] == 0 || s->args[i] == '\n')
			s->args[i] = ' ';
}

static int take(struct view *view, int root, struct err *err)
{
	view->root = root;
	int r = processes_read(&view->all, err);
	if (r == 0)
		r = processes_mark(&view->all, root, err);
	for (size_t i = 0; r == 0 && i < view->all.count; i++) {
		const struct process *p = &view->all.items[i];
		if (!p->ours)
			continue;
		AUTO(fd) int dir = processes_open(&view->all, p->pid);
		struct shown *shown = vec_push(view);
		shown->p = p;
		read_status(dir, shown);
		read_args(dir, shown);
	}
	view->ticks = sysconf(_SC_CLK_TCK);
	view->now = clock_now();
	struct timespec up;
	(void)clock_gettime(CLOCK_BOOTTIME, &up);
	view->boot = view->now - up.tv_sec * CLOCK_SECOND - up.tv_nsec;
	return r;
}

/* What an id of the host is inside; the maps of PID 1 are the container's. */
static char *inside(const struct view *view, const char *map, unsigned int id)
{
	AUTO(mem) char *path = str_fmt("%d/%s", view->root, map);
	AUTO(mem) char *text = NULL;
	unsigned int in, out, count;

	if (file_read(view->all.proc, path, TEXT_MAX, &text, NULL) < 0)
		return str_fmt("%u", id);
	for (char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%u %u %u", &in, &out, &count) == 3 && id >= out &&
		    id - out < count)
			return in + (id - out) ? str_fmt("%u", in + (id - out)) : str_dup("root");
	}
	return str_fmt("%u", id);
}

static int64_t seconds_old(const struct view *view, const struct shown *s)
{
	return (view->now - view->boot) / CLOCK_SECOND -
	       (int64_t)(s->p->start_ticks / (uint64_t)view->ticks);
}

static char *clock_text(int64_t seconds)
{
	int h = (int)(seconds / 3600), m = (int)(seconds / 60 % 60), s = (int)(seconds % 60);

	return str_fmt("%02d:%02d:%02d", h, m, s);
}

#define COLUMN(name)                                                                               \
	static char *column_##name(unused_arg const struct view *view, const struct shown *s)

COLUMN(args)
{
	return str_dup(s->args);
}

COLUMN(comm)
{
	return str_dup(s->p->comm);
}

COLUMN(pid)
{
	return str_fmt("%d", s->p->pid);
}

COLUMN(nspid)
{
	return str_fmt("%d", s->nspid);
}

COLUMN(ppid)
{
	return str_fmt("%d", s->p->ppid);
}

COLUMN(pgid)
{
	return str_fmt("%d", s->p->pgid);
}

COLUMN(nice)
{
	return str_fmt("%d", s->p->nice);
}

COLUMN(state)
{
	return str_fmt("%c", s->p->state);
}

COLUMN(rss)
{
	return str_fmt("%ju", (uintmax_t)s->p->rss);
}

COLUMN(vsz)
{
	return str_fmt("%ju", (uintmax_t)s->p->vsz);
}

COLUMN(huser)
{
	return str_fmt("%u", s->uid);
}

COLUMN(user)
{
	return inside(view, "uid_map", s->uid);
}

COLUMN(group)
{
	return inside(view, "gid_map", s->gid);
}

COLUMN(time)
{
	return clock_text((int64_t)(s->p->ticks / (uint64_t)view->ticks));
}

COLUMN(etime)
{
	return clock_text(seconds_old(view, s));
}

static double percent(const struct view *view, const struct shown *s)
{
	int64_t old = seconds_old(view, s);

	return old <= 0 ? 0 : 100.0 * (double)s->p->ticks / (double)view->ticks / (double)old;
}

COLUMN(c)
{
	return str_fmt("%d", (int)percent(view, s));
}

COLUMN(pcpu)
{
	return str_fmt("%.3f", percent(view, s));
}

COLUMN(stime)
{
	time_t start = (time_t)(view->boot / CLOCK_SECOND) +
		       (time_t)(s->p->start_ticks / (uint64_t)view->ticks);
	char text[PATH_ROOM];
	struct tm tm;

	(void)localtime_r(&start, &tm);
	bool today = seconds_old(view, s) < DAY;
	if (strftime(text, sizeof text, today ? "%H:%M" : "%b%d", &tm) == 0)
		return str_dup("?");
	return str_dup(text);
}

COLUMN(tty)
{
	unsigned int major_ = major(s->p->tty);

	if (!s->p->tty)
		return str_dup("?");
	if (major_ >= PTS_MAJOR_FIRST && major_ <= PTS_MAJOR_LAST)
		return str_fmt("pts/%u", minor(s->p->tty) + (major_ - PTS_MAJOR_FIRST) * 256);
	return str_fmt("%u:%u", major_, minor(s->p->tty));
}

static const struct column {
	const char *name, *title;
	char *(*print)(const struct view *view, const struct shown *s);
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
	AUTO(view) struct view view = { .all.proc = -1 };
	AUTO(strv) struct strv names = { 0 };

	int r = choose(args, &names, err);
	if (r == 0)
		r = record_state_load(engine->store, id, &state, err);
	if (r == 0)
		r = transition_check(state->name, state->status, VERB_TOP, NULL, err);
	if (r >= 0)
		r = take(&view, state->pid, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < names.count; i++)
		strv_add(&out->titles, find_column(names.items[i])->title);
	for (size_t p = 0; p < view.count; p++)
		for (size_t i = 0; i < names.count; i++)
			strv_take(&out->cells,
				  find_column(names.items[i])->print(&view, &view.items[p]));
	return 0;
}

void top_clear(struct top *top)
{
	strv_clear(&top->titles);
	strv_clear(&top->cells);
}
