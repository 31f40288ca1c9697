/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * addremote - the sources of ADD that are addresses
 *
 * Each one has a folder of its own in the temporary one, named by its number: a file in it, or the repository.
 */
#include "build/addremote.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "build/copykey.h"
#include "build/gitsource.h"
#include "engine/download.h"
#include "oci/digest.h"

enum { FILE_MODE = 0600, FOLDER_MODE = 0755, NAME_BYTES = 255 };

static const int64_t file_max = INT64_C(64) << 30; /* bytes */

/* The last part of the path, with %XX put in. */
static char *name_of(const char *address)
{
	const char *host = strstr(address, "://") + 3;
	const char *path = host + strcspn(host, "/?#");
	const size_t size = strcspn(path, "?#");
	AUTO(mem) char *name = str_ndup(path, size);
	char *last = strrchr(name, '/'), *to;
	unsigned int byte;

	if (!last || !last[1])
		return NULL;
	to = ++last;
	for (const char *p = last; *p; p++) {
		*to = *p;
		if (*p == '%' && isxdigit((unsigned char)p[1]) && isxdigit((unsigned char)p[2]) &&
		    sscanf(p + 1, "%2x", &byte) == 1 && byte) {
			*to = (char)byte;
			p += 2;
		}
		to++;
	}
	*to = 0;
	if (strchr(last, '/') || str_eq(last, ".") || str_eq(last, "..") ||
	    strlen(last) > NAME_BYTES)
		return NULL;
	return str_dup(last);
}

/* Patterns have signs that names may have. */
static char *pattern_of(size_t number, const char *name)
{
	AUTO(mem) char *escaped = mem_alloc(2 * strlen(name) + 1, 1);
	char *to = escaped;

	for (; *name; name++) {
		if (strchr("*?[]\\", *name))
			*to++ = '\\';
		*to++ = *name;
	}
	*to = 0;
	return str_fmt("%zu/%s", number, escaped);
}

static int check_sum(const struct instruction_copy *copy, const char *address, const char *digest,
		     struct err *err)
{
	if (!copy->checksum || str_eq(copy->checksum, digest))
		return 0;
	return err_set(err, -EBADMSG, "'%s' has the checksum %s, not %s", address, digest,
		       copy->checksum);
}

/* With what is known of it only what has changed comes. */
static int bring(struct work *work, struct addremote_file *file, bool ask, struct err *err)
{
	AUTO(download_answer) struct download_answer answer = { 0 };
	AUTO(fd)
	int fd = open(file->path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);

	if (fd < 0)
		return err_sys(err, -errno, "cannot make '%s'", file->path);
	const struct download_request request = { .address = file->address,
						  .known = ask ? file->known.validator : NULL,
						  .file = fd,
						  .most = file_max,
						  .access = &work->options->access };
	const int r = download_file(work->engine->host, &request, &answer, err);
	if (r < 0 || !answer.digest)
		return r;
	addknown_clear(&file->known);
	file->known.sum = take_ptr(answer.digest);
	file->known.validator = take_ptr(answer.validator);
	file->there = true;
	return 0;
}

static int add_file(struct work *work, const struct instruction_copy *copy, const char *address,
		    struct addremote *out, struct err *err)
{
	const size_t number = out->files.count;
	AUTO(mem) char *name = name_of(address);
	AUTO(mem) char *folder = str_fmt("%s/%zu", out->temp->path, number);

	if (!name) {
		(void)err_set(err, -EINVAL, "'%s' does not say what its file is called", address);
		return err_hint(err, "RUN can fetch it under a name: wget -O NAME …");
	}
	if (mkdir(folder, FOLDER_MODE) < 0)
		return err_sys(err, -errno, "cannot make '%s'", folder);
	struct addremote_file *file = vec_push(&out->items);
	*file = (struct addremote_file){ .address = str_dup(address),
					 .path = str_fmt("%s/%s", folder, name) };
	strv_take(&out->files, pattern_of(number, name));
	int r = work_helper(work, err);
	if (r == 0)
		r = addknown_load(work, address, number, &copy->excludes, &file->known, err);
	if (r == 0)
		r = bring(work, file, true, err);
	return r < 0 ? r : check_sum(copy, address, file->known.sum, err);
}

