/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * squash - several layers of what a build came to become one
 */
#include "build/squash.h"

#include <stdlib.h>

#include "base/fd.h"
#include "build/box.h"
#include "engine/remove.h"
#include "engine/steplayer.h"

static void drop_layers(struct sofar *sofar, size_t keep)
{
	while (sofar->layers.count > keep) {
		const size_t last = sofar->layers.count - 1;
		strv_remove(&sofar->layers, last);
		strv_remove(&sofar->config->diff_ids, last);
		descriptor_clear(&sofar->blobs.items[last]);
		sofar->blobs.count = last;
	}
}

/* Of the lines behind those of the layers that stay the last one with a layer keeps it. */
static void join_history(struct image_histories *history, size_t keep, bool layer)
{
	struct image_history *last = NULL;
	size_t seen = 0;

	for (size_t i = 0; i < history->count; i++) {
		struct image_history *h = &history->items[i];
		if (h->empty_layer || seen++ < keep)
			continue;
		if (last)
			last->empty_layer = true;
		last = h;
	}
	if (last && !layer)
		last->empty_layer = true;
}

static int take(struct engine *engine, const char *box, const struct strv *upon,
		struct sofar *sofar, struct err *err)
{
	const struct steplayer_options options = { .upon = upon };
	AUTO(steplayer) struct steplayer layer = { .lock = -1 };
	const size_t keep = upon->count;
	const int r = steplayer_take(engine, box, &options, &layer, err);

	if (r < 0)
		return r;
	drop_layers(sofar, keep);
	join_history(&sofar->config->history, keep, !layer.empty);
	if (!layer.empty)
		sofar_add_plain(sofar, layer.key, layer.diff_id, layer.tar_size);
	return 0;
}

int build_squash(struct engine *engine, const struct build_options *options, struct sofar *sofar,
		 struct err *err)
{
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(fd) int lock = -1;
	struct create_args args = options->run;
	const size_t keep = options->squash == BUILD_SQUASH ? (size_t)sofar->base_layers : 0;

	if (options->squash == BUILD_LAYERS || sofar->layers.count < keep + 2)
		return 0;
	box_idle(&args);
	int r = box_make(engine, sofar, &args, NULL, &config, &lock, err);
	if (r < 0)
		return r;
	const struct strv upon = { .items = sofar->layers.items, .count = keep };
	r = take(engine, config->id, &upon, sofar, err);
	container_drop(engine, config->id);
	return r;
}
