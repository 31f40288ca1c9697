/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_about - what is shown of one image: its document and its history
 *
 * Field names are docker's and podman's. An id is shown as the program's name has it: with "sha256:"
 * for docker, without for podman.
 */
#include <string.h>

#include "base/clock.h"
#include "engine/driver.h"
#include "engine/images.h"
#include "oci/reference.h"
#include "store/images.h"
#include "store/layers.h"

static void add_text(cJSON *object, const char *key, const char *text)
{
	cJSON_AddStringToObject(object, key, str_or(text, ""));
}

static void add_list(cJSON *object, const char *key, const struct strv *list)
{
	cJSON *array = cJSON_AddArrayToObject(object, key);

	for (size_t i = 0; i < list->count; i++)
		cJSON_AddItemToArray(array, cJSON_CreateString(list->items[i]));
}

/* "key=value" texts as an object. */
static void add_map(cJSON *object, const char *key, const struct strv *list)
{
	cJSON *map = cJSON_AddObjectToObject(object, key);

	for (size_t i = 0; i < list->count; i++) {
		AUTO(mem) char *name = str_dup(list->items[i]);
		const char *value = str_cut(name, '=');
		cJSON_AddStringToObject(map, name, str_or(value, ""));
	}
}

static void add_set(cJSON *object, const char *key, const struct strv *list)
{
	cJSON *set = cJSON_AddObjectToObject(object, key);

	for (size_t i = 0; i < list->count; i++)
		cJSON_AddObjectToObject(set, list->items[i]);
}

static void add_healthcheck(cJSON *object, const struct image_healthcheck *check)
{
	const struct {
		const char *key;
		int64_t ns;
	} times[] = {
		{ "Interval", check->interval },
		{ "Timeout", check->timeout },
		{ "StartPeriod", check->start_period },
		{ "StartInterval", check->start_interval },
	};

	if (check->test.count == 0)
		return;
	cJSON *health = cJSON_AddObjectToObject(object, "Healthcheck");
	add_list(health, "Test", &check->test);
	for (size_t i = 0; i < array_len(times); i++)
		if (times[i].ns)
			cJSON_AddNumberToObject(health, times[i].key, (double)times[i].ns);
	if (check->retries)
		cJSON_AddNumberToObject(health, "Retries", (double)check->retries);
}

static cJSON *process_document(const struct image_process *process)
{
	cJSON *object = cJSON_CreateObject();

	add_text(object, "User", process->user);
	add_set(object, "ExposedPorts", &process->exposed_ports);
	add_list(object, "Env", &process->env);
	add_list(object, "Entrypoint", &process->entrypoint);
	add_list(object, "Cmd", &process->cmd);
	add_set(object, "Volumes", &process->volumes);
	add_text(object, "WorkingDir", process->workdir);
	add_map(object, "Labels", &process->labels);
	add_text(object, "StopSignal", process->stop_signal);
	add_healthcheck(object, &process->healthcheck);
	if (process->shell.count)
		add_list(object, "Shell", &process->shell);
	if (process->on_build.count)
		add_list(object, "OnBuild", &process->on_build);
	return object;
}

static void add_names(struct engine *engine, cJSON *object, const struct image *image)
{
	AUTO(images) struct images all = { 0 };
	AUTO(strv) struct strv names = { 0 }, digests = { 0 }, history = { 0 };

	if (images_load_all(engine->store, &all, NULL) == 0)
		for (size_t i = 0; i < all.count; i++)
			if (str_eq(all.items[i].id, image->id) && all.items[i].name)
				strv_take(&names,
					  reference_shown(all.items[i].name, engine->docker));
	for (size_t i = 0; i < image->repo_digests.count; i++)
		strv_take(&digests, reference_shown(image->repo_digests.items[i], engine->docker));
	add_list(object, "RepoTags", &names);
	add_list(object, "RepoDigests", &digests);
	for (size_t i = 0; i < image->history.count; i++)
		strv_take(&history, reference_shown(image->history.items[i], engine->docker));
	add_list(object, "NamesHistory", &history);
}

/* Where the layers lie, the topmost first. */
static void add_driver(struct engine *engine, cJSON *object, const struct image *image)
{
	AUTO(strv) struct strv lower = { 0 };
	cJSON *driver = cJSON_AddObjectToObject(object, "GraphDriver");
	cJSON *data = NULL;

	add_text(driver, "Name", driver_choose(engine, NULL));
	data = cJSON_AddObjectToObject(driver, "Data");
	for (size_t i = image->layers.count; i > 0; i--) {
		AUTO(layer) struct layer *layer = NULL;
		if (layer_find(engine->store, image->layers.items[i - 1], NULL, &layer) == 0)
			strv_add(&lower, layer->path);
	}
	if (lower.count > 0)
		add_text(data, "UpperDir", lower.items[0]);
	if (lower.count < 2)
		return;
	strv_remove(&lower, 0);
	AUTO(mem) char *rest = str_join(&lower, ":");
	add_text(data, "LowerDir", rest);
}

