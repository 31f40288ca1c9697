/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * load_docker - docker's archives: manifest.json names config and layers of each image
 *
 * There are no manifests in them, so one is made; the image's id, the config's digest, stays.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "engine/load.h"
#include "engine/load_archive.h"
#include "oci/docker_archive.h"
#include "oci/media.h"
#include "oci/reference.h"

enum { MAGIC = 4 };

/* Old archives hold plain tars, new ones what was pulled. */
static const char *layer_type(const struct load_archive *archive, const struct layer_member *member)
{
	char magic[MAGIC] = { 0 };
	AUTO(fd) int fd = load_open(archive, member, NULL);

	if (fd < 0 || read(fd, magic, MAGIC) != MAGIC)
		return MEDIA_OCI_LAYER;
	if (memcmp(magic, "\x1f\x8b", 2) == 0)
		return MEDIA_OCI_LAYER_GZIP;
	if (memcmp(magic, "\x28\xb5\x2f\xfd", MAGIC) == 0)
		return MEDIA_OCI_LAYER_ZSTD;
	return MEDIA_OCI_LAYER;
}

/* Of an image that was asked for by name, that name is what it gets. */
static bool is_asked_for(const struct load_archive *archive, const char *name)
{
	const struct transport *only = archive->request->only;

	return !only || !only->names.count || strv_find(&only->names, name) >= 0;
}

static int read_names(const struct load_archive *archive, const struct docker_image *image,
		      struct strv *out, struct err *err)
{
	for (size_t i = 0; i < image->tags.count; i++) {
		AUTO(reference) struct reference ref = { 0 };
		int r = reference_parse(image->tags.items[i], &ref, err);
		if (r < 0)
			return err_wrap(err, "the archive names an image wrongly");
		AUTO(mem) char *name = reference_print(&ref);
		if (is_asked_for(archive, name))
			strv_add(out, name);
	}
	return 0;
}

static int take_image(struct load_archive *archive, const struct docker_image *found,
		      struct err *err)
{
	size_t count = found->layers.count;
	AUTO(mem) struct descriptor *layers = mem_alloc(count + 1, sizeof *layers);
	AUTO(mem) const struct layer_member **members = mem_alloc(count + 1, sizeof *members);
	AUTO(mem) char *config = NULL;
	AUTO(strv) struct strv names = { 0 };
	const struct manifest manifest = {
		.schema_version = 2,
		.media_type = (char *)MEDIA_OCI_MANIFEST,
		.layers = { .items = layers, .count = count },
	};
	struct load_image image = { .manifest = &manifest, .layers = members, .names = &names };

	int r = load_read(archive, docker_archive_file(found->config), &image.config, &config,
			  &image.config_size, err);
	if (r == 0)
		r = read_names(archive, found, &names, err);
	if (r < 0)
		return r;
	image.config_text = config;
	for (size_t i = 0; i < count; i++) {
		r = load_find(archive, docker_archive_file(found->layers.items[i]), &members[i],
			      err);
		if (r < 0)
			return r == -ENOENT ? -EBADMSG : r;
		layers[i] = (struct descriptor){
			.media_type = (char *)layer_type(archive, members[i]),
			.digest = members[i]->digest,
			.size = members[i]->size,
		};
	}
	return load_take(archive, &image, err);
}

static bool is_wanted(const struct load_archive *archive, const struct docker_image *image,
		      size_t at)
{
	const struct transport *only = archive->request->only;

	if (!only || (only->index < 0 && !only->names.count))
		return true;
	if (only->index >= 0)
		return only->index == (int64_t)at;
	for (size_t i = 0; i < image->tags.count; i++) {
		AUTO(reference) struct reference ref = { 0 };
		if (reference_parse(image->tags.items[i], &ref, NULL) < 0)
			continue;
		AUTO(mem) char *name = reference_print(&ref);
		if (strv_find(&only->names, name) >= 0)
			return true;
	}
	return false;
}

static int read_list(struct load_archive *archive, struct docker_images *out, struct err *err)
{
	AUTO(mem) char *text = NULL;
	size_t size;

	int r = load_read(archive, "manifest.json", NULL, &text, &size, err);
	if (r < 0)
		return err_wrap(err, "the archive is damaged");
	return docker_images_parse(text, size, out, err);
}

static int choose(const struct load_archive *archive, const struct docker_images *list,
		  struct err *err)
{
	AUTO(strv) struct strv there = { 0 };
	size_t wanted = 0;

	for (size_t i = 0; i < list->count; i++) {
		wanted += is_wanted(archive, &list->items[i], i);
		strv_extend(&there, &list->items[i].tags);
	}
	if (!wanted)
		return load_refuse_missing(archive, &there, err);
	return archive->request->one && wanted > 1 ? load_refuse_several(archive, &there, err) : 0;
}

int load_docker(struct load_archive *archive, struct err *err)
{
	AUTO(docker_images) struct docker_images list = { 0 };

	int r = read_list(archive, &list, err);
	if (r == 0)
		r = choose(archive, &list, err);
	for (size_t i = 0; r == 0 && i < list.count; i++)
		if (is_wanted(archive, &list.items[i], i))
			r = take_image(archive, &list.items[i], err);
	return r;
}
