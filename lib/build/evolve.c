/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * evolve - what instructions make of an image's config
 */
#include "build/evolve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "kern/signame.h"

typedef int (*apply_fn)(struct image_config *config, struct evolve_state *state,
			const struct instruction *in, struct err *err);

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct strv *list)
{
	if (list->count)
		qsort(list->items, list->count, sizeof *list->items, compare);
}

static void add_once(struct strv *set, const struct strv *more)
{
	for (size_t i = 0; i < more->count; i++)
		if (strv_find(set, more->items[i]) < 0)
			strv_add(set, more->items[i]);
	sort(set);
}

static void set_pairs(struct strv *list, const struct instruction_pairs *pairs)
{
	for (size_t i = 0; i < pairs->count; i++) {
		const struct instruction_pair *p = &pairs->items[i];
		AUTO(mem) char *text = str_fmt("%s=%s", p->name, str_or(p->value, ""));
		strv_env_set(list, text);
	}
}

/* ---- paths ------------------------------------------------------------------------------------ */

static void clean_into(const char *path, struct strv *out)
{
	AUTO(strv) struct strv parts = { 0 };

	strv_split(&parts, path, '/');
	for (size_t i = 0; i < parts.count; i++) {
		const char *part = parts.items[i];
		if (!*part || str_eq(part, "."))
			continue;
		if (!str_eq(part, ".."))
			strv_add(out, part);
		else if (out->count)
			strv_remove(out, out->count - 1);
	}
}

char *evolve_folder(const struct image_config *config, const char *path)
{
	AUTO(strv) struct strv parts = { 0 };

	if (*path != '/' && config->config.workdir)
		clean_into(config->config.workdir, &parts);
	clean_into(path, &parts);
	const size_t n = strlen(path);
	const bool folder = parts.count && n && (path[n - 1] == '/' || str_ends(path, "/."));
	AUTO(mem) char *joined = str_join(&parts, "/");
	return str_fmt("/%s%s", joined, folder ? "/" : "");
}

/* ---- instructions ----------------------------------------------------------------------------- */

void evolve_shell(const struct image_config *config, const char *line, struct strv *out)
{
	if (config->config.shell.count) {
		strv_extend(out, &config->config.shell);
	} else {
		strv_add(out, "/bin/sh");
		strv_add(out, "-c");
	}
	strv_add(out, line);
}

static void set_command(struct strv *list, const struct image_config *config,
			const struct instruction_command *command)
{
	strv_clear(list);
	if (command->shell && command->args.count)
		evolve_shell(config, command->args.items[0], list);
	else
		strv_extend(list, &command->args);
}

static int apply_cmd(struct image_config *config, struct evolve_state *state,
		     const struct instruction *in, struct err *err)
{
	(void)err;
	set_command(&config->config.cmd, config, &in->command);
	state->own_cmd = true;
	return 0;
}

/* The command of the base was meant for the base's entrypoint. */
static int apply_entrypoint(struct image_config *config, struct evolve_state *state,
			    const struct instruction *in, struct err *err)
{
	(void)err;
	set_command(&config->config.entrypoint, config, &in->command);
	if (!state->own_cmd)
		strv_clear(&config->config.cmd);
	return 0;
}

static int apply_env(struct image_config *config, struct evolve_state *state,
		     const struct instruction *in, struct err *err)
{
	(void)state;
	(void)err;
	set_pairs(&config->config.env, &in->pairs);
	return 0;
}

static int apply_label(struct image_config *config, struct evolve_state *state,
		       const struct instruction *in, struct err *err)
{
	(void)state;
	(void)err;
	set_pairs(&config->config.labels, &in->pairs);
	sort(&config->config.labels);
	return 0;
}

static int apply_expose(struct image_config *config, struct evolve_state *state,
			const struct instruction *in, struct err *err)
{
	(void)state;
	(void)err;
	add_once(&config->config.exposed_ports, &in->words);
	return 0;
}

static int apply_volume(struct image_config *config, struct evolve_state *state,
			const struct instruction *in, struct err *err)
{
	(void)state;
	(void)err;
	add_once(&config->config.volumes, &in->words);
	return 0;
}

static int apply_user(struct image_config *config, struct evolve_state *state,
		      const struct instruction *in, struct err *err)
{
	(void)state;
	(void)err;
	str_set(&config->config.user, in->text);
	return 0;
}

static int apply_workdir(struct image_config *config, struct evolve_state *state,
			 const struct instruction *in, struct err *err)
{
	AUTO(mem) char *path = evolve_folder(config, in->text);
	size_t n = strlen(path);

	(void)state;
	(void)err;
	if (n > 1 && path[n - 1] == '/')
		path[n - 1] = 0;
	str_set(&config->config.workdir, path);
	return 0;
}

static int apply_signal(struct image_config *config, struct evolve_state *state,
			const struct instruction *in, struct err *err)
{
	int number;
	const int r = signame_parse(in->text, &number, err);

	(void)state;
	if (r == 0)
		str_set(&config->config.stop_signal, in->text);
	return r;
}

static int apply_maintainer(struct image_config *config, struct evolve_state *state,
			    const struct instruction *in, struct err *err)
{
	(void)state;
	(void)err;
	str_set(&config->author, in->text);
	return 0;
}

static int apply_onbuild(struct image_config *config, struct evolve_state *state,
			 const struct instruction *in, struct err *err)
{
	(void)state;
	(void)err;
	strv_add(&config->config.on_build, in->text);
	return 0;
}

static int apply_shell(struct image_config *config, struct evolve_state *state,
		       const struct instruction *in, struct err *err)
{
	(void)state;
	(void)err;
	strv_clear(&config->config.shell);
	strv_extend(&config->config.shell, &in->command.args);
	return 0;
}

static int apply_health(struct image_config *config, struct evolve_state *state,
			const struct instruction *in, struct err *err)
{
	struct image_healthcheck *h = &config->config.healthcheck;

	(void)state;
	(void)err;
	strv_clear(&h->test);
	*h = (struct image_healthcheck){ .interval = in->health.interval,
					 .timeout = in->health.timeout,
					 .start_period = in->health.start_period,
					 .start_interval = in->health.start_interval,
					 .retries = in->health.retries };
	strv_add(&h->test, in->health.none ? "NONE" : in->command.shell ? "CMD-SHELL" : "CMD");
	strv_extend(&h->test, &in->command.args);
	return 0;
}

static const apply_fn applies[KIND_COUNT] = {
	[KIND_CMD] = apply_cmd,
	[KIND_ENTRYPOINT] = apply_entrypoint,
	[KIND_ENV] = apply_env,
	[KIND_EXPOSE] = apply_expose,
	[KIND_HEALTHCHECK] = apply_health,
	[KIND_LABEL] = apply_label,
	[KIND_MAINTAINER] = apply_maintainer,
	[KIND_ONBUILD] = apply_onbuild,
	[KIND_SHELL] = apply_shell,
	[KIND_STOPSIGNAL] = apply_signal,
	[KIND_USER] = apply_user,
	[KIND_VOLUME] = apply_volume,
	[KIND_WORKDIR] = apply_workdir,
};

int evolve_apply(struct image_config *config, struct evolve_state *state,
		 const struct instruction *instruction, struct err *err)
{
	const apply_fn apply = applies[instruction->kind];

	return apply ? apply(config, state, instruction, err) : 0;
}

void evolve_history(struct image_config *config, const char *text, const char *created, bool empty)
{
	*vec_push(&config->history) = (struct image_history){ .created = str_dup(created),
							      .created_by = str_dup(text),
							      .empty_layer = empty };
}
