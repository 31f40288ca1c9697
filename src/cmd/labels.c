/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * labels - lists of KEY=VALUE as objects, for templates and documents
 */
#include "cmd/labels.h"

cJSON *labels_map(const struct strv *labels)
{
	cJSON *map = cJSON_CreateObject();

	for (size_t i = 0; i < labels->count; i++) {
		AUTO(mem) char *key = str_dup(labels->items[i]);
		const char *value = str_cut(key, '=');
		cJSON_AddStringToObject(map, key, str_or(value, ""));
	}
	return map;
}
