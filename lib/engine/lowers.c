/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lowers - where layers and blobs lie, in the words of cubby-layer
 */
#include "engine/lowers.h"

#include "base/str.h"

_Static_assert((int)STORES_MAX <= (int)LAYER_FOLDERS, "every store can be handed over");

struct layer_folders lowers_folders(const struct store *store)
{
	struct layer_folders folders = { .count = store->more.count };

	for (size_t i = 0; i < folders.count; i++)
		folders.fds[i] = store->more.items[i]->dir;
	return folders;
}

/* Return: what stands behind the folder's path, or NULL. */
static const char *below(const char *path, const char *folder)
{
	const char *rest = str_starts(path, folder);

	return rest && *rest == '/' ? rest + 1 : NULL;
}

char *lowers_name(const struct store *store, const char *path)
{
	const char *rest = below(path, store->path);

	if (rest)
		return str_dup(rest);
	for (size_t i = 0; i < store->more.count; i++) {
		rest = below(path, store->more.items[i]->path);
		if (rest)
			return str_fmt("@%zu/%s", i + 1, rest);
	}
	return NULL;
}
