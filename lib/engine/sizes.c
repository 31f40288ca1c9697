/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sizes - how much disk containers take
 *
 * The sum comes back from the child in shared memory. Sizes are those of the files' contents, as
 * docker counts them; whiteouts and folders count nothing, a file with several links counts once a
 * link.
 */
#include "engine/sizes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/str.h"
#include "engine/outer.h"
#include "store/layers.h"

struct walk {
	const char *path;
	int64_t bytes;
};

static int64_t sum_dir(int dirfd)
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
		if (S_ISREG(st.st_mode))
			bytes += st.st_size;
		if (!S_ISDIR(st.st_mode))
			continue;
		AUTO(fd)
		int below =
			openat(dirfd, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below >= 0)
			bytes += sum_dir(below);
	}
	closedir(dir);
	return bytes;
}

static int walk_child(void *data, struct err *err)
{
	struct walk *w = data;
	AUTO(fd) int fd = open(w->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return 0; /* not started yet */
	if (fd < 0)
		return err_sys(err, -errno, "cannot read '%s'", w->path);
	w->bytes = sum_dir(fd);
	return 0;
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
	AUTO(mem) char *upper = store_container_path(engine->store, config->id, "upper");
	struct walk *w =
		mmap(NULL, sizeof *w, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (w == MAP_FAILED)
		return err_sys(err, -errno, "cannot measure container '%s'", config->name);
	w->path = upper;
	int r = outer_run(engine, 0, walk_child, w, err);
	int64_t own = w->bytes;
	(void)munmap(w, sizeof *w);
	if (r < 0)
		return r;
	*out_own = own;
	*out_below = sum_layers(engine, config);
	return 0;
}
