/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trust - what policy.json says, done: images are let in, refused, or their signatures are checked
 *
 * The file is --signature-policy, else the first of $XDG_CONFIG_HOME/containers/policy.json,
 * ~/.config/containers/policy.json, /etc/containers/policy.json. Without one everything is accepted;
 * with a damaged one nothing is.
 *
 * Of the requirements all have to be met. "sigstoreSigned" with keys is checked here, whose signature may be
 * of the image's manifest or of the index that names its digest. What asks for certificates of fulcio, a
 * log of rekor is refused: nothing here could check it.
 *
 * "signedBy" asks for a simple signature of GPG, which a registry's image has beside it (engine/lookaside.h) and one
 * in "dir:" in the folder; gpgv checks it (engine/gpg.h). It, too, may be of the manifest or of the index.
 */
#pragma once

#include "base/err.h"
#include "engine/trust_image.h"
#include "kern/host.h"
#include "oci/policy.h"
#include "oci/reference.h"
#include "oci/transport.h"

struct trust {
	const struct host *host;
	char *file; /* or NULL: there is none */
	struct policy *policy;
};

/**
 * trust_load() - read the policy
 * @host:	the facts, which outlive @out
 * @named:	--signature-policy, or NULL
 * @out:	zeroed; to be released with trust_clear; set on success only
 * @err:	names the file
 *
 * Return: 0, also when there is none; -ENOENT when the named one is not there; -EBADMSG.
 */
must_check int trust_load(const struct host *host, const char *named, struct trust *out,
			  struct err *err);

/**
 * trust_asks() - what is known before a registry is asked
 * @trust:	the policy
 * @ref:	whole name
 * @err:	why the image is refused
 *
 * Return: 0 when it is accepted as it is; 1 when trust_verify() has to look at it; -EPERM.
 */
must_check int trust_asks(const struct trust *trust, const struct reference *ref, struct err *err);

/**
 * trust_verify() - check the signatures of an image
 * @trust:	the policy
 * @image:	the image
 * @err:	why it is refused
 *
 * Return: 0; -EPERM when the policy is not met; otherwise what the registry or a key's file failed with.
 */
must_check int trust_verify(const struct trust *trust, const struct trust_image *image,
			    struct err *err);

/**
 * trust_file() - whether an image may come in from a file
 * @trust:	the policy
 * @from:	where it comes from; other kinds than files are accepted
 * @out_scope:	for trust_verify(), where that has to look at it
 * @err:	why it is refused
 *
 * Only "dir:" has signatures, those of GPG: of other files what asks for one is not met.
 *
 * Return: 0; 1 when trust_verify() has to look at it; -EPERM.
 */
must_check int trust_file(const struct trust *trust, const struct transport *from,
			  const struct policy_scope **out_scope, struct err *err);

/**
 * trust_place() - the file that "image trust" shows or changes
 * @host:	the facts
 * @named:	--signature-policy, or NULL
 *
 * Return: the one that counts; when there is none, the caller's own; to be freed.
 */
must_check char *trust_place(const struct host *host, const char *named);

/**
 * trust_clear() - release it
 * @trust:	zeroed afterwards
 */
void trust_clear(struct trust *trust);

static inline void auto_trust(struct trust *trust)
{
	trust_clear(trust);
}
