/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * push - bring images to registries
 *
 * Progress goes to stderr. Called as docker, the digest goes to stdout at the end, as docker's does.
 */
#include "engine/push.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "cli/command.h"
#include "cmd/creds.h"
#include "cmd/progress.h"
#include "cmd/registry_opts.h"
#include "engine/blobless.h"
#include "engine/list.h"
#include "engine/save.h"
#include "oci/reference.h"
#include "oci/transport.h"

enum { STATUS_INTERRUPTED = 130 };

struct push_args {
	bool all_tags;
	const char *platform;
	int format; /* enum push_format */
	const char *packing;
	int level;
	enum tri force;
	const char *digestfile;
	bool compress;
	bool quiet;
	struct registry_args registry;
	struct retry_args retry;
};

static const char *const format_names[] = { "", "oci", "v2s2", NULL };

#define NO_SIGNATURES "images are not signed here; sign what was pushed with cosign or skopeo"
#define NO_ENCRYPTION "images are not encrypted"

#define A struct push_args
static const struct opt push_opts[] = {
	OPT_FLAG('a', "all-tags", A, all_tags, "push every tag of the repository that is here"),
	OPT_FLAG('q', "quiet", A, quiet, "show no progress"),
	OPT_TEXT(0, "platform", "OS/ARCH[/VARIANT]", A, platform, COMPLETE_NONE,
		 "push only if the image is for this platform; of a list the image for it"),
	OPT_ENUM('f', "format", "FORMAT", A, format, format_names,
		 "form of the manifest: oci, v2s2 (docker's); else the one that it has"),
	OPT_WORDS(
		0, "compression-format", "FORMAT", A, packing, "gzip zstd zstd:chunked",
		"how layers are compressed: gzip, zstd, zstd:chunked; else what was pulled stays as it is"),
	OPT_INT(0, "compression-level", "LEVEL", A, level,
		"how hard: 1 to 9 for gzip, 1 to 22 for zstd"),
	OPT_TRI(0, "force-compression", A, force,
		"compress anew what is compressed in another way; implied by --compression-format"),
	OPT_FLAG(
		0, "compress", A, compress,
		"with dir: compress layers that are not, with gzip; a registry always gets them so"),
	OPT_TEXT(0, "digestfile", "FILE", A, digestfile, COMPLETE_FILE,
		 "write the manifest's digest to FILE"),
	OPT_INCLUDE(A, registry, registry_opts),
	OPT_INCLUDE(A, retry, retry_opts),
	OPT_HARMLESS(0, "remove-signatures", "signatures are not pushed anyway"),
	OPT_HARMLESS(0, "disable-content-trust", "nothing is signed; docker's notary is not asked"),
	OPT_REFUSED(0, "sign-by", NO_SIGNATURES),
	OPT_REFUSED(0, "sign-by-sigstore", NO_SIGNATURES),
	OPT_REFUSED(0, "sign-by-sigstore-private-key", NO_SIGNATURES),
	OPT_REFUSED(0, "sign-by-sq-fingerprint", NO_SIGNATURES),
	OPT_REFUSED(0, "sign-passphrase-file", NO_SIGNATURES),
	OPT_REFUSED(0, "encrypt-layer", NO_ENCRYPTION),
	OPT_REFUSED(0, "encryption-key", NO_ENCRYPTION),
	OPT_END,
};
#undef A

static int write_digest(const char *path, const struct pushed *pushed, struct err *err)
{
	int r = file_write(AT_FDCWD, path, 0644, pushed->digest, strlen(pushed->digest));

	return r < 0 ? err_sys(err, r, "cannot write '%s'", path) : 0;
}

/* Docker's last line; with -q it prints the name alone. Podman prints nothing. */
static void print_docker(struct app *app, const struct push_args *args, const struct pushed *pushed)
{
	AUTO(reference) struct reference ref = { 0 };

	if (args->quiet)
		(void)fprintf(app->out, "%s\n", pushed->name);
	else if (reference_parse(pushed->name, &ref, NULL) == 0)
		(void)fprintf(app->out, "%s: digest: %s size: %lld\n", str_or(ref.tag, ""),
			      pushed->digest, (long long)pushed->size);
}

static int push_one(struct app *app, const struct push_args *args,
		    const struct push_options *options, const char *image, const char *to,
		    struct err *err)
{
	AUTO(pushed) struct pushed pushed = { 0 };
	AUTO(image) struct image *found = NULL;

	bool list = !args->platform && list_find(app->engine, image, &found, NULL) == 0;
	int r = list ? list_push(app->engine, image, to, options, true, NULL, &pushed, err)
		     : push_image(app->engine, image, to, options, &pushed, err);
	blobless_settle(app->engine);
	if (r == 0 && args->digestfile)
		r = write_digest(args->digestfile, &pushed, err);
	if (r == 0 && app_docker(app))
		print_docker(app, args, &pushed);
	return r;
}

