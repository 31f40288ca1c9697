/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sbommerge - one list of several that scanners wrote
 */
#include "build/sbommerge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "base/json.h"
#include "base/str.h"

enum { LISTS_MAX = 2 };

/* What is there already. */
struct known {
	char *key;
	UT_hash_handle hh;
};

struct merging {
	const struct sbom_part *part; /* at hand */
	cJSON *first;
	struct known *tables[LISTS_MAX]; /* of each list of the form */
	struct known **known;		 /* that of the list at hand */
	struct strv purls;
	struct err *err;
};

/* A list of documents, and what makes two of its items the same. */
struct listed {
	const char *list, *without;
	const char *name;
	const char *version; /* may be absent; or NULL */
	void (*purls)(struct merging *m, const cJSON *item);
};

static void forget(struct known *table)
{
	struct known *k, *next;

	HASH_ITER(hh, table, k, next) {
		HASH_DEL(table, k);
		free(k->key);
		free(k);
	}
}

static void auto_merging(struct merging *m)
{
	for (size_t i = 0; i < LISTS_MAX; i++)
		forget(m->tables[i]);
	cJSON_Delete(m->first);
	strv_clear(&m->purls);
}

static int wrong(const struct merging *m, const char *before, const char *key, const char *after)
{
	return err_set(m->err, -EBADMSG, "what the scanner '%s' wrote is wrong: %s'%s'%s",
		       m->part->command, before, key, after);
}

/* ---- purls ------------------------------------------------------------------------------------ */

static void add_purl(struct merging *m, const char *purl)
{
	if (!str_empty(purl))
		strv_add(&m->purls, purl);
}

static void component_purl(struct merging *m, const cJSON *component)
{
	add_purl(m, json_text(component, "purl"));
}

