/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tree_parts - the tree that is being written, for the files that write it
 *
 *	tree.c		begin, folders, files, links
 *	tree_place.c	where a name is: the folder that is kept, folders that are missing, what is in the way
 *	tree_attr.c	owners, modes, attributes, times
 *	tree_hide.c	what lower layers shall not show
 *	tree_finish.c	times of folders and the journal
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include "base/err.h"
#include "base/str.h"
#include "layer/journal.h"
#include "layer/tree_entry.h"

enum { TREE_PERMISSIONS = 07777 };

/* A directory that has an entry: its times are set at the end. */
struct dir_record {
	char *path;
	ino_t inode;
	struct timespec mtime;
};

struct tree {
	struct tree_plan plan;
	struct {
		struct dir_record *items;
		size_t count;
	} dirs;
	struct {
		ino_t *items;
		size_t count;
	} opaque;
	struct journal journal;
	struct strv lost;
	struct tree_sums sums;
	char *folder; /* whose descriptor is kept; NULL for none */
	int folder_fd;
	struct stat folder_st;
	const struct tree_entry *file; /* being written */
	int file_fd;
	int64_t file_end; /* behind what was written */
	bool plain_modes; /* no default ACL was written: open(2) gives the mode it is asked for */
};

/**
 * tree_failed() - an error about a name of the layer
 * @path:	the name; "" is the root
 * @code:	negative errno
 * @what:	"make", "set the owner of"
 * @err:	set
 *
 * Return: @code.
 */
int tree_failed(const char *path, int code, const char *what, struct err *err);

/**
 * tree_refused() - an error about a layer that cannot be right
 * @path:	the name; "" is the root
 * @why:	what follows it in the sentence
 * @err:	set
 *
 * Return: -EBADMSG.
 */
int tree_refused(const char *path, const char *why, struct err *err);

/**
 * tree_open_dir() - open a folder that is no link
 * @parent:	where
 * @name:	one name, or "."
 *
 * Return: descriptor, the caller's; or a negative errno.
 */
must_check int tree_open_dir(int parent, const char *name);

/**
 * tree_drop_folder() - forget the folder that is kept
 * @tree:	descriptors that it gave out end here
 */
void tree_drop_folder(struct tree *tree);

/**
 * tree_open_folder() - open a folder, made where it is missing or was deleted
 * @tree:	keeps it, and notes what it makes
 * @path:	clean; "" is the root
 *
 * Return: descriptor, the tree's; -ENOTDIR or -ELOOP when something else is on the way.
 */
must_check int tree_open_folder(struct tree *tree, const char *path);

/**
 * tree_open_parent() - open the folder that holds a name
 * @tree:	as above
 * @path:	the name
 * @out_name:	its last part, inside @path
 * @err:	what failed, with the name
 *
 * Return: descriptor, the tree's; -EBADMSG when something else is on the way.
 */
must_check int tree_open_parent(struct tree *tree, const char *path, const char **out_name,
				struct err *err);

/**
 * tree_clear_way() - remove what the layer has under a name
 * @tree:	drops the folder that is kept, where that may be concerned
 * @dir:	where
 * @name:	one name; nothing there is fine
 * @out_white:	whether it was a whiteout
 *
 * Return: 0; -EISDIR for a folder that may not be replaced; otherwise what the kernel said.
 */
must_check int tree_clear_way(struct tree *tree, int dir, const char *name, bool *out_white);

/**
 * tree_owner_differs() - whether a new file would belong to somebody else than it shall
 * @tree:	how owners become those on disk
 * @entry:	the file
 *
 * Return: that.
 */
bool tree_owner_differs(const struct tree *tree, const struct tree_entry *entry);

/**
 * tree_set_owner() - give a file its owner
 * @tree:	how owners become those on disk
 * @fd:		as for fchownat(2), so is @name and are @flags
 * @name:	see there
 * @flags:	see there
 * @entry:	the file
 * @err:	names it
 *
 * Return: 0; -EOVERFLOW when the owner has no id here; otherwise what the kernel said.
 */
must_check int tree_set_owner(const struct tree *tree, int fd, const char *name, int flags,
			      const struct tree_entry *entry, struct err *err);

/**
 * tree_set_xattrs() - give a file its attributes
 * @tree:	notes those that cannot be kept
 * @fd:		the file
 * @entry:	of it
 * @err:	names it
 *
 * Return: 0; -ENOSPC or -EDQUOT.
 */
must_check int tree_set_xattrs(struct tree *tree, int fd, const struct tree_entry *entry,
			       struct err *err);

/**
 * tree_set_dir() - give a folder owner, mode and attributes
 * @tree:	as above
 * @fd:		the folder
 * @entry:	of it
 * @err:	names it
 *
 * Return: as tree_set_owner().
 */
must_check int tree_set_dir(struct tree *tree, int fd, const struct tree_entry *entry,
			    struct err *err);

/**
 * tree_set_times() - set when a file was changed
 * @dir:	as for utimensat(2), so is @name and are @flags
 * @name:	see there
 * @flags:	see there
 * @mtime:	the time, of access as well
 *
 * Return: 0 or a negative errno.
 */
must_check int tree_set_times(int dir, const char *name, int flags, struct timespec mtime);

/**
 * tree_mark_opaque() - hide what lower layers have in a folder
 * @tree:	notes it
 * @fd:		the folder
 *
 * Return: 0 or a negative errno.
 */
must_check int tree_mark_opaque(struct tree *tree, int fd);
