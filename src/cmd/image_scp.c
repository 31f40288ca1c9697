/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_scp - copy an image to or from another machine
 */
#include <errno.h>

#include "cli/command.h"
#include "cmd/loaded_text.h"
#include "engine/blobless.h"
#include "engine/scp.h"

struct scp_args {
	bool quiet;
};

static const struct opt scp_opts[] = {
	OPT_FLAG('q', "quiet", struct scp_args, quiet, "say nothing of what was copied"),
	OPT_REFUSED(0, "format", "what goes over is an archive that all of them read"),
	OPT_END,
};

static int check_sides(const struct scp_side *from, const struct scp_side *to, struct err *err)
{
	if (to->image)
		return err_set(err, -EINVAL, "an image keeps its name: write '%s%s%s::'",
			       str_or(to->user, ""), to->user ? "@" : "", str_or(to->host, "HOST"));
	if (from->host || to->host)
		return 0;
	(void)err_set(err, -EINVAL, "neither side is another machine");
	return err_hint(err, "cubby image scp %s USER@HOST::", str_or(from->image, "IMAGE"));
}

static int scp_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct scp_args *args = data;
	AUTO(scp_side) struct scp_side from = { 0 }, to = { 0 };
	AUTO(loaded) struct loaded loaded = { 0 };

	int r = scp_side_parse(words->items[0], &from, err);
	if (r == 0 && words->count > 1)
		r = scp_side_parse(words->items[1], &to, err);
	if (r == 0)
		r = check_sides(&from, &to, err);
	if (r == 0)
		r = image_scp(app->engine, &from, &to, args->quiet, &loaded, err);
	if (r < 0)
		return r;
	blobless_settle(app->engine);
	for (size_t i = 0; !args->quiet && i < loaded.names.count; i++)
		loaded_print(app, loaded.names.items[i]);
	return 0;
}

static const struct exit_rule scp_exits[] = { { 0, 1, 125 } };

const struct command cmd_image_scp = {
	.name = "image scp",
	.group = GROUP_IMAGE,
	.about = "copy an image to or from another machine",
	.text = "[USER@]HOST::IMAGE is an image there, [USER@]HOST:: the place to copy to; without a "
		"place an image comes here. It goes over ssh, as ssh is set up for that host, and at "
		"the other side through cubby, podman or docker, whichever is there first. "
		"USER@localhost:: is another user of this machine, through sudo.",
	.args = "SOURCE [TARGET]",
	.complete = COMPLETE_IMAGES,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = scp_opts,
	.args_size = sizeof(struct scp_args),
	.exits = scp_exits,
	.examples = "cubby image scp web:1 me@server::\n"
		    "cubby image scp me@server::web:1\n",
	.run = scp_run,
};
