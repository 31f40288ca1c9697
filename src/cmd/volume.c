/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * volume - the group of volume commands
 */
#include <errno.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/filter.h"
#include "cli/table.h"
#include "cmd/each.h"
#include "cmd/inspect.h"
#include "cmd/labels.h"
#include "cmd/prune.h"
#include "cmd/volume_filter.h"
#include "engine/engine.h"
#include "engine/volumes.h"
#include "store/volume.h"

enum { STATUS_ABSENT = 1 };

/* Of one volume that is to be removed. */
static const struct exit_rule one_exits[] = { { -EBUSY, 1, 2 }, { 0, 1, 1 } };

#define NO_CLUSTERS "there are no clusters of machines"

/* ---- create ---- */

struct create_volume_args {
	const char *driver;
	bool ignore;
	int uid; /* -1: not said */
	int gid; /* likewise */
	struct strv labels;
	struct strv options;
};

static const struct opt create_volume_opts[] = {
	OPT_WORDS('d', "driver", "DRIVER", struct create_volume_args, driver, "local",
		  "only local: a folder in the store"),
	OPT_FLAG(0, "ignore", struct create_volume_args, ignore,
		 "a volume that is there already is no error"),
	OPT_LIST('l', "label", "KEY=VALUE", struct create_volume_args, labels, COMPLETE_NONE,
		 "label the volume"),
	OPT_LIST('o', "opt", "KEY=VALUE", struct create_volume_args, options, COMPLETE_NONE,
		 "a folder of the host: type=none, o=bind, device=FOLDER"),
	OPT_COUNT(
		0, "uid", "N", struct create_volume_args, uid,
		"the owner of its top folder in containers, also when an image fills it (the image's)"),
	OPT_COUNT(0, "gid", "N", struct create_volume_args, gid,
		  "the group of its top folder in containers, likewise"),
	OPT_REFUSED(0, "scope", NO_CLUSTERS),
	OPT_REFUSED(0, "availability", NO_CLUSTERS),
	OPT_REFUSED(0, "group", NO_CLUSTERS),
	OPT_REFUSED(0, "limit-bytes", NO_CLUSTERS),
	OPT_REFUSED(0, "required-bytes", NO_CLUSTERS),
	OPT_REFUSED(0, "secret", NO_CLUSTERS),
	OPT_REFUSED(0, "sharing", NO_CLUSTERS),
	OPT_REFUSED(0, "topology-preferred", NO_CLUSTERS),
	OPT_REFUSED(0, "topology-required", NO_CLUSTERS),
	OPT_REFUSED(0, "type", NO_CLUSTERS),
	OPT_END,
};

static int create_volume_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	struct create_volume_args *args = data;
	struct volume volume = { .name = words->count ? words->items[0] : NULL,
				 .labels = args->labels,
				 .options = args->options,
				 .anonymous = !words->count,
				 .has_uid = args->uid >= 0,
				 .has_gid = args->gid >= 0,
				 .uid = args->uid,
				 .gid = args->gid };
	AUTO(mem) char *name = NULL;

	if (args->driver && !str_eq(args->driver, "local")) {
		err_set(err, -EINVAL, "no volume driver '%s'", args->driver);
		return err_hint(err, "the only one is local");
	}
	int r = volume_device(&args->options, &volume.device, err);
	if (r >= 0)
		r = volume_make(app->engine, &volume, &name, err);
	if (r == -EEXIST && (args->ignore || app_docker(app))) {
		err_clear(err);
		r = 0;
	}
	if (r >= 0)
		fprintf(app->out, "%s\n", name);
	return r;
}

/* ---- the documents ---- */

