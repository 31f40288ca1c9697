/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * creds - the name and the password of --creds, whose missing half is asked for
 */
#include "cmd/creds.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/ask.h"

/* On stderr: what is asked for is not what was answered. */
static int ask(struct app *app, const char *question, bool hidden, char **out, struct err *err)
{
	int r = ask_line(question, STDIN_FILENO, app->err, hidden, out);

	if (r == -ENOTTY) {
		(void)err_set(err, r,
			      "--creds has no password, and there is no terminal to ask at");
		return err_hint(err, "give --creds NAME:PASSWORD, or log in: %s login", app->name);
	}
	if (r == -EINTR)
		return err_set(err, r, "interrupted");
	return r < 0 ? err_sys(err, r, "cannot read from the terminal") : 0;
}

int creds_complete(struct app *app, const char **creds, char **out_owned, struct err *err)
{
	AUTO(mem) char *name = NULL;
	AUTO(creds) char *password = NULL;
	int r = 0;

	*out_owned = NULL;
	if (!*creds || strchr(*creds, ':'))
		return 0;
	if (**creds)
		name = str_dup(*creds);
	else
		r = ask(app, "Username: ", false, &name, err);
	if (r == 0)
		r = ask(app, "Password: ", true, &password, err);
	if (r < 0)
		return r;
	*out_owned = str_fmt("%s:%s", name, password);
	*creds = *out_owned;
	return 0;
}

void creds_wipe(char *owned)
{
	if (owned)
		explicit_bzero(owned, strlen(owned));
	free(owned);
}
