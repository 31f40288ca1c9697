/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * top - the processes of a container as ps(1) shows them
 */
#include "engine/top.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"
#include "engine/processes.h"
#include "kern/caps.h"
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
	char *status; /* its /proc/PID/status; "" when it has ended */
	char *label;  /* of a security module; "" for none */
	int nspid;
	unsigned int ruid, rgid, uid, gid; /* for the host, real and effective */
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
	for (size_t i = 0; i < view->count; i++) {
		free(view->items[i].args);
		free(view->items[i].status);
		free(view->items[i].label);
	}
	free(view->items);
	processes_clear(&view->all);
}

/* What stands behind a key of /proc/PID/status, up to the end of its line; NULL when there is none. */
static char *status_value(const struct shown *s, const char *key)
{
	AUTO(mem) char *start = str_fmt("\n%s:", key);
	const char *at = strstr(s->status, start);

	if (!at)
		return NULL;
	at += strlen(start);
	AUTO(mem) char *line = str_ndup(at, strcspn(at, "\n"));
	return str_dup(str_trim(line));
}

static void read_status(int dir, struct shown *s)
{
	s->nspid = s->p->pid;
	if (file_read(dir, "status", TEXT_MAX, &s->status, NULL) < 0)
		s->status = str_dup("");
	AUTO(mem) char *uids = status_value(s, "Uid");
	AUTO(mem) char *gids = status_value(s, "Gid");
	AUTO(mem) char *pids = status_value(s, "NSpid");
	if (uids)
		(void)sscanf(uids, "%u %u", &s->ruid, &s->uid);
	if (gids)
		(void)sscanf(gids, "%u %u", &s->rgid, &s->gid);
	const char *last = pids ? strrchr(pids, '\t') : NULL;
	if (last)
		(void)sscanf(last, "%d", &s->nspid);
}

