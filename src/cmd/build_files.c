/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_files - the Dockerfile of a build, and the file that says what its context leaves out
 */
#include "cmd/build_files.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"

static int read_input(char **out, size_t *out_size, struct err *err)
{
	const int r = fd_read_all(STDIN_FILENO, DOCKERFILE_MAX_BYTES, out, out_size);

	return r < 0 ? err_sys(err, r, "cannot read the standard input") : 0;
}

static int read_file(const char *folder, const char *name, char **out, size_t *out_size)
{
	AUTO(mem)
	char *path = folder && *name != '/' ? str_fmt("%s/%s", folder, name) : str_dup(name);

	return file_read(AT_FDCWD, path, DOCKERFILE_MAX_BYTES, out, out_size);
}

int build_files_dockerfile(const struct app *app, const struct build_args *args, const char *folder,
			   struct dockerfile **out, struct err *err)
{
	static const char *const usual[] = { "Containerfile", "Dockerfile" };
	AUTO(mem) char *text = NULL;
	size_t size = 0;
	const char *name = args->files.count ? args->files.items[0] : NULL;
	int r = -ENOENT;

	if (args->files.count > 1)
		return err_set(err, -EINVAL, "-f: several Dockerfiles cannot be joined: give one");
	if (name && str_eq(name, "-"))
		r = read_input(&text, &size, err);
	else if (name)
		r = read_file(NULL, name, &text, &size);
	for (size_t i = app_docker(app); !name && r == -ENOENT && i < array_len(usual); i++)
		r = read_file(folder, usual[i], &text, &size);
	if (r < 0 && !err->code) {
		(void)err_sys(err, r, "cannot read '%s'", str_or(name, "Dockerfile"));
		if (r == -ENOENT)
			(void)err_hint(err, "name it with -f FILE");
	}
	if (r < 0)
		return r;
	return dockerfile_parse(text, size, name && !str_eq(name, "-") ? name : "Dockerfile", out,
				err);
}

/* FILE.dockerignore beside the Dockerfile comes first. */
int build_files_ignore(const struct build_args *args, const char *folder, char **out_name,
		       char **out_text, struct err *err)
{
	const char *file = args->files.count ? args->files.items[0] : "Dockerfile";
	AUTO(mem) char *own = str_fmt("%s.dockerignore", file);
	const char *const names[] = { own, ".containerignore", ".dockerignore" };

	if (args->ignorefile) {
		const int r = read_file(NULL, args->ignorefile, out_text, NULL);
		if (r < 0)
			return err_sys(err, r, "cannot read '%s'", args->ignorefile);
		*out_name = str_dup(args->ignorefile);
		return 0;
	}
	for (size_t i = 0; folder && i < array_len(names); i++) {
		const char *base = i == 0 && args->files.count ? NULL : folder;
		const int r = read_file(base, names[i], out_text, NULL);
		if (r == 0)
			*out_name = str_dup(names[i]);
		if (r == 0)
			return 0;
		if (r != -ENOENT && r != -ENOTDIR)
			return err_sys(err, r, "cannot read '%s'", names[i]);
	}
	return 0;
}
