/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * app - how errors and warnings are told, and which exit status they have
 */
#include "cli/app.h"

#include <stdarg.h>
#include <unistd.h>

#include "base/str.h"
#include "kern/host.h"

enum {
	EXIT_GENERAL = 125, /* podman's, and both tools' where nothing was started */
	EXIT_DOCKER = 1,
};

void app_error(struct app *app, struct err *err)
{
	fflush(app->out);
	fprintf(app->err, "Error: %s\n", err->text ? err->text : "unknown error");
	if (err->hint)
		fprintf(app->err, "hint: %s\n", err->hint);
	err_clear(err);
}

void app_warn(struct app *app, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	AUTO(mem) char *text = str_vfmt(fmt, args);
	va_end(args);
	fflush(app->out);
	fprintf(app->err, "warning: %s\n", text);
}

bool app_colours(const struct app *app)
{
	return isatty(fileno(app->out)) && str_empty(host_env(app->host, "NO_COLOR")) &&
	       !str_eq(host_env(app->host, "TERM"), "dumb");
}

int exit_status(const struct exit_rule *rules, enum flavour flavour, int code)
{
	static const struct exit_rule usual[] = { { 0, EXIT_DOCKER, EXIT_GENERAL } };

	bug_unless(code < 0);
	if (!rules)
		rules = usual;
	while (rules->code && rules->code != code)
		rules++;
	return flavour == FLAVOUR_DOCKER ? rules->docker : rules->podman;
}
