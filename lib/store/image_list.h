/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_list - lists of images for several machines: entries of index.json that are indexes themselves
 *
 *   (1) the id of a list is the hexadecimal part of its own digest; it has no config and no layers;
 *   (2) what it names need not be an entry of its own, nor be here with all its blobs: a manifest that was
 *       added from a registry is here alone, and its layers are fetched or mounted when the list is pushed;
 *   (3) while a list names them, manifests and their blobs that are here stay.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "oci/image.h"
#include "store/image.h"
#include "store/store.h"

/**
 * image_list_index() - read the index of a list
 * @store:	open store
 * @list:	as found, .list is set
 * @out:	to be released with image_index_free; set on success only
 * @err:	names the list
 *
 * Return: 0; -ENOENT when its blob is lost; -EBADMSG when it is damaged.
 */
must_check int image_list_index(const struct store *store, const struct image *list,
				struct image_index **out, struct err *err);

/**
 * image_list_blobs() - the blobs that a list needs
 * @store:	open store
 * @list:	as found
 * @out:	digests are added, whether they are here or not
 *
 * Return: 0; a negative errno when the index cannot be read.
 */
must_check int image_list_blobs(const struct store *store, const struct image *list,
				struct strv *out);

/**
 * images_tied() - which images are more than what others left behind
 * @store:	open store
 * @images:	all images
 * @out:	ids are added: of the images that have a name, and of those that a list with a name names
 *
 * Those of other stores do not count.
 */
void images_tied(const struct store *store, const struct images *images, struct strv *out);

/**
 * image_list_choose() - the image of a list that suits a machine
 * @store:	open store
 * @images:	all images
 * @list:	one of them
 * @want:	for which machine; NULL: this one
 * @out:	to be released with image_free; it has the list's name; set on success only
 * @err:	says for what there is none, or that it is not here
 *
 * Return: 0; -EINVAL when there is none, or it is not here; -ENOENT when the index is lost; -EBADMSG.
 */
must_check int image_list_choose(const struct store *store, const struct images *images,
				 const struct image *list, const struct platform *want,
				 struct image **out, struct err *err);

/**
 * image_list_update() - give a list another index
 * @store:	open store
 * @list:	as found; it has a name
 * @index:	digest and media type of the index, which is in the store
 * @err:	names the list
 *
 * Another list that has the same index stays as it is. Takes LOCK_IMAGES.
 *
 * Return: 0; -EAGAIN when somebody else has changed it meanwhile; -ENOENT when it has gone; otherwise what
 * the kernel said.
 */
must_check int image_list_update(const struct store *store, const struct image *list,
				 const struct descriptor *index, struct err *err);
