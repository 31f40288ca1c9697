/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unpack - from the layers of an image to unpacked layers in the store
 *
 * An unpacker knows how cubby-layer is started in the outer user namespace; an unpack is one image's
 * layers on their way:
 *
 *	unpack_begin	locks the layers, finds those that are there already
 *	unpack_start	begins to unpack one, whose blob may still be growing
 *	unpack_fd	becomes readable when that one has ended
 *	unpack_finish	takes its result, and checks its diff id
 *	unpack_commit	when all are finished and the blobs are known good: fixes up what leans on
 *			lower layers and gives every layer its name
 *	unpack_free	stops what runs, removes what was not committed, lets the locks go
 *
 * Layers may be started in any order and at the same time; for blobs that are whole
 * unpack_missing_layers() does that. The locks are held until unpack_free(), which comes after the image was
 * entered into the index, so that nobody takes the layers away in between.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "layer/client.h"
#include "oci/image.h"
#include "store/temp.h"

struct unpacker;
struct unpack;

/**
 * unpacker_new() - find out how helpers are started
 * @engine:	borrowed for the unpacker's life
 * @out:	to be released with unpacker_free; set on success only
 * @err:	what is missing
 *
 * Makes or joins the outer user namespace and keeps it.
 *
 * Return: 0 or a negative errno.
 */
must_check int unpacker_new(struct engine *engine, struct unpacker **out, struct err *err);

/**
 * unpacker_free() - release
 * @unpacker:	may be NULL
 */
void unpacker_free(struct unpacker *unpacker);

DEFINE_AUTO_PTR(unpacker, struct unpacker, unpacker_free)

/**
 * unpacker_single() - start a helper that makes single files (layer/client.h, layer_single)
 * @unpacker:	how
 * @out:	to be released with layer_helper_close; set on success only
 * @err:	says what is missing
 *
 * Return: 0; -ENOTSUP when cubby was built without it; otherwise as layer_helper_open().
 */
must_check int unpacker_single(const struct unpacker *unpacker, struct layer_helper **out,
			       struct err *err);

/**
 * unpacker_helper() - start a helper
 * @unpacker:	how
 * @out:	to be released with layer_helper_close; set on success only
 * @err:	what is missing
 *
 * Return: 0 or a negative errno.
 */
must_check int unpacker_helper(const struct unpacker *unpacker, struct layer_helper **out,
			       struct err *err);

/**
 * unpacker_discard() - remove a temporary folder that may hold files of other ids
 * @unpacker:	whose user namespace the files were made in
 * @temp:	still to be released with temp_free; NULL does nothing
 *
 * What cannot be removed stays for the next sweep.
 */
void unpacker_discard(const struct unpacker *unpacker, struct temp *temp);

/**
 * unpack_begin() - lock an image's layers and find those that are there
 * @unpacker:	borrowed for the unpack's life
 * @manifest:	checked as an image's (manifest_check_image); borrowed likewise
 * @config:	checked against @manifest (image_config_check); borrowed likewise
 * @out:	to be released with unpack_free; set on success only
 * @err:	what the kernel said
 *
 * Waits for others who unpack one of the layers.
 *
 * Return: 0 or a negative errno.
 */
must_check int unpack_begin(struct unpacker *unpacker, const struct manifest *manifest,
			    const struct image_config *config, struct unpack **out,
			    struct err *err);

/**
 * unpack_free() - stop what runs, remove what was not committed, unlock
 * @unpack:	may be NULL
 */
void unpack_free(struct unpack *unpack);

DEFINE_AUTO_PTR(unpack, struct unpack, unpack_free)

/**
 * unpack_missing() - whether a layer must be unpacked
 * @unpack:	begun
 * @at:		number of the layer in the manifest
 *
 * A layer that the manifest names twice is missing once.
 *
 * Return: whether unpack_start() is due.
 */
bool unpack_missing(const struct unpack *unpack, size_t at);

/**
 * unpack_start() - begin to unpack a layer
 * @unpack:	begun
 * @at:		number of a missing layer, not started yet
 * @blob:	as in struct layer_apply; may be closed afterwards
 * @more:	likewise
 * @err:	what is missing
 *
 * Return: 0 or a negative errno.
 */
must_check int unpack_start(struct unpack *unpack, size_t at, int blob, int more, struct err *err);

/**
 * unpack_fd() - what becomes readable when a layer is unpacked
 * @unpack:	begun
 * @at:		number of a layer that was started
 *
 * Return: a descriptor that belongs to @unpack.
 */
int unpack_fd(const struct unpack *unpack, size_t at);

/**
 * unpack_finish() - wait for a layer
 * @unpack:	begun
 * @at:		number of a layer that was started
 * @err:	what is wrong with it
 *
 * Return: 0; -EBADMSG when it is damaged or its diff id or size is not what the image says; as
 * layer_apply_finish() otherwise.
 */
must_check int unpack_finish(struct unpack *unpack, size_t at, struct err *err);

/**
 * unpack_commit() - give all layers their names
 * @unpack:	everything missing is finished, and the blobs' digests were checked
 * @durable:	whether they are on disk when this returns
 * @err:	which layer failed
 *
 * Return: 0 or a negative errno.
 */
must_check int unpack_commit(struct unpack *unpack, bool durable, struct err *err);

/**
 * unpack_keys() - by which names the layers are known in the store
 * @unpack:	committed
 *
 * Return: one key for each layer, lowest first; belongs to @unpack.
 */
const struct strv *unpack_keys(const struct unpack *unpack);

/**
 * typedef unpack_open_fn - open the blob of a layer
 * @data:	as handed over
 * @at:		number of the layer
 * @err:	why it cannot be opened
 *
 * Return: a regular file, owned by the caller; or a negative errno.
 */
typedef int (*unpack_open_fn)(void *data, size_t at, struct err *err);

/**
 * unpack_missing_layers() - unpack all layers that are missing, several at the same time
 * @unpack:	begun
 * @open:	gives the blobs; NULL takes them from the store
 * @data:	handed to @open
 * @err:	which layer failed
 *
 * Return: 0; as unpack_finish() otherwise; what @open said.
 */
must_check int unpack_missing_layers(struct unpack *unpack, unpack_open_fn open, void *data,
				     struct err *err);

/**
 * unpack_image() - unpack an image whose blobs are in the store
 * @unpacker:	borrowed for the result's life
 * @manifest:	as unpack_begin()
 * @config:	as unpack_begin()
 * @durable:	as unpack_commit()
 * @out:	committed; to be released with unpack_free; set on success only
 * @err:	which layer failed
 *
 * Return: 0; -ENOENT when a blob is not there; as unpack_finish() otherwise.
 */
must_check int unpack_image(struct unpacker *unpacker, const struct manifest *manifest,
			    const struct image_config *config, bool durable, struct unpack **out,
			    struct err *err);
