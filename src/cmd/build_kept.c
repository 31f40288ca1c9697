/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_kept - what a step that failed has left, and what was there before it, as images to look into
 */
#include "cmd/build_kept.h"

#include <errno.h>
#include <string.h>

#include "build/commit.h"
#include "kern/host.h"

/* What has no SHELL has the usual one. */
static void run_shell(struct image_process *process)
{
	AUTO(strv) struct strv shell = { 0 };

	strv_add(&shell, process->shell.count ? process->shell.items[0] : "/bin/sh");
	strv_clear(&process->entrypoint);
	strv_clear(&process->cmd);
	strv_clear(&process->exposed_ports);
	strv_clear(&process->volumes);
	strv_clear(&process->healthcheck.test);
	strv_clear(&process->on_build);
	strv_extend(&process->cmd, &shell);
}

static int enter(struct app *app, const struct build_options *options, struct sofar *sofar,
		 struct build_committed *out, struct err *err)
{
	AUTO(mem) char *program = host_helper(app->host, "cubby-layer");
	const struct layer_host host = { .program = program, .userns = -1 };
	AUTO(layer_helper) struct layer_helper *helper = NULL;
	const struct strv none = { 0 };
	const int r = layer_helper_open(&host, &helper, err);

	run_shell(&sofar->config->config);
	return r < 0 ? r
		     : build_commit(app->engine, options, &none, &none, sofar, helper, out, err);
}

/* For a shell to read. */
static char *quoted(const char *text)
{
	AUTO(strv) struct strv parts = { 0 };

	if (*text && !text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					"0123456789_-+=./:,@%")])
		return str_dup(text);
	strv_split(&parts, text, '\'');
	AUTO(mem) char *joined = str_join(&parts, "'\\''");
	return str_fmt("'%s'", joined);
}

static void add_global(struct strv *words, const char *option, const char *value)
{
	if (!value)
		return;
	strv_add(words, option);
	strv_take(words, quoted(value));
}

/* The same store is meant, and the image goes with the container. */
static char *command_for(const struct app *app, const char *id)
{
	AUTO(strv) struct strv words = { 0 };

	strv_take(&words, quoted(app->name));
	add_global(&words, "--root", app->globals.root);
	add_global(&words, "--storage-driver", app->globals.storage_driver);
	for (size_t i = 0; i < app->globals.storage_opts.count; i++)
		add_global(&words, "--storage-opt", app->globals.storage_opts.items[i]);
	for (size_t i = 0; i < app->globals.stores.count; i++)
		add_global(&words, "--store", app->globals.stores.items[i]);
	strv_addf(&words, "run -it --rm --rmi %s", id);
	return str_join(&words, " ");
}

static void add_hint(struct err *err, const char *text)
{
	AUTO(mem) char *before = str_dup(err->hint);

	(void)err_hint(err, "%s%s%s", str_or(before, ""), before ? "; " : "", text);
}

static void keep(struct app *app, const struct build_options *options, struct sofar *sofar,
		 const char *what, struct err *err)
{
	AUTO(build_committed) struct build_committed image = { 0 };
	AUTO(err) struct err own = { 0 };

	if (enter(app, options, sofar, &image, &own) < 0) {
		app_error(app, &own);
		return;
	}
	AUTO(mem) char *command = command_for(app, image.id);
	AUTO(mem) char *text = str_fmt("look at what %s with: %s", what, command);
	add_hint(err, text);
}

void build_kept(struct app *app, const struct build_args *args, const struct build_options *options,
		struct solution *solution, struct err *err)
{
	struct sofar *sofar = &solution->sofar;

	if (!args->keep_failed) {
		if (solution->status)
			add_hint(err, "to look inside, build with --keep-failed");
		return;
	}
	if (!sofar->config || !sofar->layers.count) {
		add_hint(err, "nothing was built before it that could be looked into");
		return;
	}
	if (solution->partial) {
		keep(app, options, sofar, "it has left", err);
		sofar_strip(sofar);
	}
	if (sofar->layers.count)
		keep(app, options, sofar, "was built before it", err);
}
