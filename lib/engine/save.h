/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * save - images into archives and folders
 *
 * The same images give the same bytes: members are sorted, owners and times are zero.
 */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "engine/engine.h"
#include "oci/transport.h"

enum save_format {
	SAVE_DOCKER_ARCHIVE, /* tar: configs, inflated layers, manifest.json */
	SAVE_OCI_ARCHIVE,    /* tar of an OCI layout: everything as it was pulled */
	SAVE_OCI_DIR,	     /* an OCI layout */
	SAVE_DOCKER_DIR,     /* skopeo's "dir:" with docker's manifest */
	SAVE_SQUASHFS,	     /* one file to run from: single_save() */
};

/* Names of enum save_format, both ways; NULL at the end. */
extern const char *const save_format_names[];

struct save_request {
	const struct strv *names; /* as typed: names or ids, each image once or under several names */
	enum save_format format;
	const char *platform; /* that they must be for, or NULL */
	bool compress;	      /* SAVE_DOCKER_DIR: plain layers are compressed */
};

/**
 * images_save() - write an archive
 * @engine:	the engine
 * @request:	what; of the archives' formats
 * @to:		file, pipe or socket
 * @err:	which image, and what is missing
 *
 * Return: 0; -ENOENT when there is no such image; -EPIPE when nobody reads; otherwise a negative errno.
 */
must_check int images_save(struct engine *engine, const struct save_request *request, int to,
			   struct err *err);

/**
 * images_save_check() - whether there is all that an archive needs, before somebody waits for it
 * @engine:	the engine
 * @request:	as images_save()
 * @err:	which image, and what is missing
 *
 * Return: as images_save().
 */
must_check int images_save_check(struct engine *engine, const struct save_request *request,
				 struct err *err);

/**
 * images_save_dir() - write a folder
 * @engine:	the engine
 * @request:	what; of the folders' formats
 * @path:	as save_folder()
 * @err:	which image, and what is missing
 *
 * Return: 0; as save_folder() and images_save() otherwise.
 */
must_check int images_save_dir(struct engine *engine, const struct save_request *request,
			       const char *path, struct err *err);

/* How an image is written to a transport; all zero: as it is. */
struct deliver_options {
	const char *platform; /* that it must be for, as typed, or NULL */
	bool compress;	      /* TRANSPORT_DIR: plain layers are compressed */
};

/**
 * image_deliver() - write an image to where a transport says
 * @engine:	the engine
 * @text:	name or id of the image, as typed
 * @to:		a transport of files, as transport_is_file() says
 * @options:	how
 * @out_digest:	of the manifest that stands there, to be freed; NULL for docker's archives, which have none,
 *		and where layers were compressed; set on success only; may be NULL
 * @err:	which image or file, and why
 *
 * Files appear whole or not at all, and replace what was there. In a layout, an image of the same name is
 * replaced and all others stay; "dir:" replaces what such a folder held. The image gets the names that
 * the transport says, else the one that was typed. Bytes are those of the store, so digests stay; only
 * compressing layers changes them, and the manifest.
 *
 * Return: 0; -ENOENT when there is no such image, or it is for another platform; -EINVAL when @to names no place in a file (a digest
 * or a number); -ENOTEMPTY for a folder of another kind; otherwise a negative errno.
 */
must_check int image_deliver(struct engine *engine, const char *text, const struct transport *to,
			     const struct deliver_options *options, char **out_digest,
			     struct err *err);

/**
 * list_deliver() - write a list of images to where a transport says
 * @engine:	the engine
 * @text:	name or id of the list, as typed
 * @to:		as image_deliver()
 * @all:	with all its images, else the index alone
 * @out_digest:	of the index, to be freed; set on success only
 * @err:	which image is not here, or which file failed
 *
 * As image_deliver(): the index and the manifests keep their bytes. All images must be here with their layers,
 * which those that were added from a registry are not.
 *
 * Return: as image_deliver(); -ENOENT also when an image is not here; -EINVAL also for docker's archives,
 * and when @text is an image.
 */
must_check int list_deliver(struct engine *engine, const char *text, const struct transport *to,
			    bool all, char **out_digest, struct err *err);
