/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_lex - a Go template as tokens
 *
 * Outside {{ and }} everything is one TEXT; comments yield nothing; trim markers ({{- and -}}) have
 * already cut the text beside them. Inside, white space yields no token, but a token knows whether
 * it follows the one before directly: ".A.B" is one operand, ".A .B" are two.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum token_kind {
	TOKEN_END,
	TOKEN_TEXT,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_WORD,	/* if, range, a function, true, nil, ... */
	TOKEN_FIELD,	/* .Name; the name alone */
	TOKEN_DOT,	/* . */
	TOKEN_VARIABLE, /* $ or $name, with the $ */
	TOKEN_QUOTED,	/* "a\n", with its quotes */
	TOKEN_RAW,	/* `a`, with its quotes */
	TOKEN_CHAR,	/* 'a', with its quotes */
	TOKEN_NUMBER,
	TOKEN_PIPE,
	TOKEN_COMMA,
	TOKEN_LEFT,
	TOKEN_RIGHT,
	TOKEN_ASSIGN,  /* = */
	TOKEN_DECLARE, /* := */
};

struct token {
	enum token_kind kind;
	const char *at; /* inside the template's text */
	size_t length;
	bool glued; /* nothing stands between it and the token before */
	int line;
};

struct lexer {
	const char *at;
	bool inside;	/* between {{ and }} */
	bool trim_next; /* the last }} had a trim marker */
	int line;
};

/**
 * lexer_begin() - start reading a template
 * @out:	state of the reader
 * @text:	the template; must live as long as its tokens
 */
void lexer_begin(struct lexer *out, const char *text);

/**
 * lexer_next() - read the next token
 * @lexer:	state of the reader
 * @out:	the token; set on success only
 * @err:	what is wrong, with its line
 *
 * Return: 0 or -EINVAL.
 */
must_check int lexer_next(struct lexer *lexer, struct token *out, struct err *err);
