/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * workbase - what a stage is built upon, and other images that its steps name
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fd.h"
#include "build/work.h"
#include "engine/have.h"
#include "oci/digest.h"
#include "store/buildcache.h"
#include "store/images.h"

/* They stay while this process lives, whoever removes the image. */
static int hold_layers(struct work *work, const struct strv *layers, struct err *err)
{
	int lock;
	const int r = buildcache_hold(work->engine->store, layers, &lock, err);

	if (r == 0)
		*vec_push(&work->locks) = lock;
	return r;
}

static void drop_labels(const struct build_options *options, struct strv *labels)
{
	for (size_t i = labels->count; i > 0; i--) {
		AUTO(mem)
		char *key = str_ndup(labels->items[i - 1], strcspn(labels->items[i - 1], "="));
		if (options->no_base_labels || strv_find(&options->unset_labels, key) >= 0)
			strv_remove(labels, i - 1);
	}
}

static int load_image(struct work *work, const struct image *image, struct sofar *out,
		      struct err *err)
{
	const struct store *store = work->engine->store;
	AUTO(manifest) struct manifest *manifest = NULL;
	AUTO(sofar) struct sofar sofar = { 0 };

	int r = image_config(store, image, &sofar.config, err);
	if (r == 0)
		r = image_manifest(store, image, &manifest, err);
	if (r == 0)
		r = image_config_check(sofar.config, manifest, err);
	if (r == 0)
		r = hold_layers(work, &image->layers, err);
	if (r < 0)
		return r;
	drop_labels(work->options, &sofar.config->config.labels);
	strv_extend(&sofar.layers, &image->layers);
	sofar.blobs = manifest->layers;
	manifest->layers = (struct descriptors){ 0 };
	sofar.base = str_dup(str_or(image->name, image->id));
	sofar.base_digest = str_dup(image->digest);
	sofar.base_layers = (int64_t)image->layers.count;
	*out = sofar;
	sofar = (struct sofar){ 0 };
	return 0;
}

static int have(struct work *work, const char *name, const char *platform, struct sofar *out,
		struct err *err)
{
	const struct build_options *o = work->options;
	AUTO(image) struct image *image = NULL;
	AUTO(fd) int lock = -1;
	const struct create_args args = {
		.image = name,
		.pull = o->pull,
		.platform = platform,
		.tls_verify = o->access.tls_verify,
		.authfile = o->access.authfile,
		.creds = o->access.creds,
		.cert_dir = o->access.cert_dir,
		.retries = o->access.retries,
		.retry_delay = o->access.retry_delay,
	};

	const int r = have_image(work->engine, &args, &image, &lock, err);
	if (r < 0)
		return err_wrap(err, "cannot have the image '%s'", name);
	if (image->layers.count && image->layers.items[0][0] == '/')
		return err_set(err, -EOPNOTSUPP, "'%s' is one file: nothing is built upon it",
			       name);
	return load_image(work, image, out, err);
}

const struct build_context *work_context(const struct work *work, const char *name)
{
	const struct build_contexts *contexts = &work->options->contexts;

	for (size_t i = 0; i < contexts->count; i++)
		if (strcasecmp(contexts->items[i].name, name) == 0)
			return &contexts->items[i];
	return NULL;
}

int work_image(struct work *work, const char *name, struct sofar *out, struct err *err)
{
	return have(work, name, work->options->platform, out, err);
}

int work_tool(struct work *work, const char *name, struct sofar *out, struct err *err)
{
	return have(work, name, NULL, out, err);
}

int work_from(struct work *work, const char *name, struct sofar *out, struct err *err)
{
	const struct build_context *context = work_context(work, name);
	const ssize_t stage = context ? -1 : stages_named(work->stages, name);

	if (stage < 0)
		return work_image(work, context ? context->image : name, out, err);
	if (!work->done[stage].config)
		return err_set(err, -ENOENT, "the stage '%s' is not built before this one", name);
	sofar_copy(out, &work->done[stage]);
	return 0;
}

/* The key of an image: its layers; of scratch: none. */
static int begin_key(struct work *work, struct err *err)
{
	AUTO(stepkey) struct stepkey key = { 0 };
	int r = work_helper(work, err);

	if (r < 0)
		return r;
	stepkey_add_list(&key, "layers", &work->sofar.layers);
	return stepkey_hash(&key, work->helper, &work->sofar.key, err);
}

/* Programs find others in an image made of nothing, too; other builders write the same. */
static const char usual_path[] =
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

static int begin_scratch(struct work *work, const char *platform, struct err *err)
{
	struct image_config *config = image_config_new();
	struct platform host = { 0 };

	work->sofar.config = config;
	strv_add(&config->config.env, usual_path);
	platform_host(work->engine->host->machine, &host);
	if (!platform) {
		config->platform = host;
		return 0;
	}
	const int r = platform_parse(platform, &host, &config->platform, err);
	platform_clear(&host);
	return r;
}

int work_base(struct work *work, struct err *err)
{
	const struct stage *stage = &work->stages->items[work->at];
	const char *platform = str_or(stage->platform, work->options->platform);
	const struct build_context *context = work_context(work, stage->base);
	int r;

	if (stage->parent >= 0 && !context) {
		sofar_copy(&work->sofar, &work->done[stage->parent]);
		return 0;
	}
	if (stage->scratch && !context)
		r = begin_scratch(work, platform, err);
	else if (context && context->folder)
		r = err_set(err, -EINVAL, "the context '%s' is a folder: no stage is built upon it",
			    context->name);
	else
		r = have(work, context ? context->image : stage->base, platform, &work->sofar, err);
	return r < 0 ? r : begin_key(work, err);
}
