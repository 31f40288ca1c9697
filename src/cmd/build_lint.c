/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_lint - what in a Dockerfile is likely not meant, and variables that nothing asks for
 */
#include "cmd/build_lint.h"

#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "build/ignore.h"
#include "build/lint.h"
#include "cli/json_text.h"
#include "cmd/build_show.h"
#include "oci/base64.h"
#include "oci/platform.h"
#include "store/images.h"
#include "store/lock.h"

enum { INDENT = 2 };

/* ---- arguments that nothing asks for ---------------------------------------------------------- */

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

static void tell_unused(struct app *app, const struct build_args *args,
			const struct build_options *options, const struct dockerfile *file)
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
	AUTO(mem) char *text = str_fmt("no ARG declares what --build-arg sets: %s", names);
	if (build_show_events(app, args))
		build_rawjson_warning(app->err, text);
	else
		app_warn(app, "%s", text);
}

/* ---- what is known besides the file ----------------------------------------------------------- */

struct facts {
	struct app *app;
	const struct build_options *options;
	struct patterns ignored;
	struct image_config **configs; /* of images that were found, to release them */
	size_t count;
};

static void auto_facts(struct facts *f)
{
	for (size_t i = 0; i < f->count; i++)
		image_config_free(f->configs[i]);
	free(f->configs);
	patterns_clear(&f->ignored);
}

static int load_config(const struct facts *f, const char *name, struct image_config **out)
{
	const struct store *store = f->app->engine->store;
	AUTO(image) struct image *image = NULL;
	AUTO(fd) int lock = -1;

	int r = lock_take(store, LOCK_IMAGES, "", LOCK_SHARED, &lock, NULL);
	if (r == 0)
		r = image_find(store, name, &image, NULL);
	return r < 0 ? r : image_config(store, image, out, NULL);
}

static bool is_for(const struct facts *f, const struct stage *stage,
		   const struct image_config *config)
{
	const char *wanted = str_or(stage->platform, f->options->platform);
	AUTO(mem) char *is = platform_print(&config->platform);

	return !wanted || str_eq(wanted, is);
}

/* What is not there would have to be pulled: the build does that. */
static const struct strv *image_env(void *data, const struct stage *stage)
{
	struct facts *f = data;
	AUTO(image_config) struct image_config *config = NULL;

	if (strv_find(&f->options->contexts.names, stage->base) >= 0 ||
	    load_config(f, stage->base, &config) < 0 || !is_for(f, stage, config))
		return NULL;
	f->configs[f->count] = take_ptr(config);
	return &f->configs[f->count++]->config.env;
}

/* Where a platform is asked for another image is pulled, or the build fails. */
static bool image_misfits(void *data, const struct stage *stage, char **out_is, char **out_wanted)
{
	const struct facts *f = data;
	AUTO(image_config) struct image_config *config = NULL;
	struct platform host = { 0 };

	if (stage->platform || f->options->platform ||
	    strv_find(&f->options->contexts.names, stage->base) >= 0 ||
	    load_config(f, stage->base, &config) < 0)
		return false;
	platform_host(f->app->host->machine, &host);
	const bool misfits = !platform_rank(&config->platform, &host);
	if (misfits) {
		*out_is = platform_print(&config->platform);
		*out_wanted = platform_print(&host);
	}
	platform_clear(&host);
	return misfits;
}

static int find_facts(struct facts *f, struct err *err)
{
	const struct build_options *o = f->options;

	if (!o->ignore_text)
		return 0;
	return ignore_parse(o->ignore_text, strlen(o->ignore_text), o->ignore_name, &f->ignored,
			    err);
}

/* ---- findings --------------------------------------------------------------------------------- */

static void tell(FILE *to, const struct dockerfile *file, const struct lint_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct lint_finding *finding = &findings->items[i];
		int line;
		const char *name = dockerfile_where(file, finding->line, &line);
		fprintf(to, "warning: %s:%d: %s (%s)\n", name, line, finding->text,
			lint_rule_name(finding->rule));
	}
}

