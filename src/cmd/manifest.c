/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * manifest - lists of images for several machines: create, exists, remove, rm
 */
#include <errno.h>

#include "cli/command.h"
#include "cmd/creds.h"
#include "cmd/registry_opts.h"
#include "engine/list.h"
#include "store/images.h"

const struct command cmd_manifest = {
	.name = "manifest",
	.group = GROUP_MANAGE,
	.about = "manage lists of images for several machines",
};

struct create_args {
	bool all;
	bool amend;
	struct strv annotations;
	struct registry_args registry;
};

#define A struct create_args
static const struct opt create_opts[] = {
	OPT_FLAG(0, "all", A, all, "of a list among the images all that it names"),
	OPT_FLAG('a', "amend", A, amend, "a list of that name may be there: add to it"),
	OPT_MAP(0, "annotation", "KEY=VALUE", A, annotations, "say this of the list"),
	OPT_INCLUDE(A, registry, registry_opts),
	OPT_INCLUDE(A, registry, insecure_opts),
	OPT_END,
};
#undef A

/* Docker tells the name, podman the id. */
static int print_list(struct app *app, const char *name, bool created, struct err *err)
{
	AUTO(image) struct image *list = NULL;

	int r = list_find(app->engine, name, &list, err);
	if (r < 0)
		return r;
	if (app_docker(app) && created)
		(void)fprintf(app->out, "Created manifest list %s\n", name);
	else
		(void)fprintf(app->out, "%s\n", list->id);
	return 0;
}

static int create_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	struct create_args *args = data;
	AUTO(creds) char *creds = NULL;
	if (creds_complete(app, &args->registry.creds, &creds, err) < 0)
		return err->code;
	const struct list_source source = { .registry = registry_access(&args->registry, NULL),
					    .all = args->all };
	const struct list_fields none = { 0 };
	AUTO(mem) char *name = NULL;

	int r = list_create(app->engine, words->items[0], args->amend, &args->annotations, &name,
			    err);
	for (size_t i = 1; r == 0 && i < words->count; i++)
		r = list_add(app->engine, name, words->items[i], &source, &none, err);
	return r < 0 ? r : print_list(app, name, true, err);
}

const struct command cmd_manifest_create = {
	.name = "manifest create",
	.group = GROUP_IMAGE,
	.about = "make a list of images for several machines",
	.text = "Images that are here are taken as they are. Of one in a registry only the manifest is "
		"kept; its layers stay where they are.",
	.args = "LIST [IMAGE...]",
	.complete = COMPLETE_IMAGES,
	.needs = NEED_STORE,
	.opts = create_opts,
	.args_size = sizeof(struct create_args),
	.examples =
		"cubby manifest create web:1 web:1-amd64 docker://registry.example.com/web:1-arm64\n",
	.run = create_run,
};

static int exists_run(struct app *app, unused_arg void *data, const struct strv *words,
		      struct err *err)
{
	AUTO(image) struct image *list = NULL;
	int r = list_find(app->engine, words->items[0], &list, err);

	if (r != -ENOENT && r != -EINVAL)
		return r;
	err_clear(err);
	return 1;
}

const struct command cmd_manifest_exists = {
	.name = "manifest exists",
	.group = GROUP_IMAGE,
	.about = "tell by the exit status whether a list is here",
	.args = "LIST",
	.complete = COMPLETE_IMAGES,
	.needs = NEED_STORE,
	.examples = "cubby manifest exists web:1 || cubby manifest create web:1\n",
	.run = exists_run,
};

static int remove_run(struct app *app, unused_arg void *data, const struct strv *words,
		      struct err *err)
{
	int r = list_remove(app->engine, words->items[0], words->items[1], err);

	return r < 0 ? r : print_list(app, words->items[0], false, err);
}

const struct command cmd_manifest_remove = {
	.name = "manifest remove",
	.group = GROUP_IMAGE,
	.about = "take an image out of a list",
	.args = "LIST DIGEST",
	.complete = COMPLETE_IMAGES,
	.needs = NEED_STORE,
	.examples = "cubby manifest remove web:1 sha256:HEX\n",
	.run = remove_run,
};
