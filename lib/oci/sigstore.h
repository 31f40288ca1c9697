/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sigstore - signatures that stand beside an image as cosign puts them there
 *
 * The signatures of the manifest sha256:HEX are the layers of a manifest of the same repository with the tag
 * sha256-HEX.sig. Each layer is a payload, a small JSON document that says which digest under which name was
 * signed; an annotation holds the signature of the payload's bytes, in base64.
 *
 * What is here is text and comparison; keys and curves are the registry helper's (VERIFY).
 *
 * Source: cosign's signature specification; containers-policy.json(5), signedIdentity.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "oci/image.h"
#include "oci/policy.h"
#include "oci/reference.h"

enum sigstore_limits {
	SIGSTORE_MAX_SIGNATURES = 50,
	SIGSTORE_MAX_PAYLOAD = 1 << 20, /* bytes */
};

struct sigstore_payload {
	char *digest;	 /* of the manifest that was signed, valid */
	char *reference; /* the name under which */
};

/**
 * sigstore_tag() - the tag under which signatures of a manifest are
 * @digest:	of the manifest, valid
 *
 * Return: the tag, to be freed; never NULL.
 */
must_check char *sigstore_tag(const char *digest);

/**
 * sigstore_signature() - the signature of a layer
 * @layer:	of the manifest that holds signatures
 *
 * Return: base64, which belongs to @layer; NULL when the layer is no payload.
 */
const char *sigstore_signature(const struct descriptor *layer);

/**
 * sigstore_parse() - read a payload
 * @text:	its bytes, whose signature was found good
 * @size:	how many
 * @out:	zeroed; to be released with sigstore_clear; set on success only
 * @err:	says what is wrong
 *
 * Return: 0 or -EBADMSG.
 */
must_check int sigstore_parse(const char *text, size_t size, struct sigstore_payload *out,
			      struct err *err);

/**
 * sigstore_names() - whether a signature's name is the one that a policy wants
 * @identity:	of the policy
 * @wanted:	the image that is asked for
 * @reference:	of the payload
 *
 * Return: whether it is.
 */
must_check bool sigstore_names(const struct policy_identity *identity,
			       const struct reference *wanted, const char *reference);

/**
 * sigstore_clear() - release the texts
 * @payload:	zeroed afterwards
 */
void sigstore_clear(struct sigstore_payload *payload);

static inline void auto_sigstore(struct sigstore_payload *payload)
{
	sigstore_clear(payload);
}