static void tell_events(FILE *to, const struct dockerfile *file,
			const struct lint_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct lint_finding *finding = &findings->items[i];
		int line;
		const char *name = dockerfile_where(file, finding->line, &line);
		AUTO(mem)
		char *text = str_fmt("%s: %s (%s:%d)", lint_rule_name(finding->rule), finding->text,
				     name, line);
		build_rawjson_warning(to, text);
	}
}

static const struct dockerfile_line *line_at(const struct dockerfile *file, int number)
{
	for (size_t i = 0; i < file->lines.count; i++)
		if (file->lines.items[i].line == number)
			return &file->lines.items[i];
	return NULL;
}

static void tell_document(FILE *to, const struct dockerfile *file,
			  const struct lint_findings *findings)
{
	AUTO(json) cJSON *json = cJSON_CreateObject();
	AUTO(mem) char *text = base64_encode(file->text, strlen(file->text));
	cJSON *list = cJSON_AddArrayToObject(json, "warnings");
	cJSON *source = cJSON_CreateObject();

	for (size_t i = 0; i < findings->count; i++) {
		const struct lint_finding *finding = &findings->items[i];
		const struct dockerfile_line *line = line_at(file, finding->line);
		cJSON *warning = cJSON_CreateObject();
		cJSON_AddStringToObject(warning, "ruleName", lint_rule_name(finding->rule));
		cJSON_AddStringToObject(warning, "detail", finding->text);
		if (line)
			cJSON_AddItemToObject(warning, "location", build_call_location(line));
		cJSON_AddItemToArray(list, warning);
	}
	cJSON_AddStringToObject(source, "filename", file->name);
	cJSON_AddStringToObject(source, "language", "Dockerfile");
	cJSON_AddStringToObject(source, "data", text);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(json, "sources"), source);
	json_text_print(json, INDENT, to);
}

static void tell_check(FILE *to, const struct build_call *call, const struct dockerfile *file,
		       const struct lint_findings *findings)
{
	if (call->json) {
		tell_document(to, file, findings);
		return;
	}
	tell(to, file, findings);
	if (!findings->count)
		fprintf(to, "no warnings\n");
}

int build_lint(struct app *app, const struct build_args *args, const struct build_call *call,
	       const struct build_options *options, const struct stages *stages, struct err *err)
{
	const bool check = call->kind == BUILD_CALL_CHECK;
	const struct dockerfile *file = stages->file;
	const struct stages_input seen = { .build_args = &options->args,
					   .platform_args = &options->platform_args,
					   .contexts = &options->contexts.names };
	AUTO(facts)
	struct facts facts = { .app = app,
			       .options = options,
			       .configs = mem_alloc(stages->count, sizeof *facts.configs) };
	const struct lint_input input = { .stages = &seen,
					  .ignored = &facts.ignored,
					  .image_env = image_env,
					  .image_misfits = image_misfits,
					  .data = &facts };
	struct lint_settings settings = { 0 };
	AUTO(lint_findings) struct lint_findings findings = { 0 };

	int r = lint_settings_parse(file->check, &settings, err);
	if (r < 0)
		return dockerfile_place(file, file->check_line, err);
	r = find_facts(&facts, err);
	if (r < 0)
		return r;
	lint_check(stages, &input, &settings, &findings);
	if (check)
		tell_check(app->out, call, file, &findings);
	else if (build_show_events(app, args))
		tell_events(app->err, file, &findings);
	else if (!args->quiet || settings.error)
		tell(app->err, file, &findings);
	if (!args->quiet)
		tell_unused(app, args, options, file);
	if (findings.count && (check ? !call->ignore_status : settings.error))
		return err_set(err, -EINVAL, "%zu warning%s in %s", findings.count,
			       findings.count == 1 ? "" : "s", file->name);
	return 0;
}
