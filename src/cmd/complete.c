/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * complete - candidates for the word that is being typed, asked for by the shells' scripts
 */
#include "cli/complete.h"

#include "cmd/globals.h"
#include "engine/engine.h"
#include "ready.h"
#include "store/images.h"
#include "store/network.h"
#include "store/record.h"
#include "store/secret.h"
#include "store/volume.h"

struct wanted {
	bool running;
	struct strv *out;
};

static int add_container(void *data, unused_arg const char *id, struct container_state *state)
{
	const struct wanted *wanted = data;
	AUTO(container_state) struct container_state *owned = state;
	bool runs = owned &&
		    (owned->status == CONTAINER_RUNNING || owned->status == CONTAINER_PAUSED);

	if (owned && (runs || !wanted->running))
		strv_add(wanted->out, owned->name);
	return 0;
}

static int add_images(const struct store *store, struct strv *out)
{
	struct images images = { 0 };
	int r = images_load_all(store, &images, NULL);

	for (size_t i = 0; i < images.count; i++)
		if (images.items[i].name)
			strv_add(out, images.items[i].name);
	images_clear(&images);
	return r;
}

static int add_names(void *data, enum complete kind, struct strv *out)
{
	struct app *app = data;
	struct wanted wanted = { .running = kind == COMPLETE_RUNNING, .out = out };
	int r = app_ready(app, NEED_STORE, NULL);

	if (r < 0)
		return r;
	switch (kind) {
	case COMPLETE_CONTAINERS:
	case COMPLETE_RUNNING:
		return record_each_state(app->engine->store, add_container, &wanted, NULL);
	case COMPLETE_IMAGES:
		return add_images(app->engine->store, out);
	case COMPLETE_VOLUMES:
		return volume_list(app->engine->store, out, NULL);
	case COMPLETE_SECRETS:
		return secret_list(app->engine->store, out, NULL);
	default:
		strv_split(out, "bridge fast host none pasta slirp4netns", ' ');
		return network_record_list(app->engine->store, out, NULL);
	}
}

static int print(struct app *app, const struct strv *words, bool bare)
{
	const struct complete_input input = {
		.commands = app->commands,
		.options = program_opts,
		.names = add_names,
		.data = app,
		.bare = bare,
	};

	complete_print(&input, words, app->out);
	return 0;
}

static int complete_run(struct app *app, unused_arg void *args, const struct strv *words,
			unused_arg struct err *err)
{
	return print(app, words, false);
}

static int complete_bare_run(struct app *app, unused_arg void *args, const struct strv *words,
			     unused_arg struct err *err)
{
	return print(app, words, true);
}

const struct command cmd_complete_bare = {
	.name = COMPLETE_BARE,
	.about = "print candidates for the last word, without what they are",
	.args = "[WORD...]",
	.flags = COMMAND_RAW,
	.run = complete_bare_run,
};

const struct command cmd_complete = {
	.name = COMPLETE_ASK,
	.about = "print candidates for the last word",
	.args = "[WORD...]",
	.flags = COMMAND_RAW,
	.run = complete_run,
};
