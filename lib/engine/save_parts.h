/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * save_parts - the files of an archive or a folder that is planned
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "engine/engine.h"
#include "layer/job.h"
#include "oci/image.h"
#include "store/image.h"
#include "store/temp.h"

/* One image, or a list of images alone, with all names that it shall have. */
struct save_item {
	struct image *image;
	struct manifest *manifest; /* NULL of a list, likewise the next */
	struct image_config *config;
	struct strv names;
};

struct save_plan {
	struct save_item *items;
	size_t count;
	struct layer_parts parts;  /* .path is as lowers_folders() has it */
	struct layer_parts packed; /* layers compressed for this plan: .digest and .path */
	struct temp *temp;	   /* where those are, or NULL */
	const struct store *store; /* of .temp */
};

/**
 * save_parts_add() - add a file
 * @plan:	grows
 * @name:	of it, which the plan owns then; a folder's ends with a slash
 *
 * Return: the part, for its content; it belongs to @plan, until the next is added.
 */
struct layer_part *save_parts_add(struct save_plan *plan, char *name);

/**
 * save_parts_blob() - add a blob, once
 * @engine:	the engine
 * @plan:	grows
 * @d:		leads to it; what was compressed for the plan is taken from there
 * @name:	of the file
 * @diff_id:	it becomes a plain layer of this digest; NULL: its bytes stay
 * @err:	names the blob
 *
 * Return: 0; -ENOENT when it is not in the store.
 */
must_check int save_parts_blob(struct engine *engine, struct save_plan *plan,
			       const struct descriptor *d, const char *name, const char *diff_id,
			       struct err *err);

/**
 * save_parts_layout_name() - where a blob is in an OCI layout
 * @digest:	of it
 *
 * Return: to be freed; never NULL.
 */
must_check char *save_parts_layout_name(const char *digest);

/**
 * save_parts_layout() - add what makes an OCI layout of blobs
 * @plan:	with the blobs of its images; index.json names these
 */
void save_parts_layout(struct save_plan *plan);

/**
 * save_parts_dir() - add what makes a folder of "dir:" of blobs and manifest.json
 * @plan:	grows
 */
void save_parts_dir(struct save_plan *plan);

/**
 * save_parts_sort() - bring the files into the order of their names
 * @plan:	with parts
 */
void save_parts_sort(struct save_plan *plan);

/**
 * save_plan_clear() - release everything
 * @plan:	empty afterwards
 */
void save_plan_clear(struct save_plan *plan);

static inline void auto_save_plan(struct save_plan *plan)
{
	save_plan_clear(plan);
}
