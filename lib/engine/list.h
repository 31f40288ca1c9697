/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * list - images for several machines under one name: manifest create, add, annotate, remove, push
 *
 * A list is an index in the store (store/image_list.h). It is changed as JSON, so that what this program
 * does not know stays; each change makes another index, and the name moves to it. Two who change one list
 * at the same time do so one after the other.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/json.h"
#include "engine/artifact.h"
#include "engine/engine.h"
#include "engine/list_source.h"
#include "engine/push.h"
#include "engine/registry.h"
#include "store/image.h"

/* What is said of an entry besides what its image says. */
struct list_fields {
	const char *arch; /* these may be NULL */
	const char *os;
	const char *variant;
	const char *os_version;
	const struct strv *features; /* these, too */
	const struct strv *os_features;
	const struct strv *annotations; /* "key=value" */
};

/**
 * list_create() - make an empty list
 * @engine:	the engine
 * @name:	as typed
 * @amend:	one that is there will do
 * @annotations:	"key=value", of the list itself; may be NULL
 * @out_name:	whole name, to be freed; set on success only
 * @err:	says that the name is taken
 *
 * Return: 0; -EINVAL; -EEXIST; otherwise a negative errno.
 */
must_check int list_create(struct engine *engine, const char *name, bool amend,
			   const struct strv *annotations, char **out_name, struct err *err);

/**
 * list_make() - enter a list of images that are here, in place of what had its names
 * @engine:	the engine
 * @names:	as typed; may be none
 * @digests:	of the images' manifests
 * @out_names:	whole names are added
 * @out_digest:	of the index, to be freed; set on success only
 * @err:	which name is wrong, or which image is not here
 *
 * Return: 0; -EINVAL; -ENOENT; otherwise a negative errno.
 */
must_check int list_make(struct engine *engine, const struct strv *names,
			 const struct strv *digests, struct strv *out_names, char **out_digest,
			 struct err *err);

/**
 * list_add() - add images to a list
 * @engine:	the engine
 * @list:	name as typed
 * @image:	name or id here, "docker://NAME", or a name in a registry
 * @source:	how it is looked for
 * @fields:	what is said of it
 * @err:	what cannot be found
 *
 * An image that is here wins over one in a registry; called as docker, only registries are asked. Of an image
 * in a registry the manifest and the config are kept; its layers stay where they are until the list is
 * pushed elsewhere.
 *
 * Return: 0; -ENOENT; -EINVAL when @list is none; otherwise a negative errno.
 */
must_check int list_add(struct engine *engine, const char *list, const char *image,
			const struct list_source *source, const struct list_fields *fields,
			struct err *err);

/**
 * list_add_artifact() - add files to a list, as one artifact
 * @engine:	the engine
 * @list:	name as typed
 * @files:	paths, at least one
 * @options:	what is said of the artifact
 * @subject:	image that it is about, as list_add() takes it; or NULL
 * @source:	how that is looked for
 * @fields:	what is said of the entry
 * @err:	what cannot be read or found
 *
 * Return: 0; -ENOENT; -EINVAL when @list is none, or one in docker's form; otherwise a negative errno.
 */
must_check int list_add_artifact(struct engine *engine, const char *list, const struct strv *files,
				 const struct artifact_options *options, const char *subject,
				 const struct list_source *source, const struct list_fields *fields,
				 struct err *err);

/**
 * list_annotate() - say something else of an entry
 * @engine:	the engine
 * @list:	name as typed
 * @image:	the entry's digest, or a name that leads to it
 * @source:	how a name is looked for
 * @fields:	what is said; what is NULL stays
 * @err:	says that there is no such entry
 *
 * Return: 0; -ENOENT; otherwise a negative errno.
 */
must_check int list_annotate(struct engine *engine, const char *list, const char *image,
			     const struct list_source *source, const struct list_fields *fields,
			     struct err *err);

/**
 * list_annotate_index() - say something of the list itself
 * @engine:	the engine
 * @list:	name as typed
 * @annotations:	"key=value"; may be NULL
 * @subject:	image that the list is about, as list_add() takes it; or NULL
 * @source:	how it is looked for
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int list_annotate_index(struct engine *engine, const char *list,
				   const struct strv *annotations, const char *subject,
				   const struct list_source *source, struct err *err);

/**
 * list_remove() - take an entry out
 * @engine:	the engine
 * @list:	name as typed
 * @digest:	of the entry
 * @err:	says that there is no such entry
 *
 * Return: 0; -ENOENT; otherwise a negative errno.
 */
must_check int list_remove(struct engine *engine, const char *list, const char *digest,
			   struct err *err);

/**
 * list_find() - the list of a name
 * @engine:	the engine
 * @list:	name or id as typed
 * @out:	to be released with image_free; set on success only
 * @err:	says that it is none
 *
 * Return: 0; -ENOENT; -EINVAL when it is an image.
 */
must_check int list_find(struct engine *engine, const char *list, struct image **out,
			 struct err *err);

/**
 * list_document() - the index of a list, or what a registry has under a name
 * @engine:	the engine
 * @name:	of a list that is here, or in a registry
 * @registry:	how that is asked
 * @out:	the document; to be released with cJSON_Delete; set on success only
 * @out_digest:	of its bytes, to be freed; may be NULL
 * @out_size:	bytes of it; may be NULL
 * @err:	what failed
 *
 * Return: 0; -ENOENT; otherwise a negative errno.
 */
must_check int list_document(struct engine *engine, const char *name,
			     const struct registry_access *registry, cJSON **out, char **out_digest,
			     int64_t *out_size, struct err *err);

/**
 * list_push() - bring a list to a registry
 * @engine:	the engine
 * @list:	name as typed
 * @destination:	name there, or NULL: its own
 * @options:	as for images
 * @all:	with the images, else they must be there
 * @also:	compressions in which further forms of the images are pushed; may be NULL
 * @out:	to be released with pushed_clear; set on success only
 * @err:	what failed
 *
 * Return: as push_image().
 */
must_check int list_push(struct engine *engine, const char *list, const char *destination,
			 const struct push_options *options, bool all, const struct strv *also,
			 struct pushed *out, struct err *err);
