/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fetch_work - one layer on its way, for fetch.c
 */
#include "engine/fetch_work.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "engine/chain.h"
#include "oci/digest.h"
#include "store/layers.h"
#include "store/lock.h"

static const struct store *store_of(const struct work *w)
{
	return w->fetch->engine->store;
}

static void done_under(struct work *w, const char *key)
{
	str_set(&w->key, key);
	w->stage = WORK_DONE;
}

/* ---- finding and locking ---------------------------------------------------------------------- */

static int find_leaning(struct work *w, struct layer_helper *helper, struct err *err)
{
	AUTO(mem) char *key = NULL;
	AUTO(fd) int lock = -1;

	int r = chain_key(helper, &w->fetch->request->config->diff_ids, w->index, &key, err);
	if (r < 0)
		return r;
	r = lock_take(store_of(w), LOCK_LAYER, key, LOCK_SHARED | LOCK_TRY, &lock, err);
	if (r == -EAGAIN)
		return 0;
	if (r < 0)
		return r;
	if (layer_find(store_of(w), key, w->fetch->map, NULL) < 0)
		return 0;
	w->key_lock = take_fd(lock);
	done_under(w, key);
	return 1;
}

int work_find(struct work *work, struct layer_helper *helper, struct err *err)
{
	if (layer_find(store_of(work), work->diff, work->fetch->map, NULL) == 0) {
		done_under(work, work->diff);
		return 1;
	}
	return helper ? find_leaning(work, helper, err) : 0;
}

static int lock_layer(struct work *w, int mode, struct err *err)
{
	fd_close(take_fd(w->lock));
	return lock_take(store_of(w), LOCK_LAYER, w->diff, mode | LOCK_TRY, &w->lock, err);
}

int work_claim(struct work *work, struct err *err)
{
	int r = lock_layer(work, LOCK_SHARED, err);

	work->stage = WORK_TODO;
	if (r == 0)
		r = work_find(work, NULL, err);
	if (r == 0)
		r = lock_layer(work, LOCK_EXCLUSIVE, err);
	if (r == -EAGAIN) {
		work->stage = WORK_ELSEWHERE;
		return 0;
	}
	/* It may have come between the two locks. */
	if (r == 0)
		r = work_find(work, NULL, err);
	if (r > 0 && work->lock >= 0)
		r = lock_share(work->lock, LOCK_LAYER, work->diff);
	return min_of(r, 0);
}

void work_release(struct work *work)
{
	fd_close(take_fd(work->lock));
	fd_close(take_fd(work->key_lock));
	blob_tmp_free(take_ptr(work->tmp));
}

int work_reclaim(struct work *work, struct err *err)
{
	const struct store *store = store_of(work);

	if (str_eq(work->key, work->diff))
		return work_claim(work, err);
	int r = lock_take(store, LOCK_LAYER, work->key, LOCK_SHARED, &work->key_lock, err);
	if (r < 0 || layer_find(store, work->key, work->fetch->map, NULL) == 0)
		return r;
	fd_close(take_fd(work->key_lock));
	return work_claim(work, err);
}

/* ---- bytes ------------------------------------------------------------------------------------ */

/* A blob of the store, if it has the right size. What it hashes to is seen when it is unpacked. */
static bool use_stored(struct work *w)
{
	int64_t size = -1;

	if (blob_state(store_of(w), w->blob->digest, &size) == BLOB_NONE || w->again)
		return false;
	if (size != w->blob->size)
		return false;
	w->file = blob_open(store_of(w), w->blob->digest, NULL);
	w->fetched = w->file >= 0;
	return w->fetched;
}

static int start_job(struct work *w, remote_done_fn done, remote_progress_fn grown, struct err *err)
{
	const struct fetch_request *request = w->fetch->request;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, -errno, "cannot make a pipe");
	w->more = ends[0];
	AUTO(fd) int to = ends[1];
	const struct remote_blob_request blob = { .domain = request->ref->domain,
						  .path = request->ref->path,
						  .digest = w->blob->digest,
						  .size = w->blob->size,
						  .file = w->tmp->fd,
						  .more = to,
						  .done = done,
						  .progress = grown,
						  .data = w };
	return remote_blob(request->remote, &blob, &w->job, err);
}

int work_begin(struct work *work, int mode, remote_done_fn done, remote_progress_fn grown,
	       struct err *err)
{
	const struct store *store = store_of(work);

	if (use_stored(work)) {
		work->stage = WORK_ACTIVE;
		return 0;
	}
	if (!work->fetch->request->remote)
		return err_set(err, -ENOENT, "the blob '%.19s' of layer %zu is missing",
			       work->blob->digest, work->index + 1);
	int r = blob_tmp_fetch(store, work->blob->digest, mode, &work->tmp, err);
	if (r == -EEXIST) {
		/* It has come just now, or is one that was found to be wrong. */
		if (use_stored(work)) {
			work->stage = WORK_ACTIVE;
			return 0;
		}
		r = blob_remove(store, work->blob->digest);
		if (r == 0)
			r = blob_tmp_fetch(store, work->blob->digest, mode, &work->tmp, err);
	}
	if (r == -EAGAIN)
		return r;
	if (r < 0 && !err->text)
		return err_sys(err, r, "cannot keep the blob '%.19s'", work->blob->digest);
	if (r < 0)
		return r;
	work->stage = WORK_ACTIVE;
	return start_job(work, done, grown, err);
}

/* ---- unpacking -------------------------------------------------------------------------------- */

