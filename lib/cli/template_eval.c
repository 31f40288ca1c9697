/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_eval - running the tree of a template
 *
 * Statements return 0, a negative errno, or a jump out of the innermost range. Values are borrowed
 * from the document or kept by the arena until the end. Variables are a stack: a body drops those
 * that it declared.
 */
#include "cli/template_eval.h"

#include <errno.h>

#include "base/mem.h"
#include "cli/template_func.h"
#include "cli/template_value.h"

enum jump {
	JUMP_BREAK = 1,
	JUMP_CONTINUE,
};

enum { MAX_ARGS = 64 };

struct variable {
	const char *name; /* with its $; belongs to the tree */
	const cJSON *value;
};

struct eval {
	const struct eval_input *input;
	FILE *to;
	struct err *err;
	struct arena arena;
	const cJSON *dot;
	struct variable *items; /* a stack */
	size_t count;
	size_t room;
	size_t floor; /* of the template that runs: what lies below belongs to its user */
	long steps;
	int depth;
};

static int eval_pipe(struct eval *eval, const struct node *pipe, const cJSON **out);
static int run_node(struct eval *eval, const struct node *node);

static bool is_map(const struct eval *eval, const cJSON *object)
{
	return value_in_words(eval->input->maps, str_or(object->string, ""));
}

static void push(struct eval *eval, const char *name, const cJSON *value)
{
	if (eval->count == eval->room) {
		eval->room = max_of(eval->room * 2, (size_t)16);
		eval->items = mem_resize(eval->items, eval->room, sizeof *eval->items);
	}
	eval->items[eval->count++] = (struct variable){ name, value };
}

static struct variable *find_variable(struct eval *eval, const char *name)
{
	for (size_t i = eval->count; i > eval->floor; i--)
		if (str_eq(eval->items[i - 1].name, name))
			return &eval->items[i - 1];
	return NULL;
}

static int unknown_field(struct eval *eval, const cJSON *object, const char *name)
{
	AUTO(strv) struct strv known = { 0 };
	const cJSON *member;

	cJSON_ArrayForEach(member, object) if (!value_hidden(member))
		strv_add(&known, member->string);
	AUTO(mem) char *list = str_join(&known, ", ");
	err_set(eval->err, -EINVAL, "template: can't evaluate field %s: there is no such field",
		name);
	return err_hint(eval->err, "known fields: %s", list);
}

/* A member, or one hidden by "()" behind its name. */
static const cJSON *member_of(const cJSON *object, const char *name)
{
	const cJSON *member = json_get(object, name);

	if (member)
		return member;
	AUTO(mem) char *hidden = str_fmt("%s()", name);
	return json_get(object, hidden);
}

static int eval_field(struct eval *eval, const cJSON *from, const char *name, const cJSON **out)
{
	if (value_nil(from)) {
		/* In a map's missing member everything is missing; a struct would have it. */
		*out = NULL;
		return 0;
	}
	if (!cJSON_IsObject(from))
		return err_set(eval->err, -EINVAL,
			       "template: can't evaluate field %s: the value has no fields", name);
	*out = member_of(from, name);
	if (*out || is_map(eval, from) || value_in_words(eval->input->optional, name))
		return 0;
	return unknown_field(eval, from, name);
}

static int eval_fields(struct eval *eval, const cJSON *from, const struct strv *names,
		       const cJSON **out)
{
	for (size_t i = 0; i < names->count; i++) {
		int r = eval_field(eval, from, names->items[i], &from);
		if (r < 0)
			return r;
	}
	*out = from;
	return 0;
}

static int eval_variable(struct eval *eval, const struct node *node, const cJSON **out)
{
	const struct variable *variable = find_variable(eval, node->name);

	if (!variable)
		return err_set(eval->err, -EINVAL, "template: line %d: undefined variable \"%s\"",
			       node->line, node->name);
	return eval_fields(eval, variable->value, &node->names, out);
}

static int call_function(struct eval *eval, const char *name, const cJSON *const *args,
			 size_t count, const cJSON **out)
{
	static const char kept[] = "json lower upper title truncate";

	/* Headings are headings whatever is done to the cells below. */
	if (eval->input->header && count && value_in_words(kept, name)) {
		*out = args[0];
		return 0;
	}
	return func_call(name, args, count, &eval->arena, out, eval->err);
}

static int eval_operand(struct eval *eval, const struct node *node, const cJSON **out)
{
	int r;

	switch (node->kind) {
	case NODE_DOT:
		*out = eval->dot;
		return 0;
	case NODE_LITERAL:
		*out = node->value;
		return 0;
	case NODE_FIELD:
		return eval_fields(eval, eval->dot, &node->names, out);
	case NODE_VARIABLE:
		return eval_variable(eval, node, out);
	case NODE_FUNCTION:
		return call_function(eval, node->name, NULL, 0, out);
	default:
		bug_unless(node->kind == NODE_CHAIN);
		r = eval_pipe(eval, node->items[0], out);
		return r < 0 ? r : eval_fields(eval, *out, &node->names, out);
	}
}

