/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sofar - what a stage has come to: an image that is not in the index
 *
 * Stages are built by processes of their own; what one came to is told as JSON to the process that started it, which
 * hands it to those that build upon it.
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "oci/image.h"

struct sofar {
	struct image_config *config; /* never NULL once begun */
	struct strv layers;	     /* keys in store/layers.h, lowest first */
	struct descriptors blobs;    /* of the layers; those that were made here are no blobs yet */
	char *key;		     /* hex: of the last step, see build/stepkey.h */
	char *base;		     /* name of the image at the bottom, or NULL */
	char *base_digest;	     /* of its manifest, or NULL */
	int64_t base_layers;	     /* how many of .layers are its */
};

/**
 * sofar_add_layer() - put a layer on top
 * @sofar:	grows
 * @layer:	its key
 * @diff_id:	"sha256:HEX"
 * @blob:	what a manifest says of it
 */
void sofar_add_layer(struct sofar *sofar, const char *layer, const char *diff_id,
		     const struct descriptor *blob);

/**
 * sofar_add_plain() - put a layer on top that is no blob yet
 * @sofar:	grows
 * @layer:	its key
 * @diff_id:	"sha256:HEX"
 * @tar_size:	bytes
 */
void sofar_add_plain(struct sofar *sofar, const char *layer, const char *diff_id, int64_t tar_size);

/**
 * sofar_strip() - take the uppermost layer away, and its line of the history
 * @sofar:	has one
 */
void sofar_strip(struct sofar *sofar);

/**
 * sofar_top() - the uppermost layer
 * @sofar:	begun
 *
 * Return: its key, which belongs to @sofar; NULL when there is none.
 */
const char *sofar_top(const struct sofar *sofar);

/**
 * sofar_copy() - a deep copy
 * @to:		zeroed
 * @from:	begun
 */
void sofar_copy(struct sofar *to, const struct sofar *from);

/**
 * sofar_save() - as JSON
 * @sofar:	begun
 *
 * Return: to be released with cJSON_Delete; never NULL.
 */
must_check cJSON *sofar_save(const struct sofar *sofar);

/**
 * sofar_load() - read what sofar_save() gave
 * @json:	the object
 * @out:	zeroed; to be released with sofar_clear; set on success only
 * @err:	what is wrong
 *
 * Return: 0 or -EBADMSG.
 */
must_check int sofar_load(const cJSON *json, struct sofar *out, struct err *err);

/**
 * sofar_clear() - release
 * @sofar:	zeroed afterwards
 */
void sofar_clear(struct sofar *sofar);

static inline void auto_sofar(struct sofar *sofar)
{
	sofar_clear(sofar);
}