static void read_label(int dir, struct shown *s)
{
	if (file_read(dir, "attr/current", TEXT_MAX, &s->label, NULL) < 0)
		s->label = str_dup("");
	char *end = s->label + strcspn(s->label, "\n");
	*end = 0;
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
		read_label(dir, shown);
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

COLUMN(pmem)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
	double total = pages > 0 && size > 0 ? (double)pages * (double)size : 0;

	return str_fmt("%.1f", total > 0 ? 100.0 * 1024.0 * (double)s->p->rss / total : 0);
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

COLUMN(ruser)
{
	return inside(view, "uid_map", s->ruid);
}

COLUMN(rgroup)
{
	return inside(view, "gid_map", s->rgid);
}

COLUMN(hgroup)
{
	return str_fmt("%u", s->gid);
}

/* Supplementary groups, of the host or inside. */
static char *group_list(const struct view *view, const struct shown *s, bool host)
{
	AUTO(mem) char *text = status_value(s, "Groups");
	AUTO(strv) struct strv ids = { 0 }, shown = { 0 };

	strv_split(&ids, str_or(text, ""), ' ');
	for (size_t i = 0; i < ids.count; i++) {
		uint64_t id;
		if (str_u64(ids.items[i], UINT32_MAX, &id) < 0)
			continue;
		strv_take(&shown,
			  host ? str_dup(ids.items[i]) : inside(view, "gid_map", (unsigned int)id));
	}
	return shown.count ? str_join(&shown, ",") : str_dup("-");
}

COLUMN(groups)
{
	return group_list(view, s, false);
}

COLUMN(hgroups)
{
	return group_list(view, s, true);
}

/* A set of capabilities by their names: CHOWN,KILL; none; or full. */
static char *capabilities(const struct shown *s, const char *key)
{
	AUTO(mem) char *text = status_value(s, key);
	AUTO(strv) struct strv names = { 0 };
	uint64_t set = text ? strtoull(text, NULL, 16) : 0;

	if ((set & caps_all()) == caps_all())
		return str_dup("full");
	caps_list(set, &names);
	for (size_t i = 0; i < names.count; i++)
		str_set(&names.items[i], str_or(str_starts(names.items[i], "CAP_"), ""));
	return names.count ? str_join(&names, ",") : str_dup("none");
}

COLUMN(capamb)
{
	return capabilities(s, "CapAmb");
}

COLUMN(capbnd)
{
	return capabilities(s, "CapBnd");
}

COLUMN(capeff)
{
	return capabilities(s, "CapEff");
}

COLUMN(capinh)
{
	return capabilities(s, "CapInh");
}

COLUMN(capprm)
{
	return capabilities(s, "CapPrm");
}

COLUMN(seccomp)
{
	static const char *const modes[] = { "disabled", "strict", "filter" };
	AUTO(mem) char *text = status_value(s, "Seccomp");
	uint64_t mode;

	if (!text || str_u64(text, array_len(modes) - 1, &mode) < 0)
		return str_dup("?");
	return str_dup(modes[mode]);
}

COLUMN(label)
{
	return str_dup(*s->label ? s->label : "?");
}

COLUMN(threads)
{
	return str_fmt("%d", s->p->threads);
}

COLUMN(etimes)
{
	return str_fmt("%jd", (intmax_t)seconds_old(view, s));
}

static const struct column {
	const char *name, *title;
	char *(*print)(const struct view *view, const struct shown *s);
} columns[] = {
	{ "%cpu", "%CPU", column_pcpu },
	{ "%mem", "%MEM", column_pmem },
	{ "args", "COMMAND", column_args },
	{ "c", "C", column_c },
	{ "capamb", "AMBIENT CAPS", column_capamb },
	{ "capbnd", "BOUNDING CAPS", column_capbnd },
	{ "capeff", "EFFECTIVE CAPS", column_capeff },
	{ "capinh", "INHERITED CAPS", column_capinh },
	{ "capprm", "PERMITTED CAPS", column_capprm },
	{ "cmd", "CMD", column_args },
	{ "comm", "COMMAND", column_comm },
	{ "command", "COMMAND", column_args },
	{ "cputime", "TIME", column_time },
	{ "egroup", "EGROUP", column_group },
	{ "etime", "ELAPSED", column_etime },
	{ "etimes", "ELAPSED", column_etimes },
	{ "euser", "EUSER", column_user },
	{ "gid", "GID", column_group },
	{ "group", "GROUP", column_group },
	{ "groups", "GROUPS", column_groups },
	{ "hgroup", "HGROUP", column_hgroup },
	{ "hgroups", "HGROUPS", column_hgroups },
	{ "hpid", "HPID", column_pid },
	{ "huser", "HUSER", column_huser },
	{ "label", "LABEL", column_label },
	{ "ni", "NI", column_nice },
	{ "nice", "NI", column_nice },
	{ "nlwp", "NLWP", column_threads },
	{ "nspid", "NSPID", column_nspid },
	{ "pcpu", "%CPU", column_pcpu },
	{ "pgid", "PGID", column_pgid },
	{ "pgrp", "PGRP", column_pgid },
	{ "pid", "PID", column_pid },
	{ "pmem", "%MEM", column_pmem },
	{ "ppid", "PPID", column_ppid },
	{ "rgroup", "RGROUP", column_rgroup },
	{ "rss", "RSS", column_rss },
	{ "ruser", "RUSER", column_ruser },
	{ "s", "S", column_state },
	{ "seccomp", "SECCOMP", column_seccomp },
	{ "start", "START", column_stime },
	{ "stat", "STAT", column_state },
	{ "state", "S", column_state },
	{ "stime", "STIME", column_stime },
	{ "time", "TIME", column_time },
	{ "tname", "TTY", column_tty },
	{ "tt", "TT", column_tty },
	{ "tty", "TTY", column_tty },
	{ "ucmd", "CMD", column_comm },
	{ "uid", "UID", column_user },
	{ "user", "USER", column_user },
	{ "vsize", "VSZ", column_vsz },
	{ "vsz", "VSZ", column_vsz },
};

static const struct column *find_column(const char *name)
{
	for (size_t i = 0; i < array_len(columns); i++)
		if (!strcasecmp(name, columns[i].name))
			return &columns[i];
	return NULL;
}

/* The list behind ps(1)'s option o, however it is written: -o LIST, -oLIST, -eo LIST, axo LIST. */
static const char *format_list(const struct strv *args)
{
	for (size_t i = 0; i < args->count; i++) {
		const char *word = args->items[i];
		const char *o = strchr(word, 'o');
		size_t before = o ? strspn(word, "-eAaxwf") : 0;
		bool last = i + 1 == args->count;
		if (str_eq(word, "--format") && !last)
			return args->items[i + 1];
		if (!o || word + before != o || (*word != '-' && !str_starts(word, "ax")))
			continue;
		return o[1] ? o + 1 : last ? NULL : args->items[i + 1];
	}
	return NULL;
}

static bool is_full(const char *text)
{
	return str_eq(text, "-ef") || str_eq(text, "-f") || str_eq(text, "-eF") ||
	       str_eq(text, "-e -f") || str_eq(text, "-Af");
}

static bool is_bsd(const char *text)
{
	return str_eq(text, "aux") || str_eq(text, "-aux") || str_eq(text, "axu") ||
	       str_eq(text, "auxw") || str_eq(text, "auxww") || str_eq(text, "u");
}

/* What the arguments mean as a list of columns. */
static int choose(const struct strv *args, struct strv *out, struct err *err)
{
	AUTO(mem) char *all = str_join(args, " ");
	const char *list = format_list(args);

	if (!list && (!args->count || is_full(all)))
		list = "uid,pid,ppid,c,stime,tty,time,cmd";
	else if (!list && is_bsd(all))
		list = "user,pid,pcpu,vsz,rss,tty,stat,stime,time,args";
	else if (!list)
		list = all;
	strv_split(out, list, strchr(list, ',') ? ',' : ' ');
	for (size_t i = 0; i < out->count; i++) {
		if (find_column(out->items[i]))
			continue;
		AUTO(strv) struct strv known = { 0 };
		for (size_t k = 0; k < array_len(columns); k++)
			strv_add(&known, columns[k].name);
		AUTO(mem) char *names = str_join(&known, " ");
		(void)err_set(err, -EINVAL, "top has no column '%s'", out->items[i]);
		return err_hint(err, "columns are: %s", names);
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
