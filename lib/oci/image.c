/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image - reading and printing an image's config (manifests and indexes: manifest.c)
 */
#include "oci/image.h"

#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "oci/digest.h"

#define STOP_TIMEOUT "StopTimeout"

static const struct jfield healthcheck_fields[] = {
	J_STRV("Test", struct image_healthcheck, test),
	J_I64("Interval", struct image_healthcheck, interval),
	J_I64("Timeout", struct image_healthcheck, timeout),
	J_I64("StartPeriod", struct image_healthcheck, start_period),
	J_I64("StartInterval", struct image_healthcheck, start_interval),
	J_I64("Retries", struct image_healthcheck, retries),
	J_END,
};

static const struct jfield process_fields[] = {
	J_TEXT("User", struct image_process, user),
	J_SET("ExposedPorts", struct image_process, exposed_ports),
	J_STRV("Env", struct image_process, env),
	J_STRV("Entrypoint", struct image_process, entrypoint),
	J_STRV("Cmd", struct image_process, cmd),
	J_STRUCT("Healthcheck", struct image_process, healthcheck, healthcheck_fields),
	J_SET("Volumes", struct image_process, volumes),
	J_TEXT("WorkingDir", struct image_process, workdir),
	J_STRV("OnBuild", struct image_process, on_build),
	J_MAP("Labels", struct image_process, labels),
	J_TEXT("StopSignal", struct image_process, stop_signal),
	J_INT(STOP_TIMEOUT, struct image_process, stop_timeout, J_ALWAYS),
	J_STRV("Shell", struct image_process, shell),
	J_END,
};

static const struct jfield history_fields[] = {
	J_TEXT("created", struct image_history, created),
	J_TEXT("created_by", struct image_history, created_by),
	J_TEXT("author", struct image_history, author),
	J_TEXT("comment", struct image_history, comment),
	J_BOOL("empty_layer", struct image_history, empty_layer),
	J_END,
};

static const struct jfield rootfs_fields[] = {
	J_STRV("diff_ids", struct image_config, diff_ids, J_ALWAYS),
	J_END,
};

static const struct jfield config_fields[] = {
	J_TEXT("created", struct image_config, created),
	J_TEXT("author", struct image_config, author),
	J_TEXT("architecture", struct image_config, platform.architecture),
	J_TEXT("os", struct image_config, platform.os),
	J_TEXT("os.version", struct image_config, platform.os_version),
	J_STRV("os.features", struct image_config, platform.os_features),
	J_TEXT("variant", struct image_config, platform.variant),
	J_STRUCT("config", struct image_config, config, process_fields, J_ALWAYS),
	/* Its members are the config's own fields. */
	{ .key = "rootfs", .kind = J_KIND_STRUCT, .offset = 0, .table = rootfs_fields },
	J_LIST("history", struct image_config, history, history_fields),
	J_END,
};

static int check_rootfs(const cJSON *doc, const struct image_config *config, struct err *err)
{
	const cJSON *rootfs = json_get(doc, "rootfs");

	if (!rootfs)
		return err_set(err, -EBADMSG, "the image config has no 'rootfs'");
	if (!str_eq(json_text(rootfs, "type"), "layers"))
		return err_set(err, -EBADMSG,
			       "the image config's 'rootfs' is not of type 'layers'");
	if (config->diff_ids.count > IMAGE_MAX_LAYERS)
		return err_set(err, -EBADMSG, "the image config names more than %d layers",
			       IMAGE_MAX_LAYERS);
	if (config->history.count > IMAGE_MAX_HISTORY)
		return err_set(err, -EBADMSG, "the image config has more than %d lines of history",
			       IMAGE_MAX_HISTORY);
	for (size_t i = 0; i < config->diff_ids.count; i++) {
		AUTO(mem) char *which = str_fmt("layer %zu of the image config", i + 1);
		int r = digest_check(config->diff_ids.items[i], which, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static void drop_nameless(struct strv *env)
{
	for (size_t i = env->count; i-- > 0;)
		if (*env->items[i] == '=' || !strchr(env->items[i], '='))
			strv_remove(env, i);
}

static void empty_is_null(char **text)
{
	if (str_empty(*text))
		str_set(text, NULL);
}

static void tidy(struct image_config *config)
{
	struct image_process *p = &config->config;

	drop_nameless(&p->env);
	empty_is_null(&p->user);
	empty_is_null(&p->workdir);
	empty_is_null(&p->stop_signal);
	if (p->stop_timeout < 0)
		p->stop_timeout = -1;
	if (str_empty(config->platform.os))
		str_set(&config->platform.os, "linux");
	empty_is_null(&config->platform.architecture);
	empty_is_null(&config->platform.variant);
	empty_is_null(&config->platform.os_version);
}

int image_config_parse(const char *text, size_t size, struct image_config **out, struct err *err)
{
	AUTO(json) cJSON *doc = NULL;
	AUTO(image_config) struct image_config *config = image_config_new();

	int r = json_parse(text, size, &doc, err);
	if (r >= 0)
		r = jfield_load(config_fields, doc, config, err);
	if (r < 0)
		return err_wrap(err, "the image config is damaged");
	r = check_rootfs(doc, config, err);
	if (r < 0)
		return r;
	tidy(config);
	*out = take_ptr(config);
	return 0;
}

int image_config_check(const struct image_config *config, const struct manifest *manifest,
		       struct err *err)
{
	size_t layers = manifest->layers.count, filled = 0;

	if (config->diff_ids.count != layers)
		return err_set(err, -EBADMSG, "the image has %zu layers, its config names %zu",
			       layers, config->diff_ids.count);
	for (size_t i = 0; i < config->history.count; i++)
		filled += !config->history.items[i].empty_layer;
	if (filled > layers)
		return err_set(err, -EBADMSG, "the image has %zu layers, its history has %zu",
			       layers, filled);
	return 0;
}

/* The table prints -1 where nothing was said. */
static void drop_stop_timeout(cJSON *process, const struct image_process *from)
{
	if (from->stop_timeout < 0)
		cJSON_DeleteItemFromObjectCaseSensitive(process, STOP_TIMEOUT);
}

char *image_config_print(const struct image_config *config)
{
	AUTO(json) cJSON *doc = jfield_save(config_fields, config);

	drop_stop_timeout(cJSON_GetObjectItemCaseSensitive(doc, "config"), &config->config);
	cJSON *rootfs = cJSON_GetObjectItemCaseSensitive(doc, "rootfs");
	bug_unless(rootfs);
	cJSON_AddStringToObject(rootfs, "type", "layers");
	return json_print_text(doc);
}

struct image_config *image_config_new(void)
{
	struct image_config *config = mem_new(struct image_config);

	config->config.stop_timeout = -1;
	return config;
}

void image_config_free(struct image_config *config)
{
	if (!config)
		return;
	jfield_clear(config_fields, config);
	free(config);
}

void image_process_copy(struct image_process *to, const struct image_process *from)
{
	AUTO(json) cJSON *doc = jfield_save(process_fields, from);
	struct image_process copy = { 0 };

	/* What was saved loads again. */
	bug_unless(jfield_load(process_fields, doc, &copy, NULL) == 0);
	image_process_clear(to);
	*to = copy;
}

void image_histories_clear(struct image_histories *history)
{
	for (size_t i = 0; i < history->count; i++) {
		struct image_history *h = &history->items[i];
		free(h->created);
		free(h->created_by);
		free(h->author);
		free(h->comment);
	}
	free(history->items);
	*history = (struct image_histories){ 0 };
}

void image_process_clear(struct image_process *process)
{
	jfield_clear(process_fields, process);
	process->stop_timeout = -1;
}
