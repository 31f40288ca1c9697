/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * images - which images there are: the OCI image layout's index.json
 *
 *   (1) every entry of index.json is a descriptor of an image manifest whose blob is here, or of a list of
 *       images (store/image_list.h); an image with two names has two entries, one without a name has one entry;
 *   (2) the annotation org.opencontainers.image.ref.name is the whole reference ("docker.io/library/a:1"),
 *       and no two entries have the same;
 *   (3) annotations of our own (io.cubby.*) repeat what a listing shows. They may be missing: then it is
 *       read from manifest and config;
 *   (4) index.json is replaced whole under LOCK_IMAGES.
 *
 * An image's id is the hexadecimal part of its config's digest, as docker's and podman's.
 * Source: OCI image-layout v1.1.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "oci/image.h"
#include "store/image.h"
#include "store/store.h"
#include "store/temp.h"

/**
 * images_load() - all entries of the index
 * @store:	open store
 * @out:	to be released with images_clear; set on success only
 * @err:	what is damaged, with the command that repairs it
 *
 * Takes no lock. Entries whose blobs are damaged are there, with what is known of them.
 *
 * Return: 0; -EBADMSG when index.json is damaged; otherwise what the kernel said.
 */
must_check int images_load(const struct store *store, struct images *out, struct err *err);

/**
 * images_load_all() - all entries, also those of the stores that are read too
 * @store:	open store
 * @out:	the own ones first; to be released with images_clear; set on success only
 * @err:	as images_load()
 *
 * An entry of the same name and digest is there once. A store that cannot be read is passed over.
 *
 * Return: as images_load().
 */
must_check int images_load_all(const struct store *store, struct images *out, struct err *err);

/**
 * image_find() - the image that a user means
 * @store:	open store
 * @text:	a name with or without domain, tag and digest; an id or its beginning, with or without
 *		"sha256:"; a manifest's digest
 * @out:	to be released with image_free; its name is the one that was meant, or any of its names when
 *		@text was an id; set on success only
 * @err:	"no such image", or that several ids begin so
 *
 * A list of images stands for the one that suits this machine.
 *
 * A short name is looked for as localhost/NAME, as docker.io's, then in any other domain when only one
 * has it. Names win over ids. The own images come first, then those of stores that are read too (.store).
 *
 * Return: 0; -ENOENT; -ENOTUNIQ; -EBADMSG when the index is damaged.
 */
must_check int image_find(const struct store *store, const char *text, struct image **out,
			  struct err *err);

/**
 * images_pick() - image_find() among images that were loaded
 * @images:	as loaded
 * @text:	as there
 * @out:	one of @images; set on success only
 * @err:	as there
 *
 * Return: 0; -ENOENT; -ENOTUNIQ.
 */
must_check int images_pick(const struct images *images, const char *text, const struct image **out,
			   struct err *err);

/**
 * image_check_own() - refuse to change an image of a store that is only read from
 * @image:	as found
 * @err:	names the image and its store
 *
 * Return: 0 or -EROFS.
 */
must_check int image_check_own(const struct image *image, struct err *err);

/**
 * image_find_any() - as image_find(), but a list of images is found as such
 * @store:	open store
 * @text:	as image_find()
 * @out:	as image_find(); .list tells what it is
 * @err:	as image_find()
 *
 * Return: as image_find().
 */
must_check int image_find_any(const struct store *store, const char *text, struct image **out,
			      struct err *err);

/**
 * image_manifest() - read an image's manifest
 * @store:	open store
 * @image:	as found
 * @out:	to be released with manifest_free; set on success only
 * @err:	names the image
 *
 * Return: 0; -ENOENT when its blob is lost; -EBADMSG when it is damaged.
 */
must_check int image_manifest(const struct store *store, const struct image *image,
			      struct manifest **out, struct err *err);

/**
 * image_config() - read an image's config
 * @store:	open store
 * @image:	as found
 * @out:	to be released with image_config_free; set on success only
 * @err:	names the image
 *
 * Return: 0; -ENOENT when its blob is lost; -EBADMSG when it is damaged.
 */
must_check int image_config(const struct store *store, const struct image *image,
			    struct image_config **out, struct err *err);

/**
 * image_complete() - find out what is not known of an image from its manifest and config
 * @store:	open store
 * @image:	digest is known; empty fields are filled in
 * @err:	what is missing or damaged
 *
 * Return: 0; -ENOENT; -EBADMSG; otherwise what the kernel said.
 */
must_check int image_complete(const struct store *store, struct image *image, struct err *err);

