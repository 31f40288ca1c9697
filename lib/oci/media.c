/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * media - media types of what registries and image layouts hold
 */
#include "oci/media.h"

#include <string.h>
#include <strings.h>

#define OCI "application/vnd.oci.image."
#define DOCKER "application/vnd.docker."

static const struct media {
	const char *type;
	enum media_kind kind;
	enum media_packing packing;
} media_table[] = {
	{ MEDIA_OCI_INDEX, MEDIA_KIND_INDEX, MEDIA_PLAIN },
	{ MEDIA_DOCKER_LIST, MEDIA_KIND_INDEX, MEDIA_PLAIN },
	{ MEDIA_OCI_MANIFEST, MEDIA_KIND_MANIFEST, MEDIA_PLAIN },
	{ MEDIA_DOCKER_MANIFEST, MEDIA_KIND_MANIFEST, MEDIA_PLAIN },
	{ MEDIA_OCI_CONFIG, MEDIA_KIND_CONFIG, MEDIA_PLAIN },
	{ MEDIA_DOCKER_CONFIG, MEDIA_KIND_CONFIG, MEDIA_PLAIN },
	{ MEDIA_OCI_LAYER, MEDIA_KIND_LAYER, MEDIA_PLAIN },
	{ MEDIA_OCI_LAYER_GZIP, MEDIA_KIND_LAYER, MEDIA_GZIP },
	{ MEDIA_OCI_LAYER_ZSTD, MEDIA_KIND_LAYER, MEDIA_ZSTD },
	{ MEDIA_DOCKER_LAYER, MEDIA_KIND_LAYER, MEDIA_PLAIN },
	{ MEDIA_DOCKER_LAYER_GZIP, MEDIA_KIND_LAYER, MEDIA_GZIP },
	{ MEDIA_DOCKER_LAYER_ZSTD, MEDIA_KIND_LAYER, MEDIA_ZSTD },
	{ OCI "layer.nondistributable.v1.tar", MEDIA_KIND_FOREIGN_LAYER, MEDIA_PLAIN },
	{ OCI "layer.nondistributable.v1.tar+gzip", MEDIA_KIND_FOREIGN_LAYER, MEDIA_GZIP },
	{ OCI "layer.nondistributable.v1.tar+zstd", MEDIA_KIND_FOREIGN_LAYER, MEDIA_ZSTD },
	{ DOCKER "image.rootfs.foreign.diff.tar", MEDIA_KIND_FOREIGN_LAYER, MEDIA_PLAIN },
	{ DOCKER "image.rootfs.foreign.diff.tar.gzip", MEDIA_KIND_FOREIGN_LAYER, MEDIA_GZIP },
	{ DOCKER "distribution.manifest.v1+json", MEDIA_KIND_OLD_MANIFEST, MEDIA_PLAIN },
	{ DOCKER "distribution.manifest.v1+prettyjws", MEDIA_KIND_OLD_MANIFEST, MEDIA_PLAIN },
};

/* Bytes of the type itself: parameters and the space before them do not count. */
static size_t type_length(const char *type)
{
	return strcspn(type, "; \t");
}

bool media_equal(const char *a, const char *b)
{
	if (!a || !b)
		return false;
	size_t n = type_length(a);
	return n == type_length(b) && strncasecmp(a, b, n) == 0;
}

static const struct media *find(const char *type)
{
	for (size_t i = 0; i < array_len(media_table); i++)
		if (media_equal(media_table[i].type, type))
			return &media_table[i];
	return NULL;
}

enum media_kind media_kind(const char *type)
{
	const struct media *m = find(type);

	return m ? m->kind : MEDIA_KIND_UNKNOWN;
}

const char *media_layer_type(enum media_packing packing, bool docker)
{
	static const char *const types[][2] = {
		[MEDIA_PLAIN] = { MEDIA_OCI_LAYER, MEDIA_DOCKER_LAYER },
		[MEDIA_GZIP] = { MEDIA_OCI_LAYER_GZIP, MEDIA_DOCKER_LAYER_GZIP },
		[MEDIA_ZSTD] = { MEDIA_OCI_LAYER_ZSTD, MEDIA_DOCKER_LAYER_ZSTD },
	};

	return types[packing][docker];
}

bool media_is_docker(const char *type)
{
	return type && strncasecmp(type, DOCKER, strlen(DOCKER)) == 0;
}

enum media_packing media_packing(const char *type)
{
	const struct media *m = find(type);

	return m ? m->packing : MEDIA_PLAIN;
}
