/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * single_blobs - the blobs that a single file is made of
 */
#include "engine/single_blobs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/loop.h"
#include "remote/client.h"
#include "store/blob.h"
#include "store/lock.h"

enum { JOBS = 4 };

void part_tell(struct part *p, enum watch_state state)
{
	const struct watch *watch = p->maker->request->watch;

	p->maker->seen[p->index].state = state;
	if (state >= WATCH_UNPACKING)
		p->maker->seen[p->index].have = p->blob->size;
	if (watch && watch->change)
		watch->change(watch->data, p->maker->seen, p->maker->count, p->index);
}

void maker_fail(struct maker *m, struct err *err)
{
	int code = err->code < 0 ? err->code : -EIO;

	if (!m->err.code)
		(void)err_move(&m->err, err);
	err_clear(err);
	loop_stop(m->request->loop, code);
}

static int compare_digests(const void *a, const void *b)
{
	const struct part *one = *(struct part *const *)a, *other = *(struct part *const *)b;

	return strcmp(one->blob->digest, other->blob->digest);
}

static bool is_stored(const struct part *p)
{
	int64_t size = -1;

	return blob_state(p->maker->engine->store, p->blob->digest, &size) != BLOB_NONE &&
	       size == p->blob->size;
}

int blob_claim(struct part *p, struct err *err)
{
	const struct store *store = p->maker->engine->store;

	p->here = is_stored(p);
	if (p->here)
		return 0;
	if (!p->maker->request->remote)
		return err_set(err, -ENOENT, "the blob '%.19s' of layer %zu is missing",
			       p->blob->digest, p->index + 1);
	int r = blob_tmp_fetch(store, p->blob->digest, LOCK_TRY, &p->tmp, err);
	if (r == -EAGAIN) {
		part_tell(p, WATCH_ELSEWHERE);
		r = blob_tmp_fetch(store, p->blob->digest, 0, &p->tmp, err);
	}
	if (r == -EEXIST) {
		p->here = is_stored(p);
		r = p->here ? 0 : blob_remove(store, p->blob->digest);
		if (!p->here && r == 0)
			r = blob_tmp_fetch(store, p->blob->digest, 0, &p->tmp, err);
	}
	if (r < 0 && !err->text)
		return err_sys(err, r, "cannot keep the blob '%.19s'", p->blob->digest);
	return r;
}

/* In the order of their digests: two who want the same blobs never wait for each other. */
int blobs_claim(struct maker *m, struct err *err)
{
	AUTO(mem) struct part **sorted = mem_alloc(m->count + 1, sizeof *sorted);
	int r = 0;

	for (size_t i = 0; i < m->count; i++)
		sorted[i] = &m->parts[i];
	qsort(sorted, m->count, sizeof *sorted, compare_digests);
	for (size_t i = 0; i < m->count && r == 0; i++) {
		struct part *p = sorted[i];
		struct part *before = i ? sorted[i - 1] : NULL;
		if (before && str_eq(before->blob->digest, p->blob->digest))
			p->twin = before->twin ? before->twin : before;
		else
			r = blob_claim(p, err);
		if (r == 0)
			part_tell(p, p->here ? WATCH_PRESENT : WATCH_WAITING);
	}
	return r;
}

static int keep_blob(struct part *p, struct err *err)
{
	struct fetched *out = p->maker->out;
	int r = blob_tmp_commit(p->maker->engine->store, p->tmp, p->blob->digest, false, err);

	if (r < 0)
		return r;
	strv_add(&out->blobs, p->blob->digest);
	r = lock_share(p->tmp->lock, LOCK_BLOB, p->blob->digest);
	if (r < 0)
		return err_sys(err, r, "cannot lock the blob '%.19s'", p->blob->digest);
	p->here = true;
	return 0;
}

static void on_fetched(void *data, const struct remote_answer *answer, struct err *err)
{
	struct part *p = data;
	struct maker *m = p->maker;
	AUTO(err) struct err own = { 0 };

	p->job = NULL;
	if (answer) {
		if (keep_blob(p, &own) < 0)
			maker_fail(m, &own);
		part_tell(p, WATCH_UNPACKING);
	} else if (err->code == -ESTALE && p->again++ < FETCH_MAX_AGAIN) {
		/* It is empty now; whoever has read it must begin again. */
		m->restart |= p->read;
	} else {
		maker_fail(m, err);
	}
	blobs_start(m);
	loop_stop(m->request->loop, m->err.code);
}

static void on_grown(void *data, int64_t have)
{
	struct part *p = data;

	p->maker->seen[p->index].have = have;
	part_tell(p, WATCH_LOADING);
}

static int start_job(struct part *p, struct err *err)
{
	const struct fetch_request *request = p->maker->request;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, -errno, "cannot make a pipe");
	fd_close(take_fd(p->more));
	p->more = ends[0];
	AUTO(fd) int to = ends[1];
	const struct remote_blob_request blob = { .domain = request->ref->domain,
						  .path = request->ref->path,
						  .digest = p->blob->digest,
						  .size = p->blob->size,
						  .file = p->tmp->fd,
						  .more = to,
						  .done = on_fetched,
						  .progress = on_grown,
						  .data = p };
	return remote_blob(request->remote, &blob, &p->job, err);
}

/* The uppermost first: they are read first. */
void blobs_start(struct maker *m)
{
	AUTO(err) struct err err = { 0 };
	size_t running = 0;

	for (size_t i = 0; i < m->count; i++)
		running += m->parts[i].job != NULL;
	for (size_t i = m->count; i-- > 0 && running < JOBS && !m->err.code;) {
		struct part *p = &m->parts[i];
		if (p->here || p->job || p->twin)
			continue;
		if (start_job(p, &err) < 0)
			maker_fail(m, &err);
		running++;
	}
}
