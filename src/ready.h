/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ready - what a command needs before it runs: facts about the host, the open store
 */
#pragma once

#include "cli/command.h"

/**
 * app_ready() - make ready what a command needs
 * @app:	app->host and app->engine are set as far as they are needed; to be released with
 *		app_release() in any case
 * @needs:	enum command_needs
 * @err:	what is missing
 *
 * May be called again with more needs.
 *
 * Return: 0 or a negative errno.
 */
must_check int app_ready(struct app *app, unsigned int needs, struct err *err);

/**
 * app_release() - release what app_ready() made
 * @app:	may have nothing
 */
void app_release(struct app *app);
