/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * save - write images into an archive or a folder
 */
#include <errno.h>

#include "cli/command.h"
#include "cmd/tar_out.h"
#include "engine/blobless.h"
#include "engine/save.h"
#include "engine/single.h"
#include "store/images.h"

struct save_args {
	const char *output;
	const char *platform;
	int format; /* enum save_format */
	bool compress;
};

static const struct opt save_opts[] = {
	OPT_TEXT('o', "output", "FILE", struct save_args, output, COMPLETE_FILE,
		 "write to FILE, or to a folder with --format oci-dir and docker-dir (default: the "
		 "standard output)"),
	OPT_ENUM(
		0, "format", "FORMAT", struct save_args, format, save_format_names,
		"docker-archive, oci-archive, oci-dir, docker-dir, or squashfs: a file to run from"),
	OPT_TEXT(0, "platform", "OS/ARCH[/VARIANT]", struct save_args, platform, COMPLETE_NONE,
		 "fail when an image is for another platform"),
	OPT_HARMLESS('m', "multi-image-archive", "several images always go into one archive"),
	OPT_HARMLESS('q', "quiet", "nothing is said anyway"),
	OPT_HARMLESS(0, "uncompressed", "oci-archive and oci-dir hold what was pulled"),
	OPT_FLAG(0, "compress", struct save_args, compress,
		 "with docker-dir: compress layers that are not, with gzip"),
	OPT_END,
};

static int save_single(struct app *app, const struct save_args *args, const struct strv *words,
		       struct err *err)
{
	AUTO(image) struct image *image = NULL;

	if (!args->output)
		return err_set(err, -EINVAL, "--format squashfs needs a file: --output FILE");
	if (words->count != 1)
		return err_set(err, -EINVAL, "--format squashfs holds one image");
	int r = image_find(app->engine->store, words->items[0], &image, err);
	if (r == 0 && args->platform && !str_eq(args->platform, image->platform))
		r = err_set(err, -ENOENT, "the image is for %s, not for %s",
			    str_or(image->platform, "no platform"), args->platform);
	return r < 0 ? r : single_save(app->engine, image, args->output, err);
}

static int save_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct save_args *args = data;
	AUTO(tar_out) struct tar_out out = { .fd = -1, .file = { .fd = -1 } };
	const struct save_request request = {
		.names = words,
		.format = (enum save_format)args->format,
		.platform = args->platform,
		.compress = args->compress,
	};

	if (args->compress && args->format != SAVE_DOCKER_DIR)
		return err_set(err, -EINVAL, "--compress is for --format docker-dir");
	if (args->format == SAVE_SQUASHFS)
		return save_single(app, args, words, err);
	bool folder = args->format == SAVE_OCI_DIR || args->format == SAVE_DOCKER_DIR;

	if (folder && !args->output)
		return err_set(err, -EINVAL, "--format %s needs a folder: --output DIR",
			       save_format_names[args->format]);
	if (folder) {
		int r = images_save_dir(app->engine, &request, args->output, err);
		blobless_settle(app->engine);
		return r;
	}
	int r = tar_out_open(args->output, &out, err);
	if (r == 0)
		r = images_save(app->engine, &request, out.fd, err);
	blobless_settle(app->engine);
	return r < 0 ? r : tar_out_done(&out, err);
}

static const struct exit_rule save_exits[] = { { 0, 1, 125 } };

const struct command cmd_save = {
	.name = "save",
	.group = GROUP_IMAGE,
	.about = "write images into an archive or a folder",
	.text = "Writes an archive that 'load' of cubby, docker and podman reads. The same images give "
		"the same bytes. A file appears when it is whole. A layout that is there already "
		"keeps its other images. Digests of manifests stay in the OCI formats; docker's "
		"archive has none.",
	.args = "IMAGE...",
	.complete = COMPLETE_IMAGES,
	.needs = NEED_STORE,
	.opts = save_opts,
	.args_size = sizeof(struct save_args),
	.exits = save_exits,
	.examples = "cubby save -o web.tar web:1\n"
		    "cubby save web:1 | ssh host cubby load\n"
		    "cubby save --format squashfs -o /scratch/web.sqfs web:1\n",
	.run = save_run,
};
