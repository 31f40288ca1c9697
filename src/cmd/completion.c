/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * completion - scripts that let a shell complete the command line
 */
#include <errno.h>
#include <stdlib.h>

#include "base/fd.h"
#include "base/newfile.h"
#include "cli/command.h"
#include "cli/complete.h"

enum { FILE_MODE = 0644 };

struct completion_args {
	const char *file;
	bool bare;
};

static const struct opt completion_opts[] = {
	OPT_TEXT('f', "file", "FILE", struct completion_args, file, COMPLETE_FILE,
		 "write the script to FILE"),
	OPT_FLAG(0, "no-desc", struct completion_args, bare,
		 "offer words without what they are for"),
	OPT_END,
};

static int write_script(const char *path, const char *text, size_t size, struct err *err)
{
	AUTO(newfile) struct newfile file = { .fd = -1 };
	int r = newfile_open(path, FILE_MODE, &file);

	if (r == 0)
		r = fd_write_all(file.fd, text, size);
	if (r == 0)
		r = newfile_done(&file);
	return r < 0 ? err_sys(err, r, "cannot write '%s'", path) : 0;
}

static int completion_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct completion_args *args = data;
	const char *shell = words->items[0];
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);

	if (!memory)
		return err_sys(err, -errno, "cannot make the script");
	int r = complete_script(shell, app->name, args->bare, memory);
	(void)fclose(
		memory); /* a stream in memory fails with the memory alone, which ends the program */
	AUTO(mem) char *script = text;
	if (r < 0) {
		err_set(err, -EINVAL, "no completion for '%s'", shell);
		return err_hint(err, "known shells: bash, zsh, fish");
	}
	if (args->file)
		return write_script(args->file, script, size, err);
	fputs(script, app->out);
	return 0;
}

const struct command cmd_completion = {
	.name = "completion",
	.group = GROUP_SYSTEM,
	.about = "print a script that lets bash, zsh or fish complete the command line",
	.args = "SHELL",
	.opts = completion_opts,
	.args_size = sizeof(struct completion_args),
	.examples = "source <(cubby completion bash)\n"
		    "cubby completion -f ~/.config/fish/completions/cubby.fish fish\n",
	.run = completion_run,
};
