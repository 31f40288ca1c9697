/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reference - names of images, as docker reads and shows them
 *
 *	[domain/]path[:tag][@digest]
 *
 * The first part is a domain when it holds '.', ':' or an upper-case letter, or is "localhost";
 * otherwise the name is short and means docker.io, where a path of one part is below library/:
 * nginx is docker.io/library/nginx. Without tag and digest the tag is "latest".
 *
 * Where a short name is looked for first (localhost/, aliases, search registries) is decided above:
 * reference_in_domain() makes those candidates.
 *
 * Source: the grammar in docker's distribution/reference; sha256 is the only digest taken.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/macros.h"

enum reference_limits { REFERENCE_MAX_NAME = 255, REFERENCE_MAX_TAG = 128 };

struct reference {
	char *domain;	   /* "docker.io", "localhost:5000", "[::1]:5000" */
	char *path;	   /* "library/nginx" */
	char *tag;	   /* NULL when only a digest was given */
	char *digest;	   /* "sha256:…" or NULL */
	bool short_name;   /* no domain was given */
	bool default_tag;  /* the tag was filled in */
	bool default_path; /* "library/" was filled in */
};

/**
 * reference_parse() - read a reference
 * @text:	what the user typed
 * @out:	zeroed by the caller, who owns it (reference_clear); set on success only
 * @err:	says what is wrong with it
 *
 * 64 hexadecimal digits are an image's id and refused. "index.docker.io" becomes "docker.io".
 *
 * Return: 0 or -EINVAL.
 */
must_check int reference_parse(const char *text, struct reference *out, struct err *err);

/**
 * reference_print() - the whole reference
 * @ref:	parsed
 *
 * Return: "docker.io/library/nginx:latest", also with "@sha256:…"; to be freed, never NULL.
 */
must_check char *reference_print(const struct reference *ref);

/**
 * reference_name() - the name without tag and digest
 * @ref:	parsed
 *
 * Return: "docker.io/library/nginx", to be freed; never NULL.
 */
must_check char *reference_name(const struct reference *ref);

/**
 * reference_familiar() - the whole reference, as short as docker shows it
 * @ref:	parsed
 *
 * Return: "nginx:latest", "user/app:1", "localhost:5000/a:1"; to be freed, never NULL.
 */
must_check char *reference_familiar(const struct reference *ref);

/**
 * reference_familiar_name() - the name alone, as short as docker shows it
 * @ref:	parsed
 *
 * Return: "nginx", to be freed; never NULL.
 */
must_check char *reference_familiar_name(const struct reference *ref);

/**
 * reference_shown() - the name of an image as a listing shows it
 * @text:	a whole reference, an id, or NULL
 * @docker:	as short as docker shows it; else as it is
 *
 * Return: to be freed; NULL for NULL.
 */
must_check char *reference_shown(const char *text, bool docker);

/**
 * reference_in_domain() - what a short name would be in another domain
 * @ref:	parsed from a short name
 * @domain:	for example "localhost"
 * @out:	zeroed by the caller, who owns it; a path below library/ that was filled in loses it
 */
void reference_in_domain(const struct reference *ref, const char *domain, struct reference *out);

/**
 * reference_copy() - a deep copy
 * @to:		zeroed, or an owned one, which is released
 * @from:	copied
 */
void reference_copy(struct reference *to, const struct reference *from);

/**
 * reference_clear() - release the texts
 * @ref:	zeroed afterwards
 */
void reference_clear(struct reference *ref);

static inline void auto_reference(struct reference *ref)
{
	reference_clear(ref);
}
