/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy - whose images may come in: the ecosystem's policy.json
 *
 * For each transport ("docker" is every registry) there are scopes, each with a list of requirements that
 * all must be met; "" stands for the rest of a transport, "default" for the rest of all. Of the scopes that an
 * image is in the most specific one counts, and it alone.
 *
 *	docker	host/path:tag or host/path@digest, host/path, host/part-of-path, host, *.domain
 *	oci, oci-archive, dir	PATH:NAME, PATH, the folders above it
 *	others	none
 *
 * A file is read whole or refused: what is not understood of it cannot be left out, because it might have been
 * a lock.
 *
 * Source: containers-policy.json(5).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "oci/reference.h"

enum policy_kind { POLICY_ACCEPT, POLICY_REJECT, POLICY_SIGNED_BY, POLICY_SIGSTORE };

/* Names of the kinds as files have them, NULL at the end. */
extern const char *const policy_kinds[];

/* Which name a signature must be for. */
enum policy_match {
	POLICY_MATCH_REPO_DIGEST_OR_EXACT, /* when not said */
	POLICY_MATCH_EXACT,
	POLICY_MATCH_REPOSITORY,
	POLICY_EXACT_REFERENCE,
	POLICY_EXACT_REPOSITORY,
	POLICY_REMAP_IDENTITY,
};

struct policy_identity {
	enum policy_match match;
	char *name;	     /* dockerReference or dockerRepository */
	char *prefix;	     /* of remapIdentity */
	char *signed_prefix; /* likewise */
};

struct policy_requirement {
	enum policy_kind kind;
	struct strv key_paths; /* one key of all has to fit */
	struct strv key_data;  /* base64 */
	char *key_type;	       /* of signedBy: "GPGKeys" */
	struct policy_identity identity;
	char *missing; /* a field whose meaning we do not have (fulcio, rekor…), or NULL */
};

struct policy_scope {
	char *transport; /* NULL: the default */
	char *name;	 /* "" for the rest of the transport */
	struct {
		struct policy_requirement *items;
		size_t count;
	} requirements;
};

struct policy {
	struct {
		struct policy_scope *items;
		size_t count;
	} scopes; /* the default is the first */
};

/**
 * policy_parse() - read a file
 * @text:	of the file
 * @size:	bytes
 * @out:	to be released with policy_free; set on success only
 * @err:	says what is wrong and where
 *
 * Return: 0 or -EBADMSG.
 */
must_check int policy_parse(const char *text, size_t size, struct policy **out, struct err *err);

/**
 * policy_names() - the names of the scopes that an image of a registry is in
 * @ref:	whole name
 * @out:	they are added, the most specific first
 */
void policy_names(const struct reference *ref, struct strv *out);

/**
 * policy_image() - the scope of an image of a registry
 * @policy:	the file
 * @ref:	whole name
 *
 * Return: the scope, which belongs to @policy; never NULL.
 */
const struct policy_scope *policy_image(const struct policy *policy, const struct reference *ref);

/**
 * policy_file() - the scope of an image in files
 * @policy:	the file
 * @transport:	"oci", "docker-archive", ...
 * @path:	absolute, or NULL when the transport has no scopes
 * @name:	of the image there, or NULL
 *
 * Return: the scope, which belongs to @policy; never NULL.
 */
const struct policy_scope *policy_file(const struct policy *policy, const char *transport,
				       const char *path, const char *name);

/**
 * policy_free() - release it
 * @policy:	may be NULL
 */
void policy_free(struct policy *policy);

DEFINE_AUTO_PTR(policy, struct policy, policy_free)
