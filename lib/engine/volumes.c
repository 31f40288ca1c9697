/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * volumes - removing volumes with all their files
 */
#include "engine/volumes.h"

#include "engine/remove.h"
#include "engine/tidy.h"
#include "store/volume.h"

static int remove_users(struct engine *engine, const char *name, struct err *err)
{
	const struct remove_options options = { .force = true, .timeout = -1 };
	AUTO(strv) struct strv users = { 0 };
	int r = volume_users(engine->store, name, &users, err);

	for (size_t i = 0; r == 0 && i < users.count; i++)
		r = container_remove(engine, users.items[i], &options, err);
	return r;
}

int volume_delete(struct engine *engine, const char *name, bool with_users, struct err *err)
{
	struct temps gone = { 0 };
	int r = with_users ? remove_users(engine, name, err) : 0;

	if (r == 0)
		r = volume_remove(engine->store, name, &gone, err);
	return r < 0 ? r : tidy_temps(engine, &gone, err);
}
