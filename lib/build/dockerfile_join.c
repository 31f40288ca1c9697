/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dockerfile_join - several Dockerfiles that are one
 *
 * Lines are counted on from one file to the next, so that a number means one line of all of them; who shows a number
 * to the user asks dockerfile_where().
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "build/dockerfile.h"

/* A file that does not end its last line is given the end. */
static int count_lines(const char *text)
{
	int lines = 0;

	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	return lines;
}

static bool ends_line(const char *text)
{
	const size_t size = strlen(text);

	return !size || text[size - 1] == '\n';
}

static void move_on(struct dockerfile_line *line, int by)
{
	line->line += by;
	line->end_line += by;
	for (size_t i = 0; i < line->flags.count; i++)
		line->flags.items[i].line += by;
	for (size_t i = 0; i < line->heredocs.count; i++)
		line->heredocs.items[i].line += by;
}

static int check_size(const struct dockerfile *file, const struct dockerfile *more, struct err *err)
{
	if (strlen(file->text) + strlen(more->text) > DOCKERFILE_MAX_BYTES ||
	    file->lines.count + more->lines.count > DOCKERFILE_MAX_INSTRUCTIONS)
		return err_set(err, -EFBIG, "%s: too much behind '%s'", more->name, file->name);
	if (file->escape != more->escape)
		return err_set(err, -EINVAL, "%s: the escape is '%c', that of '%s' is '%c'",
			       more->name, more->escape, file->name, file->escape);
	return 0;
}

int dockerfile_append(struct dockerfile *file, struct dockerfile *more, struct err *err)
{
	const int r = check_size(file, more, err);

	if (r < 0)
		return r;
	AUTO(mem)
	char *text = str_fmt("%s%s%s", file->text, ends_line(file->text) ? "" : "\n", more->text);
	const int before = count_lines(text) - count_lines(more->text);
	*vec_push(&file->parts) =
		(struct dockerfile_part){ .name = str_dup(more->name), .before = before };
	for (size_t i = 0; i < more->lines.count; i++) {
		struct dockerfile_line *line = &more->lines.items[i];
		move_on(line, before);
		*vec_push(&file->lines) = *line;
	}
	more->lines.count = 0; /* what they have is the other's now */
	str_set(&file->text, text);
	return 0;
}

const char *dockerfile_where(const struct dockerfile *file, int line, int *out_line)
{
	const char *name = file->name;

	*out_line = line;
	for (size_t i = 0; i < file->parts.count && line > file->parts.items[i].before; i++) {
		name = file->parts.items[i].name;
		*out_line = line - file->parts.items[i].before;
	}
	return name;
}
