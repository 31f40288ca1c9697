/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * commit - an image from a container
 */
#include "engine/commit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "engine/newimage.h"
#include "engine/outer.h"
#include "engine/packing.h"
#include "engine/roots.h"
#include "engine/running.h"
#include "engine/unpack.h"
#include "oci/digest.h"
#include "oci/media.h"
#include "store/event.h"
#include "store/images.h"
#include "store/lock.h"
#include "store/record.h"

enum { DIGEST_ROOM = 128 };

/* What the child that packs tells. */
struct packed {
	char digest[DIGEST_ROOM];
	int64_t size;
};

struct commit {
	struct engine *engine;
	const struct commit_options *options;
	struct root_hold *hold;
	const struct container_config *container; /* of .hold */
	bool whole;				  /* one layer with everything */
	char *name;
	struct image_config *image;
	struct manifest manifest; /* layers alone */
	struct unpacker *unpacker;
	struct unpack *unpacked;
	struct layer_helper *helper;
	struct blob_tmp *blob; /* of the new layer */
	int blob_lock;
	struct packed *packed; /* shared with the child */
	int guard;	       /* pipe: its end lets a paused container go on */
	pid_t guard_pid;
};

static void auto_commit(struct commit *c)
{
	if (c->blob && c->blob->rel)
		blob_tmp_drop(c->engine->store, c->blob);
	blob_tmp_free(c->blob);
	fd_close(c->blob_lock);
	unpack_free(c->unpacked);
	layer_helper_close(c->helper);
	unpacker_free(c->unpacker);
	root_release(c->hold);
	image_config_free(c->image);
	for (size_t i = 0; i < c->manifest.layers.count; i++)
		descriptor_clear(&c->manifest.layers.items[i]);
	free(c->manifest.layers.items);
	free(c->name);
	if (c->packed)
		(void)munmap(c->packed, sizeof *c->packed);
}

/* ---- what it is made on -------------------------------------------------------------------- */

static int find_base(struct commit *c, struct image **out, struct err *err)
{
	int r = image_find(c->engine->store, c->container->image_id, out, err);

	if (r != -ENOENT)
		return r;
	(void)err_set(err, r, "the image of container '%s' is not there any more",
		      c->container->name);
	return err_hint(err, "--squash makes an image of one layer, which needs no other");
}

static int load_base(struct commit *c, struct err *err)
{
	AUTO(image) struct image *base = NULL;
	AUTO(manifest) struct manifest *manifest = NULL;
	const struct store *store = c->engine->store;

	int r = find_base(c, &base, err);
	if (r == 0)
		r = image_config(store, base, &c->image, err);
	if (r < 0 || c->whole)
		return r;
	r = image_manifest(store, base, &manifest, err);
	if (r < 0)
		return r;
	c->manifest.layers = manifest->layers;
	manifest->layers = (struct descriptors){ 0 };
	return 0;
}

/* Without an image below there is nothing to take over but what the container says. */
static int begin_image(struct commit *c, struct err *err)
{
	int r = c->container->rootfs ? -ENOENT : load_base(c, err);

	if (r == -ENOENT && c->whole) {
		err_clear(err);
		c->image = image_config_new();
		platform_host(c->engine->host->machine, &c->image->platform);
		r = 0;
	}
	if (r < 0 || !c->whole)
		return r;
	strv_clear(&c->image->diff_ids);
	image_histories_clear(&c->image->history);
	return 0;
}

/* What can be wrong with the options is told before anything is read. */
static int prepare(struct commit *c, struct err *err)
{
	AUTO(mem) char *now = clock_rfc3339(clock_now());

	c->container = root_config(c->hold);
	c->whole = c->options->squash || c->container->rootfs;
	int r = engine_read_too(c->engine, &c->container->image_stores, err);
	if (r == 0)
		r = begin_image(c, err);
	if (r == 0)
		r = commit_config(c->image, c->container, &c->options->changes, now, err);
	if (r == 0 && c->options->name)
		r = newimage_name(c->engine, c->options->name, &c->name, err);
	if (r == 0)
		r = store_check_writable(c->engine->store, err);
	return r;
}

/* ---- the layer ----------------------------------------------------------------------------- */

