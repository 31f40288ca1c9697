/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * push - from an image in the store to a name in a registry
 *
 *	image ─▶ manifest, as it shall be there ─▶ blobs (push_send.h) ─▶ manifest under its name
 *
 * What was pulled is pushed as it is, byte for byte, so its digest stays. Layers that are not compressed
 * here (of commit, import, load) are compressed for the registry, which makes another manifest of the same
 * config; what they became is remembered (store/sent.h), so that a second push sends nothing.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "engine/engine.h"
#include "engine/push_options.h"
#include "oci/image.h"

/* What came to be in the registry. */
struct pushed {
	char *name;   /* whole reference */
	char *digest; /* of the manifest */
	int64_t size; /* bytes of it */
};

struct push;

/**
 * push_image() - bring an image to a registry
 * @engine:	the engine
 * @image:	name or id, as typed
 * @destination: name there, or NULL: the image's own
 * @options:	how
 * @out:	to be released with pushed_clear; set on success only
 * @err:	what failed
 *
 * Return: 0; -EINVAL for names and options that make no sense; -ENOENT when there is no such image;
 * -EACCES when the registry does not let us; otherwise a negative errno.
 */
must_check int push_image(struct engine *engine, const char *image, const char *destination,
			  const struct push_options *options, struct pushed *out, struct err *err);

/**
 * push_names() - the names of a repository's images that are here
 * @engine:	the engine
 * @repository:	as typed, without a tag
 * @out:	whole references are added
 * @err:	what is wrong with the name
 *
 * Return: 0; -EINVAL; -ENOENT when there is none.
 */
must_check int push_names(struct engine *engine, const char *repository, struct strv *out,
			  struct err *err);

/**
 * push_open() - begin to push to a repository
 * @engine:	borrowed for its life
 * @destination: name there
 * @options:	likewise
 * @out:	to be released with push_close; set on success only
 * @err:	what is wrong
 *
 * Return: 0; -EINVAL; otherwise a negative errno.
 */
must_check int push_open(struct engine *engine, const char *destination,
			 const struct push_options *options, struct push **out, struct err *err);

/**
 * push_manifest() - bring a manifest, with all that it names, to the repository
 * @push:	begun
 * @options:	how, or NULL: as push_open() was told
 * @manifest:	in the store; of an image, or of anything else that has a config and blobs
 * @by_name:	under the name of the destination; else under its digest alone
 * @out:	what it is there; to be released with descriptor_clear; set on success only
 * @err:	what failed
 *
 * Return: as push_image().
 */
must_check int push_manifest(struct push *push, const struct push_options *options,
			     const struct descriptor *manifest, bool by_name,
			     struct descriptor *out, struct err *err);

/**
 * push_document() - put a manifest or an index whose parts are there already
 * @push:	begun
 * @text:	its bytes
 * @size:	how many
 * @media_type:	of it
 * @out_digest:	of it, to be freed; set on success only
 * @err:	what failed
 *
 * It gets the name of the destination.
 *
 * Return: 0 or a negative errno.
 */
must_check int push_document(struct push *push, const char *text, size_t size,
			     const char *media_type, char **out_digest, struct err *err);

/**
 * push_name() - the whole name of the destination
 * @push:	begun
 *
 * Return: to be freed; never NULL.
 */
must_check char *push_name(const struct push *push);

/**
 * push_close() - release, and remember what was found out
 * @push:	may be NULL
 */
void push_close(struct push *push);

/**
 * pushed_clear() - release the texts
 * @pushed:	zeroed afterwards
 */
void pushed_clear(struct pushed *pushed);

static inline void auto_pushed(struct pushed *pushed)
{
	pushed_clear(pushed);
}

DEFINE_AUTO_PTR(push, struct push, push_close)
