/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_index - the entries of index.json, read and edited in place
 */
#include "store/image_index.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "oci/digest.h"
#include "oci/media.h"

#define NAME_KEY "org.opencontainers.image.ref.name"
#define ID_KEY "io.cubby.image.id"
#define CREATED_KEY "io.cubby.image.created"
#define SIZE_KEY "io.cubby.image.size"
#define PLATFORM_KEY "io.cubby.image.platform"
#define LAYERS_KEY "io.cubby.image.layers"
#define HISTORY_KEY "io.cubby.image.history"
#define DIGESTS_KEY "io.cubby.image.repo-digests"

static int damaged(const struct store *store, struct err *err)
{
	err_set(err, -EBADMSG, "the list of images '%s/index.json' is damaged", store->path);
	(void)err_hint(err, "make it again from the images' own files with: "
			    "cubby system check --repair");
	return -EBADMSG;
}

static cJSON *empty_index(void)
{
	cJSON *index = cJSON_CreateObject();

	cJSON_AddNumberToObject(index, "schemaVersion", 2);
	cJSON_AddStringToObject(index, "mediaType", MEDIA_OCI_INDEX);
	cJSON_AddArrayToObject(index, "manifests");
	return index;
}

int index_load(const struct store *store, cJSON **out, struct err *err)
{
	AUTO(json) cJSON *index = NULL;
	int r = json_load(store->dir, "index.json", &index, NULL);

	if (r == -ENOENT) {
		*out = empty_index();
		return 0;
	}
	if (r == -EBADMSG || r == -EFBIG || (r == 0 && !cJSON_IsArray(index_entries(index))))
		return damaged(store, err);
	if (r < 0)
		return err_sys(err, r, "cannot read '%s/index.json'", store->path);
	*out = take_ptr(index);
	return 0;
}

/*
 * Removing needs no free space. On a full disk an index that has not grown is written over the old one, with
 * spaces behind it up to the old size: one write, and what a reader sees is a whole document.
 */
static int overwrite(int dir, const char *text)
{
	AUTO(fd) int fd = openat(dir, "index.json", O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	size_t size = strlen(text);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (size > (size_t)st.st_size)
		return -ENOSPC;
	AUTO(mem) char *padded = mem_alloc((size_t)st.st_size + 1, 1);
	memset(padded, ' ', (size_t)st.st_size);
	memcpy(padded, text, size);
	if (pwrite(fd, padded, (size_t)st.st_size, 0) != st.st_size)
		return -errno;
	return fsync(fd) < 0 ? -errno : 0;
}

int index_save(const struct store *store, const cJSON *index, bool durable, struct err *err)
{
	AUTO(mem) char *text = json_print(index, 0);
	int r = file_replace(store->dir, "index.json", store_mode(store, 0600), text, strlen(text),
			     durable);

	if (r == -ENOSPC || r == -EDQUOT)
		r = overwrite(store->dir, text);
	return r < 0 ? err_sys(err, r, "cannot change the list of images '%s/index.json'",
			       store->path)
		     : 0;
}

cJSON *index_entries(const cJSON *index)
{
	return cJSON_GetObjectItemCaseSensitive(index, "manifests");
}

/* ---- entries ---------------------------------------------------------------------------------- */

static const char *annotation(const cJSON *entry, const char *key)
{
	return json_text(json_get(entry, "annotations"), key);
}

static void annotate(cJSON *entry, const char *key, const char *value)
{
	cJSON *notes = cJSON_GetObjectItemCaseSensitive(entry, "annotations");

	if (!cJSON_IsObject(notes)) {
		cJSON_DeleteItemFromObjectCaseSensitive(entry, "annotations");
		notes = cJSON_AddObjectToObject(entry, "annotations");
	}
	cJSON_DeleteItemFromObjectCaseSensitive(notes, key);
	if (!str_empty(value))
		cJSON_AddStringToObject(notes, key, value);
}

static void annotate_list(cJSON *entry, const char *key, const struct strv *list)
{
	AUTO(mem) char *text = str_join(list, ",");

	annotate(entry, key, text);
}

static void annotate_number(cJSON *entry, const char *key, int64_t number)
{
	AUTO(mem) char *text = number ? str_fmt("%lld", (long long)number) : NULL;

	annotate(entry, key, text);
}

const char *entry_name(const cJSON *entry)
{
	return annotation(entry, NAME_KEY);
}

void entry_set_name(cJSON *entry, const char *name)
{
	annotate(entry, NAME_KEY, name);
}

static void read_list(const cJSON *entry, const char *key, struct strv *out)
{
	const char *text = annotation(entry, key);

	if (!str_empty(text))
		strv_split(out, text, ',');
}

static int64_t read_number(const cJSON *entry, const char *key)
{
	const char *text = annotation(entry, key);
	int64_t number = 0;

	if (text && str_i64(text, 0, INT64_MAX, &number) < 0)
		return 0;
	return number;
}

int entry_read(const cJSON *entry, struct image *out)
{
	const char *digest = json_text(entry, "digest"), *type = json_text(entry, "mediaType");
	const char *id = annotation(entry, ID_KEY);

	enum media_kind kind = media_kind(type);

	if (!digest_valid(digest) || (kind != MEDIA_KIND_MANIFEST && kind != MEDIA_KIND_INDEX))
		return -EBADMSG;
	out->list = kind == MEDIA_KIND_INDEX;
	if (out->list)
		id = digest_hex(digest);
	out->digest = str_dup(digest);
	out->media_type = str_dup(type);
	if (json_i64(entry, "size", &out->manifest_size) < 0)
		out->manifest_size = 0;
	out->name = str_dup(entry_name(entry));
	out->id = id && str_hex(id, DIGEST_HEX) ? str_dup(id) : NULL;
	out->created = read_number(entry, CREATED_KEY);
	out->size = read_number(entry, SIZE_KEY);
	out->platform = str_dup(annotation(entry, PLATFORM_KEY));
	read_list(entry, LAYERS_KEY, &out->layers);
	read_list(entry, DIGESTS_KEY, &out->repo_digests);
	read_list(entry, HISTORY_KEY, &out->history);
	/* One of before, or of another tool. */
	if (out->name && strv_find(&out->history, out->name) < 0)
		strv_add(&out->history, out->name);
	return 0;
}

void entry_update(cJSON *entry, const struct image *image)
{
	annotate(entry, ID_KEY, image->id);
	annotate_number(entry, CREATED_KEY, image->created);
	annotate_number(entry, SIZE_KEY, image->size);
	annotate(entry, PLATFORM_KEY, image->platform);
	annotate_list(entry, LAYERS_KEY, &image->layers);
	annotate_list(entry, DIGESTS_KEY, &image->repo_digests);
	annotate_list(entry, HISTORY_KEY, &image->history);
}

cJSON *entry_new(const struct image *image)
{
	cJSON *entry = cJSON_CreateObject();

	cJSON_AddStringToObject(entry, "mediaType", image->media_type);
	cJSON_AddStringToObject(entry, "digest", image->digest);
	cJSON_AddNumberToObject(entry, "size", (double)image->manifest_size);
	annotate(entry, NAME_KEY, image->name);
	entry_update(entry, image);
	return entry;
}
