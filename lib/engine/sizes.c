/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sizes - how much disk containers take
 *
 * The sums come back from the child in shared memory. Sizes are those of the files' contents, as
 * docker counts them; whiteouts and folders count nothing, a file with several links counts once.
 */
#include "engine/sizes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/str.h"
#include "engine/outer.h"
#include "store/layers.h"

struct walk {
	const struct strv *paths;
	int64_t *bytes; /* shared with the child */
};

/* Files with several links that were counted, as a tree of search.h. */
struct seen {
	void *root;
};

struct inode {
	dev_t dev;
	ino_t ino;
};

static int by_inode(const void *a, const void *b)
{
	const struct inode *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return (x->ino > y->ino) - (x->ino < y->ino);
}

static bool is_first(struct seen *seen, const struct stat *st)
{
	if (st->st_nlink < 2)
		return true;
	struct inode *inode = mem_new(struct inode);
	*inode = (struct inode){ st->st_dev, st->st_ino };
	struct inode **found = tsearch(inode, &seen->root, by_inode);
	bug_unless(found);
	if (*found == inode)
		return true;
	free(inode);
	return false;
}

static int64_t sum_dir(int dirfd, struct seen *seen)
{
	int64_t bytes = 0;
	int copy = fd_dup(dirfd);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);

	if (!dir) {
		fd_close(copy);
		return 0;
	}
	for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
		struct stat st;
		if (str_eq(e->d_name, ".") || str_eq(e->d_name, "..") ||
		    fstatat(dirfd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (S_ISREG(st.st_mode) && is_first(seen, &st))
			bytes += st.st_size;
		if (!S_ISDIR(st.st_mode))
			continue;
		AUTO(fd)
		int below =
			openat(dirfd, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below >= 0)
			bytes += sum_dir(below, seen);
	}
	closedir(dir);
	return bytes;
}

static int walk_child(void *data, struct err *err)
{
	const struct walk *w = data;

	for (size_t i = 0; i < w->paths->count; i++) {
		const char *path = w->paths->items[i];
		AUTO(fd) int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT)
			continue; /* not started yet, or removed meanwhile */
		if (fd < 0)
			return err_sys(err, -errno, "cannot read '%s'", path);
		struct seen seen = { 0 };
		w->bytes[i] = sum_dir(fd, &seen);
		tdestroy(seen.root, free);
	}
	return 0;
}

int sizes_of(struct engine *engine, const struct strv *paths, int64_t *out, struct err *err)
{
	const size_t room = paths->count * sizeof *out;
	struct walk w = { .paths = paths };

	if (!paths->count)
		return 0;
	w.bytes = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (w.bytes == MAP_FAILED)
		return err_sys(err, -errno, "cannot measure files");
	int r = outer_run(engine, 0, walk_child, &w, err);
	if (r == 0)
		memcpy(out, w.bytes, room);
	(void)munmap(w.bytes, room);
	return r;
}

static int64_t sum_layers(struct engine *engine, const struct container_config *config)
{
	int64_t bytes = 0;

	for (size_t i = 0; i < config->layers.count; i++) {
		AUTO(layer) struct layer *layer = NULL;
		if (layer_find(engine->store, config->layers.items[i], NULL, &layer) == 0)
			bytes += layer->size;
	}
	return bytes;
}

int container_sizes(struct engine *engine, const struct container_config *config, int64_t *out_own,
		    int64_t *out_below, struct err *err)
{
	AUTO(strv) struct strv paths = { 0 };

	strv_take(&paths, store_container_path(engine->store, config->id, "upper"));
	int r = sizes_of(engine, &paths, out_own, err);
	if (r < 0)
		return r;
	*out_below = sum_layers(engine, config);
	/* There the layers are copied to where the container writes. */
	if (str_eq(config->driver, "copy"))
		*out_own = max_of(*out_own - *out_below, INT64_C(0));
	return 0;
}
