/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_row - an image as a row of images
 */
#pragma once

#include "cli/command.h"
#include "cli/table.h"
#include "store/image.h"

extern const struct table_spec image_table;
extern const struct table_spec image_table_digests;
extern const struct table_spec image_table_history;

/* With a column for images of stores that are only read from. */
extern const struct table_spec image_table_stores;
extern const struct table_spec image_table_digests_stores;

/**
 * image_row() - what a row can show of an image
 * @app:	whose way the names and sizes are shown in
 * @image:	one entry of the list
 * @no_trunc:	ids whole
 * @now:	nanoseconds since the epoch
 *
 * Return: to be released with cJSON_Delete; never NULL.
 */
must_check cJSON *image_row(const struct app *app, const struct image *image, bool no_trunc,
			    int64_t now);

/**
 * image_id_text() - an image's id as a list shows it
 * @image:	one entry of the list
 * @no_trunc:	the whole id, with "sha256:"
 *
 * Return: the text, to be freed; never NULL.
 */
must_check char *image_id_text(const struct image *image, bool no_trunc);

/**
 * image_document() - an image as podman's `images --format json` has it
 * @images:	all entries; those of one image are one object
 * @at:		index of the first of them
 *
 * Return: to be released with cJSON_Delete; never NULL.
 */
must_check cJSON *image_document(const struct images *images, size_t at);
