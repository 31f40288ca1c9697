/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tree - whole directory trees below a descriptor: giving them away, copying them
 *
 * No link is followed and no mount is left: what is reached is opened by its own name in an open directory.
 */
#pragma once

#include <sys/types.h>

#include "base/macros.h"

enum tree_flags {
	TREE_LAYER = 1 << 0, /* @from is a layer for overlayfs: its whiteouts and opaque directories
			      * remove what is in @to */
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
