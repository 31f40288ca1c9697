/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pax - the records of a pax extended header
 *
 * A record is "LENGTH KEY=VALUE\n", where LENGTH counts the whole record. Values are bytes: names
 * are taken as they are, whatever their character set. Pure: bytes to values.
 * Source: POSIX.1-2017 pax "pax Extended Header"; GNU tar's manual, "Storing Sparse Files".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/macros.h"
#include "layer/sparse.h"

enum pax_has {
	PAX_SIZE = 1 << 0,
	PAX_UID = 1 << 1,
	PAX_GID = 1 << 2,
	PAX_MTIME = 1 << 3,
	PAX_REALSIZE = 1 << 4,	 /* a sparse file's length */
	PAX_SPARSE_MAP = 1 << 5, /* .map holds its parts */
	PAX_SPARSE_1_0 = 1 << 6, /* its parts stand before its data */
	PAX_ATIME = 1 << 7,
	PAX_CTIME = 1 << 8,
};

struct pax_xattr {
	char *name;
	void *value;
	size_t size;
};

struct pax {
	int has; /* enum pax_has */
	char *path;
	char *target;
	int64_t size;
	int64_t uid;
	int64_t gid;
	struct timespec mtime;
	struct timespec atime;
	struct timespec ctime;
	int64_t realsize;
	struct sparse map;
	struct {
		struct pax_xattr *items;
		size_t count;
	} xattrs;
	int64_t major; /* of GNU's sparse format */
	bool half;     /* an offset without its length yet, see sparse format 0.0 */
	int64_t half_offset;
};

/**
 * pax_parse() - decode the records of a header
 * @text:	the bytes
 * @size:	how many
 * @out:	zeroed; to be released with pax_clear in any case
 *
 * Unknown keys are passed over; an empty value takes an earlier one back.
 *
 * Return: 0; -EBADMSG when a record is damaged; -EFBIG beyond the limits for attributes.
 */
must_check int pax_parse(const char *text, size_t size, struct pax *out);

/**
 * pax_clear() - release
 * @pax:	empty afterwards
 */
void pax_clear(struct pax *pax);

static inline void auto_pax(struct pax *pax)
{
	pax_clear(pax);
}
