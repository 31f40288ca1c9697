/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * words - how the arguments of an instruction fall into words
 *
 * White space is that of ASCII; quotes and escapes stay in the words, for build/expand.h to work on.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/**
 * words_space() - whether a byte is white space
 * @c:	the byte
 *
 * Return: whether it is.
 */
static inline bool words_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/**
 * words_split() - the words between white space, quotes or not
 * @text:	arguments
 * @out:	words are added
 *
 * Source: Dockerfile reference: COPY, ADD, FROM, EXPOSE, VOLUME without a list.
 */
void words_split(const char *text, struct strv *out);

/**
 * words_quoted() - the words, of which quotes and escapes keep white space together
 * @text:	arguments
 * @escape:	the escape character
 * @out:	words are added, with their quotes and escapes
 *
 * A quote that is not closed ends with the text. An escape at the very end is dropped.
 *
 * Source: Dockerfile reference: ENV, LABEL, ARG.
 */
void words_quoted(const char *text, char escape, struct strv *out);

/**
 * words_list() - the words of a JSON list
 * @text:	arguments
 * @out:	words are added when it is one
 * @err:	says what is wrong in the list
 *
 * Return: 1 when it is a list; 0 when it is none, as far as JSON goes, and so means a line for a shell;
 * -EINVAL when it is a list of other things than texts.
 */
must_check int words_list(const char *text, struct strv *out, struct err *err);
