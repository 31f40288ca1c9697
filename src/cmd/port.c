/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * port - where the ports of a container are published
 */
#include <errno.h>

#include "cli/command.h"
#include "cmd/container_filter.h"
#include "cmd/pick.h"
#include "engine/container.h"
#include "net/ports.h"
#include "store/record.h"

struct port_args {
	bool all;
	bool latest;
};

static const struct opt port_opts[] = {
	OPT_FLAG('a', "all", struct port_args, all, "of all containers that run"),
	OPT_FLAG('l', "latest", struct port_args, latest, "of the container made last"),
	OPT_END,
};

static int lines_of(const struct container_state *state, const char *wanted, struct strv *out,
		    struct err *err)
{
	AUTO(ports) struct ports ports = { 0 };
	int r = ports_load(&state->ports, &ports, err);

	return r < 0 ? r : ports_lines(&ports, wanted, out, err);
}

static int print_all(struct app *app, struct err *err)
{
	AUTO(container_set) struct container_set set = { 0 };
	int r = container_set_load(app, &set, err);

	for (size_t i = 0; i < set.count && r >= 0; i++) {
		AUTO(mem) char *prefix = str_fmt("%.*s\t", CONTAINER_ID_SHORT, set.items[i]->id);
		AUTO(strv) struct strv lines = { 0 };
		if (set.items[i]->status == CONTAINER_RUNNING)
			r = lines_of(set.items[i], NULL, &lines, err);
		for (size_t k = 0; k < lines.count; k++)
			fprintf(app->out, "%s%s\n", prefix, lines.items[k]);
	}
	return r;
}

static int port_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct port_args *args = data;
	AUTO(container_state) struct container_state *state = NULL;
	AUTO(strv) struct strv given = { 0 };
	AUTO(mem) char *id = NULL;

	if (args->all && (words->count || args->latest))
		return err_set(err, -EINVAL, "--all takes no names");
	if (args->all)
		return print_all(app, err);
	int r = pick_words(app, args->latest, words, 1, &given, err);
	if (r >= 0)
		r = container_find(app->engine, given.items[0], &id, err);
	if (r >= 0)
		r = record_state_load(app->engine->store, id, &state, err);
	if (r < 0)
		return r;
	const char *wanted = given.count > 1 ? given.items[1] : NULL;
	AUTO(strv) struct strv lines = { 0 };
	r = lines_of(state, wanted, &lines, err);
	if (r == -ENOENT)
		return err_set(err, r, "no public port '%s%s' published for '%s'", wanted,
			       strchr(wanted, '/') ? "" : "/tcp", state->name);
	for (size_t i = 0; i < lines.count; i++)
		fprintf(app->out, "%s\n", lines.items[i]);
	return r;
}

const struct command cmd_port = {
	.name = "port",
	.group = GROUP_CONTAINER,
	.about = "show where the ports of a container are published",
	.args = "[CONTAINER] [PORT[/PROTO]]",
	.complete = COMPLETE_RUNNING,
	.needs = NEED_STORE,
	.opts = port_opts,
	.args_size = sizeof(struct port_args),
	.examples = "cubby port web\ncubby port web 80\n",
	.run = port_run,
};
