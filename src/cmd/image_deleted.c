/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_deleted - telling what rmi and image prune removed
 */
#include "cmd/image_deleted.h"

#include "oci/reference.h"

static char *shown_name(const struct app *app, const char *name)
{
	AUTO(reference) struct reference ref = { 0 };

	if (!app_docker(app) || reference_parse(name, &ref, NULL) < 0)
		return str_dup(name);
	return reference_familiar(&ref);
}

void image_deleted_print(struct app *app, const struct image_deleted *deleted, bool names)
{
	/* Podman tells the images alone, docker their layers too. */
	const struct strv *ids = app_docker(app) ? &deleted->deleted : &deleted->images;

	for (size_t i = 0; names && i < deleted->untagged.count; i++) {
		AUTO(mem) char *name = shown_name(app, deleted->untagged.items[i]);
		fprintf(app->out, "Untagged: %s\n", name);
	}
	for (size_t i = 0; i < ids->count; i++)
		fprintf(app->out, "Deleted: %s%s\n", app_docker(app) ? "sha256:" : "",
			ids->items[i]);
}

int image_deleted_one(struct app *app, const char *name, struct err *err)
{
	const struct image_delete_options options = { 0 };
	AUTO(image_deleted) struct image_deleted deleted = { 0 };
	int r = image_delete(app->engine, name, &options, &deleted, err);

	image_deleted_print(app, &deleted, true);
	return r;
}
