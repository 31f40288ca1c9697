/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tree - whole directory trees below a descriptor: giving them away, copying them
 *
 * No link is followed and no mount is left: what is reached is opened by its own name in an open directory.
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/macros.h"

enum tree_flags {
	TREE_LAYER = 1 << 0, /* @from is a layer for overlayfs: its whiteouts and opaque directories
			      * remove what is in @to */
	TREE_STRICT = 1 << 1,  /* nothing but a directory is put in a directory's place, and nothing
			       * but that in another file's: -EISDIR, -ENOTDIR */
	TREE_REPLACE = 1 << 2, /* a directory gives way to something else */
	TREE_MOUNTS = 1 << 3, /* what is mounted below belongs to the tree, but for the kernel's own
				* file systems (procfs and its like) */
	TREE_NO_LINK =
		1 << 4, /* of tree_copy_entry(): its entry is no link, be it that it became one
				* since it was looked at: -ELOOP */
};

/**
 * typedef tree_owner_fn - say whose a copy is
 * @data:	as handed over
 * @st:		of the original; its st_uid and st_gid are changed to what the copy gets
 *
 * Return: whether an owner is to be set at all.
 */
typedef bool (*tree_owner_fn)(const void *data, struct stat *st);

struct tree_order {
	unsigned int flags;  /* TREE_* */
	tree_owner_fn owner; /* NULL: owners are kept */
	const void *owner_data;
	char *where; /* set on failure: what could not be copied, from the top; to be freed */
};

/**
 * tree_chown() - give a file or a tree to an owner
 * @fd:		file or directory; may be O_PATH
 * @uid:	owner
 * @gid:	group
 *
 * What has that owner already is not touched.
 *
 * Return: 0 or the first negative errno.
 */
must_check int tree_chown(int fd, uid_t uid, gid_t gid);

/**
 * tree_copy() - copy what is in a directory into another
 * @from:	directory, readable
 * @to:		directory; gets owner, mode, times and attributes of @from as well
 * @flags:	TREE_*
 *
 * Keeps owners, modes, times, links (hard ones too), extended attributes, sockets, FIFOs and, where
 * the kernel allows, devices. Data is shared where the file system can (reflink). What is there in
 * @to under the same name is replaced unless both are directories; a directory gives way to something
 * else with TREE_LAYER alone.
 *
 * Return: 0 or the first negative errno.
 */
must_check int tree_copy(int from, int to, unsigned int flags);

/**
 * tree_copy_below() - tree_copy() with more to choose
 * @from:	directory, readable
 * @to:		directory; keeps its own owner, mode and times
 * @order:	how; .where is set on failure
 *
 * Others may write to both trees at the same time: what they put in the way can make the copy fail or be
 * incomplete, but never leads out of @to. A file that is replaced is whole at each moment.
 *
 * Return: as tree_copy().
 */
must_check int tree_copy_below(int from, int to, struct tree_order *order);

/**
 * tree_copy_entry() - copy one file or directory
 * @from:	directory that holds it; may be O_PATH
 * @name:	its name there; a link is copied as a link
 * @to:		directory that gets it; may be O_PATH
 * @as:		its name there
 * @order:	how; .where is set on failure
 *
 * Return: as tree_copy().
 */
must_check int tree_copy_entry(int from, const char *name, int to, const char *as,
			       struct tree_order *order);

/**
 * tree_is_kernels() - whether a file system is one of the kernel's own, which shows no content
 * @fd:		something in it; may be O_PATH
 *
 * Return: true for procfs, sysfs, devpts, cgroups and their like.
 */
bool tree_is_kernels(int fd);
