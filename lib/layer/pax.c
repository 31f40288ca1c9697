/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pax - the records of a pax extended header
 */
#include "layer/pax.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "layer/limits.h"

enum { NS_DIGITS = 9, LENGTH_DIGITS = 10 };

struct record {
	const char *key;
	const char *value; /* ends with a 0 behind .size */
	size_t size;
};

struct key {
	const char *name; /* with a '*' at the end: all that begin so */
	int (*take)(struct pax *pax, const struct record *r);
};

/* A name has no NUL byte. */
static int take_name(char **slot, const struct record *r)
{
	if (strlen(r->value) != r->size)
		return -EBADMSG;
	str_set(slot, r->size ? r->value : NULL);
	return 0;
}

static int take_path(struct pax *pax, const struct record *r)
{
	return take_name(&pax->path, r);
}

static int take_target(struct pax *pax, const struct record *r)
{
	return take_name(&pax->target, r);
}

static int take_number(struct pax *pax, const struct record *r, int64_t *slot, int has)
{
	pax->has &= ~has;
	if (!r->size)
		return 0;
	if (str_i64(r->value, 0, INT64_MAX, slot) < 0)
		return -EBADMSG;
	pax->has |= has;
	return 0;
}

static int take_size(struct pax *pax, const struct record *r)
{
	return take_number(pax, r, &pax->size, PAX_SIZE);
}

static int take_uid(struct pax *pax, const struct record *r)
{
	return take_number(pax, r, &pax->uid, PAX_UID);
}

static int take_gid(struct pax *pax, const struct record *r)
{
	return take_number(pax, r, &pax->gid, PAX_GID);
}

/* Digits behind the point, as nanoseconds; more than nine say nothing. */
static int fraction(const char *digits, int64_t *out)
{
	int64_t ns = 0;

	for (int i = 0; i < NS_DIGITS; i++) {
		if (*digits && (*digits < '0' || *digits > '9'))
			return -EBADMSG;
		ns = ns * 10 + (*digits ? *digits++ - '0' : 0);
	}
	*out = ns;
	return digits[strspn(digits, "0123456789")] ? -EBADMSG : 0;
}

/* "-1.25" is three quarters of a second after second -2. */
static int take_time(struct pax *pax, const struct record *r, struct timespec *slot, int has)
{
	AUTO(mem) char *text = str_dup(r->value);
	const char *digits = str_cut(text, '.');
	int64_t seconds, ns = 0;

	pax->has &= ~has;
	if (!r->size)
		return 0;
	if (str_i64(text, INT64_MIN + 1, INT64_MAX, &seconds) < 0 ||
	    (digits && fraction(digits, &ns) < 0))
		return -EBADMSG;
	if (text[0] == '-' && ns) {
		seconds--;
		ns = 1000000000 - ns;
	}
	*slot = (struct timespec){ .tv_sec = seconds, .tv_nsec = ns };
	pax->has |= has;
	return 0;
}

static int take_mtime(struct pax *pax, const struct record *r)
{
	return take_time(pax, r, &pax->mtime, PAX_MTIME);
}

/* Nobody sets these two: a wrong one makes no layer unusable. */
static int take_atime(struct pax *pax, const struct record *r)
{
	(void)!take_time(pax, r, &pax->atime, PAX_ATIME);
	return 0;
}

static int take_ctime(struct pax *pax, const struct record *r)
{
	(void)!take_time(pax, r, &pax->ctime, PAX_CTIME);
	return 0;
}

static int take_xattr(struct pax *pax, const struct record *r)
{
	const char *name = str_starts(r->key, "SCHILY.xattr.");
	size_t total = r->size;

	for (size_t i = 0; i < pax->xattrs.count; i++)
		total += pax->xattrs.items[i].size;
	if (r->size > LAYER_XATTR_MAX || total > LAYER_XATTRS_MAX)
		return -EFBIG;
	struct pax_xattr *x = vec_push(&pax->xattrs);
	*x = (struct pax_xattr){
		.name = str_dup(name),
		.value = mem_copy(r->value, r->size),
		.size = r->size,
	};
	return 0;
}

/* --- GNU's sparse files -------------------------------------------------------------- */

static int take_major(struct pax *pax, const struct record *r)
{
	if (str_i64(r->value, 0, 1, &pax->major) < 0)
		return -EBADMSG;
	if (pax->major == 1)
		pax->has |= PAX_SPARSE_1_0;
	return 0;
}

static int take_realsize(struct pax *pax, const struct record *r)
{
	return take_number(pax, r, &pax->realsize, PAX_REALSIZE);
}

