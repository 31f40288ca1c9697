/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * newimage - entering an image whose documents we made or were given
 */
#pragma once

#include "engine/engine.h"
#include "layer/client.h"
#include "oci/image.h"
#include "store/blob.h"

/**
 * newimage_name() - the whole reference of a name for something made here
 * @engine:	as docker, a short name is docker.io's, else localhost's
 * @text:	as typed
 * @out:	to be freed; set on success only
 * @err:	what is wrong with it
 *
 * Return: 0; -EINVAL, also when the name has a digest.
 */
must_check int newimage_name(const struct engine *engine, const char *text, char **out,
			     struct err *err);

/**
 * newimage_blob() - take a stream in as a blob without a name yet
 * @engine:	the engine
 * @helper:	without a request under way
 * @from:	read from where it stands to its end
 * @flags:	LAYER_INSIDE or LAYER_INFLATE
 * @out:	to be released with blob_tmp_free, after blob_tmp_commit or blob_tmp_drop; set on success only
 * @out_digest:	digest and size; to be released with layer_digest_clear; set on success only
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int newimage_blob(struct engine *engine, struct layer_helper *helper, int from,
			     int flags, struct blob_tmp **out, struct layer_digest *out_digest,
			     struct err *err);

/**
 * newimage_document() - store a document as a blob
 * @engine:	the engine
 * @helper:	without a request under way
 * @text:	the document
 * @out:	digest and size; to be released with layer_digest_clear; set on success only
 * @err:	what failed
 *
 * The blob is durable.
 *
 * Return: 0 or a negative errno.
 */
must_check int newimage_document(struct engine *engine, struct layer_helper *helper,
				 const char *text, struct layer_digest *out, struct err *err);

/**
 * newimage_manifest() - make the manifest of a config and layers, and store it
 * @engine:	the engine
 * @helper:	without a request under way
 * @config:	digest and size of the config
 * @layers:	digests, sizes and media types, lowest first
 * @out:	digest and size of the manifest; to be released with layer_digest_clear; set on success only
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int newimage_manifest(struct engine *engine, struct layer_helper *helper,
				 const struct layer_digest *config,
				 const struct descriptors *layers, struct layer_digest *out,
				 struct err *err);

/**
 * newimage_manifest_as() - newimage_manifest() in docker's form or OCI's
 * @engine:	the engine
 * @helper:	without a request under way
 * @config:	digest and size of the config
 * @layers:	as newimage_manifest(); their types are changed to those of the form
 * @annotations:	"key=value", sorted; or NULL
 * @docker:	which form
 * @out:	as newimage_manifest()
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int newimage_manifest_as(struct engine *engine, struct layer_helper *helper,
				    const struct layer_digest *config, struct descriptors *layers,
				    const struct strv *annotations, bool docker,
				    struct layer_digest *out, struct err *err);

/**
 * newimage_layer_type() - the media type of a layer
 * @compression:	as struct layer_applied has it
 *
 * Return: the type, static; NULL when images know no such compression.
 */
const char *newimage_layer_type(const char *compression);
