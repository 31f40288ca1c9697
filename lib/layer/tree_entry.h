/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tree_entry - a file of a layer as it is to be written, how, and what came of all of them
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include "layer/owner.h"

struct tree_xattr {
	const char *name;
	const void *value;
	size_t size;
};

struct tree_xattrs {
	struct tree_xattr *items;
	size_t count;
};

struct tree_entry {
	const char *path;   /* clean, see layer/name.h */
	const char *target; /* of links */
	mode_t mode;	    /* permission bits */
	int64_t uid;
	int64_t gid;
	struct timespec mtime;
	struct tree_xattrs xattrs;
};

struct tree_plan {
	int root;		   /* stays the caller's */
	int journal;		   /* likewise; -1 when nothing is deferred */
	bool one_id;		   /* every owner becomes root */
	bool forgive;		   /* an owner who is not mapped becomes root */
	const struct owner *owner; /* whose files are on disk; NULL: as the entries say */
	bool plain; /* no layer: others may write here as well, and see what is there */
	bool replace; /* with .plain: folders and other files replace each other, else it is refused */
};

struct tree_sums {
	int64_t deferred;
	int64_t disk_size;
	bool has_root;
};
