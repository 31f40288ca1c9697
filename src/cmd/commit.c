/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * commit - make an image from a container
 */
#include <errno.h>
#include <fcntl.h>

#include "base/file.h"
#include "base/json.h"
#include "cli/command.h"
#include "engine/blobless.h"
#include "engine/commit.h"
#include "engine/container.h"

enum { ID_FILE_MODE = 0644 };

enum commit_format { FORMAT_OCI, FORMAT_DOCKER };

static const char *const formats[] = { "oci", "docker", NULL };

struct commit_args {
	const char *author;
	struct strv changes;
	const char *config;
	int format; /* enum commit_format */
	const char *iidfile;
	bool include_volumes;
	const char *message;
	enum tri pause;
	bool no_pause;
	bool quiet;
	bool squash;
};

static const struct opt commit_opts[] = {
	OPT_TEXT('a', "author", "TEXT", struct commit_args, author, COMPLETE_NONE,
		 "who made it, for example 'A. Name <a@example.org>'"),
	OPT_LIST('c', "change", "INSTRUCTION", struct commit_args, changes, COMPLETE_NONE,
		 "change what the image runs, as a line of a Dockerfile: CMD, ENTRYPOINT, ENV, "
		 "EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR"),
	OPT_TEXT(0, "config", "FILE", struct commit_args, config, COMPLETE_FILE,
		 "take what the JSON document in FILE says of an image's config"),
	OPT_ENUM('f', "format", "FORMAT", struct commit_args, format, formats,
		 "form of the manifest: oci or docker"),
	OPT_TEXT(0, "iidfile", "FILE", struct commit_args, iidfile, COMPLETE_FILE,
		 "write the image's id to FILE"),
	OPT_FLAG(0, "include-volumes", struct commit_args, include_volumes,
		 "the container's volumes become the image's; not what is in them"),
	OPT_TEXT('m', "message", "TEXT", struct commit_args, message, COMPLETE_NONE,
		 "comment of the image's history"),
	OPT_TRI('p', "pause", struct commit_args, pause,
		"pause the container while its files are read (docker: default)"),
	OPT_FLAG(0, "no-pause", struct commit_args, no_pause, "do not pause it"),
	OPT_FLAG('q', "quiet", struct commit_args, quiet, "say nothing but the image's id"),
	OPT_FLAG('s', "squash", struct commit_args, squash,
		 "one layer with all files, none of the image's layers"),
	OPT_END,
};

static enum commit_pause how_paused(const struct app *app, const struct commit_args *args)
{
	if (args->no_pause || args->pause == TRI_NO)
		return COMMIT_PAUSE_NO;
	if (args->pause == TRI_YES)
		return COMMIT_PAUSE_YES;
	return app_docker(app) ? COMMIT_PAUSE_IF_POSSIBLE : COMMIT_PAUSE_NO;
}

static int commit_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct commit_args *args = data;
	AUTO(mem) char *container = NULL;
	AUTO(mem) char *config = NULL;
	AUTO(mem) char *id = NULL;

	int r = container_find(app->engine, words->items[0], &container, err);
	if (r < 0)
		return r;
	if (args->config) {
		r = file_read(AT_FDCWD, args->config, JSON_MAX_BYTES, &config, NULL);
		if (r < 0)
			return err_sys(err, r, "cannot read '%s'", args->config);
	}
	const struct commit_options options = {
		.name = words->count > 1 ? words->items[1] : NULL,
		.changes = { .author = args->author,
			     .message = args->message,
			     .changes = &args->changes,
			     .config = config,
			     .volumes = args->include_volumes },
		.pause = how_paused(app, args),
		.squash = args->squash,
		.docker = args->format == FORMAT_DOCKER,
	};
	r = container_commit(app->engine, container, &options, &id, err);
	if (r < 0)
		return err_wrap(err, "cannot commit container '%s'", words->items[0]);
	blobless_settle(app->engine);
	AUTO(mem) char *shown = str_fmt("%s%s", app_docker(app) ? "sha256:" : "", id);
	if (args->iidfile) {
		r = file_replace(AT_FDCWD, args->iidfile, ID_FILE_MODE, shown, strlen(shown),
				 false);
		if (r < 0)
			return err_sys(err, r, "cannot write '%s'", args->iidfile);
	}
	fprintf(app->out, "%s\n", shown);
	return 0;
}

static const struct exit_rule commit_exits[] = { { 0, 1, 125 } };

const struct command cmd_commit = {
	.name = "commit",
	.group = GROUP_CONTAINER,
	.about = "make an image from a container",
	.text = "The image has the layers of the container's image and one more with what the container has "
		"changed; what is in volumes is not part of it. It runs what the container ran. Prints "
		"the image's id.",
	.args = "CONTAINER [NAME[:TAG]]",
	.complete = COMPLETE_CONTAINERS,
	.complete_rest = COMPLETE_IMAGES,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = commit_opts,
	.args_size = sizeof(struct commit_args),
	.exits = commit_exits,
	.examples = "cubby commit web web:2\n"
		    "cubby commit -m 'with vim' -c 'CMD [\"vim\"]' box editor\n",
	.run = commit_run,
};
