/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * json - reading JSON with checks of type and range, and structs described by tables
 *
 * cJSON is reached through here only. Documents of strangers are parsed with a cap on size, depth and
 * number of values (cJSON needs some 80 bytes for each). Of duplicate keys the first counts; a struct is not
 * loaded from an object that has one of its keys twice, because others may read the other one.
 *
 * A struct that is stored or sent is described once by a table of struct jfield; loading, saving
 * and releasing all come from it:
 *
 *	static const struct jfield point_fields[] = {
 *		J_I64("X", struct point, x), J_TEXT("Label", struct point, label), J_END,
 *	};
 *
 * Unknown keys are ignored on loading, absent ones leave the field as it is (zero), a wrong type
 * or a key that is there twice is -EBADMSG. Saving leaves out empty texts, empty lists, zero numbers, false, and structs of which
 * nothing is left, unless the field is made with J_ALWAYS.
 */
#pragma once

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum json_limits {
	JSON_MAX_BYTES = 4 << 20, /* of one document from outside */
	JSON_MAX_DEPTH = 100,
	JSON_MAX_VALUES = 250 * 1000,
	JSON_MAX_FIELDS = 128, /* of a table */
};

enum jkind {
	J_KIND_END,
	J_KIND_BOOL,
	J_KIND_INT,
	J_KIND_I64,
	J_KIND_TEXT,
	J_KIND_STRV,
	J_KIND_MAP,
	J_KIND_SET,
	J_KIND_STRUCT,
	J_KIND_LIST,
	J_KIND_RAW
};

struct jfield {
	const char *key;
	enum jkind kind;
	size_t offset;
	bool always;		    /* saved also when empty */
	size_t size;		    /* J_KIND_LIST: bytes of one item */
	const struct jfield *table; /* J_KIND_STRUCT and J_KIND_LIST */
};

/* The conditional refuses a field of another type while compiling. */
#define J_TYPED(k, key_, st, f, ctype, ...)                                                        \
	{                                                                                          \
		.key = (key_), .kind = (k),                                                        \
		.offset = offsetof(st, f) + 0 * sizeof((ctype *)0 == &((st *)0)->f), __VA_ARGS__   \
	}

#define J_BOOL(key, st, f, ...) J_TYPED(J_KIND_BOOL, key, st, f, bool, __VA_ARGS__)
#define J_INT(key, st, f, ...) J_TYPED(J_KIND_INT, key, st, f, int, __VA_ARGS__)
#define J_I64(key, st, f, ...) J_TYPED(J_KIND_I64, key, st, f, int64_t, __VA_ARGS__)
#define J_TEXT(key, st, f, ...) J_TYPED(J_KIND_TEXT, key, st, f, char *, __VA_ARGS__)
#define J_STRV(key, st, f, ...) J_TYPED(J_KIND_STRV, key, st, f, struct strv, __VA_ARGS__)
/* An object of texts, kept as "key=value"; read in the order of the keys' bytes. */
#define J_MAP(key, st, f, ...) J_TYPED(J_KIND_MAP, key, st, f, struct strv, __VA_ARGS__)
/* An object whose keys alone count, as Go writes sets; read in the order of their bytes. */
#define J_SET(key, st, f, ...) J_TYPED(J_KIND_SET, key, st, f, struct strv, __VA_ARGS__)
/* Any JSON value, kept as it is, in a cJSON pointer. */
#define J_RAW(key, st, f, ...) J_TYPED(J_KIND_RAW, key, st, f, cJSON *, __VA_ARGS__)
#define J_STRUCT(key_, st, f, table_, ...)                                                         \
	{                                                                                          \
		.key = (key_), .kind = J_KIND_STRUCT, .offset = offsetof(st, f),                   \
		.table = (table_), __VA_ARGS__                                                     \
	}
/* A { T *items; size_t count; } pair of structs. */
#define J_LIST(key_, st, f, table_, ...)                                                           \
	{                                                                                          \
		.key = (key_), .kind = J_KIND_LIST, .offset = offsetof(st, f), .table = (table_),  \
		.size = sizeof(*((st *)0)->f.items), __VA_ARGS__                                   \
	}
#define J_ALWAYS .always = true
#define J_END                                                                                      \
	{                                                                                          \
		0                                                                                  \
	}

DEFINE_AUTO_PTR(json, cJSON, cJSON_Delete)

