/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_text - the functions of templates that make texts
 *
 * Letters beyond ASCII keep their case: no locale is loaded.
 */
#include "cli/template_text.h"

#include <ctype.h>
#include <errno.h>

#include "base/mem.h"
#include "cli/template_printf.h"

/* A text in the making. */
struct text {
	char *bytes;
	size_t size;
	FILE *to;
};

static void text_begin(struct text *text)
{
	*text = (struct text){ 0 };
	text->to = open_memstream(&text->bytes, &text->size);
	bug_unless(text->to);
}

static int text_end(struct text *text, struct func *func, const cJSON **out)
{
	bug_unless(fclose(text->to) == 0);
	*out = arena_text(func->arena, text->bytes);
	free(text->bytes);
	return 0;
}

/* As Go's Sprint: a space between operands when neither is a text. */
static void sprint(const struct func *func, bool lines, FILE *to)
{
	for (size_t i = 0; i < func->count; i++) {
		bool texts = i > 0 &&
			     (cJSON_IsString(func->args[i]) || cJSON_IsString(func->args[i - 1]));
		if (i > 0 && (lines || !texts))
			fputc(' ', to);
		value_print(func->args[i], "<nil>", to);
	}
	if (lines)
		fputc('\n', to);
}

int text_print(struct func *func, const cJSON **out)
{
	struct text text;

	text_begin(&text);
	sprint(func, false, text.to);
	return text_end(&text, func, out);
}

int text_println(struct func *func, const cJSON **out)
{
	struct text text;

	text_begin(&text);
	sprint(func, true, text.to);
	return text_end(&text, func, out);
}

/* The n-th argument, which must be a text; NULL with the error set. */
static const char *text_arg(struct func *func, size_t n)
{
	if (cJSON_IsString(func->args[n]))
		return func->args[n]->valuestring;
	err_set(func->err, -EINVAL, "argument %zu must be a text", n + 1);
	return NULL;
}

/* The n-th argument, which must be a whole number; -1 with the error set. */
static int count_arg(struct func *func, size_t n)
{
	const cJSON *arg = func->args[n];

	if (cJSON_IsNumber(arg) && arg->valuedouble >= 0 && arg->valuedouble <= PRINTF_MAX_WIDTH &&
	    value_whole(arg->valuedouble))
		return (int)arg->valuedouble;
	err_set(func->err, -EINVAL, "argument %zu must be a number from 0 to %d", n + 1,
		PRINTF_MAX_WIDTH);
	return -1;
}

int text_printf(struct func *func, const cJSON **out)
{
	const char *format = text_arg(func, 0);
	struct text text;

	if (!format)
		return -EINVAL;
	text_begin(&text);
	printf_print(format, func->args + 1, func->count - 1, text.to);
	return text_end(&text, func, out);
}

typedef void escape_one(const char *at, FILE *to);

static int escape(struct func *func, escape_one *one, const cJSON **out)
{
	struct text plain, text;

	text_begin(&plain);
	sprint(func, false, plain.to);
	bug_unless(fclose(plain.to) == 0);
	text_begin(&text);
	for (const char *p = plain.bytes; *p; p++)
		one(p, text.to);
	free(plain.bytes);
	return text_end(&text, func, out);
}

static void escape_html(const char *at, FILE *to)
{
	static const char from[] = "&<>\"'";
	static const char *const entities[] = { "&amp;", "&lt;", "&gt;", "&#34;", "&#39;" };
	const char *special = strchr(from, *at);

	if (special)
		fputs(entities[special - from], to);
	else
		fputc(*at, to);
}

static void escape_js(const char *at, FILE *to)
{
	if (strchr("\\'\"", *at))
		fprintf(to, "\\%c", *at);
	else if (strchr("<>&=", *at) || ((unsigned char)*at < 0x20))
		fprintf(to, "\\u%04X", (unsigned char)*at);
	else
		fputc(*at, to);
}

