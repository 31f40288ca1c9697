/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * single_fetch - bringing an image's layers as one file
 *
 * The registry helper writes blobs as they come, several at a time; the helper that makes the file reads one
 * after the other, the uppermost first, each as it grows. What of a blob was there before may turn out wrong
 * when all of it has come: then the file is begun again, with what has been fetched by then.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/interrupt.h"
#include "engine/single.h"
#include "engine/single_blobs.h"
#include "engine/single_text.h"
#include "oci/digest.h"
#include "remote/client.h"
#include "store/blob.h"
#include "store/layers.h"
#include "store/lock.h"

#define FILE_NAME "image.sqfs"

enum { AGAIN = 1 };

/* ---- the file --------------------------------------------------------------------------------- */

static void on_answer(void *data, unused_arg uint32_t events)
{
	struct maker *m = data;

	loop_stop(m->request->loop, AGAIN);
}

/* Runs the loop until the helper has answered, or something failed. */
static int await_answer(struct maker *m, struct err *err)
{
	struct source *source = NULL;
	int r = loop_add(m->request->loop, layer_helper_fd(m->helper), EPOLLIN, on_answer, m,
			 &source);

	if (r < 0)
		return err_sys(err, r, "cannot wait for the layer");
	do
		r = loop_run(m->request->loop);
	while (r == 0 && !m->restart);
	loop_remove(source);
	return r < 0 && !m->err.code ? err_sys(err, r, "cannot wait for the layer") : min_of(r, 0);
}

/* Return: the blob to read, which is the caller's; *out_more is borrowed. */
static int open_blob(struct maker *m, struct part *p, int *out_more, struct err *err)
{
	struct part *source = p->twin ? p->twin : p;

	*out_more = -1;
	if (source->here)
		return blob_open(m->engine->store, source->blob->digest, err);
	if (p == source)
		*out_more = p->more;
	int fd = fd_dup(source->tmp->fd);
	return fd < 0 ? err_sys(err, fd, "cannot read the blob '%.19s'", p->blob->digest) : fd;
}

static bool can_be_read(const struct part *p)
{
	if (p->twin)
		return p->twin->here;
	/* Who read it before has taken the pipe that says how it grows. */
	return p->here || (p->job && p->more >= 0);
}

/* The one that comes second of two equal blobs, and one whose turn has not come, must wait. */
static int await_blob(struct maker *m, struct part *p)
{
	int r = 0;

	while (r == 0 && !m->restart && !can_be_read(p))
		r = loop_run(m->request->loop);
	return r;
}

/* Bytes that were here before, or come from a mirror, may be wrong, which is known when all have come. */
static int await_rest(struct maker *m, struct part *p)
{
	int r = 0;

	while (r == 0 && !m->restart && p->job)
		r = loop_run(m->request->loop);
	return r;
}

static int check_part(const struct part *p, const struct layer_applied *got, struct err *err)
{
	if (got->blob_size != p->blob->size)
		return err_set(err, -EBADMSG, "layer %zu has %lld bytes, not %lld", p->index + 1,
			       (long long)got->blob_size, (long long)p->blob->size);
	if (!str_eq(got->diff_id, p->diff_id))
		return err_set(err, -EBADMSG, "layer %zu holds '%.19s', not '%.19s'", p->index + 1,
			       got->diff_id, p->diff_id);
	return 0;
}

/* What was here before may have been torn: then it is fetched once more. */
static bool is_doubtful(struct part *p, int code)
{
	struct part *source = p->twin ? p->twin : p;

	if (code != -EBADMSG || source->tmp || !p->maker->request->remote ||
	    source->again++ >= FETCH_MAX_AGAIN)
		return false;
	source->here = false;
	return true;
}

/* Return: 0, also when all must begin again; otherwise a negative errno, with @got what was read. */
static int read_blob(struct maker *m, struct part *p, struct layer_applied *got, struct err *err)
{
	int more, r;

	AUTO(fd) int blob = open_blob(m, p, &more, err);
	if (blob < 0)
		return blob;
	const struct layer_apply apply = { .blob = blob, .more = more };
	(p->twin ? p->twin : p)->read = true;
	r = layer_single_start(m->helper, &apply, err);
	fd_close(take_fd(p->more));
	if (r == 0)
		r = await_answer(m, err);
	if (r < 0 || m->restart)
		return r;
	r = layer_apply_finish(m->helper, got, err);
	return r < 0 ? r : check_part(p, got, err);
}

