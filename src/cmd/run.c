/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * run - make a container and start it
 */
#include <errno.h>
#include <unistd.h>

#include "cli/command.h"
#include "cmd/creds.h"
#include "cmd/preserve.h"
#include "cmd/progress.h"
#include "cmd/run_opts.h"
#include "cmd/streams.h"
#include "engine/images.h"
#include "engine/launch.h"

static const struct opt run_opts[] = {
	OPT_INCLUDE(struct run_args, create, create_opts), /* the whole struct: create is first */
	OPT_FLAG('d', "detach", struct run_args, detach, "leave it running and print its id"),
	OPT_FLAG(0, "rmi", struct run_args, remove_image,
		 "remove it and, unless others use it, its image when it ends"),
	OPT_TRI(0, "sig-proxy", struct run_args, sig_proxy, "forward signals (default true)"),
	OPT_INT(0, "preserve-fds", "N", struct run_args, preserve_fds,
		"pass the descriptors 3 to N+2 on"),
	OPT_LIST(0, "preserve-fd", "N,...", struct run_args, preserve_fd, COMPLETE_NONE,
		 "pass descriptors on, each under its number"),
	OPT_END,
};

/* docker refuses, podman warns. */
static int check_terminal(struct app *app, const struct run_args *args, struct err *err)
{
	if (!args->create.tty || !args->create.interactive || args->detach || isatty(0))
		return 0;
	if (app_docker(app))
		return err_set(err, -ENOTTY, "the input device is not a TTY");
	app_warn(app, "standard input is no terminal, and -t was given");
	return 0;
}

/* Others may use it, or it may have other names by its id: then it stays. */
static void drop_image(struct app *app, const struct container_config *config)
{
	static const struct image_delete_options options = { 0 };
	AUTO(image_deleted) struct image_deleted deleted = { 0 };
	AUTO(err) struct err err = { 0 };
	int r = config->image_name
			? image_delete(app->engine, config->image_name, &options, &deleted, &err)
			: 0;

	if (r < 0 && r != -EBUSY && r != -ENOENT)
		app_warn(app, "%s", err.text);
}

/* Both would begin at descriptor 3. */
static int take_sockets(struct app *app, const struct run_args *args, struct activation *out,
			struct err *err)
{
	int r = activation_take(app->host, out, err);

	if (r == 0 && out->count && (args->preserve_fds || args->preserve_fd.count))
		return err_set(
			err, -EINVAL,
			"--preserve-fds cannot be given where LISTEN_FDS hands sockets over");
	return r;
}

static int run_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	struct run_args *args = data;
	struct launch_options options = { .detach = args->detach };
	struct launch_result result;
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(creds) char *creds = NULL;
	AUTO(progress) struct progress progress = { 0 };
	AUTO(activation) struct activation activation = { 0 };
	struct streams streams = { 0 };
	int fds[PRESERVE_MAX];

	int r = run_args_finish(app, args, words, err);
	if (r == 0)
		r = check_terminal(app, args, err);
	if (r == 0 && args->detach && args->create.attach.count)
		r = err_set(err, -EINVAL, "--attach cannot be given with --detach");
	if (r == 0 && args->detach && args->remove_image)
		r = err_set(err, -EINVAL,
			    "--rmi cannot be given with --detach: nobody waits for the end");
	args->create.remove |= args->remove_image;
	if (r == 0)
		r = streams_choose(&args->create.attach, args->create.interactive, &streams, err);
	if (r == 0)
		r = preserve_choose(args->preserve_fds, &args->preserve_fd, fds,
				    &options.extra_count, err);
	options.extra_fds = fds;
	if (r == 0)
		r = take_sockets(app, args, &activation, err);
	args->create.activation = options.activation = &activation;
	progress_init(&progress, app, args->create.quiet);
	app->engine->watch = &progress.watch;
	if (r == 0)
		r = creds_complete(app, &args->create.creds, &creds, err);
	if (r == 0)
		r = create_container(app->engine, &args->create, &config, err);
	if (r < 0)
		return r;
	options.attach.in = streams.in;
	options.attach.out = streams.out;
	options.attach.errout = streams.errout;
	options.attach.tty = config->tty;
	options.attach.detach_keys = config->detach_keys;
	options.attach.forward_signals = args->sig_proxy != TRI_NO;
	r = launch(app->engine, config, &options, &result, err);
	if (r == 0 && args->remove_image && !result.detached)
		drop_image(app, config);
	if (r == 0 && args->detach)
		fprintf(app->out, "%s\n", config->id);
	return result.status;
}

/* Nothing was started: both tools say 125, but docker where the terminal is missing. */
static const struct exit_rule run_exits[] = { { -ENOTTY, 1, 125 }, { 0, 125, 125 } };

const struct command cmd_run = {
	.name = "run",
	.group = GROUP_CONTAINER,
	.about = "make a container and start it",
	.args = "IMAGE [COMMAND] [ARG...]",
	.complete = COMPLETE_IMAGES,
	.needs = NEED_STORE | NEED_USERNS,
	.flags = COMMAND_FLAGS_FIRST,
	.opts = run_opts,
	.args_size = sizeof(struct run_args),
	.defaults = &(const struct run_args)RUN_DEFAULTS,
	.clear = run_args_clear,
	.exits = run_exits,
	.examples = "cubby run --rm -it debian:12-slim bash\n"
		    "cubby run -d --name web -p 8080:80 nginx\n",
	.run = run_run,
};
