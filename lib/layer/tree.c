/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tree - writing the files of one layer below a directory
 */
#include "layer/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "kern/at.h"
#include "layer/attr.h"
#include "layer/name.h"
#include "layer/tree_parts.h"

enum { SPECIAL = 07000 };

int tree_failed(const char *path, int code, const char *what, struct err *err)
{
	AUTO(mem) char *shown = name_show(*path ? path : "/");

	return err_sys(err, code, "cannot %s '%s'", what, shown);
}

int tree_refused(const char *path, const char *why, struct err *err)
{
	AUTO(mem) char *shown = name_show(*path ? path : "/");

	return err_set(err, -EBADMSG, "'%s' %s", shown, why);
}

struct tree *tree_new(const struct tree_plan *plan)
{
	struct tree *tree = mem_new(struct tree);

	tree->plan = *plan;
	tree->folder_fd = -1;
	tree->file_fd = -1;
	tree->plain_modes = true;
	return tree;
}

void tree_free(struct tree *tree)
{
	if (!tree)
		return;
	tree_drop_folder(tree);
	fd_close(tree->file_fd);
	for (size_t i = 0; i < tree->dirs.count; i++)
		free(tree->dirs.items[i].path);
	free(tree->dirs.items);
	free(tree->opaque.items);
	journal_clear(&tree->journal);
	strv_clear(&tree->lost);
	free(tree);
}

const struct strv *tree_lost(const struct tree *tree)
{
	return &tree->lost;
}

/* ---- folders ---- */

static int record_dir(struct tree *tree, int fd, const struct tree_entry *entry, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return tree_failed(entry->path, -errno, "look at", err);
	struct dir_record *d = vec_push(&tree->dirs);
	*d = (struct dir_record){
		.path = str_dup(entry->path),
		.inode = st.st_ino,
		.mtime = entry->mtime,
	};
	return 0;
}

/* Makes or takes over a directory; *out_white tells that a whiteout was in its place. */
static int make_dir(struct tree *tree, int parent, const char *name, bool *out_white)
{
	struct stat st;

	*out_white = false;
	if (mkdirat(parent, name, 0700) == 0)
		return tree_open_dir(parent, name);
	if (errno != EEXIST)
		return -errno;
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return tree_open_dir(parent, name);
	if (tree->plan.plain && !tree->plan.replace)
		return -ENOTDIR;
	AUTO(fd) int dir = fd_dup(parent);
	int r = dir < 0 ? dir : tree_clear_way(tree, dir, name, out_white);
	if (r < 0)
		return r;
	return mkdirat(dir, name, 0700) < 0 ? -errno : tree_open_dir(dir, name);
}

int tree_root(struct tree *tree, const struct tree_entry *entry, struct err *err)
{
	AUTO(fd) int fd = tree_open_dir(tree->plan.root, ".");

	if (fd < 0)
		return tree_failed("", fd, "open", err);
	int r = tree_set_dir(tree, fd, entry, err);
	if (r < 0)
		return r;
	tree->sums.has_root = true;
	return record_dir(tree, fd, entry, err);
}

int tree_dir(struct tree *tree, const struct tree_entry *entry, struct err *err)
{
	const char *name;
	bool white;

	int parent = tree_open_parent(tree, entry->path, &name, err);
	if (parent < 0)
		return parent;
	AUTO(fd) int fd = make_dir(tree, parent, name, &white);
	if (fd < 0)
		return tree_failed(entry->path, fd, "make the folder", err);
	int r = tree_set_dir(tree, fd, entry, err);
	if (r < 0)
		return r;
	if (white) {
		r = tree_mark_opaque(tree, fd);
		if (r < 0)
			return tree_failed(entry->path, r, "mark", err);
	}
	/* The mode that is kept of it may have changed. */
	if (entry->mode & S_ISGID || str_eq(tree->folder, entry->path))
		tree_drop_folder(tree);
	return record_dir(tree, fd, entry, err);
}

/* ---- other files ---- */

/* Calls @make until nothing is in the way; twice is enough, nobody else writes here. */
static int make_named(struct tree *tree, const struct tree_entry *entry,
		      int (*make)(struct tree *tree, int dir, const char *name,
				  const struct tree_entry *entry),
		      struct err *err)
{
	const char *name;
	bool white;

	int parent = tree_open_parent(tree, entry->path, &name, err);
	if (parent < 0)
		return parent;
	int r = make(tree, parent, name, entry);
	if (r == -EEXIST) {
		r = tree_clear_way(tree, parent, name, &white);
		parent = r < 0 ? r : tree_open_parent(tree, entry->path, &name, err);
		r = parent < 0 ? parent : make(tree, parent, name, entry);
	}
	return r < 0 ? tree_failed(entry->path, r, "make", err) : 0;
}

static int make_symlink(struct tree *tree, int dir, const char *name,
			const struct tree_entry *entry)
{
	(void)tree;
	return symlinkat(entry->target, dir, name) < 0 ? -errno : 0;
}

static int make_fifo(struct tree *tree, int dir, const char *name, const struct tree_entry *entry)
{
	(void)tree;
	return mknodat(dir, name, S_IFIFO | (entry->mode & TREE_PERMISSIONS), 0) < 0 ? -errno : 0;
}

static int make_file(struct tree *tree, int dir, const char *name, const struct tree_entry *entry)
{
	tree->file_fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			       entry->mode & 0777);
	return tree->file_fd < 0 ? -errno : 0;
}

/*
 * What is complete once it is made, but for owner and times. Its mode is not changed by its name, which may
 * be a link by now.
 */
static int make_whole(struct tree *tree, const struct tree_entry *entry,
		      int (*make)(struct tree *tree, int dir, const char *name,
				  const struct tree_entry *entry),
		      struct err *err)
{
	const char *name;

