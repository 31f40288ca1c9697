/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dependents - the containers that need another one
 *
 * They are looked for in breadth: first those that need the one asked about, then those that need
 * these. What is found later needs what was found before, so the result is that order reversed.
 */
#include "engine/dependents.h"

int dependents_list(struct engine *engine, const char *id, struct strv *out, struct err *err)
{
	AUTO(strv) struct strv found = { 0 };

	int r = census_refresh(engine->census, engine->store, err);
	if (r < 0)
		return r;
	census_dependents(engine->census, engine->store, id, &found);
	for (size_t i = 0; i < found.count; i++)
		census_dependents(engine->census, engine->store, found.items[i], &found);
	for (size_t i = found.count; i > 0; i--)
		strv_add(out, found.items[i - 1]);
	return 0;
}
