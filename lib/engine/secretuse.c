/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * secretuse - the secrets that a container is given: --secret
 */
#include "engine/secretuse.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "engine/mountspec.h"
#include "engine/secretdriver.h"
#include "oci/base64.h"
#include "store/secret.h"

enum { MODE_DEFAULT = 0444, MODE_MAX = 07777 };

static const char folder[] = "/run/secrets";

/* ---- what was typed --------------------------------------------------------------------------- */

static void use_clear(struct secret_use *use)
{
	free(use->name);
	free(use->id);
	free(use->target);
}

static void auto_secret_use(struct secret_use *use)
{
	use_clear(use);
}

static int take_id(int64_t *out, const char *key, const char *value, const char *whole,
		   struct err *err)
{
	uint64_t n;

	if (str_u64(str_or(value, ""), UINT32_MAX - 1, &n) < 0)
		return err_set(err, -EINVAL, "--secret '%s': %s is a number", whole, key);
	*out = (int64_t)n;
	return 0;
}

static int take_mode(struct secret_use *use, const char *value, const char *whole, struct err *err)
{
	char *end;

	if (str_empty(value) || value[strspn(value, "01234567")] || strlen(value) > 5)
		return err_set(err, -EINVAL, "--secret '%s': mode is an octal number", whole);
	long n = strtol(value, &end, 8);
	if (n > MODE_MAX)
		return err_set(err, -EINVAL, "--secret '%s': mode is at most 7777", whole);
	use->mode = (int)n;
	return 0;
}

static int take_option(struct secret_use *use, bool *owned, char *part, const char *whole,
		       struct err *err)
{
	const char *value = str_cut(part, '=');

	if (str_eq(part, "type")) {
		if (!str_eq(value, "mount") && !str_eq(value, "env"))
			return err_set(err, -EINVAL, "--secret '%s': type is mount or env", whole);
		use->env = str_eq(value, "env");
		return 0;
	}
	if (str_eq(part, "source") || str_eq(part, "src") || str_eq(part, "id")) {
		str_set(&use->name, value);
		return 0;
	}
	if (str_eq(part, "target") || str_eq(part, "dst") || str_eq(part, "destination")) {
		str_set(&use->target, str_empty(value) ? NULL : value);
		return 0;
	}
	*owned |= str_eq(part, "uid") || str_eq(part, "gid") || str_eq(part, "mode");
	if (str_eq(part, "uid"))
		return take_id(&use->uid, part, value, whole, err);
	if (str_eq(part, "gid"))
		return take_id(&use->gid, part, value, whole, err);
	if (str_eq(part, "mode"))
		return take_mode(use, value, whole, err);
	err_set(err, -EINVAL, "--secret '%s': unknown option '%s'", whole, part);
	return err_hint(err, "options are type, target, uid, gid and mode");
}

/* A name below /run/secrets or an absolute path: the former is kept without the folder. */
static int clean_target(struct secret_use *use, const char *whole, struct err *err)
{
	AUTO(strv) struct strv parts = { 0 };
	const char *below = str_starts(use->target, "/run/secrets/");

	strv_split(&parts, use->target, '/');
	if (strv_find(&parts, "..") >= 0)
		return err_set(err, -EINVAL, "--secret '%s': the target leads out", whole);
	if (below) {
		AUTO(mem) char *name = str_dup(below);
		str_set(&use->target, name);
	}
	if (!use->target[strspn(use->target, "/.")] || str_ends(use->target, "/"))
		return err_set(err, -EINVAL, "--secret '%s': the target is no file", whole);
	return 0;
}

static int check_use(struct secret_use *use, bool owned, const char *whole, struct err *err)
{
	if (str_empty(use->name))
		return err_set(err, -EINVAL, "--secret '%s': there is no name in it", whole);
	if (use->env && owned)
		return err_set(err, -EINVAL,
			       "--secret '%s': uid, gid and mode are for files, not for type=env",
			       whole);
	if (!use->target)
		use->target = str_dup(use->name);
	if (!use->env)
		return clean_target(use, whole, err);
	if (strchr(use->target, '='))
		return err_set(err, -EINVAL, "--secret '%s': '%s' is no name of a variable", whole,
			       use->target);
	return 0;
}

int secretuse_parse(const char *text, struct secret_uses *out, struct err *err)
{
	AUTO(secret_use) struct secret_use use = { .mode = MODE_DEFAULT };
	AUTO(strv) struct strv parts = { 0 };
	bool owned = false;
	int r = 0;

	strv_split(&parts, text, ',');
	for (size_t i = 0; i < parts.count && r == 0; i++) {
		if (i == 0 && !strchr(parts.items[0], '='))
			str_set(&use.name, parts.items[0]);
		else
			r = take_option(&use, &owned, parts.items[i], text, err);
	}
	if (r == 0)
		r = check_use(&use, owned, text, err);
	if (r < 0)
		return r;
	*vec_push(out) = use;
	use = (struct secret_use){ 0 };
	return 0;
}

