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
#include "oci/digest.h"
#include "oci/media.h"
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

/* @step: NULL for one that has failed */
static int take(struct work *work, const char *box, const struct strv *mounted,
		const struct step *step, struct steplayer *out, struct err *err)
{
	const struct steplayer_options options = {
		.mounted = mounted,
		.flags = work->options->time_flags,
		.time = work->options->time,
		.helper = work->inside,
		.defer = work->more,
		.undone = step ? step->undone : NULL,
		.hold = step,
	};

	return steplayer_take(work->engine, box, &options, out, err);
}

static struct buildstep *new_record(const struct work *work, const char *key,
				    const struct step *step)
{
	struct buildstep *record = mem_new(struct buildstep);

	record->key = str_dup(key);
	record->below = str_dup(below_of(work, step));
	record->created = work->options->dated ? clock_rfc3339_epoch(work->options->time)
					       : clock_rfc3339(clock_now());
	record->text = str_dup(step->text);
	return record;
}

/*
 * The record is written first: one whose layer is not there is of no use, and the next build that comes to the step
 * replaces it; but nobody would find a layer that no record names.
 */
int stepdo_enter(struct work *work, struct buildstep *record, struct steplayer *layer,
		 struct err *err)
{
	const char *key = layer->rest ? digest_hex(layer->diff_id) : layer->key;

	str_set(&record->layer, key);
	str_set(&record->diff_id, layer->diff_id);
	record->tar_size = layer->tar_size;
	if (layer->tar) {
		str_set(&record->blob, layer->diff_id);
		str_set(&record->blob_type, MEDIA_OCI_LAYER);
		record->blob_size = layer->tar_size;
	}
	const int r = buildcache_save(work->engine->store, record, err);
	return r < 0 || !layer->rest ? r : steplayer_commit(work->engine, layer, err);
}

static int remember(struct work *work, const char *key, const struct step *step,
		    struct steplayer *layer, struct buildstep **out, struct err *err)
{
	AUTO(buildstep) struct buildstep *record = new_record(work, key, step);
	const int r = stepdo_enter(work, record, layer, err);

	if (r == 0)
		*out = take_ptr(record);
	return r;
}

/* Where nothing can be had of it the failure of the step is told all the same. */
static void take_left(struct work *work, const char *box, const struct strv *mounted)
{
	work->more = false; /* not to be hashed later */
	if (work->options->keep_failed)
		(void)!take(work, box, mounted, NULL, &work->left, NULL);
}

/* What the step before has left for later is settled once nothing stands upon it. */
static int perform(struct work *work, const struct step *step, struct steplayer *layer,
		   struct err *err)
{
	AUTO(strv) struct strv mounted = { 0 };
	AUTO(mem) char *box = NULL;

	int r = hold_namespace(work, err);
	if (r == 0)
		r = step->perform(step->data, &box, &mounted, err);
	if (r == 0)
		r = take(work, box, &mounted, step, layer, err);
	else if (box)
		take_left(work, box, &mounted);
	if (box)
		container_drop(work->engine, box);
	return r == 0 ? later_end(work, err) : r;
}

/* What follows a linked step sees what is below it, too. */
static int next_key(struct work *work, const struct step *step, const char *own, struct err *err)
{
	AUTO(stepkey) struct stepkey key = { 0 };
	AUTO(mem) char *hex = NULL;

	if (!step->linked) {
		str_set(&work->sofar.key, own);
		return 0;
	}
	stepkey_add(&key, "upon", work->sofar.key);
	stepkey_add(&key, "linked", own);
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
	return next_key(work, step, record->key, err);
}

/* The layer is there, but nobody knows its digest yet. */
static int put_off(struct work *work, const char *key, const struct step *step,
		   struct steplayer *layer, int lock, struct err *err)
{
	const struct report report = {
		.kind = REPORT_DONE, .number = work->number, .of = work->of, .text = (char *)key
	};
	struct buildstep *record = new_record(work, key, step);

	strv_add(&work->sofar.layers, layer->rest->rel);
	evolve_history(work->sofar.config, record->text, record->created, false);
	later_keep(work, record, layer, lock);
	report_send(work->sock, &report);
	return next_key(work, step, key, err);
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

/* A record holds upon a layer that is known: where there may be one, what is left for later comes first. */
static int settle(struct work *work, const char *hex, struct err *err)
{
	AUTO(buildstep) struct buildstep *step = NULL;

	if (!later_pending(work) || work->anew)
		return 0;
	if (!strv_env_get(&work->options->shared, hex) &&
	    buildcache_find(work->engine->store, hex, &step) < 0)
		return 0;
	return later_end(work, err);
}

/* Who waits for another build must not keep that one waiting for what is left for later here. */
static int lock_step(struct work *work, const char *hex, int *out, struct err *err)
{
	AUTO(mem) char *name = str_fmt("step:%s", hex);
	const struct store *store = work->engine->store;

	if (later_pending(work)) {
		int r = lock_take(store, LOCK_BUILD, name, LOCK_EXCLUSIVE | LOCK_TRY, out, err);
		if (r != -EAGAIN)
			return r;
		r = later_end(work, err);
		if (r < 0)
			return r;
	}
	return lock_take(store, LOCK_BUILD, name, LOCK_EXCLUSIVE, out, err);
}

/* Under its lock. */
static int do_locked(struct work *work, const char *hex, const struct step *step, int *lock,
		     struct err *err)
{
	AUTO(buildstep) struct buildstep *record = NULL;
	AUTO(steplayer) struct steplayer layer = { .lock = -1 };

	/* Who had the lock before us may have done it. */
	int r = settle(work, hex, err);
	if (r < 0)
		return r;
	bool cached = find(work, step, hex, &record);
	if (!cached && shared_take(work, hex))
		cached = find(work, step, hex, &record);
	if (cached)
		return put(work, step, record, true, err);
	r = perform(work, step, &layer, err);
	if (r == 0 && layer.rest && !layer.diff_id)
		return put_off(work, hex, step, &layer, take_fd(*lock), err);
	if (r == 0)
		r = remember(work, hex, step, &layer, &record, err);
	steplayer_drop(work->engine, &layer);
	return r < 0 ? r : put(work, step, record, false, err);
}

int step_do(struct work *work, struct stepkey *key, const struct step *step, struct err *err)
{
	AUTO(buildstep) struct buildstep *record = NULL;
	AUTO(mem) char *hex = NULL;
	AUTO(fd) int lock = -1;

	if (step->linked)
		stepkey_add(key, "linked", NULL);
	else
		stepkey_add(key, "upon", work->sofar.key);
	add_time(work, key);
	int r = work_helper(work, err);
	if (r == 0)
		r = stepkey_hash(key, work->helper, &hex, err);
	if (r == 0)
		r = settle(work, hex, err);
	if (r < 0)
		return r;
	if (find(work, step, hex, &record))
		return put(work, step, record, true, err);
	r = lock_step(work, hex, &lock, err);
	return r < 0 ? r : do_locked(work, hex, step, &lock, err);
}
