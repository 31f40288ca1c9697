/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * found - repositories that a search has found
 */
#include "remote/found.h"

static const struct jfield item_fields[] = {
	J_TEXT("name", struct found_item, name),
	J_TEXT("description", struct found_item, description),
	J_INT("stars", struct found_item, stars),
	J_BOOL("official", struct found_item, official),
	J_BOOL("automated", struct found_item, automated),
	J_END,
};

static const struct jfield found_fields[] = {
	J_LIST("found", struct found, list, item_fields),
	J_END,
};

char *found_print(const struct found *found)
{
	AUTO(json) cJSON *doc = jfield_save(found_fields, found);

	return json_print(doc, 0);
}

int found_parse(const char *text, size_t size, struct found *out, struct err *err)
{
	AUTO(json) cJSON *doc = NULL;

	int r = json_parse(text, size, &doc, err);
	return r < 0 ? r : jfield_load(found_fields, doc, out, err);
}

void found_clear(struct found *found)
{
	jfield_clear(found_fields, found);
}
