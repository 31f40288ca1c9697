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

/* " Log: json-file journald", one a line; the items of a plain list stand alone. */
static void print_members(const cJSON *value, FILE *to)
{
	const cJSON *member, *item;

	cJSON_ArrayForEach(member, value)
	{
		fprintf(to, "  %s%s", str_or(member->string, ""), member->string ? ":" : "");
		if (!cJSON_IsArray(member))
			value_print(member, "", to);
		cJSON_ArrayForEach(item, member)
		{
			fputc(' ', to);
			value_print(item, "", to);
		}
		fputc('\n', to);
	}
}

/* What docker prints: its headings, which scripts grep for. */
static void print_docker(const cJSON *document, FILE *to)
{
	static const struct {
		const char *key, *heading;
	} lines[] = {
		{ "Containers", " Containers" },
		{ "ContainersRunning", "  Running" },
		{ "ContainersPaused", "  Paused" },
		{ "ContainersStopped", "  Stopped" },
		{ "Images", " Images" },
		{ "ServerVersion", " Server Version" },
		{ "Driver", " Storage Driver" },
		{ "LoggingDriver", " Logging Driver" },
		{ "CgroupDriver", " Cgroup Driver" },
		{ "CgroupVersion", " Cgroup Version" },
		{ "Plugins", " Plugins" },
		{ "DefaultRuntime", " Default Runtime" },
		{ "InitBinary", " Init Binary" },
		{ "SecurityOptions", " Security Options" },
		{ "KernelVersion", " Kernel Version" },
		{ "OperatingSystem", " Operating System" },
		{ "OSType", " OSType" },
		{ "Architecture", " Architecture" },
		{ "NCPU", " CPUs" },
		{ "MemTotal", " Total Memory" },
		{ "Name", " Name" },
		{ "ID", " ID" },
		{ "DockerRootDir", " Docker Root Dir" },
		{ "Debug", " Debug Mode" },
		{ "ExperimentalBuild", " Experimental" },
		{ "LiveRestoreEnabled", " Live Restore Enabled" },
	};

	fprintf(to, "Client: cubby\n Version: %s\n\nServer:\n", PACKAGE_VERSION);
	for (size_t i = 0; i < array_len(lines); i++) {
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(document, lines[i].key);
		fprintf(to, "%s:", lines[i].heading);
		if (!cJSON_IsObject(value) && !cJSON_IsArray(value)) {
			fputc(' ', to);
			value_print(value, "", to);
		}
		fputc('\n', to);
		if (cJSON_IsObject(value) || cJSON_IsArray(value))
			print_members(value, to);
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
		if (app_docker(app))
			print_docker(document, app->out);
		else
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
