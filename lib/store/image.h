/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image - what a listing shows of an image
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/macros.h"
#include "base/str.h"

struct image {
	char *name;	  /* whole reference with tag; NULL for <none> */
	char *id;	  /* hex of the config's digest */
	char *digest;	  /* of the manifest: "sha256:…" */
	char *media_type; /* of the manifest */
	bool list;	  /* it is a list of images (store/image_list.h): .digest is the index's */
	int64_t manifest_size;
	int64_t created;	  /* of the image, ns since the epoch; 0 when it does not say */
	int64_t size;		  /* bytes of all layers, unpacked where known */
	char *platform;		  /* os/arch[/variant] */
	struct strv layers;	  /* keys of its layers (store/layers.h), lowest first */
	struct strv history;	  /* whole references that it has or had, the last one first */
	struct strv repo_digests; /* "docker.io/library/a@sha256:…", as pulled */
	char *store;		  /* path of the store that is only read from; NULL: the own one */
};

struct images {
	struct image *items;
	size_t count;
};

/**
 * image_clear() - release the texts and lists
 * @image:	zeroed afterwards
 */
void image_clear(struct image *image);

/**
 * image_copy() - a deep copy
 * @from:	copied
 *
 * Return: to be released with image_free; never NULL.
 */
must_check struct image *image_copy(const struct image *from);

/**
 * image_free() - release an image
 * @image:	may be NULL
 */
void image_free(struct image *image);

/**
 * images_clear() - release a list
 * @images:	empty afterwards
 */
void images_clear(struct images *images);

static inline void auto_images(struct images *images)
{
	images_clear(images);
}

DEFINE_AUTO_PTR(image, struct image, image_free)
