/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pick - the containers that a command is for: named, of a file, filtered, or all
 */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "cli/command.h"
#include "store/container.h"

struct pick_args {
	bool all;
	bool latest;
	bool ignore; /* an unknown name is no error */
	bool silent; /* names are not printed: the command prints itself */
	struct strv cidfiles;
	struct strv filters;
};

/* Fills struct pick_args but for all and ignore, which commands spell differently. */
extern const struct opt pick_opts[];

/* States that --all of a command means: 1 << enum container_status. */
enum pick_states {
	PICK_ANY = ~0,
	PICK_ALIVE = 1 << CONTAINER_RUNNING | 1 << CONTAINER_PAUSED | 1 << CONTAINER_RESTARTING,
};

enum {
	PICK_TIMEOUT_OWN = INT_MIN, /* -t was not given */
};

/* Does the command's work on one container; Return: 0 or a negative errno with @err set. */
typedef int pick_fn(struct app *app, const char *id, void *data, struct err *err);

/**
 * pick_each() - do something with each container that was meant
 * @app:	with the engine
 * @args:	how they were chosen
 * @words:	names and ids, as typed
 * @states:	enum pick_states
 * @fn:		called for each
 * @data:	handed to @fn
 * @err:	what is wrong with the choice itself
 *
 * Prints each name as it was typed when it is done, and tells each error; goes on after one.
 *
 * Return: the exit status, or a negative errno when nothing was done.
 */
must_check int pick_each(struct app *app, const struct pick_args *args, const struct strv *words,
			 unsigned int states, pick_fn *fn, void *data, struct err *err);

/**
 * pick_timeout() - the seconds of -t as the engine takes them
 * @typed:	PICK_TIMEOUT_OWN, or what was typed; a negative number waits for ever
 *
 * Return: negative for the container's own.
 */
int pick_timeout(int typed);

/**
 * pick_chosen() - the containers that --latest, --filter or --all mean
 * @app:	with the engine
 * @args:	--latest goes first, then --filter
 * @states:	enum pick_states, for --all
 * @out:	full ids, newest first, added
 * @err:	what is wrong with a filter
 *
 * Return: 0 or a negative errno.
 */
must_check int pick_chosen(struct app *app, const struct pick_args *args, unsigned int states,
			   struct strv *out, struct err *err);

/**
 * pick_words() - the arguments of a command that has --latest in place of a name
 * @app:	with the engine
 * @latest:	whether --latest was given
 * @words:	as typed
 * @min:	how many there have to be, the name included
 * @out:	the words, with the id of the container made last in front of them with --latest; added
 * @err:	that a name is missing; that there is no container
 *
 * Return: 0; -EINVAL; -ENOENT; otherwise a negative errno.
 */
must_check int pick_words(struct app *app, bool latest, const struct strv *words, size_t min,
			  struct strv *out, struct err *err);
