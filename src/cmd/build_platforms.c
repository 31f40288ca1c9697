/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_platforms - for which machines a build is, and the list that several images become
 */
#include "cmd/build_platforms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/list.h"
#include "oci/digest.h"
#include "oci/platform.h"

/* ---- what is asked for ------------------------------------------------------------------------ */

static int add_one(const char *text, const struct platform *host, struct strv *out, struct err *err)
{
	AUTO(platform) struct platform platform = { 0 };

	const int r = platform_parse(text, host, &platform, err);
	if (r < 0)
		return r;
	AUTO(mem) char *whole = platform_print(&platform);
	if (strv_find(out, whole) < 0)
		strv_add(out, whole);
	return 0;
}

int build_platforms_parse(const struct app *app, const struct build_args *args, struct strv *out,
			  struct err *err)
{
	AUTO(platform) struct platform host = { 0 };
	AUTO(strv) struct strv words = { 0 };
	const bool parts = args->arch || args->os || args->variant;
	int r = 0;

	if (parts && (args->platforms.count || args->all_platforms))
		return err_set(err, -EINVAL, "--%s cannot be given with --arch, --os, --variant",
			       args->all_platforms ? "all-platforms" : "platform");
	if (args->all_platforms && args->platforms.count)
		return err_set(err, -EINVAL, "--platform cannot be given with --all-platforms");
	platform_host(app->host->machine, &host);
	for (size_t i = 0; i < args->platforms.count; i++)
		strv_split(&words, args->platforms.items[i], ',');
	if (parts)
		strv_addf(&words, "%s/%s%s%s", str_or(args->os, "linux"),
			  str_or(args->arch, host.architecture), args->variant ? "/" : "",
			  str_or(args->variant, ""));
	for (size_t i = 0; r == 0 && i < words.count; i++)
		r = add_one(words.items[i], &host, out, err);
	return r;
}

/* ---- what there are bases for ----------------------------------------------------------------- */

/* Entries that name no machine, as attestations, are no images. */
static void platforms_of(const cJSON *index, struct strv *out)
{
	const cJSON *entry;

	cJSON_ArrayForEach(entry, json_get(index, "manifests"))
	{
		const cJSON *p = json_get(entry, "platform");
		const char *os = json_text(p, "os"), *arch = json_text(p, "architecture");
		const char *variant = json_text(p, "variant");
		if (!os || !arch || str_eq(os, "unknown") || str_eq(arch, "unknown"))
			continue;
		struct platform platform = { .os = str_dup(os),
					     .architecture = str_dup(arch),
					     .variant = variant ? str_dup(variant) : NULL };
		platform_normalise(&platform);
		AUTO(mem) char *text = platform_print(&platform);
		platform_clear(&platform);
		if (strv_find(out, text) < 0)
			strv_add(out, text);
	}
}

static int base_platforms(const struct app *app, const struct build_options *options,
			  const char *base, struct strv *out, struct err *err)
{
	AUTO(json) cJSON *index = NULL;

	const int r = list_document(app->engine, base, &options->access, &index, NULL, NULL, err);
	if (r < 0)
		return err_wrap(err, "cannot find out for which platforms '%s' is", base);
	platforms_of(index, out);
	if (out->count)
		return 0;
	(void)err_set(err, -EINVAL, "'%s' is one image and no list of several platforms", base);
	return err_hint(err, "name the platforms: --platform linux/amd64,linux/arm64");
}

/* Whether all platforms may be a stage's: what it is built upon comes from outside, and it names none itself. */
static bool is_open(const struct build_options *options, const struct stage *stage)
{
	if (stage->platform || stage->scratch || stage->parent >= 0)
		return false;
	return strv_find(&options->contexts.names, stage->base) < 0;
}

static void keep_common(struct strv *out, const struct strv *others)
{
	for (size_t i = out->count; i > 0; i--)
		if (strv_find(others, out->items[i - 1]) < 0)
			strv_remove(out, i - 1);
}

int build_platforms_all(const struct app *app, const struct build_options *options,
			const struct stages *stages, size_t target, struct strv *out,
			struct err *err)
{
	struct stage_needs needs = { 0 };
	bool any = false;

