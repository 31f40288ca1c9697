/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * opt - option tables: one line for each flag of a command
 *
 * A table describes how the flags of a command fill its args struct; parsing, help, completions,
 * man pages and the docs index all read it. The macros refuse a field of another type while
 * compiling. What a user may type:
 *
 *	--force  --force=false  --name=web  --name web  -f  -aq  -p8080:80  -p 8080:80  -n=5  --
 *
 * A flag that takes no value can be negated with "=false". Texts are borrowed from argv: they live
 * as long as the program. Lists are owned by the args struct and released by opt_release().
 *
 * The texts of an option are one literal, "name\0VALUE\0help\0words\0implied", so that a table line costs the
 * dynamic loader one relocation and not four.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* What can be completed behind an option, or as an argument of a command. */
enum complete {
	COMPLETE_NONE,
	COMPLETE_FILE,
	COMPLETE_DIR,
	COMPLETE_CONTAINERS,
	COMPLETE_RUNNING,
	COMPLETE_IMAGES,
	COMPLETE_VOLUMES,
	COMPLETE_NETWORKS,
	COMPLETE_SECRETS,
	COMPLETE_COMMANDS,
	COMPLETE_WORDS, /* the words in the option's own text */
};

/* A flag of which it counts whether it was given at all. */
enum tri {
	TRI_UNSET,
	TRI_NO,
	TRI_YES,
};

enum opt_kind {
	OPT_KIND_END,
	OPT_KIND_FLAG,
	OPT_KIND_TRI,
	OPT_KIND_TEXT,
	OPT_KIND_OPTIONAL,
	OPT_KIND_INT,
	OPT_KIND_COUNT,
	OPT_KIND_LIST,
	OPT_KIND_MAP,
	OPT_KIND_SIZE,
	OPT_KIND_DURATION,
	OPT_KIND_ENUM,
	OPT_KIND_CALL,
	OPT_KIND_SWITCH,
	OPT_KIND_ALIAS,
	OPT_KIND_HARMLESS,
	OPT_KIND_HARMLESS_VALUE,
	OPT_KIND_REFUSED,
	OPT_KIND_INCLUDE,
};

/* Takes one value into an args struct; on failure says in @err what is wrong with the value. */
typedef int opt_call(void *args, const char *value, struct err *err);

struct opt {
	const char *text;  /* "name\0VALUE\0help\0words\0implied" */
	const void *extra; /* OPT_ENUM: names; OPT_INCLUDE: table */
	opt_call *call;
	uint16_t offset;
	uint8_t kind;
	char letter; /* 0: none */
	uint8_t complete;
};

#define OPT_FIELD(st, f, ctype) _Generic(&((st *)0)->f, ctype * : offsetof(st, f))

#define OPT_LINE(kind_, letter_, name, value, help, ...)                                           \
	{                                                                                          \
		.kind = OPT_KIND_##kind_, .letter = (letter_),                                     \
		.text = name "\0" value "\0" help "\0", __VA_ARGS__                                \
	}

/* bool: the flag sets it, "=false" clears it */
#define OPT_FLAG(letter, name, st, f, help)                                                        \
	OPT_LINE(FLAG, letter, name, "", help, .offset = OPT_FIELD(st, f, bool))
/* enum tri: as OPT_FLAG, where "not given" is a third answer */
#define OPT_TRI(letter, name, st, f, help)                                                         \
	OPT_LINE(TRI, letter, name, "", help, .offset = OPT_FIELD(st, f, enum tri))
/* const char *: borrowed */
#define OPT_TEXT(letter, name, value, st, f, complete_, help)                                      \
	OPT_LINE(TEXT, letter, name, value, help, .offset = OPT_FIELD(st, f, const char *),        \
		 .complete = (complete_))
/* const char *: any text; the words, separated by spaces, are what completion offers */
#define OPT_WORDS(letter, name, value, st, f, words, help)                                         \
	OPT_LINE(TEXT, letter, name, value, help "\0" words,                                       \
		 .offset = OPT_FIELD(st, f, const char *), .complete = COMPLETE_WORDS)
/* const char *: "--f" alone stands for what is implied, "--f=v" for v; "--f v" is no value */
#define OPT_OPTIONAL(letter, name, value, st, f, implied, words, help)                             \
	OPT_LINE(OPTIONAL, letter, name, value, help "\0" words "\0" implied,                      \
		 .offset = OPT_FIELD(st, f, const char *), .complete = COMPLETE_WORDS)
/* int */
#define OPT_INT(letter, name, value, st, f, help)                                                  \
	OPT_LINE(INT, letter, name, value, help, .offset = OPT_FIELD(st, f, int))
/* int, not negative */
#define OPT_COUNT(letter, name, value, st, f, help)                                                \
	OPT_LINE(COUNT, letter, name, value, help, .offset = OPT_FIELD(st, f, int))
