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
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
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

static int add_file(struct work *work, const struct instruction_copy *copy, const char *address,
		    struct addremote *out, struct err *err)
{
	AUTO(mem) char *name = name_of(address);
	AUTO(mem) char *folder = str_fmt("%s/%zu", out->temp->path, out->files.count);
	AUTO(mem) char *digest = NULL;

	if (!name) {
		(void)err_set(err, -EINVAL, "'%s' does not say what its file is called", address);
		return err_hint(err, "RUN can fetch it under a name: wget -O NAME …");
	}
	AUTO(mem) char *path = str_fmt("%s/%s", folder, name);
	AUTO(fd)
	int file = mkdir(folder, FOLDER_MODE) < 0
			   ? -errno
			   : open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	if (file < 0)
		return err_sys(err, -errno, "cannot make '%s'", path);
	const struct download_request request = {
		.address = address, .file = file, .most = file_max, .access = &work->options->access
	};
	const int r = download_file(work->engine->host, &request, &digest, err);
	if (r < 0)
		return r;
	strv_take(&out->files, pattern_of(out->files.count, name));
	return check_sum(copy, address, digest, err);
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
	if (r == 0)
		strv_addf(&out->files, "%zu/%s", out->files.count, str_or(source->folder, ""));
	return r;
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

void addremote_clear(const struct work *work, struct addremote *remote)
{
	if (remote->temp)
		(void)!temp_remove(work->engine->store, remote->temp); /* else the next sweep */
	temp_free(remote->temp);
	strv_clear(&remote->local);
	strv_clear(&remote->files);
	strv_clear(&remote->kinds);
	*remote = (struct addremote){ 0 };
}
