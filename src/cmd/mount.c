/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mount - mount containers' root file systems, list those that are, unmount them
 */
#include <errno.h>

#include "cli/command.h"
#include "cli/json_text.h"
#include "cmd/container_filter.h"
#include "cmd/pick.h"
#include "engine/mounting.h"

enum { INDENT = 4 };

/* ---- mount ---- */

struct mount_args {
	bool all;
	bool latest;
	bool no_trunc;
	const char *format;
};

static const struct opt mount_opts[] = {
	OPT_FLAG('a', "all", struct mount_args, all, "all containers"),
	OPT_FLAG('l', "latest", struct mount_args, latest, "the container made last"),
	OPT_WORDS(0, "format", "FORMAT", struct mount_args, format, "json",
		  "print the list as a JSON document"),
	OPT_FLAG(0, "no-trunc", struct mount_args, no_trunc, "print whole ids in the list"),
	OPT_END,
};

static void add_row(cJSON *rows, const struct container_state *state, const char *path)
{
	cJSON *row = cJSON_CreateObject();
	cJSON *names = cJSON_CreateArray();

	cJSON_AddItemToArray(names, cJSON_CreateString(state->name));
	cJSON_AddStringToObject(row, "id", state->id);
	cJSON_AddItemToObject(row, "Names", names);
	cJSON_AddStringToObject(row, "mountpoint", path);
	cJSON_AddItemToArray(rows, row);
}

static int list_mounted(struct app *app, const struct mount_args *args, struct err *err)
{
	AUTO(container_set) struct container_set set = { 0 };
	AUTO(json) cJSON *rows = cJSON_CreateArray();
	int r = container_set_load(app, &set, err);

	for (size_t i = 0; r == 0 && i < set.count; i++) {
		const struct container_state *state = set.items[i];
		AUTO(mem) char *path = mounting_path(app->engine, state->id);
		if (path && args->format)
			add_row(rows, state, path);
		else if (path)
			fprintf(app->out, "%.*s  %s\n",
				args->no_trunc ? CONTAINER_ID_HEX : CONTAINER_ID_SHORT, state->id,
				path);
	}
	if (r == 0 && args->format)
		json_text_print(rows, INDENT, app->out);
	return r;
}

struct mounting {
	struct app *app;
	bool names; /* more than one: which is where */
};

static int mount_one(struct app *app, const char *id, void *data, struct err *err)
{
	const struct mounting *m = data;
	AUTO(mem) char *path = NULL;
	int r = mounting_add(app->engine, id, &path, err);

	if (r < 0)
		return r;
	if (m->names)
		fprintf(app->out, "%.*s %s\n", CONTAINER_ID_SHORT, id, path);
	else
		fprintf(app->out, "%s\n", path);
	return 0;
}

static int mount_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct mount_args *args = data;
	const struct pick_args pick = { .all = args->all, .latest = args->latest, .silent = true };
	struct mounting m = { .app = app, .names = args->all || words->count > 1 };

	if (args->format && !str_eq(args->format, "json"))
		return err_set(err, -EINVAL, "--format: '%s' is not 'json'", args->format);
	if (!words->count && !args->all && !args->latest)
		return list_mounted(app, args, err);
	return pick_each(app, &pick, words, PICK_ANY, mount_one, &m, err);
}

const struct command cmd_mount = {
	.name = "mount",
	.group = GROUP_CONTAINER,
	.about = "mount containers' root file systems, or list those that are mounted",
	.text = "Prints where. A user's mounts are seen in a mount namespace of their own only: run it, and what looks "
		"at the files, inside 'cubby unshare'. They end with that. A container that does not run must not be "
		"started while it is mounted.",
	.args = "[CONTAINER...]",
	.complete = COMPLETE_CONTAINERS,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = mount_opts,
	.args_size = sizeof(struct mount_args),
	.examples = "cubby unshare sh -c 'ls $(cubby mount web)'\n",
	.run = mount_run,
};

/* ---- unmount ---- */

struct unmount_args {
	bool all;
	bool latest;
	bool force;
};

static const struct opt unmount_opts[] = {
	OPT_FLAG('a', "all", struct unmount_args, all, "all that are mounted"),
	OPT_FLAG('l', "latest", struct unmount_args, latest, "the container made last"),
	OPT_FLAG('f', "force", struct unmount_args, force, "also when files are open in it"),
	OPT_END,
};

static int unmount_one(struct app *app, const char *id, void *data, struct err *err)
{
	const struct unmount_args *args = data;
	AUTO(mem) char *path = args->all ? mounting_path(app->engine, id) : NULL;

	if (args->all && !path)
		return 0;
	int r = mounting_remove(app->engine, id, args->force, err);
	if (r == 0)
		fprintf(app->out, "%s\n", id);
	return r;
}

static int unmount_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	struct unmount_args *args = data;
	const struct pick_args pick = { .all = args->all, .latest = args->latest, .silent = true };

	return pick_each(app, &pick, words, PICK_ANY, unmount_one, args, err);
}

const struct command cmd_unmount = {
	.name = "unmount",
	.group = GROUP_CONTAINER,
	.about = "unmount what 'mount' has mounted",
	.args = "[CONTAINER...]",
	.complete = COMPLETE_CONTAINERS,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = unmount_opts,
	.args_size = sizeof(struct unmount_args),
	.examples = "cubby unmount -a\n",
	.run = unmount_run,
};
