/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ready - what a command needs before it runs: facts about the host, the open store
 */
#include "ready.h"

#include <errno.h>

#include "base/log.h"
#include "config.h"
#include "engine/engine.h"
#include "engine/runtimeflag.h"
#include "engine/runtimename.h"
#include "engine/tidy.h"
#include "kern/host.h"

static void warn(void *data, const char *sentence)
{
	app_warn(data, "%s", sentence);
}

static int measure(struct app *app, struct err *err)
{
	struct host *host = mem_new(struct host);
	int r = host_measure(host, err);

	if (r < 0)
		free(host);
	else
		app->host = host;
	return r;
}

static int check_backend(const char *typed, struct err *err)
{
	if (!typed || str_eq(typed, "file"))
		return 0;
	return err_set(
		err, -EINVAL,
		"--events-backend: '%s' is not there: events are kept in a file of the store",
		typed);
}

static int check_manager(const char *typed, struct err *err)
{
	if (!typed || str_eq(typed, "systemd") || str_eq(typed, "cgroupfs"))
		return 0;
	return err_set(err, -EINVAL, "--cgroup-manager: '%s' is neither systemd nor cgroupfs",
		       typed);
}

int app_ready(struct app *app, unsigned int needs, struct err *err)
{
	AUTO(runtime_flags) struct runtime_flags flags = { 0 };
	int r = runtime_flags_parse(&app->globals.runtime_flags, app->globals.cgroup_manager,
				    &flags, err);
	const struct engine_options options = {
		.root = app->globals.root,
		.driver = app->globals.storage_driver,
		.storage = &app->globals.storage_opts,
		.stores = &app->globals.stores,
		.cdi_folders = &app->globals.cdi_folders,
		.hook_folders = &app->globals.hook_folders,
		.cgroup_manager = flags.cgroup_manager ? flags.cgroup_manager
						       : app->globals.cgroup_manager,
		.docker = app_docker(app),
		.warn = warn,
		.warn_data = app,
	};

	if (r >= 0)
		r = runtime_flags_apply(&flags, err);
	if (r >= 0)
		r = check_backend(app->globals.events_backend, err);

	if (r >= 0)
		r = check_manager(app->globals.cgroup_manager, err);
	if (r >= 0 && app->globals.runtime)
		r = runtime_name_check(app->globals.runtime, err);
	if (r >= 0 && !app->host && needs & (NEED_HOST | NEED_STORE | NEED_USERNS))
		r = measure(app, err);
	if (r >= 0 && !app->engine && needs & NEED_STORE)
		r = engine_open(app->host, &options, &app->engine, err);
	if (r >= 0 && app->engine)
		log_debug("%s %s, store '%s'", PACKAGE_NAME, PACKAGE_VERSION,
			  app->engine->store->path);
	if (r >= 0 && needs & NEED_USERNS && !engine_identity(app->engine, err))
		r = err->code;
	/* What a killed command left goes with the next one; usually this is one look at a folder. */
	if (r >= 0 && needs & NEED_USERNS && app->engine)
		(void)!tidy_leftovers(app->engine, NULL); /* no reason not to do what was asked */
	return r;
}

void app_release(struct app *app)
{
	engine_free(app->engine);
	app->engine = NULL;
	if (app->host)
		host_clear(app->host);
	free(app->host);
	app->host = NULL;
	strv_clear(&app->globals.stores);
}
