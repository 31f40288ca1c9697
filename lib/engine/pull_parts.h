/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pull_parts - the parts of a pull: what a registry is asked for, and what is made of its answers
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/loop.h"
#include "base/str.h"
#include "engine/engine.h"
#include "engine/pull_options.h"
#include "engine/trust.h"
#include "oci/image.h"
#include "oci/platform.h"
#include "oci/reference.h"
#include "remote/client.h"
#include "store/image.h"
#include "store/turn.h"

/* A document that came, and what it is. */
struct pull_document {
	char *text;
	size_t size;
	char *digest;
	char *media_type; /* or NULL */
};

struct pull {
	struct engine *engine;
	const struct pull_options *options;
	struct remote_settings settings;
	struct platform platform;
	struct loop *loop;
	struct remote *remote; /* started when it is first needed */
	struct reference ref;  /* being tried */
	struct trust trust;
	bool to_verify; /* signatures are asked for */
	bool again;	/* the config was found locked once */

	/* the job being waited for */
	struct pull_document *doc;
	struct err *err;

	struct turn *turn;	 /* of asking for .ref; NULL when it is asked for alone */
	struct source *patience; /* timer that ends the turn */

	struct strv digests; /* of index and manifest */
	struct strv blobs;   /* config and manifest, once they are in the store */
	int config_lock;
};

/* ---- pull_ask.c ------------------------------------------------------------------------------- */

/**
 * pull_document_clear() - release a document
 * @doc:	may be zeroed; zeroed by it
 */
void pull_document_clear(struct pull_document *doc);

static inline void auto_pull_document(struct pull_document *doc)
{
	pull_document_clear(doc);
}

/**
 * pull_start_remote() - have the process that speaks with registries
 * @p:		.remote and .loop are set, unless they are
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int pull_start_remote(struct pull *p, struct err *err);

/**
 * pull_ask_tags() - list the tags of .ref
 * @p:		the pull
 * @out:	"NAME:TAG" are added, in the registry's order
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int pull_ask_tags(struct pull *p, struct strv *out, struct err *err);

/**
 * pull_ask_blob() - fetch what is missing of a file, and check all of it
 * @p:		the pull
 * @d:		digest and size of the whole
 * @file:	to be read and written; stays open
 * @err:	what failed
 *
 * Return: 0; -ESTALE when what was there is no beginning of it; otherwise a negative errno.
 */
must_check int pull_ask_blob(struct pull *p, const struct descriptor *d, int file, struct err *err);

/**
 * pull_resolve() - what .ref means now: asked of its registry by us, or just now by somebody else
 * @p:		.digests gets those of index and manifest
 * @known:	digest of an image of that name that is here, or NULL
 * @since:	answers to who asked before are too old; clock_mono(), in nanoseconds
 * @out:	the manifest; without .text when it is @known's; to be released with pull_document_clear;
 *		set on success only
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int pull_resolve(struct pull *p, const char *known, int64_t since,
			    struct pull_document *out, struct err *err);

/**
 * pull_refuse() - say of an error which image cannot be pulled
 * @p:		.ref is named
 * @err:	an error
 *
 * Return: the error's code.
 */
int pull_refuse(struct pull *p, struct err *err);

/* ---- pull_bring.c ----------------------------------------------------------------------------- */

/**
 * pull_bring() - fetch what a manifest names, and enter the image
 * @p:		.digests are those of @doc and of what led to it
 * @doc:	manifest of an image
 * @out:	the image, perhaps brought by somebody else; to be released with image_free; set on success
 *		only
 * @err:	what failed
 *
 * Return: as pull_image().
 */
must_check int pull_bring(struct pull *p, struct pull_document *doc, struct image **out,
			  struct err *err);

/**
 * pull_fits_form() - whether an image is in the form that is asked for
 * @p:		the pull
 * @image:	in the store
 *
 * One that is there as a single file will do where none is asked for, not the other way round.
 *
 * Return: whether it is.
 */
bool pull_fits_form(struct pull *p, const struct image *image);

/**
 * pull_fits_platform() - whether an image is for the platform that is asked for
 * @p:		the pull
 * @image:	in the store
 *
 * Return: whether it is, or none is asked for.
 */
bool pull_fits_platform(struct pull *p, const struct image *image);

/**
 * pull_known_digest() - the digest under which an image was pulled as .ref
 * @p:		the pull
 * @image:	in the store
 *
 * Return: it, to be freed; NULL when it was not, or the image is not complete or not what is asked for.
 */
char *pull_known_digest(struct pull *p, const struct image *image);
