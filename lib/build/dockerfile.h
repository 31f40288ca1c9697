/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dockerfile - a Dockerfile as a list of instructions
 *
 * Text becomes instructions whose words are not looked into yet: build/instruction.h makes values of them, and
 * build/stages.h finds who builds upon whom. What follows holds for what is parsed:
 *   (1) an instruction has a known name; what it is a trigger for (ONBUILD) has one, too;
 *   (2) lines are counted from 1, in order, and no two instructions share one;
 *   (3) `text` has no comments, no continuation, no white space at its ends and no zero byte;
 *   (4) the content of a heredoc ends with a newline or is empty.
 *
 * Source: Dockerfile reference, "Format", "Parser directives", "Here-Documents". `# syntax=` is noted, and
 * nothing is fetched for it: all that is known of the syntax is known here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "build/heredoc.h"
#include "build/kind.h"

enum dockerfile_limits {
	DOCKERFILE_MAX_BYTES = 4 << 20,
	DOCKERFILE_MAX_LINES = 100 * 1000,
	DOCKERFILE_MAX_INSTRUCTIONS = 10 * 1000,
};

/* A flag of an instruction, without its quotes and escapes: --name=value. */
struct dockerfile_flag {
	char *name;
	char *value; /* NULL when there is no '=' */
	int line;
};

struct dockerfile_flags {
	struct dockerfile_flag *items; /* as written; the same name may stand there again */
	size_t count;
};

/* One instruction, with all lines that belong to it. */
struct dockerfile_line {
	enum kind kind;
	char *keyword; /* as written: "run" */
	int line;      /* the first */
	int end_line;  /* the last, which may be one of a heredoc */
	char *text;    /* the whole instruction, lines joined, without heredocs' content */
	char *rest;    /* what stands behind the keyword and the flags */
	bool is_json; /* rest is a JSON list (never for kinds that take none, nor behind HEALTHCHECK CMD) */
	bool empty_continuation; /* an empty line stands between its lines: docker warns */
	struct strv words;    /* the list's items; without a list the words between white space */
	struct strv comments; /* the comment lines right above, without '#' */
	struct dockerfile_flags flags;
	struct heredocs heredocs;
};

struct dockerfile_lines {
	struct dockerfile_line *items;
	size_t count;
};

/* One that was put behind others. */
struct dockerfile_part {
	char *name;
	int before; /* lines of those */
};

struct dockerfile_parts {
	struct dockerfile_part *items;
	size_t count;
};

struct dockerfile {
	char *name;   /* for errors */
	char *text;   /* the file, without byte order mark */
	char escape;  /* '\\' or '`' */
	char *syntax; /* of "# syntax=…", or NULL */
	char *check;  /* of "# check=…", or NULL */
	int check_line;
	struct dockerfile_lines lines;
	struct dockerfile_parts parts; /* beside the first file */
};

/**
 * dockerfile_parse() - read a Dockerfile
 * @text:	the file; need not end with 0
 * @size:	bytes
 * @name:	what errors call it: "Dockerfile"
 * @out:	to be released with dockerfile_free(); set on success only
 * @err:	names file, line and word
 *
 * A trigger that an image brings (ONBUILD) is read by it as well. An empty file has no instructions: that it
 * needs some is said by stages_find().
 *
 * Return: 0; -EINVAL when it is wrong; -EFBIG beyond dockerfile_limits.
 */
must_check int dockerfile_parse(const char *text, size_t size, const char *name,
				struct dockerfile **out, struct err *err);

/**
 * dockerfile_append() - put a further file behind it
 * @file:	grows; its lines are counted on
 * @more:	has no instructions afterwards
 * @err:	names the file
 *
 * What the further file says in directives does not count, but that its escape must be the same.
 *
 * Return: 0; -EINVAL; -EFBIG beyond dockerfile_limits.
 */
must_check int dockerfile_append(struct dockerfile *file, struct dockerfile *more, struct err *err);

/**
 * dockerfile_where() - in which file a line stands
 * @file:	of which others may be a part
 * @line:	number of the line, counted through all of them
 * @out_line:	its number in that file
 *
 * Return: the file's name, which belongs to @file.
 */
const char *dockerfile_where(const struct dockerfile *file, int line, int *out_line);

/**
 * dockerfile_wrong() - say what is wrong in a line
 * @file:	names the file
 * @line:	number of the line
 * @err:	becomes "Dockerfile:7: …"
 * @fmt:	what is wrong
 *
 * Return: -EINVAL.
 */
int dockerfile_wrong(const struct dockerfile *file, int line, struct err *err, const char *fmt, ...)
	printf_like(4, 5);

/**
 * dockerfile_place() - put file and line before an error
 * @file:	names the file
 * @line:	number of the line
 * @err:	an error that is set
 *
 * Return: the code of @err.
 */
int dockerfile_place(const struct dockerfile *file, int line, struct err *err);

/**
 * dockerfile_flag() - the last flag of a name
 * @line:	the instruction
 * @name:	without "--"
 *
 * Return: the flag, which belongs to @line, or NULL.
 */
const struct dockerfile_flag *dockerfile_flag(const struct dockerfile_line *line, const char *name);

/**
 * dockerfile_description() - what the comments right above an instruction say of a name
 * @line:	the instruction
 * @name:	of a stage or a variable: "# NAME what it is"
 *
 * Return: "what it is", which belongs to @line, or NULL.
 */
const char *dockerfile_description(const struct dockerfile_line *line, const char *name);

/**
 * dockerfile_free() - release it
 * @file:	may be NULL
 */
void dockerfile_free(struct dockerfile *file);

DEFINE_AUTO_PTR(dockerfile, struct dockerfile, dockerfile_free)
