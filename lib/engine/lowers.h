/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lowers - where layers and blobs lie, in the words of cubby-layer
 *
 * The helper gets the folder of the store and those of the stores that are read too, and names below them
 * (layer/folders.h).
 */
#pragma once

#include "layer/folders.h"
#include "store/store.h"

/**
 * lowers_folders() - the folders of the stores that are read too
 * @store:	open store
 *
 * Return: descriptors that belong to @store.
 */
struct layer_folders lowers_folders(const struct store *store);

/**
 * lowers_name() - a path below one of them
 * @store:	open store
 * @path:	absolute, below the store or one that is read too
 *
 * Return: the name, to be freed; NULL when it is elsewhere.
 */
must_check char *lowers_name(const struct store *store, const char *path);