/* ---- looking them up -------------------------------------------------------------------------- */

static int check_targets(const struct container_config *config, struct err *err)
{
	const struct secret_uses *list = &config->secrets;

	for (size_t i = 0; i < list->count; i++) {
		const struct secret_use *a = &list->items[i];
		for (size_t k = 0; k < i; k++)
			if (a->env == list->items[k].env &&
			    str_eq(a->target, list->items[k].target))
				return err_set(err, -EINVAL, "two secrets have the target '%s'",
					       a->target);
		if (!a->env &&
		    mountspec_find(&config->mounts, a->target[0] == '/' ? a->target : folder))
			return err_set(err, -EINVAL,
				       "the secret '%s' and a mount have the target '%s'", a->name,
				       a->target[0] == '/' ? a->target : folder);
	}
	return 0;
}

static int check_env(const struct secret_use *use, const char *bytes, size_t size, struct err *err)
{
	if (!use->env || !memchr(bytes, 0, size))
		return 0;
	return err_set(err, -EINVAL,
		       "the secret '%s' holds a zero byte, so it cannot be a variable", use->name);
}

static int take_secret(struct engine *engine, struct secret_use *use, cJSON *list, struct err *err)
{
	AUTO(secret) struct secret *secret = NULL;
	AUTO(mem) char *bytes = NULL;
	size_t size = 0;

	int r = secret_find(engine->store, use->name, &secret, err);
	if (r == 0)
		r = secretdriver_fetch(engine, secret, &bytes, &size, err);
	if (r < 0)
		return r;
	/* It may have been named by its id. */
	str_set(&use->name, secret->name);
	str_set(&use->id, secret->id);
	r = check_env(use, bytes, size, err);
	AUTO(mem) char *text = base64_encode(bytes, size);
	if (r == 0)
		cJSON_AddItemToArray(list, cJSON_CreateString(text));
	explicit_bzero(bytes, size);
	explicit_bzero(text, strlen(text));
	return r;
}

int secretuse_resolve(struct engine *engine, struct container_config *config, char **out,
		      struct err *err)
{
	AUTO(json) cJSON *document = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(document, "data");
	int r = config->secrets.count ? check_targets(config, err) : 0;

	for (size_t i = 0; i < config->secrets.count && r == 0; i++)
		r = take_secret(engine, &config->secrets.items[i], list, err);
	if (r < 0)
		return r;
	*out = config->secrets.count ? json_print(document, 0) : NULL;
	return 0;
}

/* ---- using them ------------------------------------------------------------------------------- */

static int damaged(const struct container_config *config, struct err *err)
{
	return err_set(err, -EBADMSG, "the secrets of container '%s' are damaged", config->name);
}

int secretuse_each(const struct store *store, const struct container_config *config,
		   int (*fn)(void *data, size_t at, const char *bytes, size_t size,
			     struct err *err),
		   void *data, struct err *err)
{
	AUTO(json) cJSON *document = NULL;
	AUTO(mem) char *rel = str_fmt("containers/%s/" SECRETUSE_FILE, config->id);
	int r = config->secrets.count ? json_load(store->dir, rel, &document, err) : 0;

	if (r < 0)
		return err_wrap(err, "cannot read the secrets of container '%s'", config->name);
	const cJSON *list = json_get(document, "data");
	if (config->secrets.count != (size_t)cJSON_GetArraySize(list))
		return damaged(config, err);
	for (size_t i = 0; i < config->secrets.count && r == 0; i++) {
		const cJSON *item = cJSON_GetArrayItem(list, (int)i);
		AUTO(mem) char *bytes = NULL;
		size_t size = 0;
		if (!cJSON_IsString(item) || base64_decode(item->valuestring, &bytes, &size) < 0)
			return damaged(config, err);
		r = fn(data, i, bytes, size, err);
		explicit_bzero(bytes, size);
	}
	return r;
}

struct variables {
	const struct container_config *config;
	struct strv *out;
};

static int add_variable(void *data, size_t at, const char *bytes, unused_arg size_t size,
			unused_arg struct err *err)
{
	const struct variables *v = data;
	const struct secret_use *use = &v->config->secrets.items[at];

	if (use->env)
		strv_addf(v->out, "%s=%s", use->target, bytes);
	return 0;
}

static bool any_env(const struct container_config *config)
{
	for (size_t i = 0; i < config->secrets.count; i++)
		if (config->secrets.items[i].env)
			return true;
	return false;
}

int secretuse_env(const struct store *store, const struct container_config *config,
		  struct strv *out, struct err *err)
{
	struct variables v = { config, out };

	return any_env(config) ? secretuse_each(store, config, add_variable, &v, err) : 0;
}

void secretuse_clear(struct strv *env)
{
	for (size_t i = 0; i < env->count; i++)
		explicit_bzero(env->items[i], strlen(env->items[i]));
	strv_clear(env);
}
