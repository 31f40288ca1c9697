/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_parser - what is read of a Go template, token by token
 *
 * The parts of the parser share it: template_pipe.h reads expressions, template_parse.h what they stand in.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "cli/template_lex.h"
#include "cli/template_tree.h"

struct parser {
	struct lexer lexer;
	struct token token; /* read ahead */
	struct tree *tree;
	bool escapes;
	int depth;
	int loops; /* range bodies around */
	struct err *err;
};

/**
 * node_new() - a node without children
 * @parser:	at its line
 * @kind:	the node's
 *
 * Return: to be released with node_free().
 */
struct node *node_new(const struct parser *parser, enum node_kind kind);

/**
 * parser_next() - read the next token
 * @parser:	goes on
 *
 * Return: 0, or a negative errno and parser->err set.
 */
must_check int parser_next(struct parser *parser);

/**
 * parser_word() - whether a word is the token
 * @parser:	asked
 * @word:	the word
 *
 * Return: the answer.
 */
bool parser_word(const struct parser *parser, const char *word);

/**
 * parser_text() - the token as it is written
 * @parser:	asked
 *
 * Return: the caller's.
 */
char *parser_text(const struct parser *parser);

/**
 * parser_unexpected() - say that the token is none of those that may stand here
 * @parser:	its err is set
 * @where:	what is being read, for the message
 *
 * Return: -EINVAL.
 */
int parser_unexpected(struct parser *parser, const char *where);

/**
 * parser_expect() - go past a token that must be there
 * @parser:	goes on
 * @kind:	the token's
 * @where:	what is being read, for the message
 *
 * Return: 0, or a negative errno and parser->err set.
 */
must_check int parser_expect(struct parser *parser, enum token_kind kind, const char *where);

/**
 * parser_deeper() - one more level is begun; its end is --depth
 * @parser:	its depth grows
 *
 * Return: 0, or -EINVAL where there are too many.
 */
must_check int parser_deeper(struct parser *parser);
