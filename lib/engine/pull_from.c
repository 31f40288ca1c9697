/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pull_from - pulling from files instead of registries
 */
#include "engine/pull_from.h"

#include <errno.h>
#include <sys/stat.h>

#include "oci/transport.h"

/* Only our own store is read; another of containers/storage has another form. */
static int find_stored(struct engine *engine, const struct transport *from, struct strv *out,
		       struct err *err)
{
	AUTO(image) struct image *image = NULL;
	struct stat there, here;

	if (from->path && (stat(from->path, &there) < 0 || fstat(engine->store->dir, &here) < 0 ||
			   there.st_dev != here.st_dev || there.st_ino != here.st_ino)) {
		(void)err_set(err, -EOPNOTSUPP, "'%s' is not the store that is used", from->path);
		return err_hint(err,
				"podman save IMAGE | cubby load, or --root for another store of "
				"cubby's");
	}
	int r = image_find(engine->store, from->names.items[0], &image, err);
	if (r == 0)
		strv_add(out, image->digest);
	return r;
}

int pull_from(struct engine *engine, const char *name, const struct load_request *how,
	      struct strv *out, struct err *err)
{
	struct load_request request = *how;
	AUTO(transport) struct transport from = { 0 };
	AUTO(loaded) struct loaded loaded = { 0 };

	int r = transport_parse(name, &from, err);
	if (r < 0)
		return r;
	if (from.kind == TRANSPORT_STORAGE)
		return find_stored(engine, &from, out, err);
	/* A layout may be a whole collection, which nobody wants by accident. */
	request.one = how->one || from.kind != TRANSPORT_DOCKER_ARCHIVE;
	r = images_load_file(engine, &from, &request, &loaded, err);
	if (r < 0)
		return err_wrap(err, "cannot pull '%s'", name);
	for (size_t i = 0; i < loaded.digests.count; i++)
		if (strv_find(out, loaded.digests.items[i]) < 0)
			strv_add(out, loaded.digests.items[i]);
	return 0;
}

int pull_from_one(struct engine *engine, const char *name, const struct load_request *how,
		  struct image **out, struct err *err)
{
	struct load_request request = *how;
	AUTO(strv) struct strv digests = { 0 };

	request.one = true;
	int r = pull_from(engine, name, &request, &digests, err);

	return r < 0 ? r : image_find(engine->store, digests.items[0], out, err);
}
