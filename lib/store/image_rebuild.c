/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_rebuild - the index made again from what the blobs hold
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "oci/digest.h"
#include "oci/media.h"
#include "store/blob.h"
#include "store/image_index.h"
#include "store/image_list.h"
#include "store/images.h"
#include "store/lock.h"

/* What the damaged text still shows: pairs of digest and name, as index_save() prints entries. */
struct remains {
	struct strv digests;
	struct strv names;
};

static void auto_remains(struct remains *remains)
{
	strv_clear(&remains->digests);
	strv_clear(&remains->names);
}

static char *text_value(const char *at)
{
	const char *end = strchr(at, '"');

	return end ? str_ndup(at, (size_t)(end - at)) : NULL;
}

static void read_remains(const struct store *store, struct remains *out)
{
	static const char digest_key[] = "\"digest\":\"";
	static const char name_key[] = "\"org.opencontainers.image.ref.name\":\"";
	AUTO(mem) char *text = NULL;

	if (file_read(store->dir, "index.json", JSON_MAX_BYTES, &text, NULL) < 0)
		return;
	for (const char *at = text; (at = strstr(at, digest_key)); at++) {
		const char *next = strstr(at + 1, digest_key);
		const char *name = strstr(at, name_key);
		if (!name || (next && name > next))
			continue;
		AUTO(mem) char *digest = text_value(at + sizeof digest_key - 1);
		AUTO(mem) char *value = text_value(name + sizeof name_key - 1);
		if (!value || !digest_valid(digest) || strv_find(&out->names, value) >= 0)
			continue;
		strv_add(&out->digests, digest);
		strv_add(&out->names, value);
	}
}

/* Whether a blob is an image's manifest whose config is here too. */
static bool is_image(const struct store *store, const char *digest, struct image *out)
{
	AUTO(manifest) struct manifest *manifest = NULL;

	out->digest = str_dup(digest);
	if (image_manifest(store, out, &manifest, NULL) < 0 ||
	    manifest_check_image(manifest, NULL) < 0)
		return false;
	return image_complete(store, out, NULL) == 0;
}

/* An index is one that was made here: pulls keep none. */
static bool is_list(const struct store *store, const char *digest, struct image *out)
{
	AUTO(image_index) struct image_index *index = NULL;

	out->digest = str_dup(digest);
	out->list = true;
	if (image_list_index(store, out, &index, NULL) < 0)
		return false;
	out->media_type = str_dup(index->media_type);
	return image_complete(store, out, NULL) == 0;
}

static size_t add_entries(cJSON *entries, struct image *image, const struct remains *remains)
{
	size_t count = 0;

	for (size_t i = 0; i < remains->digests.count; i++) {
		if (!str_eq(remains->digests.items[i], image->digest))
			continue;
		str_set(&image->name, remains->names.items[i]);
		cJSON_AddItemToArray(entries, entry_new(image));
		count++;
	}
	if (count == 0)
		cJSON_AddItemToArray(entries, entry_new(image));
	return 1;
}

static DIR *open_blobs(const struct store *store)
{
	int fd = openat(store->dir, "blobs/sha256", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir)
		fd_close(fd);
	return dir;
}

static cJSON *read_blobs(const struct store *store, DIR *dir, size_t *out_count)
{
	AUTO(remains) struct remains remains = { 0 };
	cJSON *index = cJSON_CreateObject();
	cJSON *entries;

	read_remains(store, &remains);
	cJSON_AddNumberToObject(index, "schemaVersion", 2);
	cJSON_AddStringToObject(index, "mediaType", MEDIA_OCI_INDEX);
	entries = cJSON_AddArrayToObject(index, "manifests");
	for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
		AUTO(mem) char *digest = str_fmt(DIGEST_PREFIX "%s", e->d_name);
		struct image image = { 0 };
		struct image list = { 0 };
		if (digest_valid(digest) && is_image(store, digest, &image))
			*out_count += add_entries(entries, &image, &remains);
		else if (digest_valid(digest) && is_list(store, digest, &list))
			*out_count += add_entries(entries, &list, &remains);
		image_clear(&image);
		image_clear(&list);
	}
	return index;
}

int images_rebuild(const struct store *store, size_t *out_count, struct err *err)
{
	AUTO(fd) int lock = -1;
	AUTO(json) cJSON *index = NULL;
	size_t count = 0;

	int r = lock_take(store, LOCK_IMAGES, "", LOCK_EXCLUSIVE, &lock, err);
	if (r < 0)
		return r;
	DIR *dir = open_blobs(store);
	if (!dir)
		return err_sys(err, -errno, "cannot read '%s/blobs/sha256'", store->path);
	index = read_blobs(store, dir, &count);
	closedir(dir);
	r = index_save(store, index, true, err);
	if (r == 0)
		*out_count = count;
	return r;
}
