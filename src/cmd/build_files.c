/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_files - the Dockerfile of a build, and the file that says what its context leaves out
 */
#include "cmd/build_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "engine/download.h"

static int read_input(char **out, size_t *out_size, struct err *err)
{
	const int r = fd_read_all(STDIN_FILENO, DOCKERFILE_MAX_BYTES, out, out_size);

	return r < 0 ? err_sys(err, r, "cannot read the standard input") : 0;
}

static int read_own(const char *name, char **out, size_t *out_size)
{
	return file_read(AT_FDCWD, name, DOCKERFILE_MAX_BYTES, out, out_size);
}

/* A Dockerfile, as text. */
struct text {
	char *bytes;
	size_t size;
};

static void auto_text(struct text *text)
{
	free(text->bytes);
}

static int read_named(struct app *app, const struct build_options *options,
		      const struct build_source *source, const char *name, struct text *out,
		      struct err *err)
{
	if (str_eq(name, "-"))
		return read_input(&out->bytes, &out->size, err);
	if (download_is(name))
		return build_source_fetch(app, name, options, DOCKERFILE_MAX_BYTES, &out->bytes,
					  &out->size, err);
	int r = source->foreign ? -ENOENT : read_own(name, &out->bytes, &out->size);
	if (r == -ENOENT && *name != '/')
		r = build_source_read(source, name, DOCKERFILE_MAX_BYTES, &out->bytes, &out->size);
	return r;
}

static int read_usual(const struct app *app, const struct build_source *source, struct text *out)
{
	static const char *const usual[] = { "Containerfile", "Dockerfile" };
	int r = -ENOENT;

	if (source->text) {
		out->bytes = str_ndup(source->text, source->size);
		out->size = source->size;
		return 0;
	}
	for (size_t i = app_docker(app); r == -ENOENT && i < array_len(usual); i++)
		r = build_source_read(source, usual[i], DOCKERFILE_MAX_BYTES, &out->bytes,
				      &out->size);
	return r;
}

/* buildah has cpp read files of this ending; here what is meant for it would be comments. */
static int check_plain(const char *name, const struct text *text, struct err *err)
{
	static const char *const words[] = { "#include", "#define", "#undef", "#if" };

	if (!name || !str_ends(name, ".in") || !text->size)
		return 0;
	for (const char *line = text->bytes; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		for (size_t i = 0; i < array_len(words); i++)
			if (str_starts(line, words[i])) {
				(void)err_set(err, -EINVAL, "'%s' is not preprocessed: %s", name,
					      words[i]);
				return err_hint(err,
						"cpp -E -traditional -undef %s | cubby build "
						"-f - CONTEXT",
						name);
			}
	}
	return 0;
}

/* @name: NULL: the usual one */
static int read_one(struct app *app, const char *name, const struct build_options *options,
		    const struct build_source *source, struct dockerfile **out, struct err *err)
{
	AUTO(text) struct text text = { 0 };

	int r = name ? read_named(app, options, source, name, &text, err)
		     : read_usual(app, source, &text);
	if (r < 0 && !err->code) {
		(void)err_sys(err, r, "cannot read '%s'", str_or(name, "Dockerfile"));
		if (r == -ENOENT)
			(void)err_hint(err, "name it with -f FILE");
	}
	if (r == 0)
		r = check_plain(name, &text, err);
	if (r < 0)
		return r;
	return dockerfile_parse(text.bytes, text.size,
				name && !str_eq(name, "-") ? name : "Dockerfile", out, err);
}

/* The standard input is at its end when it is read again. */
static int check_once(const struct strv *files, struct err *err)
{
	int inputs = 0;

	for (size_t i = 0; i < files->count; i++)
		inputs += str_eq(files->items[i], "-");
	return inputs < 2 ? 0 : err_set(err, -EINVAL, "-f: the standard input can be read once");
}

int build_files_dockerfile(struct app *app, const struct build_args *args,
			   const struct build_options *options, const struct build_source *source,
			   struct dockerfile **out, struct err *err)
{
	const struct strv *files = &args->files;
	AUTO(dockerfile) struct dockerfile *file = NULL;

	if (files->count && source->text)
		return err_set(err, -EINVAL, "-f: the context is a Dockerfile: it cannot name one");
	int r = check_once(files, err);
	if (r == 0)
		r = read_one(app, files->count ? files->items[0] : NULL, options, source, &file,
			     err);
	for (size_t i = 1; r == 0 && i < files->count; i++) {
		AUTO(dockerfile) struct dockerfile *more = NULL;
		r = read_one(app, files->items[i], options, source, &more, err);
		if (r == 0)
			r = dockerfile_append(file, more, err);
	}
	if (r == 0)
		*out = take_ptr(file);
	return r;
}

/* FILE.dockerignore beside the Dockerfile comes first. */
int build_files_ignore(const struct build_args *args, const struct build_source *source,
		       char **out_name, char **out_text, struct err *err)
{
	const char *file = args->files.count ? args->files.items[0] : "Dockerfile";
	AUTO(mem) char *own = str_fmt("%s.dockerignore", file);
	const char *const names[] = { own, ".containerignore", ".dockerignore" };

	if (args->ignorefile) {
		const int r = read_own(args->ignorefile, out_text, NULL);
		if (r < 0)
			return err_sys(err, r, "cannot read '%s'", args->ignorefile);
		*out_name = str_dup(args->ignorefile);
		return 0;
	}
	for (size_t i = 0; source->folder && i < array_len(names); i++) {
		const bool beside = i == 0 && args->files.count && !source->foreign;
		const int r = beside ? read_own(names[i], out_text, NULL)
				     : build_source_read(source, names[i], DOCKERFILE_MAX_BYTES,
							 out_text, NULL);
		if (r == 0)
			*out_name = str_dup(names[i]);
		if (r == 0)
			return 0;
		if (r != -ENOENT && r != -ENOTDIR)
			return err_sys(err, r, "cannot read '%s'", names[i]);
	}
	return 0;
}