/**
 * image_add() - enter an image whose blobs and layers are here
 * @store:	open store
 * @image:	digest, media_type and manifest_size count; the rest is found out where it is empty
 *		(layers: the diff ids; size: summed over the layers); repo_digests are joined to those known
 * @durable:	whether the entry is on disk when this returns
 * @err:	names the image
 *
 * A name that another image has moves over; that image stays, as <none> when it was its last name.
 * Entering what is there changes nothing. Takes LOCK_IMAGES.
 *
 * Return: 0; -ENOENT when a blob is missing; -EBADMSG; otherwise what the kernel said.
 */
must_check int image_add(const struct store *store, const struct image *image, bool durable,
			 struct err *err);

/**
 * image_replace() - let all entries of an image lead to another manifest of the same image
 * @store:	open store
 * @digest:	of the manifest that it has now
 * @image:	as image_add(), but for the name: the entries keep theirs
 * @err:	names the image
 *
 * The old manifest is removed unless somebody holds a lock on it. Takes LOCK_IMAGES.
 *
 * Return: 0; -ENOENT when the image has gone meanwhile; as image_add() otherwise.
 */
must_check int image_replace(const struct store *store, const char *digest,
			     const struct image *image, struct err *err);

/**
 * image_tag() - give an image one more name
 * @store:	open store
 * @image:	as found
 * @name:	whole reference
 * @err:	what the kernel said
 *
 * As image_add() for the name. An image of a store that is only read from becomes an image of this one: its
 * documents are copied, its layers stay there. Takes LOCK_IMAGES.
 *
 * Return: 0; -ENOENT when the image has gone meanwhile.
 */
must_check int image_tag(const struct store *store, const struct image *image, const char *name,
			 struct err *err);

/**
 * image_untag() - take a name away; the image stays, as <none> when it was its last name
 * @store:	open store
 * @name:	whole reference
 * @err:	what the kernel said
 *
 * Takes LOCK_IMAGES.
 *
 * Return: 0; -ENOENT when no image has that name.
 */
must_check int image_untag(const struct store *store, const char *name, struct err *err);

/**
 * typedef image_used_fn - whether something still needs an image; asked under LOCK_IMAGES
 * @data:	what images_drop was given
 * @image:	about to be removed
 * @err:	says who needs it
 *
 * Return: 0 when nobody does; negative refuses.
 */
typedef int (*image_used_fn)(void *data, const struct image *image, struct err *err);

/* What is to be taken out of the index. */
struct image_drop {
	const struct image *image; /* as found; borrowed */
	bool whole;		   /* with all its names; else its name alone, as image_untag() */
	int result;		   /* 0, or why it stays: what @used refused with; -ENOENT */
	struct err err;		   /* tells that */
	struct strv gone;	   /* keys of the layers that went with it, topmost first */
};

struct image_drops {
	struct image_drop *items;
	size_t count;
};

/**
 * images_drop() - take names away, and remove images with the blobs and layers that nothing else needs
 * @store:	open store
 * @drops:	in the order in which they are meant; the result of each is noted there
 * @used:	asked first for each image that is to be removed; may be NULL
 * @data:	handed to @used
 * @keep_layers:	keys of layers that containers use; these stay; read after @used was asked; may be NULL
 * @out:	layers moved away, to be removed once this has returned; added at the end
 * @err:	why nothing could be done
 *
 * Takes LOCK_IMAGES once for all, and replaces the index once. Layers and blobs that somebody holds a lock
 * on stay.
 *
 * Return: 0, also when some stay; negative when nothing was done.
 */
must_check int images_drop(const struct store *store, struct image_drops *drops, image_used_fn used,
			   void *data, const struct strv *keep_layers, struct temps *out,
			   struct err *err);

/**
 * image_drops_clear() - release what was noted
 * @drops:	empty afterwards
 */
void image_drops_clear(struct image_drops *drops);

/**
 * image_remove() - images_drop() of one image, whoever uses it
 * @store:	open store
 * @image:	as found
 * @keep_layers:	as there
 * @out:	as there
 * @err:	why not
 *
 * Return: 0; -EROFS for one of a store that is only read from; -ENOENT when it has gone meanwhile; otherwise
 * what the kernel said.
 */
must_check int image_remove(const struct store *store, const struct image *image,
			    const struct strv *keep_layers, struct temps *out, struct err *err);

/**
 * images_rebuild() - make the index again from what the blobs hold
 * @store:	open store
 * @out_count:	images found
 * @err:	what the kernel said
 *
 * Names come from the damaged index as far as it can be read, else images come back as <none>.
 * Takes LOCK_IMAGES.
 *
 * Return: 0 or a negative errno.
 */
must_check int images_rebuild(const struct store *store, size_t *out_count, struct err *err);

static inline void auto_image_drops(struct image_drops *drops)
{
	image_drops_clear(drops);
}
