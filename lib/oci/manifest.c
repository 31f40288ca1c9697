/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * manifest - reading and printing manifests and indexes
 *
 * The shape of a document is told by its members: layers make a manifest, manifests an index, both
 * together nothing. Whatever names a media type (the way it came, the document itself) must name one
 * for that shape, and the two must be the same. [CVE-2021-41190]
 */
#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "oci/digest.h"
#include "oci/image.h"
#include "oci/media.h"

static const struct jfield platform_fields[] = {
	J_TEXT("architecture", struct platform, architecture),
	J_TEXT("os", struct platform, os),
	J_TEXT("os.version", struct platform, os_version),
	J_STRV("os.features", struct platform, os_features),
	J_TEXT("variant", struct platform, variant),
	J_END,
};

static const struct jfield descriptor_fields[] = {
	J_TEXT("mediaType", struct descriptor, media_type),
	J_TEXT("digest", struct descriptor, digest),
	J_I64("size", struct descriptor, size, J_ALWAYS),
	J_TEXT("artifactType", struct descriptor, artifact_type),
	J_MAP("annotations", struct descriptor, annotations),
	J_STRUCT("platform", struct descriptor, platform, platform_fields),
	J_END,
};

static const struct jfield manifest_fields[] = {
	J_INT("schemaVersion", struct manifest, schema_version),
	J_TEXT("mediaType", struct manifest, media_type),
	J_TEXT("artifactType", struct manifest, artifact_type),
	J_STRUCT("config", struct manifest, config, descriptor_fields, J_ALWAYS),
	J_LIST("layers", struct manifest, layers, descriptor_fields, J_ALWAYS),
	J_MAP("annotations", struct manifest, annotations),
	J_END,
};

static const struct jfield index_fields[] = {
	J_INT("schemaVersion", struct image_index, schema_version),
	J_TEXT("mediaType", struct image_index, media_type),
	J_LIST("manifests", struct image_index, manifests, descriptor_fields, J_ALWAYS),
	J_MAP("annotations", struct image_index, annotations),
	J_END,
};

static enum media_kind shape(const cJSON *doc)
{
	bool layers = json_get(doc, "layers") || json_get(doc, "config");
	bool manifests = json_get(doc, "manifests");
	bool old = json_get(doc, "fsLayers") || json_get(doc, "signatures");

	if (layers + manifests + old != 1)
		return MEDIA_KIND_UNKNOWN;
	if (old)
		return MEDIA_KIND_OLD_MANIFEST;
	return layers ? MEDIA_KIND_MANIFEST : MEDIA_KIND_INDEX;
}

static const char *kind_name(enum media_kind kind)
{
	return kind == MEDIA_KIND_INDEX ? "index" : "manifest";
}

static int check_shape(const cJSON *doc, enum media_kind wanted, struct err *err)
{
	enum media_kind is = shape(doc);

	if (is == MEDIA_KIND_OLD_MANIFEST)
		return err_set(err, -EBADMSG, "docker's old manifest schema 1 is not supported");
	if (is != wanted)
		return err_set(err, -EBADMSG, "the document is no image %s", kind_name(wanted));
	return 0;
}

/* Sets *own to the media type of the document, checking invariant (3). */
static int settle_type(char **own, const char *came_with, enum media_kind kind, struct err *err)
{
	bool telling = came_with && media_kind(came_with) != MEDIA_KIND_UNKNOWN;

	if (telling && media_kind(came_with) != kind)
		return err_set(err, -EBADMSG, "the image %s came as '%.100s'", kind_name(kind),
			       came_with);
	if (*own && media_kind(*own) != kind)
		return err_set(err, -EBADMSG, "the image %s calls itself '%.100s'", kind_name(kind),
			       *own);
	if (*own && telling && !media_equal(*own, came_with))
		return err_set(err, -EBADMSG,
			       "the image %s came as '%.100s' and calls itself '%.100s'",
			       kind_name(kind), came_with, *own);
	if (!*own && telling)
		*own = str_ndup(came_with, strcspn(came_with, "; \t"));
	else if (!*own)
		*own = str_dup(kind == MEDIA_KIND_INDEX ? MEDIA_OCI_INDEX : MEDIA_OCI_MANIFEST);
	return 0;
}

