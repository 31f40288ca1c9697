/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_parser - what is read of a Go template, token by token
 */
#include "cli/template_parser.h"

#include <errno.h>
#include <stdio.h>

#include "base/mem.h"

enum { PARSE_DEPTH = 100 };

struct node *node_new(const struct parser *parser, enum node_kind kind)
{
	struct node *node = mem_new(struct node);

	node->kind = kind;
	node->line = parser->token.line;
	return node;
}

int parser_unexpected(struct parser *parser, const char *where)
{
	const struct token *token = &parser->token;

	if (token->kind == TOKEN_END)
		return err_set(parser->err, -EINVAL, "template: line %d: unexpected end in %s",
			       token->line, where);
	return err_set(parser->err, -EINVAL, "template: line %d: unexpected '%.*s' in %s",
		       token->line, (int)token->length, token->at, where);
}

int parser_next(struct parser *parser)
{
	return lexer_next(&parser->lexer, &parser->token, parser->err);
}

bool parser_word(const struct parser *parser, const char *word)
{
	const struct token *token = &parser->token;

	return token->kind == TOKEN_WORD && token->length == strlen(word) &&
	       memcmp(token->at, word, token->length) == 0;
}

char *parser_text(const struct parser *parser)
{
	return str_ndup(parser->token.at, parser->token.length);
}

int parser_expect(struct parser *parser, enum token_kind kind, const char *where)
{
	if (parser->token.kind != kind)
		return parser_unexpected(parser, where);
	return parser_next(parser);
}

int parser_deeper(struct parser *parser)
{
	if (++parser->depth > PARSE_DEPTH)
		return err_set(parser->err, -EINVAL, "template: line %d: nested too deeply",
			       parser->token.line);
	return 0;
}
