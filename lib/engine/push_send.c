/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * push_send - bring blobs into a repository
 */
#include "engine/push_send.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "layer/client.h"
#include "remote/protocol.h"
#include "store/blob.h"

enum { MAX_UPLOADS = 6, MIN_PACKERS = 2, MAX_PACKERS = 4, DRAIN = 4096 };

enum item_stage { ITEM_LOOK, ITEM_TODO, ITEM_FETCHING, ITEM_SENDING, ITEM_DONE };

struct sending;
struct item;

/* One layer helper, started when it is first needed. */
struct packer {
	struct sending *sending;
	struct layer_helper *helper;
	struct source *answer; /* while it is at work */
	struct source *grown;
	int more; /* pipe: the file has grown */
	struct item *item;
};

struct item {
	struct sending *sending;
	struct push_blob *blob;
	enum item_stage stage;
	struct remote_job *job;
	struct blob_tmp *tmp; /* of one that is packed, or fetched */
	bool tried;	      /* to mount it without having it */
	struct packer *packer;
};

struct sending {
	struct engine *engine;
	const struct push_send *request;
	struct remote_target target;
	struct strv also;
	struct item *items;
	size_t count;
	struct packer *packers;
	size_t packer_count;
	size_t active; /* jobs under way */
	struct watch_layer *seen;
	struct err err; /* the first failure */
};

static void tell(struct item *item, enum watch_state state, int64_t have)
{
	struct sending *s = item->sending;
	const struct watch *watch = s->request->watch;
	size_t at = (size_t)(item - s->items);

	s->seen[at].state = state;
	s->seen[at].have = have;
	if (state == WATCH_MOUNTED)
		s->seen[at].from = item->blob->mount;
	if (watch && watch->change)
		watch->change(watch->data, s->seen, s->count, at);
}

static void give_up(struct sending *s, struct err *err)
{
	int code = err->code;

	if (s->err.code)
		err_clear(err);
	else
		code = err_move(&s->err, err);
	loop_stop(s->request->loop, code);
}

/* ---- what is there ---------------------------------------------------------------------------- */

static void done(struct item *item, int how)
{
	enum watch_state state = how == REMOTE_HOW_THERE     ? WATCH_PRESENT
				 : how == REMOTE_HOW_MOUNTED ? WATCH_MOUNTED
							     : WATCH_DONE;

	item->stage = ITEM_DONE;
	item->blob->how = how;
	tell(item, state, item->blob->size);
}

static void on_looked(void *data, const struct remote_answer *answer, struct err *err)
{
	struct item *item = data;
	struct sending *s = item->sending;

	item->job = NULL;
	s->active--;
	if (answer) {
		done(item, REMOTE_HOW_THERE);
	} else if (err->code == -ENOENT) {
		err_clear(err);
		item->stage = ITEM_TODO;
	} else {
		give_up(s, err);
		return;
	}
	if (s->active == 0)
		loop_stop(s->request->loop, 0);
}

static int look(struct item *item, struct err *err)
{
	struct sending *s = item->sending;
	const struct remote_upload_request request = { .target = &s->target,
						       .digest = item->blob->digest,
						       .size = item->blob->size,
						       .file = -1,
						       .done = on_looked,
						       .data = item };

	int r = remote_upload(s->request->remote, &request, &item->job, err);
	if (r == 0)
		s->active++;
	return r;
}

static int wait_for_jobs(struct sending *s, struct err *err)
{
	int r = s->active ? loop_run(s->request->loop) : 0;

	if (r < 0 && !s->err.code)
		return err_sys(err, r, "cannot wait for the registry");
	return r < 0 ? err_move(err, &s->err) : 0;
}

static int look_at_all(struct sending *s, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->count; i++) {
		if (s->items[i].blob->digest)
			r = look(&s->items[i], err);
		else
			s->items[i].stage = ITEM_TODO;
	}
	return r < 0 ? r : wait_for_jobs(s, err);
}

/* ---- packing ---------------------------------------------------------------------------------- */

static void packer_rest(struct packer *p)
{
	loop_remove(take_ptr(p->answer));
	loop_remove(take_ptr(p->grown));
	fd_close(take_fd(p->more));
	if (p->item)
		p->item->packer = NULL;
	p->item = NULL;
}

/* One that is at work is killed: nobody wants what it makes. */
static void packer_stop(struct packer *p)
{
	packer_rest(p);
	layer_helper_close(take_ptr(p->helper));
}

static void on_grown(void *data, unused_arg uint32_t events)
{
	struct packer *p = data;
	char bytes[DRAIN];
	struct stat st;

	ssize_t n = read(p->more, bytes, sizeof bytes);
	if (n < 0)
		return;
	if (n == 0) {
		loop_remove(take_ptr(p->grown));
		return;
	}
	if (p->item->job && fstat(p->item->tmp->fd, &st) == 0)
		remote_upload_more(p->item->job, st.st_size, NULL);
}

