/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * load_oci - OCI layouts: index.json names manifests, everything else is named by digest
 *
 * An entry may be an index again (an image for several machines); of that, the wanted machine's manifest
 * is taken. Every document and layer must be what the descriptor that leads to it says. A folder of
 * "dir:" is a layout of one image, or of one index, whose document has a fixed name.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/json.h"
#include "engine/load.h"
#include "engine/load_archive.h"
#include "engine/newimage.h"
#include "oci/digest.h"
#include "oci/media.h"
#include "oci/reference.h"

enum { NESTED_MAX = 4 };

static int read_blob(struct load_archive *archive, const struct descriptor *d,
		     const struct layer_member **out_member, char **out, size_t *out_size,
		     struct err *err)
{
	const struct layer_member *member = NULL;
	int r = load_find_blob(archive, d, true, &member, err);

	return r < 0 ? r : load_read(archive, member->name, out_member, out, out_size, err);
}

/* What tools write as a name: a whole reference, or a tag alone that says nothing of the image. */
static const char *written_name(const struct descriptor *d)
{
	const char *name = strv_env_get(&d->annotations, "io.containerd.image.name");

	return name ? name : strv_env_get(&d->annotations, "org.opencontainers.image.ref.name");
}

static int read_name(const struct load_archive *archive, const struct descriptor *d,
		     struct strv *out, struct err *err)
{
	const char *name = written_name(d);
	AUTO(mem) char *whole = NULL;

	if (str_empty(name))
		return 0;
	int r = newimage_name(archive->engine, name, &whole, err);
	if (r < 0)
		return err_wrap(err, "the archive names an image wrongly");
	strv_take(out, take_ptr(whole));
	return 0;
}

/* As it stands there, or as it would be shown. */
static bool has_name(const struct load_archive *archive, const struct descriptor *d,
		     const char *name)
{
	const char *tag = strv_env_get(&d->annotations, "org.opencontainers.image.ref.name");
	AUTO(mem) char *wanted = NULL;
	AUTO(mem) char *written = NULL;

	if (str_eq(tag, name) || str_eq(written_name(d), name))
		return true;
	return !str_empty(written_name(d)) &&
	       newimage_name(archive->engine, name, &wanted, NULL) == 0 &&
	       newimage_name(archive->engine, written_name(d), &written, NULL) == 0 &&
	       str_eq(wanted, written);
}

static bool is_wanted(const struct load_archive *archive, const struct descriptor *d, size_t at)
{
	const struct transport *only = archive->request->only;

	if (!only)
		return true;
	if (only->digest)
		return str_eq(only->digest, d->digest);
	if (only->index >= 0)
		return only->index == (int64_t)at;
	return !only->names.count || has_name(archive, d, only->names.items[0]);
}

/* Under which digest the image can be had again, as podman notes it. */
static void note_digests(const struct strv *names, const char *digest, struct strv *out)
{
	for (size_t i = 0; i < names->count; i++) {
		AUTO(reference) struct reference ref = { 0 };
		if (reference_parse(names->items[i], &ref, NULL) < 0)
			continue;
		AUTO(mem) char *name = reference_name(&ref);
		strv_addf(out, "%s@%s", name, digest);
	}
}

static int find_layers(struct load_archive *archive, const struct manifest *manifest,
		       const struct layer_member **out, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < manifest->layers.count; i++)
		r = load_find_blob(archive, &manifest->layers.items[i], false, &out[i], err);
	return r;
}

/* @text: the manifest, whose digest is that of @d */
static int take_document(struct load_archive *archive, const struct descriptor *d, const char *text,
			 size_t size, const struct strv *names, struct err *err)
{
	AUTO(manifest) struct manifest *manifest = NULL;
	AUTO(mem) char *config = NULL;
	AUTO(mem) const struct layer_member **members = NULL;
	AUTO(strv) struct strv digests = { 0 };
	struct load_image image = { .manifest_digest = d->digest,
				    .manifest_text = text,
				    .manifest_size = size,
				    .names = names,
				    .repo_digests = &digests };

	int r = manifest_parse(text, size, d->media_type, &manifest, err);
	if (r == 0)
		r = manifest_check_image(manifest, err);
	if (r == 0)
		r = read_blob(archive, &manifest->config, &image.config, &config,
			      &image.config_size, err);
	if (r < 0)
		return r;
	members = mem_alloc(manifest->layers.count + 1, sizeof *members);
	r = find_layers(archive, manifest, members, err);
	if (r < 0)
		return r;
	note_digests(names, d->digest, &digests);
	image.manifest = manifest;
	image.config_text = config;
	image.layers = members;
	return load_take(archive, &image, err);
}

static int take_manifest(struct load_archive *archive, const struct descriptor *d,
			 const struct strv *names, struct err *err)
{
	AUTO(mem) char *text = NULL;
	size_t size;
	int r = read_blob(archive, d, NULL, &text, &size, err);

	return r < 0 ? r : take_document(archive, d, text, size, names, err);
}

static int take_entry(struct load_archive *archive, const struct descriptor *d,
		      const struct strv *names, int depth, struct err *err);

/* The image of an index that suits. */
static int take_chosen(struct load_archive *archive, const struct image_index *index,
		       const struct strv *names, int depth, struct err *err)
{
	int at = image_index_choose(index, &archive->platform, err);

	return at < 0 ? at
		      : take_entry(archive, &index->manifests.items[at], names, depth + 1, err);
}

