/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stepkey - under which key the build cache knows a step
 */
#include "build/stepkey.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "oci/digest.h"

/* Changes whenever steps come to something else than before. */
static const char version[] = "cubby build 1";

static void add_line(struct stepkey *key, const char *name, const char *value)
{
	AUTO(mem)
	char *head = value ? str_fmt("%s %zu\n", name, strlen(value)) : str_fmt("%s -\n", name);

	chars_adds(&key->text, head);
	if (value)
		chars_adds(&key->text, value);
	chars_add(&key->text, '\n');
}

void stepkey_add(struct stepkey *key, const char *name, const char *value)
{
	if (key->text.count == 0)
		add_line(key, "version", version);
	add_line(key, name, value);
}

void stepkey_add_list(struct stepkey *key, const char *name, const struct strv *list)
{
	AUTO(mem) char *count = str_fmt("%zu", list->count);

	stepkey_add(key, name, count);
	for (size_t i = 0; i < list->count; i++)
		stepkey_add(key, "-", list->items[i]);
}

int stepkey_hash(const struct stepkey *key, struct layer_helper *helper, char **out,
		 struct err *err)
{
	AUTO(layer_digest) struct layer_digest digest = { 0 };
	const int r = layer_digest_of(helper, key->text.items, key->text.count, &digest, err);

	if (r == 0)
		*out = str_dup(digest_hex(digest.digest));
	return r;
}
