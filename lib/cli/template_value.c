/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_value - the values that a template works with
 */
#include "cli/template_value.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"

const cJSON *arena_keep(struct arena *arena, cJSON *value)
{
	bug_unless(value);
	*vec_push(arena) = value;
	return value;
}

const cJSON *arena_text(struct arena *arena, const char *text)
{
	return arena_keep(arena, cJSON_CreateString(text));
}

void arena_clear(struct arena *arena)
{
	for (size_t i = 0; i < arena->count; i++)
		cJSON_Delete(arena->items[i]);
	free(arena->items);
	*arena = (struct arena){ 0 };
}

bool value_hidden(const cJSON *member)
{
	return member->string && str_ends(member->string, "()");
}

bool value_nil(const cJSON *value)
{
	return !value || cJSON_IsNull(value);
}

long value_length(const cJSON *value)
{
	const cJSON *member;
	long n = 0;

	if (cJSON_IsString(value))
		return (long)strlen(value->valuestring);
	if (!cJSON_IsArray(value) && !cJSON_IsObject(value))
		return -1;
	cJSON_ArrayForEach(member, value) n += !value_hidden(member);
	return n;
}

bool value_true(const cJSON *value)
{
	if (value_nil(value) || cJSON_IsFalse(value))
		return false;
	if (cJSON_IsNumber(value))
		return value->valuedouble != 0;
	return value_length(value) != 0;
}

static int by_name(const void *a, const void *b)
{
	const cJSON *const *left = a, *const *right = b;

	return strcmp((*left)->string, (*right)->string);
}

const cJSON **value_sorted(const cJSON *object, size_t *out_count)
{
	const cJSON *member;
	size_t count = 0;
	const cJSON **list =
		mem_alloc((size_t)max_of(value_length(object), 1L), sizeof(const cJSON *));

	cJSON_ArrayForEach(member, object) if (!value_hidden(member)) list[count++] = member;
	qsort(list, count, sizeof(const cJSON *), by_name);
	*out_count = count;
	return list;
}

/* Without trunc(): that would load the mathematics library. From 2^53 on there are no fractions. */
bool value_whole(double number)
{
	return number <= -9007199254740992.0 || number >= 9007199254740992.0 ||
	       (double)(int64_t)number == number;
}

void value_number(double number, FILE *to)
{
	char text[40];

	if (value_whole(number) && number < 1e21 && number > -1e21) {
		fprintf(to, "%.0f", number);
		return;
	}
	/* The fewest digits that read back as the same number. */
	for (int digits = 1; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	fputs(text, to);
}

bool value_in_words(const char *words, const char *word)
{
	size_t n = strlen(word);

	if (str_eq(words, "*"))
		return true;
	if (!n)
		return false;
	for (const char *at = words; (at = strstr(at, word)); at += n)
		if ((at == words || at[-1] == ' ') && (!at[n] || at[n] == ' '))
			return true;
	return false;
}

static void print_list(const cJSON *list, const char *maps, FILE *to)
{
	const cJSON *item;

	fputc('[', to);
	cJSON_ArrayForEach(item, list)
	{
		value_print_as(item, "<nil>", maps, to);
		if (item->next)
			fputc(' ', to);
	}
	fputc(']', to);
}

static void print_map(const cJSON *object, const char *maps, FILE *to)
{
	size_t count;
	AUTO(mem) const cJSON **members = value_sorted(object, &count);

	fputs("map[", to);
	for (size_t i = 0; i < count; i++) {
		fprintf(to, "%s%s:", i ? " " : "", members[i]->string);
		/* What is null in a map is an empty list in Go: an exposed port that is published nowhere. */
		value_print_as(members[i], "[]", maps, to);
	}
	fputc(']', to);
}

static void print_struct(const cJSON *object, const char *maps, FILE *to)
{
	const cJSON *member;
	const char *before = "";

	fputc('{', to);
	cJSON_ArrayForEach(member, object)
	{
		if (value_hidden(member))
			continue;
		fputs(before, to);
		value_print_as(member, "<nil>", maps, to);
		before = " ";
	}
	fputc('}', to);
}

void value_print_as(const cJSON *value, const char *nil, const char *maps, FILE *to)
{
	if (value_nil(value))
		fputs(nil, to);
	else if (cJSON_IsString(value) || cJSON_IsRaw(value)) /* raw: digits that no double holds */
		fputs(value->valuestring, to);
	else if (cJSON_IsBool(value))
		fputs(cJSON_IsTrue(value) ? "true" : "false", to);
	else if (cJSON_IsNumber(value))
		value_number(value->valuedouble, to);
	else if (cJSON_IsArray(value))
		print_list(value, maps, to);
	else if (value_in_words(maps, str_or(value->string, "")))
		print_map(value, maps, to);
	else
		print_struct(value, maps, to);
}

void value_print(const cJSON *value, const char *nil, FILE *to)
{
	value_print_as(value, nil, "*", to);
}

static void drop_hidden(cJSON *value)
{
	cJSON *member = value->child;

	while (member) {
		cJSON *following = member->next;
		if (value_hidden(member))
			cJSON_Delete(cJSON_DetachItemViaPointer(value, member));
		else
			drop_hidden(member);
		member = following;
	}
}

cJSON *value_shown(const cJSON *value)
{
	cJSON *copy = value ? cJSON_Duplicate(value, true) : cJSON_CreateNull();

	bug_unless(copy);
	drop_hidden(copy);
	return copy;
}
