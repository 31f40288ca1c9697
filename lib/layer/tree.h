/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tree - writing the files of one layer below a directory
 *
 * What is on disk afterwards, in the form that overlayfs and fuse-overlayfs read:
 *  (1) an entry replaces what this layer had under its name before, but a directory meeting a
 *      directory keeps the content and takes the new owner, mode, times and attributes;
 *  (2) a name that lower layers shall not show is a character device 0/0 (a whiteout); where the
 *      layer has the name itself nothing is needed, but for a directory, which becomes opaque;
 *  (3) an opaque directory carries the attribute user.overlay.opaque = "y";
 *  (4) no attribute that overlayfs, fuse-overlayfs or the kernel's labels give a meaning to comes
 *      from a tar;
 *  (5) directories have the times of the tar although they were filled later;
 *  (6) links on the way to a name are followed inside the root, the last name never is.
 * Directories that had to be made without an entry are journal records, so are hard links to files
 * that are not there; see layer/journal.h. The caller's umask must be 0.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "layer/tree_entry.h"

struct tree;

/**
 * tree_new() - begin
 * @plan:	copied
 *
 * Return: to be released with tree_free; never NULL.
 */
must_check struct tree *tree_new(const struct tree_plan *plan);

/**
 * tree_free() - release; what was written stays
 * @tree:	may be NULL
 */
void tree_free(struct tree *tree);

DEFINE_AUTO_PTR(tree, struct tree, tree_free)

/**
 * tree_root() - give the root directory its attributes
 * @tree:	begun
 * @entry:	its path is not used
 * @err:	what failed
 *
 * Return: 0; -EOVERFLOW when an owner has no id here; otherwise what the kernel said.
 */
must_check int tree_root(struct tree *tree, const struct tree_entry *entry, struct err *err);

/**
 * tree_dir() - write a directory
 * @tree:	begun
 * @entry:	the directory
 * @err:	names it
 *
 * Return: as tree_root().
 */
must_check int tree_dir(struct tree *tree, const struct tree_entry *entry, struct err *err);

/**
 * tree_symlink() - write a symbolic link
 * @tree:	begun
 * @entry:	the link; its attributes are left out
 * @err:	names it
 *
 * Return: as tree_root().
 */
must_check int tree_symlink(struct tree *tree, const struct tree_entry *entry, struct err *err);

/**
 * tree_fifo() - write a FIFO
 * @tree:	begun
 * @entry:	the FIFO
 * @err:	names it
 *
 * Return: as tree_root().
 */
must_check int tree_fifo(struct tree *tree, const struct tree_entry *entry, struct err *err);

/**
 * tree_hardlink() - give a file one more name
 * @tree:	begun
 * @entry:	only .path and .target count; .target is clean
 * @err:	names it
 *
 * Return: 0, also when it is deferred; -EBADMSG when the target is a directory or was deleted, and,
 * without a journal, when it is not there.
 */
must_check int tree_hardlink(struct tree *tree, const struct tree_entry *entry, struct err *err);

/**
 * tree_file_begin() - make a regular file, empty
 * @tree:	begun, no file open
 * @entry:	the file; borrowed until tree_file_end
 * @err:	names it
 *
 * Return: as tree_root().
 */
must_check int tree_file_begin(struct tree *tree, const struct tree_entry *entry, struct err *err);

/**
 * tree_file_data() - write a part of the open file
 * @tree:	with a file open
 * @offset:	what lies between the parts becomes a hole
 * @data:	the bytes
 * @size:	how many
 * @err:	names the file
 *
 * Return: 0 or a negative errno.
 */
must_check int tree_file_data(struct tree *tree, int64_t offset, const void *data, size_t size,
			      struct err *err);

/**
 * tree_file_end() - give the open file its length and attributes and close it
 * @tree:	with a file open
 * @size:	length of the file, holes included
 * @err:	names the file
 *
 * Return: as tree_root().
 */
must_check int tree_file_end(struct tree *tree, int64_t size, struct err *err);

/**
 * tree_whiteout() - delete a name of the lower layers
 * @tree:	begun
 * @path:	clean, not ""
 * @err:	names it
 *
 * Return: 0 or a negative errno.
 */
must_check int tree_whiteout(struct tree *tree, const char *path, struct err *err);

/**
 * tree_opaque() - hide what lower layers have in a directory
 * @tree:	begun
 * @path:	clean; "" is the root
 * @err:	names it
 *
 * Return: 0 or a negative errno.
 */
must_check int tree_opaque(struct tree *tree, const char *path, struct err *err);

/**
 * tree_finish() - set the times of directories and write the journal
 * @tree:	nothing but tree_free may follow
 * @out:	set on success only
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int tree_finish(struct tree *tree, struct tree_sums *out, struct err *err);

/**
 * tree_lost() - what could not be kept, as sentences
 * @tree:	begun
 *
 * Return: at most LAYER_LOST_MAX of them, which belong to @tree.
 */
const struct strv *tree_lost(const struct tree *tree);
