/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_platform - whether an image is the one for a platform: of each name one is kept
 */
#include "engine/image_platform.h"

#include <errno.h>

#include "base/str.h"
#include "oci/platform.h"
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

int image_name_for_platform(const struct engine *engine, const char *text, const char *platform,
			    struct err *err)
{
	AUTO(image) struct image *image = NULL;

	if (!platform || image_find(engine->store, text, &image, NULL) < 0)
		return 0;
	return image_for_platform(engine, image, platform, err);
}
