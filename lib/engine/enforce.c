/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * enforce - who holds a container to its limits on this machine
 */
#include "engine/enforce.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/str.h"
#include "cgroup/group.h"
#include "cgroup/scope.h"
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
	return "none is the caller's, and there is no systemd of the user's to ask";
}

static bool is_asked_for(const struct container_config *config)
{
	return !str_eq(config->cgroups, "disabled") && (config->cgroups || config->cgroup_parent);
}

/* The part of the tree that systemd gives a user. */
static char *users_part(const struct host *host)
{
	return host->uid == 0 ? str_dup("/")
			      : str_fmt("/user.slice/user-%u.slice/user@%u.service",
					(unsigned int)host->uid, (unsigned int)host->uid);
}

/* The group that groups are made in: who was moved to a leaf of it is still meant to be in it. */
static char *own_part(const struct cgroup_place *place)
{
	static const char leaf[] = "/" GROUP_REST;
	const char *path = str_or(place->path, "/");
	const size_t n = strlen(path) - (str_ends(path, leaf) ? strlen(leaf) : 0);

	return n ? str_ndup(path, n) : str_dup("/");
}

static unsigned int controllers_of(const struct cgroup_place *place, const char *path)
{
	AUTO(fd) int dir = cgroup_open(place, path);

	return dir < 0 ? 0 : cgroup_controllers(dir, "cgroup.controllers");
}

static bool may_use(const struct cgroup_place *place, const char *path)
{
	AUTO(fd) int dir = place->path ? cgroup_open(place, path) : -1;

	return dir >= 0 && cgroup_is_ours(dir);
}

static int lacks(const struct host *host, const struct enforcement *e, const char *part,
		 unsigned int missing, struct err *err)
{
	AUTO(mem) char *names = cgroup_print_controllers(missing);

	err_set(err, -EOPNOTSUPP,
		"a limit needs the controller '%s' of control groups, which '%s' has not", names,
		part);
	if (e->manager != GROUP_SYSTEMD || host->uid == 0)
		return err_hint(err, "who gave you that group (a unit with Delegate=, a batch "
				     "scheduler) must give it that controller; --cgroups disabled "
				     "does without");
	return err_hint(err,
			"root writes /etc/systemd/system/user@.service.d/delegate.conf with the "
			"lines '[Service]' and 'Delegate=cpu cpuset io memory pids', then "
			"'systemctl daemon-reload'; it holds from your next login (or reboot)");
}

static int check_controllers(const struct host *host, struct enforcement *e, const char *part,
			     struct err *err)
{
	const unsigned int missing = e->needs & ~controllers_of(&e->place, part) &
				     ~CONTROLLER_BIT(CONTROLLER_OTHER);

	return missing ? lacks(host, e, part, missing, err) : 0;
}

/* The monitor goes back there once the container runs; then nothing is left to start it again in. */
static int check_no_conmon(const struct container_config *config, const struct enforcement *e,
			   const char *part, struct err *err)
{
	if (!str_eq(config->cgroups, "no-conmon"))
		return 0;
	if (config->restart)
		return err_set(err, -EOPNOTSUPP,
			       "--cgroups no-conmon cannot be given with --restart: with the last "
			       "process of the container systemd removes its group");
	if (e->place.path && str_starts(e->place.path, part))
		return 0;
	return err_set(err, -EOPNOTSUPP,
		       "--cgroups no-conmon: the monitor cannot stay in '%s', which is not in the "
		       "user's part '%s'",
		       str_or(e->place.path, "?"), part);
}

static int use_systemd(struct engine *engine, const struct container_config *config,
		       struct enforcement *e, struct err *err)
{
	AUTO(mem) char *part = users_part(engine->host);

	if (!scope_possible(engine->host)) {
		err_set(err, -EOPNOTSUPP,
			"--cgroup-manager systemd: there is no systemd of the caller's to ask");
		return err_hint(err,
				"it runs while you are logged in; 'loginctl enable-linger' lets "
				"it run always");
	}
	e->manager = GROUP_SYSTEMD;
	if (config->cgroup_parent && !str_ends(config->cgroup_parent, ".slice"))
		return err_set(
			err, -EINVAL,
			"--cgroup-parent: '%s' is no slice (NAME.slice), which systemd wants",
			config->cgroup_parent);
	int r = check_no_conmon(config, e, part, err);
	return r < 0 ? r : check_controllers(engine->host, e, part, err);
}

/* Return: 1 when it can be, 0 when not. */
static int use_cgroupfs(struct engine *engine, const struct container_config *config,
			struct enforcement *e, struct err *err)
{
	e->base = config->cgroup_parent ? str_dup(config->cgroup_parent) : own_part(&e->place);
	if (*e->base != '/')
		return err_set(err, -EINVAL,
			       "--cgroup-parent: '%s' is no path of a control group (/NAME/…)",
			       config->cgroup_parent);
	if (!may_use(&e->place, e->base))
		return 0;
	e->manager = GROUP_CGROUPFS;
	int r = check_controllers(engine->host, e, e->base, err);
	return r < 0 ? r : 1;
}

static int choose(struct engine *engine, const struct container_config *config,
		  struct enforcement *e, struct err *err)
{
	const char *wanted = str_or(engine->cgroup_manager, config->cgroup_manager);
	bool split = str_eq(config->cgroups, "split");

	if (!split && (str_eq(wanted, "systemd") || (!wanted && scope_possible(engine->host))))
		return use_systemd(engine, config, e, err);
	int r = use_cgroupfs(engine, config, e, err);
	if (r != 0 || (!split && !wanted && !config->cgroup_parent))
		return r < 0 ? r : 0;
	err_set(err, -EACCES, "%s: the control group '%s' is not the caller's",
		split ? "--cgroups split" : "--cgroup-manager cgroupfs", e->base);
	return err_hint(err, "a system unit gives its own with Delegate=yes and User=");
}

static int plan(struct engine *engine, const struct container_config *config,
		struct enforcement *out, struct err *err)
{
	out->needs = resources_needs(&config->resources);
	if (!out->needs && !is_asked_for(config))
		return 0;
	cgroup_place_read("", 0, &out->place);
	if (out->place.kind == CGROUP_UNIFIED && !str_eq(config->cgroups, "disabled")) {
		int r = choose(engine, config, out, err);
		if (r < 0 || out->manager != GROUP_NONE)
			return r;
	}
	out->why = str_dup(why_not(config, &out->place));
	if (is_asked_for(config))
		return err_set(err, -EOPNOTSUPP, "%s %s: there is no control group: %s",
			       config->cgroups ? "--cgroups" : "--cgroup-parent",
			       str_or(config->cgroups, config->cgroup_parent), out->why);
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
	const struct container_config any = { .cgroups = NULL };
	AUTO(mem) char *part = users_part(engine->host);

	*out = (struct enforcement){ .manager = GROUP_NONE };
	cgroup_place_read("", 0, &out->place);
	/* Where nothing is needed only what is asked for can be refused. */
	if (out->place.kind == CGROUP_UNIFIED)
		(void)!choose(engine, &any, out, NULL);
	if (out->manager == GROUP_NONE)
		out->why = str_dup(why_not(&any, &out->place));
	else
		out->needs = controllers_of(&out->place,
					    out->manager == GROUP_SYSTEMD ? part : out->base);
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
	free(e->base);
	cgroup_place_clear(&e->place);
	*e = (struct enforcement){ 0 };
}
