/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tree_place - where a name of the layer is
 *
 * Tars list a folder's files one after the other, so the last folder's descriptor is kept: most
 * files cost openat, write, futimens, close. It is dropped whenever something is removed.
 */
#include "layer/tree_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "kern/at.h"
#include "layer/attr.h"
#include "layer/name.h"

enum { IMPLICIT_MODE = 0755 };

int tree_open_dir(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

void tree_drop_folder(struct tree *tree)
{
	fd_close(take_fd(tree->folder_fd));
	str_set(&tree->folder, NULL);
}

static void note_made(void *data, const char *path)
{
	struct tree *tree = data;
	struct journal_record *r = vec_push(&tree->journal);

	*r = (struct journal_record){ .kind = 'd', .path = str_dup(path) };
}

/* Keeps the descriptor of a folder, takes @fd over. */
static int keep_folder(struct tree *tree, const char *path, int fd)
{
	AUTO(fd) int held = fd;

	tree_drop_folder(tree);
	if (fstat(held, &tree->folder_st) < 0)
		return -errno;
	tree->folder = str_dup(path);
	tree->folder_fd = take_fd(held);
	return 0;
}

/*
 * Makes a folder of which nothing but the last names is missing, and no name is a link: the parent is
 * opened at once, where a walk from the root would look at each name.
 */
static int make_plainly(struct tree *tree, const char *path)
{
	AUTO(mem) char *parent = NULL;
	const char *name = name_split(path, &parent);

	AUTO(fd)
	int dir = at_open(tree->plan.root, *parent ? parent : ".", O_PATH | O_DIRECTORY, 0,
			  RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	if (dir == -ENOENT)
		dir = make_plainly(tree, parent);
	if (dir < 0)
		return dir;
	if (mkdirat(dir, name, IMPLICIT_MODE) < 0)
		return -errno;
	note_made(tree, path);
	return tree_open_dir(dir, name);
}

/* Return: descriptor of a folder that is the caller's. */
static int make_folder(struct tree *tree, const char *path)
{
	if (!*path)
		return fd_dup(tree->plan.root);
	int fd = at_open_in_root(tree->plan.root, path, O_PATH | O_DIRECTORY, 0);
	if (fd != -ENOENT)
		return fd;
	fd = make_plainly(tree, path);
	/* Something else is in the way; what was made until then stays. */
	if (fd == -EEXIST || fd == -ELOOP)
		fd = at_mkdir_p_noting(tree->plan.root, path, IMPLICIT_MODE, note_made, tree);
	return fd;
}

/* Return: descriptor of a folder, made where missing; it belongs to the tree. */
static int open_folder(struct tree *tree, const char *path)
{
	if (str_eq(tree->folder, path))
		return tree->folder_fd;
	int fd = make_folder(tree, path);
	int r = fd < 0 ? fd : keep_folder(tree, path, fd);
	return r < 0 ? r : tree->folder_fd;
}

/* A name that was deleted and then has files below it is a fresh folder. */
static int revive(struct tree *tree, const char *path)
{
	AUTO(mem) char *parent = NULL;
	const char *name = name_split(path, &parent);
	struct stat st;

	AUTO(fd)
	int dir = *parent ? at_open_in_root(tree->plan.root, parent, O_PATH | O_DIRECTORY, 0)
			  : fd_dup(tree->plan.root);
	if (dir < 0 || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !attr_is_whiteout(&st))
		return 0;
	if (unlinkat(dir, name, 0) < 0 || mkdirat(dir, name, IMPLICIT_MODE) < 0)
		return -errno;
	AUTO(fd) int fd = tree_open_dir(dir, name);
	return fd < 0 ? fd : tree_mark_opaque(tree, fd);
}

int tree_open_folder(struct tree *tree, const char *path)
{
	int fd = open_folder(tree, path);

	if (fd != -ENOTDIR || tree->plan.plain)
		return fd;
	AUTO(mem) char *part = str_dup(path);
	for (char *end = part; *end; end++) {
		end += strcspn(end, "/");
		char was = *end;
		*end = 0;
		int r = revive(tree, part);
		if (r < 0)
			return r;
		*end = was;
		if (!was)
			break;
	}
	return open_folder(tree, path);
}

/* Return: descriptor of the folder that holds @path, and its last name inside @path. */
int tree_open_parent(struct tree *tree, const char *path, const char **out_name, struct err *err)
{
	AUTO(mem) char *parent = NULL;

	*out_name = name_split(path, &parent);
	int fd = tree_open_folder(tree, parent);
	if (fd == -ENOTDIR || fd == -ELOOP)
		return tree_refused(path, "lies below something that is no folder", err);
	return fd < 0 ? tree_failed(path, fd, "make the folder of", err) : fd;
}

/* Removes what the layer has under a name. *out_white tells that it was a whiteout. */
int tree_clear_way(struct tree *tree, int dir, const char *name, bool *out_white)
{
	struct stat st;

	*out_white = false;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	*out_white = !tree->plan.plain && attr_is_whiteout(&st);
	if (S_ISDIR(st.st_mode) && tree->plan.plain && !tree->plan.replace)
		return -EISDIR;
	if (S_ISREG(st.st_mode) || *out_white)
		return unlinkat(dir, name, 0) < 0 ? -errno : 0;
	/* A folder or a link to one may be on the way to the folder that is kept. */
	AUTO(fd) int copy = fd_dup(dir);
	if (copy < 0)
		return copy;
	tree_drop_folder(tree);
	return file_tree_remove(copy, name);
}
