/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * single - images as one file each
 *
 * A single file is a layer of the store that holds the whole image (store/layers.h, .file): a squashfs with
 * all layers joined, owners and attributes inside, so whoever may read the file can run it, whatever ids they
 * have. It is made of the layers' blobs while they arrive (layer/single.h): nothing is unpacked on the way,
 * and nothing else is written.
 *
 * Its trailer is a JSON object, so that a copy of the file elsewhere is an image too:
 *
 *	{ "name": "docker.io/library/nginx:1.22", "id": HEX, "digest": "sha256:…", "config": {…} }
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "engine/engine.h"
#include "engine/fetch_request.h"
#include "oci/image.h"
#include "store/image.h"

/* What a single file is made of, and what it says of itself. */
struct single_source {
	const char *config; /* digest of the config, whose blob is in the store */
	const char *name;   /* whole reference, or NULL */
	const char *digest; /* of the manifest, or NULL */
};

/**
 * single_fetch() - bring an image's layers as one file
 * @engine:	the engine
 * @request:	what and from where; without .remote the blobs must be in the store
 * @source:	of the same image
 * @out:	zeroed; to be released with fetched_clear after the image is entered; its only key is the file's
 * @err:	which layer failed, and why
 *
 * Blobs are kept as by fetch_layers(); on failure nothing else is left.
 *
 * Return: 0; -ENOTSUP when cubby was built without the helper; otherwise as fetch_layers().
 */
must_check int single_fetch(struct engine *engine, const struct fetch_request *request,
			    const struct single_source *source, struct fetched *out,
			    struct err *err);

/**
 * single_of() - whether an image is kept as one file, wherever that is
 * @engine:	the engine
 * @image:	as found
 * @config:	of it
 * @err:	what failed
 *
 * Return: 1, 0, or a negative errno.
 */
must_check int single_of(struct engine *engine, const struct image *image,
			 const struct image_config *config, struct err *err);

/**
 * single_write() - make a single file of an image's blobs
 * @engine:	the engine
 * @request:	as single_fetch(); .loop may be NULL when .remote is
 * @source:	of the same image
 * @file:	empty regular file, open for reading and writing
 * @out:	as there, but for .keys and .fresh
 * @out_size:	bytes of the file; set on success only
 * @err:	which layer failed, and why
 *
 * Return: as single_fetch().
 */
must_check int single_write(struct engine *engine, const struct fetch_request *request,
			    const struct single_source *source, int file, struct fetched *out,
			    int64_t *out_size, struct err *err);

/**
 * single_save() - write an image of the store as one file to a place of the user's
 * @engine:	the engine
 * @image:	as found
 * @path:	of the file; it appears whole
 * @err:	what is missing
 *
 * What is there under that name is replaced.
 *
 * Return: 0; -ENOENT when a layer is neither packed nor unpacked here; otherwise a negative errno.
 */
must_check int single_save(struct engine *engine, const struct image *image, const char *path,
			   struct err *err);

/* An image that is a file of the user's. */
struct single_image {
	char *path; /* absolute */
	char *name; /* as in the trailer, or NULL */
	char *id;   /* hex; NULL when the file says nothing of an image */
	char *digest;
	struct image_config *config; /* never NULL */
};

/**
 * single_named() - whether a name means a single file
 * @name:	as typed
 *
 * "squashfs:PATH", or a path with a slash at its begin ("/a", "./a", "../a") that is a regular file.
 *
 * Return: the path inside @name, or NULL.
 */
const char *single_named(const char *name);

/**
 * single_open() - what a single file says of its image
 * @path:	of the file
 * @out:	zeroed by the caller; to be released with single_image_clear
 * @err:	names the file
 *
 * A squashfs without a trailer is an image whose config says nothing.
 *
 * Return: 0; -EBADMSG when it is no squashfs or its trailer is damaged; otherwise what the kernel said.
 */
must_check int single_open(const char *path, struct single_image *out, struct err *err);

/**
 * single_image_clear() - release it
 * @image:	zeroed afterwards
 */
void single_image_clear(struct single_image *image);

static inline void auto_single_image(struct single_image *image)
{
	single_image_clear(image);
}
