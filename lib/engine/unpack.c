/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unpack - from the layers of an image to unpacked layers in the store
 *
 * Locks are taken in the order of the diff ids, as store/lock.h demands. A layer that leans on lower
 * ones is stored under another key (chain.h); whoever holds the lock of a diff id is the only one who
 * makes such keys of it, so those need no lock to be waited for.
 */
#include "engine/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "engine/chain.h"
#include "engine/lowers.h"
#include "engine/outer.h"
#include "oci/digest.h"
#include "store/blob.h"
#include "store/layers.h"
#include "store/lock.h"

enum { AT_ONCE = 2 };

struct unpacker {
	struct engine *engine;
	struct layer_host host;
	char *program;
	char *map;
	int userns;
};

struct part {
	const char *diff_id; /* with "sha256:" */
	const struct descriptor *descriptor;
	bool missing;
	bool started;
	struct layer_helper *helper; /* while it runs */
	struct temp *temp;
	struct layer_applied applied;
	int lock;
};

struct unpack {
	struct unpacker *unpacker;
	struct part *items;
	size_t count;
	struct strv keys;
	struct {
		struct layer_helper **items;
		size_t count;
	} idle; /* a helper costs some milliseconds to start, so they are used again */
};

/* --- the unpacker ------------------------------------------------------------------- */

static int send_userns(void *data, struct err *err)
{
	const int *sock = data;
	AUTO(fd) int ns = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);

	if (ns < 0)
		return err_sys(err, -errno, "cannot open the user namespace");
	ssize_t n = fd_send(*sock, "", 1, &ns, 1);
	return n < 0 ? err_sys(err, (int)n, "cannot hand the user namespace over") : 0;
}

static int fetch_userns(struct engine *engine, struct err *err)
{
	int ends[2], fds[FD_PASS_MAX];
	size_t count = 0;
	char byte;

	int r = fd_pair(SOCK_STREAM, ends);
	if (r < 0)
		return err_sys(err, r, "cannot make a socket");
	AUTO(fd) int here = ends[0];
	AUTO(fd) int there = ends[1];
	r = outer_run(engine, 0, send_userns, &there, err);
	if (r < 0)
		return r;
	ssize_t n = fd_recv(here, &byte, 1, fds, &count);
	if (n != 1 || count != 1)
		return err_set(err, -EIO, "cannot take the user namespace over");
	return fds[0];
}

int unpacker_new(struct engine *engine, struct unpacker **out, struct err *err)
{
	AUTO(unpacker) struct unpacker *u = mem_new(struct unpacker);

	u->userns = -1;
	u->engine = engine;
	u->program = host_helper(engine->host, "cubby-layer");
	u->map = engine_layer_map(engine, err);
	if (!u->map)
		return err ? err->code : -EIO;
	u->userns = fetch_userns(engine, err);
	if (u->userns < 0)
		return u->userns;
	u->host = (struct layer_host){ .program = u->program, .userns = u->userns };
	*out = take_ptr(u);
	return 0;
}

void unpacker_free(struct unpacker *unpacker)
{
	if (!unpacker)
		return;
	fd_close(unpacker->userns);
	free(unpacker->program);
	free(unpacker->map);
	free(unpacker);
}

int unpacker_helper(const struct unpacker *unpacker, struct layer_helper **out, struct err *err)
{
	return layer_helper_open(&unpacker->host, out, err);
}

int unpacker_single(const struct unpacker *unpacker, struct layer_helper **out, struct err *err)
{
	AUTO(mem) char *program = host_helper(unpacker->engine->host, "cubby-single");
	const struct layer_host host = { .program = program, .userns = unpacker->userns };

	if (access(program, X_OK) == 0)
		return layer_helper_open(&host, out, err);
	err_set(err, -ENOTSUP, "this cubby makes no single files: it has no helper 'cubby-single'");
	return err_hint(err, "it is built where libsquashfs is installed (libsquashfs-dev)");
}

struct discard {
	const struct store *store;
	struct temp *temp;
};

static int discard(void *data, struct err *err)
{
	const struct discard *d = data;
	int r = temp_remove(d->store, d->temp);

	return r < 0 ? err_sys(err, r, "cannot remove") : r;
}

void unpacker_discard(const struct unpacker *unpacker, struct temp *temp)
{
	struct discard d = { .store = unpacker->engine->store, .temp = temp };

	if (temp)
		(void)!outer_run(unpacker->engine, 0, discard, &d,
				 NULL); /* the next sweep gets it */
}

/* --- beginning ------------------------------------------------------------------------ */

static int compare_diff_ids(const void *a, const void *b)
{
	return strcmp((*(struct part *const *)a)->diff_id, (*(struct part *const *)b)->diff_id);
}

