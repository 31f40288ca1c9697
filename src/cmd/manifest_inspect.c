/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * manifest_inspect - show a list of images, or what a registry has under a name
 */
#include <errno.h>

#include "cli/command.h"
#include "cli/json_text.h"
#include "cmd/creds.h"
#include "cmd/registry_opts.h"
#include "engine/list.h"
#include "oci/media.h"
#include "oci/reference.h"

enum { INDENT = 4, INDENT_DOCKER = 3 };

struct inspect_args {
	bool verbose;
	struct registry_args registry;
};

#define A struct inspect_args
static const struct opt inspect_opts[] = {
	OPT_FLAG('v', "verbose", A, verbose,
		 "with the manifests that a list names, and what is known of each"),
	OPT_INCLUDE(A, registry, registry_opts),
	OPT_INCLUDE(A, registry, insecure_opts),
	OPT_END,
};
#undef A

static bool is_index(const cJSON *doc)
{
	return cJSON_IsArray(json_get(doc, "manifests"));
}

/* One manifest as docker's -v shows it. */
static cJSON *describe(const char *ref, const cJSON *said, const cJSON *doc, const char *digest,
		       int64_t size)
{
	const char *type = json_text(doc, "mediaType");
	cJSON *one = cJSON_CreateObject();
	cJSON *descriptor = said ? cJSON_Duplicate(said, true) : cJSON_CreateObject();

	cJSON_AddStringToObject(one, "Ref", ref);
	if (!said) {
		cJSON_AddStringToObject(descriptor, "mediaType", str_or(type, MEDIA_OCI_MANIFEST));
		cJSON_AddStringToObject(descriptor, "digest", digest);
		cJSON_AddNumberToObject(descriptor, "size", (double)size);
	}
	cJSON_AddItemToObject(one, "Descriptor", descriptor);
	cJSON_AddItemToObject(one, media_is_docker(type) ? "SchemaV2Manifest" : "OCIManifest",
			      cJSON_Duplicate(doc, true));
	return one;
}

/* The name of an entry: the list's, with its digest in place of the tag. */
static int name_entry(const char *name, const char *digest, char **out, struct err *err)
{
	const char *rest = str_starts(name, "docker://");
	AUTO(reference) struct reference ref = { 0 };

	int r = reference_parse(rest ? rest : name, &ref, err);
	if (r < 0)
		return r;
	AUTO(mem) char *whole = reference_name(&ref);
	*out = str_fmt("%s@%s", whole, digest);
	return 0;
}

static int add_entries(struct app *app, const struct inspect_args *args, const char *name,
		       const cJSON *doc, cJSON *out, struct err *err)
{
	const struct registry_access access = registry_access(&args->registry, NULL);
	const cJSON *entry;

	cJSON_ArrayForEach(entry, json_get(doc, "manifests"))
	{
		const char *digest = str_or(json_text(entry, "digest"), "");
		AUTO(json) cJSON *manifest = NULL;
		AUTO(mem) char *ref = NULL;
		int r = name_entry(name, digest, &ref, err);
		if (r == 0)
			r = list_document(app->engine, ref, &access, &manifest, NULL, NULL, err);
		if (r < 0)
			return r;
		cJSON_AddItemToArray(out, describe(ref, entry, manifest, digest, 0));
	}
	return 0;
}

static int inspect_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	struct inspect_args *args = data;
	AUTO(creds) char *creds = NULL;
	if (creds_complete(app, &args->registry.creds, &creds, err) < 0)
		return err->code;
	const struct registry_access access = registry_access(&args->registry, NULL);
	const char *name = words->items[0];
	int indent = app_docker(app) ? INDENT_DOCKER : INDENT;
	AUTO(json) cJSON *doc = NULL;
	AUTO(json) cJSON *all = cJSON_CreateArray();
	AUTO(mem) char *digest = NULL;
	int64_t size = 0;

	int r = list_document(app->engine, name, &access, &doc, &digest, &size, err);
	if (r < 0)
		return err_wrap(err, "cannot inspect '%s'", name);
	if (args->verbose && is_index(doc))
		r = add_entries(app, args, name, doc, all, err);
	else if (args->verbose)
		cJSON_AddItemToArray(all, describe(name, NULL, doc, digest, size));
	if (r < 0)
		return r;
	if (args->verbose && !is_index(doc))
		json_text_print(cJSON_GetArrayItem(all, 0), indent, app->out);
	else
		json_text_print(args->verbose ? all : doc, indent, app->out);
	return 0;
}

const struct command cmd_manifest_inspect = {
	.name = "manifest inspect",
	.group = GROUP_IMAGE,
	.about = "show a list of images, or what a registry has under a name",
	.args = "LIST|IMAGE",
	.complete = COMPLETE_IMAGES,
	.needs = NEED_STORE,
	.opts = inspect_opts,
	.args_size = sizeof(struct inspect_args),
	.examples =
		"cubby manifest inspect web:1\ncubby manifest inspect docker.io/library/debian:12\n",
	.run = inspect_run,
};