	int r = make_named(tree, entry, make, err);
	if (r < 0)
		return r;
	int parent = tree_open_parent(tree, entry->path, &name, err);
	if (parent < 0)
		return parent;
	r = tree_set_owner(tree, parent, name, AT_SYMLINK_NOFOLLOW, entry, err);
	if (r < 0)
		return r;
	r = tree_set_times(parent, name, AT_SYMLINK_NOFOLLOW, entry->mtime);
	return r < 0 ? tree_failed(entry->path, r, "set the times of", err) : 0;
}

int tree_symlink(struct tree *tree, const struct tree_entry *entry, struct err *err)
{
	return make_whole(tree, entry, make_symlink, err);
}

int tree_fifo(struct tree *tree, const struct tree_entry *entry, struct err *err)
{
	return make_whole(tree, entry, make_fifo, err);
}

int tree_file_begin(struct tree *tree, const struct tree_entry *entry, struct err *err)
{
	bug_unless(tree->file_fd < 0);
	int r = make_named(tree, entry, make_file, err);
	if (r < 0)
		return r;
	tree->file = entry;
	tree->file_end = 0;
	return 0;
}

int tree_file_data(struct tree *tree, int64_t offset, const void *data, size_t size,
		   struct err *err)
{
	const char *at = data;

	tree->sums.disk_size += (int64_t)size;
	tree->file_end = max_of(tree->file_end, offset + (int64_t)size);
	while (size) {
		ssize_t n = pwrite(tree->file_fd, at, size, offset);
		if (n < 0 && errno != EINTR)
			return tree_failed(tree->file->path, -errno, "write", err);
		if (n > 0) {
			at += n;
			offset += n;
			size -= (size_t)n;
		}
	}
	return 0;
}

/* Capabilities and set-id bits come last: owner and content take them away. */
static int set_file(struct tree *tree, int fd, int64_t size, struct err *err)
{
	const struct tree_entry *entry = tree->file;
	const struct timespec times[] = { entry->mtime, entry->mtime };
	bool chown = tree_owner_differs(tree, entry) || tree->folder_st.st_mode & S_ISGID;
	int r = 0;

	if (tree->file_end != size && ftruncate(fd, size) < 0)
		return tree_failed(entry->path, -errno, "set the length of", err);
	if (chown)
		r = tree_set_owner(tree, fd, "", AT_EMPTY_PATH, entry, err);
	if (r < 0)
		return r;
	if ((entry->mode & SPECIAL || !tree->plain_modes) &&
	    fchmod(fd, entry->mode & TREE_PERMISSIONS) < 0)
		return tree_failed(entry->path, -errno, "set the mode of", err);
	r = tree_set_xattrs(tree, fd, entry, err);
	if (r < 0)
		return r;
	return futimens(fd, times) < 0 ? tree_failed(entry->path, -errno, "set the times of", err)
				       : 0;
}

int tree_file_end(struct tree *tree, int64_t size, struct err *err)
{
	AUTO(fd) int fd = take_fd(tree->file_fd);

	int r = set_file(tree, fd, size, err);
	tree->file = NULL;
	return r;
}

/* ---- hard links ---- */

static int defer_link(struct tree *tree, const struct tree_entry *entry, struct err *err)
{
	if (tree->plan.journal < 0)
		return tree_refused(entry->path, "is a hard link to a file that is not there", err);
	struct journal_record *r = vec_push(&tree->journal);
	*r = (struct journal_record){
		.kind = 'l',
		.path = str_dup(entry->path),
		.target = str_dup(entry->target),
	};
	return 0;
}

/* Return: 1 when the target is there, 0 when not; -EBADMSG when no link to it may be made. */
static int look_at_target(int dir, const char *name, bool plain, const struct tree_entry *entry,
			  struct err *err)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : tree_failed(entry->target, -errno, "look at", err);
	if (S_ISDIR(st.st_mode))
		return tree_refused(entry->path, "is a hard link to a folder", err);
	if (!plain && attr_is_whiteout(&st))
		return tree_refused(entry->path, "is a hard link to a file that the layer deletes",
				    err);
	return 1;
}

int tree_hardlink(struct tree *tree, const struct tree_entry *entry, struct err *err)
{
	AUTO(mem) char *from_parent = NULL;
	const char *name;
	bool white;

	if (!*entry->target)
		return tree_refused(entry->path, "is a hard link to a folder", err);
	if (str_eq(entry->path, entry->target))
		return tree_refused(entry->path, "is a hard link to itself", err);
	const char *from_name = name_split(entry->target, &from_parent);
	AUTO(fd)
	int from = *from_parent
			   ? at_open_in_root(tree->plan.root, from_parent, O_PATH | O_DIRECTORY, 0)
			   : fd_dup(tree->plan.root);
	if (from < 0)
		return defer_link(tree, entry, err);
	int r = look_at_target(from, from_name, tree->plan.plain, entry, err);
	if (r <= 0)
		return r < 0 ? r : defer_link(tree, entry, err);
	int parent = tree_open_parent(tree, entry->path, &name, err);
	if (parent < 0)
		return parent;
	if (linkat(from, from_name, parent, name, 0) == 0)
		return 0;
	if (errno != EEXIST)
		return tree_failed(entry->path, -errno, "make the hard link", err);
	r = tree_clear_way(tree, parent, name, &white);
	parent = r < 0 ? r : tree_open_parent(tree, entry->path, &name, err);
	if (parent < 0)
		return r < 0 ? tree_failed(entry->path, r, "replace", err) : parent;
	if (linkat(from, from_name, parent, name, 0) < 0)
		return tree_failed(entry->path, -errno, "make the hard link", err);
	return 0;
}
