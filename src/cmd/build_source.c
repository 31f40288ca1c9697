/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_source - the last word of a build: where its files come from
 */
#include "cmd/build_source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "build/dockerfile.h"
#include "build/gitsource.h"
#include "engine/download.h"
#include "engine/outer.h"
#include "kern/at.h"
#include "layer/client.h"

#define INPUT "the standard input"

enum { PIECE = 1 << 16, FOLDER_MODE = 0755 };

static const int64_t file_max = INT64_C(64) << 30; /* bytes */

/* ---- folders ---------------------------------------------------------------------------------- */

static int make_temp(struct app *app, struct build_source *out, struct err *err)
{
	out->store = app->engine->store;
	out->foreign = true;
	return temp_dir(out->store, 0700, &out->temp, err);
}

/* A folder below the one that came, wherever links in it point. */
static int set_folder(struct build_source *out, const char *below, struct err *err)
{
	AUTO(fd) int top = open(out->temp->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO(fd)
	int there = top < 0 ? -errno : at_open_in_root(top, below, O_PATH | O_DIRECTORY, 0);
	AUTO(mem) char *link = str_fmt("/proc/self/fd/%d", there);

	if (there < 0)
		return err_sys(err, there, "cannot use '%s' of it as build context", below);
	out->folder = realpath(link, NULL);
	return out->folder ? 0 : err_sys(err, -errno, "cannot find '%s'", below);
}

/* ---- archives --------------------------------------------------------------------------------- */

struct unpacking {
	struct layer_host host;
	const char *folder;
	int file;
};

static int unpack(void *data, struct err *err)
{
	const struct unpacking *u = data;
	AUTO(layer_helper) struct layer_helper *helper = NULL;
	AUTO(layer_applied) struct layer_applied applied = { 0 };
	AUTO(fd) int dir = open(u->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct layer_owners root = { 0 };
	const struct layer_apply req = {
		.blob = u->file,
		.more = -1,
		.diff = dir,
		.journal = -1,
		.flags = LAYER_PLAIN | LAYER_REPLACE | LAYER_ONE_ID | LAYER_OWNER,
		.below = "",
		.owners = &root,
	};

	if (dir < 0)
		return err_sys(err, -errno, "cannot open '%s'", u->folder);
	int r = layer_helper_open(&u->host, &helper, err);
	if (r == 0)
		r = layer_apply_start(helper, &req, err);
	return r < 0 ? r : layer_apply_finish(helper, &applied, err);
}

/* Of what came: the files of an archive, else the Dockerfile that it is. */
static int take_file(struct app *app, const char *name, int file, struct build_source *out,
		     struct err *err)
{
	AUTO(mem) char *program = host_helper(app->host, "cubby-layer");
	struct unpacking u = { .host = { .program = program, .userns = -1 }, .file = file };
	AUTO(layer_helper) struct layer_helper *helper = NULL;
	AUTO(mem) char *folder = str_fmt("%s/files", out->temp->path);

	int r = layer_helper_open(&u.host, &helper, err);
	if (r == 0)
		r = layer_is_archive(helper, file, err);
	if (r >= 0 && lseek(file, 0, SEEK_SET) < 0)
		return err_sys(err, -errno, "cannot read %s", name);
	if (r == 0) {
		r = fd_read_all(file, DOCKERFILE_MAX_BYTES, &out->text, &out->size);
		return r < 0 ? err_sys(err, r, "cannot read the Dockerfile from %s", name) : 0;
	}
	if (r < 0)
		return r;
	if (mkdir(folder, FOLDER_MODE) < 0)
		return err_sys(err, -errno, "cannot make '%s'", folder);
	u.folder = folder;
	r = outer_run(app->engine, 0, unpack, &u, err);
	return r < 0 ? err_wrap(err, "cannot unpack %s", name) : set_folder(out, "files", err);
}

static int spool(int from, int to)
{
	AUTO(mem) char *piece = mem_alloc(PIECE, 1);

	for (int64_t all = 0; all <= file_max;) {
		const ssize_t n = read(from, piece, PIECE);
		const int r = n > 0 ? fd_write_all(to, piece, (size_t)n) : 0;
		if (n == 0 || r < 0)
			return r;
		if (n < 0 && errno != EINTR)
			return -errno;
		all += max_of(n, (ssize_t)0);
	}
	return -EFBIG;
}

static int open_file(struct app *app, const char *address, const struct build_options *options,
		     struct build_source *out, struct err *err)
{
	int r = make_temp(app, out, err);

	if (r < 0)
		return r;
	AUTO(mem) char *name = address ? str_fmt("'%s'", address) : str_dup(INPUT);
	AUTO(mem) char *path = str_fmt("%s/came", out->temp->path);
	AUTO(fd) int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file < 0)
		return err_sys(err, -errno, "cannot make '%s'", path);
	const struct download_request request = {
		.address = address, .file = file, .most = file_max, .access = &options->access
	};
	if (address)
		r = download_file(app->host, &request, NULL, err);
	else
		r = spool(STDIN_FILENO, file);
	if (r < 0)
		return err->code ? r : err_sys(err, r, "cannot read %s", name);
	(void)unlink(path); /* it goes with the folder, too */
	return take_file(app, name, file, out, err);
}

/* ---- repositories ----------------------------------------------------------------------------- */

static int open_repository(struct app *app, const struct gitsource *git, struct build_source *out,
			   struct err *err)
{
	int r = make_temp(app, out, err);

	if (r == 0)
		r = gitsource_fetch(app->host, git, out->temp->path, false, err);
	return r < 0 ? r : set_folder(out, str_or(git->folder, "."), err);
}

/* ---- all -------------------------------------------------------------------------------------- */

int build_source_open(struct app *app, const char *word, const struct build_options *options,
		      struct build_source *out, struct err *err)
{
	AUTO(gitsource) struct gitsource git = { 0 };

	if (!word)
		return 0;
	if (str_eq(word, "-"))
		return open_file(app, NULL, options, out, err);
	/* A folder of such a name is one. */
	out->folder = realpath(word, NULL);
	if (out->folder)
		return 0;
	const int missing = errno;
	if (gitsource_parse(word, &git))
		return open_repository(app, &git, out, err);
	if (download_is(word))
		return open_file(app, word, options, out, err);
	return err_sys(err, -missing, "cannot use '%s' as build context", word);
}

int build_source_read(const struct build_source *source, const char *name, size_t max, char **out,
		      size_t *out_size)
{
	if (!source->folder)
		return -ENOENT;
	AUTO(mem) char *path = str_fmt("%s/%s", source->folder, name);
	if (!source->foreign)
		return file_read(AT_FDCWD, path, max, out, out_size);
	AUTO(fd) int top = open(source->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO(fd)
	int file = top < 0 ? -errno : at_open_in_root(top, name, O_RDONLY | O_NONBLOCK, 0);
	return file < 0 ? file : fd_read_all(file, max, out, out_size);
}

int build_source_fetch(struct app *app, const char *address, const struct build_options *options,
		       size_t max, char **out, size_t *out_size, struct err *err)
{
	AUTO(fd) int file = memfd_create("Dockerfile", MFD_CLOEXEC);
	const struct download_request request = {
		.address = address, .file = file, .most = (int64_t)max, .access = &options->access
	};

	if (file < 0)
		return err_sys(err, -errno, "no memory for '%s'", address);
	int r = download_file(app->host, &request, NULL, err);
	if (r < 0)
		return r;
	r = lseek(file, 0, SEEK_SET) < 0 ? -errno : fd_read_all(file, max, out, out_size);
	return r < 0 ? err_sys(err, r, "cannot read '%s'", address) : 0;
}

void build_source_close(struct build_source *source)
{
	if (source->temp)
		(void)!temp_remove(source->store, source->temp); /* else the next sweep */
	temp_free(source->temp);
	free(source->folder);
	free(source->text);
	*source = (struct build_source){ 0 };
}

/* ---- named contexts --------------------------------------------------------------------------- */

static int open_context(struct app *app, const struct build_options *options,
			struct build_context *context, struct build_source *out, struct err *err)
{
	int r = build_source_open(app, context->address, options, out, err);

	if (r == 0 && !out->folder)
		r = err_set(err, -EINVAL, "what came from '%s' is neither a tar nor a repository",
			    context->address);
	if (r < 0)
		return err_wrap(err, "cannot have the build context '%s'", context->name);
	context->folder = str_dup(out->folder);
	return 0;
}

int build_sources_open(struct app *app, struct build_options *options, struct build_sources *out,
		       struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < options->contexts.count; i++) {
		struct build_context *context = &options->contexts.items[i];
		if (!context->address)
			continue;
		struct build_source *source = vec_push(out);
		*source = (struct build_source){ 0 };
		r = open_context(app, options, context, source, err);
	}
	return r;
}

void build_sources_close(struct build_sources *sources)
{
	for (size_t i = 0; i < sources->count; i++)
		build_source_close(&sources->items[i]);
	free(sources->items);
	*sources = (struct build_sources){ 0 };
}
