/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_parse - a Go template as a tree
 *
 * One token is always read ahead. A list ends at {{end}}, at {{else}}, or with the text; who began
 * the list says which of them is right.
 */
#include "cli/template_parse.h"

#include <errno.h>

#include "base/mem.h"
#include "cli/template_literal.h"
#include "cli/template_parser.h"
#include "cli/template_pipe.h"

enum ending {
	ENDING_TEXT, /* of the whole text */
	ENDING_END,
	ENDING_ELSE,
};

static int parse_list(struct parser *parser, struct node **out, enum ending *out_ending);

/* The list of a body, which {{end}} must close. */
static int parse_body(struct parser *parser, struct node **out)
{
	AUTO(node) struct node *list = NULL;
	enum ending ending;
	int r = parse_list(parser, &list, &ending);

	if (r < 0)
		return r;
	if (ending != ENDING_END)
		return parser_unexpected(parser, "a body that {{end}} shall close");
	*out = take_ptr(list);
	return 0;
}

static int parse_control(struct parser *parser, enum node_kind kind, struct node **out);

/* What stands behind {{else}}: a list, or "if" and "with", whose {{end}} is this one too. */
static int parse_else(struct parser *parser, const struct node *control, struct node **out)
{
	const char *word = control->kind == NODE_IF ? "if" : "with";

	if (control->kind == NODE_RANGE || !parser_word(parser, word)) {
		int r = parser_expect(parser, TOKEN_CLOSE, "else");
		return r < 0 ? r : parse_body(parser, out);
	}
	AUTO(node) struct node *list = node_new(parser, NODE_LIST);
	struct node *chained = NULL;
	int r = parse_control(parser, control->kind, &chained);
	if (r < 0)
		return r;
	node_add(list, chained);
	*out = take_ptr(list);
	return 0;
}

/* The word itself (if, range, with) is the token that was read. */
static int parse_control(struct parser *parser, enum node_kind kind, struct node **out)
{
	AUTO(node) struct node *control = node_new(parser, kind);
	struct node *part = NULL;
	enum ending ending;
	int r = parser_deeper(parser);

	if (r >= 0)
		r = parser_next(parser);
	if (r >= 0)
		r = pipe_parse(parser, &part);
	if (r < 0)
		return r;
	node_add(control, part);
	if (part->names.count > 1 && kind != NODE_RANGE)
		return parser_unexpected(parser, "a declaration");
	r = parser_expect(parser, TOKEN_CLOSE, "an action");
	if (r < 0)
		return r;
	parser->loops += kind == NODE_RANGE;
	r = parse_list(parser, &part, &ending);
	parser->loops -= kind == NODE_RANGE;
	if (r < 0)
		return r;
	node_add(control, part);
	if (ending == ENDING_TEXT)
		return parser_unexpected(parser, "a body that {{end}} shall close");
	if (ending == ENDING_ELSE) {
		r = parse_else(parser, control, &part);
		if (r < 0)
			return r;
		node_add(control, part);
	}
	parser->depth--;
	*out = take_ptr(control);
	return 0;
}

/* "name" behind template, define and block. */
static int parse_title(struct parser *parser, char **out)
{
	cJSON *value = NULL;
	int r = parser_next(parser);

	if (r < 0)
		return r;
	if (parser->token.kind != TOKEN_QUOTED && parser->token.kind != TOKEN_RAW)
		return parser_unexpected(parser, "the name of a template");
	r = literal_read(&parser->token, &value, parser->err);
	if (r < 0)
		return r;
	*out = str_dup(cJSON_GetStringValue(value));
	cJSON_Delete(value);
	return parser_next(parser);
}

/* A later definition of a name takes the place of the earlier one. */
static void define(struct tree *tree, const char *name, struct node *body)
{
	for (size_t i = 0; i < tree->count; i++) {
		if (str_eq(tree->items[i].name, name)) {
			node_free(tree->items[i].body);
			tree->items[i].body = body;
			return;
		}
	}
	*vec_push(tree) = (struct definition){ .name = str_dup(name), .body = body };
}

static int parse_definition(struct parser *parser, const char *name)
{
	struct node *body = NULL;
	int loops = parser->loops;
	int r = parser_deeper(parser);

	if (r >= 0)
		r = parser_expect(parser, TOKEN_CLOSE, "a definition");
	parser->loops = 0;
	if (r >= 0)
		r = parse_body(parser, &body);
	parser->loops = loops;
	parser->depth--;
	if (r < 0)
		return r;
	define(parser->tree, name, body);
	return 0;
}

static int parse_define(struct parser *parser, unused_arg struct node **out)
{
	AUTO(mem) char *name = NULL;
	int r = parse_title(parser, &name);

	return r < 0 ? r : parse_definition(parser, name);
}

static int parse_use(struct parser *parser, bool block, struct node **out)
{
	AUTO(node) struct node *use = node_new(parser, NODE_TEMPLATE);
	struct node *pipe = NULL;
	int r = parse_title(parser, &use->name);

	if (r < 0)
		return r;
	if (block || parser->token.kind != TOKEN_CLOSE) {
		r = pipe_parse(parser, &pipe);
		if (r < 0)
			return r;
		node_add(use, pipe);
	}
	r = block ? parse_definition(parser, use->name)
		  : parser_expect(parser, TOKEN_CLOSE, "template");
	if (r < 0)
		return r;
	*out = take_ptr(use);
	return 0;
}

