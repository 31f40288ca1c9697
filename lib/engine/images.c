/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * images - removing and pruning images
 *
 * Describing them is image_about.c.
 */
#include "engine/images.h"

#include <errno.h>

#include "base/fd.h"
#include "engine/blobless.h"
#include "engine/check.h"
#include "engine/image_platform.h"
#include "engine/remove.h"
#include "engine/tidy.h"
#include "oci/reference.h"
#include "store/blob.h"
#include "store/buildcache.h"
#include "store/census.h"
#include "store/image_list.h"
#include "store/images.h"
#include "store/layers.h"
#include "store/record.h"

/* ---- who uses it ------------------------------------------------------------------------------ */

static bool runs(struct engine *engine, const char *id)
{
	AUTO(container_state) struct container_state *state = NULL;

	return record_state_load(engine->store, id, &state, NULL) == 0 &&
	       (state->status == CONTAINER_RUNNING || state->status == CONTAINER_PAUSED ||
		state->status == CONTAINER_RESTARTING);
}

/* Of the containers as they were when the census was refreshed. */
static void users_of(struct engine *engine, const char *id, bool running, struct strv *out)
{
	AUTO(strv) struct strv users = { 0 };

	census_image_users(engine->census, id, &users);
	for (size_t i = 0; i < users.count; i++)
		if (!running || runs(engine, users.items[i]))
			strv_add(out, users.items[i]);
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
	bool counted;	  /* who there is: nobody comes while the lock of the images is held */
	struct strv keep; /* layers of all containers and of the build cache */
};

static int count_users(struct deletion *deletion, struct err *err)
{
	struct engine *engine = deletion->engine;
	int r = deletion->counted ? 0 : census_refresh(engine->census, engine->store, err);

	if (r == 0 && !deletion->counted) {
		census_layers(engine->census, engine->store, &deletion->keep);
		buildcache_layers(engine->store, &deletion->keep);
	}
	deletion->counted |= r == 0;
	return r;
}

/* Asked under the lock of the images, so that no container of it can appear meanwhile. */
static int check_users(void *data, const struct image *image, struct err *err)
{
	struct deletion *deletion = data;
	AUTO(strv) struct strv users = { 0 };

	int r = count_users(deletion, err);
	if (r < 0)
		return r;
	users_of(deletion->engine, image->id, deletion->force, &users);
	return users.count > 0 ? in_use(image, &users, deletion->force, err) : 0;
}

/* Layers are gone when it is known which, so they are measured before. */
static int64_t *measure_layers(struct engine *engine, const struct image *image)
{
	int64_t *bytes = mem_alloc(image->layers.count + 1, sizeof *bytes);

	for (size_t i = 0; i < image->layers.count; i++)
		bytes[i] = layer_bytes(engine->store, image->layers.items[i]);
	return bytes;
}

/* What happened to one image, with the sizes that its layers had. */
static void note_gone(const struct image_drop *drop, const int64_t *bytes, const struct strv *names,
		      struct image_deleted *out)
{
	strv_extend(&out->untagged, names);
	strv_add(&out->deleted, drop->image->id);
	strv_add(&out->images, drop->image->id);
	for (size_t i = 0; i < drop->gone.count; i++) {
		ssize_t at = strv_find(&drop->image->layers, drop->gone.items[i]);
		out->bytes += at < 0 ? 0 : bytes[at];
		strv_add(&out->deleted, drop->gone.items[i]);
	}
}

static int drop_all(struct engine *engine, struct image_drops *drops, bool force, struct temps *out,
		    struct err *err)
{
	struct deletion deletion = { .engine = engine, .force = force };

	int r = !drops->count ? 0
			      : images_drop(engine->store, drops, check_users, &deletion,
					    &deletion.keep, out, err);
	strv_clear(&deletion.keep);
	return r;
}

/* Podman's -f takes the containers along, also those that run. */
static int remove_users(struct engine *engine, const struct image *image, struct err *err)
{
	const struct remove_options options = { .force = true, .volumes = true, .timeout = -1 };
	AUTO(strv) struct strv users = { 0 };
	int r = census_refresh(engine->census, engine->store, err);

	if (r == 0)
		users_of(engine, image->id, false, &users);
	for (size_t i = 0; r == 0 && i < users.count; i++)
		r = container_remove(engine, users.items[i], &options, err);
	return r;
}