static int add_repository(struct work *work, const struct instruction_copy *copy,
			  const struct gitsource *source, struct addremote *out, struct err *err)
{
	AUTO(mem) char *folder = str_fmt("%s/%zu", out->temp->path, out->files.count);

	if (copy->checksum)
		return err_set(err, -EOPNOTSUPP,
			       "ADD --checksum is of files; name the commit: '%s#COMMIT'",
			       source->shown);
	if (mkdir(folder, FOLDER_MODE) < 0)
		return err_sys(err, -errno, "cannot make '%s'", folder);
	const int r = gitsource_fetch(work->engine->host, source, folder, copy->keep_git_dir, err);
	if (r < 0)
		return r;
	strv_addf(&out->files, "%zu/%s", out->files.count, str_or(source->folder, ""));
	*vec_push(&out->items) = (struct addremote_file){ .there = true };
	return 0;
}

static int add(struct work *work, const struct instruction_copy *copy, const char *source,
	       struct addremote *out, struct err *err)
{
	AUTO(gitsource) struct gitsource git = { 0 };
	const bool is_git = gitsource_parse(source, &git);

	const bool is_local = !is_git && !download_is(source);

	strv_add(&out->kinds, is_local ? ADDREMOTE_LOCAL : ADDREMOTE_FETCHED);
	if (is_local) {
		strv_add(&out->local, source);
		return 0;
	}
	int r = out->temp ? 0 : temp_dir(work->engine->store, 0700, &out->temp, err);
	if (r == 0)
		r = is_git ? add_repository(work, copy, &git, out, err)
			   : add_file(work, copy, source, out, err);
	return r;
}

int addremote_fetch(struct work *work, const struct instruction_copy *copy, struct addremote *out,
		    struct err *err)
{
	int r = 0;

	if (copy->checksum && !digest_valid(copy->checksum))
		return err_set(err, -EINVAL, "'%s' is no checksum: sha256:HEX", copy->checksum);
	for (size_t i = 0; r == 0 && i < copy->sources.count; i++)
		r = add(work, copy, copy->sources.items[i], out, err);
	if (r == 0 && copy->checksum && !out->files.count)
		r = err_set(err, -EINVAL, "ADD --checksum is of addresses only");
	return r;
}

static int digest_of(struct work *work, const struct instruction_copy *copy,
		     const struct addremote *remote, size_t at, char **out, struct err *err)
{
	const struct strv one = { .items = &remote->files.items[at], .count = 1 };
	const struct copywhat what = { .folder = remote->temp->path,
				       .sources = &one,
				       .excludes = &copy->excludes };

	return copykey_files(work, &what, out, err);
}

static int find_digest(struct work *work, const struct instruction_copy *copy,
		       struct addremote *remote, size_t at, struct err *err)
{
	struct addremote_file *file = &remote->items.items[at];

	int r = digest_of(work, copy, remote, at, &file->known.digest, err);
	if (r == 0 && file->address && file->known.validator)
		r = addknown_save(work, file->address, at, &copy->excludes, &file->known, err);
	return r;
}

int addremote_key(struct work *work, const struct instruction_copy *copy, struct addremote *remote,
		  struct stepkey *key, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < remote->items.count; i++) {
		if (!remote->items.items[i].known.digest)
			r = find_digest(work, copy, remote, i, err);
		if (r == 0)
			stepkey_add(key, "fetched", remote->items.items[i].known.digest);
	}
	return r;
}

static int bring_unchanged(struct work *work, const struct instruction_copy *copy,
			   struct addremote *remote, size_t at, struct err *err)
{
	struct addremote_file *file = &remote->items.items[at];
	AUTO(mem) char *before = str_dup(file->known.digest);
	AUTO(mem) char *now = NULL;

	int r = bring(work, file, false, err);
	if (r == 0)
		r = digest_of(work, copy, remote, at, &now, err);
	if (r < 0 || str_eq(before, now))
		return r;
	(void)err_set(err, -ESTALE, "'%s' gives something else than it said", file->address);
	return err_hint(err, "build again with --no-cache");
}

int addremote_bring(struct work *work, const struct instruction_copy *copy,
		    struct addremote *remote, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < remote->items.count; i++)
		if (!remote->items.items[i].there)
			r = bring_unchanged(work, copy, remote, i, err);
	return r;
}

void addremote_clear(const struct work *work, struct addremote *remote)
{
	if (remote->temp)
		(void)!temp_remove(work->engine->store, remote->temp); /* else the next sweep */
	temp_free(remote->temp);
	strv_clear(&remote->local);
	strv_clear(&remote->files);
	strv_clear(&remote->kinds);
	for (size_t i = 0; i < remote->items.count; i++) {
		free(remote->items.items[i].address);
		free(remote->items.items[i].path);
		addknown_clear(&remote->items.items[i].known);
	}
	free(remote->items.items);
	*remote = (struct addremote){ 0 };
}
