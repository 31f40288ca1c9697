/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * scalar - what a word of YAML means in JSON
 *
 * A word that stands without quotes is null, a truth value, a number or a text, as the YAML libraries of Go
 * see it, which compose and kube files are written for: "yes" and "on" are texts, "0644" and "0o644" are
 * octal, "22:22" is a text.
 */
#pragma once

#include <stddef.h>

#include "base/macros.h"

enum scalar_kind {
	SCALAR_TEXT,
	SCALAR_NULL,
	SCALAR_BOOL,
	SCALAR_INT,
	SCALAR_FLOAT,
};

/**
 * scalar_plain() - the value of a word without quotes
 * @word:	ends with 0
 * @out:	its text in JSON, to be freed; set unless it is SCALAR_TEXT
 *
 * Return: what it is.
 */
enum scalar_kind scalar_plain(const char *word, char **out);

/**
 * scalar_quote() - a text as JSON writes it
 * @text:	UTF-8
 * @size:	bytes
 *
 * Return: with its quotes, to be freed; NULL when there is a byte 0 in it.
 */
must_check char *scalar_quote(const char *text, size_t size);
