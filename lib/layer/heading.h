/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * heading - what the header blocks of a tar's entry say beyond what unpacking needs
 *
 * A table of contents must repeat headers as Go's archive/tar reads them, since its readers compare the two.
 * What that reads otherwise than layer/tar.h, or not at all, has no heading. Pure: bytes to values.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

struct heading {
	const char *type; /* "reg", "hardlink", "symlink", "char", "block", "dir", "fifo" */
	int64_t mode;	  /* all bits */
	int64_t size;	  /* as the header says, also of what has no content */
	int64_t major;
	int64_t minor;
	int64_t atime; /* seconds; 0 for none */
	int64_t ctime; /* likewise */
};

/**
 * heading_parse() - decode
 * @blocks:	all header blocks of an entry, those that speak of the next one in front
 * @size:	bytes
 * @out:	set on success only
 *
 * Return: 0; -EBADMSG when they cannot be told of.
 */
must_check int heading_parse(const unsigned char *blocks, size_t size, struct heading *out);
