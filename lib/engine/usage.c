/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * usage - what containers use of the machine now
 */
#include "engine/usage.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "engine/processes.h"
#include "net/traffic.h"

enum { TEXT_MAX = 256 << 10, KIB = 1024, MICROSECOND = 1000 };

/* The number behind "NAME " at the beginning of a line; 0 without. */
static int64_t value_of(const char *text, const char *name)
{
	size_t n = strlen(name);
	int64_t value = 0;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, n) == 0 && sscanf(line + n, "%" SCNd64, &value) == 1)
			return value;
	}
	return 0;
}

/* ---- a control group ---- */

static int read_number(int dirfd, const char *name, int64_t *out)
{
	AUTO(mem) char *text = NULL;
	int r = file_read(dirfd, name, TEXT_MAX, &text, NULL);

	return r < 0 ? r : str_i64(str_trim(text), 0, INT64_MAX, out);
}

/* 8:0 rbytes=1 wbytes=2 rios=… for each device. */
static void sum_blocks(int dirfd, struct usage *out)
{
	AUTO(mem) char *text = NULL;
	AUTO(strv) struct strv words = { 0 };
	int64_t n;

	if (file_read(dirfd, "io.stat", TEXT_MAX, &text, NULL) < 0)
		return;
	for (char *c = text; *c; c++)
		if (*c == '\n')
			*c = ' ';
	strv_split(&words, text, ' ');
	for (size_t i = 0; i < words.count; i++) {
		const char *in = str_starts(words.items[i], "rbytes=");
		const char *to = str_starts(words.items[i], "wbytes=");
		if (in && str_i64(in, 0, INT64_MAX, &n) == 0)
			out->block_in += n;
		if (to && str_i64(to, 0, INT64_MAX, &n) == 0)
			out->block_out += n;
	}
}

static bool read_line(const char *text, const char *name, struct pressure_line *out)
{
	const char *line = strstr(text, name);

	return line && sscanf(line + strlen(name), " avg10=%lf avg60=%lf avg300=%lf total=%" SCNd64,
			      &out->avg10, &out->avg60, &out->avg300, &out->total) == 4;
}

void usage_of_pressure(const char *text, struct pressure *out)
{
	*out = (struct pressure){ 0 };
	out->known = read_line(text, "some", &out->some);
	(void)read_line(text, "full", &out->full); /* of processors older kernels have none */
}

static void add_pressure(int dirfd, const char *file, struct pressure *out)
{
	AUTO(mem) char *text = NULL;

	if (file_read(dirfd, file, TEXT_MAX, &text, NULL) >= 0)
		usage_of_pressure(text, out);
}

int usage_of_cgroup(int dirfd, struct usage *out)
{
	AUTO(mem) char *cpu = NULL;
	AUTO(mem) char *memory = NULL;
	struct usage u = *out;

	int r = read_number(dirfd, "memory.current", &u.memory);
	if (r == 0)
		r = file_read(dirfd, "cpu.stat", TEXT_MAX, &cpu, NULL);
	if (r < 0)
		return r;
	/* Pages of files that nobody used lately are given up as soon as memory is short. */
	if (file_read(dirfd, "memory.stat", TEXT_MAX, &memory, NULL) == 0)
		u.memory = max_of(u.memory - value_of(memory, "inactive_file "), INT64_C(0));
	u.cpu = value_of(cpu, "usage_usec ") * MICROSECOND;
	u.cpu_system = value_of(cpu, "system_usec ") * MICROSECOND;
	(void)!read_number(dirfd, "memory.max", &u.limit);  /* "max" is no limit */
	(void)!read_number(dirfd, "pids.current", &u.pids); /* a controller that may be missing */
	sum_blocks(dirfd, &u);
	add_pressure(dirfd, "cpu.pressure", &u.cpu_pressure);
	add_pressure(dirfd, "memory.pressure", &u.memory_pressure);
	add_pressure(dirfd, "io.pressure", &u.io_pressure);
	*out = u;
	return 0;
}

/* The path of a process in the tree of version 2. */
static char *cgroup_path(int pid)
{
	AUTO(mem) char *name = str_fmt("/proc/%d/cgroup", pid);
	AUTO(mem) char *text = NULL;
	const char *line;

	if (pid <= 0 || file_read(AT_FDCWD, name, TEXT_MAX, &text, NULL) < 0)
		return NULL;
	line = str_starts(text, "0::");
	if (!line && (line = strstr(text, "\n0::")))
		line += strlen("\n0::");
	return line ? str_ndup(line, strcspn(line, "\n")) : NULL;
}