/* .Label "k": a field with an argument is a map that is asked for a key. */
static int call_field(struct eval *eval, const struct node *node, const cJSON *const *args,
		      size_t count, const cJSON **out)
{
	const char *name = node->names.items[node->names.count - 1];
	struct strv before = { .items = node->names.items, .count = node->names.count - 1 };
	const cJSON *from = eval->dot;
	int r = eval_fields(eval, from, &before, &from);

	if (r < 0)
		return r;
	AUTO(mem) char *hidden = str_fmt("%s()", name);
	const cJSON *map = json_get(from, hidden);
	if (!map || count != 1 || !cJSON_IsString(args[0]))
		return err_set(eval->err, -EINVAL, "template: .%s %s", name,
			       map ? "takes one text" : "takes no arguments");
	*out = eval->input->header ? args[0] : json_get(map, args[0]->valuestring);
	if (!*out)
		*out = arena_text(&eval->arena, "");
	return 0;
}

/* "and" and "or" look at their arguments only as far as they must. */
static int eval_lazily(struct eval *eval, const struct node *command, const cJSON *last,
		       const cJSON **out)
{
	bool want = str_eq(command->items[0]->name, "or");
	const cJSON *value = NULL;

	for (size_t i = 1; i < command->count; i++) {
		int r = eval_operand(eval, command->items[i], &value);
		if (r < 0)
			return r;
		if (value_true(value) == want) {
			*out = value;
			return 0;
		}
	}
	*out = last ? last : value;
	return 0;
}

/* last is what came through the pipe, if piped. */
static int eval_command(struct eval *eval, const struct node *command, const cJSON *last,
			bool piped, const cJSON **out)
{
	const struct node *first = command->items[0];
	const cJSON *args[MAX_ARGS];
	size_t count = 0;
	bool function = first->kind == NODE_FUNCTION;

	if (function && command->count > 1 &&
	    (str_eq(first->name, "and") || str_eq(first->name, "or")))
		return eval_lazily(eval, command, last, out);
	for (size_t i = 1; i < command->count && i < MAX_ARGS - 1; i++) {
		int r = eval_operand(eval, command->items[i], &args[count++]);
		if (r < 0)
			return r;
	}
	if (command->count >= MAX_ARGS)
		return err_set(eval->err, -E2BIG, "template: line %d: too many arguments",
			       command->line);
	if (piped)
		args[count++] = last;
	if (function)
		return call_function(eval, first->name, args, count, out);
	if (!count)
		return eval_operand(eval, first, out);
	if (first->kind == NODE_FIELD)
		return call_field(eval, first, args, count, out);
	return err_set(eval->err, -EINVAL,
		       "template: line %d: can't give an argument to what is no function",
		       first->line);
}

static int set_variables(struct eval *eval, const struct node *pipe, const cJSON *value)
{
	for (size_t i = 0; i < pipe->names.count; i++) {
		const char *name = pipe->names.items[i];
		struct variable *variable = pipe->assign ? find_variable(eval, name) : NULL;
		if (variable)
			variable->value = value;
		else if (pipe->assign)
			return err_set(eval->err, -EINVAL,
				       "template: line %d: undefined variable \"%s\"", pipe->line,
				       name);
		else
			push(eval, name, value);
	}
	return 0;
}

/* The value alone; what it sets is the caller's to do. */
static int eval_value(struct eval *eval, const struct node *pipe, const cJSON **out)
{
	const cJSON *value = NULL;

	if (++eval->steps > eval->input->max_steps)
		return err_set(eval->err, -E2BIG, "template: it takes too many steps");
	for (size_t i = 0; i < pipe->count; i++) {
		int r = eval_command(eval, pipe->items[i], value, i > 0, &value);
		if (r < 0)
			return r;
	}
	*out = value;
	return 0;
}

static int eval_pipe(struct eval *eval, const struct node *pipe, const cJSON **out)
{
	int r = eval_value(eval, pipe, out);

	return r < 0 ? r : set_variables(eval, pipe, *out);
}

static int check_output(struct eval *eval)
{
	if (ftell(eval->to) <= eval->input->max_output)
		return 0;
	return err_set(eval->err, -E2BIG, "template: it prints too much");
}

static int run_action(struct eval *eval, const struct node *node)
{
	const struct node *pipe = node->items[0];
	const cJSON *value = NULL;
	int r = eval_pipe(eval, pipe, &value);

	if (r < 0 || pipe->names.count)
		return r;
	value_print_as(value, "<no value>", eval->input->maps, eval->to);
	return check_output(eval);
}

static int run_list(struct eval *eval, const struct node *list)
{
	int r = 0;

	for (size_t i = 0; list && i < list->count && r == 0; i++)
		r = run_node(eval, list->items[i]);
	return r;
}

static const struct node *else_of(const struct node *node)
{
	return node->count > 2 ? node->items[2] : NULL;
}

static int run_branch(struct eval *eval, const struct node *node)
{
	const size_t mark = eval->count;
	const cJSON *dot = eval->dot, *value = NULL;
	int r = eval_pipe(eval, node->items[0], &value);

	if (r < 0)
		return r;
	bool yes = value_true(value);
	if (yes && node->kind == NODE_WITH)
		eval->dot = value;
	r = run_list(eval, yes ? node->items[1] : else_of(node));
	eval->dot = dot;
	eval->count = mark;
	return r;
}

