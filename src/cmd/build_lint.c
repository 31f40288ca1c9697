/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_lint - what in a Dockerfile is likely not meant, and variables that nothing asks for
 */
#include "cmd/build_lint.h"

#include <errno.h>
#include <string.h>

#include "build/lint.h"

/* They need no ARG. */
static bool is_known(const struct build_options *options, const char *name)
{
	static const char *const known[] = {
		"HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY",	  "NO_PROXY",
		"ALL_PROXY",  "http_proxy",  "https_proxy",	  "ftp_proxy",
		"no_proxy",   "all_proxy",   "SOURCE_DATE_EPOCH",
	};

	for (size_t i = 0; i < array_len(known); i++)
		if (str_eq(name, known[i]))
			return true;
	return str_starts(name, "BUILDKIT_") || strv_env_get(&options->platform_args, name);
}

static bool is_declared(const struct dockerfile *file, const char *name)
{
	const size_t size = strlen(name);

	for (size_t i = 0; i < file->lines.count; i++) {
		const struct dockerfile_line *line = &file->lines.items[i];
		for (size_t k = 0; line->kind == KIND_ARG && k < line->words.count; k++) {
			const char *rest = str_starts(line->words.items[k], name);
			if (rest && (*rest == 0 || *rest == '=') && size)
				return true;
		}
	}
	return false;
}

static void tell_unused(struct app *app, const struct build_options *options,
			const struct dockerfile *file)
{
	AUTO(strv) struct strv unused = { 0 };

	for (size_t i = 0; i < options->args.count; i++) {
		const char *text = options->args.items[i];
		AUTO(mem) char *name = str_ndup(text, strcspn(text, "="));
		if (!is_known(options, name) && !is_declared(file, name))
			strv_add(&unused, name);
	}
	if (!unused.count)
		return;
	AUTO(mem) char *names = str_join(&unused, " ");
	app_warn(app, "no ARG declares what --build-arg sets: %s", names);
}

static void tell(FILE *to, const struct dockerfile *file, const struct lint_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		fprintf(to, "warning: %s:%d: %s (%s)\n", file->name, findings->items[i].line,
			findings->items[i].text, lint_rule_name(findings->items[i].rule));
}

int build_lint(struct app *app, const struct build_args *args, const struct build_options *options,
	       const struct stages *stages, struct err *err)
{
	const struct dockerfile *file = stages->file;
	const struct stages_input seen = { .build_args = &options->args,
					   .platform_args = &options->platform_args,
					   .contexts = &options->contexts.names };
	const struct lint_input input = { .stages = &seen };
	struct lint_settings settings = { 0 };
	AUTO(lint_findings) struct lint_findings findings = { 0 };

	const int r = lint_settings_parse(file->check, &settings, err);
	if (r < 0)
		return dockerfile_place(file, file->check_line, err);
	lint_check(stages, &input, &settings, &findings);
	if (args->check)
		tell(app->out, file, &findings);
	else if (!args->quiet || settings.error)
		tell(app->err, file, &findings);
	if (!args->quiet)
		tell_unused(app, options, file);
	if (findings.count && (args->check || settings.error))
		return err_set(err, -EINVAL, "%zu warning%s in %s", findings.count,
			       findings.count == 1 ? "" : "s", file->name);
	if (args->check)
		fprintf(app->out, "no warnings\n");
	return 0;
}
