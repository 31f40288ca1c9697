/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * images - removing and pruning images
 *
 * Describing them is image_about.c.
 */
#include "engine/images.h"

#include <errno.h>

#include "base/fd.h"
#include "engine/check.h"
#include "engine/remove.h"
#include "engine/tidy.h"
#include "oci/reference.h"
#include "store/blob.h"
#include "store/images.h"
#include "store/layers.h"
#include "store/record.h"

/* ---- who uses it ------------------------------------------------------------------------------ */

struct users {
	const char *id;
	bool running;
	struct strv *out;
};

static bool runs(const struct container_state *state)
{
	return state->status == CONTAINER_RUNNING || state->status == CONTAINER_PAUSED ||
	       state->status == CONTAINER_RESTARTING;
}

static int add_user(void *data, const char *id, struct container_state *state)
{
	AUTO(container_state) struct container_state *owned = state;
	const struct users *users = data;

	if (owned && str_eq(owned->image_id, users->id) && (!users->running || runs(owned)))
		strv_add(users->out, id);
	return 0;
}

int image_users(struct engine *engine, const char *id, bool running, struct strv *out,
		struct err *err)
{
	struct users users = { .id = id, .running = running, .out = out };

	return record_each_state(engine->store, add_user, &users, err);
}

static int in_use(const struct image *image, const struct strv *users, bool running,
		  struct err *err)
{
	AUTO(strv) struct strv shorts = { 0 };

	for (size_t i = 0; i < users->count; i++)
		strv_addf(&shorts, "%.12s", users->items[i]);
	AUTO(mem) char *list = str_join(&shorts, ", ");
	err_set(err, -EBUSY, "the image '%s' is used by the %scontainer%s %s",
		str_or(image->name, image->id), running ? "running " : "",
		users->count > 1 ? "s" : "", list);
	(void)err_hint(err,
		       running ? "stop and remove them first" : "remove them first, or use -f");
	return -EBUSY;
}

/* ---- removing --------------------------------------------------------------------------------- */

struct deletion {
	struct engine *engine;
	bool force;
	struct strv keep; /* layers of all containers */
};

/* Asked under the lock of the images, so that no container of it can appear meanwhile. */
static int check_users(void *data, const struct image *image, struct err *err)
{
	struct deletion *deletion = data;
	AUTO(strv) struct strv users = { 0 };
	AUTO(strv) struct strv ids = { 0 };

	int r = image_users(deletion->engine, image->id, deletion->force, &users, err);
	if (r == 0 && users.count > 0)
		return in_use(image, &users, deletion->force, err);
	if (r == 0)
		r = record_list(deletion->engine->store, &ids, err);
	for (size_t i = 0; r == 0 && i < ids.count; i++) {
		AUTO(container_config) struct container_config *config = NULL;
		/* A damaged one can never start again: it needs no layer. */
		if (record_config_load(deletion->engine->store, ids.items[i], &config, NULL) == 0)
			container_config_layers(config, &deletion->keep);
	}
	return r;
}

static int64_t layer_bytes(struct engine *engine, const char *key)
{
	AUTO(layer) struct layer *layer = NULL;

	return layer_find(engine->store, key, NULL, &layer) == 0 ? layer->size : 0;
}

/* Layers are gone when it is known which, so they are measured before. */
static int64_t *measure_layers(struct engine *engine, const struct image *image)
{
	int64_t *bytes = mem_alloc(image->layers.count + 1, sizeof *bytes);

	for (size_t i = 0; i < image->layers.count; i++)
		bytes[i] = layer_bytes(engine, image->layers.items[i]);
	return bytes;
}

static int delete_whole(struct engine *engine, const struct image *image, bool force,
			struct image_deleted *out, struct err *err)
{
	struct deletion deletion = { .engine = engine, .force = force };
	AUTO(mem) int64_t *bytes = measure_layers(engine, image);
	AUTO(strv) struct strv layers = { 0 };
	struct temps gone = { 0 };

	int r = image_remove(engine->store, image, check_users, &deletion, &deletion.keep, &layers,
			     &gone, err);
	strv_clear(&deletion.keep);
	if (r < 0)
		return r;
	strv_add(&out->deleted, image->id);
	strv_add(&out->images, image->id);
	for (size_t i = 0; i < layers.count; i++) {
		ssize_t at = strv_find(&image->layers, layers.items[i]);
		out->bytes += at < 0 ? 0 : bytes[at];
		strv_add(&out->deleted, layers.items[i]);
	}
	return tidy_temps(engine, &gone, err);
}

/* Podman's -f takes the containers along, also those that run. */
static int remove_users(struct engine *engine, const struct image *image, struct err *err)
{
	const struct remove_options options = { .force = true, .volumes = true, .timeout = -1 };
	AUTO(strv) struct strv users = { 0 };
	int r = image_users(engine, image->id, false, &users, err);

	for (size_t i = 0; r == 0 && i < users.count; i++)
		r = container_remove(engine, users.items[i], &options, err);
	return r;
}

static void names_of(const struct images *images, const struct image *image, struct strv *out)
{
	for (size_t i = 0; i < images->count; i++)
		if (str_eq(images->items[i].id, image->id) && images->items[i].name)
			strv_add(out, images->items[i].name);
}

