/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image - what a listing shows of an image
 */
#include "store/image.h"

#include <stdlib.h>

void image_clear(struct image *image)
{
	free(image->name);
	free(image->id);
	free(image->digest);
	free(image->media_type);
	free(image->platform);
	strv_clear(&image->layers);
	strv_clear(&image->repo_digests);
	strv_clear(&image->history);
	free(image->store);
	*image = (struct image){ 0 };
}

void image_free(struct image *image)
{
	if (!image)
		return;
	image_clear(image);
	free(image);
}

struct image *image_copy(const struct image *from)
{
	struct image *image = mem_new(struct image);

	*image = *from;
	image->name = str_dup(from->name);
	image->id = str_dup(from->id);
	image->digest = str_dup(from->digest);
	image->media_type = str_dup(from->media_type);
	image->platform = str_dup(from->platform);
	image->store = str_dup(from->store);
	image->layers = image->repo_digests = image->history = (struct strv){ 0 };
	strv_extend(&image->layers, &from->layers);
	strv_extend(&image->repo_digests, &from->repo_digests);
	strv_extend(&image->history, &from->history);
	return image;
}

void images_clear(struct images *images)
{
	for (size_t i = 0; i < images->count; i++)
		image_clear(&images->items[i]);
	free(images->items);
	*images = (struct images){ 0 };
}
