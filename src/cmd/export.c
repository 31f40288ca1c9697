/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * export - write a container's root file system as a tar
 */
#include <errno.h>

#include "base/fd.h"
#include "cli/command.h"
#include "cmd/tar_out.h"
#include "engine/container.h"
#include "engine/export.h"

struct export_args {
	const char *output;
};

static const struct opt export_opts[] = {
	OPT_TEXT('o', "output", "FILE", struct export_args, output, COMPLETE_FILE,
		 "write to FILE (default: the standard output)"),
	OPT_END,
};

static int export_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct export_args *args = data;
	AUTO(mem) char *id = NULL;
	int r = container_find(app->engine, words->items[0], &id, err);

	if (r < 0)
		return r;
	AUTO(tar_out) struct tar_out out = { .fd = -1, .file = { .fd = -1 } };
	r = tar_out_open(args->output, &out, err);
	if (r == 0)
		r = container_export(app->engine, id, out.fd, err);
	return r < 0 ? r : tar_out_done(&out, err);
}

static const struct exit_rule export_exits[] = { { 0, 1, 125 } };

const struct command cmd_export = {
	.name = "export",
	.group = GROUP_CONTAINER,
	.about = "write a container's root file system as a tar",
	.text = "What is mounted in the container, its volumes above all, is left out. 'import' makes an image of "
		"the archive.",
	.args = "CONTAINER",
	.complete = COMPLETE_CONTAINERS,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = export_opts,
	.args_size = sizeof(struct export_args),
	.exits = export_exits,
	.examples = "cubby export -o web.tar web\n"
		    "cubby export web | cubby import - web:flat\n",
	.run = export_run,
};
