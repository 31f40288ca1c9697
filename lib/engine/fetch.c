/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fetch - bring the layers of an image: downloaded, hashed and unpacked at the same time
 *
 * Each layer is claimed first: it is there, ours to bring, or brought by another process, for which we wait
 * when there is nothing else to do. What is ours is done by one loop (fetch_advance.h); clearing the works
 * ends jobs and helpers of one that failed.
 */
#include "engine/fetch.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/interrupt.h"
#include "engine/fetch_advance.h"
#include "engine/fetch_work.h"
#include "oci/digest.h"
#include "store/lock.h"

enum { MIN_SLOTS = 2, MAX_SLOTS = 4 };

static void on_signal(void *data, unused_arg uint32_t events)
{
	AUTO(err) struct err err = { 0 };

	(void)err_set(&err, -EINTR, "interrupted");
	fetch_fail(data, &err);
}

/* Serves the loop with signals that would end us turned into a clean end. */
static int serve(struct fetch *f, struct err *err)
{
	struct interrupt interrupt;
	int r = interrupt_catch(&interrupt, f->request->loop, on_signal, f);

	if (r < 0)
		return err_sys(err, r, "cannot wait for signals");
	fetch_advance(f);
	r = f->err.code ? f->err.code : fetch_at_work(f) ? loop_run(f->request->loop) : 0;
	interrupt_release(&interrupt, r == -EINTR);
	if (r < 0 && !f->err.code)
		return err_sys(err, r, "cannot wait for the layers");
	return r < 0 ? err_move(err, &f->err) : 0;
}

/* One that leans is found under another key, which a helper must compute. */
static int find_leaning(struct work *w, struct err *err)
{
	struct slot *slot = &w->fetch->slots[0];
	int r = slot_open(slot, err);

	if (r >= 0)
		r = work_find(w, slot->helper, err);
	if (r > 0 && w->lock >= 0)
		r = lock_share(w->lock, LOCK_LAYER, w->diff);
	fetch_tell(w);
	return min_of(r, 0);
}

/* Who waits for others holds no lock: they may wait for one of ours. */
static void let_go(struct fetch *f)
{
	for (size_t i = 0; i < f->count; i++) {
		struct work *w = &f->works[i];
		if (w->stage == WORK_DONE)
			work_release(w);
		else if (w->stage == WORK_ELSEWHERE)
			/* It may be the blob that is elsewhere, even with another layer of this image. */
			fd_close(take_fd(w->lock));
	}
}

/* Waits until another process is done with a layer. */
static int await(struct work *w, struct err *err)
{
	struct fetch *f = w->fetch;
	AUTO(fd) int lock = -1;

	let_go(f);
	/* Those who looked and found nothing wait in a row: looking together they would hold each other up. */
	int mode = w->waited++ ? LOCK_EXCLUSIVE : LOCK_SHARED;
	int r = lock_take(f->engine->store, LOCK_LAYER, w->diff, mode, &lock, err);
	fd_close(take_fd(lock));
	for (size_t i = 0; r == 0 && i < f->count; i++)
		if (f->works[i].stage == WORK_DONE && !f->works[i].twin)
			r = work_reclaim(&f->works[i], err);
	if (r == 0)
		r = work_claim(w, err);
	if (r == 0 && w->stage != WORK_DONE)
		r = find_leaning(w, err);
	/* Nobody unpacks it: if somebody fetches its blob, wait for that. */
	if (r == 0 && w->stage == WORK_TODO)
		r = fetch_begin(w, 0, err);
	fetch_tell(w);
	return r;
}

static struct work *next_elsewhere(struct fetch *f)
{
	struct work *first = NULL;

	for (size_t i = 0; i < f->count; i++) {
		struct work *w = &f->works[i];
		if (w->stage == WORK_ELSEWHERE && (!first || strcmp(w->diff, first->diff) < 0))
			first = w;
	}
	return first;
}