static int run_round(struct eval *eval, const struct node *node, const cJSON *key,
		     const cJSON *value)
{
	const struct node *pipe = node->items[0];
	const size_t mark = eval->count;
	const cJSON *values[2] = { pipe->names.count == 2 ? key : value, value };

	for (size_t i = 0; i < min_of(pipe->names.count, array_len(values)); i++) {
		struct variable *old = pipe->assign ? find_variable(eval, pipe->names.items[i])
						    : NULL;
		if (old)
			old->value = values[i];
		else
			push(eval, pipe->names.items[i], values[i]);
	}
	if (++eval->steps > eval->input->max_steps)
		return err_set(eval->err, -E2BIG, "template: it takes too many steps");
	eval->dot = value;
	int r = run_list(eval, node->items[1]);
	eval->count = mark;
	return r == JUMP_CONTINUE ? 0 : r;
}

static const cJSON *number(struct eval *eval, long n)
{
	return arena_keep(&eval->arena, cJSON_CreateNumber((double)n));
}

static int range_list(struct eval *eval, const struct node *node, const cJSON *list)
{
	const cJSON *item;
	long i = 0;
	int r = 0;

	cJSON_ArrayForEach(item, list) if ((r = run_round(eval, node, number(eval, i++), item)) !=
					   0) break;
	return r;
}

static int range_object(struct eval *eval, const struct node *node, const cJSON *object)
{
	size_t count;
	AUTO(mem) const cJSON **members = value_sorted(object, &count);
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++)
		r = run_round(eval, node, arena_text(&eval->arena, members[i]->string), members[i]);
	return r;
}

static int range_number(struct eval *eval, const struct node *node, const cJSON *limit)
{
	int r = 0;

	for (long i = 0; i < (long)limit->valuedouble && r == 0; i++) {
		const cJSON *n = number(eval, i);
		r = run_round(eval, node, n, n);
	}
	return r;
}

static int run_range(struct eval *eval, const struct node *node)
{
	const cJSON *dot = eval->dot, *value = NULL;
	int r = eval_value(eval, node->items[0], &value);

	if (r < 0)
		return r;
	bool number_given = cJSON_IsNumber(value) && value_whole(value->valuedouble);
	if (!value_nil(value) && !cJSON_IsArray(value) && !cJSON_IsObject(value) && !number_given)
		return err_set(eval->err, -EINVAL, "template: line %d: range can't iterate over it",
			       node->line);
	if (!value_true(value) || (number_given && value->valuedouble < 1))
		return run_list(eval, else_of(node));
	r = cJSON_IsArray(value)    ? range_list(eval, node, value)
	    : cJSON_IsObject(value) ? range_object(eval, node, value)
				    : range_number(eval, node, value);
	eval->dot = dot;
	return r == JUMP_BREAK ? 0 : r;
}

static const struct node *find_definition(const struct tree *tree, const char *name)
{
	for (size_t i = 0; i < tree->count; i++)
		if (str_eq(tree->items[i].name, name))
			return tree->items[i].body;
	return NULL;
}

static int run_template(struct eval *eval, const struct node *node)
{
	const struct node *body = find_definition(eval->input->tree, node->name);
	const cJSON *dot = eval->dot, *value = NULL;
	const size_t mark = eval->count, floor = eval->floor;
	int r = 0;

	if (!body)
		return err_set(eval->err, -EINVAL, "template: line %d: template \"%s\" not defined",
			       node->line, node->name);
	if (++eval->depth > eval->input->max_depth)
		return err_set(eval->err, -E2BIG, "template: templates use each other too deeply");
	if (node->count)
		r = eval_pipe(eval, node->items[0], &value);
	if (r < 0)
		return r;
	eval->floor = eval->count;
	push(eval, "$", value);
	eval->dot = value;
	r = run_list(eval, body);
	eval->dot = dot;
	eval->count = mark;
	eval->floor = floor;
	eval->depth--;
	return r;
}

static int run_node(struct eval *eval, const struct node *node)
{
	switch (node->kind) {
	case NODE_TEXT:
		fputs(node->name, eval->to);
		return check_output(eval);
	case NODE_ACTION:
		return run_action(eval, node);
	case NODE_IF:
	case NODE_WITH:
		return run_branch(eval, node);
	case NODE_RANGE:
		return run_range(eval, node);
	case NODE_TEMPLATE:
		return run_template(eval, node);
	case NODE_BREAK:
		return JUMP_BREAK;
	case NODE_CONTINUE:
		return JUMP_CONTINUE;
	default:
		bug_unless(node->kind == NODE_LIST);
		return run_list(eval, node);
	}
}

int eval_run(const struct eval_input *input, FILE *to, struct err *err)
{
	struct eval eval = { .input = input, .to = to, .err = err, .dot = input->document };

	push(&eval, "$", input->document);
	int r = run_list(&eval, input->tree->body);
	arena_clear(&eval.arena);
	free(eval.items);
	return r;
}
