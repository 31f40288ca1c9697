/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trust_image - an image whose signatures are looked at
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/loop.h"
#include "base/str.h"
#include "oci/policy.h"
#include "oci/reference.h"
#include "remote/client.h"

/* Where signatures are asked for. */
struct trust_image {
	const struct reference *ref;	  /* NULL: it has no name */
	const char *shown;		  /* without .ref: what it is called in errors */
	const struct strv *digests;	  /* from the index to the manifest */
	const struct policy_scope *scope; /* without .ref: of trust_file() */
	struct remote *remote;		  /* with .ref */
	struct loop *loop;		  /* of @remote */

	/* Gives a signature of GPG, counted from 1; -ENOENT behind the last. NULL: they are beside the registry. */
	int (*get)(void *data, const char *digest, size_t number, char **out, size_t *out_size,
		   struct err *err);
	void *data;
};

/**
 * typedef trust_digest_fn - looks whether a manifest of a digest is signed
 * @data:	of trust_any_digest()
 * @digest:	of the image, or of the index that it was taken from
 * @err:	why not
 *
 * Return: 0; -ENOENT when there is no signature; otherwise a negative errno.
 */
typedef int (*trust_digest_fn)(void *data, const char *digest, struct err *err);

/**
 * trust_any_digest() - whether one of the digests that lead to an image is signed
 * @digests:	from the index to the manifest
 * @fn:		looks at each, the manifest's first, until one is
 * @data:	for @fn
 * @err:	why none is
 *
 * Return: 0, or as @fn; an end that the user asked for (-EINTR) at once.
 */
must_check int trust_any_digest(const struct strv *digests, trust_digest_fn fn, void *data,
				struct err *err);
