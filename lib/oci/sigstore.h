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
 * A simple signature of GPG, which lies elsewhere (oci/lookaside.h), is a message with such a document in it,
 * of another type.
 *
 * Source: cosign's signature specification; containers-signature(5); containers-policy.json(5), signedIdentity.
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

/* What the document says that it is. */
#define SIGSTORE_COSIGN "cosign container image signature"
#define SIGSTORE_GPG "atomic container signature"

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
 * @type:	that it has to be of
 * @out:	zeroed; to be released with sigstore_clear; set on success only
 * @err:	says what is wrong
 *
 * Return: 0 or -EBADMSG.
 */
must_check int sigstore_parse(const char *text, size_t size, const char *type,
			      struct sigstore_payload *out, struct err *err);

/**
 * sigstore_names() - whether a signature's name is the one that a policy wants
 * @identity:	of the policy
 * @wanted:	the image that is asked for; NULL: it has no name
 * @reference:	of the payload
 *
 * Return: whether it is.
 */
must_check bool sigstore_names(const struct policy_identity *identity,
			       const struct reference *wanted, const char *reference);

/* What a payload has to be of. */
struct sigstore_wish {
	const char *type; /* SIGSTORE_COSIGN, SIGSTORE_GPG */
	const struct policy_identity *identity;
	const struct reference *ref; /* that is asked for; NULL: it has no name */
	const char *digest;	     /* of the manifest */
};

/**
 * sigstore_check() - whether a payload is of the very manifest, under a name that the policy wants
 * @text:	its bytes, whose signature was found good
 * @size:	how many
 * @wish:	what it has to be of
 * @err:	says why not
 *
 * Return: 0; -EBADMSG as sigstore_parse(); -EKEYREJECTED when it is of something else.
 */
must_check int sigstore_check(const char *text, size_t size, const struct sigstore_wish *wish,
			      struct err *err);

/**
 * sigstore_clear() - release the texts
 * @payload:	zeroed afterwards
 */
void sigstore_clear(struct sigstore_payload *payload);

static inline void auto_sigstore(struct sigstore_payload *payload)
{
	sigstore_clear(payload);
}