/* SPDX 2.2 wrote the category with a '_'. */
static void package_purls(struct merging *m, const cJSON *package)
{
	const cJSON *ref;

	cJSON_ArrayForEach(ref, json_get(package, "externalRefs"))
	{
		const char *category = json_text(ref, "referenceCategory");
		if (category &&
		    (str_eq(category, "PACKAGE-MANAGER") || str_eq(category, "PACKAGE_MANAGER")) &&
		    str_eq(str_or(json_text(ref, "referenceType"), ""), "purl"))
			add_purl(m, json_text(ref, "referenceLocator"));
	}
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *print_purls(struct strv *purls)
{
	AUTO(json) cJSON *document = cJSON_CreateObject();
	cJSON *contents = cJSON_AddObjectToObject(document, "image_contents");
	cJSON *list = purls->count ? cJSON_AddArrayToObject(contents, "dependencies") : NULL;

	if (purls->count)
		qsort(purls->items, purls->count, sizeof *purls->items, compare);
	for (size_t i = 0; i < purls->count; i++)
		if (!i || !str_eq(purls->items[i], purls->items[i - 1]))
			cJSON_AddItemToArray(list, cJSON_CreateString(purls->items[i]));
	AUTO(mem) char *text = json_print_text(document);
	return str_fmt("%s\n", text);
}

/* ---- lists ------------------------------------------------------------------------------------ */

/* @out: to be freed; set on success only */
static int key_of(const struct merging *m, const struct listed *l, const cJSON *item, char **out)
{
	const char *name = json_text(item, l->name);
	const cJSON *version = l->version ? json_get(item, l->version) : NULL;
	const char *text = cJSON_GetStringValue(version);

	if (!cJSON_IsObject(item) || !name)
		return wrong(m, l->without, l->name, "");
	if (version && !cJSON_IsNull(version) && !text)
		return wrong(m, "", l->version, " is no text");
	*out = str_empty(text) ? str_dup(name) : str_fmt("%s@%s", name, text);
	return 0;
}

static bool note(struct merging *m, char *key)
{
	struct known *k = NULL;

	HASH_FIND_STR(*m->known, key, k);
	if (k) {
		free(key);
		return false;
	}
	k = mem_new(struct known);
	k->key = key;
	HASH_ADD_KEYPTR(hh, *m->known, k->key, strlen(k->key), k);
	return true;
}

/* @out: NULL where there is none */
static int list_of(const struct merging *m, const struct listed *l, const cJSON *document,
		   cJSON **out)
{
	cJSON *list = (cJSON *)json_get(document, l->list);

	for (const cJSON *next = list ? list->next : NULL; next; next = next->next)
		if (str_eq(next->string, l->list))
			return wrong(m, "", l->list, " is there twice");
	if (list && !cJSON_IsArray(list) && !cJSON_IsNull(list))
		return wrong(m, "", l->list, " is no list");
	*out = cJSON_IsArray(list) ? list : NULL;
	return 0;
}

static int note_all(struct merging *m, const struct listed *l, const cJSON *list)
{
	const cJSON *item;
	int r = 0;

	cJSON_ArrayForEach(item, list)
	{
		char *key = NULL;
		r = key_of(m, l, item, &key);
		if (r < 0)
			return r;
		(void)note(m, key);
		if (l->purls)
			l->purls(m, item);
	}
	return r;
}

/* Where the first document has none it gets one. */
static cJSON *first_list(struct merging *m, const struct listed *l)
{
	cJSON *list = (cJSON *)json_get(m->first, l->list);

	if (cJSON_IsArray(list))
		return list;
	cJSON_DeleteItemFromObjectCaseSensitive(m->first, l->list);
	return cJSON_AddArrayToObject(m->first, l->list);
}

static int add_new(struct merging *m, const struct listed *l, cJSON *from)
{
	cJSON *next;

	for (cJSON *item = from->child; item; item = next) {
		char *key = NULL;
		const int r = key_of(m, l, item, &key);
		if (r < 0)
			return r;
		next = item->next;
		if (l->purls)
			l->purls(m, item);
		if (note(m, key))
			cJSON_AddItemToArray(first_list(m, l),
					     cJSON_DetachItemViaPointer(from, item));
	}
	return 0;
}

/* ---- documents -------------------------------------------------------------------------------- */

static const struct listed cyclonedx_lists[LISTS_MAX + 1] = {
	{ "components", "a component has no ", "name", "version", component_purl },
};

static const struct listed spdx_lists[LISTS_MAX + 1] = {
	{ "packages", "a package has no ", "name", "versionInfo", package_purls },
	{ "hasExtractedLicensingInfos", "a licence has no ", "licenseId", NULL, NULL },
};

/* What each form says of itself, and by which the other one is told. */
static const struct {
	const struct listed *lists;
	const char *name, *foreign, *other;
} forms[] = {
	[SBOM_CYCLONEDX] = { cyclonedx_lists, "CycloneDX", "spdxVersion", "SPDX" },
	[SBOM_SPDX] = { spdx_lists, "SPDX", "bomFormat", "CycloneDX" },
};

static int parse(struct merging *m, enum sbom_strategy strategy, cJSON **out)
{
	static const struct json_bounds bounds = { SBOM_MAX_BYTES, SBOM_MAX_VALUES };
	AUTO(json) cJSON *document = NULL;
	int r = json_parse_within(m->part->bytes, m->part->size, &bounds, &document, m->err);

	if (r == 0 && !cJSON_IsObject(document))
		r = err_set(m->err, -EBADMSG, "it is no JSON object");
	if (r == 0 && json_get(document, forms[strategy].foreign)) {
		r = err_set(m->err, -EBADMSG, "it is %s, and no %s", forms[strategy].other,
			    forms[strategy].name);
		(void)err_hint(m->err, "say which it is with --sbom-merge-strategy");
	}
	if (r < 0)
		return err_wrap(m->err, "what the scanner '%s' wrote is wrong", m->part->command);
	*out = take_ptr(document);
	return 0;
}

/* One document at a time is read beside the first. */
static int merge_one(struct merging *m, enum sbom_strategy strategy)
{
	const struct listed *lists = forms[strategy].lists;
	AUTO(json) cJSON *document = NULL;
	int r = parse(m, strategy, &document);

	for (size_t i = 0; r == 0 && lists[i].list; i++) {
		cJSON *list = NULL;
		m->known = &m->tables[i];
		r = list_of(m, &lists[i], document, &list);
		if (r == 0 && list)
			r = m->first ? add_new(m, &lists[i], list) : note_all(m, &lists[i], list);
	}
	if (r == 0 && !m->first)
		m->first = take_ptr(document);
	return r;
}

static int merge_json(struct merging *m, enum sbom_strategy strategy,
		      const struct sbom_parts *parts)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < parts->count; i++) {
		m->part = &parts->items[i];
		r = merge_one(m, strategy);
	}
	return r;
}

static void join(const struct sbom_parts *parts, struct sbom_merged *out)
{
	for (size_t i = 0; i < parts->count; i++) {
		const struct sbom_part *p = &parts->items[i];
		out->bytes = mem_resize(out->bytes, out->size + p->size + 1, 1);
		if (p->size)
			memcpy(out->bytes + out->size, p->bytes, p->size);
		out->size += p->size;
	}
	out->bytes[out->size] = 0;
}

int sbom_merge(enum sbom_strategy strategy, const struct sbom_parts *parts, struct sbom_merged *out,
	       struct err *err)
{
	AUTO(merging) struct merging m = { .err = err };
	int r = 0;

	bug_unless(parts->count);
	if (strategy >= SBOM_CYCLONEDX)
		r = merge_json(&m, strategy, parts);
	if (r < 0)
		return r;
	out->purls = print_purls(&m.purls);
	if (strategy < SBOM_CYCLONEDX || parts->count == 1) {
		join(parts, out);
		return 0;
	}
	AUTO(mem) char *text = json_print(m.first, 0);
	out->bytes = str_fmt("%s\n", text);
	out->size = strlen(out->bytes);
	return 0;
}

void sbom_merged_clear(struct sbom_merged *merged)
{
	free(merged->bytes);
	free(merged->purls);
	*merged = (struct sbom_merged){ 0 };
}

void sbom_parts_clear(struct sbom_parts *parts)
{
	for (size_t i = 0; i < parts->count; i++) {
		free(parts->items[i].command);
		free(parts->items[i].bytes);
	}
	free(parts->items);
	*parts = (struct sbom_parts){ 0 };
}
