/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * version - which cubby this is, with the fields that scripts ask docker and podman for
 *
 * There is no server; scripts that ask for .Server.Version want to know whether one answers, so both
 * halves are the program.
 */
#include "cli/command.h"
#include "cli/template.h"
#include "config.h"
#include "kern/host.h"
#include "oci/platform.h"

struct version_args {
	const char *format;
};

static const struct opt version_opts[] = {
	OPT_TEXT('f', "format", "FORMAT", struct version_args, format, COMPLETE_NONE,
		 "print through a Go template, or json"),
	OPT_END,
};

static cJSON *half(const struct app *app, const struct platform *platform)
{
	cJSON *object = cJSON_CreateObject();
	AUTO(mem) char *both = platform_print(platform);

	cJSON_AddStringToObject(object, "Version", PACKAGE_VERSION);
	cJSON_AddStringToObject(object, "APIVersion", PACKAGE_VERSION);
	cJSON_AddStringToObject(object, "ApiVersion()", PACKAGE_VERSION);
	cJSON_AddStringToObject(object, "MinAPIVersion", PACKAGE_VERSION);
	cJSON_AddStringToObject(object, "GitCommit", "");
	cJSON_AddStringToObject(object, "GoVersion", "");
	cJSON_AddStringToObject(object, "BuildTime", "");
	cJSON_AddStringToObject(object, "BuiltTime", "");
	cJSON_AddStringToObject(object, "Os", platform->os);
	cJSON_AddStringToObject(object, "Arch", platform->architecture);
	cJSON_AddStringToObject(object, "OsArch", both);
	cJSON_AddStringToObject(object, "KernelVersion", app->host->kernel);
	cJSON_AddBoolToObject(object, "Experimental", false);
	return object;
}

static int print_through(const struct app *app, const char *format, const struct platform *platform,
			 struct err *err)
{
	static const struct template_schema schema = { 0 };
	AUTO(template) struct template *template = NULL;
	AUTO(json) cJSON *document = cJSON_CreateObject();

	cJSON_AddItemToObject(document, "Client", half(app, platform));
	cJSON_AddItemToObject(document, "Server", half(app, platform));
	int r = template_parse(format, 0, &template, err);
	if (r >= 0)
		r = template_print(template, document, &schema, app->out, err);
	if (r >= 0)
		fputc('\n', app->out);
	return r;
}

/* The headings that scripts grep for; there is no server, both halves are the program. */
static void print_docker(const struct app *app, const char *platform)
{
	static const char *const headings[] = { "Client: cubby", "Server: cubby" };

	for (size_t i = 0; i < array_len(headings); i++)
		fprintf(app->out,
			"%s%s\n Version:           %s\n API version:       none\n"
			" OS/Arch:           %s\n Kernel Version:    %s\n",
			i ? "\n" : "", headings[i], PACKAGE_VERSION, platform, app->host->kernel);
}

static int version_run(struct app *app, void *data, unused_arg const struct strv *words,
		       struct err *err)
{
	const struct version_args *args = data;
	struct platform platform = { 0 };
	int r = 0;

	platform_host(app->host->machine, &platform);
	AUTO(mem) char *both = platform_print(&platform);
	if (args->format)
		r = print_through(app, args->format, &platform, err);
	else if (app_docker(app))
		print_docker(app, both);
	else
		fprintf(app->out, "Client:    %s\nVersion:   %s\nOS/Arch:   %s\nKernel:    %s\n",
			PACKAGE_NAME, PACKAGE_VERSION, both, app->host->kernel);
	platform_clear(&platform);
	return r;
}

const struct command cmd_version = {
	.name = "version",
	.group = GROUP_SYSTEM,
	.about = "show the version",
	.needs = NEED_HOST,
	.opts = version_opts,
	.args_size = sizeof(struct version_args),
	.examples = "cubby version --format '{{.Server.Version}}'\n",
	.run = version_run,
};