static int parse_template(struct parser *parser, struct node **out)
{
	return parse_use(parser, false, out);
}

static int parse_block(struct parser *parser, struct node **out)
{
	return parse_use(parser, true, out);
}

static int parse_jump(struct parser *parser, enum node_kind kind, struct node **out)
{
	if (!parser->loops)
		return parser_unexpected(parser, "a place outside range");
	struct node *jump = node_new(parser, kind);
	int r = parser_next(parser);
	if (r >= 0)
		r = parser_expect(parser, TOKEN_CLOSE, "break or continue");
	if (r < 0)
		node_free(jump);
	else
		*out = jump;
	return r;
}

static int parse_break(struct parser *parser, struct node **out)
{
	return parse_jump(parser, NODE_BREAK, out);
}

static int parse_continue(struct parser *parser, struct node **out)
{
	return parse_jump(parser, NODE_CONTINUE, out);
}

static int parse_if(struct parser *parser, struct node **out)
{
	return parse_control(parser, NODE_IF, out);
}

static int parse_range(struct parser *parser, struct node **out)
{
	return parse_control(parser, NODE_RANGE, out);
}

static int parse_with(struct parser *parser, struct node **out)
{
	return parse_control(parser, NODE_WITH, out);
}

static const struct {
	const char *word;
	int (*parse)(struct parser *parser, struct node **out);
} actions[] = {
	{ "if", parse_if },	  { "range", parse_range },
	{ "with", parse_with },	  { "template", parse_template },
	{ "block", parse_block }, { "define", parse_define },
	{ "break", parse_break }, { "continue", parse_continue },
};

/* The action whose first token was read; *out stays NULL when it only defines. */
static int parse_action(struct parser *parser, struct node **out)
{
	for (size_t i = 0; i < array_len(actions); i++)
		if (parser_word(parser, actions[i].word))
			return actions[i].parse(parser, out);
	AUTO(node) struct node *action = node_new(parser, NODE_ACTION);
	struct node *pipe = NULL;
	int r = pipe_parse(parser, &pipe);
	if (r < 0)
		return r;
	node_add(action, pipe);
	if (pipe->names.count > 1)
		return parser_unexpected(parser, "a declaration");
	r = parser_expect(parser, TOKEN_CLOSE, "an action");
	if (r < 0)
		return r;
	*out = take_ptr(action);
	return 0;
}

/* The text with \t and \n as typed in a shell's single quotes made real. */
static char *text_of(const struct parser *parser)
{
	char *text = parser_text(parser), *to = text;

	if (!parser->escapes)
		return text;
	for (const char *from = text; *from; from++) {
		bool escape = from[0] == '\\' && (from[1] == 't' || from[1] == 'n');
		*to++ = !escape ? *from : from[1] == 't' ? '\t' : '\n';
		from += escape;
	}
	*to = 0;
	return text;
}

/* Return: 1 when {{end}} or {{else}} ended the list; the token is then what follows. */
static int parse_ending(struct parser *parser, enum ending *out)
{
	bool end = parser_word(parser, "end");

	if (!end && !parser_word(parser, "else"))
		return 0;
	*out = end ? ENDING_END : ENDING_ELSE;
	int r = parser_next(parser);
	if (r >= 0 && end)
		r = parser_expect(parser, TOKEN_CLOSE, "end");
	return r < 0 ? r : 1;
}

static int parse_list(struct parser *parser, struct node **out, enum ending *out_ending)
{
	AUTO(node) struct node *list = node_new(parser, NODE_LIST);
	int r = 0;

	*out_ending = ENDING_TEXT;
	while (parser->token.kind != TOKEN_END) {
		struct node *node = NULL;
		if (parser->token.kind == TOKEN_TEXT) {
			node = node_new(parser, NODE_TEXT);
			node->name = text_of(parser);
			r = parser_next(parser);
		} else {
			r = parser_expect(parser, TOKEN_OPEN, "text");
			if (r >= 0)
				r = parse_ending(parser, out_ending);
			if (r > 0)
				break;
			if (r >= 0)
				r = parse_action(parser, &node);
		}
		if (node)
			node_add(list, node);
		if (r < 0)
			return r;
	}
	*out = take_ptr(list);
	return 0;
}

int tree_parse(const char *text, bool escapes, struct tree **out, struct err *err)
{
	AUTO(tree) struct tree *tree = mem_new(struct tree);
	struct parser parser = { .tree = tree, .escapes = escapes, .err = err };
	enum ending ending;

	lexer_begin(&parser.lexer, text);
	int r = parser_next(&parser);
	if (r >= 0)
		r = parse_list(&parser, &tree->body, &ending);
	if (r >= 0 && ending != ENDING_TEXT)
		r = err_set(err, -EINVAL, "template: line %d: {{%s}} without a beginning",
			    parser.token.line, ending == ENDING_END ? "end" : "else");
	if (r < 0)
		return r;
	*out = take_ptr(tree);
	return 0;
}