static int pack(struct commit *c, int dir, int kind, const struct layer_owners *owners,
		struct err *err)
{
	AUTO(layer_digest) struct layer_digest digest = { 0 };
	const struct packing packing = {
		.engine = c->engine,
		.config = c->container,
		.dir = dir,
		.out = c->blob->fd,
		.kind = kind,
		.owners = owners,
	};

	int r = packing_do(&packing, &digest, err);
	if (r < 0)
		return r;
	bug_unless(strlen(digest.digest) < DIGEST_ROOM);
	memcpy(c->packed->digest, digest.digest, strlen(digest.digest) + 1);
	c->packed->size = digest.size;
	return 0;
}

/* Where fuse-overlayfs shifts owners, the root shows other ones than the layers have. */
static int pack_whole(struct commit *c, const struct root_view *view, struct err *err)
{
	AUTO(mem) char *uids = root_maps_text(&view->uids);
	AUTO(mem) char *gids = root_maps_text(&view->gids);
	const struct layer_owners owners = { .uids = uids, .gids = gids };

	return pack(c, view->bare, LAYER_PACK_TREE, view->shifted ? &owners : NULL, err);
}

static int pack_child(void *data, struct err *err)
{
	struct commit *c = data;
	AUTO(root_view) struct root_view view = { .fd = -1, .bare = -1, .helper = -1 };
	AUTO(mem) char *path = store_container_path(c->engine->store, c->container->id, "upper");
	bool copy = str_eq(c->container->driver, "copy");

	/* Also makes the upper folder of one that never ran. */
	int r = root_open(c->hold, 0, &view, err);
	if (r < 0)
		return r;
	if (c->whole)
		return pack_whole(c, &view, err);
	AUTO(fd) int upper = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (upper < 0)
		return err_sys(err, -errno, "cannot open what container '%s' wrote",
			       c->container->name);
	return pack(c, upper, copy ? LAYER_PACK_CHANGES : LAYER_PACK_UPPER, NULL, err);
}

/* Lets the container go on when we are killed: it waits for the end of a pipe whose other end is ours. */
static no_return void guard_main(struct commit *c, int pipe_end)
{
	char byte;

	(void)setsid();
	ssize_t n;
	do
		n = read(pipe_end, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		(void)!running_pause(c->engine, c->container->id, false, NULL);
	_exit(0);
}

static void end_guard(struct commit *c)
{
	(void)!fd_write_all(c->guard, "", 1); /* it is there: it waits for this */
	fd_close(take_fd(c->guard));
	(void)waitpid(c->guard_pid, NULL, 0);
}

static int start_guard(struct commit *c, struct err *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, -errno, "cannot make a pipe");
	pid_t pid = fork();
	if (pid == 0) {
		fd_close(ends[1]);
		guard_main(c, ends[0]);
	}
	fd_close(ends[0]);
	c->guard = ends[1];
	c->guard_pid = pid;
	return pid < 0 ? err_sys(err, -errno, "cannot start a process") : 0;
}

/* Return: 1 when it was paused by us. */
static int pause_it(struct commit *c, struct err *err)
{
	AUTO(container_state) struct container_state *state = NULL;
	AUTO(err) struct err why = { 0 };

	if (c->options->pause == COMMIT_PAUSE_NO || !root_runs(c->hold))
		return 0;
	int r = record_state_load(c->engine->store, c->container->id, &state, err);
	if (r < 0 || state->status != CONTAINER_RUNNING)
		return r;
	r = start_guard(c, err);
	if (r < 0)
		return r;
	r = running_pause(c->engine, c->container->id, true, &why);
	if (r == 0)
		return 1;
	end_guard(c);
	if (c->options->pause == COMMIT_PAUSE_YES)
		return err_move(err, &why);
	engine_warn(c->engine, "the container goes on while its files are read: %s",
		    str_or(why.text, "it cannot be paused"));
	return 0;
}

