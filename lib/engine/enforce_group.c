/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * enforce_group - making and ending a container's control group
 *
 *	systemd		cubby-ID.scope, with two groups in it: "monitor", and "container", which is limited
 *	cgroupfs	cubby-ID in the caller's group, or in what --cgroup-parent names
 *
 * The command line does it, before the monitor goes on: it is the user himself, who can reach his systemd and
 * may move what is his. What enters a group is born in it, or forked by who is in the same part of the tree:
 * moving a process between a login session and the user's own part takes systemd.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/str.h"
#include "cgroup/group.h"
#include "cgroup/scope.h"
#include "engine/enforce.h"
#include "engine/lost.h"
#include "store/lock.h"

#define MONITOR "monitor"
#define CONTAINER "container"
#define OURS "cubby-" /* followed by an id */

static char *scope_name(const char *id)
{
	return str_fmt(OURS "%s.scope", id);
}

/* ---- making ---- */

static int limit(int dir, const struct container_config *config, struct err *err)
{
	AUTO(settings) struct settings list = { 0 };

	settings_plan(&config->resources, &list);
	return group_set(dir, &list, err);
}

/* All that can be had, so that what is used can be read as well. */
static int give(int dir, unsigned int needs, struct err *err)
{
	const unsigned int have = cgroup_controllers(dir, "cgroup.controllers");
	const unsigned int missing = needs & ~have & ~CONTROLLER_BIT(CONTROLLER_OTHER);

	if (missing) {
		AUTO(mem) char *names = cgroup_print_controllers(missing);
		return err_set(err, -EOPNOTSUPP, "the control group has no controller '%s'", names);
	}
	return group_give(dir, have, err);
}

static int make_in(int parent, const char *name, const struct container_config *config,
		   struct err *err)
{
	AUTO(fd) int dir = group_make(parent, name);

	if (dir < 0)
		return err_sys(err, dir, "cannot make the control group '%s'", name);
	int r = limit(dir, config, err);
	return r < 0 ? r : take_fd(dir);
}

/* The scope's own processes are in the way of its controllers. */
static int fill_scope(int scope, pid_t monitor, const struct container_config *config,
		      unsigned int needs, struct err *err)
{
	AUTO(fd) int own = group_make(scope, MONITOR);
	int r = own < 0 ? own : group_add(own, monitor);

	if (r < 0)
		return err_sys(err, r, "cannot move the monitor in its scope");
	r = give(scope, needs, err);
	return r < 0 ? r : make_in(scope, CONTAINER, config, err);
}

static int begin_scope(struct engine *engine, const struct container_config *config,
		       const struct enforcement *e, pid_t monitor, char **out_path, struct err *err)
{
	AUTO(mem) char *name = scope_name(config->id);
	AUTO(mem) char *about = str_fmt("cubby container %s", config->name);
	AUTO(cgroup_place) struct cgroup_place place = { 0 };
	const struct scope_wish wish = {
		.name = name,
		.about = about,
		.slice = config->cgroup_parent,
		.pid = monitor,
	};
	int r = scope_start(engine->host, &wish, err);

	if (r < 0)
		return r;
	cgroup_place_read("", monitor, &place);
	if (!place.path || !str_ends(place.path, name))
		return err_set(err, -EIO, "systemd has not put the monitor into '%s'", name);
	AUTO(fd) int scope = cgroup_open(&place, place.path);
	if (scope < 0)
		return err_sys(err, scope, "cannot open the control group '%s'", place.path);
	AUTO(fd) int dir = fill_scope(scope, monitor, config, e->needs, err);
	if (dir < 0)
		return dir;
	*out_path = str_fmt("%s/" CONTAINER, place.path);
	return take_fd(dir);
}

static void settle(struct engine *engine, const char *id)
{
	AUTO(container_state) struct container_state *state = NULL;
	AUTO(fd) int lock = -1;

	/* What fails is another's to end (of another store), or for the next one. */
	if (lock_take(engine->store, LOCK_CONTAINER, id, LOCK_TRY, &lock, NULL) == 0)
		(void)!lost_settle(engine, id, &state, NULL);
}

