/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * images - which images there are, and which one a user means
 *
 * Changing them is image_change.c.
 */
#include "store/images.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "oci/digest.h"
#include "oci/reference.h"
#include "store/blob.h"
#include "store/image_index.h"
#include "store/image_list.h"
#include "store/layers.h"

/* ---- documents -------------------------------------------------------------------------------- */

static const char *shown(const struct image *image)
{
	return str_or(image->name, str_or(image->id, image->digest));
}

int image_check_own(const struct image *image, struct err *err)
{
	if (!image->store)
		return 0;
	err_set(err, -EROFS, "the image '%s' lies in the store '%s', which is only read from",
		shown(image), image->store);
	return err_hint(err, "its owner changes it there, with: cubby --root '%s'", image->store);
}

int image_manifest(const struct store *store, const struct image *image, struct manifest **out,
		   struct err *err)
{
	AUTO(mem) char *text = NULL;
	size_t size;
	int r = blob_read(store, image->digest, &text, &size, err);

	if (r == 0)
		r = manifest_parse(text, size, image->media_type, out, err);
	if (r < 0)
		(void)err_wrap(err, "cannot read the manifest of the image '%s'", shown(image));
	return r;
}

int image_config(const struct store *store, const struct image *image, struct image_config **out,
		 struct err *err)
{
	AUTO(mem) char *digest = str_fmt(DIGEST_PREFIX "%s", str_or(image->id, ""));
	AUTO(mem) char *text = NULL;
	size_t size;

	if (!digest_valid(digest))
		return err_set(err, -EBADMSG, "the image '%s' is damaged: its manifest is missing",
			       shown(image));
	int r = blob_read(store, digest, &text, &size, err);
	if (r == 0)
		r = image_config_parse(text, size, out, err);
	if (r < 0)
		(void)err_wrap(err, "cannot read the config of the image '%s'", shown(image));
	return r;
}

/* ---- what manifest and config say ------------------------------------------------------------- */

static int64_t layers_size(const struct store *store, const struct image *image,
			   const struct manifest *manifest)
{
	int64_t bytes = 0;

	for (size_t i = 0; i < image->layers.count; i++) {
		AUTO(layer) struct layer *layer = NULL;
		if (layer_find(store, image->layers.items[i], NULL, &layer) == 0)
			bytes += layer->size;
		else if (i < manifest->layers.count)
			bytes += manifest->layers.items[i].size;
	}
	return bytes;
}

static void from_config(struct image *image, const struct image_config *config)
{
	if (!image->created && config->created &&
	    clock_parse(config->created, clock_now(), &image->created) < 0)
		image->created = 0;
	if (!image->platform)
		image->platform = platform_print(&config->platform);
	if (image->layers.count > 0)
		return;
	for (size_t i = 0; i < config->diff_ids.count; i++)
		strv_add(&image->layers, digest_hex(config->diff_ids.items[i]));
}

static int complete_list(const struct store *store, struct image *image, struct err *err)
{
	AUTO(image_index) struct image_index *index = NULL;
	int r = image_list_index(store, image, &index, err);

	if (r < 0)
		return r;
	(void)blob_state(store, image->digest, &image->manifest_size);
	str_set(&image->id, digest_hex(image->digest));
	image->size = image->manifest_size;
	return 0;
}

int image_complete(const struct store *store, struct image *image, struct err *err)
{
	AUTO(manifest) struct manifest *manifest = NULL;
	AUTO(image_config) struct image_config *config = NULL;

	if (image->list)
		return complete_list(store, image, err);
	int r = image_manifest(store, image, &manifest, err);
	if (r < 0)
		return r;
	if (!image->media_type)
		image->media_type = str_dup(manifest->media_type);
	if (!image->manifest_size)
		(void)blob_state(store, image->digest, &image->manifest_size);
	if (!image->id)
		image->id = str_dup(digest_hex(manifest->config.digest));
	r = image_config(store, image, &config, err);
	if (r < 0)
		return r;
	from_config(image, config);
	if (!image->size)
		image->size = layers_size(store, image, manifest);
	return 0;
}

int images_load(const struct store *store, struct images *out, struct err *err)
{
	AUTO(json) cJSON *index = NULL;
	const cJSON *entry;
	int r = index_load(store, &index, err);

	if (r < 0)
		return r;
	cJSON_ArrayForEach(entry, index_entries(index))
	{
		struct image image = { 0 };
		if (entry_read(entry, &image) < 0)
			continue; /* something of another tool */
		/* Made by another tool, or damaged: what can be found out is enough. */
		if (!image.id || (!image.platform && !image.list))
			(void)!image_complete(store, &image, NULL);
		*vec_push(out) = image;
	}
	return 0;
}

static bool has_entry(const struct images *images, const struct image *image)
{
	for (size_t i = 0; i < images->count; i++)
		if (str_eq(images->items[i].name, image->name) &&
		    str_eq(images->items[i].digest, image->digest))
			return true;
	return false;
}

