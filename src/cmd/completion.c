/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * completion - scripts that let a shell complete the command line
 */
#include <errno.h>

#include "cli/command.h"
#include "cli/complete.h"

static const struct opt completion_opts[] = {
	OPT_REFUSED('f', "file", "redirect the output in the shell: > FILE"),
	OPT_REFUSED(0, "no-desc",
		    "descriptions are made as the word is typed; shells may hide them"),
	OPT_END,
};

static int completion_run(struct app *app, unused_arg void *args, const struct strv *words,
			  struct err *err)
{
	const char *shell = words->items[0];

	if (complete_script(shell, app->name, app->out) < 0) {
		err_set(err, -EINVAL, "no completion for '%s'", shell);
		return err_hint(err, "known shells: bash, zsh, fish");
	}
	return 0;
}

const struct command cmd_completion = {
	.name = "completion",
	.group = GROUP_SYSTEM,
	.about = "print a script that lets bash, zsh or fish complete the command line",
	.args = "SHELL",
	.opts = completion_opts,
	.examples = "source <(cubby completion bash)\n"
		    "cubby completion fish > ~/.config/fish/completions/cubby.fish\n",
	.run = completion_run,
};