static int make_place(struct work *w, struct err *err)
{
	int r = layer_tmp_create(store_of(w), &w->temp, err);

	if (r < 0)
		return r;
	AUTO(mem) char *diff = str_fmt("%s/diff", w->temp->rel);
	AUTO(mem) char *journal = str_fmt("%s/journal", w->temp->rel);
	int dir = store_of(w)->dir;
	w->diff_dir = openat(dir, diff, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	w->journal = openat(dir, journal, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (w->diff_dir < 0 || w->journal < 0)
		return err_sys(err, -errno, "cannot use '%s'", w->temp->path);
	/* It is ours alone, and must not become a part of the layer's folder. */
	(void)unlinkat(dir, journal, 0);
	return 0;
}

static int flags_of(const struct work *w)
{
	int flags = w->index == 0 ? LAYER_LOWEST : 0;

	if (w->fetch->identity->kind == IDENTITY_ONE_ID)
		flags |= LAYER_ONE_ID;
	if (w->fetch->engine->storage.ignore_chown_errors)
		flags |= LAYER_FORGIVE;
	return w->tmp ? flags : flags | LAYER_HASH_BLOB;
}

int work_unpack(struct work *work, struct layer_helper *helper, struct err *err)
{
	int r = make_place(work, err);

	if (r < 0)
		return r;
	const struct layer_apply apply = { .blob = work->tmp ? work->tmp->fd : work->file,
					   .more = work->more,
					   .diff = work->diff_dir,
					   .journal = work->index ? work->journal : -1,
					   .flags = flags_of(work) };
	r = layer_apply_start(helper, &apply, err);
	fd_close(take_fd(work->more));
	return r;
}

/* ---- the end ---------------------------------------------------------------------------------- */

int work_check(struct work *work, struct err *err)
{
	const struct layer_applied *got = &work->result;

	if (!work->tmp && !str_eq(got->digest, work->blob->digest))
		return -ESTALE;
	if (got->blob_size != work->blob->size)
		return err_set(err, -EBADMSG, "layer %zu has %lld bytes, not %lld", work->index + 1,
			       (long long)got->blob_size, (long long)work->blob->size);
	if (!str_eq(digest_hex(got->diff_id), work->diff))
		return err_set(err, -EBADMSG, "layer %zu unpacks to '%.19s', not '%.12s'",
			       work->index + 1, got->diff_id, work->diff);
	return 0;
}

static int commit_blob(struct work *w, struct err *err)
{
	if (!w->tmp)
		return 0;
	int r = blob_tmp_commit(store_of(w), w->tmp, w->blob->digest, false, err);
	if (r < 0)
		return r;
	strv_add(&w->fetch->out->blobs, w->blob->digest);
	r = lock_share(w->tmp->lock, LOCK_BLOB, w->blob->digest);
	return r < 0 ? err_sys(err, r, "cannot lock the blob '%.19s'", w->blob->digest) : 0;
}

static int lock_key(struct work *w, struct err *err)
{
	if (str_eq(w->key, w->diff) || w->key_lock >= 0)
		return 0;
	return lock_take(store_of(w), LOCK_LAYER, w->key, LOCK_SHARED, &w->key_lock, err);
}

int work_commit(struct work *work, struct err *err)
{
	const struct layer layer = { .key = work->key,
				     .diff_id = (char *)work->diff,
				     .blob = work->blob->digest,
				     .blob_size = work->blob->size,
				     .size = work->result.disk_size,
				     .tar_size = work->result.tar_size,
				     .map = work->fetch->map };

	int r = commit_blob(work, err);
	if (r == 0)
		r = lock_key(work, err);
	if (r == 0)
		r = layer_commit(store_of(work), work->temp, &layer, false, err);
	if (r == -EEXIST) {
		err_clear(err);
		r = 0;
	} else if (r == 0) {
		temp_free(take_ptr(work->temp));
		strv_add(&work->fetch->out->fresh, work->key);
	}
	if (r == 0 && work->lock >= 0)
		r = lock_share(work->lock, LOCK_LAYER, work->diff);
	if (r == 0)
		work->stage = WORK_DONE;
	return r;
}

static void remove_temp(struct work *w)
{
	if (w->temp)
		unpacker_discard(w->fetch->unpacker, w->temp);
	temp_free(take_ptr(w->temp));
}

void work_reset(struct work *work)
{
	remote_cancel(take_ptr(work->job));
	fd_close(take_fd(work->file));
	fd_close(take_fd(work->more));
	fd_close(take_fd(work->diff_dir));
	fd_close(take_fd(work->journal));
	remove_temp(work);
	blob_tmp_free(take_ptr(work->tmp));
	layer_applied_clear(&work->result);
	err_clear(&work->late);
	work->fetched = work->applied = false;
	if (work->stage != WORK_DONE)
		work->stage = WORK_TODO;
}

static void keep_lock(struct fetched *out, int lock)
{
	if (lock < 0)
		return;
	out->locks = mem_push(out->locks, &out->lock_count, sizeof *out->locks);
	out->locks[out->lock_count - 1] = lock;
}

void work_clear(struct work *work)
{
	struct fetched *out = work->fetch->out;

	if (work->stage == WORK_DONE && work->tmp)
		keep_lock(out, take_fd(work->tmp->lock));
	keep_lock(out, take_fd(work->lock));
	keep_lock(out, take_fd(work->key_lock));
	work_reset(work);
	free(work->key);
}
