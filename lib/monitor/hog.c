/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hog - watching what memory a container uses, where no control group limits it
 *
 * The monitor's own procfs shows only its pid namespace: itself, its helpers, and the container, whose
 * processes have a pid namespace of their own below. Where it cannot be mounted, or where pids are shared, the
 * host's procfs is walked from PID 1 downwards by the lists of children.
 */
#include "monitor/hog.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/mem.h"
#include "store/event.h"
#include "store/record.h"

/* So fast is memory filled. */
#define BYTES_A_SECOND (INT64_C(2) << 30)

#define WAIT_LEAST (CLOCK_SECOND / 200)
#define WAIT_MEASURED (CLOCK_SECOND / 20) /* after shares were measured, which costs time */
#define WAIT_MOST (CLOCK_SECOND / 4)

enum { TEXT_MAX = 16 << 10, KIB = 1024, DEPTH_MAX = 64 };

struct sum {
	const struct monitor *m;
	int proc;
	bool shares; /* measure each one's share */
	int64_t memory, swap;
	int64_t most;
	int worst; /* folder in proc of the process that has most, or -1 */
};

static int64_t kib_of(const char *text, const char *name)
{
	const char *line = strstr(text, name);
	int64_t value = 0;

	return line && sscanf(line + strlen(name), "%" SCNd64, &value) == 1 ? value * KIB : 0;
}

static void add_process(struct sum *sum, int dir)
{
	AUTO(mem) char *text = NULL;

	if (file_read(dir, sum->shares ? "smaps_rollup" : "status", TEXT_MAX, &text, NULL) < 0)
		return; /* it has ended */
	const int64_t memory = kib_of(text, sum->shares ? "\nPss:" : "\nVmRSS:");
	sum->memory += memory;
	sum->swap += kib_of(text, sum->shares ? "\nSwapPss:" : "\nVmSwap:");
	if (memory <= sum->most)
		return;
	sum->most = memory;
	fd_close(sum->worst);
	sum->worst = fd_dup(dir);
}

static int open_process(const struct sum *sum, const char *name)
{
	return openat(sum->proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Those of another pid namespace than ours are the container's. */
static void add_below(struct sum *sum)
{
	AUTO(fd) int again = openat(sum->proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = again < 0 ? NULL : fdopendir(again);
	const struct dirent *entry;
	struct stat own, theirs;

	if (!list || fstatat(sum->proc, "1/ns/pid", &own, 0) < 0)
		return;
	again = -1;
	while ((entry = readdir(list))) {
		if (*entry->d_name < '1' || *entry->d_name > '9')
			continue;
		AUTO(fd) int dir = open_process(sum, entry->d_name);
		if (dir >= 0 && fstatat(dir, "ns/pid", &theirs, 0) == 0 &&
		    theirs.st_ino != own.st_ino)
			add_process(sum, dir);
	}
	(void)closedir(list);
}

static void add_tree(struct sum *sum, const char *name, int depth)
{
	AUTO(mem) char *file = str_fmt("task/%s/children", name);
	AUTO(mem) char *text = NULL;
	AUTO(strv) struct strv children = { 0 };
	AUTO(fd) int dir = open_process(sum, name);

	if (dir < 0 || depth > DEPTH_MAX)
		return;
	add_process(sum, dir);
	if (file_read(dir, file, TEXT_MAX, &text, NULL) < 0)
		return;
	strv_split(&children, text, ' ');
	for (size_t i = 0; i < children.count; i++)
		if (*children.items[i] >= '1' && *children.items[i] <= '9')
			add_tree(sum, children.items[i], depth + 1);
}

static void measure(struct sum *sum)
{
	const struct monitor *m = sum->m;
	AUTO(mem) char *first = str_fmt("%d", m->args.state->pid);

	if (m->hog.proc >= 0)
		add_below(sum);
	else
		add_tree(sum, first, 0);
}

static int64_t room(const struct sum *sum)
{
	const struct resources *r = &sum->m->args.config->resources;
	const int64_t both = resources_swap(r);
	const int64_t left = r->memory - sum->memory;

	return both < 0 ? left : min_of(left, both - sum->memory - sum->swap);
}

static void kill_worst(struct monitor *m, const struct sum *sum)
{
	if (sum->worst < 0 || syscall(SYS_pidfd_send_signal, sum->worst, SIGKILL, NULL, 0) < 0)
		return; /* it has ended by itself */
	if (!m->args.state->oom_killed) {
		m->args.state->oom_killed = true;
		/* A full disk is no reason to let it take all memory. */
		(void)!record_state_save(m->args.store, m->args.state, false, NULL);
	}
	event_container(m->args.store, m->args.state, EVENT_OOM, NULL);
}

static void sum_begin(const struct monitor *m, bool shares, struct sum *out)
{
	*out = (struct sum){ .m = m,
			     .proc = m->hog.proc >= 0 ? m->hog.proc : m->hog.host,
			     .shares = shares,
			     .worst = -1 };
	measure(out);
}

static void look(void *data)
{
	struct monitor *m = data;
	struct sum sum;
	int64_t least = WAIT_LEAST;

	if (m->pidfd < 0 || m->reaped)
		return;
	sum_begin(m, false, &sum);
	if (room(&sum) < 0) {
		fd_close(sum.worst);
		sum_begin(m, true, &sum);
		least = WAIT_MEASURED;
	}
	if (room(&sum) < 0) {
		kill_worst(m, &sum);
		least = WAIT_LEAST;
	}
	fd_close(sum.worst);
	/* In two steps: the product of all memory and a second has no room. */
	int64_t wait =
		max_of(room(&sum), INT64_C(0)) / (BYTES_A_SECOND / KIB) * (CLOCK_SECOND / KIB);
	wait = max_of(wait, least);
	(void)!loop_timer_set(m->hog.timer, min_of(wait, WAIT_MOST));
}

static int mount_proc(void)
{
	if (getpid() != 1)
		return -1;
	AUTO(fd) int fs = fsopen("proc", FSOPEN_CLOEXEC);
	if (fs < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -1;
	return fsmount(fs, FSMOUNT_CLOEXEC,
		       MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

int hog_new(struct monitor *m, struct err *err)
{
	m->hog.proc = m->hog.host = -1;
	int r = loop_timer(m->loop, look, m, &m->hog.timer);
	return r < 0 ? err_sys(err, r, "cannot make a timer") : 0;
}

void hog_begin(struct monitor *m)
{
	if (!(m->args.state->fallbacks & FALLBACK_MEMORY) || !m->args.config->resources.memory) {
		hog_rest(m);
		return;
	}
	if (m->hog.proc < 0 && m->hog.host < 0) {
		m->hog.proc = mount_proc();
		m->hog.host = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	/* Setting a timer that exists does not fail. */
	(void)!loop_timer_set(m->hog.timer, 1);
}

void hog_rest(struct monitor *m)
{
	if (m->hog.timer)
		(void)!loop_timer_set(m->hog.timer, 0);
}

void hog_free(struct monitor *m)
{
	loop_remove(take_ptr(m->hog.timer));
	fd_close(take_fd(m->hog.proc));
	fd_close(take_fd(m->hog.host));
}
