/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stream - inflating, hashing and using the bytes of a blob at the same time
 *
 * Block number n lies in slot n % SLOTS. All counters are guarded by the lock; a block's bytes
 * belong to the inflating thread while n >= made, afterwards to the users until all are behind it.
 */
#include "layer/stream.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "layer/digest.h"
#include "layer/inflate.h"
#include "layer/limits.h"
#include "layer/source.h"

enum { SLOTS = 8, SLOT_BYTES = 256 << 10 };
enum user { USER_HASH, USER_CALLER, USERS };

struct slot {
	unsigned char *data;
	size_t size; /* 0 marks the end */
};

struct stream {
	struct stream_plan plan;
	struct slot slots[SLOTS];
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t made;	      /* blocks filled */
	uint64_t used[USERS]; /* blocks given back */
	bool stopped;
	struct err err; /* of the inflating thread */
	pthread_t inflater;
	pthread_t hasher;
	bool has_inflater;
	bool has_hasher;
	bool held; /* the caller is looking at a block */
	int stop;  /* eventfd */
	struct source source;
	struct digest *blob_digest;
	struct digest *plain_digest;
	char *kind;
	int64_t plain_size;
};

static void stop(struct stream *s)
{
	static const uint64_t one = 1;

	pthread_mutex_lock(&s->lock);
	s->stopped = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	(void)!write(s->stop, &one, sizeof one); /* a full counter is readable as well */
}

static bool room(const struct stream *s)
{
	for (int u = 0; u < USERS; u++)
		if (s->used[u] + SLOTS <= s->made)
			return false;
	return true;
}

/* Return: the slot to fill, or NULL when the stream was stopped. */
static struct slot *slot_to_fill(struct stream *s)
{
	pthread_mutex_lock(&s->lock);
	while (!s->stopped && !room(s))
		pthread_cond_wait(&s->changed, &s->lock);
	struct slot *slot = s->stopped ? NULL : &s->slots[s->made % SLOTS];
	pthread_mutex_unlock(&s->lock);
	return slot;
}

