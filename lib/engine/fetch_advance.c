/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fetch_advance - what is under way of an image's layers, and what can be started
 *
 * Everything happens in callbacks of one loop; after each, fetch_advance() starts what can be started. The
 * first failure stops the loop.
 */
#include "engine/fetch_advance.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "engine/chain.h"
#include "engine/lowers.h"
#include "store/layers.h"
#include "store/lock.h"

enum { MAX_JOBS = 6 };

/* ---- telling ---------------------------------------------------------------------------------- */

static enum watch_state seen_state(const struct work *w)
{
	switch (w->stage) {
	case WORK_TODO:
	case WORK_TWIN:
		break;
	case WORK_ELSEWHERE:
		return WATCH_ELSEWHERE;
	case WORK_ACTIVE:
	case WORK_FIXUP:
		return w->fetched ? WATCH_UNPACKING : WATCH_LOADING;
	case WORK_DONE:
		return w->result.diff_id ? WATCH_DONE : WATCH_PRESENT;
	}
	return WATCH_WAITING;
}

void fetch_tell(struct work *w)
{
	const struct watch *watch = w->fetch->request->watch;
	struct watch_layer *seen = &w->fetch->seen[w->index];
	enum watch_state state = seen_state(w);

	if (w->fetched)
		seen->have = seen->size;
	if (seen->state == state && state != WATCH_LOADING)
		return;
	seen->state = state;
	if (watch && watch->change)
		watch->change(watch->data, w->fetch->seen, w->fetch->count, w->index);
}

void fetch_fail(struct fetch *f, struct err *err)
{
	int code = err->code < 0 ? err->code : -EIO;

	if (!f->err.code)
		(void)err_move(&f->err, err);
	err_clear(err);
	loop_stop(f->request->loop, code);
}

/* ---- a layer's end ---------------------------------------------------------------------------- */

void slot_close(struct slot *slot)
{
	loop_remove(take_ptr(slot->source));
	layer_helper_close(take_ptr(slot->helper));
	if (slot->work)
		slot->work->slot = NULL;
	slot->work = NULL;
}

static void start_again(struct work *w)
{
	if (w->slot)
		slot_close(w->slot);
	work_reset(w);
	w->again++;
}

/* Everything has come, in whichever order. */
static void settle(struct work *w)
{
	AUTO(err) struct err err = { 0 };

	if (!w->fetched || !w->applied)
		return;
	int r = work_check(w, &err);
	if (r == -ESTALE && !w->again) {
		start_again(w);
		return;
	}
	if (r == 0 && w->result.deferred) {
		w->stage = WORK_FIXUP;
		return;
	}
	if (r == 0) {
		str_set(&w->key, w->diff);
		r = work_commit(w, &err);
	}
	if (r < 0)
		fetch_fail(w->fetch, &err);
}

static void on_fetched(void *data, const struct remote_answer *answer, struct err *err)
{
	struct work *w = data;

	w->job = NULL;
	if (answer) {
		w->fetched = true;
		if (w->late.code)
			fetch_fail(w->fetch, &w->late);
		settle(w);
	} else if (err->code == -ESTALE && w->again < FETCH_MAX_AGAIN) {
		start_again(w);
	} else {
		fetch_fail(w->fetch, err);
	}
	fetch_tell(w);
	fetch_advance(w->fetch);
}

static void on_grown(void *data, int64_t have)
{
	struct work *w = data;

	w->fetch->seen[w->index].have = have;
	fetch_tell(w);
}

/*
 * Bytes that were here before, or come from a mirror, may be wrong: then it is no fault of the layer. What
 * they are is known when all have come.
 */
static void unpack_failed(struct work *w, struct err *err)
{
	bool unsure = w->job && !w->fetched && fetch_hopeless(err->code);

	(void)err_wrap(err, "cannot unpack layer %zu ('%.19s')", w->index + 1, w->blob->digest);
	if (w->file >= 0 && !w->again && err->code == -EBADMSG && w->fetch->request->remote)
		start_again(w);
	else if (unsure)
		(void)err_move(&w->late, err);
	else
		fetch_fail(w->fetch, err);
}

static void on_unpacked(void *data, unused_arg uint32_t events)
{
	AUTO(err) struct err err = { 0 };
	struct slot *slot = data;
	struct work *w = slot->work;
	struct fetch *f = slot->fetch;

	loop_remove(take_ptr(slot->source));
	slot->work = NULL;
	w->slot = NULL;
	int r = layer_apply_finish(slot->helper, &w->result, &err);
	for (size_t i = 0; r == 0 && i < w->result.lost.count; i++)
		log_debug("layer %zu: %s", w->index + 1, w->result.lost.items[i]);
	if (r == 0) {
		w->applied = true;
		settle(w);
	} else {
		/* One that has failed may be in any state. */
		slot_close(slot);
		unpack_failed(w, &err);
	}
	fetch_tell(w);
	fetch_advance(f);
}

/* ---- starting what can be started ------------------------------------------------------------- */

int slot_open(struct slot *slot, struct err *err)
{
	struct fetch *f = slot->fetch;
	int r = 0;

	if (slot->helper)
		return 0;
	if (!f->unpacker)
		r = unpacker_new(f->engine, &f->unpacker, err);
	return r < 0 ? r : unpacker_helper(f->unpacker, &slot->helper, err);
}

/* The largest layer that a test holds for. */
static struct work *largest(struct fetch *f, bool (*fits)(const struct work *w))
{
	struct work *best = NULL;

