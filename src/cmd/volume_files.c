/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * volume_files - the files of volumes: out as a tar, in from one, and where they are
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "cli/command.h"
#include "cmd/each.h"
#include "cmd/tar_out.h"
#include "engine/export.h"
#include "store/volume.h"

/* ---- export ---- */

struct volume_export_args {
	const char *output;
};

static const struct opt volume_export_opts[] = {
	OPT_TEXT('o', "output", "FILE", struct volume_export_args, output, COMPLETE_FILE,
		 "write to FILE (default: the standard output)"),
	OPT_END,
};

static int volume_export_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct volume_export_args *args = data;
	AUTO(mem) char *name = NULL;
	int r = volume_resolve(app->engine->store, words->items[0], &name, err);

	if (r < 0)
		return r;
	AUTO(tar_out) struct tar_out out = { .fd = -1, .file = { .fd = -1 } };
	r = tar_out_open(args->output, &out, err);
	if (r == 0)
		r = volume_export(app->engine, name, out.fd, err);
	return r < 0 ? r : tar_out_done(&out, err);
}

const struct command cmd_volume_export = {
	.name = "volume export",
	.group = GROUP_VOLUME,
	.about = "write a volume's files as a tar",
	.args = "VOLUME",
	.complete = COMPLETE_VOLUMES,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = volume_export_opts,
	.args_size = sizeof(struct volume_export_args),
	.examples = "cubby volume export -o data.tar data\n",
	.run = volume_export_run,
};

/* ---- import ---- */

static int open_archive(const char *path, struct err *err)
{
	if (path && !str_eq(path, "-")) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		return fd < 0 ? err_sys(err, -errno, "cannot open '%s'", path) : fd;
	}
	if (isatty(STDIN_FILENO)) {
		(void)err_set(err, -EINVAL, "a terminal is no tar archive");
		return err_hint(err, "send the archive to the standard input, or name its file");
	}
	int fd = fd_dup(STDIN_FILENO);
	return fd < 0 ? err_sys(err, fd, "cannot use the standard input") : fd;
}

static int volume_import_run(struct app *app, unused_arg void *data, const struct strv *words,
			     struct err *err)
{
	AUTO(mem) char *name = NULL;
	int r = volume_resolve(app->engine->store, words->items[0], &name, err);

	if (r < 0)
		return r;
	AUTO(fd) int from = open_archive(words->count > 1 ? words->items[1] : NULL, err);
	return from < 0 ? from : volume_import(app->engine, name, from, err);
}

const struct command cmd_volume_import = {
	.name = "volume import",
	.group = GROUP_VOLUME,
	.about = "unpack a tar into a volume",
	.text = "Files that are there stay, unless the archive has others under their names. The volume must exist.",
	.args = "VOLUME [FILE|-]",
	.complete = COMPLETE_VOLUMES,
	.complete_rest = COMPLETE_FILE,
	.needs = NEED_STORE | NEED_USERNS,
	.examples = "cubby volume import data data.tar\n",
	.run = volume_import_run,
};

/* ---- mount, unmount ---- */

static int show_volume(struct app *app, const char *word, const void *data, struct err *err)
{
	const bool *path = data;
	AUTO(volume) struct volume *volume = NULL;
	int r = volume_load(app->engine->store, word, &volume, err);

	if (r == 0)
		fprintf(app->out, "%s\n", *path ? volume->path : volume->name);
	return r;
}

static int volume_mount_run(struct app *app, unused_arg void *data, const struct strv *words,
			    unused_arg struct err *err)
{
	const bool path = true;

	return each_word(app, NULL, words, show_volume, &path);
}

static int volume_unmount_run(struct app *app, unused_arg void *data, const struct strv *words,
			      unused_arg struct err *err)
{
	const bool path = false;

	return each_word(app, NULL, words, show_volume, &path);
}

const struct command cmd_volume_mount = {
	.name = "volume mount",
	.group = GROUP_VOLUME,
	.about = "print where the files of volumes are",
	.text = "A volume is a folder, so nothing has to be mounted. Files of other ids in it are seen as their owner "
		"sees them inside 'cubby unshare'.",
	.args = "VOLUME...",
	.complete = COMPLETE_VOLUMES,
	.needs = NEED_STORE,
	.examples = "cubby unshare ls -l $(cubby volume mount data)\n",
	.run = volume_mount_run,
};

const struct command cmd_volume_unmount = {
	.name = "volume unmount",
	.group = GROUP_VOLUME,
	.about = "end what 'volume mount' began: there is nothing to do",
	.args = "VOLUME...",
	.complete = COMPLETE_VOLUMES,
	.needs = NEED_STORE,
	.examples = "cubby volume unmount data\n",
	.run = volume_unmount_run,
};
