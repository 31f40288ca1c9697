/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * plant - the files of an image as a tree in memory, grown layer by layer
 *
 * What unpacking does on disk, layer beside layer, and overlayfs joins when they are mounted, is done here on
 * one tree: names, owners and attributes only; what files hold is elsewhere (struct plant_file.content).
 * Layers come from the lowest up. Within one of them:
 *   (1) an entry replaces what was under its name, but a folder meeting a folder keeps what is in it;
 *   (2) a deletion takes what lower layers brought, never what this one has;
 *   (3) links on the way to a name are followed inside the root, the last name never is;
 *   (4) a folder without an entry is that of the layers below, or is made (root's, 0755); where a lower layer
 *       has a file under its name the folder takes its place;
 *   (5) a hard link is one more name of what its target is when the entry comes.
 *   (6) no name lies below more than LAYER_DEPTH_MAX folders, also through links; no more than LAYER_IMPLIED_MAX
 *       folders are made without an entry: else -EFBIG.
 * These are the rules of layer/tree.h and layer/fixup.h; the tests compare both.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum plant_type { PLANT_DIR, PLANT_FILE, PLANT_SYMLINK, PLANT_FIFO };

/* A file, whatever its names. */
struct plant_file {
	enum plant_type type;
	uint16_t mode; /* permission bits */
	bool lacking;  /* its content was passed over */
	uint32_t uid, gid;
	int64_t mtime;	 /* seconds */
	uint32_t xattrs; /* a number of the caller's; UINT32_MAX for none */
	uint32_t links;	 /* names in the tree */
	uint32_t number; /* the caller's, like the next two */
	uint64_t place;
	void *content;
	struct plant_file *next; /* all of them; the plant releases them */
	char target[];		 /* of a symbolic link */
};

/* A name. */
struct plant_node {
	struct plant_node *parent; /* the root's is itself */
	struct plant_node *child;  /* first; in no order until plant_sort() */
	struct plant_node *next;   /* in the same folder */
	struct plant_node *prev;   /* likewise, until plant_sort() */
	struct plant_node *hash;
	struct plant_file *file;
	uint32_t born;	/* number of the layer that it comes from */
	uint16_t depth; /* the root's is 0 */
	char name[];
};

struct plant;

/**
 * plant_new() - a tree with nothing but a root
 *
 * Return: to be released with plant_free; never NULL.
 */
must_check struct plant *plant_new(void);

/**
 * plant_free() - release the tree and its files, without their contents
 * @plant:	may be NULL
 */
void plant_free(struct plant *plant);

DEFINE_AUTO_PTR(plant, struct plant, plant_free)

/**
 * plant_file() - a file that has no name yet
 * @plant:	owns it
 * @type:	of it
 * @target:	of a symbolic link; else NULL
 *
 * Return: to be filled in; never NULL.
 */
must_check struct plant_file *plant_file(struct plant *plant, enum plant_type type,
					 const char *target);

/**
 * plant_layer() - what follows belongs to the next layer
 * @plant:	the tree
 */
void plant_layer(struct plant *plant);

/**
 * plant_put() - give a file its name
 * @plant:	the tree
 * @path:	clean (layer/name.h); "" is the root, for a folder only
 * @file:	of plant_file()
 * @err:	names @path
 *
 * Return: 0; -EBADMSG when it lies below something that is no folder; -EFBIG with (6).
 */
must_check int plant_put(struct plant *plant, const char *path, struct plant_file *file,
			 struct err *err);

/**
 * plant_link() - give a file one more name
 * @plant:	the tree
 * @path:	clean, not ""
 * @target:	clean: a name that it has
 * @err:	names @path
 *
 * Return: 0; -EBADMSG when the target is not there, is a folder or @path itself; -EFBIG with (6).
 */
must_check int plant_link(struct plant *plant, const char *path, const char *target,
			  struct err *err);

/**
 * plant_delete() - take away what lower layers have under a name
 * @plant:	the tree
 * @path:	clean, not ""
 * @err:	names @path
 *
 * Return: 0, also when there is nothing; -EBADMSG when it lies below a file of the same layer; -EFBIG with (6).
 */
must_check int plant_delete(struct plant *plant, const char *path, struct err *err);

/**
 * plant_hide() - take away what lower layers have in a folder
 * @plant:	the tree
 * @path:	clean; "" is the root
 * @err:	names @path
 *
 * Return: as plant_delete().
 */
must_check int plant_hide(struct plant *plant, const char *path, struct err *err);

/**
 * plant_sort() - bring the names of each folder into the order of their bytes
 * @plant:	nothing may be changed afterwards
 */
void plant_sort(struct plant *plant);

/**
 * plant_root() - where a walk begins
 * @plant:	the tree
 *
 * Return: belongs to @plant.
 */
struct plant_node *plant_root(const struct plant *plant);

/**
 * plant_files() - all files that were made, with a name or without
 * @plant:	the tree
 *
 * Return: the first; .next leads on.
 */
struct plant_file *plant_files(const struct plant *plant);
