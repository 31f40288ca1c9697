/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * save - write images into an archive
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "cli/command.h"
#include "engine/save.h"

struct save_args {
	const char *output;
	int format; /* enum save_format */
};

static const struct opt save_opts[] = {
	OPT_TEXT('o', "output", "FILE", struct save_args, output, COMPLETE_FILE,
		 "write to FILE, or to a folder with --format oci-dir (default: the standard "
		 "output)"),
	OPT_ENUM(0, "format", "FORMAT", struct save_args, format, save_format_names,
		 "docker-archive, oci-archive or oci-dir"),
	OPT_HARMLESS('m', "multi-image-archive", "several images always go into one archive"),
	OPT_HARMLESS('q', "quiet", "nothing is said anyway"),
	OPT_HARMLESS(0, "uncompressed", "oci-archive and oci-dir hold what was pulled"),
	OPT_REFUSED(0, "compress", "docker-dir is not written; see --format oci-dir"),
	OPT_REFUSED(0, "platform", "one machine's image is kept of each name"),
	OPT_END,
};

static int save_to_file(struct app *app, const struct save_args *args, const struct strv *words,
			struct err *err)
{
	struct stat st;
	AUTO(fd) int to = open(args->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (to < 0)
		return err_sys(err, -errno, "cannot open '%s'", args->output);
	int r = images_save(app->engine, words, (enum save_format)args->format, to, err);
	/* Half an archive looks like a whole one; what is no file was not made by us. */
	if (r < 0 && fstat(to, &st) == 0 && S_ISREG(st.st_mode))
		(void)unlink(args->output);
	return r;
}

static int save_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct save_args *args = data;

	if (args->format == SAVE_OCI_DIR && !args->output)
		return err_set(err, -EINVAL, "--format oci-dir needs a folder: --output DIR");
	if (args->format == SAVE_OCI_DIR)
		return images_save_dir(app->engine, words, args->output, err);
	if (args->output)
		return save_to_file(app, args, words, err);
	if (isatty(STDOUT_FILENO)) {
		(void)err_set(err, -EINVAL, "an archive is not written to a terminal");
		return err_hint(err, "name a file with -o, or redirect the output");
	}
	return images_save(app->engine, words, (enum save_format)args->format, STDOUT_FILENO, err);
}

static const struct exit_rule save_exits[] = { { 0, 1, 125 } };

const struct command cmd_save = {
	.name = "save",
	.group = GROUP_IMAGE,
	.about = "write images into an archive",
	.text = "Writes an archive that 'load' of cubby, docker and podman reads. The same images give "
		"the same bytes.",
	.args = "IMAGE...",
	.complete = COMPLETE_IMAGES,
	.needs = NEED_STORE,
	.opts = save_opts,
	.args_size = sizeof(struct save_args),
	.exits = save_exits,
	.examples = "cubby save -o web.tar web:1\n"
		    "cubby save web:1 | ssh host cubby load\n",
	.run = save_run,
};