static int run(struct fetch *f, struct err *err)
{
	struct work *w;
	int r = serve(f, err);

	while (r == 0 && (w = next_elsewhere(f))) {
		r = await(w, err);
		if (r == 0)
			r = serve(f, err);
	}
	return r;
}

static struct work *find_twin(struct fetch *f, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (str_eq(f->works[i].diff, f->works[index].diff))
			return &f->works[i];
	return NULL;
}

static int claim_all(struct fetch *f, struct err *err)
{
	for (size_t i = 0; i < f->count; i++) {
		struct work *w = &f->works[i];
		w->twin = find_twin(f, i);
		w->stage = w->twin ? WORK_TWIN : WORK_TODO;
		int r = w->twin ? 0 : work_claim(w, err);
		if (r < 0)
			return r;
		fetch_tell(w);
	}
	for (size_t i = 0; i < f->count; i++) {
		int r = f->works[i].stage == WORK_TODO ? find_leaning(&f->works[i], err) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

static void set_up(struct fetch *f)
{
	const struct fetch_request *request = f->request;
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	f->count = request->manifest->layers.count;
	f->works = mem_alloc(f->count, sizeof *f->works);
	f->seen = mem_alloc(f->count, sizeof *f->seen);
	for (size_t i = 0; i < f->count; i++) {
		const struct descriptor *blob = &request->manifest->layers.items[i];
		f->works[i] = (struct work){ .fetch = f,
					     .index = i,
					     .blob = blob,
					     .diff = digest_hex(request->config->diff_ids.items[i]),
					     .lock = -1,
					     .key_lock = -1,
					     .file = -1,
					     .more = -1,
					     .diff_dir = -1,
					     .journal = -1 };
		f->seen[i] = (struct watch_layer){ .digest = blob->digest, .size = blob->size };
	}
	processors = min_of(processors, (long)MAX_SLOTS);
	f->slot_count = (size_t)max_of(processors, (long)MIN_SLOTS);
	f->slots = mem_alloc(f->slot_count, sizeof *f->slots);
	for (size_t i = 0; i < f->slot_count; i++)
		f->slots[i].fetch = f;
}

static void drop_parts(struct fetch *f, bool hopeless)
{
	void (*part)(const struct store *, struct blob_tmp *) = hopeless ? blob_tmp_drop
									 : blob_tmp_leave;

	for (size_t i = 0; i < f->count; i++)
		if (f->works[i].tmp && f->works[i].stage != WORK_DONE)
			part(f->engine->store, f->works[i].tmp);
}

static void tear_down(struct fetch *f)
{
	for (size_t i = 0; i < f->slot_count; i++)
		slot_close(&f->slots[i]);
	for (size_t i = 0; i < f->count; i++)
		work_clear(&f->works[i]);
	unpacker_free(f->unpacker);
	free(f->works);
	free(f->seen);
	free(f->slots);
	free(f->map);
	err_clear(&f->err);
}

int fetch_layers(struct engine *engine, const struct fetch_request *request, struct fetched *out,
		 struct err *err)
{
	struct fetch f = { .engine = engine, .request = request, .out = out };

	f.identity = engine_identity(engine, err);
	f.map = f.identity ? engine_layer_map(engine, err) : NULL;
	if (!f.map)
		return err->code;
	set_up(&f);
	int r = claim_all(&f, err);
	if (r == 0)
		r = run(&f, err);
	for (size_t i = 0; r == 0 && i < f.count; i++) {
		bug_unless(f.works[i].key);
		strv_add(&out->keys, f.works[i].key);
	}
	if (request->watch && request->watch->end)
		request->watch->end(request->watch->data);
	if (r < 0)
		drop_parts(&f, fetch_hopeless(r));
	tear_down(&f);
	return r;
}

void fetched_clear(struct fetched *fetched)
{
	for (size_t i = 0; i < fetched->lock_count; i++)
		fd_close(fetched->locks[i]);
	free(fetched->locks);
	strv_clear(&fetched->keys);
	strv_clear(&fetched->blobs);
	strv_clear(&fetched->fresh);
	*fetched = (struct fetched){ 0 };
}
