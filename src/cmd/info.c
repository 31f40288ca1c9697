/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * info - facts about the host, the store and the program
 */
#include "engine/info.h"

#include "cli/command.h"
#include "cli/template.h"
#include "cli/template_value.h"
#include "config.h"

struct info_args {
	const char *format;
};

static const struct opt info_opts[] = {
	OPT_TEXT('f', "format", "FORMAT", struct info_args, format, COMPLETE_NONE,
		 "print through a Go template, or json"),
	OPT_END,
};

/* One line a fact, members below their name. */
static void print_tree(const cJSON *object, int depth, FILE *to)
{
	const cJSON *member;

	cJSON_ArrayForEach(member, object)
	{
		if (value_hidden(member))
			continue;
		fprintf(to, "%*s%s%s", depth * 2, "", str_or(member->string, "-"),
			member->string ? ":" : "");
		if (cJSON_IsObject(member) || cJSON_IsArray(member)) {
			fputc('\n', to);
			print_tree(member, depth + 1, to);
			continue;
		}
		fputc(' ', to);
		value_print(member, "", to);
		fputc('\n', to);
	}
}

static int info_run(struct app *app, void *data, unused_arg const struct strv *words,
		    struct err *err)
{
	static const struct template_schema schema = { .optional = "why" };
	const struct info_args *args = data;
	AUTO(template) struct template *template = NULL;
	AUTO(json) cJSON *document = NULL;
	int r = engine_info(app->engine, PACKAGE_VERSION, &document, err);

	if (r < 0)
		return r;
	if (!args->format) {
		print_tree(document, 0, app->out);
		return 0;
	}
	r = template_parse(args->format, 0, &template, err);
	if (r >= 0)
		r = template_print(template, document, &schema, app->out, err);
	if (r >= 0)
		fputc('\n', app->out);
	return r;
}

const struct command cmd_info = {
	.name = "info",
	.group = GROUP_SYSTEM,
	.about = "show facts about the host, the store and the program",
	.needs = NEED_STORE,
	.opts = info_opts,
	.args_size = sizeof(struct info_args),
	.examples = "cubby info --format '{{.OSType}} {{.CgroupVersion}}'\n",
	.run = info_run,
};
