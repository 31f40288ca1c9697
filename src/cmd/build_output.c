/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_output - where else a build goes: --output, --push
 */
#include "cmd/build_output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "build/csv.h"
#include "cmd/build_folder.h"
#include "cmd/progress.h"
#include "cmd/tar_out.h"
#include "engine/blobless.h"
#include "engine/imagetree.h"
#include "engine/list.h"
#include "engine/push.h"
#include "engine/save.h"

static const char *const kind_names[] = { "local", "tar", "oci", "docker", "image", "registry" };

/* ---- parsing ---------------------------------------------------------------------------------- */

static bool is_true(const char *value)
{
	return str_eq(value, "true") || str_eq(value, "1") || !*value;
}

static int set_type(const char *value, struct build_output *out, struct err *err)
{
	for (size_t i = 0; i < array_len(kind_names); i++)
		if (str_eq(value, kind_names[i])) {
			out->kind = (enum build_output_kind)i;
			out->push = out->kind == BUILD_OUTPUT_REGISTRY;
			return 0;
		}
	err_set(err, -EINVAL, "--output: there is no type '%s'", value);
	return err_hint(err, "local, tar, oci, docker, image or registry");
}

static int set_field(const char *key, const char *value, struct build_output *out,
		     struct strv *names, struct err *err)
{
	if (str_eq(key, "type"))
		return set_type(value, out, err);
	if (str_eq(key, "dest") || str_eq(key, "destination"))
		str_set(&out->dest, str_eq(value, "-") ? NULL : value);
	else if (str_eq(key, "name"))
		strv_split(names, value, ',');
	else if (str_eq(key, "push"))
		out->push = is_true(value);
	else if (str_eq(key, "tar"))
		out->folder = !is_true(value);
	else
		return err_set(err, -EINVAL, "--output: '%s' is not there", key);
	return 0;
}

static int check(const char *text, const struct build_output *out, struct err *err)
{
	const bool image = out->kind == BUILD_OUTPUT_IMAGE || out->kind == BUILD_OUTPUT_REGISTRY;

	if (out->kind == BUILD_OUTPUT_LOCAL && !out->dest)
		return err_set(err, -EINVAL, "--output '%s' names no folder: dest=DIR", text);
	if (out->folder && (out->kind != BUILD_OUTPUT_OCI || !out->dest))
		return err_set(err, -EINVAL, "--output '%s': only type=oci,dest=DIR is a folder",
			       text);
	if (image && out->dest)
		return err_set(err, -EINVAL, "--output '%s': dest= is for files", text);
	if (!image && out->push)
		return err_set(err, -EINVAL, "--output '%s': files are not pushed", text);
	return 0;
}

static int parse(const char *text, struct build_outputs *outputs, struct err *err)
{
	AUTO(strv) struct strv fields = { 0 };
	struct build_output *out = vec_push(outputs);
	int r = 0;

	*out = (struct build_output){ .kind = BUILD_OUTPUT_LOCAL };
	if (!strchr(text, '=')) {
		out->kind = str_eq(text, "-") ? BUILD_OUTPUT_TAR : BUILD_OUTPUT_LOCAL;
		out->dest = str_eq(text, "-") ? NULL : str_dup(text);
		return 0;
	}
	csv_split(text, &fields);
	for (size_t i = 0; r == 0 && i < fields.count; i++) {
		char *value = str_cut(fields.items[i], '=');
		r = set_field(fields.items[i], value ? value : "", out, &outputs->names, err);
	}
	return r < 0 ? r : check(text, out, err);
}

int build_outputs_parse(const struct build_args *args, struct build_outputs *out, struct err *err)
{
	size_t streams = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < args->outputs.count; i++)
		r = parse(args->outputs.items[i], out, err);
	if (args->push)
		*vec_push(out) =
			(struct build_output){ .kind = BUILD_OUTPUT_REGISTRY, .push = true };
	for (size_t i = 0; i < out->count; i++) {
		const struct build_output *o = &out->items[i];
		streams += !o->dest && o->kind < BUILD_OUTPUT_IMAGE;
		if (r == 0 && o->push && !args->tags.count && !out->names.count)
			r = err_set(err, -EINVAL, "a push needs a name: give one with --tag");
	}
	if (r == 0 && streams > 1)
		r = err_set(err, -EINVAL, "only one --output can be the standard output");
	return r;
}

int build_outputs_check_several(const struct build_outputs *outputs, struct err *err)
{
	for (size_t i = 0; i < outputs->count; i++) {
		const enum build_output_kind kind = outputs->items[i].kind;
		if (kind == BUILD_OUTPUT_OCI && !outputs->items[i].dest)
			return err_set(err, -EINVAL,
				       "--output: what is for several platforms goes to a file: "
				       "type=oci,dest=FILE");
		if (kind != BUILD_OUTPUT_TAR && kind != BUILD_OUTPUT_DOCKER)
			continue;
		(void)err_set(err, -EINVAL, "--output: type=%s holds what is for one platform",
			      kind_names[kind]);
		return err_hint(err, kind == BUILD_OUTPUT_TAR
					     ? "type=local,dest=DIR makes a folder for each"
					     : "type=oci,dest=FILE holds several");
	}
	return 0;
}