static void add_history(cJSON *object, const struct image_config *config)
{
	cJSON *list = cJSON_AddArrayToObject(object, "History");

	for (size_t i = 0; i < config->history.count; i++) {
		const struct image_history *step = &config->history.items[i];
		cJSON *entry = cJSON_CreateObject();
		cJSON_AddItemToArray(list, entry);
		if (step->created)
			add_text(entry, "created", step->created);
		if (step->created_by)
			add_text(entry, "created_by", step->created_by);
		if (step->author)
			add_text(entry, "author", step->author);
		if (step->comment)
			add_text(entry, "comment", step->comment);
		if (step->empty_layer)
			cJSON_AddBoolToObject(entry, "empty_layer", true);
	}
}

static void add_config(cJSON *object, const struct image_config *config)
{
	cJSON *process = process_document(&config->config);
	cJSON *rootfs = NULL;

	add_text(object, "Created", config->created);
	add_text(object, "Author", config->author);
	cJSON_AddItemToObject(object, "Config", process);
	add_text(object, "Architecture", config->platform.architecture);
	if (config->platform.variant)
		add_text(object, "Variant", config->platform.variant);
	add_text(object, "Os", config->platform.os);
	if (config->platform.os_version)
		add_text(object, "OsVersion", config->platform.os_version);
	rootfs = cJSON_AddObjectToObject(object, "RootFS");
	add_text(rootfs, "Type", "layers");
	add_list(rootfs, "Layers", &config->diff_ids);
	add_map(object, "Labels", &config->config.labels);
	add_text(object, "User", config->config.user);
}

static const char *last_comment(const struct image_config *config)
{
	size_t n = config->history.count;

	return n ? config->history.items[n - 1].comment : NULL;
}

int image_inspect(struct engine *engine, const struct image *image, cJSON **out, struct err *err)
{
	AUTO(manifest) struct manifest *manifest = NULL;
	AUTO(image_config) struct image_config *config = NULL;

	int r = image_manifest(engine->store, image, &manifest, err);
	if (r == 0)
		r = image_config(engine->store, image, &config, err);
	if (r < 0)
		return r;
	cJSON *object = cJSON_CreateObject();
	AUTO(mem) char *id = str_fmt("%s%s", engine->docker ? "sha256:" : "", image->id);
	add_text(object, "Id", id);
	add_text(object, "Digest", image->digest);
	add_names(engine, object, image);
	add_text(object, "Parent", "");
	add_text(object, "Comment", last_comment(config));
	add_text(object, "Version", "");
	add_text(object, "DockerVersion", "");
	add_config(object, config);
	cJSON_AddNumberToObject(object, "Size", (double)image->size);
	cJSON_AddNumberToObject(object, "VirtualSize", (double)image->size);
	add_driver(engine, object, image);
	cJSON_AddStringToObject(cJSON_AddObjectToObject(object, "Metadata"), "LastTagTime",
				"0001-01-01T00:00:00Z");
	add_map(object, "Annotations", &manifest->annotations);
	add_text(object, "ManifestType", image->media_type);
	add_history(object, config);
	*out = object;
	return 0;
}

/* ---- history ---------------------------------------------------------------------------------- */

static int64_t step_size(struct engine *engine, const struct image *image, size_t layer)
{
	AUTO(layer) struct layer *found = NULL;

	if (layer >= image->layers.count ||
	    layer_find(engine->store, image->layers.items[layer], NULL, &found) < 0)
		return 0;
	return found->size;
}

static int64_t step_created(const char *text)
{
	int64_t ns = 0;

	return text && clock_parse(text, clock_now(), &ns) == 0 ? ns : 0;
}

static void reverse(struct image_steps *steps)
{
	for (size_t i = 0; i < steps->count / 2; i++) {
		struct image_step other = steps->items[steps->count - 1 - i];
		steps->items[steps->count - 1 - i] = steps->items[i];
		steps->items[i] = other;
	}
}

void image_history(struct engine *engine, const struct image *image,
		   const struct image_config *config, struct image_steps *out)
{
	size_t layer = 0;

	for (size_t i = 0; i < config->history.count; i++) {
		const struct image_history *told = &config->history.items[i];
		*vec_push(out) = (struct image_step){
			.created = step_created(told->created),
			.created_by = str_or(told->created_by, ""),
			.comment = str_or(told->comment, ""),
			.size = told->empty_layer ? 0 : step_size(engine, image, layer),
		};
		layer += !told->empty_layer;
	}
	for (; layer < image->layers.count; layer++)
		*vec_push(out) = (struct image_step){
			.created = image->created,
			.created_by = "",
			.comment = "",
			.size = step_size(engine, image, layer),
		};
	reverse(out);
	if (out->count > 0)
		out->items[0].id = image->id;
}