static int make_layer(struct commit *c, struct err *err)
{
	c->packed = mmap(NULL, sizeof *c->packed, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (c->packed == MAP_FAILED) {
		c->packed = NULL;
		return err_sys(err, -errno, "cannot share memory");
	}
	int r = blob_tmp_new(c->engine->store, &c->blob, err);
	int paused = r < 0 ? r : pause_it(c, err);
	if (paused < 0)
		return paused;
	r = outer_run(c->engine, ROOT_NAMESPACES, pack_child, c, err);
	/* One that ended meanwhile is not paused any more. */
	if (paused) {
		(void)!running_pause(c->engine, c->container->id, false, NULL);
		end_guard(c);
	}
	return r;
}

/* ---- the image ----------------------------------------------------------------------------- */

/* Lower ones are missing only where somebody has removed them. */
static int open_layer(void *data, size_t at, struct err *err)
{
	const struct commit *c = data;

	if (at + 1 < c->manifest.layers.count)
		return blob_open(c->engine->store, c->manifest.layers.items[at].digest, err);
	int fd = fd_dup(c->blob->fd);
	return fd < 0 ? err_sys(err, fd, "cannot read the new layer") : fd;
}

static int unpack_it(struct commit *c, struct err *err)
{
	strv_add(&c->image->diff_ids, c->packed->digest);
	*vec_push(&c->manifest.layers) = (struct descriptor){
		.media_type = str_dup(MEDIA_OCI_LAYER),
		.digest = str_dup(c->packed->digest),
		.size = c->packed->size,
	};
	int r = unpack_begin(c->unpacker, &c->manifest, c->image, &c->unpacked, err);
	if (r == 0)
		r = unpack_missing_layers(c->unpacked, open_layer, c, err);
	return r < 0 ? r : unpack_commit(c->unpacked, true, err);
}

/* The lock keeps the blob until the index refers to it. */
static int keep_blob(struct commit *c, struct err *err)
{
	const struct store *store = c->engine->store;
	int r = lock_take(store, LOCK_BLOB, c->packed->digest, LOCK_EXCLUSIVE, &c->blob_lock, err);

	return r < 0 ? r : blob_tmp_commit(store, c->blob, c->packed->digest, true, err);
}

static int enter(struct commit *c, char **out_id, struct err *err)
{
	AUTO(mem) char *text = image_config_print(c->image);
	AUTO(layer_digest) struct layer_digest config = { 0 };
	AUTO(layer_digest) struct layer_digest manifest = { 0 };
	bool docker = c->options->docker;

	int r = newimage_document(c->engine, c->helper, text, &config, err);
	if (r == 0)
		r = newimage_manifest_as(c->engine, c->helper, &config, &c->manifest.layers, NULL,
					 docker, &manifest, err);
	if (r < 0)
		return r;
	const struct image image = {
		.name = c->name,
		.digest = manifest.digest,
		.media_type = (char *)(docker ? MEDIA_DOCKER_MANIFEST : MEDIA_OCI_MANIFEST),
		.manifest_size = manifest.size,
		.layers = *unpack_keys(c->unpacked),
	};
	r = image_add(c->engine->store, &image, true, err);
	if (r < 0)
		return r;
	*out_id = str_dup(digest_hex(config.digest));
	return 0;
}

static void tell_event(const struct commit *c, const char *image_id)
{
	const struct event_about about = event_of_config(c->container);
	AUTO(mem) char *image = str_fmt("imageID=%s", image_id);
	const char *details[] = { image, NULL };

	event_write(c->engine->store, EVENT_CONTAINER, EVENT_COMMIT, &about, details);
}

int container_commit(struct engine *engine, const char *id, const struct commit_options *options,
		     char **out_id, struct err *err)
{
	AUTO(commit)
	struct commit c = { .engine = engine, .options = options, .blob_lock = -1, .guard = -1 };

	int r = root_hold(engine, id, &c.hold, err);
	if (r == 0)
		r = prepare(&c, err);
	if (r == 0)
		r = make_layer(&c, err);
	if (r == 0)
		r = unpacker_new(engine, &c.unpacker, err);
	if (r == 0)
		r = unpacker_helper(c.unpacker, &c.helper, err);
	if (r == 0)
		r = unpack_it(&c, err);
	if (r == 0)
		r = keep_blob(&c, err);
	if (r == 0)
		r = enter(&c, out_id, err);
	if (r == 0)
		tell_event(&c, *out_id);
	return r;
}