/* Return: the folder of its own control group, or -ENOENT when it shares one with its monitor. */
static int open_cgroup(const struct container_state *state)
{
	static const char *const mounts[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	AUTO(mem) char *own = cgroup_path(state->pid);
	AUTO(mem) char *monitor = cgroup_path(state->monitor_pid);

	if (!own || !monitor || str_eq(own, monitor))
		return -ENOENT;
	for (size_t i = 0; i < array_len(mounts); i++) {
		AUTO(mem) char *path = str_fmt("%s%s", mounts[i], own);
		int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0)
			return fd;
	}
	return -ENOENT;
}

/* ---- /proc ---- */

static int64_t share_of_memory(int dir, const struct process *p)
{
	AUTO(mem) char *text = NULL;

	if (file_read(dir, "smaps_rollup", TEXT_MAX, &text, NULL) < 0)
		return (int64_t)p->rss * KIB;
	return value_of(text, "Pss:") * KIB;
}

static void add_process(const struct processes *all, const struct process *p, struct usage *out)
{
	AUTO(fd) int dir = processes_open(all, p->pid);
	AUTO(mem) char *io = NULL;
	const int64_t tick = CLOCK_SECOND / sysconf(_SC_CLK_TCK);

	out->cpu += (int64_t)(p->ticks + p->waited_ticks) * tick;
	out->pids += p->threads;
	if (dir < 0)
		return; /* it has ended */
	out->memory += share_of_memory(dir, p);
	if (file_read(dir, "io", TEXT_MAX, &io, NULL) < 0)
		return;
	out->block_in += value_of(io, "read_bytes:");
	out->block_out += value_of(io, "write_bytes:");
}

static int sum_processes(struct processes *all, const struct container_state *state,
			 struct usage *out, struct err *err)
{
	int r = all->proc < 0 ? processes_read(all, err) : 0;

	if (r < 0)
		return r;
	if (processes_mark(all, state->pid, NULL) < 0)
		return 0;
	out->runs = true;
	for (size_t i = 0; i < all->count; i++)
		if (all->items[i].ours)
			add_process(all, &all->items[i], out);
	return 0;
}

/* ---- the network ---- */

void usage_of_net(const char *text, int64_t *out_in, int64_t *out_out)
{
	*out_in = *out_out = 0;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		int64_t in, out;
		line += *line == '\n';
		line += strspn(line, " ");
		const char *colon = memchr(line, ':', strcspn(line, "\n"));
		if (!colon || str_starts(line, "lo:"))
			continue;
		if (sscanf(colon + 1, "%" SCNd64 " %*d %*d %*d %*d %*d %*d %*d %" SCNd64, &in,
			   &out) == 2) {
			*out_in += in;
			*out_out += out;
		}
	}
}

static void count_network(const struct container_state *state, struct usage *out)
{
	AUTO(mem) char *dev = str_fmt("/proc/%d/net/dev", state->pid);
	AUTO(mem) char *ns = str_fmt("/proc/%d/ns/net", state->pid);
	AUTO(mem) char *text = NULL;
	struct stat own, theirs;
	int64_t in, to;

	if (stat("/proc/self/ns/net", &own) < 0 || stat(ns, &theirs) < 0 ||
	    own.st_ino == theirs.st_ino || file_read(AT_FDCWD, dev, TEXT_MAX, &text, NULL) < 0)
		return;
	usage_of_net(text, &out->net_in, &out->net_out);
	/* Published ports reach the container over its loopback. */
	if (traffic_read(state->monitor_pid, &in, &to) == 0) {
		out->net_in += in;
		out->net_out += to;
	}
}

static bool lives(const struct container_state *state)
{
	return state->pid > 0 &&
	       (state->status == CONTAINER_RUNNING || state->status == CONTAINER_PAUSED);
}

/* Of one without a control group its monitor says so. */
static int64_t memory_limit(const struct container_state *state, const struct sysinfo *info)
{
	const int64_t all = (int64_t)info->totalram * info->mem_unit;

	return state->memory > 0 ? min_of(state->memory, all) : all;
}

int usage_read(struct engine *engine, struct container_state *const *states, size_t count,
	       struct usage *out, struct err *err)
{
	AUTO(processes) struct processes all = { .proc = -1 };
	struct sysinfo info = { 0 };
	int r = 0;

	(void)sysinfo(&info); /* without it there is no limit to show */
	for (size_t i = 0; i < count && r == 0; i++) {
		struct usage u = { .time = clock_mono(), .limit = memory_limit(states[i], &info) };
		bool here = str_eq(states[i]->host_id, engine->store->host_id);
		AUTO(fd) int cgroup = here && lives(states[i]) ? open_cgroup(states[i]) : -1;
		u.runs = cgroup >= 0 && usage_of_cgroup(cgroup, &u) == 0;
		if (here && lives(states[i]) && !u.runs)
			r = sum_processes(&all, states[i], &u, err);
		if (u.runs)
			count_network(states[i], &u);
		out[i] = u.runs ? u : (struct usage){ .time = u.time };
	}
	return r;
}
