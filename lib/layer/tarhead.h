/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tarhead - one header block of a tar, decoded
 *
 * Knows v7, POSIX ustar, GNU's and star's forms. Pure: bytes to values.
 * Source: POSIX.1-2017 pax "ustar Interchange Format"; tar(5).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/macros.h"

enum tarhead_bytes {
	TAR_BLOCK = 512,
	TARHEAD_NAME = 100,
	TARHEAD_PREFIX = 155,
	TARHEAD_PATH = TARHEAD_PREFIX + 1 + TARHEAD_NAME + 1,
	TARHEAD_SPARSE = 4, /* pairs in the header of GNU's sparse files */
};

struct tarhead {
	char type; /* '0' to '7', 'x', 'g', 'L', 'K', 'S', ...; '\0' is '0' */
	char path[TARHEAD_PATH];
	char target[TARHEAD_NAME + 1];
	int64_t size; /* not negative */
	uint32_t mode;
	int64_t uid;
	int64_t gid;
	int64_t mtime; /* seconds */
};

/**
 * tarhead_parse() - decode a header
 * @block:	TAR_BLOCK bytes
 * @out:	set on success only
 *
 * Return: 0; -EBADMSG when the check sum is wrong or a number is none.
 */
must_check int tarhead_parse(const unsigned char *block, struct tarhead *out);

/**
 * tarhead_empty() - whether a block is all zeros, as at the end of a tar
 * @block:	TAR_BLOCK bytes
 *
 * Return: whether it is.
 */
bool tarhead_empty(const unsigned char *block);

/**
 * tarhead_number() - decode a numeric field
 * @field:	octal digits, or base 256 when the first bit is set
 * @width:	bytes
 * @out:	set on success only
 *
 * Return: 0 or -EBADMSG.
 */
must_check int tarhead_number(const unsigned char *field, int width, int64_t *out);
