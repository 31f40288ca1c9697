/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * load_archive - the members of an archive, and taking one image of them in
 *
 * For the verb load alone. The members lie unpacked in a temporary folder, hashed; a layer becomes a
 * blob by a rename.
 */
#pragma once

#include "engine/engine.h"
#include "engine/unpack.h"
#include "layer/client.h"
#include "oci/image.h"
#include "store/temp.h"

struct load_archive {
	struct engine *engine;
	struct unpacker *unpacker;
	struct layer_helper *helper;
	struct temp *temp;
	int dir; /* of .temp */
	struct layer_members members;
	struct strv *out; /* see images_load_archive(); borrowed */
};

/* One image of the archive; everything is borrowed. */
struct load_image {
	const char *config_text;
	size_t config_size;
	const struct layer_member *config;
	const char *manifest_text; /* NULL: one is made */
	size_t manifest_size;
	const char *manifest_digest;
	const struct manifest *manifest;    /* its layers count in any case */
	const struct layer_member **layers; /* one for each layer of the manifest */
	const struct strv *names;	    /* whole references */
};

/**
 * load_find() - a member by its name
 * @archive:	open
 * @name:	clean
 *
 * Return: the member, which belongs to @archive, or NULL.
 */
const struct layer_member *load_find(const struct load_archive *archive, const char *name);

/**
 * load_open() - open a member
 * @archive:	open
 * @member:	of it
 * @err:	names the member
 *
 * Return: a descriptor for reading, or a negative errno.
 */
must_check int load_open(const struct load_archive *archive, const struct layer_member *member,
			 struct err *err);

/**
 * load_read() - read a document of the archive
 * @archive:	open
 * @name:	of the member
 * @out_member:	the member, which belongs to @archive; may be NULL
 * @out:	its bytes with a 0 behind them, to be freed; set on success only
 * @out_size:	how many
 * @err:	names the member
 *
 * Return: 0; -EBADMSG when it is not there or too large for a document; otherwise what the kernel said.
 */
must_check int load_read(const struct load_archive *archive, const char *name,
			 const struct layer_member **out_member, char **out, size_t *out_size,
			 struct err *err);

/**
 * load_take() - take one image in
 * @archive:	open; the names that it got are added to its .out
 * @image:	the image
 * @err:	what is wrong with it
 *
 * Return: 0; -EBADMSG; otherwise a negative errno.
 */
must_check int load_take(struct load_archive *archive, const struct load_image *image,
			 struct err *err);

/**
 * load_docker() - take in what manifest.json names
 * @archive:	open
 * @err:	which image failed, and why
 *
 * Return: as load_take().
 * Source: docker's image spec v1.2, "Combined Image JSON + Filesystem Changeset Format".
 */
must_check int load_docker(struct load_archive *archive, struct err *err);

/**
 * load_oci() - take in what index.json names
 * @archive:	open
 * @err:	which image failed, and why
 *
 * Return: as load_take().
 * Source: image-spec v1.1 image-layout.md.
 */
must_check int load_oci(struct load_archive *archive, struct err *err);
