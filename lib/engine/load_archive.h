/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * load_archive - the members of an archive or a folder, and taking one image of them in
 *
 * For the verb load alone. An archive's members lie unpacked in a temporary folder, hashed, before the
 * first is asked for; a folder's are copied there, and hashed, when they are. A layer becomes a blob by
 * a rename.
 */
#pragma once

#include "engine/engine.h"
#include "engine/trust.h"
#include "engine/unpack.h"
#include "layer/client.h"
#include "oci/image.h"
#include "store/temp.h"

struct load_request; /* engine/load.h */
struct loaded;

struct load_archive {
	struct engine *engine;
	const struct load_request *request;
	struct unpacker *unpacker;
	struct layer_helper *helper;
	struct temp *temp;
	int dir; /* of .temp */
	struct layer_members members;
	int folder; /* that members are copied from; -1 for an archive */
	struct {
		struct layer_member **items; /* from .folder, so far */
		size_t count;
	} copied;
	struct trust trust;		  /* what may come in */
	const struct policy_scope *scope; /* its signatures are to be looked at, or NULL */
	const char *blobs;		  /* of a layout, where blobs lie: "blobs/sha256/" or "" */
	struct platform platform;	  /* that is wanted */
	struct loaded *out;		  /* borrowed */
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
	const struct strv *repo_digests;    /* as struct image's; or NULL */
};

/**
 * load_find() - a member by its name
 * @archive:	open
 * @name:	clean
 * @out:	the member, which belongs to @archive; set on success only; may be NULL
 * @err:	names the member
 *
 * Return: 0; -ENOENT; otherwise a negative errno.
 */
must_check int load_find(struct load_archive *archive, const char *name,
			 const struct layer_member **out, struct err *err);

/**
 * load_has() - whether there is a member
 * @archive:	open
 * @name:	clean
 *
 * Return: whether load_find() would look at one.
 */
bool load_has(const struct load_archive *archive, const char *name);

/**
 * load_find_blob() - a blob of a layout
 * @archive:	open, a layout
 * @d:		leads to it
 * @content:	false: a layer that the store has needs no bytes; its member has no .file then
 * @out:	as load_find(); its digest and size are those of @d
 * @err:	names the blob
 *
 * Return: as load_find(); -EBADMSG when it is not there or not what @d says.
 */
must_check int load_find_blob(struct load_archive *archive, const struct descriptor *d,
			      bool content, const struct layer_member **out, struct err *err);

/**
 * load_members_free() - forget the members
 * @archive:	not used any more
 */
void load_members_free(struct load_archive *archive);

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
must_check int load_read(struct load_archive *archive, const char *name,
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

/**
 * load_dir() - take in what a folder's manifest.json is
 * @archive:	open
 * @err:	what is wrong with it
 *
 * Return: as load_take().
 * Source: "dir:path" of containers-transports(5).
 */
must_check int load_dir(struct load_archive *archive, struct err *err);

/**
 * load_refuse_several() - say that one of several images must be chosen
 * @archive:	open
 * @names:	what there is
 * @err:	names them, and how one is chosen
 *
 * Return: -ENOTUNIQ.
 */
int load_refuse_several(const struct load_archive *archive, const struct strv *names,
			struct err *err);

/**
 * load_refuse_missing() - say that what was asked for is not there
 * @archive:	open, with .request->only
 * @names:	what there is
 * @err:	names both
 *
 * Return: -ENOENT.
 */
int load_refuse_missing(const struct load_archive *archive, const struct strv *names,
			struct err *err);
