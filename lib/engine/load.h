/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * load - images from files: docker's archives, OCI layouts in a folder or a tar, skopeo's "dir:"
 *
 * A folder is only read: what its documents lead to is copied and hashed. policy.json (trust.h) says
 * whether images of such a file may come in at all.
 */
#pragma once

#include "base/str.h"
#include "engine/engine.h"
#include "oci/transport.h"

struct load_request {
	int from;		      /* tar, possibly compressed, file or pipe, read from where it
				       * stands; or a folder */
	const struct transport *only; /* its kind, and which images; NULL: all of what it is */
	const char *platform; /* as typed, or NULL: this machine's of an image for several */
	bool one;	      /* more than one image is an error */
	const char *policy;   /* --signature-policy, or NULL */
	bool single_file;     /* joined to one file instead of unpacked (engine/single.h) */
};

struct loaded {
	struct strv names;   /* for each image its names, or "sha256:ID" when it has none */
	struct strv digests; /* of the manifests, one for each image */
};

/**
 * images_load_from() - take images in
 * @engine:	the engine
 * @request:	what and where from
 * @out:	added at the end, also on failure: what came in before
 * @err:	which image failed, and why
 *
 * The blobs of each image are on disk before the next is looked at; its layers follow (durable.h).
 * A name moves from the image that had it.
 *
 * Return: 0; -EBADMSG when it holds no images or is damaged; -ENOENT when it has not those that are
 * asked for; -ENOTUNIQ when it has several and one is wanted; -EPERM when the policy refuses; otherwise
 * a negative errno.
 */
must_check int images_load_from(struct engine *engine, const struct load_request *request,
				struct loaded *out, struct err *err);

/**
 * images_load_file() - take images in from where a transport says
 * @engine:	the engine
 * @from:	a transport of files
 * @how:	the rest of a request; where it is from and which images of it are set here
 * @out:	as images_load_from()
 * @err:	which image failed, and why
 *
 * Return: as images_load_from(); -ENOENT also when there is no such file.
 */
must_check int images_load_file(struct engine *engine, const struct transport *from,
				const struct load_request *how, struct loaded *out,
				struct err *err);

/**
 * loaded_clear() - release the lists
 * @loaded:	empty afterwards
 */
void loaded_clear(struct loaded *loaded);

static inline void auto_loaded(struct loaded *loaded)
{
	loaded_clear(loaded);
}
