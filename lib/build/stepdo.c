/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stepdo - the layer of a step: from the build cache, or by doing it
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "build/report.h"
#include "build/shared.h"
#include "build/work.h"
#include "engine/outer.h"
#include "engine/remove.h"
#include "engine/steplayer.h"
#include "store/blob.h"
#include "store/buildcache.h"
#include "store/layers.h"
#include "store/lock.h"

/* What it hashes needs no rights over other ids. */
int work_helper(struct work *work, struct err *err)
{
	AUTO(mem) char *program = host_helper(work->engine->host, "cubby-layer");
	const struct layer_host host = { .program = program, .userns = -1 };

	return work->helper ? 0 : layer_helper_open(&host, &work->helper, err);
}

/* So that each step joins the user namespace, which is made once; it ends with this process. */
static int start_holder(struct work *work, struct err *err)
{
	int pidfd;
	const pid_t pid = outer_fork(work->engine, 0, true, &pidfd, err);

	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)!fd_close_from(3);
		for (;;)
			(void)pause();
	}
	if (pid < 0)
		return pid;
	fd_close(pidfd);
	work->holder = pid;
	return 0;
}

static int hold_namespace(struct work *work, struct err *err)
{
	int r = work->holder ? 0 : start_holder(work, err);

	if (r == 0 && !work->unpacker)
		r = unpacker_new(work->engine, &work->unpacker, err);
	if (r == 0 && !work->inside)
		r = unpacker_helper(work->unpacker, &work->inside, err);
	return r;
}

/* ---- the cache -------------------------------------------------------------------------------- */

static bool too_old(const struct work *work, const struct buildstep *step)
{
	int64_t made;

	return work->options->cache_ttl && (clock_parse(step->created, clock_now(), &made) < 0 ||
					    clock_now() - made > work->options->cache_ttl);
}

/* What a step is done upon: a linked one upon nothing. */
static const char *below_of(const struct work *work, const struct step *how)
{
	return how->linked ? NULL : sofar_top(&work->sofar);
}

/* A record holds upon one layer only, and while its own is there. */
static bool holds(struct work *work, const struct step *how, const struct buildstep *step)
{
	const struct store *store = work->engine->store;
	AUTO(mem) char *map = engine_layer_map(work->engine, NULL);
	const char *below = below_of(work, how);

	if (step->value || !str_eq(str_or(step->below, ""), str_or(below, "")) ||
	    too_old(work, step))
		return false;
	if (!step->layer)
		return true;
	if (step->blob && !work->engine->drop_blobs &&
	    blob_state(store, step->blob, NULL) == BLOB_NONE)
		return false;
	return map && layer_find(store, step->layer, map, NULL) == 0;
}

static bool find(struct work *work, const struct step *how, const char *key, struct buildstep **out)
{
	AUTO(buildstep) struct buildstep *step = NULL;

	if (work->anew || buildcache_find(work->engine->store, key, &step) < 0 ||
	    !holds(work, how, step))
		return false;
	*out = take_ptr(step);
	return true;
}

/* ---- doing ------------------------------------------------------------------------------------ */

static int take(struct work *work, const char *box, const struct strv *mounted,
		struct steplayer *out, struct err *err)
{
	const struct steplayer_options options = {
		.mounted = mounted,
		.flags = work->options->time_flags,
		.time = work->options->time,
		.helper = work->inside,
	};

	return steplayer_take(work->engine, box, &options, out, err);
}

static int remember(struct work *work, const char *key, const struct step *step,
		    const struct steplayer *layer, struct buildstep **out, struct err *err)
{
	AUTO(buildstep) struct buildstep *record = mem_new(struct buildstep);

	record->key = str_dup(key);
	record->layer = str_dup(layer->key);
	record->diff_id = str_dup(layer->diff_id);
	record->tar_size = layer->tar_size;
	record->below = str_dup(below_of(work, step));
	record->created = clock_rfc3339(
		work->options->dated ? work->options->time * INT64_C(1000000000) : clock_now());
	record->text = str_dup(step->text);
	const int r = buildcache_save(work->engine->store, record, err);
	if (r == 0)
		*out = take_ptr(record);
	return r;
}

