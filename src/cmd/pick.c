/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pick - the containers that a command is for: named, of a file, filtered, or all
 */
#include "cmd/pick.h"

#include <errno.h>
#include <fcntl.h>

#include "base/file.h"
#include "cmd/container_filter.h"
#include "cmd/each.h"
#include "engine/container.h"

enum { ID_FILE_MAX = 256 };

const struct opt pick_opts[] = {
	OPT_LIST(0, "cidfile", "FILE", struct pick_args, cidfiles, COMPLETE_FILE,
		 "the container whose id is in FILE"),
	OPT_LIST('f', "filter", "KEY=VALUE", struct pick_args, filters, COMPLETE_NONE,
		 "the containers that ps --filter shows"),
	OPT_FLAG('l', "latest", struct pick_args, latest, "the container made last"),
	OPT_END,
};

static int add_files(const struct pick_args *args, struct strv *out, struct err *err)
{
	for (size_t i = 0; i < args->cidfiles.count; i++) {
		const char *path = args->cidfiles.items[i];
		AUTO(mem) char *text = NULL;
		int r = file_read(AT_FDCWD, path, ID_FILE_MAX, &text, NULL);
		if (r == -ENOENT && args->ignore)
			continue;
		if (r < 0)
			return err_sys(err, r, "cannot read '%s'", path);
		strv_add(out, str_trim(text));
	}
	return 0;
}

int pick_chosen(struct app *app, const struct pick_args *args, unsigned int states,
		struct strv *out, struct err *err)
{
	AUTO(container_set) struct container_set set = { 0 };
	struct container_filter filter;
	int r = container_set_load(app, &set, err);

	if (r >= 0)
		r = container_filter_init(&args->filters, &set, &filter, err);
	if (r < 0)
		return r;
	if (args->latest && set.count)
		strv_add(out, set.items[0]->id);
	for (size_t i = 0; i < set.count && !args->latest; i++) {
		const struct container_state *state = set.items[i];
		bool meant = args->filters.count || states & 1u << state->status;
		if (meant && container_filter_met(&filter, state))
			strv_add(out, state->id);
	}
	return 0;
}

static int collect(struct app *app, const struct pick_args *args, const struct strv *words,
		   unsigned int states, struct strv *out, struct err *err)
{
	bool chosen = args->all || args->latest || args->filters.count;

	if (chosen && words->count)
		return err_set(err, -EINVAL, "--all, --latest and --filter take no names");
	if (!chosen && !words->count && !args->cidfiles.count)
		return err_set(err, -EINVAL, "name at least one container");
	strv_extend(out, words);
	int r = add_files(args, out, err);
	if (r >= 0 && chosen)
		r = pick_chosen(app, args, states, out, err);
	return r;
}

/* What pick_each() was asked for. */
struct asked {
	const struct pick_args *args;
	pick_fn *fn;
	void *data;
};

static int do_one(struct app *app, const char *name, const void *data, struct err *err)
{
	const struct asked *asked = data;
	AUTO(mem) char *id = NULL;
	int r = container_find(app->engine, name, &id, err);

	if (r == -ENOENT && asked->args->ignore) {
		err_clear(err);
		return 0;
	}
	if (r >= 0)
		r = asked->fn(app, id, asked->data, err);
	if (r >= 0 && !asked->args->silent)
		fprintf(app->out, "%s\n", name);
	return r;
}

int pick_each(struct app *app, const struct pick_args *args, const struct strv *words,
	      unsigned int states, pick_fn *fn, void *data, struct err *err)
{
	const struct asked asked = { .args = args, .fn = fn, .data = data };
	AUTO(strv) struct strv names = { 0 };
	int r = collect(app, args, words, states, &names, err);

	return r < 0 ? r : each_word(app, NULL, &names, do_one, &asked);
}

int pick_timeout(int typed)
{
	return typed == PICK_TIMEOUT_OWN ? -1 : typed < 0 ? INT_MAX : typed;
}

int pick_words(struct app *app, bool latest, const struct strv *words, size_t min, struct strv *out,
	       struct err *err)
{
	AUTO(container_set) struct container_set set = { 0 };

	if (words->count + latest < min)
		return err_set(err, -EINVAL, "name a container, or give --latest");
	if (!latest) {
		strv_extend(out, words);
		return 0;
	}
	int r = container_set_load(app, &set, err);
	if (r < 0)
		return r;
	if (!set.count)
		return err_set(err, -ENOENT, "there is no container");
	strv_add(out, set.items[0]->id);
	strv_extend(out, words);
	return 0;
}
