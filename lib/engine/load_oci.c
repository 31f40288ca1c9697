/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * load_oci - OCI layouts in a tar: index.json names manifests, everything else is named by digest
 *
 * An entry may be an index again (an image for several machines); of that, this machine's manifest
 * is taken. Every document and layer must be what the descriptor that leads to it says.
 */
#include <errno.h>

#include "base/json.h"
#include "engine/load_archive.h"
#include "engine/newimage.h"
#include "oci/digest.h"
#include "oci/media.h"
#include "oci/reference.h"

enum { NESTED_MAX = 4 };

static const struct layer_member *find_blob(const struct load_archive *archive,
					    const struct descriptor *d, struct err *err)
{
	AUTO(mem) char *name = str_fmt("blobs/sha256/%s", digest_hex(d->digest));
	const struct layer_member *member = load_find(archive, name);

	if (!member) {
		err_set(err, -EBADMSG, "the archive has no '%s'", name);
		return NULL;
	}
	if (str_eq(member->digest, d->digest) && member->size == d->size)
		return member;
	err_set(err, -EBADMSG, "'%s' of the archive is not what its name and size say", name);
	return NULL;
}

static int read_blob(const struct load_archive *archive, const struct descriptor *d,
		     const struct layer_member **out_member, char **out, size_t *out_size,
		     struct err *err)
{
	const struct layer_member *member = find_blob(archive, d, err);

	if (!member)
		return err ? err->code : -EBADMSG;
	return load_read(archive, member->name, out_member, out, out_size, err);
}

/* What tools write as a name: a whole reference, or a tag alone that says nothing of the image. */
static int read_name(const struct load_archive *archive, const struct descriptor *d,
		     struct strv *out, struct err *err)
{
	const char *name = strv_env_get(&d->annotations, "io.containerd.image.name");
	AUTO(mem) char *whole = NULL;

	if (!name)
		name = strv_env_get(&d->annotations, "org.opencontainers.image.ref.name");
	if (str_empty(name))
		return 0;
	int r = newimage_name(archive->engine, name, &whole, err);
	if (r < 0)
		return err_wrap(err, "the archive names an image wrongly");
	strv_take(out, take_ptr(whole));
	return 0;
}

static int take_manifest(struct load_archive *archive, const struct descriptor *d,
			 const struct strv *names, struct err *err)
{
	AUTO(manifest) struct manifest *manifest = NULL;
	AUTO(mem) char *text = NULL;
	AUTO(mem) char *config = NULL;
	AUTO(mem) const struct layer_member **members = NULL;
	struct load_image image = { .manifest_digest = d->digest, .names = names };

	int r = read_blob(archive, d, NULL, &text, &image.manifest_size, err);
	if (r == 0)
		r = manifest_parse(text, image.manifest_size, d->media_type, &manifest, err);
	if (r == 0)
		r = manifest_check_image(manifest, err);
	if (r == 0)
		r = read_blob(archive, &manifest->config, &image.config, &config,
			      &image.config_size, err);
	if (r < 0)
		return r;
	members = mem_alloc(manifest->layers.count + 1, sizeof *members);
	for (size_t i = 0; i < manifest->layers.count; i++) {
		members[i] = find_blob(archive, &manifest->layers.items[i], err);
		if (!members[i])
			return err ? err->code : -EBADMSG;
	}
	image.manifest_text = text;
	image.manifest = manifest;
	image.config_text = config;
	image.layers = members;
	return load_take(archive, &image, err);
}

static int take_entry(struct load_archive *archive, const struct descriptor *d,
		      const struct strv *names, int depth, struct err *err)
{
	AUTO(image_index) struct image_index *index = NULL;
	AUTO(mem) char *text = NULL;
	struct platform host = { 0 };
	size_t size;

	if (media_kind(d->media_type) != MEDIA_KIND_INDEX)
		return take_manifest(archive, d, names, err);
	if (depth > NESTED_MAX)
		return err_set(err, -EBADMSG, "the archive's indexes are nested too deeply");
	int r = read_blob(archive, d, NULL, &text, &size, err);
	if (r == 0)
		r = image_index_parse(text, size, d->media_type, &index, err);
	if (r < 0)
		return r;
	platform_host(archive->engine->host->machine, &host);
	int at = image_index_choose(index, &host, err);
	platform_clear(&host);
	return at < 0 ? at
		      : take_entry(archive, &index->manifests.items[at], names, depth + 1, err);
}

static bool is_attestation(const struct descriptor *d)
{
	return str_eq(d->platform.os, "unknown");
}

int load_oci(struct load_archive *archive, struct err *err)
{
	AUTO(image_index) struct image_index *index = NULL;
	AUTO(mem) char *text = NULL;
	size_t size, taken = 0;

	int r = load_read(archive, "index.json", NULL, &text, &size, err);
	if (r == 0)
		r = image_index_parse(text, size, MEDIA_OCI_INDEX, &index, err);
	if (r < 0)
		return err_wrap(err, "the archive is damaged");
	for (size_t i = 0; r == 0 && i < index->manifests.count; i++) {
		const struct descriptor *d = &index->manifests.items[i];
		AUTO(strv) struct strv names = { 0 };
		if (is_attestation(d))
			continue;
		r = read_name(archive, d, &names, err);
		if (r == 0)
			r = take_entry(archive, d, &names, 0, err);
		taken += r == 0;
	}
	if (r == 0 && !taken)
		r = err_set(err, -EBADMSG, "index.json of the archive names no image");
	return r;
}
