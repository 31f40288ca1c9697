/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * port - where the ports of a container are published
 */
#include <errno.h>

#include "cli/command.h"
#include "cmd/container_filter.h"
#include "engine/container.h"
#include "store/record.h"

struct port_args {
	bool all;
};

static const struct opt port_opts[] = {
	OPT_FLAG('a', "all", struct port_args, all, "of all containers that run"),
	OPT_REFUSED('l', "latest", "name the container; cubby ps -n 1 -q shows the latest"),
	OPT_END,
};

/* "IP:HOST:CONTAINER/PROTO" as "CONTAINER/PROTO" and "IP:HOST". */
static bool split(char *text, char **out_inside, char **out_outside)
{
	char *colon = strrchr(text, ':');

	if (!colon)
		return false;
	*colon = 0;
	*out_inside = colon + 1;
	*out_outside = text;
	return true;
}

/* Return: how many were printed. */
static size_t print_ports(struct app *app, const struct container_state *state, const char *wanted,
			  const char *prefix)
{
	size_t count = 0;

	for (size_t i = 0; i < state->ports.count; i++) {
		AUTO(mem) char *text = str_dup(state->ports.items[i]);
		char *inside, *outside;
		if (!split(text, &inside, &outside) || (wanted && !str_eq(wanted, inside)))
			continue;
		if (wanted)
			fprintf(app->out, "%s\n", outside);
		else
			fprintf(app->out, "%s%s -> %s\n", prefix, inside, outside);
		count++;
	}
	return count;
}

static int print_all(struct app *app, struct err *err)
{
	AUTO(container_set) struct container_set set = { 0 };
	int r = container_set_load(app, &set, err);

	for (size_t i = 0; i < set.count && r >= 0; i++) {
		AUTO(mem) char *prefix = str_fmt("%.*s\t", CONTAINER_ID_SHORT, set.items[i]->id);
		if (set.items[i]->status == CONTAINER_RUNNING)
			print_ports(app, set.items[i], NULL, prefix);
	}
	return r;
}

static int port_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct port_args *args = data;
	AUTO(container_state) struct container_state *state = NULL;
	AUTO(mem) char *id = NULL;

	if (args->all != (words->count == 0))
		return err_set(err, -EINVAL, "name a container, or give --all");
	if (args->all)
		return print_all(app, err);
	int r = container_find(app->engine, words->items[0], &id, err);
	if (r >= 0)
		r = record_state_load(app->engine->store, id, &state, err);
	if (r < 0)
		return r;
	const char *typed = words->count > 1 ? words->items[1] : NULL;
	AUTO(mem)
	char *wanted = !typed ? NULL : str_fmt("%s%s", typed, strchr(typed, '/') ? "" : "/tcp");
	if (print_ports(app, state, wanted, "") == 0 && wanted)
		return err_set(err, -ENOENT, "no public port '%s' published for '%s'", wanted,
			       state->name);
	return 0;
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