static void names_of(const struct images *images, const struct image *image, struct strv *out)
{
	for (size_t i = 0; i < images->count; i++)
		if (str_eq(images->items[i].id, image->id) && images->items[i].name &&
		    !images->items[i].store)
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

/* What is meant by one text, while the list tells what those before it leave. */
struct meant {
	struct image *image;
	struct strv names;
	int64_t *bytes;
	ssize_t drop; /* its place among the drops; -1: refused */
};

struct plan {
	struct images left; /* after what is planned so far */
	struct image_drops drops;
	struct meant *items; /* one for each text */
	size_t count;
};

static void auto_plan(struct plan *plan)
{
	images_clear(&plan->left);
	image_drops_clear(&plan->drops);
	for (size_t i = 0; i < plan->count; i++) {
		image_free(plan->items[i].image);
		strv_clear(&plan->items[i].names);
		free(plan->items[i].bytes);
	}
	free(plan->items);
}

static bool same(const struct image *a, const struct image *b)
{
	return str_eq(a->digest, b->digest) || (a->id && str_eq(a->id, b->id));
}

/* Takes one name, or all entries of an image, out of the list. */
static void foresee(struct images *left, const struct image *image, bool whole)
{
	size_t kept = 0;

	for (size_t i = 0; i < left->count; i++) {
		struct image *one = &left->items[i];
		if (!one->store && (whole ? same(one, image) : str_eq(one->name, image->name)))
			image_clear(one);
		else
			left->items[kept++] = *one;
	}
	left->count = kept;
}

static int plan_found(struct engine *engine, struct plan *plan, struct meant *meant,
		      const char *text, bool force, struct err *err)
{
	const struct image *image = meant->image;
	bool whole = meant->names.count <= 1 || by_id(image, text);
	int r = 0;

	if (whole && meant->names.count > 1 && !force)
		return several_names(text, &meant->names, err);
	if (whole && force && !engine->docker)
		r = remove_users(engine, image, err);
	if (r < 0)
		return r;
	if (whole)
		meant->bytes = measure_layers(engine, image);
	meant->drop = (ssize_t)plan->drops.count;
	*vec_push(&plan->drops) = (struct image_drop){ .image = image, .whole = whole };
	foresee(&plan->left, image, whole);
	return 0;
}

static int plan_one(struct engine *engine, struct plan *plan, const char *text,
		    const struct image_delete_options *options, struct err *err)
{
	struct meant *meant = vec_push(plan);
	const struct image *found = NULL;

	meant->drop = -1;
	int r = images_pick(&plan->left, text, &found, err);
	if (r == 0)
		r = image_check_own(found, err);
	if (r == 0)
		r = image_for_platform(engine, found, options->platform, err);
	if (r < 0)
		return r;
	meant->image = image_copy(found);
	if (!meant->image->id)
		meant->image->id = str_dup(found->digest + 7); /* damaged: what is left can go */
	names_of(&plan->left, meant->image, &meant->names);
	return plan_found(engine, plan, meant, text, options->force, err);
}

static void take_result(struct plan *plan, const struct meant *meant, struct image_deletion *out)
{
	struct image_drop *drop = meant->drop < 0 ? NULL : &plan->drops.items[meant->drop];

	if (!drop)
		return; /* noted when it was refused */
	out->result = drop->result;
	if (drop->result < 0)
		(void)err_move(&out->err, &drop->err);
	else if (drop->whole)
		note_gone(drop, meant->bytes, &meant->names, &out->done);
	else
		strv_add(&out->done.untagged, drop->image->name);
}

int images_delete(struct engine *engine, struct image_deletions *deletions,
		  const struct image_delete_options *options, struct err *err)
{
	AUTO(plan) struct plan plan = { 0 };
	struct temps gone = { 0 };
	int r = images_load_all(engine->store, &plan.left, err);

	for (size_t i = 0; i < deletions->count && r == 0; i++) {
		struct image_deletion *one = &deletions->items[i];
		one->result = plan_one(engine, &plan, one->text, options, &one->err);
	}
	if (r == 0)
		r = drop_all(engine, &plan.drops, options->force, &gone, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < plan.count; i++)
		take_result(&plan, &plan.items[i], &deletions->items[i]);
	return tidy_temps(engine, &gone, err);
}

int image_delete(struct engine *engine, const char *text,
		 const struct image_delete_options *options, struct image_deleted *out,
		 struct err *err)
{
	AUTO(image_deletions) struct image_deletions one = { 0 };

	vec_push(&one)->text = text;
	int r = images_delete(engine, &one, options, err);
	if (r == 0 && one.items[0].result < 0)
		r = err_move(err, &one.items[0].err);
	image_deleted_clear(out);
	*out = one.items[0].done;
	one.items[0].done = (struct image_deleted){ 0 };
	return r;
}

void image_deletions_clear(struct image_deletions *deletions)
{
	for (size_t i = 0; i < deletions->count; i++) {
		err_clear(&deletions->items[i].err);
		image_deleted_clear(&deletions->items[i].done);
	}
	free(deletions->items);
	*deletions = (struct image_deletions){ 0 };
}

void image_deleted_clear(struct image_deleted *deleted)
{
	strv_clear(&deleted->untagged);
	strv_clear(&deleted->deleted);
	strv_clear(&deleted->images);
	deleted->bytes = 0;
}

/* ---- pruning ---------------------------------------------------------------------------------- */

/* What pulls and imports that were killed have left of blobs and layers. */
static int drop_unused(struct engine *engine, struct err *err)
{
	const struct check_options options = { .flags = CHECK_REPAIR | CHECK_QUICK | CHECK_UNUSED };
	AUTO(check_report) struct check_report report = { 0 };

	return check_images(engine, &options, &report, err);
}

/* Those that are used when it begins are not even tried; the others are looked at under the lock. */
static void plan_prune(struct engine *engine, bool all, image_wanted_fn wanted, void *data,
		       struct plan *plan)
{
	AUTO(strv) struct strv tied = { 0 };

	if (!all)
		images_tied(engine->store, &plan->left, &tied);
	for (size_t i = 0; i < plan->left.count; i++) {
		const struct image *image = &plan->left.items[i];
		AUTO(strv) struct strv users = { 0 };
		bool planned = false;
		if (!image->id || strv_find(&tied, image->id) >= 0 ||
		    (wanted && !wanted(data, image)))
			continue;
		for (size_t k = 0; k < plan->count && !planned; k++)
			planned = same(plan->items[k].image, image);
		users_of(engine, image->id, false, &users);
		if (planned || users.count)
			continue;
		struct meant *meant = vec_push(plan);
		meant->image = image_copy(image);
		names_of(&plan->left, image, &meant->names);
		meant->bytes = measure_layers(engine, image);
		*vec_push(&plan->drops) =
			(struct image_drop){ .image = meant->image, .whole = true };
	}
}

/* Somebody may begin to use one, or be faster: then it stays without a word. */
static int prune_planned(struct engine *engine, struct plan *plan, struct image_deleted *out,
			 struct err *err)
{
	struct temps gone = { 0 };
	int r = drop_all(engine, &plan->drops, false, &gone, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < plan->count; i++)
		if (plan->drops.items[i].result == 0)
			note_gone(&plan->drops.items[i], plan->items[i].bytes,
				  &plan->items[i].names, out);
	return tidy_temps(engine, &gone, err);
}

int images_prune(struct engine *engine, bool all, image_wanted_fn wanted, void *data,
		 struct image_deleted *out, struct err *err)
{
	AUTO(plan) struct plan plan = { 0 };
	AUTO(err) struct err own = { 0 };
	struct err *e = err ? err : &own;
	const int64_t blobs = blob_total(engine->store);
	int r = images_load(engine->store, &plan.left, e);

	if (r == 0)
		r = census_refresh(engine->census, engine->store, e);
	if (r == 0) {
		plan_prune(engine, all, wanted, data, &plan);
		r = prune_planned(engine, &plan, out, e);
	}
	if (r == 0)
		r = drop_unused(engine, e);
	if (r == 0 && engine->drop_blobs)
		r = blobless_drop(engine, NULL, e);
	/* A pull that goes on meanwhile hides some of it. */
	out->bytes += max_of(blobs - blob_total(engine->store), INT64_C(0));
	if (r == 0)
		r = tidy_leftovers(engine, e);
	return r < 0 ? r : 0;
}
