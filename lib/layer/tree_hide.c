/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tree_hide - what lower layers shall not show: whiteouts and opaque folders
 */
#include "layer/tree_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fd.h"
#include "layer/attr.h"
#include "layer/tree.h"

int tree_mark_opaque(struct tree *tree, int fd)
{
	struct stat st;

	int r = attr_set_opaque(fd);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return -errno;
	*vec_push(&tree->opaque) = st.st_ino;
	return 0;
}

static bool is_opaque(const struct tree *tree, ino_t inode)
{
	for (size_t i = 0; i < tree->opaque.count; i++)
		if (tree->opaque.items[i] == inode)
			return true;
	return false;
}

/* In the lowest layer there is nothing to delete, and a whiteout could be seen in a listing. */
static bool without_effect(struct tree *tree)
{
	if (tree->plan.journal >= 0)
		return false;
	tree->sums.deferred++;
	return true;
}

int tree_whiteout(struct tree *tree, const char *path, struct err *err)
{
	struct stat st;
	const char *name;

	if (without_effect(tree))
		return 0;
	int parent = tree_open_parent(tree, path, &name, err);
	if (parent < 0)
		return parent;
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (!S_ISDIR(st.st_mode))
			return 0;
		AUTO(fd) int fd = tree_open_dir(parent, name);
		int r = fd < 0 ? fd : tree_mark_opaque(tree, fd);
		return r < 0 ? tree_failed(path, r, "mark", err) : 0;
	}
	if (is_opaque(tree, tree->folder_st.st_ino))
		return 0;
	if (mknodat(parent, name, S_IFCHR, makedev(0, 0)) < 0)
		return tree_failed(path, -errno, "delete", err);
	return 0;
}

/* What an opaque directory hides needs no whiteouts, which a listing would show. */
static int drop_whiteouts(int fd)
{
	int copy = tree_open_dir(fd, ".");
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct stat st;

	if (!dir) {
		fd_close(copy);
		return copy < 0 ? copy : -errno;
	}
	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		if (e->d_type == DT_CHR && fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    attr_is_whiteout(&st))
			(void)unlinkat(fd, e->d_name, 0); /* one left is a blemish, no harm */
	closedir(dir);
	return 0;
}

int tree_opaque(struct tree *tree, const char *path, struct err *err)
{
	if (without_effect(tree))
		return 0;
	int folder = tree_open_folder(tree, path);
	if (folder < 0)
		return tree_failed(path, folder, "make the folder", err);
	AUTO(fd) int fd = tree_open_dir(folder, ".");
	int r = fd < 0 ? fd : tree_mark_opaque(tree, fd);
	if (r == 0)
		r = drop_whiteouts(fd);
	return r < 0 ? tree_failed(path, r, "mark", err) : 0;
}
