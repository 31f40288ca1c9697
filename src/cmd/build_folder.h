/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_folder - the folder of the user's that a build's files are written to
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "cli/app.h"

/**
 * build_folder_write() - write the files that layers come to
 * @app:	the program
 * @layers:	keys, lowest first; the caller sees to it that they stay
 * @dest:	the folder; made where it is not there
 * @platform:	they go to a folder of its name in it; or NULL
 * @err:	names the file that failed
 *
 * What was written by one that fails, or that SIGINT, SIGTERM or SIGHUP ends, is taken away with the folder where the
 * folder was made for it; in one that was there before it stays. The signal ends the process then.
 *
 * Return: 0 or a negative errno.
 */
must_check int build_folder_write(struct app *app, const struct strv *layers, const char *dest,
				  const char *platform, struct err *err);
