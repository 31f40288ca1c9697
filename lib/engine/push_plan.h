/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * push_plan - how an image shall look in a registry
 *
 * Pure: decides which layers are compressed, in which form the manifest is, and prints it. What nothing is
 * changed of keeps its bytes; in a changed manifest everything stays that is not named here.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "engine/push_options.h"
#include "engine/push_send.h"
#include "oci/image.h"
#include "store/sent.h"

struct push_plan {
	bool docker;		 /* the manifest is in docker's form, else in OCI's */
	bool changed;		 /* it is not the one that is in the store */
	struct push_blobs blobs; /* each once: layers, then the config */
	size_t *layers;		 /* number of each layer's blob */
	int anew;		 /* enum layer_packing of what is compressed anew */
	size_t layer_count;
	const char *packing; /* name of what is compressed anew */
	int level;
};

/**
 * push_plan_make() - decide
 * @options:	what was asked for
 * @manifest:	of the image; its texts live in the plan
 * @config:	likewise; NULL for what is no image, of which nothing is changed
 * @sent:	what layers became before
 * @out:	zeroed; to be released with push_plan_clear
 * @err:	what cannot be had together
 *
 * Return: 0; -EINVAL; -EBADMSG when config and manifest do not belong together.
 */
must_check int push_plan_make(const struct push_options *options, const struct manifest *manifest,
			      const struct image_config *config, const struct sent *sent,
			      struct push_plan *out, struct err *err);

/**
 * push_plan_print() - the manifest as it shall be there
 * @plan:	all blobs have digest and size
 * @text:	the manifest that is in the store
 * @size:	bytes
 * @out:	its bytes, to be freed; set on success only
 * @err:	says that it is damaged
 *
 * Return: 0 or -EBADMSG.
 */
must_check int push_plan_print(const struct push_plan *plan, const char *text, size_t size,
			       char **out, struct err *err);

/**
 * push_plan_clear() - release
 * @plan:	zeroed afterwards
 */
void push_plan_clear(struct push_plan *plan);

static inline void auto_push_plan(struct push_plan *plan)
{
	push_plan_clear(plan);
}
