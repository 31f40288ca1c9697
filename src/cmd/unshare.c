/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unshare - run a program as root of the user namespace in which containers live
 */
#include <errno.h>
#include <sched.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "cli/command.h"
#include "engine/engine.h"
#include "engine/outer.h"
#include "engine/visit.h"

enum { STATUS_FAILED = 125, STATUS_NOT_EXECUTABLE = 126, STATUS_NOT_FOUND = 127 };

struct unshare_args {
	bool networks;
};

static const struct opt unshare_opts[] = {
	OPT_FLAG(
		0, "rootless-netns", struct unshare_args, networks,
		"on all networks that were made and containers are on: they are reached by address and name"),
	OPT_END,
};

/* In the child: never returns. */
no_return static void become(const char *path, char **argv, const struct host *host)
{
	proc_signals_reset();
	execve(path, argv, host->env.items);
	fprintf(stderr, "Error: cannot execute '%s': %m\n", path);
	_exit(errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE);
}

/* In the child: never returns. */
no_return static void enter(struct app *app, const struct visit *visit, const char *path,
			    char **argv)
{
	AUTO(err) struct err err = { 0 };

	if (visit_enter(visit, &err) == 0)
		become(path, argv, app->host);
	app_error(app, &err);
	(void)fflush(NULL);
	_exit(STATUS_FAILED);
}

static int unshare_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct unshare_args *args = data;
	AUTO(strv) struct strv argv = { 0 };
	AUTO(visit) struct visit visit = { 0 };
	AUTO(fd) int pidfd = -1;

	strv_extend(&argv, words);
	if (!argv.count)
		strv_add(&argv, str_or(host_env(app->host, "SHELL"), "/bin/sh"));
	AUTO(mem)
	char *path = strchr(argv.items[0], '/') ? str_dup(argv.items[0])
						: host_tool(app->host, argv.items[0]);
	if (!path) {
		err_set(err, -ENOENT, "no program named '%s'", argv.items[0]);
		app_error(app, err);
		return STATUS_NOT_FOUND;
	}
	if (args->networks) {
		const int r = visit_begin(app->engine, &visit, err);
		if (r < 0)
			return r;
	}
	const uint64_t network = args->networks ? CLONE_NEWNET : 0;
	pid_t pid = outer_fork(app->engine, CLONE_NEWNS | network, false, &pidfd, err);
	if (pid == 0 && args->networks)
		enter(app, &visit, path, argv.items);
	if (pid == 0)
		become(path, argv.items, app->host);
	return pid < 0 ? pid : proc_wait(pidfd);
}

const struct command cmd_unshare = {
	.name = "unshare",
	.group = GROUP_SYSTEM,
	.about = "run a program as root of the user namespace in which containers live",
	.args = "[COMMAND] [ARG...]",
	.complete = COMPLETE_FILE,
	.complete_rest = COMPLETE_FILE,
	.needs = NEED_STORE | NEED_USERNS,
	.flags = COMMAND_FLAGS_FIRST,
	.opts = unshare_opts,
	.args_size = sizeof(struct unshare_args),
	.examples = "cubby unshare cat /proc/self/uid_map\ncubby unshare rm -r ~/data\n"
		    "cubby unshare --rootless-netns curl http://web/\n",
	.run = unshare_run,
};
