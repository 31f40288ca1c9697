/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_platform - the image for a platform: of each name one is kept, and lists have several
 */
#include "engine/image_platform.h"

#include <errno.h>

#include "base/str.h"
#include "oci/platform.h"
#include "store/image_list.h"
#include "store/images.h"

int image_for_platform(const struct engine *engine, const struct image *image, const char *platform,
		       struct err *err)
{
	AUTO(platform) struct platform host = { 0 }, wanted = { 0 }, have = { 0 };

	if (!platform)
		return 0;
	platform_host(engine->host->machine, &host);
	int r = platform_parse(platform, &host, &wanted, err);
	if (r < 0)
		return r;
	if (image->platform && platform_parse(image->platform, &host, &have, NULL) == 0 &&
	    platform_rank(&have, &wanted))
		return 0;
	AUTO(mem) char *want = platform_print(&wanted);
	return err_set(err, -ENOENT, "the image '%s' is for %s, not for %s",
		       str_or(image->name, image->id),
		       str_or(image->platform, "an unknown platform"), want);
}

static int find_in_list(const struct engine *engine, const struct image *list, const char *platform,
			struct image **out, struct err *err)
{
	AUTO(platform) struct platform host = { 0 }, wanted = { 0 };
	AUTO(images) struct images images = { 0 };

	platform_host(engine->host->machine, &host);
	int r = platform_parse(platform, &host, &wanted, err);
	if (r == 0)
		r = images_load(engine->store, &images, err);
	return r < 0 ? r : image_list_choose(engine->store, &images, list, &wanted, out, err);
}

int image_find_for_platform(const struct engine *engine, const char *text, const char *platform,
			    struct image **out, struct err *err)
{
	AUTO(image) struct image *image = NULL;

	if (!platform)
		return image_find(engine->store, text, out, err);
	int r = image_find_any(engine->store, text, &image, err);
	if (r == 0 && image->list)
		return find_in_list(engine, image, platform, out, err);
	if (r == 0)
		r = image_for_platform(engine, image, platform, err);
	if (r == 0)
		*out = take_ptr(image);
	return r;
}
