/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runplan_prepare - what is made for the mounts of a RUN before its box is: folders of caches, sockets of agents
 */
#include "build/runplan.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build/copykey.h"
#include "engine/outer.h"
#include "store/lock.h"

#define CACHES "build/mounts"

enum { FOLDER_MODE = 0755, AGENT_MODE = 0600, CACHES_MAX = 1000 };

/* ---- caches ----------------------------------------------------------------------------------- */

struct owning {
	const char *path;
	const struct runmount *mount;
	const struct runids *ids;
	bool one_id; /* whoever it is, it is the caller */
};

static int own(void *data, struct err *err)
{
	const struct owning *o = data;
	uint32_t uid = o->mount->uid < 0 ? 0 : (uint32_t)o->mount->uid;
	uint32_t gid = o->mount->gid < 0 ? 0 : (uint32_t)o->mount->gid;
	const mode_t mode = o->mount->mode < 0 ? FOLDER_MODE : (mode_t)o->mount->mode;

	int r = runids_owner(o->ids, uid, gid, &uid, &gid, err);
	if (r < 0)
		return err_wrap(err, "cannot give the cache '%s' its owner", o->mount->id);
	r = o->mount->from && o->ids->shifts ? runids_show(o->ids, o->path) : 0;
	if (r < 0)
		return err_sys(err, r, "cannot give what is in the cache '%s' its owners",
			       o->mount->id);
	if ((!o->one_id && chown(o->path, uid, gid) < 0) || chmod(o->path, mode) < 0)
		return err_sys(err, -errno, "cannot give the cache '%s' its owner", o->path);
	return 0;
}

static int make_folders(const struct store *store, const char *rel)
{
	static const char *const parents[] = { "build", CACHES };

	for (size_t i = 0; i < array_len(parents); i++)
		if (mkdirat(store->dir, parents[i], 0700) < 0 && errno != EEXIST)
			return -errno;
	return mkdirat(store->dir, rel, FOLDER_MODE) < 0 ? -errno : 1;
}

static int make_cache(struct runplan *plan, size_t at, const char *rel, struct err *err)
{
	const struct store *store = plan->work->engine->store;
	const struct runmount *m = runplan_mount(plan, at);
	AUTO(mem) char *path = store_path(store, rel);
	const struct identity_plan *identity = engine_identity(plan->work->engine, NULL);
	struct owning owning = { path, m, &plan->ids,
				 identity && identity->kind == IDENTITY_ONE_ID };
	int r = make_folders(store, rel);

	if (r == 1 && m->from) {
		r = copykey_fill(plan->work, m, &plan->from.items[at], path, err);
		r = r < 0 ? r : 1;
	}
	if (r < 0 && err->code)
		return r;
	if (r == 1)
		r = outer_run(plan->work->engine, 0, own, &owning, err);
	else if (r < 0 && r != -EEXIST)
		return err_sys(err, r, "cannot make the cache '%s'", m->id);
	if (r >= 0 || r == -EEXIST) {
		str_set(&plan->made.items[at], path);
		return 0;
	}
	return r;
}

/* A private one that another step has is not waited for: there is one more. */
static int take_cache(struct runplan *plan, size_t at, const char *hex, struct err *err)
{
	const struct store *store = plan->work->engine->store;
	const struct runmount *m = runplan_mount(plan, at);
	const int mode = m->sharing == RUNMOUNT_SHARED	  ? LOCK_SHARED
			 : m->sharing == RUNMOUNT_PRIVATE ? LOCK_EXCLUSIVE | LOCK_TRY
							  : LOCK_EXCLUSIVE;

	for (int n = 0; n < CACHES_MAX; n++) {
		AUTO(mem)
		char *rel = n ? str_fmt(CACHES "/%s.%d", hex, n) : str_fmt(CACHES "/%s", hex);
		AUTO(mem) char *name = str_fmt("mount:%s", rel);
		int lock;
		int r = lock_take(store, LOCK_BUILD, name, mode, &lock, err);
		if (r == -EAGAIN)
			continue;
		if (r < 0)
			return r;
		*vec_push(&plan->locks) = lock;
		return make_cache(plan, at, rel, err);
	}
	return err_set(err, -EMFILE, "the cache '%s' has too many copies", m->id);
}

/* ---- agents ----------------------------------------------------------------------------------- */

/* With one id each user is the caller, whose the agent's own socket is. */
static bool needs_socket(const struct runplan *plan, const struct runmount *m)
{
	const struct identity_plan *identity = engine_identity(plan->work->engine, NULL);

	return m->type == RUNMOUNT_SSH && runplan_agent(plan, m->id) && identity &&
	       identity->kind != IDENTITY_ONE_ID &&
	       (plan->ids.shifts || m->uid >= 0 || m->gid >= 0 || m->mode >= 0);
}

static int take_agent(struct runplan *plan, size_t at, struct err *err)
{
	const struct runmount *m = runplan_mount(plan, at);
	const mode_t mode = m->mode < 0 ? AGENT_MODE : (mode_t)m->mode;
	uint32_t uid = m->uid < 0 ? 0 : (uint32_t)m->uid, gid = m->gid < 0 ? 0 : (uint32_t)m->gid;
	struct agent agent;

	int r = runids_owner(&plan->ids, uid, gid, &uid, &gid, err);
	if (r == 0)
		r = agent_serve(plan->work->engine, runplan_agent(plan, m->id), uid, gid, mode,
				&agent, err);
	if (r < 0)
		return err_wrap(err, "the agent '%s'", m->id);
	str_set(&plan->made.items[at], agent.path);
	*vec_push(&plan->agents) = agent;
	return 0;
}

int runplan_prepare(struct runplan *plan, struct err *err)
{
	int r = runplan_mounts(plan) ? runids_take(plan->work, &plan->ids, err) : 0;
	AUTO(mem) char *owners = r < 0 ? NULL : runids_name(&plan->ids);

	for (size_t i = 0; r == 0 && i < runplan_mounts(plan); i++) {
		AUTO(stepkey) struct stepkey key = { 0 };
		AUTO(mem) char *hex = NULL;
		if (needs_socket(plan, runplan_mount(plan, i)))
			r = take_agent(plan, i, err);
		if (r < 0 || runplan_mount(plan, i)->type != RUNMOUNT_CACHE)
			continue;
		stepkey_add(&key, "cache", runplan_mount(plan, i)->id);
		if (owners)
			stepkey_add(&key, "owners", owners);
		r = stepkey_hash(&key, plan->work->helper, &hex, err);
		if (r == 0)
			r = take_cache(plan, i, hex, err);
	}
	return r;
}
