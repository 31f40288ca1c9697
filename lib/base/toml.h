/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * toml - reading TOML configuration into the tree that base/json.h reads
 *
 * Tables become objects, arrays of tables arrays of objects, so a file is loaded with the same tables
 * of fields as JSON. What configuration files of containers use is read: comments, bare, quoted and
 * dotted keys, [table], [[array of tables]], inline tables, arrays over several lines, basic and
 * literal strings, whole numbers, booleans. Strings over several lines, numbers with a fraction and
 * dates are refused by name, never misread.
 *
 * Source: TOML v1.0.0.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/json.h"

enum { TOML_MAX_BYTES = 1 << 20, TOML_MAX_DEPTH = 16 };

/**
 * toml_parse() - parse a document
 * @text:	UTF-8, ended with 0
 * @out:	an object, to be released with cJSON_Delete (AUTO(json)); set on success only
 * @err:	says what is wrong in which line, without naming the document
 *
 * Return: 0; -EBADMSG when it is no TOML, a key stands twice, or it is nested too deeply.
 */
must_check int toml_parse(const char *text, cJSON **out, struct err *err);

/**
 * toml_load() - read and parse a file
 * @dirfd:	directory, or AT_FDCWD
 * @path:	below it
 * @out:	to be released with cJSON_Delete; set on success only
 * @err:	names @path
 *
 * Return: 0; -ENOENT; -EBADMSG; otherwise what the kernel said.
 */
must_check int toml_load(int dirfd, const char *path, cJSON **out, struct err *err);
