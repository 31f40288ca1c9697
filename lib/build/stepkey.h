/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stepkey - under which key the build cache knows a step
 *
 * A key is the digest of a text: a line for each thing that the step sees, "NAME SIZE\nBYTES\n", which no other
 * things can give. The first line is the key of the step before; the key of an image at the bottom of a
 * stage is the digest of its layers' keys. What a step does not see (names of stages, labels, a variable
 * that is not declared) is not in it.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "build/chars.h"
#include "layer/client.h"

struct stepkey {
	struct chars text;
};

/**
 * stepkey_add() - add a thing
 * @key:	grows
 * @name:	what it is
 * @value:	its text; NULL is another thing than ""
 */
void stepkey_add(struct stepkey *key, const char *name, const char *value);

/**
 * stepkey_add_list() - add a list
 * @key:	grows
 * @name:	what it is
 * @list:	in its order
 */
void stepkey_add_list(struct stepkey *key, const char *name, const struct strv *list);

/**
 * stepkey_hash() - the key
 * @key:	all is added
 * @helper:	without a request under way
 * @out:	64 hex digits, to be freed; set on success only
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int stepkey_hash(const struct stepkey *key, struct layer_helper *helper, char **out,
			    struct err *err);

static inline void auto_stepkey(struct stepkey *key)
{
	free(key->text.items);
}
