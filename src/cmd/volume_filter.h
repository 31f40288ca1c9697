/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * volume_filter - the filters of volume ls and of what prunes volumes
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "cli/app.h"
#include "store/volume.h"

/* The volumes that containers use, read once for all that is asked. */
struct volume_use {
	struct strv names; /* sorted */
	bool unknown;	   /* they cannot be read: all may be in use */
};

/**
 * volume_use_load() - read which volumes containers use
 * @app:	with the engine
 * @out:	to be released with volume_use_clear
 */
void volume_use_load(struct app *app, struct volume_use *out);

/**
 * volume_use_has() - whether a container uses a volume
 * @use:	loaded
 * @name:	of the volume
 *
 * Return: whether one does, or nobody can say.
 */
must_check bool volume_use_has(const struct volume_use *use, const char *name);

/**
 * volume_use_clear() - release what was read
 * @use:	empty afterwards
 */
void volume_use_clear(struct volume_use *use);

static inline void auto_volume_use(struct volume_use *use)
{
	volume_use_clear(use);
}

/* Does a command's work on one volume; Return: 0, or a negative errno with @err set, which ends it. */
typedef int volume_fn(struct app *app, const struct volume *volume, void *data, struct err *err);

/**
 * volume_filter_check() - refuse filters that are not there, and values that cannot be
 * @app:	with the engine
 * @filters:	as typed
 * @err:	names the filter
 *
 * Return: 0 or -EINVAL; -ENOENT for since of an unknown volume.
 */
must_check int volume_filter_check(struct app *app, const struct strv *filters, struct err *err);

/**
 * volume_each() - call a function for each volume that meets the filters
 * @app:	with the engine; damaged volumes are told as warnings
 * @filters:	as typed
 * @fn:		called in the order of the names
 * @data:	handed to @fn
 * @err:	what is wrong with the filters, or what @fn said
 *
 * Return: 0 or a negative errno.
 */
must_check int volume_each(struct app *app, const struct strv *filters, volume_fn *fn, void *data,
			   struct err *err);
