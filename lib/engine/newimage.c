/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * newimage - entering an image whose documents we made or were given
 */
#include "engine/newimage.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "oci/media.h"
#include "oci/reference.h"

int newimage_name(const struct engine *engine, const char *text, char **out, struct err *err)
{
	AUTO(reference) struct reference ref = { 0 };
	AUTO(reference) struct reference local = { 0 };

	int r = reference_parse(text, &ref, err);
	if (r < 0)
		return r;
	if (ref.digest)
		return err_set(err, -EINVAL,
			       "the name '%s' has a digest, which only comes out in "
			       "the end",
			       text);
	if (!ref.short_name || engine->docker) {
		*out = reference_print(&ref);
		return 0;
	}
	reference_in_domain(&ref, "localhost", &local);
	*out = reference_print(&local);
	return 0;
}

int newimage_blob(struct engine *engine, struct layer_helper *helper, int from, int flags,
		  struct blob_tmp **out, struct layer_digest *out_digest, struct err *err)
{
	AUTO(blob_tmp) struct blob_tmp *tmp = NULL;
	AUTO(layer_digest) struct layer_digest digest = { 0 };

	int r = blob_tmp_new(engine->store, &tmp, err);
	if (r < 0)
		return r;
	r = layer_ingest(helper, from, tmp->fd, flags, &digest, err);
	if (r < 0) {
		blob_tmp_drop(engine->store, tmp);
		return r;
	}
	*out = take_ptr(tmp);
	*out_digest = digest;
	digest = (struct layer_digest){ 0 };
	return 0;
}

int newimage_document(struct engine *engine, struct layer_helper *helper, const char *text,
		      struct layer_digest *out, struct err *err)
{
	AUTO(layer_digest) struct layer_digest digest = { 0 };

	int r = layer_digest_of(helper, text, strlen(text), &digest, err);
	if (r == 0)
		r = blob_put(engine->store, digest.digest, text, strlen(text), true, err);
	if (r < 0)
		return r;
	*out = digest;
	digest = (struct layer_digest){ 0 };
	return 0;
}

static int put_manifest(struct engine *engine, struct layer_helper *helper,
			const struct layer_digest *config, const struct descriptors *layers,
			const struct strv *annotations, bool docker, struct layer_digest *out,
			struct err *err)
{
	static const struct strv none = { 0 };
	const char *type = docker ? MEDIA_DOCKER_CONFIG : MEDIA_OCI_CONFIG;
	const struct manifest manifest = {
		.schema_version = 2,
		.media_type = (char *)(docker ? MEDIA_DOCKER_MANIFEST : MEDIA_OCI_MANIFEST),
		.config = { .media_type = (char *)type,
			    .digest = config->digest,
			    .size = config->size },
		.layers = *layers,
		.annotations = annotations ? *annotations : none,
	};
	AUTO(mem) char *text = manifest_print(&manifest);

	return newimage_document(engine, helper, text, out, err);
}

int newimage_manifest(struct engine *engine, struct layer_helper *helper,
		      const struct layer_digest *config, const struct descriptors *layers,
		      struct layer_digest *out, struct err *err)
{
	return put_manifest(engine, helper, config, layers, NULL, false, out, err);
}

int newimage_manifest_as(struct engine *engine, struct layer_helper *helper,
			 const struct layer_digest *config, struct descriptors *layers,
			 const struct strv *annotations, bool docker, struct layer_digest *out,
			 struct err *err)
{
	static const char *const types[][2] = {
		[MEDIA_PLAIN] = { MEDIA_OCI_LAYER, MEDIA_DOCKER_LAYER },
		[MEDIA_GZIP] = { MEDIA_OCI_LAYER_GZIP, MEDIA_DOCKER_LAYER_GZIP },
		[MEDIA_ZSTD] = { MEDIA_OCI_LAYER_ZSTD, MEDIA_DOCKER_LAYER_ZSTD },
	};

	for (size_t i = 0; i < layers->count; i++) {
		struct descriptor *d = &layers->items[i];
		str_set(&d->media_type, types[media_packing(d->media_type)][docker]);
	}
	return put_manifest(engine, helper, config, layers, annotations, docker, out, err);
}

const char *newimage_layer_type(const char *compression)
{
	static const char *const types[][2] = {
		{ "none", MEDIA_OCI_LAYER },
		{ "gzip", MEDIA_OCI_LAYER_GZIP },
		{ "zstd", MEDIA_OCI_LAYER_ZSTD },
	};

	for (size_t i = 0; i < array_len(types); i++)
		if (str_eq(compression, types[i][0]))
			return types[i][1];
	return NULL;
}