	for (size_t i = 0; i < f->count; i++) {
		struct work *w = &f->works[i];
		if (fits(w) && (!best || w->blob->size > best->blob->size))
			best = w;
	}
	return best;
}

static bool waits_for_bytes(const struct work *w)
{
	return w->stage == WORK_TODO;
}

static bool waits_for_helper(const struct work *w)
{
	return w->stage == WORK_ACTIVE && !w->slot && !w->applied && !w->late.code;
}

static size_t jobs(const struct fetch *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->count; i++)
		n += f->works[i].stage == WORK_ACTIVE && !f->works[i].fetched;
	return n;
}

static struct slot *idle_slot(struct fetch *f)
{
	for (size_t i = 0; i < f->slot_count; i++)
		if (!f->slots[i].work)
			return &f->slots[i];
	return NULL;
}

static int start_jobs(struct fetch *f, struct err *err)
{
	struct work *w;

	while (jobs(f) < MAX_JOBS && (w = largest(f, waits_for_bytes))) {
		int r = fetch_begin(w, LOCK_TRY, err);
		if (r == -EAGAIN)
			w->stage = WORK_ELSEWHERE;
		else if (r < 0)
			return r;
		fetch_tell(w);
	}
	return 0;
}

static int start_helpers(struct fetch *f, struct err *err)
{
	struct slot *slot;
	struct work *w;

	while ((slot = idle_slot(f)) && (w = largest(f, waits_for_helper))) {
		int r = slot_open(slot, err);
		if (r == 0)
			r = work_unpack(w, slot->helper, err);
		if (r < 0)
			return r;
		slot->work = w;
		w->slot = slot;
		r = loop_add(f->request->loop, layer_helper_fd(slot->helper), EPOLLIN, on_unpacked,
			     slot, &slot->source);
		if (r < 0)
			return err_sys(err, r, "cannot wait for cubby-layer");
	}
	return 0;
}

/* The diff folders of the layers below, the uppermost first, as the helper finds them. */
static int lower_dirs(struct work *w, struct strv *out, struct err *err)
{
	struct fetch *f = w->fetch;
	const struct store *store = f->engine->store;

	for (size_t i = w->index; i-- > 0;) {
		AUTO(layer) struct layer *layer = NULL;
		if (layer_find(store, f->works[i].key, f->map, &layer) < 0)
			return err_set(err, -ENOENT, "layer %zu has gone meanwhile", i + 1);
		char *name = lowers_name(store, layer->path);
		bug_unless(name);
		strv_take(out, name);
	}
	return 0;
}

static int fix_up(struct work *w, struct layer_helper *helper, struct err *err)
{
	struct layer_fixup fixup = { .diff = w->diff_dir,
				     .journal = w->journal,
				     .store = w->fetch->engine->store->dir,
				     .more = lowers_folders(w->fetch->engine->store) };
	AUTO(strv) struct strv lower = { 0 };

	if (w->fetch->identity->kind == IDENTITY_ONE_ID)
		fixup.flags |= LAYER_ONE_ID;
	int r = chain_key(helper, &w->fetch->request->config->diff_ids, w->index, &w->key, err);
	if (r == 0 && w->index) {
		r = lower_dirs(w, &lower, err);
		fixup.lower = lower;
		if (r == 0)
			r = layer_fixup(helper, &fixup, err);
	}
	if (r < 0)
		return err_wrap(err, "cannot unpack layer %zu ('%.19s')", w->index + 1,
				w->blob->digest);
	return work_commit(w, err);
}

/* Layers that lean, from the lowest on, as long as all below are done. */
static int start_fixups(struct fetch *f, struct err *err)
{
	struct slot *slot = idle_slot(f);

	for (size_t i = 0; slot && i < f->count; i++) {
		struct work *w = &f->works[i];
		if (w->stage == WORK_DONE)
			continue;
		if (w->stage != WORK_FIXUP)
			break;
		int r = slot_open(slot, err);
		if (r == 0)
			r = fix_up(w, slot->helper, err);
		if (r < 0)
			return r;
		fetch_tell(w);
	}
	return 0;
}

/*
 * A layer that the image has twice is done with its twin, unless what it unpacks to depends on where
 * it lies. True when one went on: a layer above may have waited for just that.
 */
static bool pair_twins(struct fetch *f)
{
	bool paired = false;

	for (size_t i = 0; i < f->count; i++) {
		struct work *w = &f->works[i];
		if (w->stage != WORK_TWIN || w->twin->stage != WORK_DONE)
			continue;
		if (str_eq(w->twin->key, w->diff)) {
			str_set(&w->key, w->diff);
			w->stage = WORK_DONE;
		} else {
			w->stage = WORK_TODO;
		}
		paired = true;
		fetch_tell(w);
	}
	return paired;
}

bool fetch_at_work(const struct fetch *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->works[i].stage == WORK_ACTIVE)
			return true;
	return false;
}

void fetch_advance(struct fetch *f)
{
	AUTO(err) struct err err = { 0 };
	int r;

	if (f->err.code)
		return;
	do
		r = start_fixups(f, &err);
	while (r == 0 && pair_twins(f));
	if (r == 0)
		r = start_jobs(f, &err);
	if (r == 0)
		r = start_helpers(f, &err);
	if (r < 0)
		fetch_fail(f, &err);
	else if (!fetch_at_work(f))
		loop_stop(f->request->loop, 0);
}

int fetch_begin(struct work *w, int mode, struct err *err)
{
	return work_begin(w, mode, on_fetched, on_grown, err);
}