bool build_outputs_only_files(const struct build_args *args, const struct build_outputs *outputs)
{
	bool files = outputs->count;

	for (size_t i = 0; i < outputs->count; i++)
		files &= outputs->items[i].kind <= BUILD_OUTPUT_TAR;
	return files && !args->tags.count && !args->manifest && !args->iidfile &&
	       !args->iidfile_raw && !args->metadata_file;
}

/* ---- files ------------------------------------------------------------------------------------ */

static int write_tar(struct app *app, const struct strv *layers, const char *dest, struct err *err)
{
	AUTO(tar_out) struct tar_out out = { .fd = -1, .file = { .fd = -1 } };
	int r = tar_out_open(dest, &out, err);

	if (r == 0)
		r = imagetree_export(app->engine, layers, out.fd, err);
	return r < 0 ? r : tar_out_done(&out, err);
}

int build_outputs_files(struct app *app, const struct build_outputs *outputs, const char *platform,
			const struct sofar *sofar, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < outputs->count; i++) {
		const struct build_output *o = &outputs->items[i];
		if (o->kind == BUILD_OUTPUT_TAR)
			r = write_tar(app, &sofar->layers, o->dest, err);
		else if (o->kind == BUILD_OUTPUT_LOCAL)
			r = build_folder_write(app, &sofar->layers, o->dest, platform, err);
	}
	return r;
}

/* ---- images ----------------------------------------------------------------------------------- */

static int save(struct app *app, const struct build_output *o, const struct build_committed *image,
		struct err *err)
{
	AUTO(tar_out) struct tar_out out = { .fd = -1, .file = { .fd = -1 } };
	const struct strv id = { .items = (char *[]){ image->id }, .count = 1 };
	const struct save_request request = {
		.names = image->names.count ? &image->names : &id,
		.format = o->folder			? SAVE_OCI_DIR
			  : o->kind == BUILD_OUTPUT_OCI ? SAVE_OCI_ARCHIVE
							: SAVE_DOCKER_ARCHIVE,
	};
	int r;

	if (o->folder) {
		r = images_save_dir(app->engine, &request, o->dest, err);
	} else {
		r = tar_out_open(o->dest, &out, err);
		if (r == 0)
			r = images_save(app->engine, &request, out.fd, err);
		if (r == 0)
			r = tar_out_done(&out, err);
	}
	blobless_settle(app->engine);
	return r;
}

static int save_list(struct app *app, const struct build_output *o,
		     const struct build_committed *list, struct err *err)
{
	AUTO(mem) char *digest = NULL;
	const struct transport to = {
		.kind = o->folder ? TRANSPORT_OCI : TRANSPORT_OCI_ARCHIVE,
		.path = o->dest,
		.names = { list->names.items, min_of(list->names.count, (size_t)1) },
		.index = -1,
	};

	return list_deliver(app->engine, list->id, &to, true, &digest, err);
}

static int push(struct app *app, const struct build_args *args, const struct build_committed *image,
		bool list, struct err *err)
{
	AUTO(progress) struct progress progress = { 0 };
	int r = 0;

	progress_init_push(&progress, app, args->quiet);
	const struct push_options options = {
		.registry = registry_access(&args->registry, &args->retry),
		.level = PUSH_LEVEL_DEFAULT,
		.watch = &progress.watch,
	};
	for (size_t i = 0; r == 0 && i < image->names.count; i++) {
		AUTO(pushed) struct pushed pushed = { 0 };
		const char *name = image->names.items[i];
		r = list ? list_push(app->engine, name, NULL, &options, true, NULL, &pushed, err)
			 : push_image(app->engine, name, NULL, &options, &pushed, err);
	}
	blobless_settle(app->engine);
	return r;
}

int build_outputs_images(struct app *app, const struct build_args *args,
			 const struct build_outputs *outputs, const struct build_committed *image,
			 bool list, struct err *err)
{
	bool pushed = false;
	int r = 0;

	for (size_t i = 0; r == 0 && i < outputs->count; i++) {
		const struct build_output *o = &outputs->items[i];
		if (o->kind == BUILD_OUTPUT_OCI || o->kind == BUILD_OUTPUT_DOCKER)
			r = list ? save_list(app, o, image, err) : save(app, o, image, err);
		if (r == 0 && o->push && !pushed)
			r = push(app, args, image, list, err);
		pushed |= o->push;
	}
	return r;
}

void build_outputs_clear(struct build_outputs *outputs)
{
	for (size_t i = 0; i < outputs->count; i++)
		free(outputs->items[i].dest);
	free(outputs->items);
	strv_clear(&outputs->names);
	*outputs = (struct build_outputs){ 0 };
}
