/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * savestages - the stages that a target was built from, entered as images without names
 */
#include "build/savestages.h"

#include <string.h>
#include <strings.h>

#include "build/commit.h"
#include "store/images.h"

#define STAGE_NAME "io.buildah.stage.name"
#define STAGE_BASE "io.buildah.stage.base"

struct saving {
	struct engine *engine;
	const struct build_options *options;
	const struct stages *stages;
	const struct solution *solution;
	struct layer_helper *helper;
	struct strv ids; /* of each stage's image; "": there is none */
};

static void auto_saving(struct saving *s)
{
	strv_clear(&s->ids);
}

/* What a context of that name is, which comes before images. */
static const char *base_name(const struct saving *s, const struct stage *stage)
{
	const struct build_contexts *contexts = &s->options->contexts;

	for (size_t i = 0; i < contexts->count; i++)
		if (contexts->items[i].image &&
		    strcasecmp(contexts->items[i].name, stage->base) == 0)
			return contexts->items[i].image;
	return stage->base;
}

static void add_labels(const struct saving *s, size_t at, struct strv *out)
{
	const struct stage *stage = &s->stages->items[at];
	const char *parent = stage->parent < 0 ? "" : s->ids.items[stage->parent];

	if (!s->options->stage_labels)
		return;
	if (stage->name)
		strv_addf(out, STAGE_NAME "=%s", stage->name);
	else
		strv_addf(out, STAGE_NAME "=%zu", at);
	strv_addf(out, STAGE_BASE "=%s", *parent ? parent : base_name(s, stage));
}

/* Return: to be freed; "" when it is not in the store. */
static char *id_of(const struct saving *s, const char *digest)
{
	AUTO(image) struct image *image = NULL;

	return digest && image_find(s->engine->store, digest, &image, NULL) == 0
		       ? str_dup(image->id)
		       : str_dup("");
}

/* @out_id: set on success only */
static int save(const struct saving *s, size_t at, char **out_id, struct err *err)
{
	const struct stage *stage = &s->stages->items[at];
	const struct sofar *built = &s->solution->built[at];
	const struct strv none = { 0 };
	AUTO(build_committed) struct build_committed image = { 0 };
	AUTO(sofar) struct sofar sofar = { 0 };
	AUTO(strv) struct strv labels = { 0 };
	struct build_options options = *s->options;

	if (!stage->count && (int64_t)built->layers.count == built->base_layers) {
		*out_id = stage->parent < 0 ? id_of(s, built->base_digest)
					    : str_dup(s->ids.items[stage->parent]);
		return 0;
	}
	add_labels(s, at, &labels);
	strv_extend(&labels, &options.layer_labels);
	options.labels = labels;
	options.env = options.unset_env = options.os_features = none;
	options.os_version = NULL;
	sofar_copy(&sofar, built);
	const int r =
		build_commit(s->engine, &options, &none, &none, &sofar, s->helper, &image, err);
	if (r < 0)
		return err_wrap(err, "cannot save the stage of line %d", stage->line);
	*out_id = take_ptr(image.id);
	return 0;
}

int savestages(struct engine *engine, const struct build_options *options,
	       const struct stages *stages, size_t target, const struct solution *solution,
	       struct layer_helper *helper, struct strv *out_labels, struct err *err)
{
	AUTO(saving)
	struct saving s = {
		.engine = engine,
		.options = options,
		.stages = stages,
		.solution = solution,
		.helper = helper,
	};
	int r = 0;

	if (!options->save_stages)
		return 0;
	/* What a stage is built upon stands before it. */
	for (size_t i = 0; r == 0 && i < stages->count; i++) {
		char *id = NULL;
		if (i != target && solution->built[i].config)
			r = save(&s, i, &id, err);
		if (r == 0)
			strv_take(&s.ids, id ? id : str_dup(""));
	}
	if (r == 0)
		add_labels(&s, target, out_labels);
	return r;
}
