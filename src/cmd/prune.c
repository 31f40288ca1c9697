/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * prune - removing what nothing uses, for container, volume, network, image and system prune
 */
#include "cmd/prune.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "cli/ask.h"
#include "cmd/container_filter.h"
#include "cmd/image_filter.h"
#include "cmd/network_filter.h"
#include "cmd/volume_filter.h"
#include "engine/keep_storage.h"
#include "engine/networks.h"
#include "engine/remove.h"
#include "engine/sizes.h"
#include "engine/volumes.h"
#include "store/event.h"

bool prune_agreed(struct app *app, bool force, const char *what)
{
	AUTO(mem) char *question = str_fmt("%s\nAre you sure you want to continue?", what);

	return force || ask_yes(question, STDIN_FILENO, app->err);
}

/* What is to go, with the size of each. */
struct going {
	struct strv names;
	struct strv paths;
	int64_t *bytes;
};

static inline void auto_going(struct going *going)
{
	strv_clear(&going->names);
	strv_clear(&going->paths);
	free(going->bytes);
}

/* A size that cannot be found out is no reason to keep something. */
static void measure(struct app *app, struct going *going)
{
	going->bytes = mem_alloc(going->paths.count + 1, sizeof *going->bytes);
	(void)!sizes_of(app->engine, &going->paths, going->bytes, NULL);
}

static void tell(struct app *app, enum event_type type, int64_t bytes)
{
	AUTO(mem) char *text = str_fmt("reclaimed=%" PRId64, bytes);
	const char *const details[] = { text, NULL };
	const struct event_about nothing = { 0 };

	event_write(app->engine->store, type, EVENT_PRUNE, &nothing, details);
}

typedef int remove_fn(struct app *app, const char *name, struct err *err);

static void remove_all(struct app *app, const struct going *going, remove_fn *fn,
		       struct pruned *out)
{
	for (size_t i = 0; i < going->names.count; i++) {
		AUTO(err) struct err one = { 0 };
		const char *name = going->names.items[i];
		int r = fn(app, name, &one);
		if (r >= 0) {
			strv_add(&out->names, name);
			out->bytes += going->bytes[i];
		} else if (r != -EBUSY && r != -ENOENT) {
			/* Else somebody began to use it, or was faster. */
			out->status = exit_status(NULL, app->flavour, r);
			app_error(app, &one);
		}
	}
}

/* ---- containers ---- */

static bool is_over(const struct container_state *state)
{
	return state->status == CONTAINER_CREATED || state->status == CONTAINER_EXITED ||
	       state->status == CONTAINER_DEAD;
}

static int remove_container(struct app *app, const char *id, struct err *err)
{
	static const struct remove_options options = { .volumes = false, .timeout = -1 };

	return container_remove(app->engine, id, &options, err);
}

int prune_containers(struct app *app, const struct strv *filters, struct pruned *out,
		     struct err *err)
{
	AUTO(container_set) struct container_set set = { 0 };
	AUTO(going) struct going going = { 0 };
	struct container_filter filter;
	int r = container_set_load(app, &set, err);

	if (r >= 0)
		r = container_filter_init(filters, &set, &filter, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < set.count; i++) {
		const struct container_state *state = set.items[i];
		if (!is_over(state) || !container_filter_met(&filter, state))
			continue;
		strv_add(&going.names, state->id);
		strv_take(&going.paths,
			  store_container_path(app->engine->store, state->id, "upper"));
	}
	measure(app, &going);
	remove_all(app, &going, remove_container, out);
	tell(app, EVENT_CONTAINER, out->bytes);
	return 0;
}

/* ---- volumes ---- */

struct choice {
	struct going *going;
	struct volume_use use;
	bool named;
};

static int choose(unused_arg struct app *app, const struct volume *volume, void *data,
		  unused_arg struct err *err)
{
	const struct choice *choice = data;

	if ((!choice->named && !volume->anonymous) || volume_use_has(&choice->use, volume->name))
		return 0;
	strv_add(&choice->going->names, volume->name);
	strv_add(&choice->going->paths, volume->path);
	return 0;
}

