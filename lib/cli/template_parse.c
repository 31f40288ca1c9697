/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_parse - a Go template as a tree
 *
 * One token is always read ahead. A list ends at {{end}}, at {{else}}, or with the text; who began
 * the list says which of them is right.
 */
#include "cli/template_parse.h"

#include <errno.h>
#include <stdio.h>

#include "base/mem.h"
#include "cli/template_func.h"
#include "cli/template_lex.h"
#include "cli/template_literal.h"

enum { PARSE_DEPTH = 100 };

enum ending {
	ENDING_TEXT, /* of the whole text */
	ENDING_END,
	ENDING_ELSE,
};

struct parser {
	struct lexer lexer;
	struct token token;
	struct tree *tree;
	bool escapes;
	int depth;
	int loops; /* range bodies around */
	struct err *err;
};

static void node_free(struct node *node)
{
	if (!node)
		return;
	for (size_t i = 0; i < node->count; i++)
		node_free(node->items[i]);
	free(node->items);
	free(node->name);
	strv_clear(&node->names);
	cJSON_Delete(node->value);
	free(node);
}

DEFINE_AUTO_PTR(node, struct node, node_free)

static struct node *node_new(const struct parser *parser, enum node_kind kind)
{
	struct node *node = mem_new(struct node);

	node->kind = kind;
	node->line = parser->token.line;
	return node;
}

static void node_add(struct node *node, struct node *kid)
{
	*vec_push(node) = kid;
}

static int unexpected(struct parser *parser, const char *where)
{
	const struct token *token = &parser->token;

	if (token->kind == TOKEN_END)
		return err_set(parser->err, -EINVAL, "template: line %d: unexpected end in %s",
			       token->line, where);
	return err_set(parser->err, -EINVAL, "template: line %d: unexpected '%.*s' in %s",
		       token->line, (int)token->length, token->at, where);
}

static int next(struct parser *parser)
{
	return lexer_next(&parser->lexer, &parser->token, parser->err);
}

static bool is_word(const struct parser *parser, const char *word)
{
	const struct token *token = &parser->token;

	return token->kind == TOKEN_WORD && token->length == strlen(word) &&
	       memcmp(token->at, word, token->length) == 0;
}

static char *token_text(const struct parser *parser)
{
	return str_ndup(parser->token.at, parser->token.length);
}

static int expect(struct parser *parser, enum token_kind kind, const char *where)
{
	if (parser->token.kind != kind)
		return unexpected(parser, where);
	return next(parser);
}

static int deeper(struct parser *parser)
{
	if (++parser->depth > PARSE_DEPTH)
		return err_set(parser->err, -EINVAL, "template: line %d: nested too deeply",
			       parser->token.line);
	return 0;
}

static int parse_pipe(struct parser *parser, struct node **out);

/* .A.B behind an operand, as far as nothing stands between. */
static int parse_fields(struct parser *parser, struct strv *names)
{
	while (parser->token.kind == TOKEN_FIELD && parser->token.glued) {
		strv_take(names, token_text(parser));
		int r = next(parser);
		if (r < 0)
			return r;
	}
	return 0;
}

static int parse_parens(struct parser *parser, struct node **out)
{
	AUTO(node) struct node *chain = node_new(parser, NODE_CHAIN);
	struct node *pipe = NULL;
	int r = deeper(parser);

	if (r >= 0)
		r = next(parser);
	if (r >= 0)
		r = parse_pipe(parser, &pipe);
	if (r < 0)
		return r;
	node_add(chain, pipe);
	if (pipe->names.count)
		return err_set(parser->err, -EINVAL,
			       "template: line %d: a variable cannot be set in parentheses",
			       pipe->line);
	r = expect(parser, TOKEN_RIGHT, "parentheses");
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
	bool yes = is_word(parser, "true"), nil = is_word(parser, "nil");
	AUTO(node) struct node *node = node_new(parser, NODE_LITERAL);

	if (yes || nil || is_word(parser, "false")) {
		node->value = nil ? cJSON_CreateNull() : cJSON_CreateBool(yes);
	} else {
		node->kind = NODE_FUNCTION;
		node->name = token_text(parser);
		if (!func_known(node->name))
			return err_set(parser->err, -EINVAL,
				       "template: line %d: function \"%s\" not defined", node->line,
				       node->name);
	}
	int r = next(parser);
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
		r = next(parser);
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
		strv_take(&node->names, token_text(parser));
	if (kind == NODE_VARIABLE)
		node->name = token_text(parser);
	int r = next(parser);
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
		return unexpected(parser, "a command");
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
		strv_take(&names, token_text(parser));
		r = next(parser);
		if (r < 0 || parser->token.kind != TOKEN_COMMA)
			break;
		r = next(parser);
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
		return unexpected(parser, "a declaration");
	pipe->assign = !declare;
	strv_extend(&pipe->names, &names);
	return next(parser);
}

