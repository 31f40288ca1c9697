/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * disk - what takes how much of the disk, and what of it could be had back
 *
 * Layers count once, however many images share them: an image's unique size is that of the layers which
 * no other image has. Blobs, the packed form of the layers with manifests and configs, are counted apart.
 * A container's size is that of its writable layer.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/engine.h"
#include "store/container.h"
#include "store/image.h"
#include "store/volume.h"

struct disk_count {
	int64_t total;	/* how many there are */
	int64_t active; /* how many of them are used: by containers; containers: how many run */
	int64_t size;	/* bytes */
	int64_t reclaimable; /* bytes of those that are not used */
};

/* One name of an image, or an image without one. */
struct disk_image {
	int64_t shared, unique; /* bytes of its layers */
	int64_t containers;	/* made of it */
};

struct disk_volume {
	struct volume *volume;
	int64_t links; /* containers that use it */
	int64_t size;  /* bytes */
};

struct disk {
	struct disk_count images, containers, volumes, blobs;
	struct disk_count builds; /* layers that only the build cache needs; part of .images, too */
	struct images entries;	  /* of the list of images */
	struct disk_image *image_sizes;	 /* as many */
	struct container_state **states; /* newest first */
	int64_t *container_sizes;	 /* as many: bytes of the writable layers */
	size_t container_count;
	struct disk_volume *volume_items;
	size_t volume_count;
};

/**
 * disk_measure() - find out
 * @engine:	the engine
 * @out:	zeroed; to be released with disk_clear, also after a failure
 * @err:	what cannot be read
 *
 * Takes no lock: what others change meanwhile counts or not. Damaged objects are passed over.
 *
 * Return: 0 or a negative errno.
 */
must_check int disk_measure(struct engine *engine, struct disk *out, struct err *err);

/**
 * disk_images_bytes() - what images take: layers and blobs
 * @engine:	the engine
 * @out:	bytes, the sum of .images.size and .blobs.size; set on success only
 * @err:	what cannot be read
 *
 * Return: 0 or a negative errno.
 */
must_check int disk_images_bytes(struct engine *engine, int64_t *out, struct err *err);

/**
 * disk_clear() - release what was found
 * @disk:	empty afterwards
 */
void disk_clear(struct disk *disk);

static inline void auto_disk(struct disk *disk)
{
	disk_clear(disk);
}
