/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_value - the values that a template works with
 *
 * They are JSON values: those of the document, borrowed, and those made on the way, which an arena
 * keeps until the template has run. NULL is "no value". A member whose name ends in "()" is hidden:
 * only a field of that name finds it (".Label" of a row with a member "Label()"); listing, printing
 * and json pass over it.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/json.h"

struct arena {
	cJSON **items;
	size_t count;
};

/**
 * arena_keep() - keep a value until the arena is cleared
 * @arena:	its owner from now on
 * @value:	handed over
 *
 * Return: @value.
 */
const cJSON *arena_keep(struct arena *arena, cJSON *value);

/**
 * arena_text() - keep a text
 * @arena:	its owner
 * @text:	copied
 *
 * Return: the value.
 */
const cJSON *arena_text(struct arena *arena, const char *text);

/**
 * arena_clear() - release everything kept
 * @arena:	empty afterwards
 */
void arena_clear(struct arena *arena);

/**
 * value_hidden() - whether a member is passed over when its object is listed
 * @member:	of an object
 *
 * Return: whether its name ends in "()".
 */
bool value_hidden(const cJSON *member);

/**
 * value_nil() - whether there is nothing
 * @value:	may be NULL
 *
 * Return: true for no value and for null.
 */
bool value_nil(const cJSON *value);

/**
 * value_true() - what if and with make of a value
 * @value:	may be NULL
 *
 * Return: false for nothing, false, 0, and empty texts, lists and objects.
 */
bool value_true(const cJSON *value);

/**
 * value_length() - characters of a text in bytes, or members
 * @value:	may be NULL
 *
 * Return: the length, or -1 when the value has none.
 */
long value_length(const cJSON *value);

/**
 * value_sorted() - the shown members of an object in the order of their names
 * @object:	an object
 * @out_count:	how many
 *
 * Return: an array to be freed; its members belong to @object.
 */
must_check const cJSON **value_sorted(const cJSON *object, size_t *out_count);

/**
 * value_whole() - whether a number has no fraction
 * @number:	any
 *
 * Return: whether it is whole.
 */
bool value_whole(double number);

/**
 * value_print() - write a value as Go's %v does
 * @value:	may be NULL
 * @nil:	what stands for nothing
 * @to:		where to
 */
void value_print(const cJSON *value, const char *nil, FILE *to);

/**
 * value_print_as() - write a value as Go's %v does, structs as structs
 * @value:	may be NULL
 * @nil:	what stands for nothing
 * @maps:	names of the members that are maps, as in struct template_schema; other objects are structs,
 *		written without the names of their fields: {0.0.0.0 8080}
 * @to:		where to
 */
void value_print_as(const cJSON *value, const char *nil, const char *maps, FILE *to);

/**
 * value_in_words() - whether a name is one of some words
 * @words:	separated by spaces; "*" is every name
 * @name:	looked for
 *
 * Return: whether it is.
 */
bool value_in_words(const char *words, const char *name);

/**
 * value_number() - the text of a number as Go's %v writes it
 * @number:	a whole number or a fraction
 * @to:		where to
 */
void value_number(double number, FILE *to);

/**
 * value_shown() - a copy without hidden members
 * @value:	not changed
 *
 * Return: the copy, to be released with cJSON_Delete.
 */
must_check cJSON *value_shown(const cJSON *value);

static inline void auto_arena(struct arena *arena)
{
	arena_clear(arena);
}