static int remove_volume(struct app *app, const char *name, struct err *err)
{
	return volume_delete(app->engine, name, NULL, err);
}

int prune_volumes(struct app *app, const struct strv *filters, bool named, struct pruned *out,
		  struct err *err)
{
	AUTO(going) struct going going = { 0 };
	struct choice choice = { .going = &going, .named = named };

	volume_use_load(app, &choice.use);
	int r = volume_each(app, filters, choose, &choice, err);
	volume_use_clear(&choice.use);
	if (r < 0)
		return r;
	measure(app, &going);
	remove_all(app, &going, remove_volume, out);
	tell(app, EVENT_VOLUME, out->bytes);
	return 0;
}

/* ---- networks ---- */

static const char *const network_filters[] = { "label", "label!", "until", NULL };

int prune_networks_check(struct app *app, const struct strv *filters, struct err *err)
{
	AUTO(network_filter) struct network_filter filter = { 0 };

	return network_filter_init(app, filters, network_filters, &filter, err);
}

static int remove_network(struct app *app, const char *name, struct err *err)
{
	return networks_delete(app->engine, name, NULL, 0, err);
}

int prune_networks(struct app *app, const struct strv *filters, struct pruned *out, struct err *err)
{
	AUTO(going) struct going going = { 0 };
	AUTO(networks) struct networks list = { 0 };
	AUTO(network_filter) struct network_filter filter = { 0 };
	int r = network_filter_init(app, filters, network_filters, &filter, err);

	if (r == 0)
		r = networks_list(app->engine, &list, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < list.count; i++)
		if (network_filter_unused(&filter, list.items[i]) &&
		    network_filter_match(&filter, list.items[i]))
			strv_add(&going.names, list.items[i]->name);
	going.bytes = mem_alloc(going.names.count + 1, sizeof *going.bytes);
	remove_all(app, &going, remove_network, out);
	tell(app, EVENT_NETWORK, 0);
	return 0;
}

/* ---- images ---- */

/* What is used stays, whatever was wished for. */
static int prune_down(struct app *app, struct image_filter *filter, int64_t keep,
		      struct image_deleted *out, struct err *err)
{
	int64_t left = images_keep_storage(app->engine, keep, image_filter_met, filter, out, err);

	if (left > keep) {
		AUTO(mem) char *size = str_decimal(left, "");
		app_warn(app, "%s are left: containers use the rest, or it was not to go", size);
	}
	return (int)min_of(left, INT64_C(0));
}

int prune_images(struct app *app, const struct strv *filters, bool all, int64_t keep,
		 struct image_deleted *out, struct err *err)
{
	AUTO(image_filter) struct image_filter filter = { 0 };
	int r = image_filter_init(app, filters, &filter, err);

	if (r == 0 && keep >= 0)
		r = prune_down(app, &filter, keep, out, err);
	else if (r == 0)
		r = images_prune(app->engine, all, image_filter_met, &filter, out, err);
	if (r == 0)
		tell(app, EVENT_IMAGE, out->bytes);
	return r;
}

/* ---- telling ---- */

void prune_print(struct app *app, const char *title, const struct pruned *pruned)
{
	if (!pruned->names.count)
		return;
	if (title)
		fprintf(app->out, "%s\n", title);
	for (size_t i = 0; i < pruned->names.count; i++)
		fprintf(app->out, "%s\n", pruned->names.items[i]);
	if (title && app_docker(app))
		putc('\n', app->out);
}

void prune_total(struct app *app, int64_t bytes)
{
	AUTO(mem) char *size = str_decimal(bytes, "");

	fprintf(app->out, "Total reclaimed space: %s\n", size);
}

void pruned_clear(struct pruned *pruned)
{
	strv_clear(&pruned->names);
	*pruned = (struct pruned){ 0 };
}
