/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pull - fetch images from registries
 *
 * Progress goes to stderr, the image's id to stdout. Every image is tried, some at the same time; what fails
 * is told.
 */
#include "engine/pull.h"

#include <errno.h>

#include "cli/command.h"
#include "cmd/creds.h"
#include "cmd/parallel.h"
#include "cmd/platform_text.h"
#include "cmd/progress.h"
#include "cmd/registry_opts.h"
#include "engine/blobless.h"
#include "engine/pull_from.h"
#include "oci/transport.h"

enum { STATUS_INTERRUPTED = 130, AT_ONCE = 3 };

struct pull_args {
	const char *platform;
	const char *os;
	const char *arch;
	const char *variant;
	int policy;
	struct registry_args registry;
	const char *signature_policy;
	struct retry_args retry;
	bool quiet;
	bool all_tags;
	bool single_file;
};

#define A struct pull_args
static const struct opt pull_opts[] = {
	OPT_FLAG('a', "all-tags", A, all_tags, "pull every tag of the repository"),
	OPT_FLAG('q', "quiet", A, quiet, "show no progress"),
	OPT_TEXT(0, "platform", "OS/ARCH[/VARIANT]", A, platform, COMPLETE_NONE,
		 "take the image for this platform instead of this machine's"),
	OPT_TEXT(0, "arch", "ARCH", A, arch, COMPLETE_NONE, "the same, the architecture alone"),
	OPT_TEXT(0, "os", "OS", A, os, COMPLETE_NONE, "the same, the operating system alone"),
	OPT_TEXT(0, "variant", "VARIANT", A, variant, COMPLETE_NONE,
		 "the same, the variant of the architecture alone"),
	OPT_ENUM(0, "policy", "POLICY", A, policy, create_pull_names,
		 "when to ask the registry: always, missing, never, newer"),
	OPT_FLAG(0, "single-file", A, single_file,
		 "keep the image as one squashfs file, made on the way, instead of unpacked layers"),
	OPT_INCLUDE(A, registry, registry_opts),
	OPT_HARMLESS(
		0, "disable-content-trust",
		"what is pulled is checked as 'image trust' says; docker's notary is not asked"),
	OPT_REFUSED(0, "decryption-key", "images are not encrypted"),
	OPT_TEXT(0, "signature-policy", "FILE", A, signature_policy, COMPLETE_FILE,
		 "whose images may come in, instead of the usual policy.json"),
	OPT_INCLUDE(A, retry, retry_opts),
	OPT_END,
};
#undef A

/* A file may hold several images. */
static int pull_file(struct app *app, const struct pull_options *options, struct err *err)
{
	AUTO(strv) struct strv digests = { 0 };
	const struct load_request file = { .platform = options->platform,
					   .policy = options->signature_policy,
					   .single_file = options->single_file };
	int r = pull_from(app->engine, options->name, &file, &digests, err);
	blobless_settle(app->engine);

	for (size_t i = 0; r == 0 && i < digests.count; i++) {
		AUTO(image) struct image *image = NULL;
		r = image_find(app->engine->store, digests.items[i], &image, err);
		if (r == 0)
			(void)fprintf(app->out, "%s\n",
				      app_docker(app) ? str_or(image->name, image->id) : image->id);
	}
	return r;
}

static int pull_one(struct app *app, const struct pull_options *options, struct err *err)
{
	AUTO(image) struct image *image = NULL;

	if (transport_given(options->name))
		return pull_file(app, options, err);

	int r = pull_image(app->engine, options, &image, err);
	if (r < 0)
		return r;
	blobless_settle(app->engine);
	if (app_docker(app))
		(void)fprintf(app->out, "%s\n", str_or(image->name, image->id));
	else
		(void)fprintf(app->out, "%s\n", image->id);
	return 0;
}

/* The names to pull: those given, or with --all-tags all of each repository. */
static int collect(struct app *app, const struct pull_args *args, struct pull_options *options,
		   const struct strv *words, struct strv *out, struct err *err)
{
	int r = 0;

	if (!args->all_tags)
		strv_extend(out, words);
	for (size_t i = 0; args->all_tags && r == 0 && i < words->count; i++) {
		options->name = words->items[i];
		r = pull_tags(app->engine, options, out, err);
	}
	if (r == 0 && !out->count)
		return err_set(err, -ENOENT, "the repository has no tags");
	return r;
}

struct pulls {
	struct app *app;
	struct pull_options *options;
	const struct strv *names;
};

static int pull_which(void *data, size_t which, struct err *err)
{
	const struct pulls *pulls = data;

	pulls->options->name = pulls->names->items[which];
	return pull_one(pulls->app, pulls->options, err);
}

static int pull_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	struct pull_args *args = data;
	AUTO(creds) char *creds = NULL;
	AUTO(progress) struct progress progress = { 0 };
	const struct platform_words given = { args->platform, args->os, args->arch, args->variant };
	AUTO(mem) char *platform = NULL;
	if (registry_check_asked(app->host, args->registry.authfile, err) < 0 ||
	    creds_complete(app, &args->registry.creds, &creds, err) < 0)
		return err->code;
	const struct registry_access access = registry_access(&args->registry, &args->retry);

	if (platform_text(app, &given, &platform, err) < 0)
		return err->code;
	progress_init(&progress, app, args->quiet);
	struct pull_options options = { .policy = args->policy,
					.platform = platform,
					.access = access,
					.signature_policy = args->signature_policy,
					.single_file = args->single_file,
					.watch = &progress.watch };
	AUTO(strv) struct strv names = { 0 };
	int r = collect(app, args, &options, words, &names, err);
	if (r < 0)
		return r;
	if (names.count == 1) {
		options.name = names.items[0];
		return pull_one(app, &options, err);
	}
	/* Their lines would be drawn over each other. */
	progress.terminal = false;
	struct pulls pulls = { .app = app, .options = &options, .names = &names };
	const struct parallel parallel = {
		.count = names.count, .at_once = AT_ONCE, .run = pull_which, .data = &pulls
	};
	return parallel_run(app, &parallel, err);
}

static const struct exit_rule pull_exits[] = {
	{ -EINTR, STATUS_INTERRUPTED, STATUS_INTERRUPTED },
	{ 0, 1, 125 },
};

const struct command cmd_pull = {
	.name = "pull",
	.group = GROUP_IMAGE,
	.about = "fetch images from registries or files",
	.text = "A name without a registry means what registries.conf says, else docker.io's. Layers "
		"that are here already are not fetched; a broken download goes on where it ended. "
		"Images also come from files: oci:DIR, oci-archive:FILE and docker-archive:FILE, "
		"with :NAME or :@NUMBER behind it for one of several, and dir:DIR.",
	.args = "IMAGE...",
	.complete = COMPLETE_IMAGES,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = pull_opts,
	.args_size = sizeof(struct pull_args),
	.defaults = &(const struct pull_args){ .policy = CREATE_PULL_ALWAYS, .retry.retries = -1 },
	.examples = "cubby pull nginx\n"
		    "cubby pull --tls-verify=false localhost:5000/library/nginx:1.22\n"
		    "cubby pull oci-archive:web.tar\n",
	.exits = pull_exits,
	.run = pull_run,
};
