/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * single_text - the key and the trailer of a single file
 */
#include "engine/single_text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/str.h"
#include "oci/digest.h"
#include "store/blob.h"

enum { NUMBER = 8, TAIL = 2 * NUMBER };

static const char magic[NUMBER] = { 'c', 'u', 'b', 'b', 'y', 'i', 'm', 'g' };
static const char squashfs[4] = { 'h', 's', 'q', 's' };

int single_text_key(struct layer_helper *helper, const struct strv *diff_ids, char **out,
		    struct err *err)
{
	AUTO(mem) char *joined = str_join(diff_ids, "\n");
	AUTO(mem) char *text = str_fmt("single-file\n%s\n", joined);
	AUTO(layer_digest) struct layer_digest digest = { 0 };
	int r = layer_digest_of(helper, text, strlen(text), &digest, err);

	if (r == 0)
		*out = str_dup(digest_hex(digest.digest));
	return r;
}

int single_text_print(const struct store *store, const struct single_source *source, char **out,
		      struct err *err)
{
	const char *digest = source->config;
	AUTO(mem) char *text = NULL;
	AUTO(json) cJSON *config = NULL;
	size_t size;
	int r = blob_read(store, digest, &text, &size, err);

	if (r == 0)
		r = json_parse(text, size, &config, err);
	if (r < 0)
		return r;
	AUTO(json) cJSON *trailer = cJSON_CreateObject();
	if (source->name)
		cJSON_AddStringToObject(trailer, "name", source->name);
	cJSON_AddStringToObject(trailer, "id", digest_hex(digest));
	if (source->digest)
		cJSON_AddStringToObject(trailer, "digest", source->digest);
	cJSON_AddItemToObject(trailer, "config", take_ptr(config));
	*out = json_print(trailer, 0);
	return 0;
}

/* ---- files of the user's ----------------------------------------------------------------------- */

const char *single_named(const char *name)
{
	const char *path = str_starts(name, "squashfs:");
	struct stat st;

	if (path)
		return path;
	bool slash = *name == '/' || str_starts(name, "./") || str_starts(name, "../");
	return slash && stat(name, &st) == 0 && S_ISREG(st.st_mode) ? name : NULL;
}

static int damaged(const char *path, const char *why, struct err *err)
{
	return err_set(err, -EBADMSG, "'%s' %s", path, why);
}

/* Return: 1 with the trailer's text; 0 when there is none. */
static int read_trailer(int fd, const char *path, char **out, size_t *out_size, struct err *err)
{
	unsigned char tail[TAIL];
	uint64_t length = 0;
	off_t size = lseek(fd, 0, SEEK_END);

	if (size < TAIL || pread(fd, tail, TAIL, size - TAIL) != TAIL ||
	    memcmp(tail + NUMBER, magic, NUMBER) != 0)
		return 0;
	for (size_t i = 0; i < NUMBER; i++)
		length |= (uint64_t)tail[i] << 8 * i;
	if (length > JSON_MAX_BYTES || length > (uint64_t)(size - TAIL))
		return damaged(path, "is damaged: its trailer is too long", err);
	AUTO(mem) char *text = mem_alloc((size_t)length + 1, 1);
	off_t at = size - TAIL - (off_t)length;
	if (pread(fd, text, (size_t)length, at) != (ssize_t)length)
		return damaged(path, "is damaged: its trailer cannot be read", err);
	*out = take_ptr(text);
	*out_size = (size_t)length;
	return 1;
}

static int parse_trailer(const char *text, size_t size, struct single_image *out, struct err *err)
{
	AUTO(json) cJSON *trailer = NULL;
	int r = json_parse(text, size, &trailer, err);

	if (r < 0)
		return r;
	AUTO(mem) char *config = json_print(json_get(trailer, "config"), 0);
	const char *id = json_text(trailer, "id"), *digest = json_text(trailer, "digest");
	r = image_config_parse(config, strlen(config), &out->config, err);
	if (r < 0)
		return r;
	if (id && !str_hex(id, DIGEST_HEX))
		return err_set(err, -EBADMSG, "the image's id is none");
	out->name = str_dup(json_text(trailer, "name"));
	out->id = str_dup(id);
	out->digest = digest_valid(digest) ? str_dup(digest) : NULL;
	return 0;
}

int single_open(const char *path, struct single_image *out, struct err *err)
{
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	AUTO(mem) char *text = NULL;
	char real[PATH_MAX], start[sizeof squashfs];
	size_t size = 0;

	if (fd < 0 || !realpath(path, real))
		return err_sys(err, -errno, "cannot open the image '%s'", path);
	if (pread(fd, start, sizeof start, 0) != sizeof start ||
	    memcmp(start, squashfs, sizeof start) != 0)
		return damaged(path, "is no image: no squashfs file", err);
	int r = read_trailer(fd, path, &text, &size, err);
	if (r > 0)
		r = parse_trailer(text, size, out, err);
	if (r < 0)
		return err_wrap(err, "cannot use the image '%s'", path);
	if (!out->config)
		out->config = image_config_new();
	out->path = str_dup(real);
	return 0;
}

void single_image_clear(struct single_image *image)
{
	free(image->path);
	free(image->name);
	free(image->id);
	free(image->digest);
	image_config_free(image->config);
	*image = (struct single_image){ 0 };
}
