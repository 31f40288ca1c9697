/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_pipe - the expressions of a Go template
 */
#include "cli/template_pipe.h"

#include <errno.h>

#include "base/mem.h"
#include "cli/template_func.h"
#include "cli/template_literal.h"

/* .A.B behind an operand, as far as nothing stands between. */
static int parse_fields(struct parser *parser, struct strv *names)
{
	while (parser->token.kind == TOKEN_FIELD && parser->token.glued) {
		strv_take(names, parser_text(parser));
		int r = parser_next(parser);
		if (r < 0)
			return r;
	}
	return 0;
}

static int parse_parens(struct parser *parser, struct node **out)
{
	AUTO(node) struct node *chain = node_new(parser, NODE_CHAIN);
	struct node *pipe = NULL;
	int r = parser_deeper(parser);

	if (r >= 0)
		r = parser_next(parser);
	if (r >= 0)
		r = pipe_parse(parser, &pipe);
	if (r < 0)
		return r;
	node_add(chain, pipe);
	if (pipe->names.count)
		return err_set(parser->err, -EINVAL,
			       "template: line %d: a variable cannot be set in parentheses",
			       pipe->line);
	r = parser_expect(parser, TOKEN_RIGHT, "parentheses");
	parser->depth--;
	if (r >= 0)
		r = parse_fields(parser, &chain->names);
	if (r < 0)
		return r;
	*out = take_ptr(chain);
	return 0;
}

static int parse_word(struct parser *parser, struct node **out)
{
	bool yes = parser_word(parser, "true"), nil = parser_word(parser, "nil");
	AUTO(node) struct node *node = node_new(parser, NODE_LITERAL);

	if (yes || nil || parser_word(parser, "false")) {
		node->value = nil ? cJSON_CreateNull() : cJSON_CreateBool(yes);
	} else {
		node->kind = NODE_FUNCTION;
		node->name = parser_text(parser);
		if (!func_known(node->name))
			return err_set(parser->err, -EINVAL,
				       "template: line %d: function \"%s\" not defined", node->line,
				       node->name);
	}
	int r = parser_next(parser);
	if (r < 0)
		return r;
	*out = take_ptr(node);
	return 0;
}

static int parse_literal(struct parser *parser, struct node **out)
{
	AUTO(node) struct node *node = node_new(parser, NODE_LITERAL);
	int r = literal_read(&parser->token, &node->value, parser->err);

	if (r >= 0)
		r = parser_next(parser);
	if (r < 0)
		return r;
	*out = take_ptr(node);
	return 0;
}

/* A dot, a field of it or a variable, with the fields behind. */
static int parse_name(struct parser *parser, enum node_kind kind, struct node **out)
{
	AUTO(node) struct node *node = node_new(parser, kind);

	if (kind == NODE_FIELD)
		strv_take(&node->names, parser_text(parser));
	if (kind == NODE_VARIABLE)
		node->name = parser_text(parser);
	int r = parser_next(parser);
	if (r >= 0 && kind != NODE_DOT)
		r = parse_fields(parser, &node->names);
	if (r < 0)
		return r;
	*out = take_ptr(node);
	return 0;
}

/* Return: 1 with an operand, 0 when none begins here. */
static int parse_operand(struct parser *parser, struct node **out)
{
	int r;

	switch (parser->token.kind) {
	case TOKEN_DOT:
		r = parse_name(parser, NODE_DOT, out);
		break;
	case TOKEN_FIELD:
		r = parse_name(parser, NODE_FIELD, out);
		break;
	case TOKEN_VARIABLE:
		r = parse_name(parser, NODE_VARIABLE, out);
		break;
	case TOKEN_WORD:
		r = parse_word(parser, out);
		break;
	case TOKEN_LEFT:
		r = parse_parens(parser, out);
		break;
	case TOKEN_QUOTED:
	case TOKEN_RAW:
	case TOKEN_CHAR:
	case TOKEN_NUMBER:
		r = parse_literal(parser, out);
		break;
	default:
		return 0;
	}
	return r < 0 ? r : 1;
}

static int parse_command(struct parser *parser, struct node **out)
{
	AUTO(node) struct node *command = node_new(parser, NODE_COMMAND);
	struct node *operand = NULL;
	int r;

	while ((r = parse_operand(parser, &operand)) > 0)
		node_add(command, operand);
	if (r < 0)
		return r;
	if (!command->count)
		return parser_unexpected(parser, "a command");
	*out = take_ptr(command);
	return 0;
}

/* "$a :=", "$a, $b :=", "$a ="; what only looks like it is left unread. */
static int parse_declaration(struct parser *parser, struct node *pipe)
{
	const struct lexer lexer = parser->lexer;
	const struct token token = parser->token;
	AUTO(strv) struct strv names = { 0 };
	int r = 0;

	while (r >= 0 && parser->token.kind == TOKEN_VARIABLE) {
		strv_take(&names, parser_text(parser));
		r = parser_next(parser);
		if (r < 0 || parser->token.kind != TOKEN_COMMA)
			break;
		r = parser_next(parser);
	}
	if (r < 0)
		return r;
	bool declare = parser->token.kind == TOKEN_DECLARE;
	if (!names.count || (!declare && parser->token.kind != TOKEN_ASSIGN)) {
		parser->lexer = lexer;
		parser->token = token;
		return 0;
	}
	if (names.count > 2)
		return parser_unexpected(parser, "a declaration");
	pipe->assign = !declare;
	strv_extend(&pipe->names, &names);
	return parser_next(parser);
}

int pipe_parse(struct parser *parser, struct node **out)
{
	AUTO(node) struct node *pipe = node_new(parser, NODE_PIPE);
	struct node *command = NULL;
	int r = parse_declaration(parser, pipe);

	while (r >= 0) {
		r = parse_command(parser, &command);
		if (r < 0)
			break;
		node_add(pipe, command);
		if (parser->token.kind != TOKEN_PIPE) {
			*out = take_ptr(pipe);
			return 0;
		}
		r = parser_next(parser);
	}
	return r;
}