static int take_entry(struct load_archive *archive, const struct descriptor *d,
		      const struct strv *names, int depth, struct err *err)
{
	AUTO(image_index) struct image_index *index = NULL;
	AUTO(mem) char *text = NULL;
	size_t size;

	if (media_kind(d->media_type) != MEDIA_KIND_INDEX)
		return take_manifest(archive, d, names, err);
	if (depth > NESTED_MAX)
		return err_set(err, -EBADMSG, "the archive's indexes are nested too deeply");
	int r = read_blob(archive, d, NULL, &text, &size, err);
	if (r == 0)
		r = image_index_parse(text, size, d->media_type, &index, err);
	return r < 0 ? r : take_chosen(archive, index, names, depth, err);
}

static bool is_attestation(const struct descriptor *d)
{
	return str_eq(d->platform.os, "unknown");
}

/* What there is, and how many of it are wanted. */
static size_t count_wanted(const struct load_archive *archive, const struct image_index *index,
			   struct strv *out_names)
{
	size_t wanted = 0;

	for (size_t i = 0; i < index->manifests.count; i++) {
		const struct descriptor *d = &index->manifests.items[i];
		if (is_attestation(d))
			continue;
		wanted += is_wanted(archive, d, i);
		strv_add(out_names, str_or(written_name(d), d->digest));
	}
	return wanted;
}

/* An image of several names has as many entries, and is one. */
static bool is_one(const struct load_archive *archive, const struct image_index *index)
{
	const struct descriptor *first = NULL;

	for (size_t i = 0; i < index->manifests.count; i++) {
		const struct descriptor *d = &index->manifests.items[i];
		if (is_attestation(d) || !is_wanted(archive, d, i))
			continue;
		if (first && !str_eq(first->digest, d->digest))
			return false;
		first = d;
	}
	return true;
}

static int choose(const struct load_archive *archive, const struct image_index *index,
		  struct err *err)
{
	AUTO(strv) struct strv there = { 0 };
	size_t wanted = count_wanted(archive, index, &there);

	if (!there.count)
		return err_set(err, -EBADMSG, "index.json of the archive names no image");
	if (!wanted)
		return load_refuse_missing(archive, &there, err);
	if (archive->request->one && !is_one(archive, index))
		return load_refuse_several(archive, &there, err);
	return 0;
}

int load_oci(struct load_archive *archive, struct err *err)
{
	AUTO(image_index) struct image_index *index = NULL;
	AUTO(mem) char *text = NULL;
	size_t size;

	archive->blobs = "blobs/sha256/";
	int r = load_read(archive, "index.json", NULL, &text, &size, err);
	if (r == 0)
		r = image_index_parse(text, size, MEDIA_OCI_INDEX, &index, err);
	if (r < 0)
		return err_wrap(err, "the archive is damaged");
	r = choose(archive, index, err);
	for (size_t i = 0; r == 0 && i < index->manifests.count; i++) {
		const struct descriptor *d = &index->manifests.items[i];
		AUTO(strv) struct strv names = { 0 };
		if (is_attestation(d) || !is_wanted(archive, d, i))
			continue;
		r = read_name(archive, d, &names, err);
		if (r == 0)
			r = take_entry(archive, d, &names, 0, err);
	}
	return r;
}

/* skopeo's places: of the folder's own manifest, and of those that a list names. */
static int get_signature(void *data, const char *digest, size_t number, char **out,
			 size_t *out_size, struct err *err)
{
	struct load_archive *archive = data;
	const struct layer_member *manifest = NULL;
	AUTO(mem) char *name = str_fmt("signature-%zu", number);
	int r = load_find(archive, "manifest.json", &manifest, err);

	if (r < 0)
		return r;
	if (!str_eq(manifest->digest, digest)) {
		AUTO(mem) char *own = str_fmt("%s.%s", digest_hex(digest), name);
		str_set(&name, own);
	}
	if (!load_has(archive, name))
		return -ENOENT;
	return load_read(archive, name, NULL, out, out_size, err);
}

/* The signatures that policy.json asks for; of a list those of the image that is taken will do as well. */
static int verify(struct load_archive *archive, const struct strv *digests, struct err *err)
{
	AUTO(mem) char *place = str_fmt("/proc/self/fd/%d", archive->request->from);
	AUTO(mem) char *real = realpath(place, NULL);
	AUTO(mem) char *name = str_fmt("dir:%s", str_or(real, ""));
	const struct trust_image image = { .shown = name,
					   .digests = digests,
					   .scope = archive->scope,
					   .get = get_signature,
					   .data = archive };

	return archive->scope ? trust_verify(&archive->trust, &image, err) : 0;
}

static int take_list(struct load_archive *archive, const struct image_index *index,
		     struct strv *digests, struct err *err)
{
	const struct strv none = { 0 };
	int at = image_index_choose(index, &archive->platform, err);

	if (at < 0)
		return at;
	strv_add(digests, index->manifests.items[at].digest);
	int r = verify(archive, digests, err);
	return r < 0 ? r : take_entry(archive, &index->manifests.items[at], &none, 1, err);
}

int load_dir(struct load_archive *archive, struct err *err)
{
	const struct layer_member *member = NULL;
	AUTO(mem) char *text = NULL;
	AUTO(image_index) struct image_index *index = NULL;
	const struct strv none = { 0 };
	size_t size;

	archive->blobs = "";
	int r = load_read(archive, "manifest.json", &member, &text, &size, err);
	if (r < 0)
		return r;
	AUTO(strv) struct strv digests = { 0 };
	strv_add(&digests, member->digest);
	if (image_index_parse(text, size, NULL, &index, NULL) == 0)
		return take_list(archive, index, &digests, err);
	const struct descriptor d = { .digest = member->digest, .size = member->size };
	r = verify(archive, &digests, err);
	return r < 0 ? r : take_document(archive, &d, text, size, &none, err);
}
