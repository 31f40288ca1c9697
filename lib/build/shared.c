/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * shared - taking steps from a registry
 */
#include "build/shared.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "build/report.h"
#include "build/shared_index.h"
#include "engine/have.h"
#include "engine/images.h"
#include "store/buildcache.h"
#include "store/images.h"

/* ---- which there are -------------------------------------------------------------------------- */

static void load_one(struct engine *engine, struct build_options *o, const char *ref)
{
	AUTO(err) struct err err = { 0 };
	AUTO(mem) char *name = NULL;
	AUTO(json) cJSON *index = NULL;
	const cJSON *entry;

	int r = shared_name(ref, &name, &err);
	if (r == 0)
		r = shared_index(engine, name, &o->access, &index, &err);
	if (r < 0) {
		engine_warn(engine, "no steps are taken from '%s': %s", ref, err.text);
		return;
	}
	AUTO(mem) char *repository = str_ndup(name, (size_t)(strrchr(name, ':') - name));
	cJSON_ArrayForEach(entry, json_get(index, "manifests"))
	{
		const char *key = shared_key(entry);
		const char *digest = json_text(entry, "digest");
		if (key && digest)
			strv_addf(&o->shared, "%s=%s@%s", key, repository, digest);
	}
}

void shared_load(struct engine *engine, struct build_options *options)
{
	for (size_t i = 0; i < options->cache_from.count; i++)
		load_one(engine, options, options->cache_from.items[i]);
}

/* ---- one of them ------------------------------------------------------------------------------ */

/* Its layers must be those so far and the step's own; of a linked step its own alone. */
static int read_record(const struct work *work, const struct image *image, const char *key,
		       struct buildstep *out, struct err *err)
{
	AUTO(image_config) struct image_config *config = NULL;
	AUTO(manifest) struct manifest *manifest = NULL;
	const struct strv *layers = &image->layers;
	uint64_t size = 0;

	int r = image_config(work->engine->store, image, &config, err);
	if (r == 0)
		r = image_manifest(work->engine->store, image, &manifest, err);
	if (r == 0)
		r = image_config_check(config, manifest, err);
	if (r < 0)
		return r;
	const struct strv *labels = &config->config.labels;
	const char *text = strv_env_get(labels, SHARED_TEXT);
	const char *created = strv_env_get(labels, SHARED_CREATED);
	const char *tar_size = strv_env_get(labels, SHARED_SIZE);
	const bool linked = strv_env_get(labels, SHARED_LINKED);
	const size_t below = linked ? 0 : work->sofar.layers.count;
	if (!str_eq(strv_env_get(labels, SHARED_KEY), key) || !text || !created)
		return err_set(err, -EBADMSG, "'%s' is not the step that the index says",
			       image->digest);
	for (size_t i = 0; i < below; i++)
		if (i >= layers->count || !str_eq(layers->items[i], work->sofar.layers.items[i]))
			return err_set(err, -EBADMSG, "the step was done upon other layers");
	if (layers->count > below + 1 || (layers->count == below && tar_size) ||
	    (layers->count > below && str_u64(str_or(tar_size, ""), INT64_MAX, &size) < 0))
		return err_set(err, -EBADMSG, "'%s' has other layers than its record says",
			       image->digest);
	out->key = str_dup(key);
	out->text = str_dup(text);
	out->created = str_dup(created);
	out->below = below ? str_dup(layers->items[below - 1]) : NULL;
	if (layers->count > below) {
		out->layer = str_dup(layers->items[below]);
		out->diff_id = str_dup(config->diff_ids.items[below]);
		out->tar_size = (int64_t)size;
		const struct descriptor *blob = &manifest->layers.items[below];
		out->blob = str_dup(blob->digest);
		out->blob_type = str_dup(blob->media_type);
		out->blob_size = blob->size;
	}
	return 0;
}

/* Under the lock that keeps the image, and with it the layer, until the record keeps it. */
static int take(struct work *work, const char *name, const char *key, struct err *err)
{
	const struct registry_access *access = &work->options->access;
	AUTO(buildstep) struct buildstep *record = mem_new(struct buildstep);
	AUTO(image_deleted) struct image_deleted gone = { 0 };
	AUTO(image) struct image *image = NULL;
	const struct image_delete_options delete = { .force = true };
	int lock = -1;
	const struct create_args args = {
		.image = name,
		.tls_verify = access->tls_verify,
		.authfile = access->authfile,
		.creds = access->creds,
		.cert_dir = access->cert_dir,
		.retries = access->retries,
		.retry_delay = access->retry_delay,
	};

	int r = have_image(work->engine, &args, &image, &lock, err);
	if (r < 0)
		return r;
	r = read_record(work, image, key, record, err);
	if (r == 0)
		r = buildcache_save(work->engine->store, record, err);
	fd_close(lock);
	(void)!image_delete(work->engine, image->id, &delete, &gone, NULL); /* else prune does */
	return r;
}

bool shared_take(struct work *work, const char *key)
{
	const char *name = strv_env_get(&work->options->shared, key);
	AUTO(err) struct err err = { 0 };

	if (!name || work->anew)
		return false;
	if (take(work, name, key, &err) == 0)
		return true;
	AUTO(mem)
	char *text = str_fmt("the step is done anew: cannot take '%s': %s", name, err.text);
	report_send(work->sock, &(struct report){ .kind = REPORT_WARN, .text = text });
	return false;
}