static int read_layer(struct maker *m, struct part *p, struct err *err)
{
	AUTO(layer_applied) struct layer_applied got = { 0 };
	int r = await_blob(m, p);

	if (r < 0 || m->restart)
		return r;
	r = read_blob(m, p, &got, err);
	int waited = fetch_hopeless(r) ? await_rest(m, p) : 0;
	if (waited < 0 || m->restart) {
		err_clear(err);
		return waited;
	}
	if (r < 0 && is_doubtful(p, r)) {
		err_clear(err);
		(void)!blob_remove(m->engine->store, p->blob->digest);
		m->restart = true;
		return blob_claim(p->twin ? p->twin : p, err);
	}
	for (size_t i = 0; r == 0 && i < got.lost.count; i++)
		engine_warn(m->engine, "%s", got.lost.items[i]);
	if (r == 0)
		part_tell(p, p->here || p->twin ? WATCH_DONE : WATCH_UNPACKING);
	return r < 0 ? err_wrap(err, "cannot read layer %zu ('%.19s')", p->index + 1,
				p->blob->digest)
		     : 0;
}

static bool all_here(const struct maker *m)
{
	for (size_t i = 0; i < m->count; i++)
		if (!m->parts[i].here && !m->parts[i].twin)
			return false;
	return true;
}

/* Return: 0; AGAIN when it must be begun again; a negative errno. */
static int make_once(struct maker *m, int file, const char *trailer, int64_t *out_size,
		     struct err *err)
{
	m->restart = false;
	for (size_t i = 0; i < m->count; i++)
		m->parts[i].read = false;
	layer_helper_close(take_ptr(m->helper));
	int r = unpacker_single(m->unpacker, &m->helper, err);
	if (r == 0 && ftruncate(file, 0) < 0)
		r = err_sys(err, -errno, "cannot write the file");
	if (r == 0)
		r = layer_single(m->helper, file, m->all ? LAYER_SINGLE_ALL : 0, err);
	if (r == 0)
		blobs_start(m);
	for (size_t i = m->count; i-- > 0 && r == 0 && !m->restart;)
		r = read_layer(m, &m->parts[i], err);
	while (r == 0 && !m->restart && !all_here(m))
		r = loop_run(m->request->loop);
	if (r < 0 || m->restart)
		return r < 0 ? r : AGAIN;
	r = layer_single_end(m->helper, trailer, out_size, err);
	if (r != -EAGAIN || m->all)
		return r;
	err_clear(err);
	m->all = true;
	return AGAIN;
}

static int make_file(struct maker *m, int file, const char *trailer, int64_t *out_size,
		     struct err *err)
{
	int r;

	do
		r = make_once(m, file, trailer, out_size, err);
	while (r == AGAIN);
	if (m->err.code) {
		err_clear(err);
		return err_move(err, &m->err);
	}
	return r;
}

/* ---- signals ---------------------------------------------------------------------------------- */

static void on_signal(void *data, unused_arg uint32_t events)
{
	AUTO(err) struct err err = { 0 };

	(void)err_set(&err, -EINTR, "interrupted");
	maker_fail(data, &err);
}

/* Signals that would end us become a clean end. */
static int make_interruptibly(struct maker *m, int file, const char *trailer, int64_t *out_size,
			      struct err *err)
{
	struct interrupt interrupt;
	int r = interrupt_catch(&interrupt, m->request->loop, on_signal, m);

	if (r < 0)
		return err_sys(err, r, "cannot wait for signals");
	r = make_file(m, file, trailer, out_size, err);
	interrupt_release(&interrupt, r == -EINTR);
	return r;
}

/* ---- the whole -------------------------------------------------------------------------------- */

static void set_up(struct maker *m)
{
	const struct fetch_request *request = m->request;

	m->count = request->manifest->layers.count;
	m->parts = mem_alloc(m->count + 1, sizeof *m->parts);
	m->seen = mem_alloc(m->count + 1, sizeof *m->seen);
	for (size_t i = 0; i < m->count; i++) {
		const struct descriptor *blob = &request->manifest->layers.items[i];
		m->parts[i] = (struct part){ .maker = m,
					     .index = i,
					     .blob = blob,
					     .diff_id = request->config->diff_ids.items[i],
					     .more = -1 };
		m->seen[i] = (struct watch_layer){ .digest = blob->digest, .size = blob->size };
	}
}

static void keep_lock(struct fetched *out, int lock)
{
	if (lock < 0)
		return;
	out->locks = mem_push(out->locks, &out->lock_count, sizeof *out->locks);
	out->locks[out->lock_count - 1] = lock;
}

