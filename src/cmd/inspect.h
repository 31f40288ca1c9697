/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inspect - documents of several kinds, for inspect and for the inspect of each group
 */
#pragma once

#include <stdbool.h>

#include "base/json.h"
#include "cli/command.h"

struct inspect_args {
	const char *format;
	const char *type;
	const char *platform; /* image inspect --platform */
	bool size;
	bool all;	  /* volume inspect --all */
	bool show_secret; /* secret inspect --showsecret */
	bool latest;
};

/**
 * inspect_print() - print the documents of what is named
 * @app:	with the engine
 * @args:	how they are wanted
 * @type:	"container", "image", "volume", "network", "secret"; NULL: whatever has the name
 * @names:	as typed
 * @err:	what is wrong with the format
 *
 * What is not there is told; the documents of the others are printed all the same.
 *
 * Return: the exit status, or a negative errno.
 */
must_check int inspect_print(struct app *app, const struct inspect_args *args, const char *type,
			     const struct strv *names, struct err *err);

/**
 * inspect_load_volume() - the document of a volume
 * @app:	with the engine
 * @args:	not used
 * @name:	as typed
 * @out:	to be released with cJSON_Delete; set on success only
 * @err:	that there is none
 *
 * Return: 0; -ENOENT; otherwise a negative errno.
 */
must_check int inspect_load_volume(struct app *app, const struct inspect_args *args,
				   const char *name, cJSON **out, struct err *err);

/**
 * inspect_load_network() - the document of a network
 * @app:	with the engine
 * @args:	not used
 * @name:	as typed
 * @out:	to be released with cJSON_Delete; set on success only
 * @err:	that there is none
 *
 * Return: 0; -ENOENT; otherwise a negative errno.
 */
must_check int inspect_load_network(struct app *app, const struct inspect_args *args,
				    const char *name, cJSON **out, struct err *err);

/**
 * inspect_load_secret() - the document of a secret
 * @app:	with the engine
 * @args:	whether it shows the secret itself
 * @name:	as typed
 * @out:	to be released with cJSON_Delete; set on success only
 * @err:	that there is none
 *
 * Return: 0; -ENOENT; otherwise a negative errno.
 */
must_check int inspect_load_secret(struct app *app, const struct inspect_args *args,
				   const char *name, cJSON **out, struct err *err);
