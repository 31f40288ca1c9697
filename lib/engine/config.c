/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * config - the user's and the site's settings: cubby.conf
 */
#include "engine/config.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/json.h"
#include "base/toml.h"

#define SITE_FILE "/etc/cubby/cubby.conf"

/* Each field has its own file's values first; config_load() joins them. */
static const struct jfield fields[] = {
	J_BOOL("keep_blobs", struct config, keep_blobs),
	J_TEXT("build_cache", struct config, build_cache),
	J_STRV("stores", struct config, stores),
	J_END,
};

static bool is_known(const char *key)
{
	for (const struct jfield *f = fields; f->key; f++)
		if (str_eq(f->key, key))
			return true;
	return false;
}

static void warn_unknown(const cJSON *doc, const char *path, struct config *out)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, doc) if (!is_known(item->string))
		strv_addf(&out->warnings, "'%s' in '%s' is no setting", item->string, path);
}

static int add_stores(const struct host *host, const char *path, const struct strv *from,
		      struct config *out, struct err *err)
{
	for (size_t i = 0; i < from->count; i++) {
		const char *text = from->items[i];
		const char *rest = str_starts(text, "~/");
		if (rest)
			strv_addf(&out->stores, "%s/%s", host->home, rest);
		else if (text[0] == '/')
			strv_add(&out->stores, text);
		else
			return err_set(err, -EBADMSG, "'stores' in '%s': '%s' is no absolute path",
				       path, text);
	}
	return 0;
}

static int load_one(const struct host *host, const char *path, struct config *out, struct err *err)
{
	AUTO(json) cJSON *doc = NULL;
	AUTO(config) struct config one = { 0 };
	AUTO(err) struct err own = { 0 };
	uint64_t bytes;
	int r = toml_load(AT_FDCWD, path, &doc, &own);

	if (r == -EACCES && faccessat(AT_FDCWD, path, F_OK, 0) == 0)
		strv_addf(&out->warnings, "cannot read '%s': permission denied", path);
	if (r == -ENOENT || r == -ENOTDIR || r == -EACCES)
		return 0; /* a home that we may not enter is as good as one without the file */
	if (r < 0)
		return err_move(err, &own);
	r = jfield_load(fields, doc, &one, &own);
	if (r < 0) {
		err_move(err, &own);
		return err_wrap(err, "cannot use '%s'", path);
	}
	warn_unknown(doc, path, out);
	if (!out->keep_blobs_said && cJSON_HasObjectItem(doc, "keep_blobs")) {
		out->keep_blobs = one.keep_blobs;
		out->keep_blobs_said = true;
	}
	if (one.build_cache && (str_size(one.build_cache, &bytes) < 0 || bytes > INT64_MAX))
		return err_set(err, -EBADMSG, "'build_cache' in '%s': '%s' is no size (20g)", path,
			       one.build_cache);
	if (!out->build_cache)
		out->build_cache = take_ptr(one.build_cache);
	return add_stores(host, path, &one.stores, out, err);
}

int config_load(const struct host *host, struct config *out, struct err *err)
{
	const char *home = host_env(host, "XDG_CONFIG_HOME");
	AUTO(mem)
	char *path = home && home[0] == '/' ? str_fmt("%s/cubby/cubby.conf", home)
					    : str_fmt("%s/.config/cubby/cubby.conf", host->home);
	int r;

	out->keep_blobs = true;
	r = load_one(host, path, out, err);
	return r < 0 ? r : load_one(host, SITE_FILE, out, err);
}

void config_clear(struct config *config)
{
	jfield_clear(fields, config);
	strv_clear(&config->warnings);
}
