/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * envfile - files of NAME=VALUE lines: --env-file and --label-file
 */
#include "engine/envfile.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"

enum { ENVFILE_MAX = 1 << 20 };

int envfile_assign(const char *text, const struct host *host, struct strv *out, struct err *err)
{
	size_t n = strcspn(text, "=");

	if (n == 0)
		return err_set(err, -EINVAL, "'%s' has no variable's name", text);
	if (text[n]) {
		strv_env_set(out, text);
		return 0;
	}
	const char *value = host ? host_env(host, text) : NULL;
	if (value) {
		AUTO(mem) char *assignment = str_fmt("%s=%s", text, value);
		strv_env_set(out, assignment);
	}
	return 0;
}

static int check_name(const char *line, size_t number, struct err *err)
{
	for (const char *p = line; *p && *p != '='; p++)
		if (isspace((unsigned char)*p))
			return err_set(err, -EINVAL, "line %zu: '%.*s' has white space in its name",
				       number, (int)strcspn(line, "="), line);
	return 0;
}

/* Each line that says something, with its number. */
typedef int line_fn(char *line, size_t number, void *data, struct err *err);

static int each_line(const char *text, line_fn *fn, void *data, struct err *err)
{
	AUTO(strv) struct strv lines = { 0 };

	strv_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.count; i++) {
		char *line = lines.items[i];
		size_t n = strlen(line);
		if (n && line[n - 1] == '\r')
			line[n - 1] = 0;
		line += strspn(line, " \t");
		if (!*line || *line == '#')
			continue;
		int r = check_name(line, i + 1, err);
		if (r == 0)
			r = fn(line, i + 1, data, err);
		if (r < 0)
			return r;
	}
	return 0;
}

struct env_target {
	const struct host *host;
	struct strv *out;
};

static int take_variable(char *line, size_t number, void *data, struct err *err)
{
	struct env_target *t = data;

	int r = envfile_assign(line, t->host, t->out, err);
	return r < 0 ? err_wrap(err, "line %zu", number) : 0;
}

int envfile_parse(const char *text, const struct host *host, struct strv *out, struct err *err)
{
	struct env_target t = { host, out };

	return each_line(text, take_variable, &t, err);
}

static int load(const char *path, char **out, struct err *err)
{
	AUTO(mem) char *text = NULL;
	size_t size;
	int r = file_read(AT_FDCWD, path, ENVFILE_MAX, &text, &size);

	if (r < 0)
		return err_sys(err, r, "cannot read '%s'", path);
	if (strlen(text) != size)
		return err_set(err, -EINVAL, "'%s' has a zero byte: it is no text", path);
	*out = take_ptr(text);
	return 0;
}

int envfile_load(const char *path, const struct host *host, struct strv *out, struct err *err)
{
	AUTO(mem) char *text = NULL;

	int r = load(path, &text, err);
	if (r < 0)
		return r;
	r = envfile_parse(text, host, out, err);
	return r < 0 ? err_wrap(err, "'%s'", path) : 0;
}

static int take_label(char *line, size_t number, void *data, struct err *err)
{
	(void)number;
	(void)err;
	if (strchr(line, '=')) {
		strv_env_set(data, line);
		return 0;
	}
	AUTO(mem) char *label = str_fmt("%s=", line);
	strv_env_set(data, label);
	return 0;
}

int envfile_labels(const char *path, struct strv *out, struct err *err)
{
	AUTO(mem) char *text = NULL;

	int r = load(path, &text, err);
	if (r < 0)
		return r;
	r = each_line(text, take_label, out, err);
	return r < 0 ? err_wrap(err, "'%s'", path) : 0;
}
