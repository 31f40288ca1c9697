/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * artifact - files that go into a list of images as they are: manifest add --artifact
 *
 * An artifact is a manifest whose layers are files and whose config is no image's. It is in the store as the images
 * of a list are, and goes with the list when that is pushed; it has no name of its own.
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "engine/engine.h"

#define ARTIFACT_EMPTY "application/vnd.oci.empty.v1+json"
#define ARTIFACT_UNKNOWN "application/vnd.unknown.artifact.v1"

struct artifact_options {
	const char *type;	 /* NULL: ARTIFACT_UNKNOWN */
	const char *config;	 /* a file; NULL: an empty object */
	const char *config_type; /* NULL: ARTIFACT_EMPTY; with .config that of an image's config */
	const char *layer_type;	 /* of all files; NULL: guessed from their names */
	bool no_titles;		 /* the names of the files are not told */
};

struct artifact;

/**
 * artifact_make() - take files in and make their manifest
 * @engine:	the engine
 * @files:	paths, at least one
 * @options:	what is said of them
 * @subject:	descriptor of what the artifact is about, or NULL
 * @out:	holds locks until the list refers to it; to be released with artifact_free; set on success only
 * @err:	names the file that cannot be read
 *
 * Everything is durable.
 *
 * Return: 0; -EINVAL for what is no regular file; otherwise a negative errno.
 */
must_check int artifact_make(struct engine *engine, const struct strv *files,
			     const struct artifact_options *options, const cJSON *subject,
			     struct artifact **out, struct err *err);

/**
 * artifact_entry() - what a list says of it
 * @artifact:	made
 *
 * Return: a descriptor, which belongs to @artifact.
 */
const cJSON *artifact_entry(const struct artifact *artifact);

/**
 * artifact_free() - let go of it
 * @artifact:	may be NULL
 */
void artifact_free(struct artifact *artifact);

/**
 * artifact_guess() - the media type of a file
 * @path:	of it; only the end of the name counts
 *
 * Return: the type, static.
 */
const char *artifact_guess(const char *path);

DEFINE_AUTO_PTR(artifact, struct artifact, artifact_free)
