/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * enforce - who holds a container to its limits on this machine
 */
#include "engine/enforce.h"

#include <errno.h>
#include <stdlib.h>

#include "base/str.h"
#include "kern/cpus.h"
#include "spec/fallback.h"

/* RLIMIT_NPROC counts by user namespace since then. */
enum { KERNEL_MAJOR = 5, KERNEL_MINOR = 14 };

const char *const group_manager_names[] = {
	[GROUP_NONE] = "none",
	[GROUP_CGROUPFS] = "cgroupfs",
	[GROUP_SYSTEMD] = "systemd",
	NULL,
};

/* ---- without a control group ---- */

static bool counts_by_namespace(const struct host *host)
{
	return host->kernel_major > KERNEL_MAJOR ||
	       (host->kernel_major == KERNEL_MAJOR && host->kernel_minor >= KERNEL_MINOR);
}

static int check_pids(struct engine *engine, const char *why, struct err *err)
{
	const struct identity_plan *identity = engine_identity(engine, err);

	if (!identity)
		return err ? err->code : -EIO;
	if (identity->kind == IDENTITY_ROOT)
		return err_set(err, -EOPNOTSUPP,
			       "--pids-limit: the kernel counts no processes of root, and %s", why);
	if (!counts_by_namespace(engine->host))
		return err_set(err, -EOPNOTSUPP,
			       "--pids-limit: Linux %s counts processes by user, not by container "
			       "(5.14 does), and %s",
			       engine->host->kernel, why);
	return 0;
}

/* Here already, so that nothing is made that cannot start. */
static int check_cpus(const struct container_config *config, struct err *err)
{
	cpu_set_t allowed, set;
	int r = cpus_allowed(&allowed);

	if (r < 0)
		return err_sys(err, r, "cannot ask for the processors");
	return fallback_cpus(&config->resources, &allowed, fallback_seed(config->id), &set, err);
}

static int plan_fallbacks(struct engine *engine, const struct container_config *config,
			  struct enforcement *out, struct err *err)
{
	const char *rest = NULL;

	out->fallbacks = resources_fallbacks(&config->resources, &rest);
	if (rest) {
		err_set(err, -EOPNOTSUPP, "--%s needs a control group, and %s", rest, out->why);
		return err_hint(err, "without one there are --memory, --pids-limit, --cpus and "
				     "--cpuset-cpus; see docs/resources.md");
	}
	int r = out->fallbacks & FALLBACK_PIDS ? check_pids(engine, out->why, err) : 0;
	return r == 0 && (out->fallbacks & FALLBACK_CPUS) ? check_cpus(config, err) : r;
}

/* ---- which it is ---- */

static const char *why_not(const struct container_config *config, const struct cgroup_place *place)
{
	if (str_eq(config->cgroups, "disabled"))
		return "--cgroups disabled was given";
	if (place->kind == CGROUP_HYBRID)
		return "this machine has them in version 1 (hybrid), which no user can be given";
	if (place->kind == CGROUP_NONE)
		return "this machine has none of version 2";
	return "none is the caller's";
}

static bool is_asked_for(const struct container_config *config)
{
	return config->cgroups && !str_eq(config->cgroups, "disabled");
}

static int plan(struct engine *engine, const struct container_config *config,
		struct enforcement *out, struct err *err)
{
	out->needs = resources_needs(&config->resources);
	if (!out->needs && !is_asked_for(config))
		return 0;
	cgroup_place_read("", 0, &out->place);
	out->why = str_dup(why_not(config, &out->place));
	if (is_asked_for(config))
		return err_set(err, -EOPNOTSUPP, "--cgroups %s: there is no control group: %s",
			       config->cgroups, out->why);
	return plan_fallbacks(engine, config, out, err);
}

int enforce_plan(struct engine *engine, const struct container_config *config,
		 struct enforcement *out, struct err *err)
{
	AUTO(enforcement) struct enforcement e = { .manager = GROUP_NONE };
	int r = plan(engine, config, &e, err);

	if (r < 0)
		return r;
	*out = e;
	e = (struct enforcement){ 0 };
	return 0;
}

void enforce_survey(struct engine *engine, struct enforcement *out)
{
	const struct container_config any = { .cgroup_manager = engine->cgroup_manager };

	*out = (struct enforcement){ .manager = GROUP_NONE };
	cgroup_place_read("", 0, &out->place);
	out->why = str_dup(why_not(&any, &out->place));
}

void enforce_warn(struct engine *engine, const struct container_config *config,
		  const struct enforcement *e)
{
	static const struct {
		unsigned int bit;
		const char *text;
	} texts[] = {
		{ FALLBACK_MEMORY, "its monitor watches its memory" },
		{ FALLBACK_PIDS, "RLIMIT_NPROC counts its processes" },
		{ FALLBACK_CPUS, "it is bound to some processors" },
	};
	AUTO(strv) struct strv parts = { 0 };

	for (size_t i = 0; i < array_len(texts); i++)
		if (e->fallbacks & texts[i].bit)
			strv_add(&parts, texts[i].text);
	if (!parts.count)
		return;
	AUTO(mem) char *list = str_join(&parts, ", ");
	engine_warn(engine, "no control group limits container '%s' (%s): %s", config->name,
		    str_or(e->why, "none was made"), list);
}

void enforce_state(const struct enforcement *e, const struct container_config *config,
		   struct container_state *state)
{
	state->fallbacks = (int)e->fallbacks;
	state->memory = config->resources.memory;
	str_set(&state->cgroup, NULL);
	str_set(&state->cgroup_manager,
		e->manager == GROUP_NONE ? NULL : group_manager_names[e->manager]);
}

void enforce_clear(struct enforcement *e)
{
	free(e->why);
	cgroup_place_clear(&e->place);
	*e = (struct enforcement){ 0 };
}
