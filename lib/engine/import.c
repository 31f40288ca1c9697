/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * import - an image of one layer from a tar of a root file system
 *
 * The tar is kept as it came, but for compressions that images do not know: those are kept inflated.
 */
#include "engine/import.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "engine/newimage.h"
#include "engine/unpack.h"
#include "oci/change.h"
#include "oci/digest.h"
#include "oci/media.h"
#include "store/event.h"
#include "store/images.h"
#include "store/lock.h"

struct import {
	struct engine *engine;
	struct unpacker *unpacker;
	struct layer_helper *helper;
	struct image_config *config;
	struct layer_digest layer;
	const char *layer_type;
	char *name;
	struct unpack *unpacked;
	struct blob_tmp *blob; /* of the layer */
	int blob_lock;
};

static void auto_import(struct import *i)
{
	if (i->blob && i->blob->rel)
		blob_tmp_drop(i->engine->store, i->blob);
	blob_tmp_free(i->blob);
	fd_close(i->blob_lock);
	unpack_free(i->unpacked);
	layer_helper_close(i->helper);
	unpacker_free(i->unpacker);
	image_config_free(i->config);
	layer_digest_clear(&i->layer);
	free(i->name);
}

/* What can be wrong with the options is told before anything is read. */
static int make_config(struct import *i, const char *source, const struct import_options *options,
		       struct err *err)
{
	struct platform host = { 0 };
	int r = 0;

	i->config = image_config_new();
	platform_host(i->engine->host->machine, &host);
	if (options->platform) {
		r = platform_parse(options->platform, &host, &i->config->platform, err);
		platform_clear(&host);
	} else {
		i->config->platform = host;
	}
	for (size_t c = 0; r == 0 && options->changes && c < options->changes->count; c++)
		r = change_apply(&i->config->config, options->changes->items[c], err);
	if (r < 0)
		return r;
	i->config->created = clock_rfc3339(clock_now());
	struct image_history *history = vec_push(&i->config->history);
	*history = (struct image_history){
		.created = str_dup(i->config->created),
		.created_by = str_fmt("/bin/sh -c #(nop) ADD file:%s in /", source),
		.comment = options->message ? str_dup(options->message)
					    : str_fmt("Imported from %s", source),
	};
	return options->name ? newimage_name(i->engine, options->name, &i->name, err) : 0;
}

static int take_in(struct import *i, int from, struct err *err)
{
	AUTO(blob_tmp) struct blob_tmp *packed = NULL;
	AUTO(layer_digest) struct layer_digest digest = { 0 };

	int r = newimage_blob(i->engine, i->helper, from, LAYER_INSIDE, &i->blob, &i->layer, err);
	if (r < 0)
		return r;
	if (!i->layer.size)
		return err_set(err, -EBADMSG, "the archive is empty");
	i->layer_type = newimage_layer_type(i->layer.compression);
	if (i->layer_type)
		return 0;
	i->layer_type = MEDIA_OCI_LAYER;
	packed = take_ptr(i->blob);
	if (lseek(packed->fd, 0, SEEK_SET) < 0)
		r = err_sys(err, -errno, "cannot read the archive again");
	if (r == 0)
		r = newimage_blob(i->engine, i->helper, packed->fd, LAYER_INFLATE, &i->blob,
				  &digest, err);
	blob_tmp_drop(i->engine->store, packed);
	if (r < 0)
		return r;
	str_set(&i->layer.digest, digest.digest);
	str_set(&i->layer.inside, digest.digest);
	i->layer.size = digest.size;
	return 0;
}

static int unpack_it(struct import *i, const struct descriptors *layers, struct err *err)
{
	const struct manifest manifest = { .schema_version = 2, .layers = *layers };

	int r = unpack_begin(i->unpacker, &manifest, i->config, &i->unpacked, err);
	if (r < 0)
		return r;
	if (unpack_missing(i->unpacked, 0)) {
		r = unpack_start(i->unpacked, 0, i->blob->fd, -1, err);
		if (r == 0)
			r = unpack_finish(i->unpacked, 0, err);
	}
	return r < 0 ? r : unpack_commit(i->unpacked, true, err);
}

/* The lock keeps the blob until the index refers to it. */
static int keep_blob(struct import *i, struct err *err)
{
	const struct store *store = i->engine->store;
	int r = lock_take(store, LOCK_BLOB, i->layer.digest, LOCK_EXCLUSIVE, &i->blob_lock, err);

	return r < 0 ? r : blob_tmp_commit(store, i->blob, i->layer.digest, true, err);
}

static int enter(struct import *i, const struct descriptors *layers, char **out_id, struct err *err)
{
	AUTO(mem) char *text = image_config_print(i->config);
	AUTO(layer_digest) struct layer_digest config = { 0 };
	AUTO(layer_digest) struct layer_digest manifest = { 0 };

	int r = newimage_document(i->engine, i->helper, text, &config, err);
	if (r == 0)
		r = newimage_manifest(i->engine, i->helper, &config, layers, &manifest, err);
	if (r < 0)
		return r;
	const struct image image = {
		.name = i->name,
		.digest = manifest.digest,
		.media_type = (char *)MEDIA_OCI_MANIFEST,
		.manifest_size = manifest.size,
		.layers = *unpack_keys(i->unpacked),
	};
	r = image_add(i->engine->store, &image, true, err);
	if (r < 0)
		return r;
	*out_id = str_dup(digest_hex(config.digest));
	event_named(i->engine->store, EVENT_IMAGE, EVENT_IMPORT, *out_id, i->name);
	return 0;
}

int image_import(struct engine *engine, int from, const char *source,
		 const struct import_options *options, char **out_id, struct err *err)
{
	AUTO(import) struct import i = { .engine = engine, .blob_lock = -1 };

	int r = make_config(&i, source, options, err);
	if (r == 0)
		r = store_check_writable(engine->store, err);
	if (r == 0)
		r = unpacker_new(engine, &i.unpacker, err);
	if (r == 0)
		r = unpacker_helper(i.unpacker, &i.helper, err);
	if (r == 0)
		r = take_in(&i, from, err);
	if (r < 0)
		return r;
	struct descriptor layer = { .media_type = (char *)i.layer_type,
				    .digest = i.layer.digest,
				    .size = i.layer.size };
	const struct descriptors layers = { .items = &layer, .count = 1 };
	strv_add(&i.config->diff_ids, i.layer.inside);
	r = unpack_it(&i, &layers, err);
	if (r == 0)
		r = keep_blob(&i, err);
	return r < 0 ? r : enter(&i, &layers, out_id, err);
}
