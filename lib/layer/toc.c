/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * toc - the table of contents of a zstd:chunked layer
 */
#include "layer/toc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/character.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "layer/name.h"
#include "oci/base64.h"

#define YEAR_0 INT64_C(-62167219200)
#define YEAR_10000 INT64_C(253402300800)

struct seen {
	UT_hash_handle hh;
	char path[]; /* clean */
};

struct toc {
	struct squeeze *to;
	struct seen *names;
	bool begun;
};

struct toc *toc_new(struct squeeze *to)
{
	struct toc *toc = mem_new(struct toc);

	toc->to = to;
	return toc;
}

void toc_free(struct toc *toc)
{
	struct seen *name, *next;

	if (!toc)
		return;
	HASH_ITER(hh, toc->names, name, next) {
		HASH_DEL(toc->names, name);
		free(name);
	}
	free(toc);
}

/* ---- what can be told ------------------------------------------------------------------------- */

static bool is_utf8(const char *text)
{
	uint32_t number;

	while (*text) {
		size_t n = character_read(text, &number);
		if (!n)
			return false;
		text += n;
	}
	return true;
}

static bool has_year(int64_t seconds)
{
	return seconds >= YEAR_0 && seconds < YEAR_10000;
}

static bool times_are_told(const struct tar_entry *e, const struct heading *h)
{
	return has_year(e->mtime.tv_sec) && has_year(h->atime) && has_year(h->ctime) &&
	       (!e->atime || has_year(e->atime->tv_sec)) &&
	       (!e->ctime || has_year(e->ctime->tv_sec));
}

static int remember(struct toc *toc, const char *raw)
{
	AUTO(mem) char *path = NULL;
	struct seen *name;

	if (name_clean(raw, &path, NULL) < 0)
		return -EBADMSG;
	HASH_FIND_STR(toc->names, path, name);
	if (name)
		return -EEXIST;
	name = mem_alloc(sizeof *name + strlen(path) + 1, 1);
	memcpy(name->path, path, strlen(path) + 1);
	HASH_ADD_STR(toc->names, path, name);
	return 0;
}

int toc_check(struct toc *toc, const struct tar_entry *entry, const struct heading *heading)
{
	if (entry->sparse || !is_utf8(entry->path) || !is_utf8(entry->target) ||
	    !times_are_told(entry, heading))
		return -EBADMSG;
	/* Such a name makes a folder of it for us, not for everybody. */
	if (entry->type == TAR_DIR && !str_eq(heading->type, "dir"))
		return -EBADMSG;
	for (size_t i = 0; i < entry->xattr_count; i++)
		if (!is_utf8(entry->xattrs[i].name))
			return -EBADMSG;
	return remember(toc, entry->path);
}

/* ---- writing ---------------------------------------------------------------------------------- */

static void add_number(cJSON *object, const char *key, int64_t number)
{
	AUTO(mem) char *text = str_fmt("%lld", (long long)number);

	if (number)
		cJSON_AddRawToObject(object, key, text); /* digits that a double has not */
}

static void add_time(cJSON *object, const char *key, const struct timespec *time)
{
	struct tm tm;
	char day[64], fraction[16] = "";

	if (!gmtime_r(&time->tv_sec, &tm))
		return;
	if (time->tv_nsec)
		snprintf(fraction, sizeof fraction, ".%09ld", time->tv_nsec);
	snprintf(day, sizeof day, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", tm.tm_year + 1900,
		 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, fraction);
	cJSON_AddStringToObject(object, key, day);
}

static void add_other_time(cJSON *object, const char *key, const struct timespec *pax,
			   int64_t seconds)
{
	const struct timespec header = { .tv_sec = seconds };

	if (pax || seconds)
		add_time(object, key, pax ? pax : &header);
}

static void add_xattrs(cJSON *object, const struct tar_entry *entry)
{
	cJSON *xattrs = entry->xattr_count ? cJSON_AddObjectToObject(object, "xattrs") : NULL;

	for (size_t i = 0; i < entry->xattr_count; i++) {
		const struct tar_xattr *x = &entry->xattrs[i];
		AUTO(mem) char *value = base64_encode(x->value, x->size);
		cJSON_DeleteItemFromObjectCaseSensitive(xattrs, x->name); /* the last one counts */
		cJSON_AddStringToObject(xattrs, x->name, value);
	}
}

char *toc_text(const struct tar_entry *entry, const struct heading *heading)
{
	AUTO(json) cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "type", heading->type);
	cJSON_AddStringToObject(object, "name", entry->path);
	if (*entry->target)
		cJSON_AddStringToObject(object, "linkName", entry->target);
	add_number(object, "mode", heading->mode);
	add_number(object, "size", entry->type == TAR_FILE ? entry->size : heading->size);
	add_number(object, "uid", entry->uid);
	add_number(object, "gid", entry->gid);
	add_time(object, "modtime", &entry->mtime);
	add_other_time(object, "accesstime", entry->atime, heading->atime);
	add_other_time(object, "changetime", entry->ctime, heading->ctime);
	add_number(object, "devMajor", heading->major);
	add_number(object, "devMinor", heading->minor);
	add_xattrs(object, entry);
	char *text = json_print(object, 0);
	text[strlen(text) - 1] = 0; /* the brace */
	return text;
}

static int add_text(struct toc *toc, const char *text, struct err *err)
{
	return squeeze_add(toc->to, text, strlen(text), err);
}

static int begin(struct toc *toc, const char *otherwise, struct err *err)
{
	const char *text = toc->begun ? otherwise : "{\"version\":1,\"entries\":[";

	toc->begun = true;
	return add_text(toc, text, err);
}

int toc_add(struct toc *toc, const char *text, const struct toc_place *place, struct err *err)
{
	AUTO(mem)
	char *end = place->digest
			    ? str_fmt(",\"digest\":\"%s\",\"offset\":%lld,\"endOffset\":%lld}",
				      place->digest, (long long)place->offset,
				      (long long)place->end)
			    : str_dup("}");

	int r = begin(toc, ",", err);
	if (r == 0)
		r = add_text(toc, text, err);
	return r < 0 ? r : add_text(toc, end, err);
}

int toc_end(struct toc *toc, const char *split, struct err *err)
{
	AUTO(mem) char *end = str_fmt("],\"tarSplitDigest\":\"%s\"}", split);

	int r = begin(toc, "", err);
	return r < 0 ? r : add_text(toc, end, err);
}
