/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * manifest_push - bring a list with its images to a registry, or into a file
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "cli/command.h"
#include "cmd/creds.h"
#include "cmd/image_deleted.h"
#include "cmd/progress.h"
#include "cmd/registry_opts.h"
#include "engine/blobless.h"
#include "engine/list.h"
#include "engine/save.h"
#include "oci/transport.h"

struct push_args {
	enum tri all;
	struct strv also;
	const char *packing;
	int level;
	enum tri force;
	int format; /* enum push_format */
	const char *digestfile;
	bool quiet;
	bool remove;
	struct registry_args registry;
};

static const char *const format_names[] = { "", "oci", "v2s2", NULL };

#define NO_SIGNATURES "lists are not signed here; sign what was pushed with cosign or skopeo"

#define A struct push_args
static const struct opt push_opts[] = {
	OPT_TRI(0, "all", A, all, "with the images that it names (the default)"),
	OPT_LIST(0, "add-compression", "FORMAT", A, also, COMPLETE_NONE,
		 "each image in this form, too: gzip, zstd, zstd:chunked"),
	OPT_WORDS(
		0, "compression-format", "FORMAT", A, packing, "gzip zstd zstd:chunked",
		"how layers are compressed: gzip, zstd, zstd:chunked; else what was pulled stays as it is"),
	OPT_INT(0, "compression-level", "LEVEL", A, level,
		"how hard: 1 to 9 for gzip, 1 to 22 for zstd"),
	OPT_TRI(0, "force-compression", A, force,
		"compress anew what is compressed in another way; implied by --compression-format"),
	OPT_TEXT(0, "digestfile", "FILE", A, digestfile, COMPLETE_FILE,
		 "write the list's digest to FILE"),
	OPT_ENUM('f', "format", "FORMAT", A, format, format_names,
		 "form of the list and its images: oci, v2s2 (docker's); else as they are"),
	OPT_FLAG('q', "quiet", A, quiet, "show no progress"),
	OPT_FLAG('p', "purge", A, remove, "remove the list here when it has been pushed"),
	OPT_ALIAS(0, "rm", "purge"),
	OPT_INCLUDE(A, registry, registry_opts),
	OPT_INCLUDE(A, registry, insecure_opts),
	OPT_HARMLESS(0, "remove-signatures", "signatures are not pushed anyway"),
	OPT_REFUSED(0, "sign-by", NO_SIGNATURES),
	OPT_REFUSED(0, "sign-by-sigstore", NO_SIGNATURES),
	OPT_REFUSED(0, "sign-by-sigstore-private-key", NO_SIGNATURES),
	OPT_REFUSED(0, "sign-by-sq-fingerprint", NO_SIGNATURES),
	OPT_REFUSED(0, "sign-passphrase-file", NO_SIGNATURES),
	OPT_END,
};
#undef A

static int finish(struct app *app, const struct push_args *args, const char *list,
		  const struct pushed *pushed, struct err *err)
{
	int r = 0;

	if (args->digestfile)
		r = file_write(AT_FDCWD, args->digestfile, 0644, pushed->digest,
			       strlen(pushed->digest));
	if (r < 0)
		return err_sys(err, r, "cannot write '%s'", args->digestfile);
	if (app_docker(app))
		(void)fprintf(app->out, "%s\n", pushed->digest);
	return args->remove ? image_deleted_one(app, list, err) : 0;
}

/* A file or a folder gets the bytes of the store. */
static int deliver(struct app *app, const struct push_args *args, const char *list, const char *to,
		   struct err *err)
{
	AUTO(transport) struct transport transport = { 0 };
	AUTO(pushed) struct pushed pushed = { 0 };

	if (args->packing || args->format || args->also.count || args->force == TRI_YES ||
	    args->level != PUSH_LEVEL_DEFAULT)
		return err_set(err, -EINVAL,
			       "'%s' gets layers and manifests as they are: formats and "
			       "compressions are for registries",
			       to);
	int r = transport_parse(to, &transport, err);
	if (r < 0)
		return r;
	if (!transport_is_file(transport.kind)) {
		(void)err_set(err, -EINVAL, "the list '%s' is in the store already", list);
		return err_hint(err, "give it one more name with: cubby tag");
	}
	r = list_deliver(app->engine, list, &transport, args->all != TRI_NO, &pushed.digest, err);
	return r < 0 ? err_wrap(err, "cannot push '%s' to '%s'", list, to)
		     : finish(app, args, list, &pushed, err);
}

static int push_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	struct push_args *args = data;
	AUTO(creds) char *creds = NULL;
	AUTO(progress) struct progress progress = { 0 };
	AUTO(pushed) struct pushed pushed = { 0 };
	const char *list = words->items[0];
	const char *to = words->count > 1 ? words->items[1] : NULL;

	if (to && transport_given(to))
		return deliver(app, args, list, to, err);
	if (creds_complete(app, &args->registry.creds, &creds, err) < 0)
		return err->code;
	progress_init_push(&progress, app, args->quiet);
	const struct push_options options = {
		.registry = registry_access(&args->registry, NULL),
		.format = args->format,
		.packing = args->packing,
		.level = args->level,
		.force = args->force == TRI_YES || (args->packing && args->force != TRI_NO),
		.watch = &progress.watch,
	};
	int r = list_push(app->engine, list, to, &options, args->all != TRI_NO, &args->also,
			  &pushed, err);
	blobless_settle(app->engine);
	return r < 0 ? r : finish(app, args, list, &pushed, err);
}

const struct command cmd_manifest_push = {
	.name = "manifest push",
	.group = GROUP_IMAGE,
	.about = "bring a list with its images to a registry",
	.text = "Where a layout, an archive or a folder is named (oci:DIR, oci-archive:FILE, dir:DIR), the "
		"list is written there with all its images, which must be here with their layers; "
		"with --all=false its index alone. docker-archive holds no lists.",
	.args = "LIST [DESTINATION]",
	.complete = COMPLETE_IMAGES,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = push_opts,
	.args_size = sizeof(struct push_args),
	.defaults = &(const struct push_args){ .level = PUSH_LEVEL_DEFAULT },
	.examples = "cubby manifest push web:1 registry.example.com/web:1\n"
		    "cubby manifest push --purge web:1 docker://localhost:5000/web:1\n"
		    "cubby manifest push web:1 oci-archive:web.tar:1\n",
	.run = push_run,
};
