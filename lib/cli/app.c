/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * app - how errors and warnings are told, and which exit status they have
 */
#include "cli/app.h"

#include <stdarg.h>

#include "base/harmless.h"
#include "base/log.h"
#include "base/str.h"
#include "cli/look.h"
#include "kern/host.h"

enum {
	EXIT_GENERAL = 125, /* podman's, and both tools' where nothing was started */
	EXIT_DOCKER = 1,
};

/* Hints name commands of cubby; who knows it by another name is told that one. */
static void print_hint(const struct app *app, const char *hint)
{
	static const char program[] = "cubby ";
	const char *at;

	fputs("hint: ", app->err);
	for (; (at = strstr(hint, program)); hint = at + sizeof program - 1) {
		bool word = at == hint || strchr(" '(:", at[-1]);
		fprintf(app->err, "%.*s%s ", (int)(at - hint), hint, word ? app->name : "cubby");
	}
	fprintf(app->err, "%s\n", hint);
}

void app_error(struct app *app, struct err *err)
{
	AUTO(mem) char *text = harmless(err->text ? err->text : "unknown error");
	AUTO(mem) char *hint = harmless(str_or(err->hint, ""));

	fflush(app->out);
	fprintf(app->err, "Error: %s\n", text);
	log_tell("error", text);
	if (err->hint)
		print_hint(app, hint);
	err_clear(err);
}

void app_warn(struct app *app, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	AUTO(mem) char *said = str_vfmt(fmt, args);
	AUTO(mem) char *text = harmless(said);
	va_end(args);
	fflush(app->out);
	fprintf(app->err, "warning: %s\n", text);
	log_tell("warning", text);
}

bool app_colours(const struct app *app)
{
	return look_colours(app->host, app->out);
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
