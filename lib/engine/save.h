/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * save - images into an archive or an OCI layout
 *
 * The same images give the same bytes: members are sorted, owners and times are zero.
 */
#pragma once

#include "base/str.h"
#include "engine/engine.h"

enum save_format {
	SAVE_DOCKER_ARCHIVE, /* tar: configs, inflated layers, manifest.json */
	SAVE_OCI_ARCHIVE,    /* tar of an OCI layout: everything as it was pulled */
	SAVE_OCI_DIR,	     /* an OCI layout */
};

/* Names of enum save_format, both ways; NULL at the end. */
extern const char *const save_format_names[];

/**
 * images_save() - write an archive
 * @engine:	the engine
 * @names:	as typed: names or ids, each image once or under several names
 * @format:	SAVE_DOCKER_ARCHIVE or SAVE_OCI_ARCHIVE
 * @to:		file, pipe or socket
 * @err:	which image, and what is missing
 *
 * Return: 0; -ENOENT when there is no such image; -EPIPE when nobody reads; otherwise a negative errno.
 */
must_check int images_save(struct engine *engine, const struct strv *names, enum save_format format,
			   int to, struct err *err);

/**
 * images_save_dir() - write an OCI layout into a directory
 * @engine:	the engine
 * @names:	as images_save()
 * @path:	made when it is not there; must be empty
 * @err:	which image, and what is missing
 *
 * Return: 0; -ENOTEMPTY; as images_save() otherwise.
 */
must_check int images_save_dir(struct engine *engine, const struct strv *names, const char *path,
			       struct err *err);