/* struct strv: each use adds one */
#define OPT_LIST(letter, name, value, st, f, complete_, help)                                      \
	OPT_LINE(LIST, letter, name, value, help, .offset = OPT_FIELD(st, f, struct strv),         \
		 .complete = (complete_))
/* struct strv of KEY=VALUE: a later value of a key replaces the earlier one */
#define OPT_MAP(letter, name, value, st, f, help)                                                  \
	OPT_LINE(MAP, letter, name, value, help, .offset = OPT_FIELD(st, f, struct strv))
/* uint64_t: bytes, with the units of str_size() */
#define OPT_SIZE(letter, name, value, st, f, help)                                                 \
	OPT_LINE(SIZE, letter, name, value, help, .offset = OPT_FIELD(st, f, uint64_t))
/* int64_t: nanoseconds, with the units of clock_duration(); a bare number is seconds; not negative */
#define OPT_DURATION(letter, name, value, st, f, help)                                             \
	OPT_LINE(DURATION, letter, name, value, help, .offset = OPT_FIELD(st, f, int64_t))
/* int or an enum: index of the value in a NULL-ended list of names */
#define OPT_ENUM(letter, name, value, st, f, names, help)                                          \
	OPT_LINE(ENUM, letter, name, value, help,                                                  \
		 .offset = _Generic(&((st *)0)->f, int *: offsetof(st, f),                         \
				    unsigned int *: offsetof(st, f)),                              \
		 .extra = (names), .complete = COMPLETE_WORDS)
/* any field: the function takes the value; what it allocates is released by command.clear */
#define OPT_CALL(letter, name, value, call_, complete_, help)                                      \
	OPT_LINE(CALL, letter, name, value, help, .call = (call_), .complete = (complete_))
/* the function is called with "true" or "false": a flag without a field of its own */
#define OPT_SWITCH(letter, name, call_, help)                                                      \
	OPT_LINE(SWITCH, letter, name, "", help, .call = (call_))
/* another spelling of an option of the same table; help shows both on one line */
#define OPT_ALIAS(letter, name, of) OPT_LINE(ALIAS, letter, name, of, "", .extra = NULL)
/* accepted and without effect, because what it asks for is so anyway; help says why */
#define OPT_HARMLESS(letter, name, why) OPT_LINE(HARMLESS, letter, name, "", why, .extra = NULL)
#define OPT_HARMLESS_VALUE(letter, name, value, why)                                               \
	OPT_LINE(HARMLESS_VALUE, letter, name, value, why, .extra = NULL)
/* known elsewhere and not here: an error that says why or what to use instead; not in help */
#define OPT_REFUSED(letter, name, why) OPT_LINE(REFUSED, letter, name, "", why, .extra = NULL)
/* all lines of another table, whose struct is the field f */
#define OPT_INCLUDE(st, f, table)                                                                  \
	{                                                                                          \
		.kind = OPT_KIND_INCLUDE, .offset = offsetof(st, f), .extra = (table)              \
	}
#define OPT_END                                                                                    \
	{                                                                                          \
		0                                                                                  \
	}

/**
 * opt_name() - the long name of an option
 * @opt:	one line that is no OPT_INCLUDE
 *
 * Return: without "--"; static.
 */
const char *opt_name(const struct opt *opt);

/**
 * opt_value() - what help calls the value of an option
 * @opt:	one line that is no OPT_INCLUDE
 *
 * Return: "" when it takes none; for OPT_ALIAS the name of the option it stands for; static.
 */
const char *opt_value(const struct opt *opt);

/**
 * opt_help() - the sentence of an option
 * @opt:	one line that is no OPT_INCLUDE
 *
 * Return: lower case, no full stop; for OPT_REFUSED the reason; static.
 */
const char *opt_help(const struct opt *opt);

/**
 * opt_implied() - the value of an option that is given without one
 * @opt:	an OPT_OPTIONAL
 *
 * Return: the value; static.
 */
const char *opt_implied(const struct opt *opt);

/**
 * opt_words() - what completion offers behind an option
 * @opt:	one line with COMPLETE_WORDS
 * @out:	copies are added
 */
void opt_words(const struct opt *opt, struct strv *out);

/* Called for each line of a table, with included tables unrolled; stops at a non-zero result. */
typedef int opt_visit(const struct opt *opt, size_t base, void *data);

/**
 * opt_each() - visit every line of a table and of those it includes
 * @table:	may be NULL
 * @visit:	gets the line and the offset of its struct inside the outermost one
 * @data:	handed to @visit
 *
 * Return: 0, or the first non-zero result of @visit.
 */
int opt_each(const struct opt *table, opt_visit *visit, void *data);

/**
 * opt_release() - release the lists of an args struct
 * @table:	may be NULL
 * @args:	its struct
 */
void opt_release(const struct opt *table, void *args);