static int perform(struct work *work, const char *key, const struct step *step,
		   struct buildstep **out, struct err *err)
{
	AUTO(steplayer) struct steplayer layer = { .lock = -1 };
	AUTO(strv) struct strv mounted = { 0 };
	AUTO(mem) char *box = NULL;

	int r = hold_namespace(work, err);
	if (r == 0)
		r = step->perform(step->data, &box, &mounted, err);
	if (r == 0)
		r = take(work, box, &mounted, &layer, err);
	if (box)
		container_drop(work->engine, box);
	if (r == 0)
		r = remember(work, key, step, &layer, out, err);
	return r;
}

/* What follows a linked step sees what is below it, too. */
static int next_key(struct work *work, const struct step *step, const struct buildstep *record,
		    struct err *err)
{
	AUTO(stepkey) struct stepkey key = { 0 };
	AUTO(mem) char *hex = NULL;

	if (!step->linked) {
		str_set(&work->sofar.key, record->key);
		return 0;
	}
	stepkey_add(&key, "upon", work->sofar.key);
	stepkey_add(&key, "linked", record->key);
	const int r = stepkey_hash(&key, work->helper, &hex, err);
	if (r == 0)
		str_set(&work->sofar.key, hex);
	return r;
}

static int put(struct work *work, const struct step *step, struct buildstep *record, bool cached,
	       struct err *err)
{
	const struct report report = { .kind = cached ? REPORT_CACHED : REPORT_DONE,
				       .number = work->number,
				       .of = work->of,
				       .text = record->key };

	const struct descriptor blob = { .media_type = record->blob_type,
					 .digest = record->blob,
					 .size = record->blob_size };
	if (record->layer && record->blob)
		sofar_add_layer(&work->sofar, record->layer, record->diff_id, &blob);
	else if (record->layer)
		sofar_add_plain(&work->sofar, record->layer, record->diff_id, record->tar_size);
	evolve_history(work->sofar.config, record->text, record->created, !record->layer);
	report_send(work->sock, &report);
	return next_key(work, step, record, err);
}

/* Files of a layer have the times that the build gives them. */
static void add_time(const struct work *work, struct stepkey *key)
{
	const struct build_options *o = work->options;

	if (!o->time_flags)
		return;
	AUTO(mem) char *text = str_fmt("%d %lld", o->time_flags, (long long)o->time);
	stepkey_add(key, "time", text);
}

int step_do(struct work *work, struct stepkey *key, const struct step *step, struct err *err)
{
	AUTO(buildstep) struct buildstep *record = NULL;
	AUTO(mem) char *hex = NULL;
	AUTO(mem) char *name = NULL;
	AUTO(fd) int lock = -1;

	if (step->linked)
		stepkey_add(key, "linked", NULL);
	else
		stepkey_add(key, "upon", work->sofar.key);
	add_time(work, key);
	int r = work_helper(work, err);
	if (r == 0)
		r = stepkey_hash(key, work->helper, &hex, err);
	if (r < 0)
		return r;
	if (find(work, step, hex, &record)) {
		return put(work, step, record, true, err);
	}
	name = str_fmt("step:%s", hex);
	r = lock_take(work->engine->store, LOCK_BUILD, name, LOCK_EXCLUSIVE, &lock, err);
	if (r < 0)
		return r;
	/* Who had the lock before us may have done it. */
	bool cached = find(work, step, hex, &record);
	if (!cached && shared_take(work, hex))
		cached = find(work, step, hex, &record);
	if (!cached)
		r = perform(work, hex, step, &record, err);
	if (r < 0)
		return r;
	return put(work, step, record, cached, err);
}
