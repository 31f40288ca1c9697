/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * layers - unpacked layers: layers/HEX[.N]/{diff/,meta.json,recipe}
 *
 *   (1) HEX is the layer's key: its diff id (SHA-256 of the uncompressed tar), or its chain id where what
 *       it unpacks to depends on the layers below (layer/client.h); diff/ holds the files, owners as in
 *       the map that meta.json names;
 *   (2) a layer is committed only when blob digest, diff id and size matched;
 *   (3) it is usable when it is durable, or was committed in this boot of this host, and its map is
 *       the wanted one;
 *   (4) one that is not usable is never replaced, for another node may have it mounted: it is applied
 *       again beside it, as HEX.1, HEX.2, … without a gap;
 *   (5) where there is a recipe, the tar can be made again of it and diff/: the blob need not be here. Of
 *       a layer that was made here as a folder (.packed) no recipe is needed.
 *
 * A layer may also be one file (.file) that holds a whole image, layers joined: layers/HEX/{image.sqfs,meta.json}. Its
 * owners are inside of it, so it is usable whatever the map; its key is engine/single_text.h's.
 *
 * Keys are given as 64 hexadecimal digits without prefix. container_config.layers and image.layers are
 * lists of keys.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/str.h"
#include "kern/idmap.h"
#include "store/store.h"
#include "store/temp.h"

struct layer {
	char *path;	   /* of its diff/ or its file, absolute; filled in on loading */
	char *key;	   /* names it: diff id or chain id, hex */
	char *diff_id;	   /* hex */
	char *blob;	   /* digest of the packed form; NULL when there was none */
	int64_t blob_size; /* bytes */
	int64_t size;	   /* bytes of files, unpacked */
	int64_t tar_size;  /* bytes of the tar whose digest is the diff id; 0 when not known */
	char *map;	   /* of the user namespace it was unpacked in: layer_map() */
	char *host_id;	   /* who committed it, in which boot */
	char *boot_id;
	bool durable;
	bool packed; /* the tar is had by packing diff/ (layer/job.h, LAYER_PACK_LAYER) */
	char *file;  /* name of the one file that holds it, a squashfs; NULL: a folder diff/ */
	struct strv copies; /* names of copies for other maps, each in copy-NAME/ */
};

/**
 * layer_map() - the text by which owners on disk are known
 * @uids:	map of the outer user namespace
 * @gids:	likewise
 *
 * Return: one line, to be freed; never NULL.
 */
must_check char *layer_map(const struct idmap *uids, const struct idmap *gids);

/**
 * layer_find() - find a usable layer, here or in a store that is read too
 * @store:	open store
 * @key:	hex
 * @map:	that it must be unpacked for, or NULL for any
 * @out:	to be released with layer_free; set on success only; may be NULL
 *
 * Return: 0; -ENOENT when there is none that can be used.
 */
must_check int layer_find(const struct store *store, const char *key, const char *map,
			  struct layer **out);

/**
 * layer_bytes() - how large a layer is
 * @store:	open store
 * @key:	hex
 *
 * Return: bytes of its files, unpacked; 0 when it is not there.
 */
int64_t layer_bytes(const struct store *store, const char *key);

/**
 * layer_store() - in which of the stores that are read too a layer lies
 * @store:	open store
 * @layer:	as found
 *
 * Return: that store's path, which belongs to @store; NULL when it lies in the store itself.
 */
const char *layer_store(const struct store *store, const struct layer *layer);

/**
 * layer_tmp_create() - a place to unpack a layer in
 * @store:	open store
 * @out:	a temporary folder, whose diff/ (mode 0755) is made; set on success only
 * @err:	what the kernel said
 *
 * Return: 0 or a negative errno.
 */
must_check int layer_tmp_create(const struct store *store, struct temp **out, struct err *err);

/**
 * layer_commit() - give an unpacked layer its name
 * @store:	open store
 * @temp:	from layer_tmp_create; still to be released
 * @layer:	key, diff_id, blob, the sizes and map count; host and boot are filled in here
 * @durable:	sync it (syncfs) first and mark it so
 * @err:	names the layer
 *
 * The caller holds LOCK_LAYER of the key. When a usable one has appeared meanwhile, that one stays
 * and the temporary is left to be removed.
 *
 * Return: 0; -EEXIST when a usable one was there; otherwise what the kernel said.
 */
must_check int layer_commit(const struct store *store, struct temp *temp, const struct layer *layer,
			    bool durable, struct err *err);

/**
 * layer_mark_durable() - remember that a layer has reached the disk
 * @store:	open store
 * @key:	hex; syncfs(2) came after it was committed
 * @err:	names the layer
 *
 * Return: 0 or a negative errno.
 */
must_check int layer_mark_durable(const struct store *store, const char *key, struct err *err);

/**
 * layers_make_durable() - write layers to disk, and remember that
 * @store:	open store
 * @keys:	hex; those that are known to be there, those of other stores and those that are gone are passed over
 * @err:	what the kernel said
 *
 * Two syncs for all of them, however many there are; none when nothing is to be done.
 *
 * Return: 0 or a negative errno.
 */
must_check int layers_make_durable(const struct store *store, const struct strv *keys,
				   struct err *err);

/**
 * layer_open() - open a layer's files, for a helper that is root of the user namespace
 * @layer:	found
 *
 * The folder may be another's, and shut: then it can only be looked up in by who is root.
 *
 * Return: a descriptor, the caller's; or a negative errno.
 */
must_check int layer_open(const struct layer *layer);

/**
 * layer_mark_packed() - remember that a layer's tar is had by packing its folder
 * @store:	open store
 * @key:	hex; the same tree was packed to the same digest
 * @err:	names the layer
 *
 * Return: 0 or a negative errno.
 */
must_check int layer_mark_packed(const struct store *store, const char *key, struct err *err);

/**
 * layer_copy_add() - keep a copy of a layer for another map
 * @store:	open store
 * @layer:	as found; the name is added to it
 * @name:	letters, digits, '-' and '_'
 * @temp:	temporary folder whose contents are the copy; still to be released
 * @err:	names the layer
 *
 * The caller holds its LOCK_LAYER.
 *
 * Return: 0; -EEXIST when there is one; otherwise what the kernel said.
 */
must_check int layer_copy_add(const struct store *store, struct layer *layer, const char *name,
			      struct temp *temp, struct err *err);

/**
 * layer_remove() - take all copies of a layer away
 * @store:	open store
 * @key:	hex; the caller holds its LOCK_LAYER and LOCK_IMAGES, and nothing refers to it
 * @out:	what they were moved to, added at the end; to be removed once no lock is held
 * @err:	names the layer
 *
 * Return: 0, also when it is not there; otherwise what the kernel said.
 */
must_check int layer_remove(const struct store *store, const char *key, struct temps *out,
			    struct err *err);

/**
 * layer_recipe_rel() - where the recipe of a layer's tar is (layer/recipe.h), if there is one
 * @store:	open store
 * @layer:	as found in the store itself
 *
 * Return: a path below the store, to be freed; never NULL.
 */
must_check char *layer_recipe_rel(const struct store *store, const struct layer *layer);

/**
 * layer_list() - the keys of all layers, each once
 * @store:	open store
 * @out:	added at the end, in no order
 * @err:	what the kernel said
 *
 * Return: 0 or a negative errno.
 */
must_check int layer_list(const struct store *store, struct strv *out, struct err *err);

/**
 * layer_free() - release what was found
 * @layer:	may be NULL
 */
void layer_free(struct layer *layer);

DEFINE_AUTO_PTR(layer, struct layer, layer_free)
