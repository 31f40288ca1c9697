/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * images - removing, pruning and describing images
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "engine/engine.h"
#include "oci/image.h"
#include "store/image.h"

struct image_delete_options {
	bool force; /* all names at once; stopped containers do not count (docker), containers go too
			  * (podman) */
	const char *platform; /* as typed: an image for another one is as if not there; or NULL */
};

/* What was done, in the order in which it was. */
struct image_deleted {
	struct strv untagged; /* whole references */
	struct strv deleted;  /* ids: an image's, then its layers', without "sha256:" */
	struct strv images;   /* the images among them */
	int64_t bytes;	      /* that the layers took; pruning counts blobs as well */
};

/**
 * image_delete() - take a name away, and the image with its last one
 * @engine:	the engine
 * @text:	name or id as typed
 * @options:	how
 * @out:	what was done is added
 * @err:	why not, and what helps
 *
 * A name of several is only taken away. An id removes the image, with all names only when forced.
 *
 * Return: 0; -ENOENT; -EBUSY when a container uses it; -ENOTUNIQ when an id has several names, or
 * @text is the beginning of several ids; otherwise a negative errno.
 */
must_check int image_delete(struct engine *engine, const char *text,
			    const struct image_delete_options *options, struct image_deleted *out,
			    struct err *err);

/* One of many: what was typed, and what became of it. */
struct image_deletion {
	const char *text; /* borrowed */
	int result;	  /* as image_delete() */
	struct err err;	  /* tells it */
	struct image_deleted done;
};

struct image_deletions {
	struct image_deletion *items;
	size_t count;
};

/**
 * images_delete() - image_delete() of many, as if one after the other
 * @engine:	the engine
 * @deletions:	their texts; the results are noted there
 * @options:	how
 * @err:	why nothing could be done
 *
 * However many there are, the list of images is changed once and each container's record is read once.
 *
 * Return: 0, also when some stay; negative when none went.
 */
must_check int images_delete(struct engine *engine, struct image_deletions *deletions,
			     const struct image_delete_options *options, struct err *err);

/**
 * image_deletions_clear() - release what was noted
 * @deletions:	empty afterwards
 */
void image_deletions_clear(struct image_deletions *deletions);

/**
 * image_deleted_clear() - release what was noted
 * @deleted:	empty afterwards
 */
void image_deleted_clear(struct image_deleted *deleted);

/**
 * typedef image_wanted_fn - whether prune may remove an image
 * @data:	what images_prune was given
 * @image:	one entry of the list
 *
 * Return: whether it may go.
 */
typedef bool (*image_wanted_fn)(void *data, const struct image *image);

/**
 * images_prune() - remove the images that nothing uses
 * @engine:	the engine
 * @all:	also those that have a name
 * @wanted:	asked for each; NULL takes all
 * @data:	handed to @wanted
 * @out:	what was done is added
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int images_prune(struct engine *engine, bool all, image_wanted_fn wanted, void *data,
			    struct image_deleted *out, struct err *err);

/**
 * image_inspect() - the document that `image inspect` shows
 * @engine:	the engine
 * @image:	as found
 * @out:	object with the field names of docker and podman; to be released with cJSON_Delete; set on
 *		success only
 * @err:	what is damaged
 *
 * Return: 0 or a negative errno.
 */
must_check int image_inspect(struct engine *engine, const struct image *image, cJSON **out,
			     struct err *err);

/* One step of how an image was made. */
struct image_step {
	const char *id;	 /* of the image for the topmost step; NULL: unknown */
	int64_t created; /* ns since the epoch; 0 when it does not say */
	const char *created_by;
	const char *comment;
	int64_t size; /* bytes of its layer, unpacked where known; 0 without one */
};

struct image_steps {
	struct image_step *items;
	size_t count;
};

/**
 * image_history() - how an image was made
 * @engine:	the engine
 * @image:	as found; its texts live in the steps
 * @config:	of the image; likewise
 * @out:	topmost step first; the array is to be freed
 *
 * An image without history has one step for each layer.
 */
void image_history(struct engine *engine, const struct image *image,
		   const struct image_config *config, struct image_steps *out);

static inline void auto_image_deleted(struct image_deleted *deleted)
{
	image_deleted_clear(deleted);
}

static inline void auto_image_deletions(struct image_deletions *deletions)
{
	image_deletions_clear(deletions);
}
