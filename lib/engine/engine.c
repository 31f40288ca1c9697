/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * engine - the verbs: what a command does, without parsing or printing
 */
#include "engine/engine.h"

#include <stdarg.h>

#include "base/str.h"

int engine_open(const struct host *host, const struct engine_options *options, struct engine **out,
		struct err *err)
{
	AUTO(engine) struct engine *engine = mem_new(struct engine);
	engine->host = host;
	engine->docker = options->docker;
	engine->driver = str_dup(options->driver);
	engine->warn = options->warn;
	engine->warn_data = options->warn_data;
	int r = store_open(host, options->root, &engine->store, err);
	if (r < 0)
		return r;
	*out = take_ptr(engine);
	return 0;
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	store_close(engine->store);
	identity_clear(&engine->identity);
	free(engine->driver);
	free(engine);
}

/* Who has no sub-ids knows it, or does without; who has some would wonder. */
static void warn_of_identity(struct engine *engine)
{
	const struct identity_plan *plan = &engine->identity;

	if (plan->why && plan->granted)
		engine_warn(engine, "containers get one id: %s%s%s", plan->why,
			    plan->repair ? "; repair it with: " : "", str_or(plan->repair, ""));
}

const struct identity_plan *engine_identity(struct engine *engine, struct err *err)
{
	if (!engine->identity_chosen) {
		if (identity_choose(engine->host, &engine->identity, err) < 0)
			return NULL;
		engine->identity_chosen = true;
		warn_of_identity(engine);
	}
	return &engine->identity;
}

void engine_warn(struct engine *engine, const char *fmt, ...)
{
	va_list args;

	if (!engine->warn)
		return;
	va_start(args, fmt);
	AUTO(mem) char *sentence = str_vfmt(fmt, args);
	va_end(args);
	engine->warn(engine->warn_data, sentence);
}