static void tear_down(struct maker *m, int code)
{
	for (size_t i = 0; i < m->count; i++) {
		struct part *p = &m->parts[i];
		remote_cancel(take_ptr(p->job));
		fd_close(take_fd(p->more));
		if (p->tmp && !p->here && fetch_hopeless(code))
			blob_tmp_drop(m->engine->store, p->tmp);
		else if (p->tmp && !p->here)
			blob_tmp_leave(m->engine->store, p->tmp);
		if (p->tmp && p->here)
			keep_lock(m->out, take_fd(p->tmp->lock));
		blob_tmp_free(p->tmp);
	}
	layer_helper_close(m->helper);
	unpacker_free(m->unpacker);
	free(m->parts);
	free(m->seen);
	err_clear(&m->err);
}

static int write_all(struct maker *m, const struct single_source *source, int file,
		     int64_t *out_size, struct err *err)
{
	AUTO(mem) char *trailer = NULL;
	int r = single_text_print(m->engine->store, source, &trailer, err);

	if (r == 0)
		r = unpacker_new(m->engine, &m->unpacker, err);
	if (r == 0)
		r = blobs_claim(m, err);
	return r < 0 ? r : make_interruptibly(m, file, trailer, out_size, err);
}

int single_write(struct engine *engine, const struct fetch_request *request,
		 const struct single_source *source, int file, struct fetched *out,
		 int64_t *out_size, struct err *err)
{
	struct fetch_request own = *request;
	struct maker m = { .engine = engine, .request = &own, .out = out };
	AUTO(loop) struct loop *loop = NULL;
	int r = own.loop ? 0 : loop_new(&loop);

	if (r < 0)
		return err_sys(err, r, "cannot wait for the layers");
	own.loop = own.loop ? own.loop : loop;
	set_up(&m);
	r = write_all(&m, source, file, out_size, err);
	if (own.watch && own.watch->end)
		own.watch->end(own.watch->data);
	tear_down(&m, r);
	return r;
}

/* ---- the layer of the store ------------------------------------------------------------------- */

static int commit(const struct store *store, struct temp *temp, const char *key, int64_t size,
		  struct err *err)
{
	char name[] = FILE_NAME;
	const struct layer layer = {
		.key = (char *)key, .diff_id = (char *)key, .file = name, .size = size
	};

	return layer_commit(store, temp, &layer, false, err);
}

static int make_layer(struct engine *engine, const struct fetch_request *request,
		      const struct single_source *source, const char *key, struct fetched *out,
		      struct err *err)
{
	const struct store *store = engine->store;
	AUTO(temp) struct temp *temp = NULL;
	int64_t size = 0;
	int r = temp_dir(store, store_mode(store, 0700), &temp, err);

	if (r < 0)
		return r;
	AUTO(mem) char *rel = str_fmt("%s/" FILE_NAME, temp->rel);
	AUTO(fd)
	int file = openat(store->dir, rel, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	r = file < 0 || fchmod(file, store_mode(store, 0600)) < 0
		    ? err_sys(err, -errno, "cannot make '%s'", rel)
		    : single_write(engine, request, source, file, out, &size, err);
	if (r == 0)
		r = commit(store, temp, key, size, err);
	if (r == 0)
		strv_add(&out->fresh, key);
	else
		(void)!temp_remove(store, temp); /* else the next sweep gets it */
	return r;
}

static int find_key(struct engine *engine, const struct strv *diff_ids, char **out, struct err *err)
{
	AUTO(mem) char *program = host_helper(engine->host, "cubby-layer");
	const struct layer_host host = { .program = program, .userns = -1 };
	AUTO(layer_helper) struct layer_helper *helper = NULL;
	int r = layer_helper_open(&host, &helper, err);

	return r < 0 ? r : single_text_key(helper, diff_ids, out, err);
}

int single_of(struct engine *engine, const struct image *image, const struct image_config *config,
	      struct err *err)
{
	AUTO(mem) char *key = NULL;

	if (image->layers.count != 1)
		return 0;
	int r = find_key(engine, &config->diff_ids, &key, err);
	return r < 0 ? r : str_eq(image->layers.items[0], key);
}

int single_fetch(struct engine *engine, const struct fetch_request *request,
		 const struct single_source *source, struct fetched *out, struct err *err)
{
	AUTO(mem) char *key = NULL;
	AUTO(fd) int lock = -1;

	int r = find_key(engine, &request->config->diff_ids, &key, err);
	if (r == 0)
		r = lock_take(engine->store, LOCK_LAYER, key, LOCK_EXCLUSIVE, &lock, err);
	if (r == 0 && layer_find(engine->store, key, NULL, NULL) < 0)
		r = make_layer(engine, request, source, key, out, err);
	if (r < 0)
		return r;
	strv_add(&out->keys, key);
	keep_lock(out, take_fd(lock));
	return 0;
}
