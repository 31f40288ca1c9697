/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * heredoc - <<NAME: text that follows an instruction
 *
 *	[digits]<<[-]NAME
 *
 * In RUN the lines are given to the shell, in COPY and ADD they are a file named NAME. '-' takes the tabs at
 * the begin of lines away; quotes around NAME, or an escape in it, keep variables as they are.
 *
 * Source: Dockerfile reference, "Here-Documents".
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

struct heredoc {
	char *name;    /* without quotes */
	char *content; /* up to the line of the name, as in the file; NULL when it was not read yet */
	int line;      /* where the content begins */
	int fd;	       /* the digits, or -1 */
	bool expand;   /* variables in it mean their values */
	bool chomp; /* '-': what is used of it has no tabs at the begin of lines; content has them still */
};

struct heredocs {
	struct heredoc *items;
	size_t count;
};

/**
 * heredoc_parse() - read one word
 * @word:	with its quotes
 * @out:	zeroed by the caller, who owns it (heredoc_clear); without content; set when it is one
 *
 * Return: whether it is a heredoc.
 */
must_check bool heredoc_parse(const char *word, struct heredoc *out);

/**
 * heredoc_find() - all that a line announces, in order
 * @line:	the instruction, continuation lines joined
 * @out:	they are added, without content
 *
 * A line whose quotes do not close announces none.
 */
void heredoc_find(const char *line, struct heredocs *out);

/**
 * heredoc_text() - the content as it is used
 * @doc:	with content
 *
 * Return: the content, without tabs at the begin of lines when it says so; to be freed, never NULL.
 */
must_check char *heredoc_text(const struct heredoc *doc);

/**
 * heredoc_clear() - release the texts
 * @doc:	zeroed afterwards
 */
void heredoc_clear(struct heredoc *doc);

/**
 * heredocs_clear() - release all
 * @docs:	empty afterwards
 */
void heredocs_clear(struct heredocs *docs);

static inline void auto_heredoc(struct heredoc *doc)
{
	heredoc_clear(doc);
}

static inline void auto_heredocs(struct heredocs *docs)
{
	heredocs_clear(docs);
}
