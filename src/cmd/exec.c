/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exec - run a further process in a running container
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/command.h"
#include "cmd/pick.h"
#include "cmd/preserve.h"
#include "engine/await.h"
#include "engine/container.h"
#include "engine/envfile.h"
#include "engine/exec.h"

enum {
	ID_FILE_MAX = 256,
	STATUS_NOT_RUNNING = 255,
	STATUS_NOT_RUNNING_DOCKER = 1,
};

struct exec_command {
	bool detach;
	bool interactive;
	bool tty;
	bool privileged;
	struct strv env;
	struct strv env_files;
	const char *user;
	const char *workdir;
	const char *detach_keys;
	int preserve_fds;
	struct strv preserve_fd;
	const char *cidfile;
	bool latest;
	int wait;
};

static const struct opt exec_opts[] = {
	OPT_FLAG('d', "detach", struct exec_command, detach, "leave it running"),
	OPT_FLAG('i', "interactive", struct exec_command, interactive, "carry standard input"),
	OPT_FLAG('t', "tty", struct exec_command, tty, "give it a terminal"),
	OPT_LIST('e', "env", "NAME[=VALUE]", struct exec_command, env, COMPLETE_NONE,
		 "set a variable; a name alone takes the caller's value"),
	OPT_LIST(0, "env-file", "FILE", struct exec_command, env_files, COMPLETE_FILE,
		 "set the variables of a file"),
	OPT_TEXT('u', "user", "USER[:GROUP]", struct exec_command, user, COMPLETE_NONE,
		 "name or number of the user and group"),
	OPT_TEXT('w', "workdir", "DIR", struct exec_command, workdir, COMPLETE_NONE,
		 "working directory"),
	OPT_FLAG(0, "privileged", struct exec_command, privileged,
		 "give it all that the caller can give"),
	OPT_TEXT(0, "detach-keys", "KEYS", struct exec_command, detach_keys, COMPLETE_NONE,
		 "keys that detach (default ctrl-p,ctrl-q)"),
	OPT_INT(0, "preserve-fds", "N", struct exec_command, preserve_fds,
		"pass the descriptors 3 to N+2 on"),
	OPT_LIST(0, "preserve-fd", "N,...", struct exec_command, preserve_fd, COMPLETE_NONE,
		 "pass descriptors on, each under its number"),
	OPT_TEXT(0, "cidfile", "FILE", struct exec_command, cidfile, COMPLETE_FILE,
		 "in the container whose id is in FILE"),
	OPT_FLAG('l', "latest", struct exec_command, latest, "in the container made last"),
	OPT_HARMLESS(0, "no-session", "no record is made of a process that is waited for"),
	OPT_INT(0, "wait", "SECONDS", struct exec_command, wait,
		"wait so long at most for the container to run, or to be made"),
	OPT_END,
};

static inline void auto_exec_config(struct exec_config *config)
{
	exec_config_clear(config);
}

/* docker refuses, podman warns. */
static int check_terminal(struct app *app, const struct exec_command *args, struct err *err)
{
	if (!args->tty || !args->interactive || args->detach || isatty(STDIN_FILENO))
		return 0;
	if (app_docker(app))
		return err_set(err, -ENOTTY, "the input device is not a TTY");
	app_warn(app, "standard input is no terminal, and -t was given");
	return 0;
}

static int fill(struct app *app, const struct exec_command *args, const struct strv *words,
		struct exec_config *out, struct err *err)
{
	for (size_t i = 1; i < words->count; i++)
		strv_add(&out->argv, words->items[i]);
	out->user = str_dup(args->user);
	out->workdir = str_dup(args->workdir);
	out->tty = args->tty;
	out->privileged = args->privileged;
	for (size_t i = 0; i < args->env_files.count; i++) {
		int r = envfile_load(args->env_files.items[i], app->host, &out->env, err);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < args->env.count; i++) {
		int r = envfile_assign(args->env.items[i], app->host, &out->env, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Container, command and arguments, wherever the container was named. */
static int name_container(struct app *app, const struct exec_command *args,
			  const struct strv *words, struct strv *out, struct err *err)
{
	AUTO(mem) char *text = NULL;

	if (args->latest && args->cidfile)
		return err_set(err, -EINVAL, "--latest cannot be given with --cidfile");
	if (!args->cidfile)
		return pick_words(app, args->latest, words, 2, out, err);
	int r = file_read(AT_FDCWD, args->cidfile, ID_FILE_MAX, &text, NULL);
	if (r < 0)
		return err_sys(err, r, "cannot read '%s'", args->cidfile);
	strv_add(out, str_trim(text));
	strv_extend(out, words);
	return 0;
}

static int find(struct app *app, const struct exec_command *args, const char *name, char **out,
		struct err *err)
{
	if (args->wait < 0)
		return err_set(err, -EINVAL, "--wait: %d is no number of seconds", args->wait);
	if (args->wait > 0)
		return container_await_running(app->engine, name, args->wait * CLOCK_SECOND, out,
					       err);
	return container_find(app->engine, name, out, err);
}

static int exec_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct exec_command *args = data;
	AUTO(exec_config) struct exec_config config = { 0 };
	AUTO(mem) char *id = NULL;
	struct exec_options options = { .detach = args->detach,
					.interactive = args->interactive,
					.detach_keys = args->detach_keys };
	struct exec_result result;
	AUTO(strv) struct strv named = { 0 };
	int fds[PRESERVE_MAX];

	int r = preserve_choose(args->preserve_fds, &args->preserve_fd, fds, &options.extra_count,
				err);
	options.extra_fds = fds;
	if (r == 0)
		r = check_terminal(app, args, err);
	if (r == 0)
		r = name_container(app, args, words, &named, err);
	if (r == 0)
		r = fill(app, args, &named, &config, err);
	if (r == 0)
		r = find(app, args, named.items[0], &id, err);
	if (r < 0)
		return r;
	r = container_exec(app->engine, id, &config, &options, &result, err);
	if (r == -EPERM && result.status == 125)
		return app_docker(app) ? STATUS_NOT_RUNNING_DOCKER : STATUS_NOT_RUNNING;
	return result.status;
}

const struct command cmd_exec = {
	.name = "exec",
	.group = GROUP_CONTAINER,
	.about = "run a further process in a running container",
	.args = "[CONTAINER] COMMAND [ARG...]",
	.complete = COMPLETE_RUNNING,
	.needs = NEED_STORE,
	.flags = COMMAND_FLAGS_FIRST,
	.opts = exec_opts,
	.args_size = sizeof(struct exec_command),
	.examples = "cubby exec -it web sh\ncubby exec -u 1000 -w /tmp web id\n",
	.run = exec_run,
};
