/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_func - the functions of templates: Go's, and those docker and podman add
 *
 * Functions on texts are in template_text.c; here are the table, comparisons, and what takes lists
 * and objects apart.
 */
#include "cli/template_func.h"

#include <errno.h>

#include "base/mem.h"
#include "cli/template_text.h"

static int wrong(struct err *err, const char *what)
{
	return err_set(err, -EINVAL, "%s", what);
}

static const cJSON *truth(struct func *func, bool yes)
{
	return arena_keep(func->arena, cJSON_CreateBool(yes));
}

static int do_and(struct func *func, const cJSON **out)
{
	size_t i = 0;

	while (i + 1 < func->count && value_true(func->args[i]))
		i++;
	*out = func->args[i];
	return 0;
}

static int do_or(struct func *func, const cJSON **out)
{
	size_t i = 0;

	while (i + 1 < func->count && !value_true(func->args[i]))
		i++;
	*out = func->args[i];
	return 0;
}

static int do_not(struct func *func, const cJSON **out)
{
	*out = truth(func, !value_true(func->args[0]));
	return 0;
}

static int kind_of(const cJSON *value)
{
	return cJSON_IsBool(value) ? 1 : cJSON_IsNumber(value) ? 2 : cJSON_IsString(value) ? 3 : 0;
}

static int equal(struct func *func, const cJSON *a, const cJSON *b, bool *out)
{
	if (value_nil(a) || value_nil(b)) {
		*out = value_nil(a) && value_nil(b);
		return 0;
	}
	int kind = kind_of(a);
	if (!kind || !kind_of(b))
		return wrong(func->err, "non-comparable type");
	if (kind != kind_of(b))
		return wrong(func->err, "incompatible types for comparison");
	*out = kind == 1   ? cJSON_IsTrue(a) == cJSON_IsTrue(b)
	       : kind == 2 ? a->valuedouble == b->valuedouble
			   : str_eq(a->valuestring, b->valuestring);
	return 0;
}

static int do_eq(struct func *func, const cJSON **out)
{
	bool same = false;

	for (size_t i = 1; i < func->count && !same; i++) {
		int r = equal(func, func->args[0], func->args[i], &same);
		if (r < 0)
			return r;
	}
	*out = truth(func, same);
	return 0;
}

static int do_ne(struct func *func, const cJSON **out)
{
	bool same = false;
	int r = equal(func, func->args[0], func->args[1], &same);

	if (r >= 0)
		*out = truth(func, !same);
	return r;
}

/* Negative, zero or positive as with strcmp(). */
static int order(struct func *func, int *out)
{
	const cJSON *a = func->args[0], *b = func->args[1];
	int kind = kind_of(a);

	if (kind < 2 || kind != kind_of(b))
		return wrong(func->err, kind == kind_of(b) ? "invalid type for comparison"
							   : "incompatible types for comparison");
	*out = kind == 3			 ? strcmp(a->valuestring, b->valuestring)
	       : a->valuedouble < b->valuedouble ? -1
						 : a->valuedouble > b->valuedouble;
	return 0;
}

#define DEFINE_ORDER(name, sign)                                                                   \
	static int do_##name(struct func *func, const cJSON **out)                                 \
	{                                                                                          \
		int way = 0;                                                                       \
		int r = order(func, &way);                                                         \
                                                                                                   \
		if (r >= 0)                                                                        \
			*out = truth(func, way sign 0);                                            \
		return r;                                                                          \
	}

DEFINE_ORDER(lt, <)
DEFINE_ORDER(le, <=)
DEFINE_ORDER(gt, >)
DEFINE_ORDER(ge, >=)

static int do_len(struct func *func, const cJSON **out)
{
	long n = value_length(func->args[0]);

	if (n < 0)
		return wrong(func->err, "it takes a text, a list or an object");
	*out = arena_keep(func->arena, cJSON_CreateNumber((double)n));
	return 0;
}

/* A whole number from 0 to a limit. */
static int read_index(struct func *func, const cJSON *value, long limit, long *out)
{
	if (!cJSON_IsNumber(value) || !value_whole(value->valuedouble))
		return wrong(func->err, "cannot index with anything but a whole number");
	if (value->valuedouble < 0 || value->valuedouble > (double)limit)
		return wrong(func->err, "index out of range");
	*out = (long)value->valuedouble;
	return 0;
}

/* What is not in a map is the zero value of its kind of values. */
static const cJSON *zero_of(struct func *func, const cJSON *map)
{
	return !map->child || cJSON_IsString(map->child) ? arena_text(func->arena, "") : NULL;
}