int inspect_load_volume(struct app *app, unused_arg const struct inspect_args *args,
			const char *name, cJSON **out, struct err *err)
{
	AUTO(volume) struct volume *volume = NULL;
	AUTO(mem) char *whole = NULL;
	int r = volume_resolve(app->engine->store, name, &whole, err);

	if (r >= 0)
		r = volume_load(app->engine->store, whole, &volume, err);
	if (r < 0)
		return r;
	AUTO(mem) char *created = clock_rfc3339(volume->created);
	cJSON *object = cJSON_CreateObject();
	cJSON_AddStringToObject(object, "Name", volume->name);
	cJSON_AddStringToObject(object, "Driver", "local");
	cJSON_AddStringToObject(object, "Mountpoint", volume->path);
	cJSON_AddStringToObject(object, "CreatedAt", created);
	cJSON_AddItemToObject(object, "Labels", labels_map(&volume->labels));
	cJSON_AddStringToObject(object, "Scope", "local");
	cJSON_AddItemToObject(object, "Options", labels_map(&volume->options));
	cJSON_AddBoolToObject(object, "Anonymous", volume->anonymous);
	if (volume->has_uid)
		cJSON_AddNumberToObject(object, "UID", (double)volume->uid);
	if (volume->has_gid)
		cJSON_AddNumberToObject(object, "GID", (double)volume->gid);
	*out = object;
	return 0;
}

/* ---- ls ---- */

struct volume_ls_args {
	const char *format;
	bool quiet;
	bool no_heading;
	struct strv filters;
};

static const struct opt volume_ls_opts[] = {
	OPT_LIST('f', "filter", "KEY=VALUE", struct volume_ls_args, filters, COMPLETE_NONE,
		 "list only some: anonymous, dangling, driver, label, label!, name, opt, scope, since, "
		 "until"),
	OPT_TEXT(0, "format", "FORMAT", struct volume_ls_args, format, COMPLETE_NONE,
		 "print through a Go template, table TEMPLATE, or json"),
	OPT_FLAG('n', "noheading", struct volume_ls_args, no_heading, "print no headings"),
	OPT_FLAG('q', "quiet", struct volume_ls_args, quiet, "print only names"),
	OPT_REFUSED(0, "cluster", NO_CLUSTERS),
	OPT_END,
};

static const struct column columns[] = {
	{ "Driver", "DRIVER" },
	{ "Name", "VOLUME NAME" },
	{ "Scope", "SCOPE" },
	{ "Mountpoint", "MOUNTPOINT" },
	{ "CreatedAt", "CREATED AT" },
	{ "Labels", "LABELS" },
	{ "Label()", "" },
	{ "Anonymous", "ANONYMOUS" },
	{ NULL, NULL },
};

static const struct template_schema row_schema = { .maps = "Label()" };

static const struct table_spec volume_table = {
	.columns = columns,
	.schema = &row_schema,
	.standard = "{{.Driver}}\\t{{.Name}}",
};

static int add_row(unused_arg struct app *app, const struct volume *volume, void *rows,
		   unused_arg struct err *err)
{
	cJSON *row = cJSON_CreateObject();
	AUTO(mem) char *labels = str_join(&volume->labels, ",");
	AUTO(mem) char *created = clock_local(volume->created);

	cJSON_AddStringToObject(row, "Driver", "local");
	cJSON_AddStringToObject(row, "Name", volume->name);
	cJSON_AddStringToObject(row, "Scope", "local");
	cJSON_AddStringToObject(row, "Mountpoint", volume->path);
	cJSON_AddStringToObject(row, "CreatedAt", created);
	cJSON_AddStringToObject(row, "Labels", labels);
	cJSON_AddItemToObject(row, "Label()", labels_map(&volume->labels));
	cJSON_AddBoolToObject(row, "Anonymous", volume->anonymous);
	cJSON_AddItemToArray(rows, row);
	return 0;
}

static int volume_ls_run(struct app *app, void *data, unused_arg const struct strv *words,
			 struct err *err)
{
	const struct volume_ls_args *args = data;
	const struct table_style style = {
		.format = args->quiet ? "{{.Name}}" : args->format,
		.no_heading = args->no_heading,
	};
	AUTO(json) cJSON *rows = cJSON_CreateArray();
	int r = volume_each(app, &args->filters, add_row, rows, err);

	return r < 0 ? r : table_print(&volume_table, &style, rows, app->out, err);
}

/* ---- inspect, exists ---- */

