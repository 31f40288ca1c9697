/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * commit - entering what a build came to as an image
 */
#include "build/commit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/newimage.h"
#include "oci/digest.h"
#include "oci/media.h"
#include "store/images.h"
#include "store/layers.h"

#define CREATED "org.opencontainers.image.created"

struct committing {
	struct engine *engine;
	const struct build_options *options;
	struct sofar *sofar;
	struct layer_helper *helper;
	struct strv names; /* whole */
};

static void auto_committing(struct committing *c)
{
	strv_clear(&c->names);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct strv *list)
{
	if (list->count)
		qsort(list->items, list->count, sizeof *list->items, compare);
}

/* What was done later, on this clock, was done at the time that is given. */
static void clamp_history(const struct committing *c, const char *given)
{
	const struct image_histories *history = &c->sofar->config->history;
	const int64_t limit = c->options->time * INT64_C(1000000000);

	for (size_t i = 0; i < history->count; i++) {
		char **created = &history->items[i].created;
		int64_t at;
		if (*created && clock_parse(*created, 0, &at) == 0 && at > limit)
			str_set(created, given);
	}
}

static void set_created(struct committing *c)
{
	struct image_config *config = c->sofar->config;
	const struct image_histories *history = &config->history;
	const char *last = NULL;
	AUTO(mem)
	char *given = c->options->dated ? clock_rfc3339_epoch(c->options->time) : NULL;
	AUTO(mem) char *now = clock_rfc3339(clock_now());

	if (given)
		clamp_history(c, given);
	for (size_t i = 0; i < history->count; i++)
		if (history->items[i].created)
			last = history->items[i].created;
	str_set(&config->created, given ? given : str_or(last, now));
}

static void set_features(struct strv *features, const struct strv *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		AUTO(mem) char *name = str_dup(changes->items[i]);
		const size_t n = strlen(name);
		const bool drop = n && name[n - 1] == '-';
		if (drop)
			name[n - 1] = 0;
		const ssize_t at = strv_find(features, name);
		if (drop && !*name)
			strv_clear(features);
		else if (drop && at >= 0)
			strv_remove(features, (size_t)at);
		else if (!drop && n && at < 0)
			strv_add(features, name);
	}
}

static void set_platform(struct platform *platform, const struct build_options *o)
{
	if (!str_empty(o->os_version))
		str_set(&platform->os_version, o->os_version);
	set_features(&platform->os_features, &o->os_features);
}

static void complete(struct committing *c)
{
	struct image_process *process = &c->sofar->config->config;
	const struct build_options *o = c->options;

	for (size_t i = 0; i < o->unset_env.count; i++)
		for (size_t k = process->env.count; k > 0; k--) {
			const char *value =
				str_starts(process->env.items[k - 1], o->unset_env.items[i]);
			if (value && *value == '=')
				strv_remove(&process->env, k - 1);
		}
	for (size_t i = 0; i < o->env.count; i++)
		strv_env_set(&process->env, o->env.items[i]);
	for (size_t i = 0; i < o->labels.count; i++)
		strv_env_set(&process->labels, o->labels.items[i]);
	sort(&process->labels);
	set_platform(&c->sofar->config->platform, o);
	set_created(c);
	if (o->omit_history)
		image_histories_clear(&c->sofar->config->history);
}

static int find_names(struct committing *c, const struct strv *names, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < names->count; i++) {
		char *name = NULL;
		r = newimage_name(c->engine, names->items[i], &name, err);
		if (r == 0)
			strv_take(&c->names, name);
	}
	return r;
}

static int make_durable(const struct committing *c, struct err *err)
{
	const struct store *store = c->engine->store;
	const struct strv *keys = &c->sofar->layers;

	for (size_t i = 0; i < keys->count; i++)
		if (layer_find(store, keys->items[i], NULL, NULL) < 0)
			return err_set(err, -ENOENT, "the layer '%.12s' is gone", keys->items[i]);
	return layers_make_durable(store, keys, err);
}

static int write_manifest(struct committing *c, const struct strv *annotations,
			  const struct layer_digest *config, struct layer_digest *out,
			  struct err *err)
{
	AUTO(strv) struct strv sorted = { 0 };

	if (c->options->created_annotation)
		strv_addf(&sorted, "%s=%s", CREATED, c->sofar->config->created);
	for (size_t i = 0; i < annotations->count; i++)
		strv_env_set(&sorted, annotations->items[i]);
	sort(&sorted);
	return newimage_manifest_as(c->engine, c->helper, config, &c->sofar->blobs, &sorted,
				    c->options->docker, out, err);
}

/* As the last build of the same left it. */
static bool is_there(const struct committing *c, const struct image *image)
{
	AUTO(image) struct image *found = NULL;

	if (image_find_any(c->engine->store, str_or(image->name, image->digest), &found, NULL) <
		    0 ||
	    found->store || found->list || !str_eq(found->digest, image->digest) ||
	    found->layers.count != image->layers.count ||
	    (image->name && !str_eq(found->name, image->name)))
		return false;
	for (size_t i = 0; i < image->layers.count; i++)
		if (!str_eq(found->layers.items[i], image->layers.items[i]))
			return false;
	return true;
}

static int enter(const struct committing *c, const struct layer_digest *manifest, struct err *err)
{
	struct image image = {
		.digest = manifest->digest,
		.media_type =
			(char *)(c->options->docker ? MEDIA_DOCKER_MANIFEST : MEDIA_OCI_MANIFEST),
		.manifest_size = manifest->size,
		.layers = c->sofar->layers,
	};
	int r = 0;

	if (c->names.count == 0)
		return is_there(c, &image) ? 0 : image_add(c->engine->store, &image, true, err);
	for (size_t i = 0; r == 0 && i < c->names.count; i++) {
		image.name = c->names.items[i];
		r = is_there(c, &image)
			    ? 0
			    : image_add(c->engine->store, &image, i + 1 == c->names.count, err);
	}
	return r;
}

int build_commit(struct engine *engine, const struct build_options *options,
		 const struct strv *names, const struct strv *annotations, struct sofar *sofar,
		 struct layer_helper *helper, struct build_committed *out, struct err *err)
{
	AUTO(committing)
	struct committing c = {
		.engine = engine, .options = options, .sofar = sofar, .helper = helper
	};
	AUTO(layer_digest) struct layer_digest config = { 0 };
	AUTO(layer_digest) struct layer_digest manifest = { 0 };
	AUTO(mem) char *text = NULL;

	int r = find_names(&c, names, err);
	if (r == 0)
		r = make_durable(&c, err);
	if (r < 0)
		return r;
	complete(&c);
	text = image_config_print(sofar->config);
	r = newimage_document(engine, c.helper, text, &config, err);
	if (r == 0)
		r = write_manifest(&c, annotations, &config, &manifest, err);
	if (r == 0)
		r = enter(&c, &manifest, err);
	if (r < 0)
		return r;
	*out = (struct build_committed){ .id = str_dup(digest_hex(config.digest)),
					 .digest = str_dup(manifest.digest) };
	strv_extend(&out->names, &c.names);
	return 0;
}

void build_committed_clear(struct build_committed *committed)
{
	free(committed->id);
	free(committed->digest);
	strv_clear(&committed->names);
	*committed = (struct build_committed){ 0 };
}
