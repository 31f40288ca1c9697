/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lookaside - where the GPG signatures of a registry's images are kept
 */
#include "oci/lookaside.h"

#include <errno.h>
#include <stdlib.h>

#include "oci/digest.h"
#include "oci/policy.h"

#define FILE_SCHEME "file://"

/* ---- the files -------------------------------------------------------------------------------- */

static bool is_address(const char *text)
{
	static const char *const schemes[] = { FILE_SCHEME, "http://", "https://" };

	for (size_t i = 0; i < array_len(schemes); i++) {
		const char *rest = str_starts(text, schemes[i]);
		/* Names and passwords would be shown in every message. */
		if (rest)
			return *rest && !memchr(rest, '@', strcspn(rest, "/"));
	}
	return false;
}

/* An address under its name of today, or that of before. */
static int take_address(const cJSON *object, const char *key, const char *old, char **out,
			struct err *err)
{
	const cJSON *item = json_get(object, key);

	if (!item || (cJSON_IsString(item) && !*item->valuestring))
		item = json_get(object, old);
	if (!item || (cJSON_IsString(item) && !*item->valuestring))
		return 0;
	if (!cJSON_IsString(item) || !is_address(item->valuestring))
		return err_set(err, -EBADMSG,
			       "'%s' is no address that begins with file://, http:// or https://",
			       key);
	*out = str_dup(item->valuestring);
	return 0;
}

static int add_scope(struct lookaside *lookaside, const char *name, const cJSON *object,
		     const char *file, struct err *err)
{
	const struct lookaside_scope *other = lookaside_scope(lookaside, name);
	const char *shown = *name ? name : "default-docker";

	if (other)
		return err_set(err, -EBADMSG, "'%s' is in '%s' as well", shown, other->file);
	if (!cJSON_IsObject(object))
		return err_set(err, -EBADMSG, "'%s' is no map", shown);
	struct lookaside_scope *scope = vec_push(lookaside);
	*scope = (struct lookaside_scope){ .name = str_dup(name), .file = str_dup(file) };
	int r = take_address(object, "lookaside", "sigstore", &scope->read, err);
	if (r == 0)
		r = take_address(object, "lookaside-staging", "sigstore-staging", &scope->write,
				 err);
	return r < 0 ? err_wrap(err, "'%s'", shown) : 0;
}

int lookaside_add(struct lookaside *lookaside, const cJSON *doc, const char *file, struct err *err)
{
	const cJSON *all = json_get(doc, "default-docker"), *some = json_get(doc, "docker"), *item;
	int r = 0;

	/* An empty file says nothing. */
	if (cJSON_IsNull(doc))
		return 0;
	if (!cJSON_IsObject(doc) || (some && !cJSON_IsObject(some) && !cJSON_IsNull(some)))
		return err_set(err, -EBADMSG, "'%s' is no map",
			       cJSON_IsObject(doc) ? "docker" : "it");
	if (all && !cJSON_IsNull(all))
		r = add_scope(lookaside, "", all, file, err);
	cJSON_ArrayForEach(item, some)
	{
		if (r == 0 && !cJSON_IsNull(item))
			r = add_scope(lookaside, item->string, item, file, err);
	}
	return r;
}

/* ---- looking ---------------------------------------------------------------------------------- */

const struct lookaside_scope *lookaside_scope(const struct lookaside *lookaside, const char *name)
{
	for (size_t i = 0; i < lookaside->count; i++)
		if (str_eq(lookaside->items[i].name, name))
			return &lookaside->items[i];
	return NULL;
}

const char *lookaside_place(const struct lookaside *lookaside, const struct reference *ref)
{
	AUTO(strv) struct strv names = { 0 };

	policy_names(ref, &names);
	strv_add(&names, "");
	/* One that names no address leaves it to the next. */
	for (size_t i = 0; i < names.count; i++) {
		const struct lookaside_scope *scope = lookaside_scope(lookaside, names.items[i]);
		if (scope && scope->read)
			return scope->read;
	}
	return NULL;
}

char *lookaside_address(const char *place, const struct reference *ref, const char *digest,
			size_t number)
{
	size_t end = strlen(place);

	while (end && place[end - 1] == '/')
		end--;
	return str_fmt("%.*s/%s@sha256=%s/signature-%zu", (int)end, place, ref->path,
		       digest_hex(digest), number);
}

static int hex_digit(char c)
{
	const char *const digits = "0123456789abcdef";
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* "%20" is a space, as in every address. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		int high = *from == '%' ? hex_digit(from[1]) : -1;
		int low = high >= 0 ? hex_digit(from[2]) : -1;
		if (low >= 0 && (high || low)) {
			*to++ = (char)(high * 16 + low);
			from += 2;
		} else {
			*to++ = *from;
		}
	}
	*to = 0;
}

char *lookaside_path(const char *address)
{
	const char *rest = str_starts(address, FILE_SCHEME);
	/* Of this machine, said or not. */
	const char *local = rest ? str_starts(rest, "localhost/") : NULL;
	char *path = NULL;

	if (local)
		path = str_dup(local - 1);
	else if (rest && *rest == '/')
		path = str_dup(rest);
	if (path)
		unescape(path);
	return path;
}

void lookaside_clear(struct lookaside *lookaside)
{
	for (size_t i = 0; i < lookaside->count; i++) {
		free(lookaside->items[i].name);
		free(lookaside->items[i].read);
		free(lookaside->items[i].write);
		free(lookaside->items[i].file);
	}
	free(lookaside->items);
	*lookaside = (struct lookaside){ 0 };
}
