/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * enforce_change - changed limits of a container that runs
 *
 * Without a control group they are set on each of its processes. What is forked meanwhile may still have the old
 * ones: it is looked for until a round finds nobody new.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "cgroup/group.h"
#include "engine/enforce.h"
#include "engine/processes.h"
#include "kern/cpus.h"
#include "spec/fallback.h"

enum { ROUNDS_MAX = 20 };

/* What every process gets. */
struct change {
	bool bind;
	cpu_set_t cpus;
	int64_t pids; /* 0: as it is */
	int last;     /* errno of what one refused */
};

static void bind_threads(struct change *c, int dir)
{
	int task = openat(dir, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = task < 0 ? NULL : fdopendir(task);
	const struct dirent *entry;
	uint64_t tid;

	if (!list)
		fd_close(task);
	while (list && (entry = readdir(list))) {
		if (str_u64(entry->d_name, INT32_MAX, &tid) < 0)
			continue;
		int r = cpus_set((pid_t)tid, &c->cpus);
		if (r < 0 && r != -ESRCH)
			c->last = r;
	}
	if (list)
		(void)closedir(list);
}

static void change_process(struct change *c, const struct processes *all, const struct process *p)
{
	const struct rlimit limit = { .rlim_cur = (rlim_t)c->pids, .rlim_max = (rlim_t)c->pids };
	AUTO(fd) int dir = processes_open(all, p->pid);

	if (dir < 0)
		return; /* it has ended */
	if (c->bind)
		bind_threads(c, dir);
	if (c->pids && prlimit(p->pid, RLIMIT_NPROC, &limit, NULL) < 0 && errno != ESRCH)
		c->last = -errno;
}

/* Return: how many there are that were not among those before; or a negative errno. */
static int round_of(struct change *c, int root, struct processes *before, struct err *err)
{
	AUTO(processes) struct processes all = { .proc = -1 };
	int fresh = 0;
	int r = processes_read(&all, err);

	if (r == 0)
		r = processes_mark(&all, root, err);
	for (size_t i = 0; r == 0 && i < all.count; i++) {
		const struct process *p = &all.items[i];
		bool known = !p->ours;
		for (size_t k = 0; !known && k < before->count; k++)
			known = before->items[k].pid == p->pid &&
				before->items[k].start_ticks == p->start_ticks;
		if (known)
			continue;
		change_process(c, &all, p);
		fresh++;
	}
	processes_clear(before);
	*before = all;
	all = (struct processes){ .proc = -1 };
	return r < 0 ? r : fresh;
}

static int change_all(struct change *c, int root, struct err *err)
{
	AUTO(processes) struct processes before = { .proc = -1 };
	int r = 1;

	for (int i = 0; r > 0 && i < ROUNDS_MAX; i++)
		r = round_of(c, root, &before, err);
	if (r == 0 && c->last < 0)
		r = err_sys(err, c->last, "cannot change the limits of every process");
	return r < 0 ? r : 0;
}

/* The kernel lets nobody raise what it counts by; and counts in a namespace that was made for it alone. */
static int check_pids(const struct container_config *old, const struct container_config *config,
		      struct err *err)
{
	const int64_t was = old->resources.pids, now = config->resources.pids;

	if (was == now || (was && now && now < was))
		return 0;
	err_set(err, -EOPNOTSUPP,
		"--pids-limit: while container '%s' runs without a control group, its limit can only be "
		"made smaller",
		config->name);
	return err_hint(err, "stop it, update it, start it");
}

static bool same_cpus(const struct resources *a, const struct resources *b)
{
	return resources_cpus(a) == resources_cpus(b) &&
	       str_eq(str_or(a->cpus, ""), str_or(b->cpus, ""));
}

static int plan_change(const struct container_config *old, const struct container_config *config,
		       struct change *out, struct err *err)
{
	cpu_set_t allowed;

	*out = (struct change){ 0 };
	int r = check_pids(old, config, err);
	if (r == 0 && old->resources.pids != config->resources.pids)
		out->pids = config->resources.pids;
	if (r < 0 || same_cpus(&old->resources, &config->resources))
		return r;
	r = cpus_allowed(&allowed);
	if (r < 0)
		return err_sys(err, r, "cannot ask for the processors");
	out->bind = true;
	return fallback_cpus(&config->resources, &allowed, fallback_seed(config->id), &out->cpus,
			     err);
}

static bool runs_here(struct engine *engine, const struct container_state *state)
{
	return state->pid > 0 && str_eq(state->host_id, engine->store->host_id) &&
	       (state->status == CONTAINER_RUNNING || state->status == CONTAINER_PAUSED);
}

/* A group keeps the controllers that it was made with. */
static int check_group(int dir, const struct container_config *config, struct err *err)
{
	const unsigned int missing = resources_needs(&config->resources) &
				     ~cgroup_controllers(dir, "cgroup.controllers") &
				     ~CONTROLLER_BIT(CONTROLLER_OTHER);

	if (!missing)
		return 0;
	AUTO(mem) char *names = cgroup_print_controllers(missing);
	return err_set(err, -EOPNOTSUPP,
		       "the control group of container '%s' has no controller '%s'", config->name,
		       names);
}

static int change_group(int dir, const struct container_config *old,
			const struct container_config *config, struct err *err)
{
	AUTO(settings) struct settings list = { 0 };

	settings_change(&old->resources, &config->resources, &list);
	return group_set(dir, &list, err);
}

int enforce_check_change(struct engine *engine, const struct container_state *state,
			 const struct container_config *old, const struct container_config *config,
			 struct err *err)
{
	AUTO(enforcement) struct enforcement e = { 0 };
	struct change change;

	if (runs_here(engine, state) && state->cgroup) {
		AUTO(fd) int dir = enforce_open(state);
		return dir < 0 ? err_sys(err, dir, "cannot open the control group '%s'",
					 state->cgroup)
			       : check_group(dir, config, err);
	}
	/* What could not hold at the next start is not taken now. */
	int r = enforce_plan(engine, config, &e, err);
	if (r < 0 || !runs_here(engine, state))
		return r;
	if (e.manager != GROUP_NONE) {
		(void)err_set(err, -EOPNOTSUPP,
			      "container '%s' was started without a control group, which the limit "
			      "needs",
			      config->name);
		return err_hint(err, "stop it, update it, start it; or start it with --cgroups "
				     "enabled");
	}
	return plan_change(old, config, &change, err);
}

int enforce_change(struct engine *engine, const struct container_state *state,
		   const struct container_config *old, const struct container_config *config,
		   struct err *err)
{
	AUTO(enforcement) struct enforcement e = { 0 };
	struct change change;

	if (!runs_here(engine, state))
		return 0;
	if (state->cgroup) {
		AUTO(fd) int dir = enforce_open(state);
		return dir < 0 ? err_sys(err, dir, "cannot open the control group '%s'",
					 state->cgroup)
			       : change_group(dir, old, config, err);
	}
	int r = plan_change(old, config, &change, err);
	if (r == 0 && (change.bind || change.pids))
		r = change_all(&change, state->pid, err);
	if (r == 0)
		r = enforce_plan(engine, config, &e, err);
	if (r == 0 && e.fallbacks & ~(unsigned int)state->fallbacks)
		enforce_warn(engine, config, &e);
	return r;
}