/* A store of others' that is damaged keeps nobody from using the own one. */
static void add_more(const struct store *store, const struct store *other, struct images *out)
{
	AUTO(images) struct images images = { 0 };

	if (images_load(other, &images, NULL) < 0)
		return;
	for (size_t i = 0; i < images.count; i++) {
		struct image *image = &images.items[i];
		if (has_entry(out, image))
			continue;
		image->store = str_dup(other->path);
		if (!image->id || (!image->platform && !image->list))
			(void)!image_complete(store, image, NULL);
		*vec_push(out) = *image;
		*image = (struct image){ 0 };
	}
}

int images_load_all(const struct store *store, struct images *out, struct err *err)
{
	int r = images_load(store, out, err);

	for (size_t i = 0; r == 0 && i < store->more.count; i++)
		add_more(store, store->more.items[i], out);
	return r;
}

/* ---- finding ---------------------------------------------------------------------------------- */

static int no_image(const char *text, struct err *err)
{
	err_set(err, -ENOENT, "no such image: '%s'", text);
	(void)err_hint(err, "list all images with: cubby images; fetch one with: cubby pull %s",
		       text);
	return -ENOENT;
}

static const struct image *by_name(const struct images *images, const char *name)
{
	for (size_t i = 0; i < images->count; i++)
		if (str_eq(images->items[i].name, name))
			return &images->items[i];
	return NULL;
}

/* NAME@DIGEST: the digest as it was pulled, or the manifest's own under that name. */
static const struct image *by_digest(const struct images *images, const struct reference *ref)
{
	AUTO(mem) char *name = reference_name(ref);
	AUTO(mem) char *pulled = str_fmt("%s@%s", name, ref->digest);

	for (size_t i = 0; i < images->count; i++) {
		const struct image *image = &images->items[i];
		const char *rest = image->name ? str_starts(image->name, name) : NULL;
		if (strv_find(&image->repo_digests, pulled) >= 0 ||
		    (rest && (*rest == ':' || *rest == '@') && str_eq(image->digest, ref->digest)))
			return image;
	}
	return NULL;
}

static const struct image *by_reference(const struct images *images, const struct reference *ref)
{
	if (ref->digest)
		return by_digest(images, ref);
	AUTO(mem) char *name = reference_print(ref);
	return by_name(images, name);
}

/* A short name in whatever domain has it, if it is one. */
static const struct image *by_ending(const struct images *images, const struct reference *ref,
				     bool *out_several)
{
	AUTO(mem) char *familiar = reference_familiar(ref);
	AUTO(mem) char *ending = str_fmt("/%s", familiar);
	const struct image *found = NULL;

	for (size_t i = 0; i < images->count; i++) {
		const struct image *image = &images->items[i];
		if (!image->name || !str_ends(image->name, ending))
			continue;
		if (found && !found->store && image->store)
			continue; /* the own ones come first, and settle it */
		*out_several = found && !str_eq(found->id, image->id);
		if (*out_several)
			return NULL;
		found = image;
	}
	return found;
}

static const struct image *by_text(const struct images *images, const char *text, bool *out_several)
{
	AUTO(reference) struct reference ref = { 0 };
	AUTO(reference) struct reference local = { 0 };

	if (reference_parse(text, &ref, NULL) < 0)
		return NULL;
	if (!ref.short_name)
		return by_reference(images, &ref);
	reference_in_domain(&ref, "localhost", &local);
	const struct image *found = by_reference(images, &local);
	if (!found)
		found = by_reference(images, &ref);
	return found || ref.digest ? found : by_ending(images, &ref, out_several);
}

/* An id or its beginning, or a manifest's whole digest. */
static const struct image *by_id(const struct images *images, const char *text, bool *out_several)
{
	const char *hex = str_starts(text, DIGEST_PREFIX);
	const struct image *found = NULL;

	hex = hex ? hex : text;
	if (!str_hex(hex, 0) || strlen(hex) > DIGEST_HEX)
		return NULL;
	for (size_t i = 0; i < images->count; i++) {
		const struct image *image = &images->items[i];
		bool whole = str_eq(digest_hex(image->digest), hex);
		if (!whole && !(image->id && str_starts(image->id, hex)))
			continue;
		if (found && !str_eq(found->id, image->id)) {
			*out_several = true;
			return NULL;
		}
		if (!found || (!found->name && !image->store))
			found = image;
	}
	return found;
}

int images_pick(const struct images *images, const char *text, const struct image **out,
		struct err *err)
{
	bool several = false;
	const struct image *found = by_text(images, text, &several);

	if (!found && !several)
		found = by_id(images, text, &several);
	if (several)
		return err_set(err, -ENOTUNIQ, "'%s' may be one of several images; name it whole",
			       text);
	if (!found)
		return no_image(text, err);
	*out = found;
	return 0;
}

static int find(const struct store *store, const char *text, bool any, struct image **out,
		struct err *err)
{
	AUTO(images) struct images images = { 0 };
	const struct image *found = NULL;
	int r = images_load_all(store, &images, err);

	if (r == 0)
		r = images_pick(&images, text, &found, err);
	if (r == 0 && found->list && !any)
		return image_list_choose(store, &images, found, NULL, out, err);
	if (r == 0)
		*out = image_copy(found);
	return r;
}

int image_find(const struct store *store, const char *text, struct image **out, struct err *err)
{
	return find(store, text, false, out, err);
}

int image_find_any(const struct store *store, const char *text, struct image **out, struct err *err)
{
	return find(store, text, true, out, err);
}
