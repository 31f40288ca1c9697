/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pathmatch - patterns of sources: Go's filepath.Match, and "**"
 *
 * '*' is any text without '/', '?' one character without it, '[a-c]' and '[^a-c]' classes, '\' takes the
 * meaning from what follows. Characters are those of UTF-8; a byte that is none counts for itself.
 *
 * Source: Go's documentation of filepath.Match; Dockerfile reference, "COPY --parents".
 */
#pragma once

#include <stdbool.h>

#include "base/macros.h"

enum pathmatch {
	PATH_OUT,    /* no match, nor can anything below match */
	PATH_ABOVE,  /* no match, but what is below may match */
	PATH_MATCH,  /* match */
	PATH_INSIDE, /* below what matches */
};

/**
 * pathmatch_check() - whether a pattern is well formed
 * @pattern:	the text
 *
 * Return: 0 or -EINVAL.
 */
must_check int pathmatch_check(const char *pattern);

/**
 * pathmatch_is_wild() - whether a pattern has a wildcard
 * @pattern:	the text
 *
 * Return: whether '*', '?' or '[' stands in it without '\' before.
 */
bool pathmatch_is_wild(const char *pattern);

/**
 * pathmatch_name() - compare one name
 * @pattern:	well formed, one component
 * @size:	bytes of @pattern
 * @name:	without '/'
 *
 * Return: whether all of it matches.
 */
bool pathmatch_name(const char *pattern, size_t size, const char *name);

/**
 * pathmatch_path() - compare a path with a pattern of several components
 * @pattern:	well formed; a component "**" is any number of components, also none
 * @path:	components joined by '/', not empty
 *
 * Return: enum pathmatch.
 */
enum pathmatch pathmatch_path(const char *pattern, const char *path);