/**
 * json_parse() - parse a document
 * @text:	UTF-8, need not end with 0
 * @size:	bytes
 * @out:	to be released with cJSON_Delete (AUTO(json)); set on success only
 * @err:	says what is wrong, without naming the document
 *
 * Return: 0; -EBADMSG when it is no JSON, is too deep, or has anything behind the value; -EFBIG
 * above JSON_MAX_BYTES.
 */
must_check int json_parse(const char *text, size_t size, cJSON **out, struct err *err);

/* What a document may have, where it is not the usual. */
struct json_bounds {
	size_t bytes, values;
};

/**
 * json_parse_within() - parse a document that may be larger than others
 * @text:	as json_parse()
 * @size:	bytes
 * @bounds:	what it may have; levels are as everywhere
 * @out:	as json_parse()
 * @err:	as json_parse()
 *
 * Return: as json_parse(); -EFBIG above @bounds.
 */
must_check int json_parse_within(const char *text, size_t size, const struct json_bounds *bounds,
				 cJSON **out, struct err *err);

/**
 * json_load() - read and parse a file
 * @dirfd:	directory, or AT_FDCWD
 * @path:	below it
 * @out:	to be released with cJSON_Delete; set on success only
 * @err:	names @path
 *
 * Return: 0; -ENOENT; -EBADMSG when it is damaged; otherwise what the kernel said.
 */
must_check int json_load(int dirfd, const char *path, cJSON **out, struct err *err);

/**
 * json_print() - text of a document
 * @value:	printed, not changed
 * @indent:	spaces a level; 0 prints everything on one line
 *
 * Return: the text, to be freed; never NULL.
 */
must_check char *json_print(const cJSON *value, int indent);

/**
 * json_print_text() - text of a document for others than cubby
 * @value:	printed on one line, not changed
 *
 * As json_print(), which keeps every byte; a text that is no UTF-8 is none to a strict reader, so here
 * U+FFFD stands for what is none.
 *
 * Return: the text, to be freed; never NULL.
 */
must_check char *json_print_text(const cJSON *value);

/**
 * json_get() - a member of an object by its exact key
 * @object:	may be NULL or no object
 * @key:	case counts
 *
 * Return: the member, which belongs to @object, or NULL.
 */
const cJSON *json_get(const cJSON *object, const char *key);

/**
 * json_text() - a text member
 * @object:	may be NULL or no object
 * @key:	case counts
 *
 * Return: the text, which belongs to @object, or NULL when there is none or it is no text.
 */
const char *json_text(const cJSON *object, const char *key);

/**
 * json_i64() - a whole number member
 * @object:	may be NULL or no object
 * @key:	case counts
 * @out:	set on success only
 *
 * Return: 0; -ENOENT when there is none; -EBADMSG when it is no whole number or beyond 2^63.
 */
must_check int json_i64(const cJSON *object, const char *key, int64_t *out);

/**
 * json_bool() - a boolean member
 * @object:	may be NULL or no object
 * @key:	case counts
 *
 * Return: whether it is there and true.
 */
bool json_bool(const cJSON *object, const char *key);

/**
 * json_strv() - a member that is a list of texts
 * @object:	may be NULL or no object
 * @key:	case counts
 * @out:	copies are added at the end; unchanged on failure
 *
 * Return: 0, also when it is absent or null; -EBADMSG when it is anything else.
 */
must_check int json_strv(const cJSON *object, const char *key, struct strv *out);

/**
 * jfield_load() - fill a struct from an object
 * @table:	describes the struct
 * @object:	a JSON object
 * @st:		the struct, zeroed by the caller; released by the caller in any case (jfield_clear)
 * @err:	names the key that is wrong
 *
 * Return: 0 or -EBADMSG.
 */
must_check int jfield_load(const struct jfield *table, const cJSON *object, void *st,
			   struct err *err);

/**
 * jfield_save() - the object of a struct
 * @table:	describes the struct
 * @st:		the struct
 *
 * Return: the object, to be released with cJSON_Delete; never NULL.
 */
must_check cJSON *jfield_save(const struct jfield *table, const void *st);

/**
 * jfield_clear() - release everything a struct owns and zero its fields
 * @table:	describes the struct
 * @st:		the struct
 */
void jfield_clear(const struct jfield *table, void *st);