static int index_one(struct func *func, const cJSON *from, const cJSON *at, const cJSON **out)
{
	long n = value_length(from), i = 0;

	if (value_nil(from))
		return wrong(func->err, "index of nothing");
	if (cJSON_IsObject(from)) {
		if (!cJSON_IsString(at))
			return wrong(func->err, "an object is indexed with a text");
		*out = json_get(from, at->valuestring);
		if (!*out)
			*out = zero_of(func, from);
		return 0;
	}
	if (n < 0)
		return wrong(func->err, "can't index this kind of value");
	int r = read_index(func, at, n - 1, &i);
	if (r < 0)
		return r;
	*out = cJSON_IsArray(from)
		       ? cJSON_GetArrayItem(from, (int)i)
		       : arena_keep(func->arena,
				    cJSON_CreateNumber((unsigned char)from->valuestring[i]));
	return 0;
}

static int do_index(struct func *func, const cJSON **out)
{
	const cJSON *value = func->args[0];

	for (size_t i = 1; i < func->count; i++) {
		int r = index_one(func, value, func->args[i], &value);
		if (r < 0)
			return r;
	}
	*out = value;
	return 0;
}

static const cJSON *part_of(struct func *func, const cJSON *whole, long from, long to)
{
	if (cJSON_IsString(whole)) {
		AUTO(mem) char *text = str_ndup(whole->valuestring + from, (size_t)(to - from));
		return arena_text(func->arena, text);
	}
	cJSON *list = cJSON_CreateArray();
	for (long i = from; i < to; i++)
		cJSON_AddItemToArray(list,
				     cJSON_Duplicate(cJSON_GetArrayItem(whole, (int)i), true));
	return arena_keep(func->arena, list);
}

static int do_slice(struct func *func, const cJSON **out)
{
	const cJSON *whole = func->args[0];
	long n = value_length(whole), bounds[3] = { 0, n, n };

	if (n < 0 || cJSON_IsObject(whole))
		return wrong(func->err, "can't slice this kind of value");
	for (size_t i = 1; i < func->count; i++) {
		int r = read_index(func, func->args[i], n, &bounds[i - 1]);
		if (r < 0)
			return r;
	}
	if (bounds[0] > bounds[1] || bounds[1] > bounds[2])
		return wrong(func->err, "invalid slice index");
	*out = part_of(func, whole, bounds[0], bounds[1]);
	return 0;
}

static int do_json(struct func *func, const cJSON **out)
{
	AUTO(json) cJSON *shown = value_shown(func->args[0]);
	AUTO(mem) char *text = json_print_text(shown);

	*out = arena_text(func->arena, text);
	return 0;
}

static int do_call(struct func *func, unused_arg const cJSON **out)
{
	return wrong(func->err, "no value here is a function");
}

static const struct {
	const char *name;
	func_run *run;
	size_t min, max;
} functions[] = {
	{ "and", do_and, 1, SIZE_MAX },
	{ "call", do_call, 1, SIZE_MAX },
	{ "eq", do_eq, 2, SIZE_MAX },
	{ "ge", do_ge, 2, 2 },
	{ "gt", do_gt, 2, 2 },
	{ "html", text_html, 1, SIZE_MAX },
	{ "index", do_index, 1, SIZE_MAX },
	{ "join", text_join, 2, 2 },
	{ "js", text_js, 1, SIZE_MAX },
	{ "json", do_json, 1, 1 },
	{ "le", do_le, 2, 2 },
	{ "len", do_len, 1, 1 },
	{ "lower", text_lower, 1, 1 },
	{ "lt", do_lt, 2, 2 },
	{ "ne", do_ne, 2, 2 },
	{ "not", do_not, 1, 1 },
	{ "or", do_or, 1, SIZE_MAX },
	{ "pad", text_pad, 3, 3 },
	{ "print", text_print, 0, SIZE_MAX },
	{ "printf", text_printf, 1, SIZE_MAX },
	{ "println", text_println, 0, SIZE_MAX },
	{ "slice", do_slice, 1, 4 },
	{ "split", text_split, 2, 2 },
	{ "title", text_title, 1, 1 },
	{ "truncate", text_truncate, 2, 2 },
	{ "upper", text_upper, 1, 1 },
	{ "urlquery", text_urlquery, 1, SIZE_MAX },
};

static int find(const char *name)
{
	for (size_t i = 0; i < array_len(functions); i++)
		if (str_eq(functions[i].name, name))
			return (int)i;
	return -1;
}

bool func_known(const char *name)
{
	return find(name) >= 0;
}

int func_call(const char *name, const cJSON *const *args, size_t count, struct arena *arena,
	      const cJSON **out, struct err *err)
{
	struct func func = { .args = args, .count = count, .arena = arena, .err = err };
	int at = find(name);

	bug_unless(at >= 0);
	if (count < functions[at].min || count > functions[at].max)
		return err_set(err, -EINVAL, "template: wrong number of arguments for %s: %zu",
			       name, count);
	int r = functions[at].run(&func, out);
	return r < 0 ? err_wrap(err, "template: error calling %s", name) : 0;
}
