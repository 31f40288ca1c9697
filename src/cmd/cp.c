/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cp - copy files between a container and the host, or between containers
 */
#include <errno.h>
#include <unistd.h>

#include "cli/command.h"
#include "engine/container.h"
#include "engine/copy.h"

struct cp_args {
	enum tri archive;
	bool follow;
	bool overwrite;
};

static const struct opt cp_opts[] = {
	OPT_TRI('a', "archive", struct cp_args, archive,
		"docker: keep owners by their numbers. Else it is on: what comes into a container belongs "
		"to its user, and 'false' keeps owners"),
	OPT_FLAG('L', "follow-link", struct cp_args, follow,
		 "copy what the source leads to when it is a link"),
	OPT_FLAG(0, "overwrite", struct cp_args, overwrite,
		 "let folders and other files replace each other"),
	OPT_HARMLESS('q', "quiet", "nothing is said anyway"),
	OPT_END,
};

/* One of the two arguments. */
struct word {
	char *id;   /* of the container, or NULL */
	char *path; /* NULL: a standard stream */
};

static void auto_word(struct word *w)
{
	free(w->id);
	free(w->path);
}

/* "./a:b" and "/a:b" are files of the host. */
static int read_word(struct app *app, const char *text, const char *stream, struct word *out,
		     struct err *err)
{
	AUTO(mem) char *name = str_dup(text);

	if (str_eq(text, "-") || str_eq(text, stream))
		return 0;
	const char *path = text[0] == '/' || text[0] == '.' ? NULL : str_cut(name, ':');
	if (path) {
		out->path = str_dup(*path ? path : "/");
		return container_find(app->engine, name, &out->id, err);
	}
	if (!*text)
		return err_set(err, -EINVAL, "the path is empty");
	AUTO(mem) char *here = text[0] == '/' ? NULL : getcwd(NULL, 0);
	if (text[0] != '/' && !here)
		return err_sys(err, -errno, "cannot tell the working folder");
	out->path = str_fmt("%s%s%s", str_or(here, ""), here ? "/" : "", text);
	return 0;
}

static int check(const struct word *from, const struct word *to, struct err *err)
{
	if (!from->path && !to->path)
		return err_set(err, -EINVAL, "only one side can be an archive");
	if (!from->id && !to->id) {
		(void)err_set(err, -EINVAL, "neither side is a container");
		return err_hint(err, "write CONTAINER:PATH on one side");
	}
	if (!to->path && isatty(STDOUT_FILENO)) {
		(void)err_set(err, -EINVAL, "an archive is not written to a terminal");
		return err_hint(err, "redirect the output, or name a folder in place of '-'");
	}
	if (!from->path && isatty(STDIN_FILENO))
		return err_set(err, -EINVAL, "a terminal is no tar archive");
	return 0;
}

static enum copy_owners owners(const struct app *app, const struct cp_args *args,
			       const struct word *from)
{
	if (!app_docker(app))
		return args->archive == TRI_NO ? COPY_OWNER_SAME : COPY_OWNER_USER;
	/* docker unpacks an archive as it is. */
	return args->archive == TRI_YES || !from->path ? COPY_OWNER_NUMBER : COPY_OWNER_ROOT;
}

static int cp_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct cp_args *args = data;
	AUTO(word) struct word from = { 0 };
	AUTO(word) struct word to = { 0 };

	int r = read_word(app, words->items[0], "/dev/stdin", &from, err);
	if (r == 0)
		r = read_word(app, words->items[1], "/dev/stdout", &to, err);
	if (r == 0)
		r = check(&from, &to, err);
	if (r < 0)
		return r;
	const struct copy_options options = {
		.owners = owners(app, args, &from),
		.follow = args->follow,
		.replace = args->overwrite,
	};
	return container_copy(app->engine, &(struct copy_end){ from.id, from.path },
			      &(struct copy_end){ to.id, to.path }, &options, err);
}

static const struct exit_rule cp_exits[] = { { 0, 1, 125 } };

const struct command cmd_cp = {
	.name = "cp",
	.group = GROUP_CONTAINER,
	.about = "copy files between a container and the host, or between containers",
	.text = "CONTAINER:PATH on either side, or both, is a path in a container; any other is one of the host. "
		"Works whether the container runs, is paused, has ended or never ran, and reaches what is "
		"mounted in it. A source that ends in '/.' means what is in the folder. The folder of "
		"the target must exist. '-' is a tar archive on the standard input, which is unpacked "
		"into a folder, or on the standard output.",
	.args = "SOURCE TARGET",
	.complete = COMPLETE_FILE,
	.complete_rest = COMPLETE_FILE,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = cp_opts,
	.args_size = sizeof(struct cp_args),
	.exits = cp_exits,
	.examples = "cubby cp nginx.conf web:/etc/nginx/nginx.conf\n"
		    "cubby cp web:/var/log/nginx .\n"
		    "tar -c site | cubby cp - web:/usr/share/nginx\n"
		    "cubby cp web:/etc - | tar -t\n",
	.run = cp_run,
};
