/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tree_finish - the end of a layer: times of folders that were filled since, and the journal
 */
#include "layer/tree_parts.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "kern/at.h"
#include "layer/tree.h"

static int set_dir_times(const struct tree *tree, const struct dir_record *d)
{
	struct stat st;

	AUTO(fd)
	int fd = *d->path ? at_open_in_root(tree->plan.root, d->path,
					    O_PATH | O_DIRECTORY | O_NOFOLLOW, 0)
			  : fd_dup(tree->plan.root);
	/* It was replaced by something else later. */
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_ino != d->inode)
		return 0;
	return tree_set_times(fd, "", AT_EMPTY_PATH, d->mtime);
}

static int compare_inodes(const void *a, const void *b)
{
	const struct dir_record *one = a, *other = b;

	return (one->inode > other->inode) - (one->inode < other->inode);
}

/* A directory that got its entry after its content is no implicit one. */
static bool got_entry(const struct tree *tree, const struct journal_record *r)
{
	struct dir_record key = { 0 };
	struct stat st;

	AUTO(fd) int fd = at_open_in_root(tree->plan.root, r->path, O_PATH | O_NOFOLLOW, 0);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))
		return true;
	key.inode = st.st_ino;
	return tree->dirs.count &&
	       bsearch(&key, tree->dirs.items, tree->dirs.count, sizeof key, compare_inodes);
}

static void drop_explicit(struct tree *tree)
{
	struct journal kept = { 0 };

	if (!tree->journal.count)
		return;
	if (tree->dirs.count)
		qsort(tree->dirs.items, tree->dirs.count, sizeof *tree->dirs.items, compare_inodes);
	for (size_t i = 0; i < tree->journal.count; i++) {
		struct journal_record *r = &tree->journal.items[i];
		if (r->kind == 'd' && got_entry(tree, r))
			continue;
		*vec_push(&kept) = *r;
		*r = (struct journal_record){ 0 };
	}
	journal_clear(&tree->journal);
	tree->journal = kept;
}

int tree_finish(struct tree *tree, struct tree_sums *out, struct err *err)
{
	tree_drop_folder(tree);
	for (size_t i = 0; i < tree->dirs.count; i++) {
		int r = set_dir_times(tree, &tree->dirs.items[i]);
		if (r < 0)
			return tree_failed(tree->dirs.items[i].path, r, "set the times of", err);
	}
	drop_explicit(tree);
	tree->sums.deferred += (int64_t)tree->journal.count;
	if (tree->plan.journal >= 0 && tree->journal.count) {
		int r = journal_save(&tree->journal, tree->plan.journal);
		if (r < 0)
			return err_sys(err, r, "cannot write the layer's journal");
	}
	*out = tree->sums;
	return 0;
}
