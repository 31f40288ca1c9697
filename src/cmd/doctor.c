/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * doctor - what this host lacks, what works meanwhile, and the exact repair
 */
#include "engine/doctor.h"

#include "cli/command.h"
#include "cli/template.h"
#include "ready.h"

enum { STATUS_BAD = 1 };

struct doctor_args {
	const char *format;
};

static const struct opt doctor_opts[] = {
	OPT_TEXT('f', "format", "FORMAT", struct doctor_args, format, COMPLETE_NONE,
		 "print through a Go template, or json"),
	OPT_END,
};

static bool is_bad(const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].state == FINDING_BAD)
			return true;
	return false;
}

static void print_plain(const struct findings *findings, FILE *to)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *f = &findings->items[i];
		fprintf(to, "%-5s %s: %s\n", finding_state_names[f->state], f->name, f->text);
		if (f->meanwhile)
			fprintf(to, "      meanwhile: %s\n", f->meanwhile);
		if (f->repair)
			fprintf(to, "      repair: %s\n", f->repair);
	}
}

static cJSON *document_of(const struct findings *findings)
{
	cJSON *document = cJSON_CreateObject();

	cJSON_AddBoolToObject(document, "Ok", !is_bad(findings));
	cJSON *list = cJSON_AddArrayToObject(document, "Findings");
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *f = &findings->items[i];
		cJSON *object = cJSON_CreateObject();
		cJSON_AddStringToObject(object, "Name", f->name);
		cJSON_AddStringToObject(object, "State", finding_state_names[f->state]);
		cJSON_AddStringToObject(object, "Text", f->text);
		cJSON_AddStringToObject(object, "Meanwhile", str_or(f->meanwhile, ""));
		cJSON_AddStringToObject(object, "Repair", str_or(f->repair, ""));
		cJSON_AddItemToArray(list, object);
	}
	return document;
}

static int print_through(const char *format, const struct findings *findings, FILE *to,
			 struct err *err)
{
	static const struct template_schema schema = { 0 };
	AUTO(template) struct template *template = NULL;
	AUTO(json) cJSON *document = document_of(findings);
	int r = template_parse(format, 0, &template, err);

	if (r >= 0)
		r = template_print(template, document, &schema, to, err);
	if (r >= 0)
		fputc('\n', to);
	return r;
}

static int doctor_run(struct app *app, void *data, unused_arg const struct strv *words,
		      struct err *err)
{
	const struct doctor_args *args = data;
	AUTO(findings) struct findings findings = { 0 };
	AUTO(err) struct err why = { 0 };
	int r = 0;

	/* A store that cannot be opened is one of the things to be told. */
	if (app_ready(app, NEED_STORE, &why) < 0 && !why.text)
		return err_set(err, why.code, "cannot open the store");
	doctor_examine(app->host, app->engine, &why, &findings);
	if (args->format)
		r = print_through(args->format, &findings, app->out, err);
	else
		print_plain(&findings, app->out);
	return r < 0 ? r : is_bad(&findings) ? STATUS_BAD : 0;
}

const struct command cmd_doctor = {
	.name = "doctor",
	.group = GROUP_SYSTEM,
	.about = "tell what this host lacks, what works meanwhile, and the exact repair",
	.needs = NEED_HOST,
	.opts = doctor_opts,
	.args_size = sizeof(struct doctor_args),
	.examples = "cubby doctor\ncubby doctor --format '{{.Ok}}'\n",
	.run = doctor_run,
};
