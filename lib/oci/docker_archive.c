/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * docker_archive - manifest.json of docker's archives: pure text to structs
 */
#include "oci/docker_archive.h"

#include <errno.h>
#include <stdlib.h>

#include "base/json.h"
#include "oci/image.h"

static const struct jfield docker_image_fields[] = {
	J_TEXT("Config", struct docker_image, config),
	J_STRV("RepoTags", struct docker_image, tags),
	J_STRV("Layers", struct docker_image, layers),
	J_END,
};

static int load_image(const cJSON *item, struct docker_image *out, struct err *err)
{
	int r = jfield_load(docker_image_fields, item, out, err);

	if (r == 0 && (!out->config || out->layers.count > IMAGE_MAX_LAYERS))
		r = err_set(err, -EBADMSG, "an image without config, or with too many layers");
	return r;
}

int docker_images_parse(const char *text, size_t size, struct docker_images *out, struct err *err)
{
	AUTO(json) cJSON *list = NULL;
	AUTO(docker_images) struct docker_images images = { 0 };
	const cJSON *item;

	int r = json_parse(text, size, &list, err);
	if (r < 0)
		return err_wrap(err, "the archive is damaged");
	if (!cJSON_IsArray(list) || !list->child)
		return err_set(err, -EBADMSG, "manifest.json of the archive names no image");
	cJSON_ArrayForEach(item, list)
	{
		r = load_image(item, vec_push(&images), err);
		if (r < 0) {
			(void)err_wrap(err, "manifest.json of the archive is damaged");
			return r;
		}
	}
	*out = images;
	images = (struct docker_images){ 0 };
	return 0;
}

const char *docker_archive_file(const char *name)
{
	const char *rest = str_starts(name, "./");

	return rest ? rest : name;
}

void docker_images_clear(struct docker_images *images)
{
	for (size_t i = 0; i < images->count; i++)
		jfield_clear(docker_image_fields, &images->items[i]);
	free(images->items);
	*images = (struct docker_images){ 0 };
}