/* Whether the user typed one of the image's names: a name may look like an id. */
static bool by_name(const struct image *image, const char *text)
{
	AUTO(reference) struct reference ref = { 0 };

	if (!image->name || reference_parse(text, &ref, NULL) < 0)
		return false;
	AUTO(mem) char *whole = reference_print(&ref);
	AUTO(mem) char *familiar = reference_familiar(&ref);
	AUTO(mem) char *ending = str_fmt("/%s", familiar);
	return str_eq(image->name, whole) || str_ends(image->name, ending);
}

/* Whether the user typed an id, or a digest, and no name. */
static bool by_id(const struct image *image, const char *text)
{
	const char *hex = str_starts(text, "sha256:");

	hex = hex ? hex : text;
	return str_hex(hex, 0) && !by_name(image, text) &&
	       (str_starts(image->id, hex) || str_starts(image->digest + 7, hex));
}

static int several_names(const char *text, const struct strv *names, struct err *err)
{
	AUTO(mem) char *list = str_join(names, ", ");

	err_set(err, -ENOTUNIQ, "the image '%s' has several names: %s", text, list);
	(void)err_hint(err, "remove it by its names, or all at once with -f");
	return -ENOTUNIQ;
}

static int delete_found(struct engine *engine, const char *text, const struct image *image,
			const struct strv *names, const struct image_delete_options *options,
			struct image_deleted *out, struct err *err)
{
	bool whole = names->count <= 1 || by_id(image, text);
	int r = 0;

	if (whole && names->count > 1 && !options->force)
		return several_names(text, names, err);
	if (!whole) {
		r = image_untag(engine->store, image->name, err);
		if (r == 0)
			strv_add(&out->untagged, image->name);
		return r;
	}
	if (options->force && !engine->docker)
		r = remove_users(engine, image, err);
	if (r == 0)
		r = delete_whole(engine, image, options->force, out, err);
	if (r == 0)
		strv_extend(&out->untagged, names);
	return r;
}

int image_delete(struct engine *engine, const char *text,
		 const struct image_delete_options *options, struct image_deleted *out,
		 struct err *err)
{
	AUTO(image) struct image *image = NULL;
	AUTO(images) struct images all = { 0 };
	AUTO(strv) struct strv names = { 0 };

	int r = image_find(engine->store, text, &image, err);
	if (r == 0)
		r = images_load(engine->store, &all, err);
	if (r < 0)
		return r;
	if (!image->id)
		image->id = str_dup(image->digest + 7); /* damaged: what is left of it can go */
	names_of(&all, image, &names);
	return delete_found(engine, text, image, &names, options, out, err);
}

void image_deleted_clear(struct image_deleted *deleted)
{
	strv_clear(&deleted->untagged);
	strv_clear(&deleted->deleted);
	strv_clear(&deleted->images);
	deleted->bytes = 0;
}

/* ---- pruning ---------------------------------------------------------------------------------- */

static int note_image(void *data, unused_arg const char *id, struct container_state *state)
{
	AUTO(container_state) struct container_state *owned = state;

	if (owned && owned->image_id)
		strv_add(data, owned->image_id);
	return 0;
}

/* Those that were used when it began are not even tried; the others are looked at under the lock. */
static int prune_one(struct engine *engine, const struct images *all, const struct image *image,
		     const struct strv *used, struct image_deleted *out, struct err *err)
{
	AUTO(strv) struct strv names = { 0 };

	if (!image->id || strv_find(&out->deleted, image->id) >= 0 ||
	    strv_find(used, image->id) >= 0)
		return 0;
	names_of(all, image, &names);
	int r = delete_whole(engine, image, false, out, err);
	if (r == -EBUSY || r == -ENOENT) {
		err_clear(err);
		return 0; /* somebody began to use it, or was faster */
	}
	if (r == 0)
		strv_extend(&out->untagged, &names);
	return r;
}

static bool dangling(const struct images *all, const struct image *image)
{
	AUTO(strv) struct strv names = { 0 };

	if (image->id)
		names_of(all, image, &names);
	return names.count == 0;
}

/* What pulls and imports that were killed have left of blobs and layers. */
static int drop_unused(struct engine *engine, struct err *err)
{
	const struct check_options options = { .flags = CHECK_REPAIR | CHECK_QUICK | CHECK_UNUSED };
	AUTO(check_report) struct check_report report = { 0 };

	return check_images(engine, &options, &report, err);
}

int images_prune(struct engine *engine, bool all, image_wanted_fn wanted, void *data,
		 struct image_deleted *out, struct err *err)
{
	AUTO(images) struct images images = { 0 };
	AUTO(err) struct err own = { 0 };
	struct err *e = err ? err : &own;
	const int64_t blobs = blob_total(engine->store);
	AUTO(strv) struct strv used = { 0 };
	int r = images_load(engine->store, &images, e);

	if (r == 0)
		r = record_each_state(engine->store, note_image, &used, e);
	for (size_t i = 0; r == 0 && i < images.count; i++) {
		const struct image *image = &images.items[i];
		if ((all || dangling(&images, image)) && (!wanted || wanted(data, image)))
			r = prune_one(engine, &images, image, &used, out, e);
	}
	if (r == 0)
		r = drop_unused(engine, e);
	/* A pull that goes on meanwhile hides some of it. */
	out->bytes += max_of(blobs - blob_total(engine->store), INT64_C(0));
	if (r == 0)
		r = tidy_leftovers(engine, e);
	return r < 0 ? r : 0;
}
