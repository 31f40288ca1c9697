/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_fuzz - index, manifest, config and docker's manifest.json of a stranger; what is taken prints and
 * reads back
 */
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>

#include "base/str.h"
#include "oci/docker_archive.h"
#include "oci/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(mem) char *text = mem_copy(data, size);
	AUTO(manifest) struct manifest *manifest = NULL, *manifest2 = NULL;
	AUTO(image_index) struct image_index *index = NULL;
	AUTO(image_config) struct image_config *config = NULL, *config2 = NULL;
	AUTO(docker_images) struct docker_images images = { 0 };
	const struct platform want = { 0 };

	if (manifest_parse(text, size, NULL, &manifest, NULL) == 0) {
		AUTO(mem) char *printed = manifest_print(manifest);
		(void)!manifest_check_image(manifest, NULL);
		bug_unless(manifest_parse(printed, strlen(printed), NULL, &manifest2, NULL) == 0);
	}
	if (image_index_parse(text, size, NULL, &index, NULL) == 0)
		(void)!image_index_choose(index, &want, NULL);
	if (image_config_parse(text, size, &config, NULL) == 0) {
		AUTO(mem) char *printed = image_config_print(config);
		bug_unless(image_config_parse(printed, strlen(printed), &config2, NULL) == 0);
	}
	if (docker_images_parse(text, size, &images, NULL) == 0)
		for (size_t i = 0; i < images.count; i++)
			bug_unless(docker_archive_file(images.items[i].config));
	return 0;
}
