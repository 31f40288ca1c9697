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

enum { STATUS_NOT_EXECUTABLE = 126, STATUS_NOT_FOUND = 127 };

static const struct opt unshare_opts[] = {
	OPT_REFUSED(0, "rootless-netns",
		    "networks have no namespace of their own while nothing runs"),
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

static int unshare_run(struct app *app, unused_arg void *args, const struct strv *words,
		       struct err *err)
{
	AUTO(strv) struct strv argv = { 0 };
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
	pid_t pid = outer_fork(app->engine, CLONE_NEWNS, false, &pidfd, err);
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
	.examples = "cubby unshare cat /proc/self/uid_map\ncubby unshare rm -r ~/data\n",
	.run = unshare_run,
};
