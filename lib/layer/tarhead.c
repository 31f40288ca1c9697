/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tarhead - one header block of a tar, decoded
 */
#include "layer/tarhead.h"

#include <errno.h>
#include <string.h>

/* Where the fields are. */
enum {
	AT_NAME = 0,
	AT_MODE = 100,
	AT_UID = 108,
	AT_GID = 116,
	AT_SIZE = 124,
	AT_MTIME = 136,
	AT_SUM = 148,
	AT_TYPE = 156,
	AT_TARGET = 157,
	AT_MAGIC = 257,
	AT_PREFIX = 345,
	AT_STAR = 508,
	STAR_PREFIX = 131,
	SUM_WIDTH = 8,
	SHORT = 8,
	LONG = 12,
};

bool tarhead_empty(const unsigned char *block)
{
	return block[0] == 0 && memcmp(block, block + 1, TAR_BLOCK - 1) == 0;
}

/* Two's complement, the first byte's highest bit is the mark, its second the sign. */
static int base256(const unsigned char *field, int width, int64_t *out)
{
	bool negative = field[0] & 0x40;
	uint64_t n = negative ? UINT64_MAX : 0;

	for (int i = 0; i < width; i++) {
		unsigned char byte = field[i];
		if (i == 0)
			byte = negative ? byte | 0x80 : byte & 0x7f;
		if (n >> 55 != (negative ? 0x1ff : 0))
			return -EBADMSG;
		n = n << 8 | byte;
	}
	*out = (int64_t)n;
	return 0;
}

static bool is_filler(unsigned char c)
{
	return c == ' ' || c == 0;
}

int tarhead_number(const unsigned char *field, int width, int64_t *out)
{
	int64_t n = 0;
	int i = 0;

	if (field[0] & 0x80)
		return base256(field, width, out);
	while (i < width && is_filler(field[i]))
		i++;
	for (; i < width && field[i] >= '0' && field[i] <= '7'; i++)
		n = n * 8 + (field[i] - '0'); /* 12 digits fit by far */
	while (i < width && is_filler(field[i]))
		i++;
	if (i < width)
		return -EBADMSG;
	*out = n;
	return 0;
}

/* Old programs summed signed bytes. */
static bool sum_is_right(const unsigned char *block)
{
	int64_t stored, bytes = 0, chars = 0;

	for (int i = 0; i < TAR_BLOCK; i++) {
		bool in_sum = i >= AT_SUM && i < AT_SUM + SUM_WIDTH;
		bytes += in_sum ? ' ' : block[i];
		chars += in_sum ? ' ' : (signed char)block[i];
	}
	if (tarhead_number(block + AT_SUM, SUM_WIDTH, &stored) < 0)
		return false;
	return stored == bytes || stored == chars;
}

static size_t add_field(char *out, size_t at, const unsigned char *field, size_t width)
{
	size_t n = strnlen((const char *)field, width);

	memcpy(out + at, field, n);
	out[at + n] = 0;
	return at + n;
}

/* Only POSIX and star keep a part of the name in front; GNU has times there. */
static size_t prefix_width(const unsigned char *block)
{
	if (memcmp(block + AT_MAGIC, "ustar\0", 6) != 0)
		return 0;
	return memcmp(block + AT_STAR, "tar\0", 4) == 0 ? STAR_PREFIX : TARHEAD_PREFIX;
}

static void read_path(const unsigned char *block, struct tarhead *out)
{
	size_t width = prefix_width(block);
	size_t at = width ? add_field(out->path, 0, block + AT_PREFIX, width) : 0;

	if (at)
		out->path[at++] = '/';
	(void)add_field(out->path, at, block + AT_NAME, TARHEAD_NAME);
}

int tarhead_parse(const unsigned char *block, struct tarhead *out)
{
	struct tarhead head = { .type = (char)block[AT_TYPE] };
	int64_t mode;

	if (!sum_is_right(block) || tarhead_number(block + AT_SIZE, LONG, &head.size) < 0 ||
	    tarhead_number(block + AT_MODE, SHORT, &mode) < 0 ||
	    tarhead_number(block + AT_UID, SHORT, &head.uid) < 0 ||
	    tarhead_number(block + AT_GID, SHORT, &head.gid) < 0 ||
	    tarhead_number(block + AT_MTIME, LONG, &head.mtime) < 0 || head.size < 0)
		return -EBADMSG;
	if (!head.type)
		head.type = '0';
	head.mode = (uint32_t)mode & 07777;
	read_path(block, &head);
	(void)add_field(head.target, 0, block + AT_TARGET, TARHEAD_NAME);
	*out = head;
	return 0;
}
