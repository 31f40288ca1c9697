/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * heading - what the header blocks of a tar's entry say beyond what unpacking needs
 */
#include "layer/heading.h"

#include <errno.h>
#include <string.h>

#include "layer/tarhead.h"

enum {
	AT_MODE = 100,
	AT_SIZE = 124,
	AT_TYPE = 156,
	AT_MAGIC = 257,
	AT_MAJOR = 329,
	AT_MINOR = 337,
	AT_GNU_ATIME = 345,
	AT_GNU_CTIME = 357,
	AT_STAR_ATIME = 476,
	AT_STAR_CTIME = 488,
	AT_STAR = 508,
	SHORT = 8,
	LONG = 12,
};

static const struct {
	char flag;
	const char *type;
} types[] = {
	{ '0', "reg" },	 { 0, "reg" },	   { '1', "hardlink" }, { '2', "symlink" },
	{ '3', "char" }, { '4', "block" }, { '5', "dir" },	{ '6', "fifo" },
};

/* Passes over the headers in front. Return: the entry's own block, the last one; NULL when it is not. */
static const unsigned char *own_block(const unsigned char *blocks, size_t size)
{
	bool pax = false, gnu = false;

	for (size_t at = 0; at + TAR_BLOCK <= size;) {
		const unsigned char *block = blocks + at;
		int64_t length;
		char flag = (char)block[AT_TYPE];
		if (flag != 'x' && flag != 'L' && flag != 'K')
			return at + TAR_BLOCK == size && !(pax && gnu) ? block : NULL;
		pax = pax || flag == 'x';
		gnu = gnu || flag != 'x';
		if (tarhead_number(block + AT_SIZE, LONG, &length) < 0 || length < 0 ||
		    length > (int64_t)size)
			return NULL;
		at += TAR_BLOCK + (size_t)((length + TAR_BLOCK - 1) & ~(TAR_BLOCK - 1));
	}
	return NULL;
}

static int read_times(const unsigned char *block, int atime, int ctime, struct heading *out)
{
	if (tarhead_number(block + atime, LONG, &out->atime) < 0 ||
	    tarhead_number(block + ctime, LONG, &out->ctime) < 0)
		return -EBADMSG;
	return 0;
}

/* The oldest form has none of these. */
static int read_newer(const unsigned char *block, struct heading *out)
{
	bool gnu = memcmp(block + AT_MAGIC, "ustar  \0", SHORT) == 0;
	bool posix = memcmp(block + AT_MAGIC, "ustar\0", 6) == 0;

	if (!gnu && !posix)
		return 0;
	if (tarhead_number(block + AT_MAJOR, SHORT, &out->major) < 0 ||
	    tarhead_number(block + AT_MINOR, SHORT, &out->minor) < 0)
		return -EBADMSG;
	if (gnu)
		return read_times(block, AT_GNU_ATIME, AT_GNU_CTIME, out);
	if (memcmp(block + AT_STAR, "tar\0", 4) == 0)
		return read_times(block, AT_STAR_ATIME, AT_STAR_CTIME, out);
	return 0;
}

int heading_parse(const unsigned char *blocks, size_t size, struct heading *out)
{
	struct heading heading = { 0 };
	const unsigned char *block = own_block(blocks, size);

	for (size_t i = 0; block && i < array_len(types); i++)
		if (types[i].flag == (char)block[AT_TYPE])
			heading.type = types[i].type;
	if (!heading.type || tarhead_number(block + AT_MODE, SHORT, &heading.mode) < 0 ||
	    tarhead_number(block + AT_SIZE, LONG, &heading.size) < 0 ||
	    read_newer(block, &heading) < 0)
		return -EBADMSG;
	*out = heading;
	return 0;
}
