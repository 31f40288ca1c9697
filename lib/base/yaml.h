/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * yaml - reading YAML through the helper program cubby-yaml, which turns it into JSON
 *
 *	caller						cubby-yaml
 *	YAML, as a memory file on standard input ──────▶ gives its rights up, reads all of it
 *	       ◀── a document of JSON a line, status 0 ─ or
 *	       ◀── the sentence why not, status 1 ────── a helper that dies says nothing: an error
 *
 * JSON is YAML too, and goes the same way.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/json.h"

/**
 * yaml_parse() - the documents of a YAML text
 * @program:	path of cubby-yaml
 * @text:	YAML
 * @size:	bytes
 * @tags:	keep tags of others: "!reset x" becomes {"!reset": x}; else they are an error
 * @out:	a list with the value of each document, to be released with cJSON_Delete; set on success only
 * @err:	says where and what, without naming the file
 *
 * Keys are texts; a word without quotes is what Go's YAML libraries take it for.
 *
 * Return: 0; -EBADMSG for what is no YAML, cannot be JSON, or is too long; -EFBIG when what becomes of it is;
 * otherwise a negative errno.
 */
must_check int yaml_parse(const char *program, const char *text, size_t size, bool tags,
			  cJSON **out, struct err *err);
