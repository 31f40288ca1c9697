/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tidy - removing what verbs moved away, and what killed commands left
 */
#include "engine/tidy.h"

#include "engine/outer.h"
#include "store/sweep.h"

static int sweep_child(void *data, struct err *err)
{
	const struct engine *engine = data;

	return sweep_run(engine->store, NULL, err);
}

int tidy_temps(struct engine *engine, struct temps *temps, struct err *err)
{
	int r = temps_remove(engine->store, temps);

	if (r == 1)
		r = outer_run(engine, 0, sweep_child, engine, err);
	else if (r < 0)
		return err_sys(err, r, "cannot remove all files in '%s/tmp'", engine->store->path);
	return r < 0 ? r : 0;
}

int tidy_leftovers(struct engine *engine, struct err *err)
{
	size_t left = 0;

	if (engine->store->read_only || !sweep_needed(engine->store))
		return 0;
	int count = sweep_run(engine->store, &left, err);
	if (count < 0 || left == 0)
		return count;
	int more = outer_run(engine, 0, sweep_child, engine, err);
	return more < 0 ? more : count + more;
}
