/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * media - media types of what registries and image layouts hold
 */
#pragma once

#include <stdbool.h>

#include "base/macros.h"

#define MEDIA_OCI_INDEX "application/vnd.oci.image.index.v1+json"
#define MEDIA_OCI_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define MEDIA_OCI_CONFIG "application/vnd.oci.image.config.v1+json"
#define MEDIA_OCI_LAYER "application/vnd.oci.image.layer.v1.tar"
#define MEDIA_OCI_LAYER_GZIP "application/vnd.oci.image.layer.v1.tar+gzip"
#define MEDIA_OCI_LAYER_ZSTD "application/vnd.oci.image.layer.v1.tar+zstd"
#define MEDIA_DOCKER_LIST "application/vnd.docker.distribution.manifest.list.v2+json"
#define MEDIA_DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define MEDIA_DOCKER_CONFIG "application/vnd.docker.container.image.v1+json"
#define MEDIA_DOCKER_LAYER "application/vnd.docker.image.rootfs.diff.tar"
#define MEDIA_DOCKER_LAYER_GZIP "application/vnd.docker.image.rootfs.diff.tar.gzip"
#define MEDIA_DOCKER_LAYER_ZSTD "application/vnd.docker.image.rootfs.diff.tar.zstd"

enum media_kind {
	MEDIA_KIND_UNKNOWN, /* artifacts, attestations, whatever is no image */
	MEDIA_KIND_INDEX,
	MEDIA_KIND_MANIFEST,
	MEDIA_KIND_CONFIG,
	MEDIA_KIND_LAYER,
	MEDIA_KIND_FOREIGN_LAYER, /* to be fetched from elsewhere; refused */
	MEDIA_KIND_OLD_MANIFEST,  /* docker's schema 1; refused */
};

enum media_packing { MEDIA_PLAIN, MEDIA_GZIP, MEDIA_ZSTD };

/**
 * media_kind() - what a media type stands for
 * @type:	may be NULL; parameters behind ';' are passed over
 *
 * Return: the kind.
 */
enum media_kind media_kind(const char *type);

/**
 * media_packing() - how a layer is compressed
 * @type:	media type of a layer
 *
 * Return: what the type says; whoever unpacks goes by the first bytes all the same.
 */
enum media_packing media_packing(const char *type);

/**
 * media_layer_type() - the media type of a layer
 * @packing:	how it is compressed
 * @docker:	docker's type, else OCI's
 *
 * Return: the type, static.
 */
const char *media_layer_type(enum media_packing packing, bool docker);

/**
 * media_is_docker() - whether a media type is docker's
 * @type:	may be NULL
 *
 * Return: whether it is.
 */
bool media_is_docker(const char *type);

/**
 * media_equal() - whether two media types are the same, parameters and case aside
 * @a:	one
 * @b:	other
 *
 * Return: whether they are; NULL equals nothing.
 */
bool media_equal(const char *a, const char *b);
