/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * import - make an image from a tar of a root file system
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "cli/command.h"
#include "cmd/platform_text.h"
#include "engine/blobless.h"
#include "engine/import.h"

struct import_args {
	struct strv changes;
	const char *message;
	struct platform_words platform;
	bool quiet;
};

static const struct opt import_opts[] = {
	OPT_LIST('c', "change", "INSTRUCTION", struct import_args, changes, COMPLETE_NONE,
		 "change what the image runs, as a line of a Dockerfile: CMD, ENTRYPOINT, ENV, "
		 "EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR"),
	OPT_TEXT('m', "message", "TEXT", struct import_args, message, COMPLETE_NONE,
		 "comment of the image's history"),
	OPT_TEXT(0, "platform", "OS/ARCH", struct import_args, platform.platform, COMPLETE_NONE,
		 "what the programs in it run on (default: this machine)"),
	OPT_TEXT(0, "os", "OS", struct import_args, platform.os, COMPLETE_NONE,
		 "the same, the system alone"),
	OPT_TEXT(0, "arch", "ARCH", struct import_args, platform.arch, COMPLETE_NONE,
		 "the same, the architecture alone"),
	OPT_TEXT(0, "variant", "VARIANT", struct import_args, platform.variant, COMPLETE_NONE,
		 "the same, the variant of the architecture alone"),
	OPT_FLAG('q', "quiet", struct import_args, quiet, "say nothing but the image's id"),
	OPT_END,
};

static bool is_url(const char *text)
{
	return str_starts(text, "http://") || str_starts(text, "https://");
}

static int open_source(const char *path, struct err *err)
{
	if (is_url(path)) {
		(void)err_set(err, -EINVAL, "'%s' is no local file", path);
		return err_hint(err, "fetch it first: curl -L '%s' | cubby import - NAME", path);
	}
	if (!str_eq(path, "-")) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		return fd < 0 ? err_sys(err, -errno, "cannot open '%s'", path) : fd;
	}
	if (isatty(STDIN_FILENO)) {
		(void)err_set(err, -EINVAL, "a terminal is no tar archive");
		return err_hint(err, "send the archive to the standard input, or name its file");
	}
	return fd_dup(STDIN_FILENO);
}

static int import_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct import_args *args = data;
	AUTO(mem) char *platform = NULL;
	int r = platform_text(app, &args->platform, &platform, err);

	if (r < 0)
		return r;
	const struct import_options options = {
		.name = words->count > 1 ? words->items[1] : NULL,
		.message = args->message,
		.changes = &args->changes,
		.platform = platform,
	};
	AUTO(mem) char *id = NULL;
	AUTO(fd) int from = open_source(words->items[0], err);

	if (from < 0)
		return from;
	r = image_import(app->engine, from, words->items[0], &options, &id, err);
	if (r < 0)
		return err_wrap(err, "cannot import '%s'", words->items[0]);
	blobless_settle(app->engine);
	fprintf(app->out, "sha256:%s\n", id);
	return 0;
}

static const struct exit_rule import_exits[] = { { 0, 1, 125 } };

const struct command cmd_import = {
	.name = "import",
	.group = GROUP_IMAGE,
	.about = "make an image from a tar of a root file system",
	.text = "Reads a tar archive, which may be compressed with gzip, zstd, xz or bzip2, from a "
		"file or, with '-', from the standard input, and makes an image of one layer. "
		"Prints the image's id.",
	.args = "FILE|- [NAME[:TAG]]",
	.complete = COMPLETE_FILE,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = import_opts,
	.args_size = sizeof(struct import_args),
	.exits = import_exits,
	.examples = "cubby import rootfs.tar.gz base:1\n"
		    "tar -C root -c . | cubby import -c 'CMD [\"/bin/sh\"]' - shell\n",
	.run = import_run,
};