static int check_descriptor(const struct descriptor *d, const char *what, struct err *err)
{
	int r = digest_check(d->digest, what, err);

	if (r < 0)
		return r;
	if (!d->media_type)
		return err_set(err, -EBADMSG, "%s has no media type", what);
	if (d->size < 0 || d->size > IMAGE_MAX_BLOB)
		return err_set(err, -EBADMSG, "%s has an impossible size", what);
	return 0;
}

static int check_descriptors(const struct descriptors *list, size_t max, const char *what,
			     struct err *err)
{
	if (list->count > max)
		return err_set(err, -EBADMSG, "more than %zu %ss", max, what);
	for (size_t i = 0; i < list->count; i++) {
		AUTO(mem) char *which = str_fmt("%s %zu", what, i + 1);
		int r = check_descriptor(&list->items[i], which, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Parses the document and checks its shape. The count is checked before anything is copied. */
static int load_document(const char *text, size_t size, enum media_kind kind, cJSON **out,
			 struct err *err)
{
	AUTO(json) cJSON *doc = NULL;

	int r = json_parse(text, size, &doc, err);
	if (r < 0)
		return err_wrap(err, "the image %s is damaged", kind_name(kind));
	r = check_shape(doc, kind, err);
	if (r < 0)
		return r;
	*out = take_ptr(doc);
	return 0;
}

static int check_version(int version, enum media_kind kind, struct err *err)
{
	if (version == 2)
		return 0;
	return err_set(err, -EBADMSG, "the image %s has schema version %d, not 2", kind_name(kind),
		       version);
}

static bool is_unknown(const struct platform *p)
{
	return str_eq(p->os, "unknown") || str_eq(p->architecture, "unknown");
}

/* Entries that could be an image for somebody. */
static bool is_candidate(const struct descriptor *d)
{
	enum media_kind kind = media_kind(d->media_type);

	return (kind == MEDIA_KIND_MANIFEST || kind == MEDIA_KIND_INDEX) &&
	       !is_unknown(&d->platform) && !d->artifact_type;
}

static char *list_platforms(const struct descriptors *from)
{
	AUTO(strv) struct strv names = { 0 };

	for (size_t i = 0; i < from->count; i++) {
		if (!is_candidate(&from->items[i]) || !from->items[i].platform.os)
			continue;
		AUTO(mem) char *name = platform_print(&from->items[i].platform);
		if (strv_find(&names, name) < 0)
			strv_add(&names, name);
	}
	return str_join(&names, ", ");
}

int manifest_parse(const char *text, size_t size, const char *media_type, struct manifest **out,
		   struct err *err)
{
	AUTO(json) cJSON *doc = NULL;
	AUTO(manifest) struct manifest *m = mem_new(struct manifest);

	int r = load_document(text, size, MEDIA_KIND_MANIFEST, &doc, err);
	if (r < 0)
		return r;
	r = jfield_load(manifest_fields, doc, m, err);
	if (r < 0)
		return err_wrap(err, "the image manifest is damaged");
	r = check_version(m->schema_version, MEDIA_KIND_MANIFEST, err);
	if (r < 0)
		return r;
	r = settle_type(&m->media_type, media_type, MEDIA_KIND_MANIFEST, err);
	if (r < 0)
		return r;
	r = check_descriptor(&m->config, "the image config", err);
	if (r < 0)
		return r;
	r = check_descriptors(&m->layers, IMAGE_MAX_LAYERS, "layer", err);
	if (r < 0)
		return r;
	*out = take_ptr(m);
	return 0;
}

int manifest_check_image(const struct manifest *manifest, struct err *err)
{
	const char *type = str_or(manifest->artifact_type, manifest->config.media_type);

	if (manifest->artifact_type || media_kind(type) != MEDIA_KIND_CONFIG)
		return err_set(err, -EBADMSG, "it is no image but an artifact of type '%.100s'",
			       type);
	for (size_t i = 0; i < manifest->layers.count; i++) {
		type = manifest->layers.items[i].media_type;
		if (media_kind(type) == MEDIA_KIND_FOREIGN_LAYER)
			return err_set(err, -EBADMSG, "layer %zu is not to be had from registries",
				       i + 1);
		if (media_kind(type) != MEDIA_KIND_LAYER)
			return err_set(err, -EBADMSG, "layer %zu is no layer but '%.100s'", i + 1,
				       type);
	}
	return 0;
}

char *manifest_print(const struct manifest *manifest)
{
	AUTO(json) cJSON *doc = jfield_save(manifest_fields, manifest);

	return json_print_text(doc);
}

void manifest_free(struct manifest *manifest)
{
	if (!manifest)
		return;
	jfield_clear(manifest_fields, manifest);
	free(manifest);
}

int image_index_parse(const char *text, size_t size, const char *media_type,
		      struct image_index **out, struct err *err)
{
	AUTO(json) cJSON *doc = NULL;
	AUTO(image_index) struct image_index *index = mem_new(struct image_index);

	int r = load_document(text, size, MEDIA_KIND_INDEX, &doc, err);
	if (r < 0)
		return r;
	r = jfield_load(index_fields, doc, index, err);
	if (r < 0)
		return err_wrap(err, "the image index is damaged");
	r = check_version(index->schema_version, MEDIA_KIND_INDEX, err);
	if (r < 0)
		return r;
	r = settle_type(&index->media_type, media_type, MEDIA_KIND_INDEX, err);
	if (r < 0)
		return r;
	r = check_descriptors(&index->manifests, IMAGE_MAX_MANIFESTS, "manifest", err);
	if (r < 0)
		return r;
	*out = take_ptr(index);
	return 0;
}

int image_index_choose(const struct image_index *index, const struct platform *want,
		       struct err *err)
{
	const struct descriptors *from = &index->manifests;
	int best = -1, best_rank = 0, nameless = -1;
	size_t candidates = 0;

	for (size_t i = 0; i < from->count; i++) {
		const struct descriptor *d = &from->items[i];
		if (!is_candidate(d))
			continue;
		candidates++;
		if (!d->platform.os) {
			nameless = (int)i;
			continue;
		}
		int rank = platform_rank(&d->platform, want);
		if (rank > best_rank) {
			best_rank = rank;
			best = (int)i;
		}
	}
	if (best < 0 && nameless >= 0 && candidates == 1)
		best = nameless;
	if (best >= 0)
		return best;
	AUTO(mem) char *asked = platform_print(want);
	AUTO(mem) char *there = list_platforms(from);
	return err_set(err, -ENOENT, "there is no image for %s, only for: %s", asked,
		       *there ? there : "none");
}

char *image_index_print(const struct image_index *index)
{
	AUTO(json) cJSON *doc = jfield_save(index_fields, index);

	return json_print_text(doc);
}

void image_index_free(struct image_index *index)
{
	if (!index)
		return;
	jfield_clear(index_fields, index);
	free(index);
}

void descriptor_copy(struct descriptor *to, const struct descriptor *from)
{
	AUTO(json) cJSON *doc = jfield_save(descriptor_fields, from);
	struct descriptor copy = { 0 };

	/* What was saved loads again. */
	bug_unless(jfield_load(descriptor_fields, doc, &copy, NULL) == 0);
	descriptor_clear(to);
	*to = copy;
}

void descriptor_clear(struct descriptor *descriptor)
{
	jfield_clear(descriptor_fields, descriptor);
}