static int parse_pipe(struct parser *parser, struct node **out)
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
		r = next(parser);
	}
	return r;
}

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
		return unexpected(parser, "a body that {{end}} shall close");
	*out = take_ptr(list);
	return 0;
}

static int parse_control(struct parser *parser, enum node_kind kind, struct node **out);

/* What stands behind {{else}}: a list, or "if" and "with", whose {{end}} is this one too. */
static int parse_else(struct parser *parser, const struct node *control, struct node **out)
{
	const char *word = control->kind == NODE_IF ? "if" : "with";

	if (control->kind == NODE_RANGE || !is_word(parser, word)) {
		int r = expect(parser, TOKEN_CLOSE, "else");
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
	int r = deeper(parser);

	if (r >= 0)
		r = next(parser);
	if (r >= 0)
		r = parse_pipe(parser, &part);
	if (r < 0)
		return r;
	node_add(control, part);
	if (part->names.count > 1 && kind != NODE_RANGE)
		return unexpected(parser, "a declaration");
	r = expect(parser, TOKEN_CLOSE, "an action");
	if (r < 0)
		return r;
	parser->loops += kind == NODE_RANGE;
	r = parse_list(parser, &part, &ending);
	parser->loops -= kind == NODE_RANGE;
	if (r < 0)
		return r;
	node_add(control, part);
	if (ending == ENDING_TEXT)
		return unexpected(parser, "a body that {{end}} shall close");
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
	int r = next(parser);

	if (r < 0)
		return r;
	if (parser->token.kind != TOKEN_QUOTED && parser->token.kind != TOKEN_RAW)
		return unexpected(parser, "the name of a template");
	r = literal_read(&parser->token, &value, parser->err);
	if (r < 0)
		return r;
	*out = str_dup(cJSON_GetStringValue(value));
	cJSON_Delete(value);
	return next(parser);
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
	int r = deeper(parser);

	if (r >= 0)
		r = expect(parser, TOKEN_CLOSE, "a definition");
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
		r = parse_pipe(parser, &pipe);
		if (r < 0)
			return r;
		node_add(use, pipe);
	}
	r = block ? parse_definition(parser, use->name) : expect(parser, TOKEN_CLOSE, "template");
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
		return unexpected(parser, "a place outside range");
	struct node *jump = node_new(parser, kind);
	int r = next(parser);
	if (r >= 0)
		r = expect(parser, TOKEN_CLOSE, "break or continue");
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
		if (is_word(parser, actions[i].word))
			return actions[i].parse(parser, out);
	AUTO(node) struct node *action = node_new(parser, NODE_ACTION);
	struct node *pipe = NULL;
	int r = parse_pipe(parser, &pipe);
	if (r < 0)
		return r;
	node_add(action, pipe);
	if (pipe->names.count > 1)
		return unexpected(parser, "a declaration");
	r = expect(parser, TOKEN_CLOSE, "an action");
	if (r < 0)
		return r;
	*out = take_ptr(action);
	return 0;
}

/* The text with \t and \n as typed in a shell's single quotes made real. */
static char *text_of(const struct parser *parser)
{
	char *text = token_text(parser), *to = text;

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
	bool end = is_word(parser, "end");

	if (!end && !is_word(parser, "else"))
		return 0;
	*out = end ? ENDING_END : ENDING_ELSE;
	int r = next(parser);
	if (r >= 0 && end)
		r = expect(parser, TOKEN_CLOSE, "end");
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
			r = next(parser);
		} else {
			r = expect(parser, TOKEN_OPEN, "text");
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

void tree_free(struct tree *tree)
{
	if (!tree)
		return;
	node_free(tree->body);
	for (size_t i = 0; i < tree->count; i++) {
		free(tree->items[i].name);
		node_free(tree->items[i].body);
	}
	free(tree->items);
	free(tree);
}

int tree_parse(const char *text, bool escapes, struct tree **out, struct err *err)
{
	AUTO(tree) struct tree *tree = mem_new(struct tree);
	struct parser parser = { .tree = tree, .escapes = escapes, .err = err };
	enum ending ending;

	lexer_begin(&parser.lexer, text);
	int r = next(&parser);
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