static int take_offset(struct pax *pax, const struct record *r)
{
	if (pax->half || str_i64(r->value, 0, INT64_MAX, &pax->half_offset) < 0)
		return -EBADMSG;
	pax->half = true;
	return 0;
}

static int take_length(struct pax *pax, const struct record *r)
{
	int64_t n;

	if (!pax->half || str_i64(r->value, 0, INT64_MAX, &n) < 0)
		return -EBADMSG;
	pax->half = false;
	pax->has |= PAX_SPARSE_MAP;
	return sparse_add(&pax->map, pax->half_offset, n);
}

static int take_numblocks(struct pax *pax, const struct record *r)
{
	int64_t n;

	/* The count itself is not needed; a file may be one hole. */
	pax->has |= PAX_SPARSE_MAP;
	return str_i64(r->value, 0, SPARSE_PARTS_MAX, &n) < 0 ? -EBADMSG : 0;
}

/* "offset,length,offset,length" */
static int take_map(struct pax *pax, const struct record *r)
{
	AUTO(strv) struct strv numbers = { 0 };
	int code = 0;

	pax->has |= PAX_SPARSE_MAP;
	if (!r->size)
		return 0;
	strv_split(&numbers, r->value, ',');
	if (numbers.count % 2)
		return -EBADMSG;
	for (size_t i = 0; code == 0 && i < numbers.count; i += 2) {
		int64_t offset, size;
		if (str_i64(numbers.items[i], 0, INT64_MAX, &offset) < 0 ||
		    str_i64(numbers.items[i + 1], 0, INT64_MAX, &size) < 0)
			return -EBADMSG;
		code = sparse_add(&pax->map, offset, size);
	}
	return code;
}

static const struct key keys[] = {
	{ "path", take_path },
	{ "linkpath", take_target },
	{ "size", take_size },
	{ "uid", take_uid },
	{ "gid", take_gid },
	{ "mtime", take_mtime },
	{ "atime", take_atime },
	{ "ctime", take_ctime },
	{ "SCHILY.xattr.*", take_xattr },
	{ "GNU.sparse.major", take_major },
	{ "GNU.sparse.name", take_path },
	{ "GNU.sparse.realsize", take_realsize },
	{ "GNU.sparse.size", take_realsize },
	{ "GNU.sparse.offset", take_offset },
	{ "GNU.sparse.numbytes", take_length },
	{ "GNU.sparse.numblocks", take_numblocks },
	{ "GNU.sparse.map", take_map },
};

static bool matches(const char *pattern, const char *key)
{
	size_t n = strlen(pattern);

	if (pattern[n - 1] == '*')
		return strncmp(pattern, key, n - 1) == 0 && key[n - 1];
	return strcmp(pattern, key) == 0;
}

static int take_record(struct pax *pax, const struct record *r)
{
	for (size_t i = 0; i < array_len(keys); i++)
		if (matches(keys[i].name, r->key))
			return keys[i].take(pax, r);
	return 0;
}

/* Return: the record's whole length, or -EBADMSG. */
static int64_t record_length(const char *text, size_t size, size_t *out_digits)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < size && i < LENGTH_DIGITS && text[i] >= '0' && text[i] <= '9'; i++)
		n = n * 10 + (text[i] - '0');
	if (i == 0 || i == size || text[i] != ' ' || n > (int64_t)size || n < (int64_t)i + 4)
		return -EBADMSG;
	*out_digits = i;
	return n;
}

int pax_parse(const char *text, size_t size, struct pax *out)
{
	while (size) {
		size_t digits;
		int64_t n = record_length(text, size, &digits);
		if (n < 0 || text[n - 1] != '\n')
			return -EBADMSG;
		/* Key and value with a 0 in place of the newline. */
		AUTO(mem) char *record = mem_copy(text + digits + 1, (size_t)n - digits - 2);
		size_t length = (size_t)n - digits - 2;
		char *equals = memchr(record, '=', length);
		if (!equals || equals == record || memchr(record, 0, (size_t)(equals - record)))
			return -EBADMSG;
		*equals = 0;
		const struct record r = {
			.key = record,
			.value = equals + 1,
			.size = length - (size_t)(equals + 1 - record),
		};
		int code = take_record(out, &r);
		if (code < 0)
			return code;
		text += n;
		size -= (size_t)n;
	}
	return out->half ? -EBADMSG : 0;
}

void pax_clear(struct pax *pax)
{
	for (size_t i = 0; i < pax->xattrs.count; i++) {
		free(pax->xattrs.items[i].name);
		free(pax->xattrs.items[i].value);
	}
	free(pax->xattrs.items);
	sparse_clear(&pax->map);
	free(pax->path);
	free(pax->target);
	*pax = (struct pax){ 0 };
}
