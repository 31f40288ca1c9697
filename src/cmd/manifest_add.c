/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * manifest_add - what is in a list of images, and what is said of it
 */
#include <errno.h>

#include "cli/command.h"
#include "cmd/creds.h"
#include "cmd/registry_opts.h"
#include "engine/list.h"

struct add_args {
	bool all;
	bool index;
	bool artifact;
	struct artifact_options made;
	const char *about;
	const char *subject;
	const char *arch;
	const char *os;
	const char *variant;
	const char *os_version;
	struct strv features;
	struct strv os_features;
	struct strv annotations;
	struct registry_args registry;
};

#define A struct add_args
#define FIELD_OPTIONS                                                                              \
	OPT_TEXT(0, "arch", "ARCH", A, arch, COMPLETE_NONE,                                        \
		 "say that the image is for this architecture"),                                   \
		OPT_TEXT(0, "os", "OS", A, os, COMPLETE_NONE,                                      \
			 "say that it is for this operating system"),                              \
		OPT_TEXT(0, "variant", "VARIANT", A, variant, COMPLETE_NONE,                       \
			 "say which variant of the architecture it is for"),                       \
		OPT_TEXT(0, "os-version", "VERSION", A, os_version, COMPLETE_NONE,                 \
			 "say which version of the operating system it is for"),                   \
		OPT_LIST(0, "features", "FEATURE", A, features, COMPLETE_NONE,                     \
			 "say which features of the machine it needs"),                            \
		OPT_LIST(0, "os-features", "FEATURE", A, os_features, COMPLETE_NONE,               \
			 "say which features of the operating system it needs"),                   \
		OPT_MAP(0, "annotation", "KEY=VALUE", A, annotations, "say this of it"),           \
		OPT_INCLUDE(A, registry, registry_opts), OPT_INCLUDE(A, registry, insecure_opts)

static const struct opt add_opts[] = {
	OPT_FLAG(0, "all", A, all, "of a list all images, else the one for this machine"),
	FIELD_OPTIONS,
	OPT_FLAG(0, "artifact", A, artifact,
		 "add one artifact made of files: what follows LIST are paths"),
	OPT_TEXT(0, "artifact-type", "TYPE", A, made.type, COMPLETE_NONE,
		 "say that the artifact is of this media type"),
	OPT_TEXT(0, "artifact-config", "FILE", A, made.config, COMPLETE_FILE,
		 "take this file as its configuration instead of an empty one"),
	OPT_TEXT(0, "artifact-config-type", "TYPE", A, made.config_type, COMPLETE_NONE,
		 "say that its configuration is of this media type"),
	OPT_TEXT(0, "artifact-layer-type", "TYPE", A, made.layer_type, COMPLETE_NONE,
		 "say that its files are of this media type, instead of a guess by their names"),
	OPT_FLAG(0, "artifact-exclude-titles", A, made.no_titles,
		 "do not tell the names of its files"),
	OPT_TEXT(0, "artifact-subject", "IMAGE", A, about, COMPLETE_IMAGES,
		 "say that it is about this image"),
	OPT_END,
};

static const struct opt annotate_opts[] = {
	FIELD_OPTIONS,
	OPT_FLAG(0, "index", A, index, "annotate the list itself, not an image of it"),
	OPT_TEXT(0, "subject", "IMAGE", A, subject, COMPLETE_IMAGES,
		 "say that the list is about this image"),
	OPT_END,
};
#undef A

static struct list_fields fields_of(const struct add_args *args)
{
	return (struct list_fields){ .arch = args->arch,
				     .os = args->os,
				     .variant = args->variant,
				     .os_version = args->os_version,
				     .features = &args->features,
				     .os_features = &args->os_features,
				     .annotations = &args->annotations };
}

static int print_id(struct app *app, const char *name, struct err *err)
{
	AUTO(image) struct image *list = NULL;
	int r = list_find(app->engine, name, &list, err);

	if (r == 0)
		(void)fprintf(app->out, "%s\n", list->id);
	return r;
}