static const struct opt volume_inspect_opts[] = {
	OPT_FLAG('a', "all", struct inspect_args, all, "of all volumes"),
	OPT_TEXT('f', "format", "FORMAT", struct inspect_args, format, COMPLETE_NONE,
		 "print through a Go template, or json"),
	OPT_END,
};

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_sorted(struct app *app, struct strv *names, struct err *err)
{
	int r = volume_list(app->engine->store, names, err);

	if (r == 0 && names->count)
		qsort(names->items, names->count, sizeof *names->items, by_bytes);
	return r;
}

static int volume_inspect_run(struct app *app, void *data, const struct strv *words,
			      struct err *err)
{
	const struct inspect_args *args = data;
	AUTO(strv) struct strv names = { 0 };

	if (args->all == (words->count > 0))
		return err_set(err, -EINVAL, "name at least one volume, or give --all");
	strv_extend(&names, words);
	int r = args->all ? list_sorted(app, &names, err) : 0;
	return r < 0 ? r : inspect_print(app, args, "volume", &names, err);
}

static int volume_exists_run(struct app *app, unused_arg void *args, const struct strv *words,
			     struct err *err)
{
	AUTO(volume) struct volume *volume = NULL;
	int r = volume_load(app->engine->store, words->items[0], &volume, err);

	if (r != -ENOENT)
		return r;
	err_clear(err);
	return STATUS_ABSENT;
}

/* ---- rm, prune ---- */

struct volume_rm_args {
	bool all;
	bool force;
	int timeout;
};

static const struct opt volume_rm_opts[] = {
	OPT_FLAG('a', "all", struct volume_rm_args, all, "remove all volumes that nothing uses"),
	OPT_FLAG('f', "force", struct volume_rm_args, force,
		 "an unknown volume is no error, and containers that use it go first (docker: not "
		 "these)"),
	OPT_INT('t', "time", "SECONDS", struct volume_rm_args, timeout,
		"with --force: stop those containers, and kill them after so many seconds"),
	OPT_END,
};

static int remove_named(struct app *app, const char *text, const void *data, struct err *err)
{
	const struct volume_rm_args *args = data;
	const struct remove_options users = { .force = true, .timeout = args->timeout };
	AUTO(mem) char *name = NULL;
	int r = volume_resolve(app->engine->store, text, &name, err);

	if (r == -ENOENT && args->force) {
		err_clear(err);
		return 0;
	}
	if (r >= 0)
		r = volume_delete(app->engine, name,
				  args->force && !app_docker(app) ? &users : NULL, err);
	if (r == -EBUSY && args->all) {
		err_clear(err);
		return 0;
	}
	if (r >= 0)
		fprintf(app->out, "%s\n", text);
	return r;
}

static int volume_rm_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct volume_rm_args *args = data;
	AUTO(strv) struct strv names = { 0 };

	if (args->all == (words->count > 0))
		return err_set(err, -EINVAL, "name at least one volume, or give --all");
	strv_extend(&names, words);
	int r = args->all ? list_sorted(app, &names, err) : 0;
	return r < 0 ? r : each_word(app, one_exits, &names, remove_named, args);
}

struct volume_prune_args {
	bool all;
	bool dry_run;
	bool force;
	struct strv filters;
};

static const struct opt volume_prune_opts[] = {
	OPT_FLAG('a', "all", struct volume_prune_args, all,
		 "called as docker: those with names too, as otherwise anyway"),
	OPT_LIST(0, "filter", "KEY=VALUE", struct volume_prune_args, filters, COMPLETE_NONE,
		 "remove only some: label, label!, name, until; as docker, all=true is --all"),
	OPT_FLAG('f', "force", struct volume_prune_args, force, "do not ask"),
	OPT_FLAG(0, "dry-run", struct volume_prune_args, dry_run,
		 "print what would go, and keep it"),
	OPT_END,
};

/* Called as docker it keeps what the user named. */
static bool wants_named(const struct app *app, const struct volume_prune_args *args)
{
	const char *all = filter_value(&args->filters, "all");
	bool asked = false;

	if (all && filter_truth(all, &asked) < 0)
		asked = false; /* refused before */
	return !app_docker(app) || args->all || asked;
}

struct dry_run {
	struct volume_use use;
	bool named;
};

