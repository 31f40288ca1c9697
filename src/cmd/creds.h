/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * creds - the name and the password of --creds, whose missing half is asked for
 */
#pragma once

#include "base/err.h"
#include "cli/app.h"

/**
 * creds_complete() - ask for what was left out
 * @app:	where to ask
 * @creds:	"NAME:PASSWORD", "NAME", ""; or NULL: nothing is asked; completed in place
 * @out_owned:	what @creds points to then, to be overwritten and freed; NULL when nothing was asked
 * @err:	says that there is no terminal
 *
 * Return: 0; -ENOTTY; -EINTR after Ctrl-C; otherwise a negative errno.
 */
must_check int creds_complete(struct app *app, const char **creds, char **out_owned,
			      struct err *err);

/**
 * creds_wipe() - overwrite and release
 * @owned:	of creds_complete(), or NULL
 */
void creds_wipe(char *owned);

DEFINE_AUTO_PTR(creds, char, creds_wipe)
