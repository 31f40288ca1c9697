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
#include "engine/container.h"
#include "store/record.h"

enum { ID_FILE_MAX = 256 };

/* Of one container; what is wrong with the command itself has the usual status. */
static const struct exit_rule one_exits[] = { { -EBUSY, 1, 2 }, { 0, 1, 1 } };

struct rm_args {
	bool all;
	bool force;
	bool ignore;
	bool volumes;
	int timeout;
	struct strv cidfiles;
};

static const struct opt rm_opts[] = {
	OPT_FLAG('a', "all", struct rm_args, all, "remove all containers"),
	OPT_FLAG('f', "force", struct rm_args, force, "kill the container first if it still runs"),
	OPT_FLAG('i', "ignore", struct rm_args, ignore, "an unknown container is no error"),
	OPT_FLAG('v', "volumes", struct rm_args, volumes, "remove its anonymous volumes too"),
	OPT_INT('t', "time", "SECONDS", struct rm_args, timeout,
		"with --force: stop it, and kill it after so many seconds"),
	OPT_LIST(0, "cidfile", "FILE", struct rm_args, cidfiles, COMPLETE_FILE,
		 "read the id from FILE"),
	OPT_REFUSED('l', "latest", "name the container; cubby ps -n 1 -q shows the latest"),
	OPT_REFUSED(0, "depend", "remove the containers that use it by name"),
	OPT_REFUSED(0, "filter", "choose with cubby ps -aq --filter"),
	OPT_REFUSED(0, "link", "links are not there"),
	OPT_END,
};

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
	if (r == 0)
		r = container_remove(app->engine, id, &options, err);
	if (r == 0)
		fprintf(app->out, "%s\n", name);
	return r;
}

static int collect(struct app *app, const struct rm_args *args, const struct strv *words,
		   struct strv *out, struct err *err)
{
	int r = 0;

	if (args->all && words->count)
		return err_set(err, -EINVAL, "--all takes no names");
	strv_extend(out, words);
	if (args->all)
		r = record_list(app->engine->store, out, err);
	for (size_t i = 0; i < args->cidfiles.count && r == 0; i++) {
		const char *path = args->cidfiles.items[i];
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
	if (r == 0 && !out->count && !args->all && !args->cidfiles.count)
		return err_set(err, -EINVAL, "name at least one container, or give --all");
	return r;
}

static int rm_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct rm_args *args = data;
	AUTO(strv) struct strv names = { 0 };
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