static int show_one(struct app *app, const struct volume *volume, void *data,
		    unused_arg struct err *err)
{
	const struct dry_run *run = data;

	if ((run->named || volume->anonymous) && !volume_use_has(&run->use, volume->name))
		fprintf(app->out, "%s\n", volume->name);
	return 0;
}

static int show_prune(struct app *app, const struct volume_prune_args *args, struct err *err)
{
	struct dry_run run = { .named = wants_named(app, args) };

	volume_use_load(app, &run.use);
	int r = volume_each(app, &args->filters, show_one, &run, err);
	volume_use_clear(&run.use);
	return r;
}

static int volume_prune_run(struct app *app, void *data, unused_arg const struct strv *words,
			    struct err *err)
{
	struct volume_prune_args *args = data;
	AUTO(pruned) struct pruned gone = { 0 };
	int r = volume_filter_check(app, &args->filters, err);

	if (r >= 0 && args->dry_run)
		return show_prune(app, args, err);
	const char *what = wants_named(app, args)
				   ? "WARNING! This will remove all volumes not used by at least "
				     "one container."
				   : "WARNING! This will remove anonymous local volumes not used "
				     "by at least one container.";
	if (r < 0 || !prune_agreed(app, args->force, what))
		return r;
	r = prune_volumes(app, &args->filters, wants_named(app, args), &gone, err);
	prune_print(app, app_docker(app) ? "Deleted Volumes:" : NULL, &gone);
	if (app_docker(app))
		prune_total(app, gone.bytes);
	return r < 0 ? r : gone.status;
}

const struct command cmd_volume = {
	.name = "volume",
	.group = GROUP_MANAGE,
	.about = "manage volumes",
};

const struct command cmd_volume_create = {
	.name = "volume create",
	.group = GROUP_VOLUME,
	.about = "make a volume",
	.args = "[NAME]",
	.needs = NEED_STORE,
	.opts = create_volume_opts,
	.args_size = sizeof(struct create_volume_args),
	.defaults = &(const struct create_volume_args){ .uid = -1, .gid = -1 },
	.examples = "cubby volume create data\ncubby volume create --uid 999 --gid 999 db\n",
	.run = create_volume_run,
};

const struct command cmd_volume_ls = {
	.name = "volume ls",
	.group = GROUP_VOLUME,
	.about = "list volumes",
	.needs = NEED_STORE,
	.opts = volume_ls_opts,
	.args_size = sizeof(struct volume_ls_args),
	.examples = "cubby volume ls --filter dangling=true -q\n",
	.run = volume_ls_run,
};

const struct command cmd_volume_inspect = {
	.name = "volume inspect",
	.group = GROUP_VOLUME,
	.about = "show everything that is known of volumes",
	.args = "[VOLUME...]",
	.complete = COMPLETE_VOLUMES,
	.needs = NEED_STORE,
	.opts = volume_inspect_opts,
	.args_size = sizeof(struct inspect_args),
	.examples = "cubby volume inspect data --format '{{.Mountpoint}}'\n",
	.run = volume_inspect_run,
};

const struct command cmd_volume_exists = {
	.name = "volume exists",
	.group = GROUP_VOLUME,
	.about = "say by the exit status whether a volume is there: 0 or 1",
	.args = "VOLUME",
	.complete = COMPLETE_VOLUMES,
	.needs = NEED_STORE,
	.run = volume_exists_run,
};

const struct command cmd_volume_rm = {
	.name = "volume rm",
	.group = GROUP_VOLUME,
	.about = "remove one or more volumes",
	.args = "[VOLUME...]",
	.complete = COMPLETE_VOLUMES,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = volume_rm_opts,
	.args_size = sizeof(struct volume_rm_args),
	.defaults = &(const struct volume_rm_args){ .timeout = -1 },
	.examples = "cubby volume rm data\n",
	.run = volume_rm_run,
};

const struct command cmd_volume_prune = {
	.name = "volume prune",
	.group = GROUP_VOLUME,
	.about = "remove all volumes that no container uses",
	.needs = NEED_STORE | NEED_USERNS,
	.opts = volume_prune_opts,
	.args_size = sizeof(struct volume_prune_args),
	.examples = "cubby volume prune -f\n",
	.run = volume_prune_run,
};