/* The first of those that have the same diff id is the one that is unpacked. */
static struct part *first_of(const struct unpack *u, const struct part *part)
{
	for (size_t i = 0; i < u->count; i++)
		if (str_eq(u->items[i].diff_id, part->diff_id))
			return &u->items[i];
	return NULL;
}

static int lock_all(struct unpack *u, struct err *err)
{
	const struct store *store = u->unpacker->engine->store;
	AUTO(mem) struct part **sorted = mem_alloc(u->count + 1, sizeof *sorted);

	for (size_t i = 0; i < u->count; i++)
		sorted[i] = &u->items[i];
	qsort(sorted, u->count, sizeof *sorted, compare_diff_ids);
	for (size_t i = 0; i < u->count; i++) {
		struct part *part = sorted[i];
		if (first_of(u, part) != part)
			continue;
		int r = lock_take(store, LOCK_LAYER, digest_hex(part->diff_id), LOCK_EXCLUSIVE,
				  &part->lock, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* --- keys of layers that lean ------------------------------------------------------------------------- */

/* Return: 0 with a helper that is the caller's until give_helper(). */
static int take_helper(struct unpack *u, struct layer_helper **out, struct err *err)
{
	if (!u->idle.count)
		return unpacker_helper(u->unpacker, out, err);
	*out = u->idle.items[--u->idle.count];
	return 0;
}

static void give_helper(struct unpack *u, struct layer_helper *helper)
{
	u->idle.items[u->idle.count++] = helper;
}

static int key_of_leaning(struct unpack *u, size_t at, char **out, struct err *err)
{
	AUTO(strv) struct strv diff_ids = { 0 };
	struct layer_helper *helper;

	for (size_t i = 0; i <= at; i++)
		strv_add(&diff_ids, u->items[i].diff_id);
	int r = take_helper(u, &helper, err);
	if (r < 0)
		return r;
	r = chain_key(helper, &diff_ids, at, out, err);
	give_helper(u, helper);
	return r;
}

/* Looks for a layer under its diff id, then as one that leans. */
static int look_for(struct unpack *u, size_t at, struct err *err)
{
	const struct store *store = u->unpacker->engine->store;
	struct part *part = &u->items[at];
	const char *hex = digest_hex(part->diff_id);
	AUTO(mem) char *chain = NULL;

	if (layer_find(store, hex, u->unpacker->map, NULL) == 0) {
		str_set(&u->keys.items[at], hex);
		return 0;
	}
	int r = key_of_leaning(u, at, &chain, err);
	if (r < 0)
		return r;
	if (layer_find(store, chain, u->unpacker->map, NULL) == 0)
		str_set(&u->keys.items[at], chain);
	else
		part->missing = first_of(u, part) == part;
	return 0;
}

int unpack_begin(struct unpacker *unpacker, const struct manifest *manifest,
		 const struct image_config *config, struct unpack **out, struct err *err)
{
	AUTO(unpack) struct unpack *u = mem_new(struct unpack);

	bug_unless(manifest->layers.count == config->diff_ids.count);
	u->unpacker = unpacker;
	u->items = mem_alloc(manifest->layers.count + 1, sizeof *u->items);
	u->idle.items = mem_alloc(manifest->layers.count + 1, sizeof(struct layer_helper *));
	for (size_t i = 0; i < manifest->layers.count; i++) {
		u->items[i] = (struct part){
			.diff_id = config->diff_ids.items[i],
			.descriptor = &manifest->layers.items[i],
			.lock = -1,
		};
		u->count++;
		strv_add(&u->keys, "");
	}
	int r = lock_all(u, err);
	for (size_t i = 0; r == 0 && i < u->count; i++)
		r = look_for(u, i, err);
	if (r < 0)
		return r;
	*out = take_ptr(u);
	return 0;
}

void unpack_free(struct unpack *unpack)
{
	if (!unpack)
		return;
	for (size_t i = 0; i < unpack->count; i++) {
		struct part *part = &unpack->items[i];
		layer_helper_close(part->helper);
		layer_applied_clear(&part->applied);
		unpacker_discard(unpack->unpacker, part->temp);
		temp_free(part->temp);
	}
	for (size_t i = 0; i < unpack->count; i++)
		fd_close(unpack->items[i].lock);
	for (size_t i = 0; i < unpack->idle.count; i++)
		layer_helper_close(unpack->idle.items[i]);
	free(unpack->idle.items);
	strv_clear(&unpack->keys);
	free(unpack->items);
	free(unpack);
}

/* --- one layer ------------------------------------------------------------------------- */

bool unpack_missing(const struct unpack *unpack, size_t at)
{
	return unpack->items[at].missing;
}

static int open_at(const struct temp *temp, const char *name, int flags, struct err *err)
{
	AUTO(mem) char *path = str_fmt("%s/%s", temp->path, name);
	int fd = open(path, flags | O_CLOEXEC, 0600);

	return fd < 0 ? err_sys(err, -errno, "cannot open '%s'", path) : fd;
}

int unpack_start(struct unpack *unpack, size_t at, int blob, int more, struct err *err)
{
	struct engine *engine = unpack->unpacker->engine;
	struct part *part = &unpack->items[at];

	bug_unless(part->missing && !part->started);
	int r = layer_tmp_create(engine->store, &part->temp, err);
	if (r < 0)
		return r;
	AUTO(fd) int diff = open_at(part->temp, "diff", O_RDONLY | O_DIRECTORY, err);
	if (diff < 0)
		return diff;
	AUTO(fd) int journal = open_at(part->temp, "journal", O_RDWR | O_CREAT | O_EXCL, err);
	if (journal < 0)
		return journal;
	const struct layer_apply apply = {
		.blob = blob,
		.more = more,
		.diff = diff,
		.journal = journal,
		.flags = (at == 0 ? LAYER_LOWEST : 0) |
			 (engine->identity.kind == IDENTITY_ONE_ID ? LAYER_ONE_ID : 0) |
			 (engine->storage.ignore_chown_errors ? LAYER_FORGIVE : 0),
	};
	r = take_helper(unpack, &part->helper, err);
	if (r == 0)
		r = layer_apply_start(part->helper, &apply, err);
	part->started = r == 0;
	return r;
}

int unpack_fd(const struct unpack *unpack, size_t at)
{
	return layer_helper_fd(unpack->items[at].helper);
}

static int check_part(const struct part *part, struct err *err)
{
	if (!str_eq(part->applied.diff_id, part->diff_id))
		return err_set(err, -EBADMSG, "its diff id is '%s', the image says '%s'",
			       part->applied.diff_id, part->diff_id);
	if (part->applied.blob_size != part->descriptor->size)
		return err_set(err, -EBADMSG, "it has %lld bytes, the image says %lld",
			       (long long)part->applied.blob_size,
			       (long long)part->descriptor->size);
	return 0;
}

int unpack_finish(struct unpack *unpack, size_t at, struct err *err)
{
	struct part *part = &unpack->items[at];

	bug_unless(part->helper);
	int r = layer_apply_finish(part->helper, &part->applied, err);
	if (r == 0)
		r = check_part(part, err);
	if (r == 0)
		give_helper(unpack, take_ptr(part->helper));
	layer_helper_close(take_ptr(part->helper));
	if (r < 0)
		return err_wrap(err, "cannot unpack the layer '%s'", part->descriptor->digest);
	for (size_t i = 0; i < part->applied.lost.count; i++)
		engine_warn(unpack->unpacker->engine, "%s", part->applied.lost.items[i]);
	return 0;
}

/* --- the end ----------------------------------------------------------------------------- */

/* The diff directory of a layer below, as the helper finds it. */
static char *lower_path(const struct unpack *u, size_t at)
{
	const struct store *store = u->unpacker->engine->store;
	const struct part *part = first_of(u, &u->items[at]);
	AUTO(layer) struct layer *layer = NULL;

	if (part->temp)
		return str_fmt("%s/diff", part->temp->rel);
	if (layer_find(store, u->keys.items[at], u->unpacker->map, &layer) < 0)
		return NULL;
	return lowers_name(store, layer->path);
}

static int fix_up(struct unpack *u, size_t at, struct err *err)
{
	struct part *part = &u->items[at];
	AUTO(strv) struct strv lower = { 0 };

	for (size_t i = at; i-- > 0;) {
		char *path = lower_path(u, i);
		if (!path)
			return err_set(err, -ENOENT, "the layer '%s' is not there any more",
				       u->keys.items[i]);
		strv_take(&lower, path);
	}
	AUTO(fd) int diff = open_at(part->temp, "diff", O_RDONLY | O_DIRECTORY, err);
	if (diff < 0)
		return diff;
	AUTO(fd) int journal = open_at(part->temp, "journal", O_RDONLY, err);
	if (journal < 0)
		return journal;
	const struct layer_fixup fixup = {
		.diff = diff,
		.journal = journal,
		.store = u->unpacker->engine->store->dir,
		.lower = lower,
		.more = lowers_folders(u->unpacker->engine->store),
	};
	struct layer_helper *helper;
	int r = take_helper(u, &helper, err);
	if (r < 0)
		return r;
	r = layer_fixup(helper, &fixup, err);
	give_helper(u, helper);
	return r;
}

static int commit_part(struct unpack *u, size_t at, struct err *err)
{
	const struct store *store = u->unpacker->engine->store;
	struct part *part = &u->items[at];
	AUTO(mem) char *chain = NULL;
	AUTO(fd) int lock = -1;
	int r = 0;

	bug_unless(part->applied.diff_id);
	if (part->applied.deferred) {
		r = at ? fix_up(u, at, err) : 0;
		if (r == 0)
			r = key_of_leaning(u, at, &chain, err);
		if (r == 0)
			r = lock_take(store, LOCK_LAYER, chain, LOCK_EXCLUSIVE | LOCK_TRY, &lock,
				      err);
		if (r < 0)
			return r;
	}
	AUTO(mem) char *journal = str_fmt("%s/journal", part->temp->path);
	if (unlink(journal) < 0)
		return err_sys(err, -errno, "cannot remove '%s'", journal);
	const struct layer layer = {
		.key = chain ? chain : (char *)digest_hex(part->diff_id),
		.diff_id = (char *)digest_hex(part->diff_id),
		.blob = part->descriptor->digest,
		.blob_size = part->descriptor->size,
		.size = part->applied.disk_size,
		.tar_size = part->applied.tar_size,
		.map = u->unpacker->map,
	};
	str_set(&u->keys.items[at], layer.key);
	r = layer_commit(store, part->temp, &layer, false, err);
	if (r == 0)
		temp_free(take_ptr(part->temp));
	if (r == -EEXIST && err)
		err_clear(err);
	return r == -EEXIST ? 0 : r;
}

int unpack_commit(struct unpack *unpack, bool durable, struct err *err)
{
	for (size_t i = 0; i < unpack->count; i++) {
		const struct part *part = &unpack->items[i];
		if (*unpack->keys.items[i])
			continue;
		if (part->missing) {
			int r = commit_part(unpack, i, err);
			if (r < 0)
				return err_wrap(err, "cannot keep the layer '%s'",
						part->descriptor->digest);
			continue;
		}
		/* The same layer once more. */
		str_set(&unpack->keys.items[i],
			unpack->keys.items[first_of(unpack, part) - unpack->items]);
	}
	return durable ? layers_make_durable(unpack->unpacker->engine->store, &unpack->keys, err)
		       : 0;
}

const struct strv *unpack_keys(const struct unpack *unpack)
{
	return &unpack->keys;
}

/* --- all at once --------------------------------------------------------------------------- */

static int start_whole(struct unpack *u, size_t at, unpack_open_fn open_blob, void *data,
		       struct err *err)
{
	AUTO(fd)
	int blob = open_blob ? open_blob(data, at, err)
			     : blob_open(u->unpacker->engine->store,
					 u->items[at].descriptor->digest, err);

	return blob < 0 ? blob : unpack_start(u, at, blob, -1, err);
}

/* Takes the result of one that has ended; several run. */
static int finish_one(struct unpack *u, size_t *running, struct err *err)
{
	AUTO(mem) struct pollfd *polled = mem_alloc(u->count + 1, sizeof *polled);

	for (size_t i = 0; i < u->count; i++)
		polled[i] = (struct pollfd){ .fd = u->items[i].helper ? unpack_fd(u, i) : -1,
					     .events = POLLIN };
	while (poll(polled, u->count, -1) < 0)
		if (errno != EINTR)
			return err_sys(err, -errno, "cannot wait for the layers");
	for (size_t i = 0; i < u->count; i++) {
		int r = polled[i].revents ? unpack_finish(u, i, err) : 0;
		if (r < 0)
			return r;
		*running -= polled[i].revents != 0;
	}
	return 0;
}

/* The largest of those that are still to be started, so that it is not waited for alone in the end. */
static struct part *largest(const struct unpack *u)
{
	struct part *best = NULL;

	for (size_t i = 0; i < u->count; i++) {
		struct part *part = &u->items[i];
		if (part->missing && !part->started &&
		    (!best || part->descriptor->size > best->descriptor->size))
			best = part;
	}
	return best;
}

int unpack_missing_layers(struct unpack *unpack, unpack_open_fn open, void *data, struct err *err)
{
	struct part *part;
	size_t running = 0;
	int r = 0;

	while (r == 0 && (part = largest(unpack))) {
		r = start_whole(unpack, (size_t)(part - unpack->items), open, data, err);
		running += r == 0;
		while (r == 0 && running >= AT_ONCE)
			r = finish_one(unpack, &running, err);
	}
	while (r == 0 && running)
		r = finish_one(unpack, &running, err);
	return r;
}

int unpack_image(struct unpacker *unpacker, const struct manifest *manifest,
		 const struct image_config *config, bool durable, struct unpack **out,
		 struct err *err)
{
	AUTO(unpack) struct unpack *u = NULL;

	int r = unpack_begin(unpacker, manifest, config, &u, err);
	if (r == 0)
		r = unpack_missing_layers(u, NULL, NULL, err);
	if (r == 0)
		r = unpack_commit(u, durable, err);
	if (r < 0)
		return r;
	*out = take_ptr(u);
	return 0;
}
