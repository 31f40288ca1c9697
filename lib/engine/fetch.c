/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fetch - bring the layers of an image: downloaded, hashed and unpacked at the same time
 *
 * Everything happens in callbacks of one loop; after each, advance() starts what can be started. The
 * first failure stops the loop; clearing the works then ends jobs and helpers.
 */
#include "engine/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "engine/chain.h"
#include "engine/fetch_work.h"
#include "engine/lowers.h"
#include "oci/digest.h"
#include "store/layers.h"
#include "store/lock.h"

enum { MAX_JOBS = 6, MIN_SLOTS = 2, MAX_SLOTS = 4 };

static void advance(struct fetch *f);

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

static void tell(struct work *w)
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

static void fail(struct fetch *f, struct err *err)
{
	int code = err->code < 0 ? err->code : -EIO;

	if (!f->err.code)
		(void)err_move(&f->err, err);
	err_clear(err);
	loop_stop(f->request->loop, code);
}

/* ---- a layer's end ---------------------------------------------------------------------------- */

static void close_slot(struct slot *slot)
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
		close_slot(w->slot);
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
		fail(w->fetch, &err);
}

static void on_fetched(void *data, const struct remote_answer *answer, struct err *err)
{
	struct work *w = data;

	w->job = NULL;
	if (answer) {
		w->fetched = true;
		if (w->late.code)
			fail(w->fetch, &w->late);
		settle(w);
	} else if (err->code == -ESTALE && w->again < FETCH_MAX_AGAIN) {
		start_again(w);
	} else {
		fail(w->fetch, err);
	}
	tell(w);
	advance(w->fetch);
}

static void on_grown(void *data, int64_t have)
{
	struct work *w = data;

	w->fetch->seen[w->index].have = have;
	tell(w);
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
		fail(w->fetch, err);
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
		close_slot(slot);
		unpack_failed(w, &err);
	}
	tell(w);
	advance(f);
}

/* ---- starting what can be started ------------------------------------------------------------- */

static int open_helper(struct slot *slot, struct err *err)
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
		int r = work_begin(w, LOCK_TRY, on_fetched, on_grown, err);
		if (r == -EAGAIN)
			w->stage = WORK_ELSEWHERE;
		else if (r < 0)
			return r;
		tell(w);
	}
	return 0;
}

static int start_helpers(struct fetch *f, struct err *err)
{
	struct slot *slot;
	struct work *w;

	while ((slot = idle_slot(f)) && (w = largest(f, waits_for_helper))) {
		int r = open_helper(slot, err);
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
		int r = open_helper(slot, err);
		if (r == 0)
			r = fix_up(w, slot->helper, err);
		if (r < 0)
			return r;
		tell(w);
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
		tell(w);
	}
	return paired;
}

static bool at_work(const struct fetch *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->works[i].stage == WORK_ACTIVE)
			return true;
	return false;
}

static void advance(struct fetch *f)
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
		fail(f, &err);
	else if (!at_work(f))
		loop_stop(f->request->loop, 0);
}

/* ---- the whole -------------------------------------------------------------------------------- */

static void on_signal(void *data, unused_arg uint32_t events)
{
	AUTO(err) struct err err = { 0 };

	(void)err_set(&err, -EINTR, "interrupted");
	fail(data, &err);
}

/* Serves the loop with signals that would end us turned into a clean end. */
static int serve(struct fetch *f, struct err *err)
{
	struct signalfd_siginfo info;
	struct source *source = NULL;
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	AUTO(fd) int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		return err_sys(err, -errno, "cannot wait for signals");
	int r = loop_add(f->request->loop, signals, EPOLLIN, on_signal, f, &source);
	if (r < 0)
		return err_sys(err, r, "cannot wait for signals");
	(void)sigprocmask(SIG_BLOCK, &set, &old);
	advance(f);
	r = f->err.code ? f->err.code : at_work(f) ? loop_run(f->request->loop) : 0;
	loop_remove(source);
	if (r == -EINTR)
		/* What was asked for is being done: it must not end us on the way. */
		(void)!read(signals, &info, sizeof info);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	if (r < 0 && !f->err.code)
		return err_sys(err, r, "cannot wait for the layers");
	return r < 0 ? err_move(err, &f->err) : 0;
}

/* One that leans is found under another key, which a helper must compute. */
static int find_leaning(struct work *w, struct err *err)
{
	struct slot *slot = &w->fetch->slots[0];
	int r = open_helper(slot, err);

	if (r >= 0)
		r = work_find(w, slot->helper, err);
	if (r > 0 && w->lock >= 0)
		r = lock_share(w->lock, LOCK_LAYER, w->diff);
	tell(w);
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
		r = work_begin(w, 0, on_fetched, on_grown, err);
	tell(w);
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
		tell(w);
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
		close_slot(&f->slots[i]);
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

bool fetch_hopeless(int code)
{
	return code == -EBADMSG || code == -EFBIG || code == -EOVERFLOW || code == -ENOTSUP;
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
