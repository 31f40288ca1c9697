/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * top - list the processes of a container
 */
#include <errno.h>

#include "cli/table.h"
#include "cmd/pick.h"
#include "engine/container.h"
#include "engine/top.h"

struct top_args {
	bool latest;
};

static const struct opt top_opts[] = {
	OPT_FLAG('l', "latest", struct top_args, latest, "of the container made last"),
	OPT_END,
};

static void print(const struct top *top, FILE *to)
{
	AUTO(mem) char *text = NULL;
	size_t size = 0, width = top->titles.count;
	FILE *lines = open_memstream(&text, &size);

	bug_unless(lines);
	for (size_t i = 0; i < width; i++)
		fprintf(lines, "%s%c", top->titles.items[i], i + 1 < width ? '\t' : '\n');
	for (size_t i = 0; i < top->cells.count; i++)
		fprintf(lines, "%s%c", top->cells.items[i], (i + 1) % width ? '\t' : '\n');
	bug_unless(fclose(lines) == 0);
	table_align(text, 0, to);
}

static int top_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct top_args *given = data;
	AUTO(top) struct top top = { 0 };
	AUTO(strv) struct strv args = { 0 };
	AUTO(mem) char *id = NULL;
	int r = pick_words(app, given->latest, words, 1, &args, err);

	if (r == 0)
		r = container_find(app->engine, args.items[0], &id, err);
	if (r < 0)
		return r;
	strv_remove(&args, 0);
	r = container_top(app->engine, id, &args, &top, err);
	if (r == 0)
		print(&top, app->out);
	return r;
}

const struct command cmd_top = {
	.name = "top",
	.group = GROUP_CONTAINER,
	.about = "list the processes of a container",
	.text = "The pids are those of the host. Columns can be named, of those that ps(1) and podman have: "
		"args capeff comm etime group groups hpid huser label nspid pcpu pgid pid ppid rss seccomp "
		"state stime time tty user vsz and more; or given as -ef, aux, -o LIST.",
	.args = "[CONTAINER] [COLUMNS...]",
	.complete = COMPLETE_RUNNING,
	.needs = NEED_STORE,
	.flags = COMMAND_FLAGS_FIRST,
	.opts = top_opts,
	.args_size = sizeof(struct top_args),
	.examples = "cubby top web\ncubby top web pid,user,args\n",
	.run = top_run,
};
