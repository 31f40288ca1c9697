/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_tree - the layers of an image, or what is built upon it
 */
#include <errno.h>

#include "cli/command.h"
#include "engine/engine.h"
#include "store/container.h"
#include "store/images.h"
#include "store/layers.h"

struct tree_args {
	bool whatrequires;
};

static const struct opt tree_opts[] = {
	OPT_FLAG(0, "whatrequires", struct tree_args, whatrequires,
		 "the layers of all images that are built upon it, instead of its own"),
	OPT_END,
};

struct shown {
	struct app *app;
	struct images images; /* all, their layers known */
	const struct image *image;
};

static void auto_shown(struct shown *s)
{
	images_clear(&s->images);
}

static int load(struct shown *s, const char *text, struct err *err)
{
	const struct store *store = s->app->engine->store;
	AUTO(image) struct image *found = NULL;

	int r = image_find(store, text, &found, err);
	if (r == 0)
		r = images_load_all(store, &s->images, err);
	for (size_t i = 0; r == 0 && i < s->images.count; i++) {
		/* A damaged one has no layers to show. */
		(void)!image_complete(store, &s->images.items[i], NULL);
		if (!s->image && str_eq(s->images.items[i].id, found->id))
			s->image = &s->images.items[i];
	}
	if (r == 0 && !s->image)
		return err_set(err, -ENOENT, "the image '%s' is damaged", text);
	return r;
}

static void print_size(const struct shown *s, int64_t bytes)
{
	AUTO(mem) char *text = str_decimal(bytes, "");

	fputs(text, s->app->out);
}

/* All names of an image, or of those whose uppermost layer is a given one of that place. */
static void print_names(const struct shown *s, const struct strv *layers, size_t count)
{
	const char *between = "";

	for (size_t i = 0; i < s->images.count; i++) {
		const struct image *image = &s->images.items[i];
		bool same = image->layers.count == count && image->name;
		for (size_t l = 0; same && l < count; l++)
			same = str_eq(image->layers.items[l], layers->items[l]);
		if (!same)
			continue;
		fprintf(s->app->out, "%s%s", between, image->name);
		between = " ";
	}
}

static bool is_top(const struct shown *s, const struct strv *layers, size_t count)
{
	for (size_t i = 0; i < s->images.count; i++) {
		const struct image *image = &s->images.items[i];
		bool same = image->layers.count == count;
		for (size_t l = 0; same && l < count; l++)
			same = str_eq(image->layers.items[l], layers->items[l]);
		if (same)
			return true;
	}
	return false;
}

/* The layer number @count - 1 of @layers. */
static void print_layer(const struct shown *s, const char *indent, bool last,
			const struct strv *layers, size_t count)
{
	AUTO(layer) struct layer *layer = NULL;
	const char *key = layers->items[count - 1];

	(void)!layer_find(s->app->engine->store, key, NULL, &layer);
	fprintf(s->app->out, "%s%s ID: %.*s Size: ", indent, last ? "└── " : "├── ",
		CONTAINER_ID_SHORT, key);
	print_size(s, layer ? layer->size : 0);
	if (is_top(s, layers, count)) {
		fputs(" Top Layer of: [", s->app->out);
		print_names(s, layers, count);
		fputs("]", s->app->out);
	}
	fputc('\n', s->app->out);
}

/* Whether an image begins with the first layers of another. */
static bool begins_so(const struct image *image, const struct strv *layers, size_t count)
{
	bool same = image->layers.count > count;

	for (size_t l = 0; same && l < count; l++)
		same = str_eq(image->layers.items[l], layers->items[l]);
	return same;
}

/* Layers that lie directly upon the first ones of an image, each once: one image that has it. */
static void find_above(const struct shown *s, const struct strv *layers, size_t count,
		       struct strv *out_keys, const struct image **out)
{
	for (size_t i = 0; i < s->images.count; i++) {
		const struct image *image = &s->images.items[i];
		if (!begins_so(image, layers, count) ||
		    strv_find(out_keys, image->layers.items[count]) >= 0)
			continue;
		out[out_keys->count] = image;
		strv_add(out_keys, image->layers.items[count]);
	}
}

static void print_above(const struct shown *s, const char *indent, const struct strv *layers,
			size_t count)
{
	AUTO(mem) const struct image **above = mem_alloc(s->images.count, sizeof *above);
	AUTO(strv) struct strv keys = { 0 };

	find_above(s, layers, count, &keys, above);
	for (size_t i = 0; i < keys.count; i++) {
		bool last = i + 1 == keys.count;
		AUTO(mem) char *deeper = str_fmt("%s%s", indent, last ? "    " : "│   ");
		print_layer(s, indent, last, &above[i]->layers, count + 1);
		print_above(s, deeper, &above[i]->layers, count + 1);
	}
}

static void print_head(const struct shown *s)
{
	fprintf(s->app->out, "Image ID: %.*s\nTags:     [", CONTAINER_ID_SHORT, s->image->id);
	print_names(s, &s->image->layers, s->image->layers.count);
	fputs("]\nSize:     ", s->app->out);
	print_size(s, s->image->size);
	fputs("\nImage Layers\n", s->app->out);
}

static int tree_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct tree_args *args = data;
	AUTO(shown) struct shown s = { .app = app };
	int r = load(&s, words->items[0], err);

	if (r < 0)
		return r;
	const struct strv *layers = &s.image->layers;
	print_head(&s);
	if (args->whatrequires && layers->count) {
		print_layer(&s, "", true, layers, layers->count);
		print_above(&s, "    ", layers, layers->count);
		return 0;
	}
	for (size_t i = 0; i < layers->count; i++)
		print_layer(&s, "", i + 1 == layers->count, layers, i + 1);
	return 0;
}

const struct command cmd_image_tree = {
	.name = "image tree",
	.group = GROUP_IMAGE,
	.about = "show the layers of an image, or what is built upon it",
	.args = "IMAGE",
	.complete = COMPLETE_IMAGES,
	.needs = NEED_STORE,
	.opts = tree_opts,
	.args_size = sizeof(struct tree_args),
	.examples = "cubby image tree web\n"
		    "cubby image tree --whatrequires debian\n",
	.run = tree_run,
};