/* Options of artifacts say nothing of images. */
static int check_artifact(const struct add_args *args, struct err *err)
{
	const struct artifact_options *o = &args->made;

	if (args->artifact && args->all)
		return err_set(err, -EINVAL, "--all is for images, not for --artifact");
	if (args->artifact || (!o->type && !o->config && !o->config_type && !o->layer_type &&
			       !o->no_titles && !args->about))
		return 0;
	return err_set(err, -EINVAL, "options of artifacts need --artifact");
}

static int add_artifact(struct app *app, const struct add_args *args, const struct strv *words,
			const struct list_source *source, const struct list_fields *fields,
			struct err *err)
{
	const struct strv files = { .items = words->items + 1, .count = words->count - 1 };

	return list_add_artifact(app->engine, words->items[0], &files, &args->made, args->about,
				 source, fields, err);
}

static int add_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	struct add_args *args = data;
	AUTO(creds) char *creds = NULL;
	if (creds_complete(app, &args->registry.creds, &creds, err) < 0)
		return err->code;
	const struct list_fields fields = fields_of(args);
	const struct list_source source = { .registry = registry_access(&args->registry, NULL),
					    .all = args->all };
	int r = check_artifact(args, err);

	if (r == 0 && args->artifact)
		r = add_artifact(app, args, words, &source, &fields, err);
	for (size_t i = 1; r == 0 && !args->artifact && i < words->count; i++)
		r = list_add(app->engine, words->items[0], words->items[i], &source, &fields, err);
	return r < 0 ? r : print_id(app, words->items[0], err);
}

static int annotate_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	struct add_args *args = data;
	AUTO(creds) char *creds = NULL;
	if (creds_complete(app, &args->registry.creds, &creds, err) < 0)
		return err->code;
	const struct list_fields fields = fields_of(args);
	const struct list_source source = { .registry = registry_access(&args->registry, NULL) };
	const char *list = words->items[0];
	int r = 0;

	if (!args->index && !args->subject && words->count < 2)
		return err_set(err, -EINVAL, "name the image to annotate, or give --index");
	if (args->index || args->subject)
		r = list_annotate_index(app->engine, list, args->index ? &args->annotations : NULL,
					args->subject, &source, err);
	if (r == 0 && words->count > 1)
		r = list_annotate(app->engine, list, words->items[1], &source, &fields, err);
	return r < 0 ? r : print_id(app, list, err);
}

const struct command cmd_manifest_add = {
	.name = "manifest add",
	.group = GROUP_IMAGE,
	.about = "add images, or files as an artifact, to a list",
	.args = "LIST IMAGE|FILE [IMAGE|FILE...]",
	.complete = COMPLETE_IMAGES,
	.complete_rest = COMPLETE_IMAGES,
	.needs = NEED_STORE,
	.opts = add_opts,
	.args_size = sizeof(struct add_args),
	.examples = "cubby manifest add web:1 docker://registry.example.com/web:1-arm64\n"
		    "cubby manifest add --arch riscv64 web:1 web:riscv\n"
		    "cubby manifest add --artifact --artifact-type text/spdx web:1 web.spdx\n",
	.run = add_run,
};

const struct command cmd_manifest_annotate = {
	.name = "manifest annotate",
	.group = GROUP_IMAGE,
	.about = "say something of an image in a list, or of the list",
	.args = "LIST [IMAGE]",
	.complete = COMPLETE_IMAGES,
	.complete_rest = COMPLETE_IMAGES,
	.needs = NEED_STORE,
	.opts = annotate_opts,
	.args_size = sizeof(struct add_args),
	.examples = "cubby manifest annotate --arch arm --variant v7 web:1 sha256:HEX\n"
		    "cubby manifest annotate --index --annotation org.example.team=web web:1\n",
	.run = annotate_run,
};
