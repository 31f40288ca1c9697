/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * single_save - writing an image of the store as one file to a place of the user's
 *
 * The file has no name until it is whole: what is killed on the way leaves nothing. Where the file system has
 * no files without a name it is made beside its place.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "engine/fetch.h"
#include "engine/restore.h"
#include "engine/single.h"
#include "store/images.h"
#include "store/layers.h"

enum { COPY = 1 << 20, FILE_MODE = 0644 };

/* A file that gets its name at the end. */
struct target {
	char *dir;  /* of it */
	char *temp; /* name beside it, or NULL while it has none */
	int fd;
};

static void auto_target(struct target *t)
{
	if (t->temp)
		(void)unlink(t->temp); /* it was not finished */
	fd_close(t->fd);
	free(t->temp);
	free(t->dir);
}

static char *name_beside(const char *path)
{
	uint64_t random = 0;

	(void)!getrandom(&random, sizeof random, 0); /* a clash is caught by O_EXCL */
	return str_fmt("%s.tmp-%016llx", path, (unsigned long long)random);
}

static int open_target(const char *path, struct target *out, struct err *err)
{
	const char *slash = strrchr(path, '/');

	out->dir = slash ? str_ndup(path, (size_t)(slash - path) + 1) : str_dup(".");
	out->fd = open(out->dir, O_TMPFILE | O_RDWR | O_CLOEXEC, FILE_MODE);
	if (out->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
		out->temp = name_beside(path);
		out->fd = open(out->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	}
	return out->fd < 0 ? err_sys(err, -errno, "cannot write '%s'", path) : 0;
}

/* It takes the place of a file that was there, as those of other formats do. */
static int name_target(struct target *t, const char *path, struct err *err)
{
	if (!t->temp) {
		AUTO(mem) char *link = str_fmt("/proc/self/fd/%d", t->fd);
		t->temp = name_beside(path);
		if (linkat(AT_FDCWD, link, AT_FDCWD, t->temp, AT_SYMLINK_FOLLOW) < 0)
			return err_sys(err, -errno, "cannot write '%s'", path);
	}
	if (rename(t->temp, path) < 0)
		return err_sys(err, -errno, "cannot write '%s'", path);
	free(take_ptr(t->temp));
	return 0;
}

static int copy_file(const char *from, int to, struct err *err)
{
	AUTO(fd) int fd = open(from, O_RDONLY | O_CLOEXEC);
	AUTO(mem) char *buffer = mem_alloc(COPY, 1);
	ssize_t n = fd < 0 ? -1 : 1;
	int r = 0;

	while (n > 0 && (n = copy_file_range(fd, NULL, to, NULL, COPY, 0)) > 0)
		;
	if (n < 0 && fd >= 0)
		while ((n = read(fd, buffer, COPY)) > 0 && r == 0)
			r = fd_write_all(to, buffer, (size_t)n);
	if (n < 0)
		r = -errno;
	return r < 0 ? err_sys(err, r, "cannot copy '%s'", from) : 0;
}

static int make_file(struct engine *engine, const struct image *image, int to, struct err *err)
{
	AUTO(image) struct image *whole = NULL;
	AUTO(manifest) struct manifest *manifest = NULL;
	AUTO(image_config) struct image_config *config = NULL;
	AUTO(fetched) struct fetched fetched = { 0 };
	int64_t size;

	int r = restore_image(engine, image, &whole, err);
	if (r == 0)
		r = image_manifest(engine->store, whole, &manifest, err);
	if (r == 0)
		r = image_config(engine->store, whole, &config, err);
	if (r == 0)
		r = image_config_check(config, manifest, err);
	if (r < 0)
		return r;
	const struct fetch_request request = { .manifest = manifest, .config = config };
	const struct single_source source = { .config = manifest->config.digest,
					      .name = whole->name,
					      .digest = whole->digest };
	return single_write(engine, &request, &source, to, &fetched, &size, err);
}

int single_save(struct engine *engine, const struct image *image, const char *path, struct err *err)
{
	AUTO(target) struct target target = { .fd = -1 };
	AUTO(layer) struct layer *layer = NULL;
	bool there = image->layers.count == 1 &&
		     layer_find(engine->store, image->layers.items[0], NULL, &layer) == 0 &&
		     layer->file;

	int r = open_target(path, &target, err);
	if (r == 0)
		r = there ? copy_file(layer->path, target.fd, err)
			  : make_file(engine, image, target.fd, err);
	if (r == 0 && fsync(target.fd) < 0)
		r = err_sys(err, -errno, "cannot write '%s'", path);
	return r < 0 ? err_wrap(err, "cannot save '%s'", str_or(image->name, image->id))
		     : name_target(&target, path, err);
}
