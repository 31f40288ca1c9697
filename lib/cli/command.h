/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * command - the record of a command, and finding one by its words
 *
 * A command is one file below src/cmd that ends in one record:
 *
 *	static int rm_run(struct app *app, void *data, const struct strv *words, struct err *err)
 *	{
 *		struct rm_args *args = data;
 *		...
 *	}
 *
 *	static const struct exit_rule rm_exits[] = { { -EBUSY, 1, 2 }, { 0, 1, 1 } };
 *
 *	const struct command cmd_rm = {
 *		.name = "rm", .group = GROUP_CONTAINER, .about = "remove one or more containers",
 *		.args = "CONTAINER...", .complete = COMPLETE_CONTAINERS,
 *		.needs = NEED_STORE | NEED_USERNS, .opts = rm_opts, .args_size = sizeof(struct rm_args),
 *		.defaults = &(const struct rm_args){ .timeout = -1 }, .exits = rm_exits,
 *		.examples = "cubby rm -f web\n", .run = rm_run,
 *	};
 *
 * and one line in src/cmd/list.c for each name it has: "rm", "container rm", "container remove".
 * The line of a group ("container") names a record without run.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/app.h"
#include "cli/opt.h"

/* The headings of the program's help. */
enum command_group {
	GROUP_HIDDEN, /* not listed */
	GROUP_CONTAINER,
	GROUP_IMAGE,
	GROUP_VOLUME,
	GROUP_NETWORK,
	GROUP_SECRET,
	GROUP_SYSTEM,
	GROUP_MANAGE, /* records without run: container, image, volume, system */
	GROUP_COUNT,
};

/* What the program makes ready before run(). */
enum command_needs {
	NEED_HOST = 1 << 0,  /* app->host */
	NEED_STORE = 1 << 1, /* app->engine, and so NEED_HOST */
	NEED_USERNS =
		1 << 2, /* the command enters the user namespace: tells early what is missing */
};

enum command_flags {
	COMMAND_FLAGS_FIRST = 1 << 0, /* what follows the first argument is no flag of ours */
	COMMAND_RAW = 1 << 1,	      /* every word is an argument, --help too */
};

struct command {
	const char *name; /* its main name, as in the list: "rm", "volume create" */
	enum command_group group;
	const char *about;	     /* lower case, no full stop */
	const char *text;	     /* paragraphs for help and the man page, or NULL */
	const char *args;	     /* "CONTAINER...", "IMAGE [COMMAND] [ARG...]", NULL for none */
	enum complete complete;	     /* of the first argument, and of all when it repeats */
	enum complete complete_rest; /* of those after the first */
	unsigned int needs;	     /* enum command_needs */
	unsigned int flags;	     /* enum command_flags */
	const struct opt *opts;	     /* or NULL */
	size_t args_size;	     /* of the struct that opts fills; zeroed before */
	const void *defaults;	     /* its values when no flag is given; NULL: all zero */
	const char *examples;	     /* one in a line, or NULL */
	const struct exit_rule *exits;
	void (*clear)(void *args); /* releases what OPT_CALL allocated, or NULL */

	/* Return: the exit status, or a negative errno with @err set, which the program tells. */
	int (*run)(struct app *app, void *args, const struct strv *words, struct err *err);
};

/* One name of a command. */
struct command_entry {
	const char *words; /* "rm", "container rm" */
	const struct command *command;
};

/* All names, sorted by strcmp() of their words. */
struct command_list {
	const struct command_entry *items;
	size_t count;
};

/**
 * command_find() - the command that some words begin with
 * @list:	all commands
 * @argv:	words, NULL at the end; options of the program are already taken off
 * @out_used:	how many words name the command; set on success only
 * @err:	names the nearest command
 *
 * A group ("container") is found only when no word follows or a flag does; a word that is none of
 * its commands is an error that names the nearest one.
 *
 * Return: the entry, static; NULL when there is none, with @err set.
 */
const struct command_entry *command_find(const struct command_list *list, char **argv,
					 size_t *out_used, struct err *err);

/**
 * command_is_main() - whether a name is the one by which its group lists the command
 * @list:	all commands
 * @entry:	one of them
 *
 * Of several names in one group that is the command's own, else the shortest.
 *
 * Return: whether it is.
 */
bool command_is_main(const struct command_list *list, const struct command_entry *entry);

/**
 * command_in() - the last word of a name, if it stands directly in a group
 * @entry:	one name
 * @group:	words of the group; "" is the program
 *
 * Return: the part behind the group, or NULL when the name is no member of it; static.
 */
const char *command_in(const struct command_entry *entry, const char *group);

/**
 * command_arity() - how many arguments a command takes
 * @args:	"CONTAINER [ARG...]"; NULL means none
 * @out_min:	at least
 * @out_max:	at most; SIZE_MAX when there is no limit
 */
void command_arity(const char *args, size_t *out_min, size_t *out_max);