static int take_packed(struct item *item, const struct layer_digest *digest, struct err *err)
{
	struct push_blob *b = item->blob;

	if (!str_eq(digest->inside, b->plain))
		return err_set(err, -EBADMSG, "the layer '%.19s' is damaged: it unpacks to '%.19s'",
			       b->from, digest->inside);
	str_set(&b->digest, digest->digest);
	b->size = digest->size;
	strv_clear(&b->notes);
	strv_extend(&b->notes, &digest->notes);
	item->sending->seen[item - item->sending->items].size = b->size;
	if (item->job)
		remote_upload_more(item->job, b->size, b->digest);
	return 0;
}

static void on_packed(void *data, unused_arg uint32_t events)
{
	struct packer *p = data;
	struct item *item = p->item;
	AUTO(layer_digest) struct layer_digest digest = { 0 };
	AUTO(err) struct err err = { 0 };

	int r = layer_compress_finish(p->helper, &digest, &err);
	packer_rest(p);
	if (r == 0)
		r = take_packed(item, &digest, &err);
	if (r < 0)
		give_up(item->sending, &err);
}

static int open_helper(struct packer *p, struct err *err)
{
	AUTO(mem) char *program = host_helper(p->sending->engine->host, "cubby-layer");
	/* Blobs are the user's own files: no other ids are needed. */
	const struct layer_host host = { .program = program, .userns = -1 };

	return p->helper ? 0 : layer_helper_open(&host, &p->helper, err);
}

/* The file has no name, so nothing of it stays whatever happens. */
static int open_tmp(struct item *item, struct err *err)
{
	const struct store *store = item->sending->engine->store;
	int r = blob_tmp_new(store, &item->tmp, err);

	if (r == 0)
		blob_tmp_drop(store, item->tmp);
	return r;
}

static int watch_packer(struct packer *p, int more, struct err *err)
{
	struct loop *loop = p->sending->request->loop;

	p->more = more;
	int r = loop_add(loop, layer_helper_fd(p->helper), EPOLLIN, on_packed, p, &p->answer);
	if (r == 0)
		r = loop_add(loop, p->more, EPOLLIN, on_grown, p, &p->grown);
	return r < 0 ? err_sys(err, r, "cannot wait for cubby-layer") : 0;
}

static int pack(struct item *item, struct packer *p, struct err *err)
{
	const struct push_blob *b = item->blob;
	int ends[2];

	int r = open_helper(p, err);
	if (r == 0)
		r = open_tmp(item, err);
	if (r < 0)
		return r;
	AUTO(fd) int from = blob_open(p->sending->engine->store, b->from, err);
	if (from < 0)
		return from;
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_sys(err, -errno, "cannot make a pipe");
	AUTO(fd) int theirs = ends[1];
	p->item = item;
	item->packer = p;
	r = watch_packer(p, ends[0], err);
	if (r < 0)
		return r;
	const struct layer_compress request = { .blob = from,
						.out = item->tmp->fd,
						.more = theirs,
						.packing = b->packing,
						.level = b->level };
	return layer_compress_start(p->helper, &request, err);
}

/* ---- sending ---------------------------------------------------------------------------------- */

static void advance(struct sending *s);

static void on_sent(void *data, const struct remote_answer *answer, struct err *err)
{
	struct item *item = data;
	struct sending *s = item->sending;

	item->job = NULL;
	s->active--;
	if (!answer && err->code == -ENOENT && item->blob->absent && !item->tried) {
		err_clear(err);
		item->tried = true;
		item->stage = ITEM_TODO;
		advance(s);
		return;
	}
	if (!answer) {
		give_up(s, err);
		return;
	}
	/* Mounted before it was packed. */
	if (item->packer)
		packer_stop(item->packer);
	blob_tmp_free(take_ptr(item->tmp));
	done(item, answer->how);
	advance(s);
}

static void on_progress(void *data, int64_t sent)
{
	tell(data, WATCH_LOADING, sent);
}

static int send_item(struct item *item, int file, int64_t size, struct err *err)
{
	struct sending *s = item->sending;
	const struct remote_upload_request request = { .target = &s->target,
						       .digest = item->blob->digest,
						       .size = size,
						       .mount = item->blob->mount,
						       .file = file,
						       .done = on_sent,
						       .progress = on_progress,
						       .data = item };

	int r = remote_upload(s->request->remote, &request, &item->job, err);
	if (r < 0)
		return r;
	s->active++;
	item->stage = ITEM_SENDING;
	tell(item, WATCH_LOADING, 0);
	return 0;
}

static void on_fetched(void *data, const struct remote_answer *answer, struct err *err)
{
	struct item *item = data;
	struct sending *s = item->sending;
	int r = answer ? 0 : err->code;

	item->job = NULL;
	s->active--;
	if (r == 0)
		r = blob_tmp_commit(s->engine->store, item->tmp, item->blob->from, false, err);
	blob_tmp_free(take_ptr(item->tmp));
	if (r < 0) {
		give_up(s, err);
		return;
	}
	item->blob->absent = false;
	item->stage = ITEM_TODO;
	advance(s);
}

