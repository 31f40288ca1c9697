/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * load - take images in from an archive
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "cli/command.h"
#include "cmd/loaded_text.h"
#include "engine/blobless.h"
#include "engine/load.h"

struct load_args {
	const char *input;
	const char *platform;
	const char *signature_policy;
	bool quiet;
	bool single_file;
};

static const struct opt load_opts[] = {
	OPT_TEXT(
		'i', "input", "FILE", struct load_args, input, COMPLETE_FILE,
		"read the archive, or the folder of a layout, from FILE (default: the standard input)"),
	OPT_FLAG('q', "quiet", struct load_args, quiet, "say nothing but the names"),
	OPT_FLAG(0, "single-file", struct load_args, single_file,
		 "keep each image as one squashfs file instead of unpacked layers"),
	OPT_TEXT(0, "platform", "OS/ARCH[/VARIANT]", struct load_args, platform, COMPLETE_NONE,
		 "take the image for this platform instead of this machine's"),
	OPT_TEXT(0, "signature-policy", "FILE", struct load_args, signature_policy, COMPLETE_FILE,
		 "whose images may come in, instead of the usual policy.json"),
	OPT_END,
};

static int open_archive(const char *path, struct err *err)
{
	if (path && !str_eq(path, "-")) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		return fd < 0 ? err_sys(err, -errno, "cannot open '%s'", path) : fd;
	}
	if (isatty(STDIN_FILENO)) {
		(void)err_set(err, -EINVAL, "a terminal is no archive");
		return err_hint(err, "name the archive's file with -i, or send it to the standard "
				     "input");
	}
	return fd_dup(STDIN_FILENO);
}

static int load_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct load_args *args = data;
	AUTO(loaded) struct loaded loaded = { 0 };
	AUTO(fd) int from = open_archive(args->input, err);

	(void)words;
	if (from < 0)
		return from;
	const struct load_request request = { .from = from,
					      .platform = args->platform,
					      .policy = args->signature_policy,
					      .single_file = args->single_file };
	int r = images_load_from(app->engine, &request, &loaded, err);
	blobless_settle(app->engine);
	for (size_t i = 0; i < loaded.names.count; i++)
		loaded_print(app, loaded.names.items[i]);
	return r < 0 ? err_wrap(err, "cannot load '%s'", str_or(args->input, "-")) : 0;
}

static const struct exit_rule load_exits[] = { { 0, 1, 125 } };

const struct command cmd_load = {
	.name = "load",
	.group = GROUP_IMAGE,
	.about = "take images in from an archive",
	.text = "Reads an archive that 'save' of cubby, docker or podman wrote, or an OCI layout in a "
		"tar; it may be compressed with gzip, zstd, xz or bzip2. With -i also a folder: an "
		"OCI layout, or one that 'skopeo copy' or 'save --format docker-dir' wrote. Prints "
		"the name of each image, or its id when it has none.",
	.needs = NEED_STORE | NEED_USERNS,
	.opts = load_opts,
	.args_size = sizeof(struct load_args),
	.exits = load_exits,
	.examples = "cubby load -i images.tar.gz\n"
		    "ssh host docker save web | cubby load\n",
	.run = load_run,
};