static void escape_url(const char *at, FILE *to)
{
	if (isalnum((unsigned char)*at) || strchr("-_.~", *at))
		fputc(*at, to);
	else if (*at == ' ')
		fputc('+', to);
	else
		fprintf(to, "%%%02X", (unsigned char)*at);
}

int text_html(struct func *func, const cJSON **out)
{
	return escape(func, escape_html, out);
}

int text_js(struct func *func, const cJSON **out)
{
	return escape(func, escape_js, out);
}

int text_urlquery(struct func *func, const cJSON **out)
{
	return escape(func, escape_url, out);
}

/* Letters changed one by one; first is true at the beginning of a word. */
static int change(struct func *func, int (*way)(int c, bool first), const cJSON **out)
{
	const char *text = text_arg(func, 0);
	bool first = true;

	if (!text)
		return -EINVAL;
	AUTO(mem) char *copy = str_dup(text);
	for (char *p = copy; *p; p++) {
		bool letter = isalnum((unsigned char)*p) || *p == '_' || *p == '\'' || *p & 0x80;
		*p = (char)way((unsigned char)*p, first);
		first = !letter;
	}
	*out = arena_text(func->arena, copy);
	return 0;
}

static int to_lower(int c, unused_arg bool first)
{
	return tolower(c);
}

static int to_upper(int c, unused_arg bool first)
{
	return toupper(c);
}

static int to_title(int c, bool first)
{
	return first ? toupper(c) : c;
}

int text_lower(struct func *func, const cJSON **out)
{
	return change(func, to_lower, out);
}

int text_upper(struct func *func, const cJSON **out)
{
	return change(func, to_upper, out);
}

int text_title(struct func *func, const cJSON **out)
{
	return change(func, to_title, out);
}

int text_join(struct func *func, const cJSON **out)
{
	const char *separator = text_arg(func, 1);
	const cJSON *item;
	struct text text;

	if (!separator)
		return -EINVAL;
	if (!value_nil(func->args[0]) && !cJSON_IsArray(func->args[0]))
		return err_set(func->err, -EINVAL, "argument 1 must be a list");
	text_begin(&text);
	cJSON_ArrayForEach(item, func->args[0])
	{
		value_print(item, "<nil>", text.to);
		if (item->next)
			fputs(separator, text.to);
	}
	return text_end(&text, func, out);
}

/* One item for each character when the separator is empty, as Go's Split. */
static const char *part_end(const char *at, const char *separator)
{
	if (*separator)
		return strstr(at, separator);
	for (at++; (*at & 0xc0) == 0x80;)
		at++;
	return *at ? at : NULL;
}

int text_split(struct func *func, const cJSON **out)
{
	const char *at = text_arg(func, 0), *separator = text_arg(func, 1);

	if (!at || !separator)
		return -EINVAL;
	cJSON *list = cJSON_CreateArray();
	*out = arena_keep(func->arena, list);
	if (!*at && !*separator)
		return 0;
	for (;;) {
		const char *end = part_end(at, separator);
		AUTO(mem) char *part = end ? str_ndup(at, (size_t)(end - at)) : str_dup(at);
		cJSON_AddItemToArray(list, cJSON_CreateString(part));
		if (!end)
			return 0;
		at = end + strlen(separator);
	}
}

int text_pad(struct func *func, const cJSON **out)
{
	const char *inner = text_arg(func, 0);
	int before = inner ? count_arg(func, 1) : -1;
	int after = before >= 0 ? count_arg(func, 2) : -1;
	struct text text;

	if (after < 0)
		return -EINVAL;
	text_begin(&text);
	/* Nothing is padded to nothing, so that an empty cell stays empty. */
	if (*inner)
		fprintf(text.to, "%*s%s%*s", before, "", inner, after, "");
	return text_end(&text, func, out);
}

int text_truncate(struct func *func, const cJSON **out)
{
	const char *text = text_arg(func, 0);
	int length = text ? count_arg(func, 1) : -1;

	if (length < 0)
		return -EINVAL;
	AUTO(mem) char *part = str_ndup(text, (size_t)length);
	*out = arena_text(func->arena, part);
	return 0;
}