static int check_deliver(const struct push_args *args, const char *to, struct err *err)
{
	if (args->packing || args->format || args->force == TRI_YES ||
	    args->level != PUSH_LEVEL_DEFAULT)
		return err_set(
			err, -EINVAL,
			"'%s' gets layers and manifests as they are: formats and compressions "
			"are for registries",
			to);
	if (args->compress && !str_starts(to, "dir:"))
		return err_set(err, -EINVAL, "--compress is for dir: and registries, not for '%s'",
			       to);
	if (args->compress && args->digestfile)
		return err_set(err, -EINVAL,
			       "--digestfile cannot be given with --compress: it makes another "
			       "manifest");
	return 0;
}

/* A file or a folder gets the bytes of the store. */
static int deliver(struct app *app, const struct push_args *args, const char *image, const char *to,
		   struct err *err)
{
	const struct deliver_options options = { .platform = args->platform,
						 .compress = args->compress };
	AUTO(transport) struct transport transport = { 0 };
	AUTO(pushed) struct pushed pushed = { 0 };

	int r = check_deliver(args, to, err);
	if (r == 0)
		r = transport_parse(to, &transport, err);
	if (r < 0)
		return r;
	if (!transport_is_file(transport.kind)) {
		(void)err_set(err, -EINVAL, "the image '%s' is in the store already", image);
		return err_hint(err, "give it one more name with: cubby tag");
	}
	r = image_deliver(app->engine, image, &transport, &options, &pushed.digest, err);
	if (r < 0)
		return err_wrap(err, "cannot push '%s' to '%s'", image, to);
	if (args->digestfile && !pushed.digest)
		return err_set(err, -EINVAL,
			       "docker's archives have no manifests: there is no digest "
			       "to write");
	return args->digestfile ? write_digest(args->digestfile, &pushed, err) : 0;
}

static int push_all(struct app *app, const struct push_args *args,
		    const struct push_options *options, const char *repository, struct err *err)
{
	AUTO(strv) struct strv names = { 0 };

	int r = push_names(app->engine, repository, &names, err);
	for (size_t i = 0; r == 0 && i < names.count; i++)
		r = push_one(app, args, options, names.items[i], NULL, err);
	return r;
}

static int push_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	struct push_args *args = data;
	AUTO(creds) char *creds = NULL;
	AUTO(progress) struct progress progress = { 0 };

	if (registry_check_asked(app->host, args->registry.authfile, err) < 0 ||
	    creds_complete(app, &args->registry.creds, &creds, err) < 0)
		return err->code;
	progress_init_push(&progress, app, args->quiet);
	const struct push_options options = {
		.registry = registry_access(&args->registry, &args->retry),
		.platform = args->platform,
		.format = args->format,
		.packing = args->packing,
		.level = args->level,
		.force = args->force == TRI_YES || (args->packing && args->force != TRI_NO),
		.watch = &progress.watch,
	};
	if (args->all_tags && words->count > 1)
		return err_set(err, -EINVAL, "--all-tags takes a repository and no destination");
	if (args->all_tags)
		return push_all(app, args, &options, words->items[0], err);
	const char *to = words->count > 1 ? words->items[1] : NULL;
	if (to && transport_given(to))
		return deliver(app, args, words->items[0], to, err);
	return push_one(app, args, &options, words->items[0], to, err);
}

static const struct exit_rule push_exits[] = {
	{ -EINTR, STATUS_INTERRUPTED, STATUS_INTERRUPTED },
	{ 0, 1, 125 },
};

const struct command cmd_push = {
	.name = "push",
	.group = GROUP_IMAGE,
	.about = "bring an image to a registry",
	.text = "Blobs that the registry has are not sent, and those that another of its repositories "
		"has are taken from there. What was pulled is pushed as it is, so its digest stays; "
		"layers that are not compressed here are compressed on the way. Where a layout, an "
		"archive or a folder is named (oci:DIR, oci-archive:FILE, docker-archive:FILE, "
		"dir:DIR), the image is written there.",
	.args = "IMAGE [DESTINATION]",
	.complete = COMPLETE_IMAGES,
	.needs = NEED_STORE,
	.opts = push_opts,
	.args_size = sizeof(struct push_args),
	.defaults = &(const struct push_args){ .level = PUSH_LEVEL_DEFAULT, .retry.retries = -1 },
	.examples = "cubby push registry.example.com/web:1\n"
		    "cubby push --tls-verify=false web:1 localhost:5000/web:1\n",
	.exits = push_exits,
	.run = push_run,
};