/* Groups of containers whose monitor was killed, and that nobody has asked for since. */
static void sweep(struct engine *engine, int parent, const char *own)
{
	int copy = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	if (!list) {
		fd_close(copy);
		return;
	}
	while ((entry = readdir(list))) {
		const char *id = str_starts(entry->d_name, OURS);
		if (id && strspn(id, "0123456789abcdef") == CONTAINER_ID_HEX &&
		    !id[CONTAINER_ID_HEX] && !str_eq(id, own))
			settle(engine, id);
	}
	(void)closedir(list);
}

static int begin_folder(struct engine *engine, const struct container_config *config,
			const struct enforcement *e, char **out_path, struct err *err)
{
	AUTO(mem) char *name = str_fmt(OURS "%s", config->id);
	AUTO(mem) char *path = str_fmt("%s/%s", str_eq(e->base, "/") ? "" : e->base, name);
	AUTO(mem) char *whole = str_fmt("%s%s", e->place.mount, path);
	AUTO(fd) int parent = cgroup_open(&e->place, e->base);

	if (parent < 0)
		return err_sys(err, parent, "cannot open the control group '%s'", e->base);
	int r = group_remove(whole); /* of a run whose monitor was killed */
	if (r < 0)
		return err_sys(err, r, "cannot remove the control group '%s' of an earlier run",
			       path);
	sweep(engine, parent, config->id);
	r = give(parent, e->needs, err);
	if (r < 0)
		return err_wrap(err, "cannot make a group in '%s'", e->base);
	AUTO(fd) int dir = make_in(parent, name, config, err);
	if (dir < 0) {
		(void)!group_remove(whole); /* the reason is told */
		return dir;
	}
	*out_path = take_ptr(path);
	return take_fd(dir);
}

int enforce_begin(struct engine *engine, const struct container_config *config,
		  const struct enforcement *e, pid_t monitor, char **out_path, struct err *err)
{
	int r = e->manager == GROUP_SYSTEMD ? begin_scope(engine, config, e, monitor, out_path, err)
					    : begin_folder(engine, config, e, out_path, err);

	return r < 0 ? err_wrap(err, "cannot limit container '%s'", config->name) : r;
}

int enforce_release_monitor(const struct container_config *config, const struct enforcement *e,
			    pid_t monitor, struct err *err)
{
	if (e->manager != GROUP_SYSTEMD || !str_eq(config->cgroups, "no-conmon"))
		return 0;
	AUTO(fd) int dir = cgroup_open(&e->place, e->place.path);
	int r = dir < 0 ? dir : group_add(dir, monitor);
	return r < 0 ? err_sys(err, r, "--cgroups no-conmon: cannot move the monitor back to '%s'",
			       e->place.path)
		     : 0;
}

/* ---- while it lives ---- */

int enforce_attach(struct engine *engine, const struct container_state *state, pid_t pid,
		   struct err *err)
{
	AUTO(mem) char *name = scope_name(state->id);

	if (str_eq(state->cgroup_manager, "systemd"))
		return scope_attach(engine->host, name, "/" CONTAINER, pid, err);
	(void)err_set(
		err, -EACCES,
		"the control group '%s' of container '%s' cannot be entered from the caller's",
		state->cgroup, state->name);
	return err_hint(err, "exec -d enters it: there the container's monitor does it");
}

int enforce_open(const struct container_state *state)
{
	AUTO(cgroup_place) struct cgroup_place place = { 0 };

	if (!state->cgroup)
		return -ENOENT;
	cgroup_place_read("", 0, &place);
	return place.mount ? cgroup_open(&place, state->cgroup) : -ENOENT;
}

void enforce_end(const struct container_state *state)
{
	AUTO(cgroup_place) struct cgroup_place place = { 0 };

	if (!state->cgroup)
		return;
	cgroup_place_read("", 0, &place);
	if (!place.mount)
		return;
	AUTO(mem) char *path = str_fmt("%s%s", place.mount, state->cgroup);
	(void)!group_remove(path); /* the next start tries again */
}
