/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rm - remove one or more containers
 *
 * Every argument is tried; what fails is told, and the status says so.
 */
#include <errno.h>
#include <fcntl.h>

#include "base/file.h"
#include "cli/command.h"
#include "cmd/each.h"
#include "cmd/pick.h"
#include "engine/connect.h"
#include "engine/container.h"
#include "engine/dependents.h"
#include "store/record.h"

enum { ID_FILE_MAX = 256 };

/* Of one container; what is wrong with the command itself has the usual status. */
static const struct exit_rule one_exits[] = { { -EBUSY, 1, 2 }, { 0, 1, 1 } };

struct rm_args {
	bool all;
	bool force;
	bool ignore;
	bool volumes;
	bool depend;
	bool link;
	int timeout;
	struct pick_args pick;
};

static const struct opt rm_opts[] = {
	OPT_FLAG('a', "all", struct rm_args, all, "remove all containers"),
	OPT_FLAG('f', "force", struct rm_args, force, "kill the container first if it still runs"),
	OPT_FLAG('i', "ignore", struct rm_args, ignore, "an unknown container is no error"),
	OPT_FLAG('v', "volumes", struct rm_args, volumes, "remove its anonymous volumes too"),
	OPT_INT('t', "time", "SECONDS", struct rm_args, timeout,
		"with --force: stop it, and kill it after so many seconds"),
	OPT_FLAG(0, "depend", struct rm_args, depend,
		 "remove the containers first that live in its namespaces or require it"),
	OPT_LIST(0, "cidfile", "FILE", struct rm_args, pick.cidfiles, COMPLETE_FILE,
		 "read the id from FILE"),
	OPT_LIST(0, "filter", "KEY=VALUE", struct rm_args, pick.filters, COMPLETE_NONE,
		 "the containers that ps --filter shows"),
	OPT_FLAG('l', "latest", struct rm_args, pick.latest, "the container made last"),
	OPT_FLAG(0, "link", struct rm_args, link,
		 "remove links and no containers: CONTAINER/ALIAS of one that does not run"),
	OPT_END,
};

/* Nothing is removed when one of them runs and is not to be killed. */
static int check_stopped(struct app *app, const struct strv *ids, struct err *err)
{
	for (size_t i = 0; i < ids->count; i++) {
		AUTO(container_state) struct container_state *state = NULL;
		int r = record_state_load(app->engine->store, ids->items[i], &state, err);
		if (r < 0)
			return r;
		if (!(PICK_ALIVE & 1 << state->status))
			continue;
		err_set(err, -EBUSY, "container '%s' runs", state->name);
		return err_hint(err, "stop it first, or give --force");
	}
	return 0;
}

static int remove_dependents(struct app *app, const char *id, const struct remove_options *options,
			     struct err *err)
{
	AUTO(strv) struct strv ids = { 0 };
	int r = dependents_list(app->engine, id, &ids, err);

	strv_add(&ids, id);
	if (r == 0 && !options->force)
		r = check_stopped(app, &ids, err);
	for (size_t i = 0; i + 1 < ids.count && r == 0; i++) {
		r = container_remove(app->engine, ids.items[i], options, err);
		if (r == 0)
			fprintf(app->out, "%s\n", ids.items[i]);
	}
	return r;
}

/* Return: 0 when it is gone, or a negative errno. */
static int remove_one(struct app *app, const char *name, const void *data, struct err *err)
{
	const struct rm_args *args = data;
	const struct remove_options options = { .force = args->force,
						.volumes = args->volumes,
						.timeout = args->timeout };
	AUTO(mem) char *id = NULL;

	int r = container_find(app->engine, name, &id, err);
	if (r == -ENOENT && (args->force || args->ignore)) {
		err_clear(err);
		return 0;
	}
	if (r == 0 && args->depend)
		r = remove_dependents(app, id, &options, err);
	if (r == 0)
		r = container_remove(app->engine, id, &options, err);
	if (r == 0)
		fprintf(app->out, "%s\n", name);
	return r;
}

static int collect(struct app *app, const struct rm_args *args, const struct strv *words,
		   struct strv *out, struct err *err)
{
	bool chosen = args->pick.latest || args->pick.filters.count;
	int r = 0;

	if ((args->all || chosen) && words->count)
		return err_set(err, -EINVAL, "--all, --latest and --filter take no names");
	strv_extend(out, words);
	if (chosen)
		return pick_chosen(app, &args->pick, PICK_ANY, out, err);
	if (args->all)
		r = record_list(app->engine->store, out, err);
	for (size_t i = 0; i < args->pick.cidfiles.count && r == 0; i++) {
		const char *path = args->pick.cidfiles.items[i];
		AUTO(mem) char *text = NULL;
		r = file_read(AT_FDCWD, path, ID_FILE_MAX, &text, NULL);
		if (r == -ENOENT && args->ignore) {
			r = 0;
			continue;
		}
		if (r < 0)
			return err_sys(err, r, "cannot read '%s'", path);
		strv_add(out, str_trim(text));
	}
	if (r == 0 && !out->count && !args->all && !args->pick.cidfiles.count)
		return err_set(err, -EINVAL, "name at least one container, or give --all");
	return r;
}

/* Return: 0 when it is gone, or a negative errno. */
static int remove_link(struct app *app, const char *link, unused_arg const void *data,
		       struct err *err)
{
	int r = network_unlink(app->engine, link, err);

	if (r == 0)
		fprintf(app->out, "%s\n", link);
	return r;
}

static int remove_links(struct app *app, const struct rm_args *args, const struct strv *words,
			struct err *err)
{
	const struct pick_args *pick = &args->pick;

	if (args->all || args->force || args->ignore || args->volumes || args->depend ||
	    args->timeout >= 0 || pick->latest || pick->filters.count || pick->cidfiles.count)
		return err_set(err, -EINVAL,
			       "--link goes with no other option: it removes no container");
	if (!words->count)
		return err_set(err, -EINVAL, "--link: name at least one link, as CONTAINER/ALIAS");
	return each_word(app, one_exits, words, remove_link, NULL);
}

static int rm_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct rm_args *args = data;
	AUTO(strv) struct strv names = { 0 };

	if (args->link)
		return remove_links(app, args, words, err);
	int r = collect(app, args, words, &names, err);

	return r < 0 ? r : each_word(app, one_exits, &names, remove_one, args);
}

const struct command cmd_rm = {
	.name = "rm",
	.group = GROUP_CONTAINER,
	.about = "remove one or more containers",
	.args = "[CONTAINER...]",
	.complete = COMPLETE_CONTAINERS,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = rm_opts,
	.args_size = sizeof(struct rm_args),
	.defaults = &(const struct rm_args){ .timeout = -1 },
	.examples = "cubby rm -f web\ncubby rm -f $(cubby ps -aq)\n",
	.run = rm_run,
};