static void slot_filled(struct stream *s)
{
	pthread_mutex_lock(&s->lock);
	s->made++;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

/* Return: the next block of a user, or NULL when the stream was stopped. */
static const struct slot *slot_to_use(struct stream *s, enum user user)
{
	pthread_mutex_lock(&s->lock);
	while (!s->stopped && s->used[user] == s->made)
		pthread_cond_wait(&s->changed, &s->lock);
	const struct slot *slot = s->used[user] == s->made ? NULL
							   : &s->slots[s->used[user] % SLOTS];
	pthread_mutex_unlock(&s->lock);
	return slot;
}

static void slot_used(struct stream *s, enum user user)
{
	pthread_mutex_lock(&s->lock);
	s->used[user]++;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

/* A bomb is told from a layer by how much it grows, while it is read. */
static int check_size(const struct stream *s, struct err *err)
{
	int64_t max = s->plan.max_bytes ? s->plan.max_bytes : LAYER_TAR_MAX;

	if (s->plain_size > max)
		return err_set(err, -EFBIG, "it unpacks to more than the %lld bytes allowed",
			       (long long)max);
	if (s->plan.flags & STREAM_RATIO &&
	    s->plain_size - LAYER_RATIO_FREE > s->source.offset * LAYER_RATIO)
		return err_set(err, -EFBIG, "it unpacks to more than %d times its size",
			       LAYER_RATIO);
	return 0;
}

static int fill_slots(struct stream *s, struct inflate *in, struct err *err)
{
	while (true) {
		struct slot *slot = slot_to_fill(s);
		if (!slot)
			return err_set(err, -ECANCELED, "stopped");
		ssize_t n = in ? inflate_read(in, slot->data, SLOT_BYTES, err)
			       : source_read(&s->source, slot->data, SLOT_BYTES);
		if (n < 0)
			return in ? (int)n : err_sys(err, (int)n, "cannot read the stream");
		slot->size = (size_t)n;
		s->plain_size += n;
		int r = check_size(s, err);
		if (r < 0)
			return r;
		slot_filled(s);
		if (n == 0)
			return 0;
	}
}

static int inflate_all(struct stream *s, struct err *err)
{
	AUTO(inflate) struct inflate *in = NULL;

	if (s->plan.flags & STREAM_PLAIN) {
		s->kind = str_dup("none");
		return fill_slots(s, NULL, err);
	}
	int r = inflate_new(&s->source, s->blob_digest, &in, err);
	if (r < 0)
		return r;
	s->kind = str_dup(inflate_kind(in));
	return fill_slots(s, in, err);
}

static void *inflater_main(void *data)
{
	struct stream *s = data;

	if (inflate_all(s, &s->err) < 0)
		stop(s);
	return NULL;
}

static void *hasher_main(void *data)
{
	struct stream *s = data;

	while (true) {
		const struct slot *slot = slot_to_use(s, USER_HASH);
		if (!slot || slot->size == 0)
			return NULL;
		digest_add(s->plain_digest, slot->data, slot->size);
		slot_used(s, USER_HASH);
	}
}

/* Signals are the main thread's. */
static int start_thread(pthread_t *thread, void *(*main)(void *), struct stream *s)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int r = pthread_create(thread, NULL, main, s);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -r;
}

static int start_threads(struct stream *s, struct err *err)
{
	int r = 0;

	if (s->plan.flags & STREAM_HASH) {
		s->plain_digest = digest_new();
		r = start_thread(&s->hasher, hasher_main, s);
		s->has_hasher = r == 0;
	} else {
		s->used[USER_HASH] = UINT64_MAX / 2; /* never what is waited for */
	}
	if (r == 0) {
		r = start_thread(&s->inflater, inflater_main, s);
		s->has_inflater = r == 0;
	}
	return r < 0 ? err_sys(err, r, "cannot start a thread") : 0;
}

int stream_new(const struct stream_plan *plan, struct stream **out, struct err *err)
{
	AUTO(stream) struct stream *s = mem_new(struct stream);
	struct stat st;

	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	s->plan = *plan;
	s->stop = eventfd(0, EFD_CLOEXEC);
	if (s->stop < 0)
		return err_sys(err, -errno, "cannot make an event descriptor");
	if (fstat(plan->blob, &st) < 0)
		return err_sys(err, -errno, "cannot look at the blob");
	s->source = (struct source){
		.fd = plan->blob,
		.more = plan->more,
		.stop = s->stop,
		.tee = plan->flags & STREAM_TEE ? plan->tee : -1,
		.at_place = plan->flags & STREAM_AT_PLACE || !S_ISREG(st.st_mode),
	};
	if (plan->flags & STREAM_HASH_BLOB)
		s->blob_digest = digest_new();
	for (size_t i = 0; i < SLOTS; i++)
		s->slots[i].data = mem_alloc(SLOT_BYTES, 1);
	int r = start_threads(s, err);
	if (r < 0)
		return r;
	*out = take_ptr(s);
	return 0;
}

static void join_threads(struct stream *s)
{
	if (s->has_inflater)
		pthread_join(s->inflater, NULL);
	if (s->has_hasher)
		pthread_join(s->hasher, NULL);
	s->has_inflater = false;
	s->has_hasher = false;
}

void stream_free(struct stream *stream)
{
	if (!stream)
		return;
	stop(stream);
	join_threads(stream);
	fd_close(stream->stop);
	for (size_t i = 0; i < SLOTS; i++)
		free(stream->slots[i].data);
	digest_free(stream->blob_digest);
	digest_free(stream->plain_digest);
	err_clear(&stream->err);
	free(stream->kind);
	pthread_cond_destroy(&stream->changed);
	pthread_mutex_destroy(&stream->lock);
	free(stream);
}

ssize_t stream_next(struct stream *stream, const void **out, struct err *err)
{
	if (stream->held)
		slot_used(stream, USER_CALLER);
	stream->held = false;
	const struct slot *slot = slot_to_use(stream, USER_CALLER);
	if (!slot) {
		join_threads(stream);
		return err_set(err, stream->err.code < 0 ? stream->err.code : -ECANCELED, "%s",
			       str_or(stream->err.text, "stopped"));
	}
	/* The end stays where it is, so that it is found again. */
	stream->held = slot->size != 0;
	*out = slot->data;
	return (ssize_t)slot->size;
}

int stream_finish(struct stream *stream, struct stream_sums *out, struct err *err)
{
	const void *data;
	ssize_t n = 1;

	while (n > 0)
		n = stream_next(stream, &data, err);
	if (n < 0)
		return (int)n;
	join_threads(stream);
	*out = (struct stream_sums){
		.plain = stream->plain_digest ? digest_text(stream->plain_digest) : NULL,
		.blob = stream->blob_digest ? digest_text(stream->blob_digest) : NULL,
		.kind = take_ptr(stream->kind),
		.plain_size = stream->plain_size,
		.blob_size = stream->source.offset,
	};
	return 0;
}

void stream_sums_clear(struct stream_sums *sums)
{
	free(sums->plain);
	free(sums->blob);
	free(sums->kind);
	*sums = (struct stream_sums){ 0 };
}