static int fetch(struct item *item, struct err *err)
{
	struct sending *s = item->sending;
	const struct push_blob *b = item->blob;
	AUTO(mem) char *domain = str_dup(b->source);
	const char *path = str_cut(domain, '/');

	int r = blob_tmp_fetch(s->engine->store, b->from, 0, &item->tmp, err);
	if (r == -EEXIST) {
		item->blob->absent = false; /* somebody pulls it, too */
		return 0;
	}
	if (r < 0)
		return r;
	const struct remote_blob_request request = { .domain = domain,
						     .path = path,
						     .digest = b->from,
						     .size = b->from_size,
						     .file = item->tmp->fd,
						     .more = -1,
						     .done = on_fetched,
						     .data = item };
	r = remote_blob(s->request->remote, &request, &item->job, err);
	if (r < 0)
		return r;
	s->active++;
	item->stage = ITEM_FETCHING;
	return 0;
}

/* One whose blob is not here. It may be TODO afterwards, in another way. */
static int start_absent(struct item *item, struct err *err)
{
	struct push_blob *b = item->blob;

	if (b->mount && !item->tried && !b->pack)
		return send_item(item, -1, b->size, err);
	if (b->source)
		return fetch(item, err);
	if (b->stand_in) {
		b->from = b->stand_in;
		b->pack = true;
		b->absent = false;
		return 0;
	}
	(void)err_set(err, -ENOENT, "the blob '%.19s' is not in the store any more", b->from);
	return err_hint(err, "pull the image again, or load it from where it came");
}

static int start(struct item *item, struct packer *packer, struct err *err)
{
	const struct store *store = item->sending->engine->store;

	if (item->blob->absent)
		return start_absent(item, err);
	if (packer) {
		int r = pack(item, packer, err);
		return r < 0 ? r : send_item(item, item->tmp->fd, -1, err);
	}
	AUTO(fd) int file = blob_open(store, item->blob->from, err);
	if (file < 0)
		return file;
	return send_item(item, file, item->blob->size, err);
}

static struct packer *free_packer(struct sending *s)
{
	for (size_t i = 0; i < s->packer_count; i++)
		if (!s->packers[i].item)
			return &s->packers[i];
	return NULL;
}

static struct item *next_item(struct sending *s, const struct packer *packer)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->items[i].stage == ITEM_TODO && (packer || !s->items[i].blob->pack))
			return &s->items[i];
	return NULL;
}

static void advance(struct sending *s)
{
	AUTO(err) struct err err = { 0 };
	int r = 0;

	while (r == 0 && s->active < MAX_UPLOADS) {
		struct packer *packer = free_packer(s);
		struct item *item = next_item(s, packer);
		if (!item)
			break;
		r = start(item, item->blob->pack ? packer : NULL, &err);
	}
	if (r < 0)
		give_up(s, &err);
	else if (!s->active)
		loop_stop(s->request->loop, 0);
}

static void note_mounts(struct sending *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct item *item = &s->items[i];
		if (item->stage == ITEM_TODO && item->blob->mount &&
		    strv_find(&s->also, item->blob->mount) < 0)
			strv_add(&s->also, item->blob->mount);
	}
}

static bool something_missing(const struct sending *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->items[i].stage == ITEM_TODO)
			return true;
	return false;
}

static int send_missing(struct sending *s, struct err *err)
{
	if (!something_missing(s))
		return 0;
	s->request->missing(s->request->data);
	note_mounts(s);
	s->target.also = &s->also;
	advance(s);
	return s->err.code ? err_move(err, &s->err) : wait_for_jobs(s, err);
}

static void set_up(struct sending *s)
{
	const struct push_blobs *blobs = s->request->blobs;
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	s->target =
		(struct remote_target){ .domain = s->request->domain, .path = s->request->path };
	s->count = blobs->count;
	s->items = mem_alloc(s->count, sizeof *s->items);
	s->seen = mem_alloc(s->count, sizeof *s->seen);
	for (size_t i = 0; i < s->count; i++) {
		struct push_blob *b = &blobs->items[i];
		s->items[i] = (struct item){ .sending = s, .blob = b };
		s->seen[i] = (struct watch_layer){ .digest = b->from, .size = b->size };
	}
	processors = min_of(processors, (long)MAX_PACKERS);
	s->packer_count = (size_t)max_of(processors, (long)MIN_PACKERS);
	s->packers = mem_alloc(s->packer_count, sizeof *s->packers);
	for (size_t i = 0; i < s->packer_count; i++)
		s->packers[i] = (struct packer){ .sending = s, .more = -1 };
}

static void tear_down(struct sending *s)
{
	for (size_t i = 0; i < s->packer_count; i++)
		packer_stop(&s->packers[i]);
	for (size_t i = 0; i < s->count; i++) {
		remote_cancel(s->items[i].job);
		blob_tmp_free(s->items[i].tmp);
	}
	free(s->items);
	free(s->seen);
	free(s->packers);
	strv_clear(&s->also);
	err_clear(&s->err);
}

int push_send(struct engine *engine, const struct push_send *request, struct err *err)
{
	struct sending s = { .engine = engine, .request = request };
	const struct watch *watch = request->watch;

	set_up(&s);
	int r = look_at_all(&s, err);
	if (r == 0)
		r = send_missing(&s, err);
	if (watch && watch->end)
		watch->end(watch->data);
	tear_down(&s);
	return r;
}
