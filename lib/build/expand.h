/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * expand - variables, quotes and escapes in the words of a Dockerfile
 *
 *	$name ${name}
 *	${name-word} ${name+word} ${name?word}		when it is unset; with ':' also when it is empty
 *	${name#pattern} ${name##pattern}		without the shortest, the longest begin
 *	${name%pattern} ${name%%pattern}		without the shortest, the longest end
 *	${name/pattern/text} ${name//pattern/text}	the first, every match replaced
 *
 * A word may hold variables itself. In single quotes nothing is special; in double quotes '$' is, and the
 * escape character before '"', '$' and itself. Outside, the escape character takes the meaning from
 * whatever follows. What is unset is empty, as in a shell without -u.
 *
 * Source: Dockerfile reference, "Environment replacement"; BuildKit's shell lexer. Names are of ASCII letters,
 * digits, '_' and bytes beyond ASCII.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"

enum expand_limits {
	EXPAND_MAX_BYTES = 1 << 20, /* of what a word becomes */
	EXPAND_MAX_DEPTH = 64,	    /* of words in words */
};

enum expand_flags {
	EXPAND_RAW_QUOTES = 1 << 0,  /* quotes stay in the result */
	EXPAND_RAW_ESCAPES = 1 << 1, /* so do escape characters */
	EXPAND_NO_QUOTES = 1 << 2,   /* quotes are characters as others: heredocs */
	EXPAND_KEEP_UNSET = 1 << 3,  /* what names an unset variable stays as it is */
};

/* Where values come from, and what is written down about it. */
struct expand_scope {
	/* The value of a variable, which lives until the next call at least; NULL when it is unset. */
	const char *(*lookup)(const void *data, const char *name);
	const void *data;
	char escape;	    /* '\\' or '`'; 0 means '\\' */
	unsigned flags;	    /* enum expand_flags */
	struct strv *used;  /* NULL, or names that were asked for and set are added, each once */
	struct strv *unset; /* NULL, or names that were asked for and not set are added, each once */
};

/**
 * expand_word() - what a text becomes, as one word
 * @scope:	values; NULL lookup: nothing is set
 * @text:	quotes, escapes and variables; white space stays
 * @out:	the result, to be freed; set on success only
 * @err:	says what is wrong, and in which text
 *
 * Return: 0; -EINVAL when the text is wrong or a variable is not there that must be (?); -E2BIG beyond
 * EXPAND_MAX_BYTES or EXPAND_MAX_DEPTH.
 */
must_check int expand_word(const struct expand_scope *scope, const char *text, char **out,
			   struct err *err);

/**
 * expand_words() - what a text becomes, split at white space
 * @scope:	values
 * @text:	as for expand_word(); white space out of variables splits as well, that in quotes does not
 * @out:	the words are added, on success only; words of nothing are none, even in quotes
 * @err:	says what is wrong, and in which text
 *
 * Return: as expand_word().
 */
must_check int expand_words(const struct expand_scope *scope, const char *text, struct strv *out,
			    struct err *err);

/**
 * expand_env() - a lookup in a list of NAME=VALUE
 * @data:	a struct strv, the first of several equal names counts
 * @name:	looked for
 *
 * Return: the value, which belongs to the list, or NULL.
 */
const char *expand_env(const void *data, const char *name);