	int r = stages_needed(stages, target, &needs, err);
	for (size_t i = 0; r == 0 && i < needs.count; i++) {
		const struct stage *stage = &stages->items[needs.items[i]];
		AUTO(strv) struct strv some = { 0 };
		if (!is_open(options, stage))
			continue;
		r = base_platforms(app, options, stage->base, &some, err);
		if (any)
			keep_common(out, &some);
		else
			strv_extend(out, &some);
		any = true;
	}
	free(needs.items);
	if (r < 0 || out->count)
		return r;
	(void)err_set(err, -EINVAL,
		      any ? "there is no platform that all bases are for"
			  : "no base says for which platforms to build");
	return err_hint(err, "name the platforms: --platform linux/amd64,linux/arm64");
}

/* ---- one of them ------------------------------------------------------------------------------ */

static void add_args(const char *prefix, const char *text, struct strv *out)
{
	AUTO(strv) struct strv parts = { 0 };

	strv_split(&parts, text, '/');
	strv_addf(out, "%sPLATFORM=%s", prefix, text);
	strv_addf(out, "%sOS=%s", prefix, parts.items[0]);
	strv_addf(out, "%sARCH=%s", prefix, parts.count > 1 ? parts.items[1] : "");
	strv_addf(out, "%sVARIANT=%s", prefix, parts.count > 2 ? parts.items[2] : "");
}

static char *here(const struct app *app)
{
	AUTO(platform) struct platform host = { 0 };

	platform_host(app->host->machine, &host);
	return platform_print(&host);
}

void build_platforms_use(const struct app *app, const char *platform, struct build_options *options)
{
	AUTO(mem) char *host = here(app);

	free(options->platform);
	options->platform = platform ? str_dup(platform) : NULL;
	strv_clear(&options->platform_args);
	add_args("BUILD", host, &options->platform_args);
	add_args("TARGET", str_or(platform, host), &options->platform_args);
}

size_t build_platforms_order(const struct app *app, const struct strv *platforms, size_t at)
{
	AUTO(mem) char *host = here(app);
	const ssize_t own = strv_find(platforms, host);

	if (own < 0 || at < (size_t)own)
		return at;
	return at + 1 == platforms->count ? (size_t)own : at + 1;
}

static size_t base_size(const char *platform)
{
	const char *slash = strchr(platform, '/');
	const char *variant = slash ? strchr(slash + 1, '/') : NULL;

	return variant ? (size_t)(variant - platform) : strlen(platform);
}

char *build_platforms_log(const struct app *app, const struct build_args *args,
			  const struct strv *platforms, const char *platform)
{
	if (!args->logfile || !args->logsplit)
		return args->logfile ? str_dup(args->logfile) : NULL;
	AUTO(mem) char *own = here(app);
	AUTO(mem) char *name = str_dup(str_or(platform, own));
	const size_t size = base_size(name);
	size_t alike = 0;
	for (size_t i = 0; i < platforms->count; i++) {
		const char *other = platforms->items[i];
		alike += base_size(other) == size && strncmp(other, name, size) == 0;
	}
	if (alike < 2)
		name[size] = 0;
	for (char *c = name; *c; c++)
		if (*c == '/')
			*c = '_';
	return str_fmt("%s_%s", args->logfile, name);
}

/* ---- what comes of them ----------------------------------------------------------------------- */

int build_platforms_join(const struct app *app, const struct strv *names,
			 const struct strv *digests, struct build_committed *out, struct err *err)
{
	struct build_committed made = { 0 };

	const int r = list_make(app->engine, names, digests, &made.names, &made.digest, err);
	if (r < 0) {
		build_committed_clear(&made);
		return r;
	}
	made.id = str_dup(digest_hex(made.digest));
	*out = made;
	return 0;
}

int build_platforms_add(const struct app *app, const char *list, const struct strv *digests,
			struct err *err)
{
	const struct list_source source = { .here = true };
	const struct list_fields fields = { 0 };
	AUTO(mem) char *name = NULL;

	int r = list_create(app->engine, list, true, NULL, &name, err);
	for (size_t i = 0; r == 0 && i < digests->count; i++)
		r = list_add(app->engine, name, digests->items[i], &source, &fields, err);
	return r;
}
